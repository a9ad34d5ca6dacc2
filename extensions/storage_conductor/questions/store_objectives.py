"""The objectives of one store of several, where they differ from those of the component."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from ..catalog import loading
from . import rules

OBJECTIVES: Mapping[str, Callable[[Any], Any]] = {
    "rpo_minutes": rules.number,
    "rto_minutes": rules.number,
    "latency_p99_ms": rules.positive,
    "availability_percent": rules.percent,
    "retention": rules.text,
}
"""What may be stated of one store, each with the rule of the answer of that name."""

ByStore = Mapping[str, Mapping[str, Any]]


def store_objectives(value: Any) -> ByStore:
    """Return the objectives of stores, by the key that `key_of` gives their names."""
    given = rules.structure(value)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ValueError("must map each store to its objectives, as in `Redis: {rpo_minutes: 60}`")
    found: dict[str, Mapping[str, Any]] = {}
    for name, stated in given.items():
        if key_of(name) in found:
            raise ValueError(f"{rules.short(name)} is there twice")
        found[key_of(name)] = _objectives(name, stated)
    return found


def key_of(name: str) -> str:
    """Return the key of a backend of the catalog, or the name of another one in small letters."""
    heading = loading.find(name)
    return heading.key if heading else name.strip().casefold()


def _objectives(name: str, stated: Any) -> Mapping[str, Any]:
    if not isinstance(stated, Mapping) or not stated:
        raise ValueError(f"{rules.short(name)}: must map {', '.join(OBJECTIVES)} to their values")
    found = {}
    for word, value in stated.items():
        if word not in OBJECTIVES:
            close = difflib.get_close_matches(word, OBJECTIVES, n=1, cutoff=0.3)
            nearest = f"; the nearest is {close[0]}" if close else ""
            raise ValueError(f"{rules.short(name)}: unknown word {rules.short(word)}{nearest}")
        try:
            found[word] = OBJECTIVES[word](value)
        except ValueError as error:
            raise ValueError(f"{rules.short(name)}.{word}: {error}") from error
    return {word: value for word, value in found.items() if value not in (None, "")}
