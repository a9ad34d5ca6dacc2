"""Features against each other: what free text asks for at once and no store gives together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.backend import Backend
from ..schema.durations import stated_days
from ..sizing.formulas import DAYS_PER_MONTH, days_until
from ..units import days_text, duration, listed, number
from ..wording import inline
from .features import said, said_days
from .model import (
    HORIZON,
    ComponentCheck,
    FeasibilityCase,
    RuleHit,
    StoreCheck,
    Values,
    cite,
    limit,
)

if TYPE_CHECKING:
    from ..schema.model import DataModel

_CACHED_DAYS = 90
"""A retention beyond this is a promise to keep data, not the lifetime of a copy."""

_CLASSES = {
    "deep-archive": ("deep_archive",),
    "archive": ("glacier", "archive", "glacier_flexible"),
    "infrequent": ("infrequent_access", "nearline", "coldline", "cool"),
}
"""Storage classes by the feature that names them, as the ends of the facts about them."""


def _together(case: FeasibilityCase, *features: str) -> Values | None:
    """Return the words for features that are all asked for, or None."""
    quotes = [said(case.answers, feature) for feature in features]
    if not all(quotes):
        return None
    return {"first": inline(quotes[0]), "second": inline(quotes[-1])}


def _regions(case: FeasibilityCase) -> str:
    """Return the words for several regions, from the answer about them or from free text."""
    names = [item.name for item in case.answers.regions]
    return listed(names) if len(names) > 1 else said(case.answers, "several-regions")


def _denied(backend: Backend, key: str, values: Values | None) -> RuleHit | None:
    """Make the hit of features that the catalog says a store does not have together."""
    capability = backend.capability(key)
    if values is None or capability is None or capability.value == "yes":
        return None
    return cite(
        backend,
        capability,
        "infeasible" if capability.value == "no" else "risk",
        "",
        {**values, "note": capability.note},
    )


def lock_against_restore(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Locked objects against a restore to a point in time, which would have to change them."""
    asked = _together(case, "lock", "point-in-time")
    return _denied(backend, "pitr_with_object_lock", asked)


