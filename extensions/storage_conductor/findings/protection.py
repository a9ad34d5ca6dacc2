"""Sensitive data: erasure, retention and protection against what a store does by itself."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from ..catalog.backend import Backend
from ..questions.mentions import named_beside
from ..sizing.formulas import SECONDS_PER_DAY
from ..units import days_text, listed, number
from ..wording import inline, sentence
from .features import said, stated_lock
from .model import (
    ComponentCheck,
    Demand,
    FeasibilityCase,
    RuleHit,
    StoreCheck,
    cite,
    general_limit,
    limit,
)

_NOTABLE = 0.05
"""A delay above this share of the period that it prolongs is worth a word."""

_DATED = ("retain_until", "keep_until", "retained_until", "retention_until")
"""Fields of rows that the block write-once keeps until a date of their own."""

_STATE = {"no": "off", "partial": "only where chosen"}


def retention_erasure(case: FeasibilityCase) -> RuleHit | None:
    """A duty to keep data about people against their right to have it erased."""
    deadline = general_limit("erasure_deadline_days")
    if not case.answers.erasure:
        return None
    days, name = max(_kept_days(case), default=(0.0, ""))
    if days <= deadline.value:
        return None
    kept, shown = ("ever", "for ever") if days == inf else (days, f"{number(days)} days")
    return deadline.hit(
        f"{f'{inline(name)}: ' if name else ''}{shown} > {number(deadline.value)} days",
        {"kept_days": kept, "deadline_days": deadline.value, "entity": inline(name)},
        "contradiction",
    )


def _kept_days(case: FeasibilityCase) -> Iterator[tuple[float, str]]:
    """Yield how long entities are kept that name no erasure and no duty, with their names.

    The common retention, without a name, is that of those that have no time of their own.
    """
    a, own = case.answers, case.model.entities if case.model else ()
    common = inf if a.kept_for_ever else a.retention_days
    if common and not own:
        yield common, ""
    if not own:
        return
    from ..schema.retentions import told
    from ..schema.volumes import leaves_after

    named = told(a.retention, [entity.name for entity in own])
    for entity in own:
        if entity.derived or entity.facts.erase or entity.facts.keep:
            continue
        lives = [life.seconds for life in named.get(entity.name, ()) if life.seconds]
        known = [seconds / SECONDS_PER_DAY for seconds in (leaves_after(entity), *lives) if seconds]
        if entity.facts.lifetime("ever"):
            yield inf, entity.name
        elif known:
            yield max(known), "" if max(known) == common else entity.name
        elif common and not entity.facts.lifetimes:
            yield common, ""


def _held_days(case: FeasibilityCase, backend: Backend) -> float | None:
    """Return for how many days a store keeps its entries: the longest of their own, else of all."""
    model = case.model_of(backend)
    if model is None:
        return case.answers.retention_days
    from ..schema.volumes import leaves_after

    own = (leaves_after(entity) for entity in model.entities)
    longest = max((seconds / SECONDS_PER_DAY for seconds in own if seconds), default=None)
    return longest if longest is not None else case.answers.retention_days


def locked_objects(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Objects that nobody can delete before their date against a right to erasure."""
    capability, a = backend.capability("object_lock"), case.answers
    if capability is None or capability.value == "no" or not a.erasure:
        return None
    said, days = stated_lock(a), _held_days(case, backend)
    if not said and days is None:
        return None
    stated = said or f"retention {days_text(days or 0)}"
    return cite(
        backend,
        capability,
        "contradiction" if said else "risk",
        f"stated: {inline(stated)}",
        {"said": inline(said), "versions": "" if backend.lacks("versioning") else "yes"},
    )


def held_back(case: FeasibilityCase) -> RuleHit | None:
    """A hold that somebody sets and lifts, against what ends in time or is erased meanwhile."""
    quote, a = said(case.answers, "legal-hold"), case.answers
    lives = any(entity.facts.lifetimes for entity in case.model.entities) if case.model else False
    ends = bool(a.common_retention) or lives
    if not quote or not (a.erasure or ends):
        return None
    locks = [
        inline(backend.name)
        for backend in case.backends
        if backend.family == "object"
        and (found := backend.capability("object_lock"))
        and found.value != "no"
    ]
    values = {"quote": inline(quote), "ends": "yes" if ends else "", "locks": listed(locks)}
    return RuleHit("contradiction", "", values)


