"""Answers that matter for this kind of component and were not given; few, and chosen by type."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping

from ..catalog.backend import Backend
from ..catalog.feature_words import near_place
from ..sizing.entities import counted, entity_gb, entries_at_once, item_bytes
from ..units import listed
from ..wording import inline
from .model import (
    ComponentCheck,
    ComponentRule,
    FeasibilityCase,
    RuleHit,
    StoreCheck,
    cite,
    limit,
    without_nodes,
)

_SIDES = ("reads", "writes")
_LISTED = re.compile(r", | and ")
_KEYED = ("document", "key_value", "wide_column")
"""Families whose data model follows from the access patterns, not from the entities."""

_BY_MEANING = re.compile(
    r"\b(embeddings?|(semantic|similarity|vector) (search|index)|nearest neighbou?rs?|pgvector)\b",
    re.I,
)

# What each type needs to know even when only the few questions were asked, and what more in full.
_QUICK = {
    "database": ("sensitive-data", "volume", "recovery"),
    "object_storage": ("sensitive-data", "volume", "largest-item"),
    "cache": ("sensitive-data", "lifetime", "volume"),
    "file_system": ("sensitive-data", "volume", "recovery"),
    "hybrid": ("sensitive-data", "volume", "recovery"),
}
_FULL = {
    "database": ("data-model", "rates", "peak", "latency", "availability", "retention"),
    "object_storage": ("rates", "peak", "retention", "recovery", "availability"),
    "cache": ("rates", "peak", "latency", "largest-item"),
    "file_system": ("rates", "peak", "largest-item", "retention", "availability"),
    "hybrid": ("data-model", "rates", "peak", "availability", "retention", "consistency"),
}


def _asked(case: FeasibilityCase, what: str) -> bool:
    """Tell whether an answer matters for this component."""
    a = case.answers
    if what in _QUICK[a.storage_type] or (a.detail == "full" and what in _FULL[a.storage_type]):
        return True
    keyed = any(backend.family in _KEYED for backend in case.keepers)
    database = a.storage_type == "database"
    extra = {
        "data-model": database and keyed,
        "consistency": database and keyed and a.detail == "full",
        "largest-item": database and keyed and a.detail == "full",
        "retention": a.personal and a.storage_type != "cache",
        "owner": a.personal or (a.detail == "full" and a.storage_type != "cache"),
    }
    return extra.get(what, False)


def _when_asked(unanswered: Callable[[FeasibilityCase], str]) -> ComponentRule:
    """Make a rule of a function that returns the names of the answers that were not given."""
    what = unanswered.__name__.removeprefix("missing_").replace("_", "-")

    @functools.wraps(unanswered)
    def rule(case: FeasibilityCase) -> RuleHit | None:
        names = unanswered(case) if _asked(case, what) else ""
        named = [name for name in _LISTED.split(names) if name not in case.open_names]
        names = listed(named)
        values: dict[str, str | float] = {"names": names, **_more(case, what)}
        return RuleHit("missing", "", values) if names else None

    return rule


def _other_rate(case: FeasibilityCase) -> str:
    """Name the side of the load that is known, where only one is."""
    known = {"reads": case.load.peak_reads, "writes": case.load.peak_writes}
    sides = [side for side, rate in known.items() if rate]
    return sides[0] if len(sides) == 1 else ""


def _more(case: FeasibilityCase, what: str) -> dict[str, str | float]:
    """What the default says beside the names of the answers."""
    if what == "rates":
        return {"other": _other_rate(case)}
    if what == "peak":
        sides = [w for w, open_one in zip(_SIDES, case.load.averaged, strict=True) if open_one]
        told = case.load.peak_reads is not None and case.load.peak_writes is not None
        return {"side": sides[0] if len(sides) == 1 and told else ""}
    if what == "largest-item":
        bounds = [limit(b, "item_bytes_recommended", "item_bytes_max") for b in case.keepers]
        return {"limit_bytes": min((bound.value for bound in bounds if bound), default="")}
    if what == "volume":
        nodeless = bool(case.keepers) and all(map(without_nodes, case.keepers))
        begins = case.load.initial_gb is None and case.load.growth_gb is not None
        return {
            "nodeless": "yes" if nodeless else "",
            "lacking": _lacking(case),
            "sizes": inline(listed(_sizeless(case))),
            "empty": "yes" if begins else "",
            "first_gb": case.load.first_gb or "",
        }
    return {}


def _lacking(case: FeasibilityCase) -> str:
    """Name the entities that lack a number, where others have a count and a size."""
    entities = counted(case.model) if case.model else ()
    average = case.answers.average_item_bytes
    known = [item for item in entities if entity_gb(item, average) is not None]
    if not known or case.load.initial_gb is not None:
        return ""
    rest = [item for item in entities if item not in known]
    kinds = {
        "count": [item for item in rest if item.facts.count is None and item_bytes(item, average)],
        "size": [item for item in rest if item.facts.count is not None],
        "count and size": [
            item for item in rest if item.facts.count is None and not item_bytes(item, average)
        ],
    }
    return "".join(
        f"; no {kind} of {listed([inline(item.name) for item in found])}"
        for kind, found in kinds.items()
        if found
    )


@_when_asked
def missing_sensitive_data(case: FeasibilityCase) -> str:
    """Whether the data concerns people, health, cards or secrets."""
    return "" if case.answers.sensitive_data else "sensitive_data"


@_when_asked
def missing_volume(case: FeasibilityCase) -> str:
    """The volume now and its growth; of a cache, the volume alone."""
    a = case.answers
    # What leaves as it comes is bounded by the writes of a retention; no growth has to be stated.
    grown = case.load.live_gb if case.load.growth_gb is None else case.load.growth_gb
    names = {"initial_data_gb": case.load.initial_gb, "growth_gb_per_month": grown}
    if a.storage_type == "cache" and (case.load.initial_gb is not None or _held_at_once(case)):
        return ""
    return "average_item_bytes" if _sizeless(case) else _unanswered(names)


def _held_at_once(case: FeasibilityCase) -> bool:
    """Tell whether what a cache holds at once follows from its entities."""
    model, average = case.model, case.answers.average_item_bytes
    if model is None or not (entities := counted(model)):
        return False
    return all(
        item_bytes(entity, average) is not None and entries_at_once(model, entity) is not None
        for entity in entities
    )


def _sizeless(case: FeasibilityCase) -> list[str]:
    """Name the entities whose size is all that lacks of the volume and its growth."""
    a, entities = case.answers, counted(case.model) if case.model else ()
    told = entities and all(item.facts.count is not None for item in entities)
    growing = any(item.facts.growth is not None for item in entities)
    stated = a.initial_data_gb is not None or a.growth_gb_per_month is not None
    if stated or not told or not growing:
        return []
    return [e.name for e in entities if item_bytes(e, a.average_item_bytes) is None]


@_when_asked
def missing_recovery(case: FeasibilityCase) -> str:
    """RPO and RTO, where the standards do not state them for all components."""
    a, s = case.answers, case.demands
    return _unanswered(
        {
            "rpo_minutes": s.rpo_minutes if a.rpo_minutes is None else a.rpo_minutes,
            "rto_minutes": s.rto_minutes if a.rto_minutes is None else a.rto_minutes,
        },
        case,
    )


@_when_asked
def missing_data_model(case: FeasibilityCase) -> str:
    """The entities and how they are accessed."""
    a = case.answers
    return _unanswered(
        {"entities": a.entities or None, "access_patterns": a.access_patterns or None}
    )


@_when_asked
def missing_rates(case: FeasibilityCase) -> str:
    """The average load."""
    load = case.load
    reads = load.peak_reads if load.reads is None else load.reads
    writes = load.peak_writes if load.writes is None else load.writes
    return _unanswered({"reads_per_second": reads, "writes_per_second": writes})


@_when_asked
def missing_peak(case: FeasibilityCase) -> str:
    """The peak above an average that was stated."""
    stated = case.load.peak_total is not None
    return "peak_factor" if stated and not case.load.peaks_known else ""


@_when_asked
def missing_latency(case: FeasibilityCase) -> str:
    """The latency that callers need."""
    asked = case.model.patterns if case.model else ()
    if any(pattern.operation.p99_ms for pattern in asked):
        return ""
    return _unanswered({"latency_p99_ms": case.answers.latency_p99_ms}, case)


@_when_asked
def missing_availability(case: FeasibilityCase) -> str:
    """The availability."""
    return _unanswered({"availability_percent": case.answers.availability_percent}, case)


@_when_asked
def missing_consistency(case: FeasibilityCase) -> str:
    """Whether readers must see the newest write."""
    return "" if case.answers.consistency else "consistency"


@_when_asked
def missing_largest_item(case: FeasibilityCase) -> str:
    """The size of the largest item."""
    return _unanswered({"largest_item_bytes": case.answers.largest_item_bytes})


@_when_asked
def missing_retention(case: FeasibilityCase) -> str:
    """How long the data is kept, as a whole or entity by entity."""
    return "" if case.answers.retention or _some_live(case) else "retention"


@_when_asked
def missing_lifetime(case: FeasibilityCase) -> str:
    """How long an entry of a cache may live."""
    return "" if case.answers.retention or _some_live(case) else "retention"


def _some_live(case: FeasibilityCase) -> bool:
    """Tell whether an entity says how long one of it is kept."""
    entities = case.model.entities if case.model else ()
    return any(entity.ttl_seconds or entity.facts.lifetimes for entity in entities)


@_when_asked
def missing_owner(case: FeasibilityCase) -> str:  # noqa: ARG001 - no answer of the questionnaire says it
    """Who answers for the data."""
    return "the person who answers for this data"


def _unanswered(answers: Mapping[str, object], case: FeasibilityCase | None = None) -> str:
    """Name the answers that nobody gave, for the component or for each of its stores."""
    own = [case.answers.own(b.key, b.name) for b in case.keepers] if case else []
    parts = {name for name in answers if own and all(name in stated for stated in own)}
    return " and ".join(n for n, value in answers.items() if value is None and n not in parts)


def backend_unlisted(case: FeasibilityCase, backend: Backend) -> RuleHit | None:  # noqa: ARG001 - a store rule
    """A store that the catalog knows nothing about."""
    if backend.family != "unknown":
        return None
    return RuleHit("missing", "")


def backend_unmaintained(case: FeasibilityCase, backend: Backend) -> RuleHit | None:  # noqa: ARG001 - a store rule
    """A store that nobody mends any more."""
    capability = backend.capability("maintained")
    if capability is None or capability.value == "yes":
        return None
    return cite(backend, capability, "risk", "", {"note": capability.note})


def vectors_undeclared(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Use cases that search by meaning, in a store with vectors, and no field that is one."""
    fact, a = backend.fact("vector_indexed_dimensions_max"), case.answers
    if fact is None or (case.model and case.model.vectors):
        return None
    spoken = _BY_MEANING.search(" ".join((a.description, *a.use_cases)))
    if spoken is None:
        return None
    return RuleHit(
        "missing", "", {"spoken": inline(spoken[0])}, backend.sources[fact.source], fact.applies_to
    )


def place_undeclared(case: FeasibilityCase) -> RuleHit | None:
    """Use cases that look for what is at a place, and no pattern that does."""
    a = case.answers
    if case.model and any(pattern.place for pattern in case.model.patterns):
        return None
    spoken = (near_place(text) for text in (a.description, *a.use_cases))
    said = next((found for found in spoken if found), None)
    return RuleHit("missing", "", {"spoken": inline(said[0])}) if said else None


CHECKS: tuple[ComponentCheck | StoreCheck, ...] = (
    StoreCheck(backend_unmaintained),
    StoreCheck(backend_unlisted),
    StoreCheck(vectors_undeclared),
    ComponentCheck(place_undeclared),
    ComponentCheck(missing_sensitive_data),
    ComponentCheck(missing_volume),
    ComponentCheck(missing_recovery),
    ComponentCheck(missing_data_model),
    ComponentCheck(missing_rates),
    ComponentCheck(missing_peak),
    ComponentCheck(missing_latency),
    ComponentCheck(missing_availability),
    ComponentCheck(missing_consistency),
    ComponentCheck(missing_largest_item),
    ComponentCheck(missing_retention),
    ComponentCheck(missing_lifetime),
    ComponentCheck(missing_owner),
)