def lock_against_soft_delete(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Objects that nobody can delete, against a way back for deleted ones."""
    capability = backend.capability("object_lock")
    asked = _together(case, "lock", "soft-delete")
    if asked is None or capability is None or capability.value == "no":
        return None
    return cite(backend, capability, "contradiction", "", asked)


def vault_against_destroyed_keys(case: FeasibilityCase) -> RuleHit | None:
    """Backups that keep a key of their own, against erasure by destroying the data's key."""
    asked = _together(case, "vault", "key-destruction")
    return None if asked is None else RuleHit("contradiction", "", asked)


def durable_against_global(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """No loss, in a store whose durable clusters do not span regions, for several of them."""
    regions = _regions(case)
    if case.rpo_minutes != 0 or not regions:
        return None
    asked = {"first": "RPO 0 min", "second": inline(regions)}
    return _denied(backend, "durable_across_regions", asked)


def strong_across_regions(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Readers that must see the newest write, in a store that several regions change."""
    regions, stated = _regions(case), case.answers.consistency
    if stated != "strong" or not regions:
        return None
    asked = {"first": "strong consistency", "second": inline(regions)}
    return _denied(backend, "strong_across_regions", asked)


def append_blocks(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Appends to one object against the blocks that it may have."""
    bound, rate = limit(backend, "append_blocks_max"), case.load.writes
    if bound is None or not rate or not said(case.answers, "append"):
        return None
    days = days_until(bound.value, rate)
    if days >= HORIZON * DAYS_PER_MONTH:
        return None
    return bound.hit(
        f"{number(bound.value)} blocks ÷ {number(rate)} appends/s = {duration(days * 1_440)}",
        {"full_minutes": days * 1_440, "rate": rate},
        "risk",
    )


def append_against_restore(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Objects that are appended to, against a restore that brings back others alone."""
    appended = said(case.answers, "append")
    if not appended or case.rpo_minutes is None:
        return None
    asked = {"first": inline(appended), "second": f"RPO {duration(case.rpo_minutes)}"}
    return _denied(backend, "pitr_of_appends", asked)


def serializable_on_replicas(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Serializable transactions against reads from replicas."""
    asked = _together(case, "serializable", "replica-reads")
    return _denied(backend, "serializable_on_replicas", asked)


def sharding_against_unique(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Rows spread over shards against unique rules that only one shard can check."""
    sharded, model = said(case.answers, "sharding"), case.model_of(backend)
    entities = [entity.name for entity in model.entities if entity.unique] if model else []
    if not sharded or not entities:
        return None
    asked = {"first": inline(sharded), "second": f"unique fields of {inline(listed(entities))}"}
    return _denied(backend, "unique_across_shards", asked)


def sharding_against_transactions(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Rows spread over shards against entities that change together."""
    sharded, model = said(case.answers, "sharding"), case.model_of(backend)
    together = _atomic(model) if model else []
    if not sharded or not together:
        return None
    asked = {"first": inline(sharded), "second": f"{inline(listed(together))} as one change"}
    return _denied(backend, "cross_partition_transactions", asked)


def _atomic(model: DataModel) -> list[str]:
    """Return the names of the patterns that change several entities or none."""
    return [item.name for item in model.patterns if len(item.operation.atomic) > 1]


def eviction_of_kept(case: FeasibilityCase) -> RuleHit | None:
    """An eviction policy, which deletes under pressure, against a promise to keep."""
    evicted, days = said(case.answers, "eviction"), case.answers.retention_days
    long = case.answers.kept_for_ever or (days is not None and days > _CACHED_DAYS)
    if not evicted or (case.answers.rpo_minutes is None and not long):
        return None
    kept = inline(case.answers.common_retention) if days is None else days_text(days)
    promise = (
        f"RPO {duration(case.answers.rpo_minutes)}"
        if case.answers.rpo_minutes is not None
        else f"retention {kept}"
    )
    return RuleHit("contradiction", "", {"first": inline(evicted), "second": promise})


def expired_on_disk(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Lifetimes that are shorter than expired rows stay on disk."""
    grace, days = limit(backend, "tombstone_grace_days"), case.shortest_days
    if grace is None or not days or days > grace.value:
        return None
    factor = (days + grace.value) / days
    return grace.hit(
        f"({days_text(days)} + {number(grace.value)} days) ÷ {days_text(days)} = {number(factor)}",
        {"kept_days": days, "grace_days": grace.value, "times": factor},
        "risk",
    )


def repair_after_grace(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Repairs that are further apart than deletions are remembered."""
    grace, days = limit(backend, "tombstone_grace_days"), said_days(case.answers, "repair")
    if grace is None or days is None or days <= grace.value:
        return None
    return grace.hit(
        f"{days_text(days)} between repairs > {number(grace.value)} days",
        {"repair_days": days, "grace_days": grace.value},
        "contradiction",
    )


def minimum_days(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """A storage class that is billed for longer than an item is kept."""
    days = case.shortest_days
    for feature, ends in _CLASSES.items():
        quote = said(case.answers, feature)
        bound = limit(backend, *(f"min_storage_days_{end}" for end in ends))
        if quote and days and bound is not None and days < bound.value:
            return bound.hit(
                f"{days_text(days)} < {number(bound.value)} days billed at least",
                {"first": inline(quote), "kept_days": days, "least_days": bound.value},
                "risk",
            )
    return None


def archive_retrieval(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """A storage class that is read after hours, against a latency or a recovery time."""
    a = case.answers
    for feature, ends in _CLASSES.items():
        quote = said(a, feature)
        bound = limit(backend, *(f"retrieval_hours_{end}" for end in ends))
        late = case.rto_minutes is not None and bound and bound.value * 60 > case.rto_minutes
        if not quote or bound is None or not (late or a.latency_p99_ms):
            continue
        target = (
            f"p99 {number(a.latency_p99_ms)} ms"
            if a.latency_p99_ms
            else f"RTO {duration(case.rto_minutes or 0)}"
        )
        return bound.hit(
            f"{duration(bound.value * 60)} until it can be read > {target}",
            {"first": inline(quote), "target": target, "hours_minutes": bound.value * 60},
            "contradiction",
        )
    return None


def link_lifetime(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """How long a signed link is to work against the longest signature that the store accepts."""
    bound, days = limit(backend, "signed_link_days_max"), said_days(case.answers, "link")
    if bound is None or days is None or days <= bound.value:
        return None
    return bound.hit(
        f"{days_text(days)} > {number(bound.value)} days", {"link_days": days}, "infeasible"
    )


def restore_window(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """How long backups are kept against how far back a restore to any moment reaches.

    A standard that names a shorter time as well, within that reach, keeps older ones in stages.
    """
    kept, bound = case.demands.backup_retention_days, limit(backend, "pitr_window_days_max")
    if kept is None or bound is None or kept.value <= bound.value:
        return None
    if min(stated_days(kept.text), default=kept.value) <= bound.value:
        return None
    return bound.hit(
        f"{number(kept.value)} days > {number(bound.value)} days",
        {"backup_days": kept.value, "window_days": bound.value},
        "risk",
    )


CHECKS: tuple[ComponentCheck | StoreCheck, ...] = (
    StoreCheck(lock_against_restore),
    StoreCheck(lock_against_soft_delete),
    ComponentCheck(vault_against_destroyed_keys),
    StoreCheck(durable_against_global),
    StoreCheck(strong_across_regions),
    StoreCheck(append_blocks),
    StoreCheck(append_against_restore),
    StoreCheck(serializable_on_replicas),
    StoreCheck(sharding_against_unique),
    StoreCheck(sharding_against_transactions),
    ComponentCheck(eviction_of_kept),
    StoreCheck(expired_on_disk),
    StoreCheck(repair_after_grace),
    StoreCheck(minimum_days),
    StoreCheck(archive_retrieval),
    StoreCheck(link_lifetime),
    StoreCheck(restore_window),
)
