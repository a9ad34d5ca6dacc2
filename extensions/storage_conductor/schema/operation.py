"""What is said of an operation beside what it finds, and of an entity beside its fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from . import durations
from .durations import Growth, Lifetime
from .tokens import MistakeError, nearest, one_line

KEYS = (
    "answer_bytes",
    "atomic",
    "every",
    "fresh_within",
    "invariant",
    "items",
    "p99_ms",
    "peak",
    "peak_factor",
    "races",
    "serves",
    "tells",
    "within",
)
OPTIONS = ("_count", "_erase", "_growth", "_keep", "_lifetime", "_size")
_MOST = 1e12


@dataclass(frozen=True)
class Operation:
    """What an access pattern has to keep, and what it may cost.

    Args:
        peak: Times a second in its own busiest minute.
        peak_factor: How many times its average rate that is, where this was stated instead.
        p99_ms: Within how many milliseconds 99 of 100 end.
        answer_bytes: Bytes of one answer.
        atomic: Entities that change together or not at all, its own first.
        invariants: What must hold whatever others do at the same time, word for word.
        races: Whether callers meet on the same data; None where nobody said.
        fresh_seconds: How old an answer may be.
        every: When a job runs, word for word; empty for what callers ask for.
        items: Entries of one run of a job.
        within_seconds: How long a run may take.
        serves: Use cases that it serves, word for word.
        tells: Who outside of the stores is told of it, word for word.
        told_of: What they are told of, where notes take the place of a search for it.
    """

    peak: float | None = None
    peak_factor: float | None = None
    p99_ms: float | None = None
    answer_bytes: float | None = None
    atomic: tuple[str, ...] = ()
    invariants: tuple[str, ...] = ()
    races: bool | None = None
    fresh_seconds: float | None = None
    every: str = ""
    items: float | None = None
    within_seconds: float | None = None
    serves: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    told_of: str = ""

    @property
    def interval_seconds(self) -> float | None:
        """Return how often a job runs, where its words tell it."""
        return durations.interval(self.every) if self.every else None

    @property
    def guarded(self) -> bool:
        """Tell whether something must hold against others, or several entities change at once."""
        return bool(self.races or self.invariants or len(self.atomic) > 1)

    def peak_rate(self, average: float | None) -> float | None:
        """Return the times a second at its own peak, where they follow from what was stated."""
        if self.peak is None and average is not None and self.peak_factor is not None:
            return average * self.peak_factor
        return self.peak


NOTHING_ASKED = Operation()


@dataclass(frozen=True)
class EntityFacts:
    """What is said of the entries of an entity together.

    Args:
        count: How many there are.
        item_bytes: Bytes of one.
        growth: What comes.
        lifetimes: How long one is kept, the shortest time that applies.
        erase: What is erased on request, word for word.
        keep: What a duty keeps, word for word.
    """

    count: float | None = None
    item_bytes: float | None = None
    growth: Growth | None = None
    lifetimes: tuple[Lifetime, ...] = ()
    erase: str = ""
    keep: str = ""

    def lifetime(self, kind: str) -> Lifetime | None:
        """Return the lifetime of a kind, if one is stated."""
        return next((item for item in self.lifetimes if item.kind == kind), None)

    def lasting_seconds(self, kind: str) -> float | None:
        """Return the seconds of a lifetime, or of a longer duty, for which one is not removed."""
        life = self.lifetime(kind)
        known = life.seconds if life else None
        return max(known, self.kept_seconds or 0.0) if known else None

    @property
    def kept_seconds(self) -> float | None:
        """Return how long a duty keeps an entry, where its words tell one duration."""
        found = durations.lifetimes(self.keep) if self.keep else ()
        return max((item.seconds for item in found if item.seconds), default=None)


NOTHING_SAID = EntityFacts()


def parse_operation(
    values: Mapping[str, Any], entity: str, declared: Collection[str], *, job: bool
) -> Operation:
    """Read what a pattern has to keep.

    Args:
        values: The pattern as it was given.
        entity: The entity that it works on.
        declared: All entity names of the answer.
        job: Whether its `kind` says that it is a job.

    Raises:
        MistakeError: A value is not understood.
    """
    atomic = tuple(dict.fromkeys((entity, *texts(values, "atomic"))))
    for name in atomic:
        if name not in declared:
            raise MistakeError(f"atomic: unknown entity `{name}`{nearest(name, declared)}")
    every = values.get("every")
    if every is not None and not (isinstance(every, str) and every.strip()):
        raise MistakeError("`every` is a text, as in `day at 02:00` or `5 minutes`")
    if values.get("peak") is not None and values.get("peak_factor") is not None:
        raise MistakeError("`peak` and `peak_factor` say the same: give one of them")
    if values.get("items") is not None and not (job or every):
        raise MistakeError("`items` is for a job: say when it runs, as in `every: day at 02:00`")
    races = values.get("races")
    if races is not None and not isinstance(races, bool):
        raise MistakeError("`races` is true or false")
    return Operation(
        peak=read(durations.rate, values, "peak"),
        peak_factor=_number(values, "peak_factor", least=1),
        p99_ms=_number(values, "p99_ms", above=0),
        answer_bytes=read(durations.size, values, "answer_bytes"),
        atomic=atomic if values.get("atomic") else (),
        invariants=texts(values, "invariant", commas=False),
        races=races,
        fresh_seconds=read(durations.seconds, values, "fresh_within"),
        every=one_line(every or ""),
        items=read(durations.count, values, "items"),
        within_seconds=read(durations.seconds, values, "within"),
        serves=texts(values, "serves", commas=False),
        tells=texts(values, "tells"),
    )


def read(reader: Callable[[object], Any], values: Mapping[str, Any], key: str) -> Any:
    """Return what a key says, or `None` where it is not there.

    Raises:
        MistakeError: The reader refuses it; the message names the key.
    """
    if values.get(key) is None:
        return None
    try:
        return reader(values[key])
    except MistakeError as mistake:
        raise MistakeError(f"`{key}`: {mistake}") from mistake


def parse_fact(key: str, value: object) -> object:
    """Read one of `OPTIONS`.

    Raises:
        MistakeError: The value is not understood.
    """
    match key:
        case "_count":
            return durations.count(value)
        case "_size":
            return durations.size(value)
        case "_growth":
            return durations.growth(value)
        case "_lifetime":
            return durations.lifetimes(value)
        case _ if isinstance(value, str) and value.strip():
            return one_line(value)
        case _:
            raise MistakeError("a text is expected, as in `on request` or `10 years by tax law`")


def facts_of(options: Mapping[str, Any]) -> EntityFacts:
    """Return what the options of an entity say of its entries."""
    return EntityFacts(
        count=options.get("_count"),
        item_bytes=options.get("_size"),
        growth=options.get("_growth"),
        lifetimes=options.get("_lifetime", ()),
        erase=options.get("_erase", ""),
        keep=options.get("_keep", ""),
    )


def _number(
    values: Mapping[str, Any], key: str, *, least: float = 0, above: float | None = None
) -> float | None:
    value = values.get(key)
    if value is None:
        return None
    known = isinstance(value, int | float) and not isinstance(value, bool)
    if not known or not least <= value < _MOST or (above is not None and value <= above):
        bound = f"above {above:g}" if above is not None else f"{least:g} or more"
        raise MistakeError(f"`{key}` is a number, {bound}")
    return float(value)


def texts(values: Mapping[str, Any], key: str, *, commas: bool = True) -> tuple[str, ...]:
    """Return the texts of a key, which has one or a list of them.

    Args:
        values: The pattern as it was given.
        key: The key.
        commas: Whether a comma ends a text.

    Raises:
        MistakeError: There is something else.
    """
    given = values.get(key)
    if given is None:
        return ()
    if isinstance(given, str):
        given = given.split(",") if commas else [given]
    if not isinstance(given, list) or not all(isinstance(i, str) and i.strip() for i in given):
        raise MistakeError(f"`{key}` is a text or a list of texts")
    return tuple(dict.fromkeys(one_line(item) for item in given))
