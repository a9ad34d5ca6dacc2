"""Latency: the p99 against what a store needs at least, and against its pauses."""

from __future__ import annotations

from ..catalog.backend import Backend
from ..questions.answers import Answers
from ..units import listed, number, size_text, volume_text
from ..wording import inline
from .model import HORIZON, FeasibilityCase, RuleHit, StoreCheck, limit

LINE = 1e9
"""Bits a second of a fast line between a store and who reads; most lines are slower."""


def floor_ms(backend: Backend) -> float:
    """Return what an operation of a store takes at least, in milliseconds; 0 if unknown."""
    floors = (limit(backend, f"latency_{word}_floor_ms") for word in ("read", "write"))
    return max((bound.value for bound in floors if bound is not None), default=0.0)


def latency_floor(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The p99 against the latency class of the store."""
    p99, load = case.answers.latency_p99_ms, case.load
    if p99 is None:
        return None
    floors = [
        (word, bound)
        for word, key, rate in (
            ("reads", "latency_read_floor_ms", load.reads),
            ("writes", "latency_write_floor_ms", load.writes),
        )
        if rate != 0 and (bound := limit(backend, key)) is not None and p99 < bound.value
    ]
    if not floors:
        return None
    bound = max((bound for _, bound in floors), key=lambda item: item.value)
    words = " and ".join(word for word, _ in floors)
    return bound.hit(
        f"p99 {number(p99)} ms < {number(bound.value)} ms ({words})",
        {
            "p99": p99,
            "floor": bound.value,
            "kind": words,
            "others": inline(
                listed([item.name for item in case.backends if item is not backend], "or")
            ),
        },
    )


def transfer_ms(answers: Answers, backend: Backend) -> float | None:
    """Return what the bytes of the largest object take on a fast line of its reader, 1 Gbit/s."""
    size = answers.largest_item_bytes or answers.average_item_bytes
    return size * 8 / LINE * 1_000 if size and backend.family == "object" else None


def first_byte(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The p99 of reads against what the bytes of a large object take on their way."""
    a, model = case.answers, case.model_of(backend)
    needed = transfer_ms(a, backend)
    own = (p.operation.p99_ms for p in model.patterns if p.reads) if model else ()
    stated = [p99 for p99 in (a.latency_p99_ms, *own) if p99 is not None]
    if needed is None or not stated or needed <= min(stated):
        return None
    p99, size = min(stated), a.largest_item_bytes or a.average_item_bytes or 0
    return RuleHit(
        "risk",
        f"{size_text(size)} × 8 ÷ 1 Gbit/s = {number(needed)} ms > {number(p99)} ms",
        {"size_bytes": float(size), "p99": p99, "needed": needed},
    )


def fork_pause(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The pause at each snapshot, which grows with the data, against the p99."""
    p99, volume = case.answers.latency_p99_ms, case.load.volume_gb(HORIZON)
    per_gb = limit(backend, "fork_ms_per_gb")
    if p99 is None or volume is None or per_gb is None or case.hybrid:
        return None
    pause = volume * per_gb.value
    if pause <= p99:
        return None
    return per_gb.hit(
        f"{volume_text(volume)} × {number(per_gb.value)} ms = {number(pause)} ms"
        f" > {number(p99)} ms",
        {"pause": pause, "p99": p99, "most_gb": p99 / per_gb.value},
        "risk",
    )


CHECKS = (
    StoreCheck(latency_floor),
    StoreCheck(first_byte),
    StoreCheck(fork_pause),
)
