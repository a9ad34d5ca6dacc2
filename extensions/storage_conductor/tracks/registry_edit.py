"""The text of the registry `tracks.md`: one row for each track, in a table that people own.

Everything that is not the row in question stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..markdown.tables import MarkdownTable, cells, clean, fill, line_ending, plain, unescape
from .registry_read import (
    BYTE_ORDER_MARK,
    COLUMNS,
    Registry,
    RegistryEntry,
    known_status,
    parse,
    spelling,
)

_FREELY_SPELT = ("storage_type", "status")


class RegistryRow(NamedTuple):
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
    lines, ending = complete_lines(registry)
    notes: list[str] = []
    if registry.table is None:
        lines[registry.place : registry.place] = new_table(registry, [row], ending)
    elif at := registry.ids.get(row.id.casefold()):
        lines[at], notes = updated(lines[at], registry.columns, row)
    else:
        add_rows(lines, registry.table, registry.columns, [row])
    return Edit(joined(text, lines), tuple(notes))


def complete_lines(registry: Registry) -> tuple[list[str], str]:
    """Return a copy of the lines, each with an ending, and the ending that new lines get."""
    lines = list(registry.lines)
    ending = (line_ending(lines[0]) if lines else "") or "\n"
    if registry.table is not None:
        ending = line_ending(lines[registry.table.header])
    if lines and not line_ending(lines[-1]):
        lines[-1] += ending
    return lines, ending


def joined(old: str, lines: list[str]) -> str:
    """Join lines to a text that starts and ends as the old one did."""
    mark = BYTE_ORDER_MARK if old.startswith(BYTE_ORDER_MARK) else ""
    text = mark + "".join(lines)
    if old.removeprefix(BYTE_ORDER_MARK) and not line_ending(old):
        text = text.removesuffix(line_ending(text))
    return text


def _values(columns: list[str], row: RegistryRow) -> dict[int, str]:
    return {number: getattr(row, field) for number, field in enumerate(columns) if field in COLUMNS}


def new_table(registry: Registry, rows: Sequence[RegistryRow], ending: str) -> list[str]:
    """Return the lines of a table for a registry without one, set off from what is around it."""
    columns = list(COLUMNS)
    header = f"| {' | '.join(names[0] for names in COLUMNS.values())} |{ending}"
    delimiter = "|" + "---|" * len(columns) + ending
    before = registry.lines[registry.place - 1] if registry.place else "\n"
    after = registry.place < len(registry.lines)
    return [
        *([ending] if before.strip() else []),
        header,
        delimiter,
        *(new_row(header, columns, row) for row in rows),
        *([ending] if after else []),
    ]


def add_rows(
    lines: list[str], table: MarkdownTable, columns: list[str], rows: Sequence[RegistryRow]
) -> None:
    """Put new rows in place of the table's blank rows, or after its last row."""
    header = lines[table.header]
    end = max(table.rows, default=table.header + 1) + 1
    places = [index for index in table.rows if not lines[index].strip("| \t\r\n")]
    for place, row in zip(places, rows, strict=False):
        lines[place] = fill(lines[place], len(columns), _values(columns, row))
    lines[end:end] = [new_row(header, columns, row) for row in rows[len(places) :]]


def new_row(like: str, columns: list[str], row: RegistryRow) -> str:
    """Return the line of a track's row, indented and ended as another line is."""
    indent = like[: len(like) - len(like.lstrip())]
    blank = f"{indent}|{' |' * len(columns)}{line_ending(like)}"
    return fill(blank, len(columns), _values(columns, row))


def updated(line: str, columns: list[str], row: RegistryRow) -> tuple[str, list[str]]:
    """Bring the cells of a row up to date; the id and a person's status stay.

    Returns:
        The new line, and notes about what differs.
    """
    texts = cells(line, len(columns))
    changes: dict[int, str] = {}
    notes = []
    for column, value in _values(columns, row).items():
        text = texts[column] if column < len(texts) else ""
        if columns[column] == "id" or says(columns[column], text, value):
            continue
        if columns[column] == "status" and text.strip():
            notes.append(
                f"{row.id}: the status is {plain(text)[:40]!r} in the registry and {value!r}"
                " in metadata.json; both are kept. Write the right one into both."
            )
        else:
            changes[column] = value
    return (fill(line, len(columns), changes) if changes else line), notes


def says(field: str, cell: str, value: str) -> bool:
    """Tell whether a cell already says a value, whatever its emphasis, link or spelling."""
    wanted = clean(value)
    return wanted in (unescape(cell), plain(cell)) or means(field, cell, wanted)


def means(field: str, text: str, wanted: str) -> bool:
    """Tell whether a text is another way to spell a value, where the field leaves that open."""
    if field == "status" and known_status(text) == wanted:
        return True
    return field in _FREELY_SPELT and spelling(text) == spelling(wanted)
