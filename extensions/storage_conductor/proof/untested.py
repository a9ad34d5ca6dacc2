"""What must hold and no part of a draft keeps, so that a proof of the draft says nothing of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..schema.model import Pattern
from .outcome import Promise
from .subject import Subject

_SAYS = "not tested by the draft: what the application runs must keep it"


def untested(subject: Subject) -> Iterator[Promise]:
    """Yield the rules of each entity that the application keeps, and what operations must keep."""
    cases = subject.design.constraints
    kept = Counter(case.entity for case in cases if case.enforced_by == "application")
    for entity, count in kept.items():
        name = f"{count} rule{'s' if count > 1 else ''} of {entity}"
        yield Promise("rule", name, None, _SAYS, tested=False)
    for pattern in subject.model.patterns:
        for must in _musts(pattern):
            yield Promise("rule", f"{pattern.name}: {must}", None, _SAYS, tested=False)


def _musts(pattern: Pattern) -> tuple[str, ...]:
    """Return what an operation must keep against others, in words."""
    asked = pattern.operation
    if asked.invariants:
        return asked.invariants
    if asked.atomic:
        return (f"{', '.join(asked.atomic)} change together or not at all",)
    return ("holds when callers meet",) if asked.races else ()
