"""How long entries live where no entity says it: by a stated retention, or by a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..catalog.backend import Backend
from ..questions.answers import Answers
from ..questions.settling import settled

if TYPE_CHECKING:
    from ..schema.model import DataModel

# Families of databases that remove a row by itself after a time that its writer sets.
_ENDING = ("key_value", "wide_column")


def kept_seconds(
    stated: Answers, model: DataModel, backends: Sequence[Backend], *, by_spans: bool = False
) -> dict[str, float]:
    """Return how long an entry is kept, by its entity, where the store itself can end it.

    Args:
        stated: What was said.
        model: The entities.
        backends: The stores as they are run.
        by_spans: Of relational stores instead, which let go of whole partitions alone.
    """
    from ..schema.durations import retained
    from ..schema.notes import owning

    found = {}
    decided = settled(stated, "ttl-undecided")
    minutes = decided.number("minutes") if decided else None
    for name, backend in owning(model, backends).items():
        if minutes and backend.storage_type == "cache":
            found[name] = minutes * 60
        own = stated.own(backend.key, backend.name).get("retention")
        said = own or ("" if len(backends) > 1 else stated.common_retention)
        ends = backend.storage_type in ("object_storage", "cache") or backend.family in _ENDING
        ends = backend.family == "relational" if by_spans else ends
        spans = retained(said) if said and ends else ()
        if len(spans) == 1 and spans[0].kind == "creation" and spans[0].seconds:
            found[name] = spans[0].seconds
    return found


def fresh_seconds(
    model: DataModel, backends: Sequence[Backend], late: Mapping[str, Sequence[float]]
) -> dict[str, float]:
    """Return for how long copies may live by D-stale-beyond-bound, by their entity.

    Args:
        model: The entities and access patterns.
        backends: The stores as they are run.
        late: How many seconds old an answer may be and for how many its copy may live, by the name
            of the store, where copies would live for longer than their readers bear.
    """
    if not late:
        return {}
    from ..schema.notes import owning

    stores = owning(model, backends)
    bounds: dict[str, float] = {}
    for pattern in model.patterns:
        bound = pattern.operation.fresh_seconds
        held = late.get(stores[pattern.entity].name)
        if bound is not None and held is not None:
            asked, life = held
            # What comes on top of the life of one copy does so for the others.
            seconds = life if bound == asked else max(bound - max(asked - life, 0), bound / 10)
            bounds[pattern.entity] = min(seconds, bounds.get(pattern.entity, seconds))
    return bounds