def rows_written_once(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Rows that are never to be changed, in a store where whoever writes them may change them."""
    said, model = stated_lock(case.answers), case.model_of(backend)
    if backend.family != "relational" or not said or model is None or not model.patterns:
        return None
    own = [entity for entity in model.entities if not entity.derived]
    about = named_beside(case.answers, said)
    changing = [p for p in model.patterns if p.kind in ("update", "delete")]
    changed = {pattern.entity for pattern in changing}
    meant = [e for e in own if (e.name in about if about else e.name not in changed)]
    if not about:
        meant = meant or own
    if not meant or any(column.field in _DATED for e in meant for column in e.columns):
        return None
    names = {entity.name for entity in meant}
    against = [f"“{inline(p.name)}”" for p in changing if p.entity in names]
    values = {
        "said": inline(said),
        "entities": inline(listed([entity.name for entity in meant])),
        "changes": listed(against),
        "embedded": "yes" if backend.embedded else "",
    }
    return RuleHit("contradiction" if against else "risk", "", values)


def ttl_deadline(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The period after which data must be gone against the delay of automatic expiry."""
    delay, days = limit(backend, "ttl_delay_hours"), case.answers.retention_days
    if delay is None or not days or delay.value / 24 <= days * _NOTABLE:
        return None
    return delay.hit(
        f"retention {days_text(days)} + up to {number(delay.value)} h until expiry has run",
        {"kept_days": days, "delay_minutes": delay.value * 60},
        "infeasible" if delay.hard and delay.value / 24 >= days else "risk",
    )


def physical_deletion(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The time that deleted data stays on disk against the deadline of an erasure."""
    if not case.answers.erasure:
        return None
    deadline = general_limit("erasure_deadline_days")
    held = limit(backend, "tombstone_grace_days", "soft_delete_days_default")
    if held is None or held.value <= deadline.value * _NOTABLE:
        return None
    return held.hit(
        f"{number(held.value)} of {number(deadline.value)} days pass before deleted data can leave"
        " the disk",
        {"held_days": held.value, "deadline_days": deadline.value},
        "risk",
    )


def ttl_too_long(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """A lifetime beyond what the store reads as a lifetime."""
    bound, days = limit(backend, "ttl_seconds_relative_max"), case.answers.retention_days
    if bound is None or days is None or days * 86_400 <= bound.value:
        return None
    return bound.hit(
        f"{days_text(days)} = {number(days * 86_400)} s > {number(bound.value)} s",
        {"kept_days": days, "limit_days": bound.value / 86_400},
    )


def open_by_default(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Sensitive data in a store whose protection is off unless somebody turns it on."""
    if not case.answers.personal:
        return None
    off = [
        (word, capability)
        for word, key, values in (
            ("authentication", "authentication_default", ("no",)),
            ("encryption on the way", "encryption_in_transit_default", ("no",)),
            ("encryption at rest", "encryption_at_rest_default", ("no", "partial")),
        )
        if (capability := backend.capability(key)) is not None and capability.value in values
    ]
    if not off:
        return None
    return cite(
        backend,
        off[0][1],
        "risk",
        "by default: "
        + ", ".join(f"{word} {_STATE[capability.value]}" for word, capability in off),
        {
            "measures": listed([word for word, _ in off]),
            "note": ""
            if backend.security
            else " ".join(f"{sentence(word)[:-1]}: {capability.note}" for word, capability in off),
            "kinds": ", ".join(case.answers.sensitive_data),
        },
    )


def card_data(case: FeasibilityCase) -> RuleHit | None:
    """Card data brings every system that it touches under the card industry's standard."""
    if "pci" not in case.answers.sensitive_data:
        return None
    return RuleHit("risk", "", {"stores": _names(case)})


def stored_secrets(case: FeasibilityCase) -> RuleHit | None:
    """Secrets belong into a store that is made for them."""
    if "secrets" not in case.answers.sensitive_data:
        return None
    return RuleHit("risk", "", {"stores": _names(case)})


def _names(case: FeasibilityCase) -> str:
    return inline(listed([backend.name for backend in case.backends]))


def _kept(case: FeasibilityCase) -> Demand | None:
    """Return how long backups are kept, where there are any: a cache is rebuilt instead."""
    copied = case.answers.rpo_minutes is not None or any(
        backend.storage_type != "cache" for backend in case.backends
    )
    return case.demands.backup_retention_days if copied else None


def backups_outlive_erasure(case: FeasibilityCase) -> RuleHit | None:
    """The project's backup retention against the deadline of an erasure."""
    kept, deadline = _kept(case), general_limit("erasure_deadline_days")
    if kept is None or not case.answers.erasure or kept.value < deadline.value:
        return None
    hit = deadline.hit(
        f"{number(deadline.value)} - {number(kept.value)} days ="
        f" {number(deadline.value - kept.value)} days left to erase",
        {"backup_days": kept.value, "due_days": deadline.value},
        "risk",
    )
    return hit._replace(standard=kept)


def backups_outlive_retention(case: FeasibilityCase) -> RuleHit | None:
    """The project's backup retention against the period after which data must be gone."""
    kept, days = _kept(case), case.answers.retention_days
    if kept is None or days is None or not case.answers.personal or kept.value <= days:
        return None
    if backups_outlive_erasure(case):
        return None
    return RuleHit(
        "risk",
        f"{number(kept.value)} days > {number(days)} days",
        {"backup_days": kept.value, "due_days": days},
        standard=kept,
    )


CHECKS = (
    ComponentCheck(retention_erasure),
    ComponentCheck(held_back),
    StoreCheck(rows_written_once),
    StoreCheck(locked_objects),
    StoreCheck(ttl_deadline),
    StoreCheck(physical_deletion),
    StoreCheck(ttl_too_long),
    StoreCheck(open_by_default),
    ComponentCheck(card_data),
    ComponentCheck(stored_secrets),
    ComponentCheck(backups_outlive_erasure),
    ComponentCheck(backups_outlive_retention),
)
