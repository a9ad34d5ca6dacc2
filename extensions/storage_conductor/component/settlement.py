"""Decisions that somebody has taken: which of them put something in the place of a default.

A decision for the default changes nothing but its status. One for a number puts that in the place
of the default's, wherever it is used; one for what was stated does so with the stated number; one
that waits for an answer is the answer. Any other words are a design of their own: nothing of the
default is left, and the plan asks for what was decided.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..catalog.building_blocks import NONE
from ..findings import Demand, Demands
from ..markdown.outline import plain
from ..questions import hosting
from ..questions.answers import Answers, implied_type
from ..questions.settling import Settled, Unit, answered
from ..wording import inline
from .decisions import Decision
from .layout_decisions import with_layouts

if TYPE_CHECKING:
    from ..schema.result import Design

# How alike a row and a default are that has other words since; below, something else was decided.
_ALIKE = 0.6
_AGREED = re.compile(r"(?:the )?(?:default|yes|ok(?:ay)?|agreed|accepted|as proposed|confirmed)\W*")
_NUMBERS = re.compile(r"\d[\d,.]*")
# What a document of the project would state, by the decision that waits for it.
_BLOCK = "D-block-"
_SLOW, _KEPT = "D-slow-threshold", "D-backup-retention"
_COUNTED: Mapping[str, Unit] = {_SLOW: "ms", _KEPT: "days"}
NOT_WORK = ("D-missing-owner", "D-documents", _SLOW, _KEPT)
"""Decisions that bring no work of their own: a name, what documents lack, and two numbers."""


class TakenDecisions(NamedTuple):
    """Decisions that were taken, by their keys.

    Args:
        words: What was decided, as plain text, where it is not the default and has an effect.
        shown: What was decided as Markdown, as it stands in the row, where it is not the default.
        confirmed: Keys of those for the default.
        unheard: What was said of decisions that are none here, or wait for another answer.
    """

    words: Mapping[str, str] = {}
    shown: Mapping[str, str] = {}
    confirmed: frozenset[str] = frozenset()
    unheard: Mapping[str, str] = {}


NOTHING = TakenDecisions()


def taken(
    stated: Mapping[str, str], rows: Mapping[str, str], open_ones: Sequence[Decision]
) -> TakenDecisions:
    """Tell decisions that put something in the place of a default from those that confirm it.

    Args:
        stated: The answer `decisions`.
        rows: What stands in the rows that are decided, as Markdown; it goes first.
        open_ones: The decisions as they are while nothing is decided.
    """
    defaults = {item.key: plain(item.default) for item in open_ones}
    shown = {key: inline(text) for key, text in stated.items() if key in defaults}
    words = {key: stated[key] for key in shown}
    for key, text in rows.items():
        if key in defaults and text.strip():
            shown[key], words[key] = text.strip(), plain(text)
    confirmed = frozenset(key for key in words if confirms(words[key], defaults[key]))
    kept = [key for key in words if key not in confirmed]
    return TakenDecisions(
        {key: words[key] for key in kept},
        {key: shown[key] for key in kept},
        confirmed,
        {key: text for key, text in stated.items() if key not in defaults},
    )


def confirms(text: str, default: str) -> bool:
    """Tell whether words are those of a default, perhaps as an older version worded it."""
    one, other = (" ".join(each.casefold().split()).rstrip(".") for each in (text, default))
    if one == other or _AGREED.fullmatch(one):
        return True
    if [n.rstrip(".,") for n in _NUMBERS.findall(one)] != [
        n.rstrip(".,") for n in _NUMBERS.findall(other)
    ]:
        return False
    return difflib.SequenceMatcher(None, one, other).ratio() >= _ALIKE


def with_answers(
    said: Answers,
    taken: TakenDecisions,
    waiting: Sequence[Decision],
    design: Design | None,
) -> tuple[Answers, TakenDecisions]:
    """Return answers with what decisions say that wait for one, and what nothing follows from.

    Args:
        said: What was said.
        taken: The decisions that were taken.
        waiting: The decisions as they are while nothing is decided.
        design: The schema draft likewise, if there is one.
    """
    found: dict[str, Any] = {}
    words, unheard = dict(taken.words), dict(taken.unheard)
    found["entities"], followed = with_layouts(said.entities, design, words)
    for key, heard in followed.items():
        text = words.pop(key)
        if not heard:
            unheard[key] = text
    for item in waiting:
        if item.key in words and item.answers:
            given = _given(said, item.answers, words[item.key])
            found |= given
            if not given:
                unheard[item.key] = words.pop(item.key)
    for key in words.keys() & _COUNTED:
        if Settled(key, words[key]).number(_COUNTED[key]) is None:
            unheard[key] = words.pop(key)
    found |= _blocks(words, waiting)
    still_open = {k: v for k, v in said.alternatives.items() if k not in found}
    found |= {"decisions": words, "alternatives": still_open}
    return said._replace(**found), taken._replace(words=words, unheard=unheard)


def _given(said: Answers, names: tuple[str, ...], text: str) -> dict[str, Any]:
    """Return the answers that words give, of those that the stores can have."""
    if names == ("hosting",):
        found_hosting = _hosting(said, text)
        return {"hosting": found_hosting} if found_hosting else {}
    found = answered(names, text)
    if "backend" in found:
        found["storage_type"] = implied_type(found["backend"])
    return found


def _hosting(said: Answers, text: str) -> str:
    """Return the hosting of all stores by the words of a decision; empty where they name none."""
    backends = said.backends or (said.backend,)
    if not hosting.mistakes(backends, text):
        return hosting.with_names(backends, said.hosting, {"": text}) if text else ""
    if "hosting" in said.alternatives:
        fitting = _named(text, [*said.options("hosting"), *hosting.names_of(backends)])
        return fitting[0] if len(fitting) == 1 else ""
    found = {
        each.name: fitting[0]
        for each in hosting.undecided(backends, said.hosting)
        if len(fitting := _named(text, [variant.name for variant in each.hosting])) == 1
    }
    return hosting.with_names(backends, said.hosting, found) if found else ""


def _named(text: str, offered: Sequence[str]) -> list[str]:
    return [name for name in dict.fromkeys(offered) if name.casefold() in text.casefold()]


def _blocks(words: Mapping[str, str], waiting: Sequence[Decision]) -> dict[str, Any]:
    """Return the building blocks that are left where some were refused."""
    known = [item.key for item in waiting if item.key.startswith(_BLOCK)]
    refused = [key for key in known if Settled(key, words.get(key, "")).denies]
    left = tuple(key.removeprefix(_BLOCK) for key in known if key not in refused)
    return {"blocks": left or (NONE,)} if refused else {}


def with_demands(stated: Demands, said: Answers) -> Demands:
    """Return what is demanded, with the decisions about what no document says."""
    held = {key: Settled(key, text) for key, text in said.decisions.items()}
    slow = held[_SLOW].number(_COUNTED[_SLOW]) if _SLOW in held else None
    days = held[_KEPT].number(_COUNTED[_KEPT]) if _KEPT in held else None
    return stated._replace(
        slow_query_ms=stated.slow_query_ms or _demand(slow, held.get(_SLOW)),
        backup_retention_days=stated.backup_retention_days or _demand(days, held.get(_KEPT)),
    )


def _demand(value: float | None, found: Settled | None) -> Demand | None:
    return None if value is None or found is None else Demand(value, found.text)
