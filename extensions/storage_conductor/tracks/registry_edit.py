"""The registry `tracks.md`: one row for each track, in a table of a file that people own.

Everything that is not the row in question stays byte for byte. A file that cannot be understood is
left as it is, and the error says the line and the remedy.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..disk import files
from ..errors import ConductorError
from ..markdown.tables import MarkdownTable, cells, clean, fill, line_ending, plain, unescape
from .registry_read import (
    BYTE_ORDER_MARK,
    COLUMNS,
    NEW_ID,
    Registry,
    RegistryEntry,
    parse,
    spelling,
)

_FREELY_SPELT = ("storage_type", "status")
_MENDED_BY_SYNC = ("registry-conflict", "registry-duplicate-id")
# What may stand before each conflict marker of git; "" is outside of a conflict.
_MARKER_FOLLOWS = {"<": ("",), "|": ("<",), "=": ("<", "|"), ">": ("=",)}


@dataclass(frozen=True)
class RegistryRow:
    """What the registry says of one track.

    Args:
        id: The storage id.
        title: The title; any text, carried literally in one line.
        storage_type: The storage type.
        backend: The backend.
        status: One of `STATUSES`.
        created: The day of creation, `YYYY-MM-DD`.
        updated: The day of the last change, `YYYY-MM-DD`.
        type: The kind of track.
    """

    id: str
    title: str
    storage_type: str
    backend: str
    status: str
    created: str
    updated: str
    type: str = "Storage Component"


class Edit(NamedTuple):
    """The result of an edit.

    Args:
        text: The whole new text.
        notes: What a person should know, one sentence each.
    """

    text: str
    notes: tuple[str, ...] = ()


def rows(text: str) -> list[RegistryEntry]:
    """Return the rows of a registry that are not blank, whatever else is wrong with it."""
    return parse(text).entries()


def upsert(text: str, row: RegistryRow) -> Edit:
    """Put the row of a track into the registry.

    A new row goes to the end of the table, or in place of its first blank row. Of an existing row
    the cells that say something else are replaced. A status that differs is kept, with a note.

    Raises:
        ConductorError: The registry cannot be understood.
    """
    registry = parse(text)
    if registry.faults:
        raise registry.faults[0].error()
    lines, ending = _complete_lines(registry)
    notes: list[str] = []
    if registry.table is None:
        lines[registry.place : registry.place] = _new_table(registry, [row], ending)
    elif at := registry.ids.get(row.id.casefold()):
        lines[at], notes = _updated(lines[at], registry.columns, row)
    else:
        _add_rows(lines, registry.table, registry.columns, [row])
    return Edit(_joined(text, lines), tuple(notes))


def _complete_lines(registry: Registry) -> tuple[list[str], str]:
    """Return a copy of the lines, each with an ending, and the ending that new lines get."""
    lines = list(registry.lines)
    ending = (line_ending(lines[0]) if lines else "") or "\n"
    if registry.table is not None:
        ending = line_ending(lines[registry.table.header])
    if lines and not line_ending(lines[-1]):
        lines[-1] += ending
    return lines, ending


def _joined(old: str, lines: list[str]) -> str:
    """Join lines to a text that starts and ends as the old one did."""
    mark = BYTE_ORDER_MARK if old.startswith(BYTE_ORDER_MARK) else ""
    text = mark + "".join(lines)
    if old.removeprefix(BYTE_ORDER_MARK) and not line_ending(old):
        text = text.removesuffix(line_ending(text))
    return text


def _values(columns: list[str], row: RegistryRow) -> dict[int, str]:
    return {number: getattr(row, field) for number, field in enumerate(columns) if field in COLUMNS}


def _new_table(registry: Registry, rows: Sequence[RegistryRow], ending: str) -> list[str]:
    columns = list(COLUMNS)
    header = f"| {' | '.join(names[0] for names in COLUMNS.values())} |{ending}"
    delimiter = "|" + "---|" * len(columns) + ending
    before = registry.lines[registry.place - 1] if registry.place else "\n"
    after = registry.place < len(registry.lines)
    return [
        *([ending] if before.strip() else []),
        header,
        delimiter,
        *(_new_row("", columns, row, ending) for row in rows),
        *([ending] if after else []),
    ]


def _add_rows(
    lines: list[str], table: MarkdownTable, columns: list[str], rows: Sequence[RegistryRow]
) -> None:
    """Put new rows in place of the table's blank rows, or after its last row."""
    header = lines[table.header]
    indent = header[: len(header) - len(header.lstrip())]
    end = max(table.rows, default=table.header + 1) + 1
    places = [index for index in table.rows if not lines[index].strip("| \t\r\n")]
    for place, row in zip(places, rows, strict=False):
        lines[place] = fill(lines[place], len(columns), _values(columns, row))
    lines[end:end] = [
        _new_row(indent, columns, row, line_ending(header)) for row in rows[len(places) :]
    ]


def _new_row(indent: str, columns: list[str], row: RegistryRow, ending: str) -> str:
    blank = f"{indent}|{' |' * len(columns)}{ending}"
    return fill(blank, len(columns), _values(columns, row))


