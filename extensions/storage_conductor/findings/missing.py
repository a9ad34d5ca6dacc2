"""Answers that matter for this kind of component and were not given; few, and chosen by type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..catalog import Backend
from ..wording import inline
from .model import Case, ComponentCheck, Hit, StoreCheck, cite

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


def _asked(case: Case, what: str) -> bool:
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


def _sensitive_data(case: Case) -> str:
    return "" if case.answers.sensitive_data else "sensitive_data"


def _volume(case: Case) -> str:
    a = case.answers
    names = {"initial_data_gb": a.initial_data_gb, "growth_gb_per_month": a.growth_gb_per_month}
    if a.storage_type == "cache" and a.initial_data_gb is not None:
        return ""
    return _unanswered(names)


def _recovery(case: Case) -> str:
    a, s = case.answers, case.standards
    return _unanswered(
        {
            "rpo_minutes": s.rpo_minutes if a.rpo_minutes is None else a.rpo_minutes,
            "rto_minutes": s.rto_minutes if a.rto_minutes is None else a.rto_minutes,
        }
    )


def _rates(case: Case) -> str:
    a = case.answers
    return _unanswered(
        {"reads_per_second": a.reads_per_second, "writes_per_second": a.writes_per_second}
    )


def _peak(case: Case) -> str:
    stated = case.load.peak_total is not None
    return "peak_factor" if stated and case.answers.peak_factor is None else ""


def _availability(case: Case) -> str:
    stated = case.answers.availability_percent or case.standards.availability_percent
    return "" if stated else "availability_percent"


def _retention(case: Case) -> str:
    stated = case.answers.retention or case.standards.retention_days
    return "" if stated else "retention"


def _data_model(case: Case) -> str:
    a = case.answers
    return _unanswered(
        {"entities": a.entities or None, "access_patterns": a.access_patterns or None}
    )


def _unanswered(answers: Mapping[str, object]) -> str:
    return " and ".join(name for name, value in answers.items() if value is None)


_UNANSWERED: dict[str, Callable[[Case], str]] = {
    "sensitive-data": _sensitive_data,
    "volume": _volume,
    "recovery": _recovery,
    "data-model": _data_model,
    "rates": _rates,
    "peak": _peak,
    "latency": lambda case: _unanswered({"latency_p99_ms": case.answers.latency_p99_ms}),
    "availability": _availability,
    "consistency": lambda case: "" if case.answers.consistency else "consistency",
    "largest-item": lambda case: _unanswered(
        {"largest_item_bytes": case.answers.largest_item_bytes}
    ),
    "retention": _retention,
    "lifetime": lambda case: "" if case.answers.retention else "retention",
    "owner": lambda case: "the person who answers for this data",  # noqa: ARG005 - never asked
}


def _check(what: str) -> ComponentCheck:
    def rule(case: Case) -> Hit | None:
        names = _UNANSWERED[what](case) if _asked(case, what) else ""
        return Hit("missing", "", {"names": names}) if names else None

    return ComponentCheck(f"missing-{what}", rule)


def backend_unlisted(case: Case, backend: Backend) -> Hit | None:  # noqa: ARG001 - a store rule
    """A store that the catalog knows nothing about."""
    if backend.family != "unknown":
        return None
    return Hit("missing", "")


def backend_unmaintained(case: Case, backend: Backend) -> Hit | None:  # noqa: ARG001 - a store rule
    """A store that nobody mends any more."""
    capability = backend.capability("maintained")
    if capability is None or capability.value == "yes":
        return None
    return cite(backend, capability, "risk", "", {"note": capability.note})


def vectors_undeclared(case: Case, backend: Backend) -> Hit | None:
    """Use cases that search by meaning, in a store with vectors, and no field that is one."""
    fact, a = backend.fact("vector_indexed_dimensions_max"), case.answers
    if fact is None or (case.model and case.model.vectors):
        return None
    spoken = _BY_MEANING.search(" ".join((a.description, *a.use_cases)))
    if spoken is None:
        return None
    return Hit(
        "missing", "", {"spoken": inline(spoken[0])}, backend.sources[fact.source], fact.applies_to
    )


CHECKS: tuple[ComponentCheck | StoreCheck, ...] = (
    StoreCheck("backend-unmaintained", backend_unmaintained),
    StoreCheck("backend-unlisted", backend_unlisted),
    StoreCheck("vectors-undeclared", vectors_undeclared),
    *map(_check, _UNANSWERED),
)
