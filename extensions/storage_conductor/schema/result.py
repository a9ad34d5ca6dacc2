"""What a design says, as plain data for templates; the wording stays there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .expressions import Expression
from .shard_ways import ShardChoice
from .ways import BucketChoice, EmbedChoice, ExpiryChoice, SpreadChoice, SumChoice

FindingKey = Literal[
    "aggregate-at-read",
    "aggregate-kept",
    "approximate-nearest",
    "bucket-choice",
    "cached-result",
    "cascade-not-possible",
    "case-insensitive-unique",
    "cell-size",
    "change-by-key",
    "cross-store-reference",
    "decimal-as-float",
    "default-breaks-check",
    "deleted-in-reads",
    "embed-choice",
    "enforced-in-application",
    "exact-nearest",
    "expiry-choice",
    "expiry-windows",
    "filter-after-range",
    "filter-in-application",
    "full-scan",
    "hot-partition",
    "index-limit",
    "index-members",
    "index-not-possible",
    "index-prefix",
    "int-key-exhaustion",
    "key-beside-serial",
    "key-length",
    "key-not-numbered",
    "key-of-parent",
    "layout-choice",
    "key-total-length",
    "listing-needs-index",
    "listing-order",
    "low-selectivity",
    "mandatory-cycle",
    "metadata-size",
    "mixed-sort-directions",
    "nearest-by-circles",
    "no-page-size",
    "no-key",
    "no-patterns",
    "no-total-order",
    "other-slot",
    "nullable-key",
    "nullable-sort",
    "partial-index-lost",
    "partial-unique-lost",
    "place-by-cells",
    "place-not-indexed",
    "place-on-one-shard",
    "purge-job",
    "read-for-each-value",
    "reference-cycle",
    "shard-choice",
    "sort-after-range",
    "store-owns-nothing",
    "sparse-index",
    "spread-choice",
    "strong-read-on-index",
    "text-index-length",
    "text-key-length",
    "trailing-space",
    "ttl-attribute",
    "ttl-undecided",
    "unbounded-partition",
    "unserved",
    "uuid-variant",
    "zoneless-time",
]
"""Kinds of findings; `docs/data-model.md` says what each means."""

ReasonKind = Literal["key", "unique", "pattern", "reference", "indexed", "expiry"]
Cost = Literal["point", "page", "range", "sort", "nearest", "scan", "insert"]
"""One row by key; one page in index order; all matching rows; those and a sort; the nearest rows,
most of them; every row; a write that finds nothing first."""

ServedKind = Literal["key", "unique", "index", "table", "insert", "scan", "none"]
ArtifactKind = Literal["schema", "rollback", "indexes", "layout", "lifecycle", "upkeep"]
Proof = Literal["server", "related-server", "emulator", "validator", "grammar", "none"]
"""What the text of the artifacts is run against in this project's tests."""


Verdict = Literal["chosen", "said", "cheaper", "stale", "dearer", "larger"]


@dataclass(frozen=True)
class Finding:
    """Something a reader must know or decide.

    Args:
        key: What it is.
        subject: The entity, `Entity.field`, pattern or store it is about.
        numbers: Named numbers and words for the sentence.
    """

    key: FindingKey
    subject: str
    numbers: tuple[tuple[str, int | float | str], ...] = ()


@dataclass(frozen=True)
class Reason:
    """Why an index is there: the pattern, or the field that asked for it."""

    kind: ReasonKind
    name: str


@dataclass(frozen=True)
class IndexRow:
    """An index, or the key or unique constraint that serves as one.

    Args:
        columns: Column and direction, in order.
        why: Everything that needs it; never empty.
        writes: Structures that one insert into this entity writes, the table included.
        where: What holds for the rows that are in it; `None` for all rows.
        method: Kind of index, where it is not the usual one.
    """

    name: str
    entity: str
    table: str
    columns: tuple[tuple[str, str], ...]
    unique: bool
    kind: Literal["key", "unique", "index"]
    why: tuple[Reason, ...]
    writes: int
    where: Expression | None = None
    method: str = ""

    @property
    def serves(self) -> tuple[str, ...]:
        """Names of the patterns and fields that need it."""
        return tuple(reason.name for reason in self.why)


