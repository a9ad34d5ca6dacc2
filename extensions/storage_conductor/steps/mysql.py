"""What MySQL does otherwise than MariaDB when a column is written anew, as seen on 9.7."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .parts import ColumnParts, TableParts, tokens

_LARGE = ("TEXT", "LONGTEXT", "BLOB", "LONGBLOB", "JSON")
_TIMES = ("DATE", "TIME")


def is_large(column: ColumnParts) -> bool:
    """Whether ALTER COLUMN cannot set the default of a column, which only MODIFY does."""
    return column.type in _LARGE


def algorithms(tables: Iterable[TableParts | None], quote: Callable[[str], str]) -> dict[str, str]:
    """Return what forms say of how a column is written anew.

    Args:
        tables: A table before and after a step, where it is there.
        quote: Writes a name as the store has it.
    """
    copied = any(table is not None and _checks_a_time(table, quote) for table in tables)
    return {
        "instant": "" if copied else ", ALGORITHM=INSTANT",
        "in_place": "" if copied else ", ALGORITHM=INPLACE, LOCK=NONE",
        "copied": _COPIED if copied else "",
    }


_COPIED = (
    "-- A check on a time has the server copy the table while writers wait: for a large one use\n"
    "-- pt-online-schema-change or gh-ost.\n"
)


def _checks_a_time(table: TableParts, quote: Callable[[str], str]) -> bool:
    """Whether a check names a date or a time: no column of such a table is modified in place."""
    times = {quote(n) for n, column in table.columns.items() if column.type.startswith(_TIMES)}
    checks = [text for text in table.constraints.values() if text.startswith("CHECK")]
    return any(times.intersection(tokens(text)) for text in checks)
