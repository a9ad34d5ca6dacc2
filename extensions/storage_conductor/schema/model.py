"""The data model that a person described: entities, their columns, and how they are used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import Literal

from .aggregates import Aggregate
from .expressions import Expression
from .operation import NOTHING_ASKED, NOTHING_SAID, EntityFacts, Operation
from .places import SoughtPlace
from .types import WHOLE, FieldType
from .ways import Partition, Word

Action = Literal["no action", "restrict", "cascade", "set null"]
PatternKind = Literal["read", "write", "update", "delete", "scan", "nearest", "job"]
Consistency = Literal["strong", "eventual"]
Direction = Literal["asc", "desc"]
SortColumn = tuple[str, Direction]


@dataclass(frozen=True)
class Default:
    """What a column holds when a write leaves it out.

    Args:
        kind: A fixed value, the time of the write, or a new random UUID.
        value: The value's text, for `literal`; booleans are `true` and `false`.
    """

    kind: Literal["literal", "now", "uuid"]
    value: str = ""

    def __str__(self) -> str:
        return self.value if self.kind == "literal" else f"{self.kind}()"


@dataclass(frozen=True)
class Reference:
    """A field that points to an entity by its key, or by fields that are unique together."""

    entity: str
    on_delete: Action = "no action"
    on_update: Action = "no action"


@dataclass(frozen=True)
class Column:
    """One stored value of an entity.

    Args:
        name: The stored name: in snake case, or as the person gave it.
        field: The field it belongs to, as the person wrote it.
        type: Its type; that of the referenced key for a reference.
        nullable: Whether a row may lack it.
        reference: Set when the field points to another entity.
        numbered: Whether the store counts it (True), the application sets it (False), or neither
            was said.
        was: The name that the field had before, as the person wrote it, or empty.
    """

    name: str
    field: str
    type: FieldType
    nullable: bool
    reference: Reference | None = None
    default: Default | None = None
    numbered: bool | None = None
    was: str = ""

    @property
    def countable(self) -> bool:
        """Whether the store would count it as a lone key: a whole number that nothing else sets."""
        unset = self.reference is None and self.default is None and self.numbered is None
        return unset and self.type.name in WHOLE


@dataclass(frozen=True)
class Check:
    """A rule on the rows of one entity, and the field it was written at."""

    field: str
    rule: Expression


@dataclass(frozen=True)
class OwnIndex:
    """An index that a person asked for, in its order; `where` leaves other rows out of it."""

    columns: tuple[SortColumn, ...]
    where: Expression | None = None
    unique: bool = False


@dataclass(frozen=True)
class ForeignKey:
    """Columns that hold another entity's key, or other columns of it that are unique.

    `kept` tells whether the store keeps the reference; between partitioned tables some do not.
    """

    field: str
    columns: tuple[str, ...]
    entity: str
    referenced: tuple[str, ...]
    on_delete: Action
    on_update: Action = "no action"
    kept: bool = True


@dataclass(frozen=True)
class Entity:
    """One kind of thing that is stored.

    Args:
        name: As the person wrote it.
        table: The stored name: in snake case, neither pluralised nor shortened, or as given.
        columns: In the order of the fields.
        key: The columns of the primary key; empty where it was said that there is none.
        unique: Column groups that no two rows share, besides the key.
        indexed: Columns that were asked to be indexed.
        indexes: Indexes over several columns or some of the rows that were asked for.
        notes: Meaning of the fields, by field name.
        note: Meaning of the entity, or empty.
        store: The backend that `_store` names, or `None`.
        ttl_seconds: How long a row is kept after it was written, or `None`.
        layout: Words of `_layout`: how the store lays it out, where a person chose.
        facts: What is said of all rows together.
        derived: Whether nobody gave it, and it follows from what operations need.
        partition: Spans of time that its table is made of, where it is.
        expiring: The time by which rows that are over theirs are found, where a job deletes them.
        summary: Which entries it adds up, for one that follows from what is counted or added up.
        was: The name that it had before, as the person wrote it, or empty.
        beside_files: Whether the average item is a file that another store holds.
        stored_bytes: What an entry takes with those of its indexes, where a store computes it.
    """

    name: str
    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    indexed: tuple[str, ...] = ()
    indexes: tuple[OwnIndex, ...] = ()
    checks: tuple[Check, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    note: str = ""
    store: str | None = None
    ttl_seconds: int | None = None
    layout: tuple[str, ...] = ()
    facts: EntityFacts = NOTHING_SAID
    derived: bool = False
    partition: Partition | None = None
    expiring: str = ""
    summary: Summary | None = None
    was: str = ""
    beside_files: bool = False
    stored_bytes: float | None = None

    def average_of(self, average: float | None) -> float | None:
        """Return bytes of an average item, where this is one of those of which they were said."""
        return None if self.beside_files else average

    @property
    def told(self) -> bool:
        """Whether anything is said of all rows together."""
        derived = self.facts.growth is not None and self.facts.growth.derived
        return (replace(self.facts, growth=None) if derived else self.facts) != NOTHING_SAID

    @property
    def told_how_long(self) -> bool:
        """Whether a lifetime or a duty says how long a row is kept."""
        return bool(self.facts.lifetimes or self.facts.keep)

    @property
    def expires_seconds(self) -> int | None:
        """How long after its last write or use a row may go, for stores that count from there."""
        idle = self.facts.lifetime("idle")
        return int(idle.seconds) if idle and idle.seconds else self.ttl_seconds

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column:
        """Look a column up by its stored name."""
        return self._by_name[name]

    def has(self, name: str) -> bool:
        """Whether a column has this stored name."""
        return name in self._by_name

    @property
    def numbered(self) -> str | None:
        """The column that the store counts: a `serial`, else a lone key that nothing else sets."""
        said = [column.name for column in self.columns if column.numbered]
        if said or len(self.key) != 1:
            return said[0] if said else None
        return self.key[0] if self.column(self.key[0]).countable else None

    @property
    def identity(self) -> tuple[str, ...]:
        """The key as it was given: the columns by which one row is told from another."""
        return self.partition.key if self.partition else self.key

    @property
    def generated_key(self) -> bool:
        """Whether the store numbers the rows by their key."""
        return self.numbered is not None and self.identity == (self.numbered,)

    def checked(self, column: str) -> bool:
        """Whether a check mentions a column."""
        return any(column in check.rule.columns() for check in self.checks)


@dataclass(frozen=True)
class Pattern:
    """One thing that is done with the data.

    Args:
        name: The person's words, on one line.
        entity: The entity it works on.
        equal: Columns compared for equality.
        ranges: Columns compared by range.
        among: Columns compared with several values at once.
        conditions: What all rows that it finds have in common, such as `deleted_at is null`.
        fixed: Those of them that are filters for equality in a store of keys.
        sort: Order of the result.
        kind: What is done.
        per_second: Average rate, or `None` when not stated.
        consistency: `None` when not stated.
        page_size: Rows a page, or `None` when the whole result is read; how many for `nearest`.
        vector: The column whose distance is the order, for `nearest` among vectors.
        place: What it asks of a place on Earth, if anything.
        inside: Texts in which it looks for words, which no order of whole values finds.
        fields: Columns that its answer holds, or that it sets; empty when not stated.
        aggregates: What is computed of all rows that it finds; empty where they are read.
        read_so: Whether these were read from its name and not given.
        operation: What it has to keep, and what it may cost.
    """

    name: str
    entity: str
    equal: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    conditions: tuple[Expression, ...] = ()
    fixed: tuple[Expression, ...] = ()
    sort: tuple[SortColumn, ...] = ()
    kind: PatternKind = "read"
    per_second: float | None = None
    consistency: Consistency | None = None
    page_size: int | None = None
    vector: str = ""
    place: SoughtPlace | None = None
    inside: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()
    read_so: bool = False
    operation: Operation = NOTHING_ASKED

    @property
    def reads(self) -> bool:
        """Whether it only reads; a job may do several things, and is neither."""
        return self.kind in {"read", "scan", "nearest"}

    @property
    def by_place(self) -> SoughtPlace | None:
        """The place that it asks about, where an index of places finds it and not a cell."""
        return self.place if self.place and not self.place.cell else None

    @property
    def changes(self) -> bool:
        """Whether it changes something."""
        return self.kind in {"write", "update", "delete"}

    @property
    def touched(self) -> tuple[str, ...]:
        """The entities that it works on: its own, or all that change together."""
        return self.operation.atomic or (self.entity,)

    @property
    def job(self) -> bool:
        """Whether it runs by the clock, and not when a caller asks."""
        return self.kind == "job" or bool(self.operation.every)

    @property
    def peak(self) -> float | None:
        """Times a second at its own peak, where that follows from what was stated of it."""
        return self.operation.peak_rate(self.per_second)

    @property
    def _filters(self) -> tuple[object, ...]:
        place = (self.place,) if self.place else ()
        return (*self.equal, *self.ranges, *self.among, *self.conditions, *place, *self.inside)

    @property
    def filtered(self) -> bool:
        """Whether anything says which rows it is about."""
        return bool(self._filters)

    @property
    def finds_rows(self) -> bool:
        """Whether rows must be found: everything but a plain insert."""
        return self.kind != "write" or self.filtered

    @property
    def whole(self) -> bool:
        """Whether it goes over every row on purpose: a scan, or a job that does not say which."""
        return self.kind == "scan" or (self.kind == "job" and not self.filtered)


@dataclass(frozen=True)
class Summary:
    """How an entity that follows from patterns adds up others.

    Args:
        source: The entity whose entries are added up.
        patterns: What it answers, as they were given.
        way: How it is kept.
        slots: Rows over which one counter is spread.
    """

    source: str
    patterns: tuple[Pattern, ...]
    way: Word
    slots: int = 1

    @property
    def aggregates(self) -> tuple[Aggregate, ...]:
        """What it answers, each once."""
        return tuple(dict.fromkeys(a for p in self.patterns for a in p.aggregates))


@dataclass(frozen=True)
class DataModel:
    """Entities and access patterns in the order they were given.

    Args:
        entities: The entities.
        patterns: The access patterns.
        elsewhere: Entities of other stores, of which the counts are known here.
    """

    entities: tuple[Entity, ...]
    patterns: tuple[Pattern, ...] = ()
    elsewhere: tuple[Entity, ...] = ()

    @cached_property
    def _by_name(self) -> dict[str, Entity]:
        return {entity.name: entity for entity in self.entities}

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def kept_for(self, seconds: Mapping[str, float]) -> DataModel:
        """The same with a lifetime from the writing for entities of which none is said.

        Args:
            seconds: How long an entry is kept, by the name of its entity.
        """
        entities = (
            entity
            if entity.name not in seconds
            or entity.ttl_seconds
            or entity.told_how_long
            or entity.derived
            else replace(entity, ttl_seconds=int(seconds[entity.name]))
            for entity in self.entities
        )
        return replace(self, entities=tuple(entities))

    def bounded(self, seconds: Mapping[str, float]) -> DataModel:
        """The same with a lifetime of no more than that, of at least a second.

        Args:
            seconds: How old an entry may be, by the name of its entity.
        """
        entities = (
            replace(
                entity,
                ttl_seconds=max(int(min(seconds[entity.name], entity.expires_seconds or inf)), 1),
                facts=replace(entity.facts, lifetimes=()),
            )
            if entity.name in seconds
            else entity
            for entity in self.entities
        )
        return replace(self, entities=tuple(entities))

    @property
    def vectors(self) -> tuple[tuple[Entity, Column], ...]:
        """The columns of type `vector`, each with its entity."""
        return tuple(
            (entity, column)
            for entity in self.entities
            for column in entity.columns
            if column.type.name == "vector"
        )

    @property
    def points(self) -> tuple[tuple[Entity, Column], ...]:
        """The columns of type `point`, each with its entity."""
        return tuple(
            (entity, column)
            for entity in self.entities
            for column in entity.columns
            if column.type.name == "point"
        )

    def entity(self, name: str) -> Entity:
        """Look an entity up by its name."""
        return self._by_name[name]

    def patterns_of(self, entity: Entity) -> tuple[Pattern, ...]:
        """The access patterns that work on an entity."""
        return tuple(pattern for pattern in self.patterns if pattern.entity == entity.name)

    def part(self, names: frozenset[str]) -> DataModel:
        """The named entities and their patterns; references to others keep only their columns."""
        return DataModel(
            tuple(entity for entity in self.entities if entity.name in names),
            tuple(pattern for pattern in self.patterns if pattern.entity in names),
            (*self.elsewhere, *(it for it in self.entities if it.name not in names)),
        )

    @cached_property
    def in_dependency_order(self) -> tuple[Entity, ...]:
        """Entities so that referenced ones come first, else in the order given.

        Where references form a cycle, entities whose required references are served come first,
        so that a reference that may be null is the one that points forward.
        """
        needed = {entity.name: self._targets(entity) for entity in self.entities}
        required = {entity.name: self._targets(entity, required=True) for entity in self.entities}
        ahead = {name: reachable(needed, targets) for name, targets in needed.items()}
        outside = {
            name: {target for target in targets if name not in ahead[target]}
            for name, targets in needed.items()
        }
        waiting = {entity.name: entity for entity in self.entities}
        order = []
        while waiting:
            free = [name for name in waiting if not outside[name] & waiting.keys()]
            chosen = next(
                (n for wish in (needed, required) for n in free if not wish[n] & waiting.keys()),
                free[0],
            )
            order.append(waiting.pop(chosen))
        return tuple(order)

    def _targets(self, entity: Entity, *, required: bool = False) -> set[str]:
        return {
            key.entity
            for key in entity.foreign_keys
            if key.entity in self
            and key.entity != entity.name
            and not (required and any(entity.column(c).nullable for c in key.columns))
        }

    @cached_property
    def deferred(self) -> frozenset[tuple[str, str]]:
        """References, as (entity, field), whose target comes later: each closes a cycle."""
        place = {entity.name: index for index, entity in enumerate(self.in_dependency_order)}
        return frozenset(
            (entity.name, key.field)
            for entity in self.entities
            for key in entity.foreign_keys
            if key.entity in self and place[key.entity] > place[entity.name]
        )


def reachable(graph: Mapping[str, set[str]], start: Iterable[str]) -> set[str]:
    """All nodes of a directed graph that can be reached from some, themselves included."""
    seen: set[str] = set()
    stack = list(start)
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            stack.extend(graph[name])
    return seen
