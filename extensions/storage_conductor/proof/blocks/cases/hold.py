"""Hold with expiry: units are given once, ends are kept, and a crash confirms nothing by half."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

from ..trial import AT_ONCE, Trial, won

_SHORT, _LONG = 0.05, 600.0


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _race(trial, next(numbers))
    yield from _ends(trial, next(numbers), numbers)
    yield from _gives_back(trial, next(numbers), numbers)
    yield from _id_taken(trial, next(numbers), next(numbers))
    if trial.knows("unit") and won([trial.do("hold", **_held(next(numbers), "first"))]):
        yield "a unit that is not there was held"
    for after in trial.deaths("confirm"):
        yield from _dies(trial, next(numbers), next(numbers), after)


def _free(trial: Trial, slot: int) -> None:
    trial.seed("unit", id=slot, holder=None, held_until=None)


def _held(slot: int, holder: str, seconds: float = _LONG) -> dict[str, Any]:
    times = {"seconds": seconds, "milliseconds": round(seconds * 1000)}
    return {"slot_id": slot, "holder": holder, **times}


def _booking(slot: int, holder: str) -> dict[str, Any]:
    return {"slot_id": slot, "holder": holder, "id": slot}


def _race(trial: Trial, slot: int) -> Iterator[str]:
    _free(trial, slot)
    tried = [("hold", _held(slot, f"h{number}")) for number in range(AT_ONCE)]
    winners = won(trial.together(tried))
    if len(winners) != 1:
        yield f"{len(winners)} callers hold one unit"
        return
    holder = winners[0].values["holder"]
    others = [("confirm", _booking(slot, f"h{number}")) for number in range(AT_ONCE)]
    booked = [answered.values["holder"] for answered in won(trial.together(others))]
    if booked != [holder]:
        yield f"held by {holder}, confirmed by {booked}"
    yield from _whole(trial, slot, holder)
    if won([trial.do("hold", **_held(slot, "late"))]):
        yield "a confirmed unit was held again"
    if won([trial.do("release", slot_id=slot, holder=holder)]):
        yield "a confirmed unit was given back as if it were held"


def _whole(trial: Trial, slot: int, holder: str) -> Iterator[str]:
    """A confirmed unit has its one booking."""
    booked = [next(iter(row.values())) for row in trial.look("bookings", slot_id=slot)]
    if booked != [holder]:
        yield f"confirmed by {holder}, booked by {booked}"


def _ends(trial: Trial, slot: int, numbers: itertools.count[int]) -> Iterator[str]:
    _free(trial, slot)
    if not won([trial.do("hold", **_held(slot, "first", _SHORT))]):
        yield "a free unit could not be held"
    time.sleep(_SHORT * 1.5)
    if won([trial.do("confirm", **_booking(slot, "first"))]):
        yield "a hold that was over was confirmed"
    if not won([trial.do("hold", **_held(slot, "second"))]):
        yield "a hold that was over kept the unit"
    if won([trial.do("confirm", **{**_booking(slot, "first"), "id": next(numbers)})]):
        yield "one caller confirmed what another holds"
    if won([trial.do("release", slot_id=slot, holder="first")]):
        yield "one caller gave back what another holds"
    if not won([trial.do("confirm", **_booking(slot, "second"))]):
        yield "a live hold could not be confirmed"
    yield from _whole(trial, slot, "second")


def _gives_back(trial: Trial, slot: int, numbers: itertools.count[int]) -> Iterator[str]:
    _free(trial, slot)
    trial.do("hold", **_held(slot, "first"))
    if not won([trial.do("release", slot_id=slot, holder="first")]):
        yield "a hold could not be given back"
    if won([trial.do("confirm", **{**_booking(slot, "first"), "id": next(numbers)})]):
        yield "what was given back was confirmed"
    if not won([trial.do("hold", **_held(slot, "second"))]):
        yield "what was given back was still held"


def _id_taken(trial: Trial, slot: int, other: int) -> Iterator[str]:
    """A booking under an id that another one has does not take its place."""
    for each in (slot, other):
        _free(trial, each)
        trial.do("hold", **_held(each, f"of {each}"))
    trial.do("confirm", **_booking(slot, f"of {slot}"))
    same = {**_booking(other, f"of {other}"), "id": slot}
    trial.kill("confirm", trial.deaths("confirm")[-1], **same)
    yield from _whole(trial, slot, f"of {slot}")


def _dies(trial: Trial, slot: int, again: int, after: int) -> Iterator[str]:
    """After a crash the unit is confirmed with its booking, or held as before."""
    _free(trial, slot)
    trial.do("hold", **_held(slot, "first"))
    trial.kill("confirm", after, **_booking(slot, "first"))
    booked = trial.look("bookings", slot_id=slot)
    repeated = won([trial.do("confirm", **{**_booking(slot, "first"), "id": again})])
    if bool(booked) == bool(repeated):
        state = "booked and could be confirmed again" if booked else "neither booked nor held"
        yield f"after a crash after step {after + 1} of confirm it was {state}"
    yield from _whole(trial, slot, "first")
