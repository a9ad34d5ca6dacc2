"""How much of each known capacity the stated load takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..catalog.backend import Backend
from ..catalog.statements import Citation
from ..units import number, size_text, volume_text
from .formulas import GB, MIB
from .model import Estimate, Known, free_connections, known
from .workload import Workload

# An estimate beside the facts that it is compared with, the first that a store has.
_OF_ESTIMATES = (
    ("iops", "Disk operations", ("iops_default", "iops_max")),
    ("read-units", "Read units of a table", ("table_read_units_quota",)),
    ("write-units", "Write units of a table", ("table_write_units_quota",)),
)
# All requests at peak against what these serve.
_OF_REQUESTS = (
    ("Requests to one node", "operations_per_second_per_node"),
    ("Requests to the account", "account_requests_per_second"),
)
VOLUME = "Volume"
_OF_VOLUME = ("database_bytes_recommended", "database_bytes_max")
_OF_THROUGHPUT = ("throughput_mib_per_second_default", "throughput_mib_per_second_max")


@dataclass(frozen=True)
class Headroom:
    """A capacity of a store and what is taken of it.

    Args:
        label: What is taken.
        backend: Name of the store.
        taken: What the stated load takes, in the unit of the capacity.
        capacity: What there is.
        taken_text: The first as people read it.
        capacity_text: The second as people read it.
        kind: Whether it is a hard limit, a default, a quota or guidance.
        applies_to: Version, edition or setting that the capacity holds for.
        source: Where the capacity can be read.
    """

    label: str
    backend: str
    taken: float
    capacity: float
    taken_text: str
    capacity_text: str
    kind: str
    applies_to: str
    source: Citation | None

    @property
    def percent(self) -> float:
        """Return the share that is taken, above 100 where there is too little."""
        return self.taken / self.capacity * 100


def headroom(
    load: Workload, backends: Sequence[Backend], estimates: Sequence[Estimate]
) -> tuple[Headroom, ...]:
    """Compare what was stated or estimated with each capacity that the catalog has as a number.

    Where several stores share the load, only estimates for one of them are compared.

    Args:
        load: Rates and volumes.
        backends: The stores, each as it is at its hosting.
        estimates: What was computed for them.
    """
    alone = len(backends) == 1
    found: list[Headroom] = []
    for backend in backends:
        suffix = "" if alone else f"-{backend.key}"
        results = {item.key.removesuffix(suffix): item.result for item in estimates}
        found += _of_estimates(backend, results)
        if alone:
            found += _of_load(load, backend)
    return tuple(found)


def _of_estimates(backend: Backend, results: dict[str, float]) -> Iterator[Headroom]:
    busy, free = results.get("pool"), free_connections(backend)
    if busy is not None and free is not None:
        texts = number(busy), number(free.value)
        yield _compared("Connections in flight", backend, free, (busy, free.value), texts)
    for key, label, facts in _OF_ESTIMATES:
        taken, fact = results.get(key), known(backend, *facts)
        if taken is not None and fact is not None:
            texts = f"{number(taken)}/s", f"{number(fact.value)}/s"
            yield _compared(label, backend, fact, (taken, fact.value), texts)


def _of_load(load: Workload, backend: Backend) -> Iterator[Headroom]:
    a, peak = load.answers, load.peak_total
    for label, key in _OF_REQUESTS:
        fact = known(backend, key)
        if peak is not None and fact is not None:
            texts = f"{number(peak)}/s", f"{number(fact.value)}/s"
            yield _compared(label, backend, fact, (peak, fact.value), texts)
    volume, room = load.volume_gb(load.end_months), known(backend, *_OF_VOLUME)
    if volume is not None and room is not None:
        most = room.value / GB
        texts = f"{volume_text(volume)} {load.end_text}", volume_text(most)
        yield _compared(VOLUME, backend, room, (volume, most), texts)
    moved, offered = a.throughput_mb_per_second, known(backend, *_OF_THROUGHPUT)
    if moved is not None and offered is not None:
        taken = moved * 1e6 / MIB
        texts = f"{number(taken)} MiB/s", f"{number(offered.value)} MiB/s"
        yield _compared("Throughput", backend, offered, (taken, offered.value), texts)
    largest, item = a.largest_item_bytes, known(backend, "item_bytes_max")
    if largest is not None and item is not None:
        texts = size_text(largest), size_text(item.value)
        yield _compared("Largest item", backend, item, (largest, item.value), texts)


def _compared(
    label: str, backend: Backend, fact: Known, sides: tuple[float, float], texts: tuple[str, str]
) -> Headroom:
    held = fact.fact
    return Headroom(label, backend.name, *sides, *texts, held.kind, held.applies_to, fact.source)
