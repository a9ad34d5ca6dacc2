"""What forms name of a table or a column that keeps its name of before for a while.

Code that runs knows the name before, and code that is released the new one. A table is renamed at
once and leaves a view under its old name; a column gets a second one, which triggers keep equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from . import mysql
from .changes import Change, subject_of
from .forms import Statements
from .names import StepNames
from .parts import SchemaParts, TableParts, is_index, tokens

_AFTER = 100  # where in `contract` what goes with a column begins, before the column itself


def of_table(change: Change, old: SchemaParts, names: StepNames) -> dict[str, str]:
    """Return the values of `rename-table`."""
    before, table = names.quote(change.old), names.quote(change.table)
    return {
        "table": table,
        "table_text": table.replace("'", "''"),
        "old": before,
        "old_text": before.replace("'", "''"),
        "columns": ", ".join(map(names.quote, old.tables[change.table].columns)),
        "second": names.made(change.old, "view"),
        "third": names.made(change.table, "place"),
    }


def of_piece(change: Change, names: StepNames) -> dict[str, str]:
    """Return the values of a constraint or an index under another name."""
    return {
        "table": names.quote(change.table),
        "name": names.quote(change.name),
        "old": names.quote(change.old),
        "new": change.new,
    }


def of_column(
    change: Change, old: SchemaParts, new: SchemaParts, names: StepNames
) -> dict[str, str]:
    """Return the values of `rename-column`."""
    column = new.tables[change.table].columns[change.name]
    before = old.tables[change.table].columns[change.old]
    table, name, was = map(names.quote, (change.table, change.name, change.old))
    default = f"ALTER TABLE {table} ALTER COLUMN {name}"
    set_default = f"{default} SET DEFAULT {column.default};"
    if new.store == "mysql" and mysql.is_large(column):
        set_default = f"ALTER TABLE {table} MODIFY {names.column(change.name, column)};"
    given = ", ".join([f"NEW.{name}", f"NEW.{was}", *([column.default] if column.default else [])])
    return {
        "table": table,
        "table_text": table.replace("'", "''"),
        "name": name,
        "old": was,
        "type": " ".join(filter(None, (column.type, column.more))),
        "value": f"COALESCE({given})",
        "set_default": set_default if column.default else "",
        "drop_default": f"{default} DROP DEFAULT;" if column.default else "",
        "old_column": names.column(change.old, before),
        "old_default": f"ALTER TABLE {table} ALTER COLUMN {was} SET DEFAULT {before.default};"
        if before.default
        else "",
        "old_not_null": ""
        if before.nullable
        else f"ALTER TABLE {table} ALTER COLUMN {was} SET NOT NULL;",
        "trigger": names.made(change.table, change.name, "same"),
        "trigger_insert": names.made(change.table, change.name, "same_new"),
        "trigger_update": names.made(change.table, change.name, "same_set"),
    }


def tied(change: Change, old: TableParts, left: set[str], names: StepNames) -> Iterator[Change]:
    """Yield what goes with the column of before: its constraints and indexes.

    Args:
        change: A column that is renamed.
        old: Its table before.
        left: Names of constraints and indexes that other changes see to.
        names: The names of the store.
    """
    column = names.quote(change.old)
    for name, text in (*old.constraints.items(), *old.indexes.items()):
        if name not in left and column in tokens(text.partition(" REFERENCES ")[0]):
            kind = "index" if is_index(text) else subject_of(text)
            yield Change(f"drop-{kind}", change.table, name, text)  # type: ignore[arg-type]


def with_the_column(statements: Iterator[Statements]) -> Iterator[Statements]:
    """Put off what takes a constraint or an index away until its column goes."""
    for item in statements:
        yield replace(item, part="contract", order=_AFTER + item.order)
