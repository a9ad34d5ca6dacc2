"""The registry in line with all tracks at once, and what a merge left in it repaired."""

from __future__ import annotations

from collections.abc import Sequence

from ..markdown.tables import MarkdownTable, cells, fill, unescape
from .registry_edit import (
    Edit,
    RegistryRow,
    add_rows,
    complete_lines,
    joined,
    new_row,
    new_table,
    says,
    updated,
)
from .registry_read import COLUMNS, NEW_ID, Registry, parse

_MENDED = ("registry-conflict", "registry-duplicate-id")


def sync(text: str, rows: Sequence[RegistryRow]) -> Edit:
    """Bring the table in line with the metadata of all tracks, and repair what a merge left.

    Rows keep their order. Of a conflict the rows of both sides stay, of several rows of one track
    one stays, of two tracks with one id both, with a note. Rows that a blank line cut off move up,
    missing rows are added. A row that no track has is kept, with a note unless it was given up.

    Raises:
        ConductorError: The registry cannot be understood.
    """
    registry = parse(text)
    for fault in registry.faults:
        if fault.rule not in _MENDED:
            raise fault.error()
    lines, ending = complete_lines(registry)
    notes: list[str] = []
    if registry.table is None:
        place = slice(registry.place, registry.place)
        lines[place] = new_table(registry, rows, ending) if rows else []
    else:
        place = slice(registry.table.header + 2, registry.table.end())
        lines[place], notes = _merged_rows(registry, registry.table, lines, rows)
        _add_missing(lines, rows)
    return Edit(joined(text, lines), tuple(notes))


def _add_missing(lines: list[str], rows: Sequence[RegistryRow]) -> None:
    registry = parse("".join(lines))
    if registry.table is not None:
        missing = [row for row in rows if row.id.casefold() not in registry.ids]
        add_rows(lines, registry.table, registry.columns, missing)


def _merged_rows(
    registry: Registry, table: MarkdownTable, lines: list[str], rows: Sequence[RegistryRow]
) -> tuple[list[str], list[str]]:
    """Return the lines below the delimiter row as they should be, and notes."""
    attached = set(range(table.stop)).union(table.cut_off)
    groups: dict[str, list[str]] = {}
    below: list[str] = []
    for index in _without_conflict(table, lines):
        name = registry.row_id(index) if "|" in lines[index] else ""
        if index not in attached:
            below += [lines[index]] if lines[index].strip() else []
        else:
            # A line that is no track's row is a group of its own.
            groups.setdefault(name or f"\n{index}", []).append(lines[index])
    by_id = {row.id.casefold(): row for row in rows}
    result: list[str] = []
    notes: list[str] = []
    for name, found in groups.items():
        group, track = found, by_id.get(name)
        if track and registry.is_of_another(group, track._asdict()):
            group = [*group, new_row(group[0], registry.columns, track)]
        if track and registry.are_strangers(group):
            result += dict.fromkeys(group)
            titles = " and ".join(repr(title[:80]) for title in registry.titles(group))
            what = f"{titles} have the same id; both rows are kept. {NEW_ID}"
            notes.append(f"{track.id}: {what}")
        elif track:
            line, said = _one_row(group, registry.columns, track)
            result.append(line)
            notes += said
        else:
            result += dict.fromkeys(group)
            if not name.startswith("\n") and not registry.are_given_up(group):
                notes.append(f"{name[:64]}: no track of this id exists; its row is kept.")
    return result + below, notes


def _without_conflict(table: MarkdownTable, lines: list[str]) -> list[int]:
    """Leave out conflict markers and what stood there before both sides changed it."""
    kept: list[int] = []
    markers = set(table.markers)
    side = ""
    for index in range(table.header + 2, table.end()):
        if index in markers:
            side = lines[index][0]
        elif side != "|":
            kept.append(index)
    return kept


def _one_row(group: list[str], columns: list[str], row: RegistryRow) -> tuple[str, list[str]]:
    """Make one row of several of one track; nothing that a person wrote is lost untold."""
    width = len(columns)
    texts = [[*cells(line, width), *[""] * width][:width] for line in group]
    agree = [
        at
        for at, found in enumerate(texts)
        if "status" in columns and says("status", found[columns.index("status")], row.status)
    ]
    chosen = agree[0] if agree else 0
    # The other columns are filled from the metadata afterwards.
    personal = [at for at, name in enumerate(columns) if name not in COLUMNS]
    if not agree and "status" in columns:
        personal.append(columns.index("status"))
    values: dict[int, str] = {}
    notes: list[str] = []
    for column in personal:
        said = list(dict.fromkeys(filter(None, (unescape(found[column]) for found in texts))))
        kept = unescape(texts[chosen][column])
        if not kept and said:
            values[column] = kept = said[0]
        notes += [
            f"{row.id}: one of its rows had {text[:80]!r} under {columns[column]!r};"
            f" {kept[:80]!r} is kept."
            for text in said
            if not says(columns[column], text, kept)
        ]
    line = fill(group[chosen], width, values) if values else group[chosen]
    line, differences = updated(line, columns, row)
    return line, notes + differences
