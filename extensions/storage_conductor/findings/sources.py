"""Whether what a cache holds has a source that can fill it again."""

from __future__ import annotations

from ..catalog.backend import Backend
from ..units import listed
from ..wording import inline
from .features import said
from .model import FeasibilityCase, RuleHit, StoreCheck, cite


def born_in_cache(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """A cache whose entries come into being in it, so that no source can fill it again.

    A loss that is bounded for this store has its own way back; a standard of the project has none.
    """
    quote = said(case.answers, "born-here")
    capability = backend.capability("persistence")
    alone = backend.storage_type == "cache" and not case.hybrid
    if not alone or not quote or case.answers.depends_on or case.answers.rpo_minutes is not None:
        return None
    if capability is None:
        return None
    return cite(
        backend,
        capability,
        "risk",
        "",
        {"quote": inline(quote), "kept": "" if capability.value == "no" else "yes"},
    )


def source_undecided(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Entries that callers write into a cache and nowhere else, where no source of them is named.

    What a cache is to lose at most makes it a store of its own, with backups.
    """
    names = case.written_alone(backend)
    recovered = case.keeps(backend) and case.answers.rpo_minutes is not None
    if not names or recovered or born_in_cache(case, backend):
        return None
    if said(case.answers, "sourced") or (case.answers.depends_on and not case.hybrid):
        return None
    return RuleHit("missing", "", {"entities": inline(listed(list(names)))})


CHECKS = (StoreCheck(born_in_cache), StoreCheck(source_undecided))
