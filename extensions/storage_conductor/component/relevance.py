"""What of the catalog stands in a specification: a statement that something said rests on.

All the rest is one command away (`storage-conductor facts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..catalog.statements import BackupMechanism, Capability, Fact, OnlineChange, Point
from ..findings import RecoveryRow
from ..findings.features import said
from ..questions.answers import Answers
from .store import Store

if TYPE_CHECKING:
    from ..schema.result import Design

# A stated size from a tenth of a limit on may meet it, a number of the draft from its half on.
NEAR, HALF = 10, 2
# The limits on what is stated as the size of an item.
_ITEM_LIMITS = (
    "item_bytes_max",
    "item_bytes_recommended",
    "row_bytes_max",
    "blob_in_table_bytes_recommended",
    "single_put_bytes_max",
)
# The draft shows these, or they hold as everybody expects: only what is missing of them is told.
_EVIDENT = (
    "cross_partition_transactions",
    "foreign_keys",
    "unique_constraints",
    "check_constraints",
    "secondary_index_strong_reads",
    "persistence",
)
_CHANGES_WITH_REFERENCES = ("add-foreign-key", "add-foreign-key-aurora")
# A new release of the server is the operator's change, not one of the component's.
_OF_THE_SERVER = re.compile(r"upgrade|patching")


class Relevant(NamedTuple):
    """The statements about one store that something said rests on.

    Args:
        limits: Limits of which a stated number is at least a tenth.
        guarantees: What the store keeps or does not keep, of what answers and model need.
        settings: Settings on which the stated recovery point or consistency depends.
        changes: Changes that can hurt data which is said to be there.
        security: Settings that protect the stated kinds of sensitive data.
        backup: The mechanisms that bring the data back in some failure.
    """

    limits: tuple[Fact, ...] = ()
    guarantees: tuple[Capability, ...] = ()
    settings: tuple[Point, ...] = ()
    changes: tuple[OnlineChange, ...] = ()
    security: tuple[Point, ...] = ()
    backup: tuple[BackupMechanism, ...] = ()


def relevant(
    item: Store, answers: Answers, design: Design | None, recovery: Sequence[RecoveryRow]
) -> Relevant:
    """Return what stands in the specification of a component about one of its stores.

    Args:
        item: The store.
        answers: What was said.
        design: The draft that follows from the model, if there is one.
        recovery: What brings the data of all stores back, by failure.
    """
    backend, rows = item.backend, [row for row in recovery if row.backend == item.name]
    kept = any(row.verdict != "rebuild" for row in rows) or not rows
    held = design is not None or bool(answers.initial_data_gb or answers.growth_gb_per_month)
    recovered = {row.mechanism for row in rows}
    aimed = answers.rpo_minutes is not None or answers.rto_minutes is not None
    return Relevant(
        limits=tuple(_limits(item, answers, design)),
        guarantees=tuple(_guarantees(item, answers, design)),
        settings=(
            *(backend.durability if _settings_decide(rows) else ()),
            *(backend.consistency if _reads_may_be_old(item, answers, design) else ()),
        ),
        changes=tuple(_changes(item, design)) if kept and held else (),
        security=tuple(_security(item, answers, design)) if answers.personal else (),
        backup=tuple(m for m in backend.backup if (aimed or held) and m.name in recovered),
    )


def _security(item: Store, answers: Answers, design: Design | None) -> Iterator[Point]:
    """Yield the settings for security that matter, all but those of features nobody speaks of."""
    drafted = [entity.name for entity in design.entities] if design else []
    for point in item.backend.security:
        if not point.spoken or said(answers, point.spoken, *drafted):
            yield point


def _settings_decide(rows: Sequence[RecoveryRow]) -> bool:
    """Tell whether a node or zone that is lost meets the recovery point by settings, if at all."""
    machines = [row for row in rows if row.failure in ("node", "zone")]
    return any(row.verdict in ("configure", "missed") for row in machines)


def _reads_may_be_old(item: Store, answers: Answers, design: Design | None) -> bool:
    """Tell whether a read must see a write that this store does not always show."""
    capability = item.backend.capability("strong_reads")
    shows = capability is not None and capability.value == "yes"
    return not shows and "strong_reads" in set(_needed(item, answers, design))


def _limits(item: Store, answers: Answers, design: Design | None) -> Iterator[Fact]:
    # Of several stores, the large items lie in the one for objects or files.
    files = item.backend.storage_type in ("object_storage", "file_system")
    sized = files or answers.storage_type != "hybrid"
    size = max(answers.average_item_bytes or 0, answers.largest_item_bytes or 0) if sized else 0
    reached = dict.fromkeys(_ITEM_LIMITS, float(size * NEAR))
    if design is not None:
        entities = [e for e in design.entities if e.store in ("", item.backend.key)]
        reached["columns_max"] = HALF * max((len(e.fields) for e in entities), default=0)
        reached["indexes_max"] = HALF * max((e.writes - 1 for e in entities), default=0)
    for fact in item.shape:
        value = item.backend.number(fact.key)
        if value is not None and reached.get(fact.key, 0) >= value:
            yield fact


def _consistencies(answers: Answers, design: Design | None) -> set[str]:
    """Return the kinds of consistency that were asked for, of all or of one pattern."""
    patterns = design.patterns if design else ()
    return {answers.consistency, *(p.consistency or "" for p in patterns)} - {""}


def _needed(item: Store, answers: Answers, design: Design | None) -> Iterator[str]:
    """Yield the keys of the guarantees that answers and model ask of a store."""
    consistencies = _consistencies(answers, design)
    if consistencies & {"strong", "read-your-writes"}:
        yield "strong_reads"
    if answers.rpo_minutes is not None:
        yield "persistence"
    if design is None:
        return
    entities = {e.entity for e in design.entities if e.store in ("", item.backend.key)}
    rules = [c for c in design.constraints if c.entity in entities]
    kinds = {rule.kind for rule in rules}
    writes = any(p.kind == "write" for p in design.patterns if p.entity in entities)
    files = item.backend.storage_type == "file_system"
    served = {p.served_kind for p in design.patterns if p.entity in entities}
    needs = {
        "multi_item_transactions": len(entities) > 1,
        "cross_partition_transactions": len(entities) > 1,
        "foreign_keys": "reference" in kinds,
        "unique_constraints": "unique" in kinds,
        "check_constraints": bool(kinds & {"check", "enum"}),
        "conditional_writes": any(
            rule.enforced_by == "application" and rule.kind in ("unique", "reference", "key")
            for rule in rules
        ),
        "secondary_index_strong_reads": "strong" in consistencies and "index" in served,
        "file_locks": files and writes,
        "atomic_rename": files and writes,
    }
    yield from (key for key, holds in needs.items() if holds)


def _guarantees(item: Store, answers: Answers, design: Design | None) -> Iterator[Capability]:
    needed = set(_needed(item, answers, design))
    for capability in item.guarantees:
        evident = capability.value == "yes" and capability.key in _EVIDENT
        if capability.key in needed and not evident:
            yield capability


def _changes(item: Store, design: Design | None) -> Iterator[OnlineChange]:
    unreferenced = design is not None and not design.relationships
    for change in item.backend.online_changes:
        needless = unreferenced and change.key in _CHANGES_WITH_REFERENCES
        if not needless and not _OF_THE_SERVER.search(change.key):
            yield change
