"""Which tables and columns are those of before under another name, as a person stated it.

A rename is never guessed: `_was` of an entity and `was` of a field say it, and count no more once
a migration has taken it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..catalog.steps import steps
from ..errors import ConductorError
from ..schema.model import Column, DataModel, Entity
from ..schema.names import snake
from ..schema.tokens import MistakeError, nearest
from .changes import Change, subject_of
from .names import StepNames
from .parts import SchemaParts, TableParts, is_index, renamed, retargeted, tokens


@dataclass(frozen=True)
class Renames:
    """What is renamed; names are stored ones.

    Args:
        tables: The name before, by the new one.
        columns: The name before, by the new name of the table and of the column.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)


NOTHING_RENAMED = Renames()


def stated(model: DataModel, old: SchemaParts) -> Renames:
    """Return what the model says is renamed, and the last migration does not know yet.

    Args:
        model: What is to be.
        old: The schema as the last migration leaves it.

    Raises:
        ConductorError: There was no such name, or it is still in use; all are listed.
    """
    tables: dict[str, str] = {}
    columns: dict[tuple[str, str], str] = {}
    problems: list[str] = []
    used = {entity.table for entity in model.entities}
    for entity in model.entities:
        if entity.derived or entity.summary:
            continue
        if entity.was and entity.table not in old.tables:
            place = f"entities.{entity.name}._was"
            names = [entity.was, snake(entity.was)]
            try:
                tables[entity.table] = _known(names, old.tables, used)
            except MistakeError as mistake:
                problems.append(f"{place}: {mistake}")
        before = old.tables.get(tables.get(entity.table, entity.table))
        if before is not None:
            own = _columns(entity, before, problems)
            columns |= {(entity.table, name): was for name, was in own}
    if problems:
        raise ConductorError(
            "This step is not written:\n  - " + "\n  - ".join(problems),
            remedy="Correct `was`, or leave it out where nothing was renamed.",
        )
    return Renames(tables, columns)


def _columns(entity: Entity, before: TableParts, problems: list[str]) -> Iterator[tuple[str, str]]:
    used = {column.name for column in entity.columns}
    for column in entity.columns:
        if not column.was or column.name in before.columns:
            continue
        place = f"entities.{entity.name}.{column.field}"
        try:
            yield column.name, _known(_stored(column), before.columns, used)
        except MistakeError as mistake:
            problems.append(f"{place}: {mistake}")


def _stored(column: Column) -> list[str]:
    """Return how the name before may be stored: as it is, or with the end of a reference."""
    end = column.name.removeprefix(snake(column.field)) if column.reference else ""
    return [column.was, f"{snake(column.was)}{end}", snake(column.was)]


def _known(names: Sequence[str], there: Collection[str], used: Collection[str]) -> str:
    """Return the first of some names that was there.

    Raises:
        MistakeError: There was none, or it is still in use.
    """
    found = next((name for name in names if name in there), "")
    if not found:
        raise MistakeError(f"there was no `{names[0]}`{nearest(names[-1], there)}")
    if found in used:
        raise MistakeError(f"`{names[0]}` is still there, so that it is not renamed")
    return found


def applied(
    old: SchemaParts, new: SchemaParts, renames: Renames, *, columns: bool
) -> tuple[SchemaParts, list[Change]]:
    """Return a schema as it is after its renames, and these as changes.

    Constraints and indexes take the names that they are to have, where the store can do that.

    Args:
        old: The schema before.
        new: What it is to be.
        renames: What is renamed.
        columns: Whether the store renames columns at once, and not by a second one.
    """
    names = StepNames(old, new)
    found = [Change("rename-table", table, "", before) for table, before in renames.tables.items()]
    tables = {was: table for table, was in renames.tables.items()}
    moved = {
        tables.get(name, name): replace(
            parts,
            constraints=_retargeted(parts.constraints, tables, names),
            indexes=_retargeted(parts.indexes, tables, names),
        )
        for name, parts in old.tables.items()
    }
    for (table, name), before in renames.columns.items() if columns else ():
        found.append(Change("rename-column", table, name, before))
        moved = {
            other: _with_column(
                parts, (before, name), names.quote(table), names, own=other == table
            )
            for other, parts in moved.items()
        }
    if found:
        for table in [table for table in moved if table in new.tables]:
            moved[table], more = _with_pieces(old.store, table, moved[table], new.tables[table])
            found += more
    return SchemaParts(old.store, moved), found


