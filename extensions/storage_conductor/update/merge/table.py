"""Three-way merge of tables, cell by cell.

Columns are known by their header. A status cell is the user's to set, so theirs stands when both
changed it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...markdown.blocks import MarkdownBlock, cells
from .text import Piece, TextClash, choose, merge_lines
from .tree import Unit

_USERS_COLUMN = "status"

Row = dict[str, str]


@dataclass(slots=True)
class Columns:
    """The columns of a table in its three versions and after the merge."""

    base: list[str]
    ours: list[str]
    theirs: list[str]
    merged: list[str]


def merge_columns(table: Unit) -> Columns:
    """Merge the columns of a table; one that the template removed stays if the user wrote in it."""
    base = _names(table.base, [])
    columns = Columns(base, _names(table.ours, base), _names(table.theirs, base), [])
    if table.ours is None or table.theirs is None:
        columns.merged = columns.ours or columns.theirs
        return columns
    gone = set(base) - set(columns.theirs)
    kept = gone and {name for row in table.children for name in _written(row, columns)}
    if columns.ours == base:
        columns.merged = list(columns.theirs)
        _insert_missing(columns.merged, [n for n in base if n not in gone or n in kept], base)
    else:
        columns.merged = [name for name in columns.ours if name not in gone or name in kept]
        new = [name for name in columns.theirs if name not in base]
        _insert_missing(columns.merged, new, columns.theirs)
    return columns


def merge_header(table: Unit, columns: Columns) -> list[Piece]:
    """Merge the header and the delimiter row of a table."""
    return [*_merge_row(table, columns, 0), *_merge_row(table, columns, 1)]


def merge_row(row: Unit, columns: Columns) -> list[Piece]:
    """Merge one row below the header."""
    return _merge_row(row, columns, 0)


def _names(table: MarkdownBlock | None, base: list[str]) -> list[str]:
    """Return the columns by name; one that was renamed where it stands goes by its old name."""
    if table is None:
        return []
    names: list[str] = []
    for cell in cells(table.lines[0]):
        name = cell.strip().casefold()
        names.append(f"{name}\n{len(names)}" if name in names else name)
    if len(names) != len(base):
        return names
    return [
        old if name not in base and old not in names else name
        for name, old in zip(names, base, strict=True)
    ]


def _insert_missing(merged: list[str], names: Iterable[str], order: list[str]) -> None:
    """Insert names behind the nearest one that comes before them in `order`."""
    for name in names:
        if name not in merged:
            before = [other for other in order[: order.index(name)] if other in merged]
            merged.insert(merged.index(before[-1]) + 1 if before else 0, name)


def _read(block: MarkdownBlock | None, names: list[str], line: int) -> Row | None:
    """Return the cells by column; None for a line that does not have one for each."""
    if block is None or "\n" in block.lines[line]:
        return None
    found = cells(block.lines[line])
    return dict(zip(names, found, strict=True)) if len(found) == len(names) else None


def _written(row: Unit, columns: Columns) -> Iterable[str]:
    ours = _read(row.ours, columns.ours, 0) or {}
    base = _read(row.base, columns.base, 0) or {}
    return [name for name, cell in ours.items() if cell.strip() != base.get(name, "").strip()]


def _merge_row(unit: Unit, columns: Columns, line: int) -> list[Piece]:
    base = _read(unit.base, columns.base, line)
    ours = _read(unit.ours, columns.ours, line)
    theirs = _read(unit.theirs, columns.theirs, line)
    if (unit.ours and ours is None) or (unit.theirs and theirs is None):
        return _merge_as_text(unit, line)
    mine: Row = {}
    new: Row = {}
    for name in columns.merged:
        own, other = (ours or {}).get(name), (theirs or {}).get(name)
        if own is None or other is None:
            mine[name] = new[name] = next((c for c in (own, other) if c is not None), "  ")
            continue
        cell = choose((base or {}).get(name), own, other)
        if cell is None and (name == _USERS_COLUMN or line == 1):
            cell = own
        mine[name], new[name] = (own, other) if cell is None else (cell, cell)
    written = [_write(unit, row, columns, line) for row in (mine, new)]
    return [written[0]] if mine == new else [TextClash([], [written[0]], [written[1]])]


def _merge_as_text(unit: Unit, line: int) -> list[Piece]:
    base, ours, theirs = (
        [block.lines[line]] if block else [] for block in (unit.base, unit.ours, unit.theirs)
    )
    return merge_lines(base, ours, theirs) if ours and theirs else [*ours, *theirs]


def _write(unit: Unit, row: Row, columns: Columns, line: int) -> str:
    """Return a row as text: as one side wrote it where it is that side's."""
    for block, names in ((unit.ours, columns.ours), (unit.theirs, columns.theirs)):
        if names == columns.merged and block and _read(block, names, line) == row:
            return block.lines[line]
    return f"{unit.block.indent}|{'|'.join(row.values())}|"
