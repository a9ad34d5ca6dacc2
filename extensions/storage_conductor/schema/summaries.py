"""Counts, sums and averages over many entries: added up when asked, or kept as they change."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from ..catalog.backend import Backend
from ..catalog.rulebook import general
from ..errors import ConductorError
from .adding import KeptTotal, summable, totals
from .aggregates import Aggregate
from .common import Sizes
from .invariants import asked_of_many
from .model import Column, DataModel, Default, Entity, Pattern, Summary
from .names import snake
from .notes import owning
from .operation import NOTHING_SAID
from .result import Finding
from .types import FieldType
from .volumes import groups, kept_rows, kept_seconds
from .ways import SUMMED, SumChoice, SumWay, WayVerdict

FEW = 100
"""Entries that an index gives at once as easily as a page: no counter pays for fewer."""

MOST_LOCKED = 0.5
"""Share of the time for which a row may be locked: above it, waiting transactions pile up."""

_MINUTE = 60.0
_SLOT = "slot"


class Load(NamedTuple):
    """What the ways of one pattern are compared by; None for what nobody stated."""

    reads: float | None
    changes: float | None
    peak: float | None
    group_rows: float | None
    all_rows: float | None
    oldest_seconds: float


def summarised(model: DataModel, backends: Sequence[Backend], sizes: Sizes) -> DataModel:
    """Return the model with an entity for each answer that is kept and not added up at each read.

    Args:
        model: The model as it was given.
        backends: The stores as they are run.
        sizes: What is known beside the model.

    Raises:
        ConductorError: `_layout` names a way that a pattern cannot have.
    """
    stores = owning(model, backends)
    model = replace(model, patterns=tuple(map(partial(_read_so, model), model.patterns)))
    made: dict[str, Entity] = {}
    moved: dict[str, Pattern] = {}
    for pattern in model.patterns:
        entity = model.entity(pattern.entity)
        if not pattern.aggregates or stores[entity.name].family != "relational":
            continue
        if _of_one(entity, pattern):
            continue
        best = compared(model, pattern, stores[entity.name], sizes).rows[0]
        name = _name(entity, pattern)
        if best.word == "added at read" or (name in model and name not in made):
            continue
        before = made[name].summary if name in made else None
        held = before.patterns if before else ()
        summary = Summary(entity.name, (*held, pattern), best.word, best.slots)
        made[name] = _entity(model, entity, name, summary)
        moved[pattern.name] = replace(pattern, entity=name, conditions=())
    patterns = (moved.get(pattern.name, pattern) for pattern in model.patterns)
    return DataModel((*model.entities, *made.values()), tuple(patterns))


def _of_one(entity: Entity, pattern: Pattern) -> bool:
    """Whether a pattern finds one row at most, so that nothing has to be added up."""
    return any(group and set(group) <= {*pattern.equal} for group in (entity.key, *entity.unique))


def _read_so(model: DataModel, pattern: Pattern) -> Pattern:
    """Return a read with what its name asks of many entries, where it says so and nothing else."""
    entity = model.entity(pattern.entity)
    several = not _of_one(entity, pattern)
    plain = not (pattern.sort or pattern.page_size or pattern.fields or pattern.aggregates)
    word = asked_of_many(pattern.name) if pattern.kind == "read" and plain and several else None
    if word is None:
        return pattern
    found = [Aggregate("count")] if word == "count" else []
    numbers = summable(entity) if word != "count" else ()
    named = [column for column in numbers if column.field.casefold() in pattern.name.casefold()]
    if len(one := named or numbers) == 1:
        found.append(Aggregate(word, one[0].name))
    return replace(pattern, aggregates=tuple(found), read_so=bool(found))


def choices(model: DataModel, backend: Backend, sizes: Sizes) -> Iterator[SumChoice]:
    """Yield the comparison for each pattern that counts or adds up, where its rate is stated.

    Args:
        model: The model with what follows from it.
        backend: The store as it is run.
        sizes: What is known beside the model.
    """
    given = {p.name: p for e in model.entities if e.summary for p in e.summary.patterns}
    for pattern in (given.get(p.name, p) for p in model.patterns):
        stated = pattern.aggregates and pattern.equal and pattern.per_second
        if stated and not _of_one(model.entity(pattern.entity), pattern):
            yield compared(model, pattern, backend, sizes)


def choice_finding(choice: SumChoice) -> Finding | None:
    """Return the decision about a choice that nobody made, or what is not known for one."""
    best = choice.rows[0]
    if best.verdict == "said":
        return None
    if best.word != "added at read":
        numbers = (("layout", best.word), ("asked", choice.asked))
        return Finding("aggregate-kept", choice.pattern, numbers)
    if choice.group_rows is None:
        return Finding("aggregate-at-read", choice.pattern, (("rows", FEW),))
    return None


def compared(model: DataModel, pattern: Pattern, backend: Backend, sizes: Sizes) -> SumChoice:
    """Compare the ways to answer one pattern.

    The rule: few entries are added up when asked. Else the way that touches the fewest rows, of
    those that are as new as asked for and whose row is not locked for more than half of the time.

    Raises:
        ConductorError: `_layout` names a way that this pattern cannot have.
    """
    entity = model.entity(pattern.entity)
    load = _load(model, entity, pattern, sizes)
    alone = backend.key == "sqlite"
    ways = list(_ways(load, entity, pattern, alone=alone))
    wanted = [word for word in entity.layout if word in SUMMED]
    said = next((way for way in ways if way.word in wanted), None)
    nowhere = (alone and wanted == ["split counter"]) or not _elsewhere(model, pattern)
    if wanted and said is None and nowhere:
        raise ConductorError(
            f"entities.{entity.name}._layout: `{wanted[0]}` is not possible for “{pattern.name}”",
            remedy="What is kept needs a filter for equality, and SQLite writes one row at a time"
            " anyway. Take the word out, or change the pattern.",
        )
    ruled = _ruled(pattern, load, ways)
    best = said or ruled
    rows = [best._replace(verdict="said" if said else "chosen")]
    rows += [
        way._replace(verdict=_beside(way, best, ruled, load)) for way in ways if way is not best
    ]
    words = (f"{item.function} {item.column}".strip() for item in pattern.aggregates)
    asked = ", ".join(words) if pattern.read_so else ""
    return SumChoice(
        entity.name, pattern.name, tuple(rows), load.group_rows, load.peak, _hold_ms(), asked
    )


def _elsewhere(model: DataModel, pattern: Pattern) -> bool:
    """Whether an answer to another pattern of the same entity can be kept, or is."""
    if any(e.summary and e.summary.source == pattern.entity for e in model.entities):
        return True
    others = (p for p in model.patterns if p.entity == pattern.entity and p is not pattern)
    return any(p.aggregates and _keepable(p) for p in others)


def _keepable(pattern: Pattern) -> bool:
    """Whether an answer can be kept: it is of the entries of one group, and of all of them."""
    return bool(pattern.equal) and not (pattern.ranges or pattern.among)


def _beside(way: SumWay, best: SumWay, ruled: SumWay, load: Load) -> WayVerdict:
    """Return why a way is not taken."""
    if way is ruled:
        return "ruled"
    if way.verdict == "dearer" and best is ruled and best.word == "added at read":
        return "open" if load.group_rows is None else "needless"
    return way.verdict


def _hold_ms() -> float:
    """Milliseconds for which a counter is locked: a flush, and as much until COMMIT arrives."""
    return 2 * float(next(fact.value for fact in general().facts if fact.key == "flush_ms"))


def _ruled(pattern: Pattern, load: Load, ways: Sequence[SumWay]) -> SumWay:
    """Return the way that the rule takes."""
    first, *kept = ways
    able = [way for way in kept if way.verdict == "dearer"]
    if load.reads is None or load.changes is None or not able:
        return first
    if load.group_rows is None:
        # Entries without an end become more than any counter costs; of a state there may be few.
        endless = load.changes < load.reads and load.reads >= 1 and not pattern.conditions
        return able[0] if endless else first
    if load.group_rows <= FEW:
        return first
    return min((first, *able), key=lambda way: (way.read or 0) + (way.written or 0))


def _ways(load: Load, entity: Entity, pattern: Pattern, *, alone: bool) -> Iterator[SumWay]:
    """Yield the ways that a pattern can have, each as if it were not taken.

    Args:
        load: What they are compared by.
        entity: The entity whose entries are added up.
        pattern: What asks for it.
        alone: Whether the store has one writer at a time anyway.
    """

    def times(rows: float | None) -> float | None:
        return None if rows is None or load.reads is None else load.reads * rows

    yield SumWay("added at read", 1, times(load.group_rows), 0.0, None, 0.0, "dearer")
    if not _keepable(pattern):
        return
    locked = None if load.peak is None or alone else load.peak * _hold_ms() / 1_000
    full = locked is not None and locked > MOST_LOCKED
    verdict: WayVerdict = "waits" if full else "dearer"
    yield SumWay("counter", 1, times(1), load.changes, locked, 0.0, verdict)
    if not alone and (full or "split counter" in entity.layout):
        slots = max(2, math.ceil((locked or 0) / MOST_LOCKED))
        each = None if locked is None else locked / slots
        yield SumWay("split counter", slots, times(slots), load.changes, each, 0.0, "dearer")
    age = load.oldest_seconds or _MINUTE
    once, again = times(1), None if load.all_rows is None else load.all_rows / age
    read = None if once is None or again is None else once + again
    late: WayVerdict = "dearer" if load.oldest_seconds and read is not None else "stale"
    yield SumWay("recomputed", 1, read, load.changes, None, age, late)


def _load(model: DataModel, entity: Entity, pattern: Pattern, sizes: Sizes) -> Load:
    rows, count = kept_rows(entity), groups(model, entity, pattern.equal)
    each = None if rows is None or not count or pattern.conditions else rows / count
    changing = [p for p in model.patterns if _changes(p, entity, pattern)]
    rates = [p.per_second for p in changing if p.per_second is not None]
    grown = entity.facts.growth.items if entity.facts.growth else None
    changes = max(sum(rates), grown or 0.0) if rates or grown else None
    # What expires is taken away again.
    changes = changes * 2 if changes is not None and kept_seconds(entity) else changes
    factor = sizes.peak_factor or 1.0
    peaks = sum(p.peak or (p.per_second or 0.0) * factor for p in changing)
    peak = None if changes is None else max(peaks, changes * factor)
    fresh = pattern.operation.fresh_seconds
    if fresh is None:
        fresh = _MINUTE if (pattern.consistency or sizes.consistency) == "eventual" else 0.0
    oldest = fresh if fresh >= _MINUTE else 0.0
    return Load(pattern.per_second, changes, peak, each, rows, oldest)


def _changes(other: Pattern, entity: Entity, pattern: Pattern) -> bool:
    """Whether an operation may change what a pattern adds up."""
    if not other.changes or entity.name not in other.touched:
        return False
    if other.kind != "update" or not other.fields or other.entity != entity.name:
        return True
    read = {*pattern.equal, *(a.column for a in pattern.aggregates)}
    read |= {column for rule in pattern.conditions for column in rule.columns()}
    return bool(read & set(other.fields))


def _name(entity: Entity, pattern: Pattern) -> str:
    """Return the name of what is kept for a pattern: `RatingByProduct`."""
    fields = dict.fromkeys(_field(entity, name) for name in pattern.equal)
    only = dict.fromkeys(c for rule in pattern.conditions for c in sorted(rule.columns()))
    words = [*fields, *(["where", *(entity.column(c).field for c in only)] if only else [])]
    return f"{entity.name}By{''.join(_camel(word) for word in words)}"


def _camel(word: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in word.split("_"))


def _field(entity: Entity, column: str) -> str:
    return entity.column(column).field


def _entity(model: DataModel, entity: Entity, name: str, summary: Summary) -> Entity:
    """Return the entity that holds what is kept: a row for each group, or several for one."""
    pattern = summary.patterns[0]
    key = pattern.equal
    columns = [replace(entity.column(c), nullable=False, default=None, numbered=None) for c in key]
    if summary.slots > 1:
        columns.append(Column(_SLOT, _SLOT, FieldType("smallint"), nullable=False))
        key = (*key, _SLOT)
    columns += [_total(entity, total) for total in totals(entity, summary.aggregates)]
    return Entity(
        name,
        snake(name),
        tuple(columns),
        key,
        foreign_keys=tuple(
            replace(reference, on_delete="cascade")
            for reference in entity.foreign_keys
            if set(reference.columns) <= set(pattern.equal)
        ),
        note=f"what is added up of {entity.name}; follows from the access patterns",
        store=entity.store,
        facts=replace(NOTHING_SAID, count=groups(model, entity, pattern.equal)),
        derived=True,
        summary=summary,
    )


def _total(entity: Entity, total: KeptTotal) -> Column:
    kind = FieldType("bigint")
    if total.column:
        given = entity.column(total.column).type
        if given.name == "decimal":
            kind = replace(given, precision=min((given.precision or 18) + 12, 38))
        elif given.name in ("real", "float"):
            kind = FieldType("float")
    return Column(total.name, total.name, kind, nullable=False, default=Default("literal", "0"))
