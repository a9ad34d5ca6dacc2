"""What is said of each entity against what is said of all of them together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..catalog.backend import Backend
from ..sizing.entities import inserts
from ..sizing.formulas import SECONDS_PER_DAY
from ..sizing.workload import apart
from ..units import days_text, listed, number, volume_text
from ..wording import inline
from .cross import growth_below_writes
from .features import said, said_sentences
from .model import ComponentCheck, FeasibilityCase, RuleHit, StoreCheck, limit
from .sources import born_in_cache, source_undecided

if TYPE_CHECKING:
    from ..schema.durations import Lifetime
    from ..schema.model import DataModel, Entity

_SECRET = re.compile(
    r"(?:^|_)(?:token|secret|session|session_id|api_key|access_key|password|bearer)$"
)
_HASHED = re.compile(r"hash|sha|digest|hmac|encrypted", re.I)
_PAGES = 0.95
"""The hit rate at which the share of whole pages is shown: a good one."""


def time_in_key(case: FeasibilityCase) -> RuleHit | None:
    """Keys that end in a moment, which two entries of the same rest can share."""
    if case.model is None or not case.backends:
        return None
    from ..schema.notes import owning

    stores = owning(case.model, case.backends)
    written = {p.entity for p in case.model.patterns if p.changes and not p.finds_rows}
    found = [e for e in case.model.entities if e.name in written and _moment(e)]
    if not found:
        return None
    first = found[0]
    replaced = stores[first.name].family not in ("relational", "document")
    values = {
        "entities": inline(listed([entity.name for entity in found])),
        "moment": inline(_moment(first)),
        "replaced": "yes" if replaced else "",
    }
    return RuleHit("risk", "", values)


def _moment(entity: Entity) -> str:
    """Return the field of a key that is a time of day or a moment; a day is one on purpose."""
    if any(group and set(group) <= set(entity.identity) for group in entity.unique):
        return ""
    columns = [entity.column(name) for name in entity.identity]
    alone = any(column.type.name == "uuid" and column.reference is None for column in columns)
    timed = (c.field for c in columns if c.type.name in ("timestamp", "timestamptz", "time"))
    return "" if alone else next(timed, "")


def secret_in_key(case: FeasibilityCase) -> RuleHit | None:
    """Keys by which a bearer gets in, stored as they are, in a store whose keys are not secret."""
    if case.model is None or not case.backends:
        return None
    found = [
        f"{entity.name}.{column.field}"
        for entity in case.model.entities
        for column in entity.columns
        if column.name in entity.identity and column.reference is None and column.type.name != "int"
        if _SECRET.search(column.name)
        if not _HASHED.search(" ".join((column.name, dict(entity.notes).get(column.field, ""))))
    ]
    return RuleHit("risk", "", {"fields": inline(listed(found))}) if found else None


def counts_against_volume(case: FeasibilityCase) -> RuleHit | None:
    """Count × size over the entities against the volume on the first day."""
    stated, counted = case.answers.initial_data_gb, case.load.counted_gb
    if not stated or counted is None or not apart(stated, counted):
        return None
    return RuleHit(
        "contradiction",
        f"sum of count × size = {volume_text(counted)}; stated at the start: {volume_text(stated)}",
        {
            "counted_gb": counted,
            "stated_gb": stated,
            "larger_gb": case.load.initial_gb or stated,
        },
    )


def growth_against_entities(case: FeasibilityCase) -> RuleHit | None:
    """What comes of each entity against the growth of all data."""
    stated, grown = case.answers.growth_gb_per_month, case.load.grown_gb
    if not stated or grown is None or not apart(stated, grown):
        return None
    return RuleHit(
        "contradiction",
        f"{case.load.grown_text}; stated: {volume_text(stated)}",
        {
            "grown_gb": grown,
            "stated_gb": stated,
            "larger_gb": case.load.growth_gb or stated,
        },
    )


def inserts_against_growth(case: FeasibilityCase) -> RuleHit | None:
    """The rows that patterns insert into an entity against what is said to come of it."""
    for entity, rate in _inserted(case.model):
        growth = entity.facts.growth
        stated = growth.items if growth and not growth.derived else None
        if stated and rate and apart(stated, rate):
            return RuleHit(
                "contradiction",
                f"patterns: {number(rate)}/s into {entity.name}; stated: {growth and growth.text}"
                f" = {number(stated)}/s",
                {"entity": entity.name, "rate": rate, "stated_rate": stated},
            )
    return None


def count_against_lifetime(case: FeasibilityCase) -> RuleHit | None:
    """The rows of an entity against its inserts and its lifetime: three numbers, one equation."""
    # Where the growth says that few of the inserts stay, it is what counts.
    if case.model is None or growth_below_writes(case):
        return None
    from ..schema.volumes import kept_seconds, leaves_after

    for entity, rate in _inserted(case.model):
        count, written = entity.facts.count, kept_seconds(entity)
        seconds = leaves_after(entity)
        live = rate * seconds if seconds else 0.0
        # A time that runs from later on leaves at least so many: no count is too large for it.
        if count and live and apart(count, live) and (written or count < live):
            return RuleHit(
                "contradiction",
                f"{number(rate)}/s × {days_text((seconds or 0) / 86_400)} = {number(live)} live;"
                f" stated: {number(count)}",
                {
                    "entity": entity.name,
                    "live": live,
                    "count": count,
                    "larger": max(live, count),
                    "least": "" if written else "yes",
                },
            )
    return None


def _inserted(model: DataModel | None) -> list[tuple[Entity, float]]:
    """Return the entities with the rows a second that patterns insert, where all are stated."""
    found = [(entity, inserts(model, entity)) for entity in model.entities] if model else []
    return [(entity, rate) for entity, rate in found if rate]


def refresh_writes(case: FeasibilityCase) -> RuleHit | None:
    """A lifetime that runs from the last use: renewed at each read, it turns reads into writes.

    Where the updates of an entry come more often than a tenth of it anyway, no read has to.
    """
    found = [
        (reads, life.seconds / 86_400, name)
        for name, life, reads in _idle(case)
        if reads and life.seconds
    ]
    if not found:
        return None
    reads, days, name = max(found, key=lambda each: each[0])
    every = days / 10
    return RuleHit(
        "risk",
        f"{f'{inline(name)}: ' if name else ''}{number(reads)} reads/s renew as often;"
        f" a tenth of {days_text(days)} = {days_text(every)}",
        {"kept_days": days, "every_days": every, "reads": reads},
    )


def _idle(case: FeasibilityCase) -> Iterator[tuple[str, Lifetime, float | None]]:
    """Yield what lives until it is idle: an entity's name, or none for all, and its reads a second.

    An entity without rates of its own has those of the component, where it is the only one.
    """
    model = case.model
    for entity in model.entities if model else ():
        life = entity.facts.lifetime("idle")
        if model is None or life is None or _renewed(model, entity, life):
            continue
        known = sum(p.per_second or 0.0 for p in model.patterns_of(entity) if p.reads)
        alone = sum(not each.derived for each in model.entities) == 1
        yield entity.name, life, known or (case.load.reads if alone else None)
    if case.answers.common_retention:
        from ..schema.durations import retained

        for life in retained(case.answers.common_retention):
            if life.kind == "idle":
                yield "", life, case.load.reads


def _renewed(model: DataModel, entity: Entity, life: Lifetime) -> bool:
    """Tell whether each entry is written more often than a tenth of its lifetime."""
    rates = [p.per_second for p in model.patterns_of(entity) if p.kind == "update" and p.per_second]
    count, seconds = entity.facts.count, life.seconds
    if not rates or not count or not seconds:
        return False
    return count / sum(rates) <= seconds / 10


def retention_against_references(case: FeasibilityCase) -> RuleHit | None:
    """Rows that go by age while others, which stay as long or for longer, refer to them."""
    a, model = case.answers, case.model
    if model is None or a.storage_type in ("cache", "object_storage"):
        return None
    found: dict[str, float] = {}
    for entity in model.entities:
        for key in entity.foreign_keys:
            days = _referred_days(case, entity, model.entity(key.entity))
            if days is not None and key.on_delete in ("no action", "restrict"):
                found[key.entity] = days
    if not found:
        return None
    least = min(found.values())
    names = [e.name for e in model.entities if found.get(e.name) == least]
    return RuleHit(
        "risk",
        f"kept for {days_text(least)}, referred to without a cascade",
        {"entities": inline(listed(names)), "kept_days": least},
    )


def _referred_days(case: FeasibilityCase, referring: Entity, target: Entity) -> float | None:
    """Return the days after which a row goes while rows that stay may refer to it, or None.

    By one common time both go; which of them goes first is not said. A time of its own is refused
    by a store that keeps references, and by no other.
    """
    from ..schema.notes import owning
    from ..schema.volumes import leaves_after

    common = case.answers.retention_days
    own = leaves_after(target)
    if target.derived or referring.derived:
        return None
    if own is None:
        return None if target.told_how_long else common
    if case.model is None or owning(case.model, case.backends)[target.name].family != "relational":
        return None
    later = leaves_after(referring)
    if later is None and common and not referring.told_how_long:
        later = common * SECONDS_PER_DAY
    return own / SECONDS_PER_DAY if later is None or later > own else None


def revived_by_restore(case: FeasibilityCase) -> RuleHit | None:
    """What was withdrawn since, and what a restore would bring back into force."""
    names = [item.name for item in case.model.patterns] if case.model else []
    quote = said(case.answers, "withdrawal", *names)
    recovered = [item.name for item in case.keepers if item.backup and item.storage_type != "cache"]
    if not quote or not recovered:
        return None
    return RuleHit("risk", "", {"quote": inline(quote), "stores": inline(listed(recovered))})


def unowned_copy(case: FeasibilityCase) -> RuleHit | None:
    """A copy that leaves the component while people may have their data erased, or data ends."""
    a, own = case.answers, case.model.entities if case.model else ()
    quotes = [f"“{inline(text)}”" for text in said_sentences(a, "copy")]
    ends = a.retention_days is not None or any(entity.facts.lifetimes for entity in own)
    if not quotes or not (a.erasure or ends):
        return None
    return RuleHit("risk", "", {"quote": listed(quotes), "people": "yes" if a.erasure else ""})


def stale_beyond_bound(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """How old an answer may be against the lifetime of the cached copy that gives it."""
    model = case.model_of(backend)
    if backend.storage_type != "cache" or model is None or born_in_cache(case, backend):
        return None
    recovered = case.keeps(backend) and case.answers.rpo_minutes is not None
    own = case.written_alone(backend) if recovered or source_undecided(case, backend) else ()
    if recovered and not own:
        return None
    lag = limit(backend, "replication_lag_seconds_typical")
    for pattern in model.patterns:
        bound = pattern.operation.fresh_seconds
        entity = model.entity(pattern.entity)
        if entity.name in own:
            continue
        kept = entity.expires_seconds or (case.answers.retention_days or 0) * 86_400
        parts = {"replication": lag.value if lag else 0.0, **_feeding(case, entity)}
        more = sum(parts.values())
        if bound is not None and kept and kept + more > bound:
            told = "".join(f" + {number(value)} s {name}" for name, value in parts.items() if value)
            life = max(bound - more, bound / 10)
            return RuleHit(
                "contradiction",
                f"{number(kept)} s in the cache{told} > {number(bound)} s",
                {
                    "pattern": inline(pattern.name),
                    "kept_minutes": kept / 60,
                    "bound_minutes": bound / 60,
                    "life_minutes": life / 60,
                    "late": "yes" if more >= bound else "",
                },
            )
    return None


def _feeding(case: FeasibilityCase, entity: Entity) -> dict[str, float]:
    """Return the seconds until a copy that jobs alone bring hears of a change: interval and run."""
    patterns = case.model.patterns if case.model else ()
    writing = [item for item in patterns if entity.name in item.touched and not item.reads]
    jobs = [item.operation for item in writing if item.job]
    intervals = [job.interval_seconds for job in jobs if job.interval_seconds is not None]
    if not intervals or len(jobs) < len(writing):
        return {}
    return {"between runs": min(intervals), "a run": min(job.within_seconds or 0.0 for job in jobs)}


def page_from_cache(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """A page of entries from a store that finds each by its own key."""
    model = case.model_of(backend)
    if backend.storage_type != "cache" or model is None:
        return None
    from ..schema.keyvalue import whole_in_index

    for pattern in model.patterns:
        size, rate = pattern.page_size or 0, pattern.per_second
        whole = whole_in_index(model.entity(pattern.entity), pattern, backend)
        if pattern.kind == "read" and size > 1 and rate and not whole:
            percent = _PAGES**size * 100
            return RuleHit(
                "risk",
                f"{number(rate)}/s × {size} = {number(rate * size)} look-ups/s;"
                f" 0.95^{size} = {number(percent)} %",
                {
                    "pattern": inline(pattern.name),
                    "size": float(size),
                    "lookups": rate * size,
                    "whole_percent": float(f"{percent:.2g}"),
                },
            )
    return None


def rolled_up(case: FeasibilityCase) -> RuleHit | None:
    """Patterns that are named after what is computed of each span of time, which nothing holds."""
    if case.model is None or not case.model.patterns:
        return None
    from ..schema import invariants

    names = [
        f"“{inline(item.name)}”"
        for item in case.model.patterns
        if invariants.rolled_up(item.name) and not invariants.rolled_up(item.entity)
    ]
    return RuleHit("missing", "", {"operations": listed(names)}) if names else None


CHECKS: tuple[ComponentCheck | StoreCheck, ...] = (
    ComponentCheck(time_in_key),
    ComponentCheck(secret_in_key),
    ComponentCheck(counts_against_volume),
    ComponentCheck(growth_against_entities),
    ComponentCheck(inserts_against_growth),
    ComponentCheck(count_against_lifetime),
    ComponentCheck(refresh_writes),
    ComponentCheck(retention_against_references),
    ComponentCheck(revived_by_restore),
    ComponentCheck(unowned_copy),
    ComponentCheck(rolled_up),
    StoreCheck(stale_beyond_bound),
    StoreCheck(page_from_cache),
)