def _retargeted(
    texts: Mapping[str, str], tables: Mapping[str, str], names: StepNames
) -> dict[str, str]:
    quoted = {names.quote(before): names.quote(table) for before, table in tables.items()}
    return {name: retargeted(text, quoted) for name, text in texts.items()}


def _with_column(
    parts: TableParts, pair: tuple[str, str], table: str, names: StepNames, *, own: bool
) -> TableParts:
    """Put the new name of a column in place of the one before, also where others refer to it."""
    before, name = pair
    old, new = map(names.quote, pair)

    def text_of(text: str) -> str:
        here, word, there = text.partition(" REFERENCES ")
        here = renamed(here, old, new) if own else here
        pointed = tokens(there)[:1] == [table]
        return f"{here}{word}{renamed(there, old, new) if pointed else there}"

    columns = {name if own and n == before else n: column for n, column in parts.columns.items()}
    return replace(
        parts,
        columns=columns,
        constraints={n: text_of(t) for n, t in parts.constraints.items()},
        indexes={n: text_of(t) for n, t in parts.indexes.items()},
    )


def _with_pieces(
    store: str, table: str, old: TableParts, new: TableParts
) -> tuple[TableParts, list[Change]]:
    """Give the constraints and indexes that are the same the names that they are to have."""
    found: list[Change] = []

    def matched(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
        result = {}
        for name, text in before.items():
            other = name
            if name not in after:
                free = (n for n, t in after.items() if n not in before and t == text)
                other = next((n for n in free if n not in result), name)
            result[other] = text
            if other == name:
                continue
            subject = "index" if is_index(text) else subject_of(text)
            if steps().form(f"rename-{subject}", store):
                change = Change(f"rename-{subject}", table, other, name, text)  # type: ignore[arg-type]
                found.append(change)
            elif subject == "index":
                del result[other]
                result[name] = text
        return result

    parts = replace(
        old,
        constraints=matched(old.constraints, new.constraints),
        indexes=matched(old.indexes, new.indexes),
    )
    return parts, found


def by_second_columns(
    found: Sequence[Change], old: SchemaParts, new: SchemaParts, renames: Renames
) -> list[Change]:
    """Put one change in place of a column that goes and the one that it becomes.

    A constraint or an index that the new column gets as well goes with the old one.

    Args:
        found: All changes.
        old: The schema before, with its tables under their new names.
        new: What it is to be.
        renames: What is renamed.
    """
    names = StepNames(old, new)
    result = list(found)
    for table in dict.fromkeys(table for table, _ in renames.columns):
        own = {name: was for (other, name), was in renames.columns.items() if other == table}
        pairs = {*(("add-column", n) for n in own), *(("drop-column", w) for w in own.values())}
        texts = {c.new for c in found if c.table == table and c.kind.startswith("add-")}

        def follows(change: Change, own: Mapping[str, str] = own) -> str:
            text = change.old
            for name, was in own.items():
                text = renamed(text, names.quote(was), names.quote(name))
            return text

        result = [
            change
            for change in result
            if change.table != table
            or not (
                (change.kind, change.name) in pairs
                or (change.kind.startswith("drop-") and change.old and follows(change) in texts
                    and follows(change) != change.old)
            )
        ]  # fmt: skip
        result += [
            Change("rename-column", table, name, was, new.tables[table].columns[name].type)
            for name, was in own.items()
        ]
    return result
