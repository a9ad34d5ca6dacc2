"""Which ways of running a store a text names, in whatever form it writes them."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from ..catalog.feature_words import denied
from ..context.vocabulary import find_products
from ..disk.patterns import any_of
from .speech import vocabulary

SELF_MANAGED = "self-managed"


def ways_named(names: Sequence[str], text: str) -> list[tuple[str, str]]:
    """Return the ways of running something that a text names, each behind its words there.

    Args:
        names: The ways that there are, by their names in the catalog.
        text: The text.
    """
    return _ways(names, text) or _vendors(names, text)


def _ways(names: Sequence[str], text: str) -> list[tuple[str, str]]:
    """Return the ways of running something that a text names, each with its words in it."""
    pairs = zip(_patterns(*names), names, strict=True)
    found = (
        (next(filter(None, map(_meant, way.finditer(text))), None), name) for way, name in pairs
    )
    return [(match[0], name) for match, name in found if match]


def _meant(found: re.Match[str]) -> re.Match[str] | None:
    """Return words for a way of running something unless those around deny them."""
    text = found.string
    return None if denied(text[: found.start()], text[found.end() :]) else found


def _vendors(names: Sequence[str], text: str) -> list[tuple[str, str]]:
    """Return the same for a text that names the product alone of which one way is a kind."""
    found = []
    for hit in find_products(text):
        said = hit.product.name.casefold()
        fitting = [name for name in names if said in name.casefold()]
        meant = not denied(text[: hit.start], text[hit.end :])
        if "hosting" in hit.product.kinds and len(fitting) == 1 and meant:
            found.append((text[hit.start : hit.end], fitting[0]))
    return found


@functools.cache
def _patterns(*names: str) -> list[re.Pattern[str]]:
    """Return how each way is written, with or without its vendor, and not as part of another."""
    vendors = "|".join(map(re.escape, vocabulary().vendors))
    found = []
    for name in names:
        if name == SELF_MANAGED:
            found.append(any_of(vocabulary().self_managed))
            continue
        core = re.sub(rf"^(?:{vendors})\s", "", name)
        longer = [other.partition(name)[2] for other in names if other.startswith(f"{name} ")]
        after = "|".join(map(re.escape, longer))
        ahead = rf"(?!\w|{after})" if after else r"(?!\w)"
        found.append(re.compile(rf"\b(?:(?:{vendors})\s+)?{re.escape(core)}{ahead}", re.IGNORECASE))
    return found
