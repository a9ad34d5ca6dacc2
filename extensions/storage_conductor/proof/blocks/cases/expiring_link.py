"""Link that expires: used as often as it may be, not after its end, and never by what is stored."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Trial, won

_LONG, _SHORT = 600.0, 0.05


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _used(trial, numbers)
    yield from _stored(trial, next(numbers))
    yield from _ends(trial, numbers)
    yield from _revoked(trial, numbers)
    for after in trial.deaths("open"):
        yield from _dies(trial, next(numbers), after)


def _link(number: int, name: str = "", uses: int = 1, seconds: float = _LONG) -> dict[str, Any]:
    token = f"token {number}{name}"
    hashed = hashlib.sha256(token.encode()).hexdigest()
    times = {"seconds": seconds, "milliseconds": round(seconds * 1000)}
    mine = {"token": token, "hash": hashed, "subject": f"s{number}", "uses": uses}
    return {**mine, **times, "link": token, "longest_milliseconds": round(_LONG * 1000)}


_ids = itertools.count(1)


def _opening(link: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "open", {**link, "id": f"{link['link']}-{next(_ids)}"}


def _opened(trial: Trial, link: dict[str, Any]) -> bool:
    name, values = _opening(link)
    return trial.do(name, **values).word == DONE


def _effects(trial: Trial, link: dict[str, Any]) -> int:
    """Return how often what the link allows was done, in the store or outside it."""
    done = [sent for sent in trial.sent() if sent["link"] == link["link"]]
    return trial.count("effects", link=link["link"]) if trial.knows("effects") else len(done)


def _used(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    for uses in (1, 2):
        link = _link(next(numbers), uses=uses)
        beside = {**_link(next(numbers)), "subject": link["subject"]}
        if _opened(trial, link):
            yield "a link that nobody made was opened"
        trial.do("make", **link)
        trial.do("make", **beside)
        openings = won(trial.together([_opening(link) for _ in range(AT_ONCE)]))
        if len(openings) != uses:
            yield f"a link for {uses} was opened {len(openings)} times"
        if _effects(trial, link) != uses:
            yield f"a link for {uses} took effect {_effects(trial, link)} times"
        if _opened(trial, link):
            yield "a link that was used up was opened"
        if not _opened(trial, beside):
            yield "the use of one link used up another"


def _stored(trial: Trial, number: int) -> Iterator[str]:
    """Whoever reads the store tries each name in it as a token."""
    link = _link(number)
    trial.do("make", **link)
    for row in trial.look("stored", subject=link["subject"]):
        name = str(row["value"]).rpartition(":")[2]
        hashed = hashlib.sha256(name.encode()).hexdigest()
        if name == link["token"] or _opened(trial, {**link, "hash": hashed}):
            yield "what is stored opens the link"


def _ends(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    brief, other = _link(next(numbers), seconds=_SHORT), _link(next(numbers))
    trial.do("make", **brief)
    trial.do("make", **other)
    time.sleep(_SHORT * 2)
    if _opened(trial, brief):
        yield "a link was opened after its time"
    if trial.has("purge"):
        trial.do("purge")
    if any(brief["hash"] in str(row["value"]) for row in trial.look("stored", **brief)):
        yield "a link that is over stays for ever"
    if not _opened(trial, other):
        yield "one link ended with another"


def _revoked(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    number = next(numbers)
    first, second, other = _link(number), _link(number, " b"), _link(next(numbers))
    for link in (first, second, other):
        trial.do("make", **link)
    trial.do("revoke", **first, new_generation=f"g{number}")
    if _opened(trial, first) or _opened(trial, second):
        yield "a link was opened after it was revoked"
    if not _opened(trial, other):
        yield "one subject's revocation revoked another's link"
    again = _link(number, " c")
    trial.do("make", **again)
    if not _opened(trial, again):
        yield "a link that was made after a revocation is refused"
    kept = {"subject": first["subject"], "part": "generation"}
    if trial.knows("lives") and trial.count("lives", **kept) < 0:
        yield "a generation stays for ever"


def _dies(trial: Trial, number: int, after: int) -> Iterator[str]:
    """After a crash the link is as it was, or used; with its effect where both lie in one store."""
    link = _link(number)
    trial.do("make", **link)
    trial.kill("open", after, **_opening(link)[1])
    left = _effects(trial, link)
    again = _opened(trial, link)
    if left + again > 1 or _effects(trial, link) > 1:
        yield f"after a crash after step {after + 1} a link was used twice"
    if trial.knows("effects") and left + again != 1:
        yield f"after a crash after step {after + 1} a link is used up for nothing"
