"""How long entries of an entity are kept, against duties, requests and what ends it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from ..units import days_text, listed
from ..wording import inline
from .model import ComponentCheck, FeasibilityCase, RuleHit

if TYPE_CHECKING:
    from ..schema.model import Entity

_DAY = 86_400


_ROUNDING = 1.02
"""Three months are 90 days, or 91.3: times that differ by less are one."""


def _entities(case: FeasibilityCase, *names: str) -> tuple[Entity, ...]:
    found = case.model.entities if case.model else ()
    return tuple(entity for entity in found if not names or entity.name in names)


def duty_above_lifetime(case: FeasibilityCase) -> RuleHit | None:
    """A duty that keeps entries longer than they live."""
    found = [
        (entity, life.seconds, kept)
        for entity in _entities(case)
        if (kept := entity.facts.kept_seconds) is not None
        for life in entity.facts.lifetimes
        if life.seconds is not None and life.seconds < kept
    ]
    if not found:
        return None
    return RuleHit(
        "contradiction",
        "; ".join(
            f"{entity.name}: kept {days_text(kept / _DAY)} by duty, lives {days_text(life / _DAY)}"
            for entity, life, kept in found
        ),
        {"entities": listed(list(dict.fromkeys(entity.name for entity, _, _ in found)))},
    )


def lifetime_against_retention(case: FeasibilityCase) -> RuleHit | None:
    """What an entity says of its time against what the retention says of it by its name."""
    if not _entities(case):
        return None
    from ..schema.retentions import told

    found = []
    for name, lives in told(case.answers.retention, [e.name for e in _entities(case)]).items():
        for life, own in itertools.product(lives, _entities(case, name)[0].facts.lifetimes):
            if life.kind == own.kind and life.seconds and own.seconds:
                low, high = sorted((life.seconds, own.seconds))
                if high > low * _ROUNDING:
                    found.append((name, own, life))
    if not found:
        return None
    return RuleHit(
        "contradiction",
        "; ".join(
            f"{name}: {days_text((own.seconds or 0) / _DAY)} by `_lifetime`,"
            f" {days_text((life.seconds or 0) / _DAY)} by the retention"
            for name, own, life in found
        ),
        {"entities": listed(list(dict.fromkeys(name for name, _, _ in found)))},
    )


def retention_of_none(case: FeasibilityCase) -> RuleHit | None:
    """Parts of a retention that speak of what no entity is called, beside some that name one."""
    names = tuple(entity.name for entity in _entities(case))
    if not names or not case.answers.retention:
        return None
    from ..schema.retentions import of_none

    parts = of_none(case.answers.retention, names)
    return (
        RuleHit("missing", "", {"parts": listed([f"“{inline(part)}”" for part in parts])})
        if parts
        else None
    )


def erasure_against_duty(case: FeasibilityCase) -> RuleHit | None:
    """Entries that a person may have erased and that a duty keeps."""
    found = [entity for entity in _entities(case) if entity.facts.erase and entity.facts.keep]
    if not found:
        return None
    return RuleHit(
        "contradiction",
        "; ".join(
            f"{entity.name}: erased “{inline(entity.facts.erase)}”, kept"
            f" “{inline(entity.facts.keep)}”"
            for entity in found
        ),
        {"entities": listed([entity.name for entity in found])},
    )


def nothing_removes(case: FeasibilityCase) -> RuleHit | None:
    """Lifetimes that end by an event or a condition, in entities that no operation removes."""
    model = case.model
    found = [
        (entity, life)
        for entity in _entities(case)
        for life in entity.facts.lifetimes
        if life.kind in ("event", "condition")
        if model and not any(p.kind == "delete" or p.job for p in model.patterns_of(entity))
    ]
    if not found:
        return None
    said = [f"{entity.name} “{inline(life.text)}”" for entity, life in found]
    return RuleHit("missing", "", {"lifetimes": listed(said)})


CHECKS = (
    ComponentCheck(duty_above_lifetime),
    ComponentCheck(lifetime_against_retention),
    ComponentCheck(retention_of_none),
    ComponentCheck(erasure_against_duty),
    ComponentCheck(nothing_removes),
)
