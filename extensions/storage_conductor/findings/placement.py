"""Where it runs: regions that take writes, and clients that each open connections."""

from __future__ import annotations

import re

from ..catalog.backend import Backend
from ..catalog.statements import BackupMechanism
from ..sizing.model import free_connections
from ..units import listed, number
from ..wording import inline
from .features import free_texts, said
from .model import ComponentCheck, FeasibilityCase, RuleHit, StoreCheck, as_limit
from .recovery import copies

_SHORT_LIVED = re.compile(r"\b(serverless|lambda|cloud run|edge workers?|functions?)\b", re.I)


def missing_region_roles(case: FeasibilityCase) -> RuleHit | None:
    """Whether each of several regions takes writes."""
    regions = case.answers.regions
    unsaid = [inline(item.name) for item in regions if item.writes is None]
    if len(regions) < 2 or not unsaid:
        return None
    writer = next((item for item in regions if item.writes), regions[0])
    kept = all(_carriers(backend) for backend in case.keepers)
    values = {"names": listed(unsaid), "writer": inline(writer.name), "kept": "yes" if kept else ""}
    return RuleHit("missing", "", values)


def _carriers(backend: Backend) -> list[BackupMechanism]:
    """Return what keeps another region alike; a copy, which undoes a mistake too, does not."""
    return [item for item in backend.backup if "region" in item.protects and not copies(item)]


def region_mechanism(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Several regions, against what carries the writes of a store from one to another."""
    names = [inline(item.name) for item in case.answers.regions]
    several = sum(item.writes is True for item in case.answers.regions) > 1
    asked = listed(names) if len(names) > 1 else inline(said(case.answers, "several-regions"))
    if not asked or backend.family == "unknown":
        return None
    carriers = _carriers(backend)
    texts = " ".join(free_texts(case.answers)).casefold()
    words = (word for item in carriers for word in (item.name.casefold(), *item.said))
    if any(word in texts for word in words):
        return None
    first = carriers[0] if carriers else None
    kept = (item for item in backend.backup if "region" in item.protects and copies(item))
    copied = next((item.name for item in kept), "")
    values = {
        "regions": asked if len(names) > 1 else f"“{asked}”",
        "mechanism": first.name if first else "",
        "copy": copied,
        "several": "yes" if several else "",
    }
    source = backend.sources.get(first.source) if first else None
    return RuleHit("missing" if first else "risk", "", values, source)


def region_conflict(case: FeasibilityCase) -> RuleHit | None:
    """Two regions that take writes may both change one item before either knows of the other."""
    writers = [inline(item.name) for item in case.answers.regions if item.writes]
    if len(writers) < 2:
        return None
    return RuleHit("risk", "", {"names": listed(writers)})


def client_connections(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The clients, each with a connection of its own, against the server's connections."""
    clients, bound = case.answers.client_count, as_limit(free_connections(backend))
    if clients is None or bound is None or clients <= bound.value:
        return None
    return bound.hit(
        f"{number(clients)} clients × 1 connection > {number(bound.value)}",
        {"clients": float(clients)},
        "risk",
    )


def files_on_devices(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Devices of people, each with a file of its own, which alone holds what it has not sent."""
    quote = said(case.answers, "on-devices")
    return RuleHit("risk", "", {"quote": inline(quote)}) if quote and backend.embedded else None


def short_lived_clients(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """A platform that starts many short-lived instances, each with connections of its own."""
    bound = as_limit(free_connections(backend))
    if bound is None or not _SHORT_LIVED.search(case.answers.platform):
        return None
    return bound.hit(
        f"instances × their pool ≤ {number(bound.value)} connections",
        {"platform": inline(case.answers.platform)},
        "risk",
    )


CHECKS = (
    ComponentCheck(region_conflict),
    StoreCheck(region_mechanism, keepers_only=True),
    StoreCheck(client_connections),
    StoreCheck(short_lived_clients),
    StoreCheck(files_on_devices),
    ComponentCheck(missing_region_roles),
)
