"""Texts that are searched for words: no index over whole values finds what stands inside them."""

from __future__ import annotations

from ..catalog.backend import Backend
from ..units import listed
from ..wording import inline
from .model import FeasibilityCase, RuleHit, StoreCheck

_FOR_WORDS = ("full-text", "fulltext", "gin")
"""Keys of the kinds of index that find words, in the catalog."""


def text_search(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Patterns that look for words inside of texts."""
    model = case.model_of(backend)
    found = [pattern for pattern in model.patterns if pattern.inside] if model else []
    if model is None or not found:
        return None
    fields = dict.fromkeys(
        f"{pattern.entity}.{model.entity(pattern.entity).column(column).field}"
        for pattern in found
        for column in pattern.inside
    )
    kind = next((point for point in backend.indexes if point.key in _FOR_WORDS), None)
    narrowed = all(pattern.equal for pattern in found)
    return RuleHit(
        "risk",
        "",
        {
            "patterns": listed([inline(pattern.name) for pattern in found]),
            "fields": listed(list(fields)),
            "reads": "all that the rest of its filter finds" if narrowed else "every entry",
            "kind": kind.title if kind else "",
        },
        backend.sources[kind.source] if kind else None,
    )


CHECKS = (StoreCheck(text_search),)
