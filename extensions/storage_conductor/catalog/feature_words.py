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
    near: tuple[str, ...]
    inside: tuple[str, ...]
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


@functools.cache
def _near() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(feature_words().near)})(?![\w-])", re.IGNORECASE)


@functools.cache
def _inside() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(feature_words().inside)})(?![\w-])", re.IGNORECASE)


def looks_inside(text: str) -> bool:
    """Tell whether a text speaks of a search for words inside of texts, `by a word`."""
    found = _inside().search(text)
    return found is not None and not denied(text[: found.start()], text[found.end() :])


_FAR = re.compile(
    r"(\d+(?:[.,]\d+)?) ?(?:(k?m|mi)|(met(?:re|er)s?)|(kilomet(?:re|er)s?)|(miles?))\b",
    re.IGNORECASE,
)


def near_place(text: str) -> tuple[str, str] | None:
    """Return the words by which a text looks for what is at a place, and how far: `5 km`.

    Args:
        text: A sentence or two. The distance is empty where none is said.
    """
    found = _near().search(text)
    if found is None or denied(text[: found.start()], text[found.end() :]):
        return None
    far = _FAR.search(text)
    if far is None:
        return found[0], ""
    unit = far[2] or ("m" if far[3] else "km" if far[4] else "mi")
    return found[0], f"{far[1].replace(',', '.')} {unit.lower()}"


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
