"""Consistency and integrity: what must be seen and must hold, against what a store does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.backend import Backend
from ..units import counted, listed
from ..wording import inline
from .model import ComponentCheck, FeasibilityCase, RuleHit, StoreCheck, cite

if TYPE_CHECKING:
    from ..schema.model import Entity, Pattern

_NEEDS_FRESH = ("strong", "read-your-writes")


def strong_reads(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Readers that must see the newest write, against a store that may answer with an older one."""
    capability = backend.capability("strong_reads")
    if case.answers.consistency not in _NEEDS_FRESH or capability is None:
        return None
    if capability.value == "yes":
        return None
    return cite(
        backend,
        capability,
        "infeasible" if capability.value == "no" else "risk",
        f"stated: {case.answers.consistency}; the store: {capability.value}",
        {
            "stated": case.answers.consistency,
            "note": capability.note,
            "partly": "yes" if capability.value == "partial" else "",
        },
    )


def index_reads(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Strong reads by other fields than the key, against an index that lags behind."""
    capability, model = backend.capability("secondary_index_strong_reads"), case.model_of(backend)
    if capability is None or capability.value == "yes" or model is None:
        return None
    names = [
        pattern.name
        for pattern in model.patterns
        if _is_strong(case, pattern) and _needs_index(model.entity(pattern.entity), pattern)
    ]
    if not names:
        return None
    return cite(
        backend,
        capability,
        "infeasible" if capability.value == "no" else "risk",
        f"{len(names)} strong pattern{'s' if len(names) > 1 else ''} by other fields than the key",
        {"patterns": "; ".join(map(inline, names)), "note": capability.note},
    )


def _is_strong(case: FeasibilityCase, pattern: Pattern) -> bool:
    stated = pattern.consistency or case.answers.consistency
    return pattern.reads and stated == "strong"


def _needs_index(entity: Entity, pattern: Pattern) -> bool:
    return bool(pattern.equal) and not set(entity.key[:1]) <= set(pattern.equal)


def multi_item_transactions(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Entities that refer to each other and must agree at once, against single-item atomicity."""
    capability, model = backend.capability("multi_item_transactions"), case.model_of(backend)
    if capability is None or capability.value == "yes" or model is None:
        return None
    linked = [entity.name for entity in model.entities if entity.foreign_keys]
    if case.answers.consistency != "strong" or not linked:
        return None
    return cite(
        backend,
        capability,
        "risk",
        f"{', '.join(linked)} refer to other entities; transactions over several: "
        f"{capability.value}",
        {"entities": ", ".join(linked), "note": capability.note},
    )


def unenforced_rules(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The rules of the data model that the store does not enforce itself."""
    model = case.model_of(backend)
    if model is None or backend.storage_type == "cache":
        return None
    asked = {
        "foreign_keys": ("references", any(entity.foreign_keys for entity in model.entities)),
        "unique_constraints": ("uniqueness", any(entity.unique for entity in model.entities)),
        "check_constraints": ("checks", any(entity.checks for entity in model.entities)),
    }
    gaps = [
        (word, capability)
        for key, (word, wanted) in asked.items()
        if wanted and (capability := backend.capability(key)) and capability.value == "no"
    ]
    if not gaps:
        return None
    words = ", ".join(word for word, _ in gaps)
    return cite(
        backend,
        gaps[0][1],
        "risk",
        f"the data model asks for {words}; the store enforces none of them",
        {"rules": words, "note": gaps[0][1].note},
    )


def tool_and_references(case: FeasibilityCase) -> RuleHit | None:
    """References of the data model against a migration tool that refuses tables with them."""
    if case.model is None or "gh-ost" not in case.answers.migration_tool.casefold():
        return None
    linked = [entity.name for entity in case.model.entities if entity.foreign_keys]
    if not linked:
        return None
    return RuleHit(
        "infeasible",
        f"{len(linked)} of {counted(len(case.model.entities), 'entity')} with references",
        {"entities": listed(linked)},
    )


def between_stores(case: FeasibilityCase) -> RuleHit | None:
    """Strong consistency over stores that no transaction spans."""
    if len(case.keepers) < 2 or case.answers.consistency != "strong" or case.owner is None:
        return None
    names = inline(listed([backend.name for backend in case.keepers]))
    return RuleHit("risk", "", {"stores": names, "owner": inline(case.owner.name)})


def stale_copies(case: FeasibilityCase) -> RuleHit | None:
    """Readers that must see the newest write, and a cache that answers them."""
    copies = [backend for backend in case.backends if not case.keeps(backend)]
    fed = case.answers.storage_type == "cache" and case.answers.depends_on
    copies = copies or (list(case.backends) if fed else [])
    asked = [item for item in copies if _strong_in(case, item)]
    if not copies or not (asked or case.answers.consistency in _NEEDS_FRESH):
        return None
    cache = (asked or copies)[0]
    return RuleHit(
        "contradiction" if asked else "risk",
        "",
        {
            "cache": inline(cache.name),
            "stated": case.answers.consistency,
            "patterns": listed([f"“{inline(name)}”" for name in _strong_in(case, cache)]),
        },
    )


def _strong_in(case: FeasibilityCase, backend: Backend) -> list[str]:
    """Return the reads of what lies in a store that are themselves said to be strong."""
    model = case.model_of(backend)
    patterns = model.patterns if model else ()
    return [item.name for item in patterns if item.reads and item.consistency == "strong"]


CHECKS = (
    StoreCheck(strong_reads, keepers_only=True, routable=True),
    StoreCheck(index_reads),
    StoreCheck(multi_item_transactions),
    StoreCheck(unenforced_rules),
    ComponentCheck(tool_and_references),
    ComponentCheck(between_stores),
    ComponentCheck(stale_copies),
)
