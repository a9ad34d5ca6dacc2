"""Words by which free text asks for a feature, and those that deny it: `catalog/features.yml`."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from .entry import CatalogEntry
from .reading import CATALOG, load

_NEAR = 24
"""Characters before a word in which a denial of it stands: `without any sharding`."""


class FeatureWords(CatalogEntry):
    """The words for each feature, and those that deny what comes after them."""

    features: Mapping[str, tuple[str, ...]]
    denials: tuple[str, ...]


@functools.cache
def feature_words() -> FeatureWords:
    """Return the words of the catalog."""
    return load(FeatureWords, CATALOG / "features.yml")


def denied(before: str) -> bool:
    """Tell whether the words before something deny it."""
    return _denials().search(before[-_NEAR:]) is not None


@functools.cache
def _denials() -> re.Pattern[str]:
    words = "|".join(map(re.escape, feature_words().denials))
    return re.compile(rf"\b(?:{words})\b[\w\s]*$", re.IGNORECASE)
