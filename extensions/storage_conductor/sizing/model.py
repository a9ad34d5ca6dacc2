"""What an estimate is, and the numbers that the functions behind it return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..catalog.backend import Backend
from ..catalog.rulebook import general
from ..catalog.statements import Citation, Fact
from .workload import Workload

if TYPE_CHECKING:
    from ..schema.model import DataModel
    from ..schema.result import KeyRow, PatternUnits


class Estimate(NamedTuple):
    """A number that follows from the answers, with everything needed to check it.

    Args:
        key: The same in every render; in a hybrid component it ends with the store's key.
        label: What is estimated.
        inputs: The stated numbers and facts that went in.
        arithmetic: The calculation.
        result: The number, in `unit`.
        unit: GB, MiB/s, minutes, …; empty for a count.
        shown: The result as people read it.
        formula: The formula in symbols.
        source: Where the formula or its fact can be read.
        assumptions: What the result rests on beside the inputs.
    """

    key: str
    label: str
    inputs: str
    arithmetic: str
    result: float
    unit: str
    shown: str
    formula: str
    source: Citation | None
    assumptions: tuple[str, ...]


class ComputedNumber(NamedTuple):
    """A computed number before it has its words.

    `formula` names the entry of `catalog/sizing.yml`; `key` differs from it where one formula gives
    several results.
    """

    formula: str
    inputs: str
    arithmetic: str
    result: float
    unit: str
    shown: str
    key: str = ""
    source: Citation | None = None
    values: Mapping[str, str | float] = {}


class Known(NamedTuple):
    """A numeric fact of a backend, with its label and source."""

    fact: Fact
    value: float
    source: Citation | None


def known(backend: Backend, *keys: str) -> Known | None:
    """Return the first of these facts that the backend has as a number."""
    for key in keys:
        fact, value = backend.fact(key), backend.number(key)
        if fact is not None and value is not None:
            return Known(fact, value, backend.sources.get(fact.source))
    return None


def known_generally(key: str) -> Known:
    """Return a numeric fact that belongs to no backend.

    Raises:
        KeyError: `catalog/general.yml` has no such number.
    """
    held = general()
    for fact in held.facts:
        if fact.key == key and not isinstance(fact.value, str):
            return Known(fact, float(fact.value), held.sources[fact.source])
    raise KeyError(key)


def free_connections(backend: Backend) -> Known | None:
    """Return the connections that a server leaves to the application as it is created.

    They are those that it offers, where that is a number, less those that it reserves.
    """
    stated = backend.fact("connections_default")
    offered = known(backend, "connections_default" if stated else "connections_max")
    reserved = known(backend, "connections_reserved")
    if offered is None or reserved is None:
        return offered
    return offered._replace(value=offered.value - reserved.value)


class KeptDays(NamedTuple):
    """How long what brings data back is kept, in days.

    Args:
        backups: As the project's documents say it, if they do.
        versions: Versions of objects, which are a backup.
    """

    backups: float | None = None
    versions: float = 30.0


KEPT = KeptDays()


class Job(NamedTuple):
    """What an estimate about a store may look at.

    Args:
        load: Rates and volumes.
        backend: The store, as it is hosted.
        model: The parsed entities and access patterns.
        alone: Whether no other store shares the load that was stated.
        structures: How many structures an insert into each entity writes, where a draft tells it.
        units: What a run of each access pattern consumes, where a draft tells it.
        keys: The key patterns of the draft.
        kept: How long backups are kept, and versions.
        logged: Bytes of the log of an insert into each entity, of the row and of its entries.
    """

    load: Workload
    backend: Backend
    model: DataModel | None
    alone: bool
    structures: Mapping[str, int] = {}
    units: Sequence[PatternUnits] = ()
    keys: Sequence[KeyRow] = ()
    kept: KeptDays = KEPT
    logged: Mapping[str, tuple[float, float]] = {}

    @property
    def copies(self) -> int:
        """Return the structures that one write changes at most: the entry and its indexes."""
        return max(self.structures.values(), default=1)