def _updated(line: str, columns: list[str], row: RegistryRow) -> tuple[str, list[str]]:
    """Bring the cells of a row up to date; the id and a person's status stay.

    Returns:
        The new line, and notes about what differs.
    """
    texts = cells(line, len(columns))
    changes: dict[int, str] = {}
    notes = []
    for column, value in _values(columns, row).items():
        text = texts[column] if column < len(texts) else ""
        if columns[column] == "id" or _says(columns[column], text, value):
            continue
        if columns[column] == "status" and text.strip():
            notes.append(
                f"{row.id}: the status is {plain(text)[:40]!r} in the registry and {value!r}"
                " in metadata.json; both are kept. Write the right one into both."
            )
        else:
            changes[column] = value
    return (fill(line, len(columns), changes) if changes else line), notes


def _says(field: str, cell: str, value: str) -> bool:
    """Tell whether a cell already says a value, whatever its emphasis, link or spelling."""
    wanted = clean(value)
    if wanted in (unescape(cell), plain(cell)):
        return True
    return field in _FREELY_SPELT and spelling(cell) == spelling(wanted)


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
        if fault.rule not in _MENDED_BY_SYNC:
            raise fault.error()
    lines, ending = _complete_lines(registry)
    notes: list[str] = []
    if registry.table is None:
        place = slice(registry.place, registry.place)
        lines[place] = _new_table(registry, rows, ending) if rows else []
    else:
        place = slice(registry.table.header + 2, registry.table.end())
        lines[place], notes = _merged_rows(registry, registry.table, lines, rows)
        _add_missing(lines, rows)
    return Edit(_joined(text, lines), tuple(notes))


def _add_missing(lines: list[str], rows: Sequence[RegistryRow]) -> None:
    registry = parse("".join(lines))
    if registry.table is not None:
        missing = [row for row in rows if row.id.casefold() not in registry.ids]
        _add_rows(lines, registry.table, registry.columns, missing)


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
    for name, group in groups.items():
        if name in by_id and registry.are_strangers(group):
            result += dict.fromkeys(group)
            titles = " and ".join(repr(title[:80]) for title in registry.titles(group))
            what = f"{titles} have the same id; both rows are kept. {NEW_ID}"
            notes.append(f"{by_id[name].id}: {what}")
        elif name in by_id:
            line, said = _one_row(group, registry.columns, by_id[name])
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
    opened, before = 0, ""
    for index in range(table.header + 2, table.end()):
        if index not in markers:
            kept += [] if before == "|" else [index]
            continue
        marker = lines[index][0]
        if before not in _MARKER_FOLLOWS[marker]:
            raise _unclear_conflict(index)
        opened, before = index, "" if marker == ">" else marker
    if before:
        raise _unclear_conflict(opened)
    return kept


def _unclear_conflict(index: int) -> ConductorError:
    return ConductorError(
        "conflict that begins or ends outside of the track table",
        line=index + 1,
        remedy="Resolve this conflict by hand.",
    )


def _one_row(group: list[str], columns: list[str], row: RegistryRow) -> tuple[str, list[str]]:
    """Make one row of several of one track; nothing that a person wrote is lost untold."""
    width = len(columns)
    texts = [[*cells(line, width), *[""] * width][:width] for line in group]
    agree = [
        at
        for at, found in enumerate(texts)
        if "status" in columns and _says("status", found[columns.index("status")], row.status)
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
            if not _says(columns[column], text, kept)
        ]
    line = fill(group[chosen], width, values) if values else group[chosen]
    line, differences = _updated(line, columns, row)
    return line, notes + differences


def record(path: Path, row: RegistryRow, starter: str) -> list[str]:
    """Put the row of a track into the registry file.

    Args:
        path: The registry; written as a whole, and only where something changes.
        row: The row.
        starter: The text of a new registry, used where the file is missing or empty.

    Returns:
        What a person should know, one sentence each.

    Raises:
        ConductorError: The file cannot be read, understood or written; it is left as it is.
    """
    return _edit_file(path, starter, lambda text: upsert(text, row))


def _edit_file(path: Path, starter: str, change: Callable[[str], Edit]) -> list[str]:
    """Apply a change to the registry file while no other process does; see `record`."""
    with files.exclusive(path.parent):
        old = _read(path)
        with _located(path):
            edit = change(starter if old is None else old)
        if edit.text != old:
            files.write_atomic(path, edit.text)
    return list(edit.notes)


def rebuild(path: Path, rows: Sequence[RegistryRow], starter: str) -> list[str]:
    """Apply `sync` to the registry file; arguments, result and errors are those of `record`."""
    return _edit_file(path, starter, lambda text: sync(text, rows))


def preflight(path: Path) -> None:
    """Raise the error that `record` would end with, without changing anything."""
    text = _read(path)
    with _located(path):
        if text is not None and (faults := parse(text).faults):
            raise faults[0].error()
    folder = path.parent
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise ConductorError(
            "is not a folder", path=folder, remedy="Move it away, or work in another folder."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ConductorError(
            "cannot be written", path=folder, remedy="Check the rights of the folder."
        )


@contextmanager
def _located(path: Path) -> Iterator[None]:
    try:
        yield
    except ConductorError as error:
        error.path = error.path or path
        raise


def _read(path: Path) -> str | None:
    """Read the registry; None means that it is missing or empty."""
    if not os.path.lexists(path):
        return None
    files.check_place(path)
    if not path.is_file():
        raise ConductorError(
            "is not a file",
            path=path,
            remedy="Move away what is there.",
        )
    if not os.access(path, os.W_OK):
        raise ConductorError("is read-only", path=path, remedy="Check the rights of the file.")
    text = files.read_text(path)
    return text if text.strip(f"{BYTE_ORDER_MARK} \t\r\n") else None