@dataclass(frozen=True)
class FieldRow:
    """A stored field.

    Args:
        name: As the person wrote it.
        column: The stored name.
        type: The store's type.
        constraints: In SQL-like words, such as `not null`.
        meaning: The person's note, or empty.
    """

    name: str
    column: str
    type: str
    constraints: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class RowBytes:
    """What one row takes on disk on average, page overhead included.

    Args:
        table: Bytes in the table.
        indexes: Bytes in each index by its name, but for those of some rows only.
        assumed: Fields whose texts are taken as half of their longest length.
        logged: Bytes that the log takes for the row, and for its entries, of one insert; without
            whole pages and the commit. None where that is not computed.
    """

    table: float
    indexes: dict[str, float]
    assumed: tuple[str, ...]
    logged: tuple[float, float] | None = None

    @property
    def entries(self) -> float:
        """Bytes in all indexes."""
        return sum(self.indexes.values())


@dataclass(frozen=True)
class EntityTable:
    """An entity as it is stored.

    Args:
        name: Stored name: a table, collection, key pattern, prefix or directory.
        writes: Structures that one insert writes, the table included.
        bytes: What a row takes on disk, where that is computed and its sizes are known.
        rows: How many there are when as many go as come, else in three years, or `None`.
    """

    entity: str
    name: str
    store: str
    fields: tuple[FieldRow, ...]
    note: str
    writes: int
    bytes: RowBytes | None = None
    rows: float | None = None

    @property
    def gb(self) -> float | None:
        """Bytes of all rows with their indexes in GB, where both are known."""
        if self.bytes is None or self.rows is None:
            return None
        return self.rows * (self.bytes.table + self.bytes.entries) / 1e9


@dataclass(frozen=True)
class Relationship:
    """A reference from one entity to another.

    Args:
        enforced_by: Whether the store refuses a broken reference or the application must.
    """

    entity: str
    field: str
    columns: tuple[str, ...]
    target: str
    on_delete: str
    required: bool
    one_to_one: bool
    enforced_by: Literal["store", "application"]


@dataclass(frozen=True)
class PatternRow:
    """An access pattern and what serves it.

    Args:
        peak: Times a second in its own busiest minute, where that follows from what was stated.
        sort: The order asked for, column and direction.
        served_by: Name of the index, table or key pattern; empty for none.
    """

    name: str
    entity: str
    kind: str
    per_second: float | None
    peak: float | None
    consistency: str | None
    page_size: int | None
    sort: tuple[tuple[str, str], ...]
    served_by: str
    served_kind: ServedKind
    cost: Cost


@dataclass(frozen=True)
class KeyRow:
    """A key of a store without tables, or of a table that is made for queries.

    Args:
        kind: `table`, `index`, `string`, `hash`, `sorted set`, `set`, `object` or `file`.
        partition: What must be known to find it.
        order: What its members are sorted by, with directions.
        serves: Names of the patterns.
        only: What holds for what is in it, in words; empty for everything.
        ttl_seconds: After how long it expires, or `None` for never or undecided.
        item_bytes: Estimated bytes of one member, or `None`.
        write: Command that fills it, with `<column>` in the place of values; may be empty.
        read: Command that answers the patterns, likewise.
    """

    entity: str
    name: str
    kind: str
    partition: tuple[str, ...]
    order: tuple[tuple[str, str], ...]
    serves: tuple[str, ...]
    only: str = ""
    ttl_seconds: int | None = None
    item_bytes: int | None = None
    write: str = ""
    read: str = ""


@dataclass(frozen=True)
class Layout:
    """One way to lay an entity out, and what the stated load costs in it.

    Args:
        words: What is chosen of each kind, as `_layout` takes it.
        writes: Write units a second on average, all indexes included.
        reads: Read units a second on average.
        usd: Price of these units in a month.
        stored: Bytes that one entry takes, all indexes included.
        verdict: Why it is taken or not: `chosen` by cost, `said` by a person; beside those `stale`
            where a strong read cannot be had, `dearer`, `larger` at the same price, or `cheaper`
            than what a person said.
    """

    words: tuple[str, ...]
    writes: float
    reads: float
    usd: float
    stored: float
    verdict: Verdict


