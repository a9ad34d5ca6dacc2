"""How free text speaks of answers, numbers and units: the form of `catalog/mentions.yml`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Literal

from ..catalog.entry import CatalogEntry
from ..catalog.reading import CATALOG, load
from ..phases import PhaseKey


class Speech(CatalogEntry):
    """How text speaks of one answer: see the head of `catalog/mentions.yml`."""

    key: str
    answer: str
    value: str = ""
    text: bool = False
    words: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    implies: tuple[str, ...] | float = ()
    denial: Literal["", "for", "against"] = ""
    near: bool = False
    open: str = ""
    peak: bool | None = None
    also: tuple[str, ...] = ()
    settled_by: tuple[str, ...] = ()
    least: float = 0.0
    most: float = float("inf")
    decider: str
    phase: PhaseKey


class Intervals(CatalogEntry):
    """How text tells a rate by its interval; the verbs stand by the answer that they tell."""

    each: tuple[str, ...]
    aside: tuple[str, ...]
    every: tuple[str, ...]
    verbs: Mapping[str, tuple[str, ...]]


class Texts(CatalogEntry):
    """The words of what is found."""

    taken: str
    open: str
    block: str
    default_block: str
    several: str
    entity: str
    subject: str
    default_taken: str
    default_open: str
    alternatives: str
    default_alternatives: str


class Vocabulary(CatalogEntry):
    """The whole of `catalog/mentions.yml`."""

    mentions: tuple[Speech, ...]
    numbers: Mapping[str, float]
    multiples: Mapping[str, float]
    durations: Mapping[str, float]
    sizes: Mapping[str, float]
    rates: Mapping[str, float]
    per: tuple[str, ...]
    peaks: tuple[str, ...]
    decimal_comma: tuple[str, ...]
    counted: tuple[str, ...]
    intervals: Intervals
    vendors: tuple[str, ...]
    self_managed: tuple[str, ...]
    holding: tuple[str, ...]
    regions: tuple[str, ...]
    everything: tuple[str, ...]
    fillers: tuple[str, ...]
    texts: Texts


@functools.cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary of the catalog."""
    return load(Vocabulary, CATALOG / "mentions.yml")
