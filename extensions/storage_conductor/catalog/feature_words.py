"""Words by which free text asks for a feature, and those that deny it: `catalog/features.yml`."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

from .entry import CatalogEntry
from .reading import CATALOG, load

_NEAR = 24
"""Characters before a word in which a denial of it stands: `without any sharding`."""

_VERB = "(?:is|are|was|were|wird|werden|ist|sind|n'est|ne sont|es|son)"


class FeatureWords(CatalogEntry):
    """The words for each feature, and those that deny what stands beside them."""

    features: Mapping[str, tuple[str, ...]]
    file_names: tuple[str, ...]
    file_fields: tuple[str, ...]
    denials: tuple[str, ...]
    only: tuple[str, ...]
    absent: tuple[str, ...]
    done: tuple[str, ...]


@functools.cache
def feature_words() -> FeatureWords:
    """Return the words of the catalog."""
    return load(FeatureWords, CATALOG / "features.yml")


def denied(before: str, after: str = "") -> bool:
    """Tell whether the words before something, or behind it as its label, deny it."""
    return _denials().search(before[-_NEAR:]) is not None or bool(absent(after))


def absent(after: str) -> str:
    """Return the words behind something by which there is none, `: none`; empty without any."""
    found = _absent().match(after)
    return found[0].rstrip(" .,;)!|\n") if found else ""


def denial() -> str:
    """Return a regular expression for a word that denies what comes after it."""
    known = feature_words()
    return rf"\b(?:{_any(known.denials)})\b(?!\s+(?:{_any(known.only)})\b)"


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


@functools.cache
def _denials() -> re.Pattern[str]:
    return re.compile(rf"{denial()}[\w\s]*$", re.IGNORECASE)


@functools.cache
def _absent() -> re.Pattern[str]:
    known = feature_words()
    no, done = _any(known.absent), _any(known.done)
    # `: none`, `(PII) - not stored`; then nothing more is said of it.
    label = rf"\s*(?:\([^()]{{0,60}}\)\s*)?(?:[:=?]|[-–—]\s)\s*(?:{no})(?:\s+(?:{done}))?"
    clause = rf"\s+(?:{_VERB}\s+(?:{no}|pas)|no\s+se)\s+(?:{done})\b"
    return re.compile(rf"{label}\s*(?:[.,;)!|\n]|$)|{clause}", re.IGNORECASE)