@dataclass(frozen=True)
class LayoutChoice:
    """The layouts of an entity that were compared, the chosen one first.

    Args:
        uncounted: Names of the patterns whose rate or rows nobody stated.
        backend: Catalog key of the store.
    """

    entity: str
    rows: tuple[Layout, ...]
    uncounted: tuple[str, ...]
    backend: str


@dataclass(frozen=True)
class ConstraintCase:
    """A rule and a write that breaks it, for one test each.

    Args:
        name: Name in the schema, or a stable label where the store has none.
        violation: The write, as `column = value`; `<...>` stands for a value to make up.
    """

    entity: str
    name: str
    kind: Literal["not null", "unique", "check", "enum", "length", "reference", "key"]
    columns: tuple[str, ...]
    violation: str
    enforced_by: Literal["store", "application"]

    @property
    def title(self) -> str:
        """The rule in a few words that no other rule of the model has."""
        return f"`{self.name}`" if self.kind == "not null" else f"{self.kind} `{self.name}`"


@dataclass(frozen=True)
class Artifact:
    """A ready block of text.

    Args:
        language: Name for a Markdown code fence.
    """

    title: str
    language: str
    text: str
    kind: ArtifactKind

    @property
    def evident(self) -> bool:
        """Whether it does no more than drop the tables of the schema."""
        lines = self.text.splitlines()
        drops = all(line.startswith(("--", "DROP TABLE ")) for line in lines)
        return self.kind == "rollback" and drops


@dataclass(frozen=True)
class PatternUnits:
    """What one run of an access pattern consumes in a store that counts units or commands.

    Args:
        pattern: Its name.
        changes: Whether it writes.
        each: Units or commands of one run, over all tables, indexes and keys that it touches.
        indexed: Whether a secondary index answers it, which gives no strong read.
    """

    pattern: str
    changes: bool
    each: float
    indexed: bool = False


@dataclass(frozen=True)
class Design:
    """Everything about the data model that a specification and a plan print.

    Args:
        backend: Catalog key of the backend; `hybrid` for several.
        entities: In dependency order, referenced ones first.
        diagram: A Mermaid ER diagram.
        stores: Which backend owns which entity.
        layouts: Ways that were compared, for entities with more than one and a stated load.
        sums: Ways that were compared to answer what is counted or added up.
        expiries: Ways that were compared in which rows go when their time is over.
        buckets: Ways that were compared to part the rows of a partition.
        embeds: Ways that were compared to store what belongs to another document.
        spreads: Ways that were compared to spread files over directories.
        shards: Shard keys that were compared.
        clustered: Whether keys of a cache lie on several shards.
        units: What a run of each pattern consumes, where the store counts units or commands.
        proof: How far this project's tests prove artifacts of this backend; the weakest of several.
    """

    backend: str
    entities: tuple[EntityTable, ...]
    relationships: tuple[Relationship, ...]
    diagram: str
    patterns: tuple[PatternRow, ...]
    indexes: tuple[IndexRow, ...] = ()
    keys: tuple[KeyRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    constraints: tuple[ConstraintCase, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    layouts: tuple[LayoutChoice, ...] = ()
    sums: tuple[SumChoice, ...] = ()
    expiries: tuple[ExpiryChoice, ...] = ()
    buckets: tuple[BucketChoice, ...] = ()
    embeds: tuple[EmbedChoice, ...] = ()
    spreads: tuple[SpreadChoice, ...] = ()
    shards: tuple[ShardChoice, ...] = ()
    clustered: bool = False
    units: tuple[PatternUnits, ...] = ()
    order: tuple[str, ...] = ()
    stores: tuple[tuple[str, str], ...] = field(default=())
    proof: Proof = "none"

    @property
    def unchecked(self) -> bool:
        """Whether no test of this project reads artifacts of this backend."""
        return self.proof == "none"
