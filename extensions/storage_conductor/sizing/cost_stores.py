"""What each family of managed stores costs in a month, one function for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..catalog.backend import Backend
from ..catalog.statements import NodeClass
from ..units import number, size_text, volume_text
from . import formulas as f
from .cost import (
    HOURS_PER_MONTH,
    SECONDS_PER_MONTH,
    CostCase,
    CostLine,
    MonthlyCost,
    Price,
    ordered,
)
from .model import known
from .traffic import list_requests, listings
from .units import average_units

MILLION = 1e6
_BACKUP_DAYS = 35.0
"""Where the catalog tells no longest window of backups."""


def monthly_cost(case: CostCase) -> MonthlyCost | None:
    """Return what a store costs in a month, or None where no list price is known for it."""
    if not priced(case.job.backend):
        return None
    find = _FAMILIES[case.job.backend.family]
    cost = find(case)
    return cost._replace(lines=ordered(cost.lines)) if cost.lines or cost.asked else None


def priced(backend: Backend) -> bool:
    """Tell whether the catalog has list prices of a store as it is hosted, and how they add up."""
    known_price = bool(backend.node_classes) or backend.number(_STORAGE) is not None
    return known_price and backend.family in _FAMILIES


_WIDEST = 20.0  # the most by which the ends of a range of instances may differ
_STORAGE = "storage_usd_per_gb_month"


def objects(case: CostCase) -> MonthlyCost:
    """Storage, requests and transfer of an object store; beside it the class for rare reads."""
    lines = [*_storage(case), *_versions(case), *_requests(case, ""), *_transfer(case)]
    lines += _copy(case)
    unpriced = case.price("transfer_out_usd_per_gb") is None and _bytes(case, "read") is not None
    asked = (*_asked(case), *(("the price of transfer out",) if unpriced else ()))
    return MonthlyCost(case.job.backend.name, tuple(lines), _infrequent(case), asked)


def files(case: CostCase) -> MonthlyCost:
    """Storage and bytes moved of a file system."""
    lines = [*_storage(case), *_moved(case), *_copy(case)]
    return MonthlyCost(case.job.backend.name, tuple(lines), _infrequent(case), _asked(case))


def relational(case: CostCase) -> MonthlyCost:
    """Instances, storage, requests to it and backups; beside them the serverless form."""
    copied = case.servers if case.price("io_usd_per_million") is None else 1
    servers = list(_instances(case))
    lines = [*servers, *_storage(case, copied), *_reads_and_writes(case), *_backups(case)]
    asked = list(_asked(case))
    if not servers or servers[0].high != servers[0].low:
        asked.append("the instance class in `topology`")
    beside = tuple(_capacity(case)) if servers else ()
    return MonthlyCost(case.job.backend.name, tuple(lines), beside, tuple(asked))


def cache(case: CostCase) -> MonthlyCost:
    """Nodes of a cache that hold the computed memory; beside them the serverless form."""
    need = case.estimates.get("keyspace", case.estimates.get("cache-memory"))
    if need is None:
        return MonthlyCost(case.job.backend.name, (), (), ("number and size of the entries",))
    nodes = tuple(_nodes(case, need))
    return MonthlyCost(case.job.backend.name, nodes, tuple(_serverless(case, need)))


def key_value(case: CostCase) -> MonthlyCost:
    """Units that the access patterns consume in the draft, and storage."""
    job = case.job
    told = {units.pattern for units in job.units}
    called = [item for item in job.model.patterns if not item.job] if job.model else []
    whole = called and all(item.name in told and item.per_second is not None for item in called)
    asked = () if whole else ("sizes of the entities and rates of the patterns",)
    lines = (*_storage(case), *_units(case))
    return MonthlyCost(job.backend.name, lines, (), (*_asked(case), *asked))


def _units(case: CostCase) -> Iterator[CostLine]:
    for word in ("write", "read"):
        price = case.price(f"{word}_unit_usd_per_million")
        rate = average_units(case.job, word)
        if price is None or rate is None:
            continue
        yield _by_the_million(f"{word}-units", f"{word.capitalize()} units", rate, price)


_FAMILIES: dict[str, Callable[[CostCase], MonthlyCost]] = {
    "object": objects,
    "posix": files,
    "relational": relational,
    "cache": cache,
    "key_value": key_value,
}


def _line(
    key: str, label: str, text: str, amount: tuple[float, float | None], price: Price
) -> CostLine:
    return CostLine(key, label, text, *amount, price)


def _by_the_million(key: str, label: str, rate: float, price: Price) -> CostLine:
    """Return what a month of so many a second costs, of which a million have a price."""
    millions = rate * SECONDS_PER_MONTH / MILLION
    usd = millions * price.usd
    text = f"{number(rate)}/s = {number(millions)} million × {price.usd:g} USD"
    return _line(key, label, text, (usd, usd), price)


def _asked(case: CostCase) -> tuple[str, ...]:
    return () if case.volumes else ("the volume",)


def _storage(case: CostCase, copies: int = 1) -> Iterator[CostLine]:
    price, held = case.price(_STORAGE), case.volumes
    if price is None or held is None:
        return
    amount = held[0] * price.usd * copies, held[1] * price.usd * copies
    times = f" × {copies} copies" if copies > 1 else ""
    text = f"{_span(held)} × {price.usd:g} USD{times}"
    yield _line("storage", "Storage", text, amount, price)


def _span(held: tuple[float, float]) -> str:
    start, end = volume_text(held[0]), volume_text(held[1])
    return start if start == end else f"({start} to {end})"


def _requests(case: CostCase, kind: str) -> Iterator[CostLine]:
    load = case.job.load
    lists = list_requests(load)
    whole = (load.reads or 0.0) - listings(load)
    for word, rate in (("write", (load.writes or 0.0) + lists), ("read", whole)):
        price = case.price(f"{word}{kind}_usd_per_million")
        if price is None or not rate:
            continue
        named = "Write and list" if lists and word == "write" else word.capitalize()
        yield _by_the_million(f"{word}s", f"{named} requests", rate, price)


def _bytes(case: CostCase, word: str) -> float | None:
    """Return the GB of a month that are read or written, by rate and average size."""
    load = case.job.load
    size = load.answers.average_item_bytes
    rate = (load.reads or 0.0) - listings(load) if word == "read" else load.writes
    return None if not size or not rate else f.written_gb(rate, size, f.DAYS_PER_MONTH)


def _versions(case: CostCase) -> Iterator[CostLine]:
    price, held = case.price(_STORAGE), case.estimates.get("versions")
    if price is not None and held:
        text = f"0 to {volume_text(held)} × {price.usd:g} USD"
        yield _line("versions", "Old versions", text, (0.0, held * price.usd), price)


def _copy(case: CostCase) -> Iterator[CostLine]:
    """Yield a copy in another region: stored again, and everything that is written sent there."""
    price, sent = case.price(_STORAGE), case.price("transfer_region_usd_per_gb")
    held, written = case.volumes, _bytes(case, "write")
    if not case.copied or price is None or sent is None or held is None or written is None:
        return
    moved = written * sent.usd
    text = f"{_span(held)} × {price.usd:g} + {volume_text(written)} sent × {sent.usd:g} USD"
    amount = held[0] * price.usd + moved, held[1] * price.usd + moved
    yield _line("copy", "Copy in another region", text, amount, price)


def _transfer(case: CostCase) -> Iterator[CostLine]:
    price, moved = case.price("transfer_out_usd_per_gb"), _bytes(case, "read")
    if price is not None and moved is not None:
        text = f"0 within the region, else {volume_text(moved)} × {price.usd:g} USD"
        yield _line("transfer", "Transfer out", text, (0.0, moved * price.usd), price)


def _moved(case: CostCase) -> Iterator[CostLine]:
    for word in ("read", "write"):
        price, moved = case.price(f"{word}_usd_per_gb"), _bytes(case, word)
        if price is not None and moved is not None:
            usd = moved * price.usd
            text = f"{volume_text(moved)} × {price.usd:g} USD"
            text += "; what clients keep in memory costs nothing" if word == "read" else ""
            least = 0.0 if word == "read" else usd
            label = "Bytes read" if word == "read" else "Bytes written"
            yield _line(f"bytes-{word}", label, text, (least, usd), price)


def _infrequent(case: CostCase) -> tuple[CostLine, ...]:
    """Return the same load in the class for rare reads, if all its prices are known.

    Without it where objects are kept for less time than the class bills at the least.
    """
    storage = case.price("storage_infrequent_usd_per_gb_month")
    back = case.price("retrieval_infrequent_usd_per_gb")
    a, held, moved = case.job.load.answers, case.volumes, _bytes(case, "read") or 0.0
    size, days = a.average_item_bytes, known(case.job.backend, "min_storage_days_infrequent_access")
    if storage is None or back is None or held is None or size is None:
        return ()
    if days is not None and a.retention_days and a.retention_days < days.value:
        return ()
    least = known(case.job.backend, "min_billed_bytes_infrequent_access")
    grown = max(1.0, (least.value if least else 0.0) / size)
    requests = sum(line.low for line in _requests(case, "_infrequent"))
    fixed = requests + moved * back.usd
    low, high = (gb * grown * storage.usd + fixed for gb in held)
    billed = (
        f" × {number(grown)} (billed as {size_text(least.value)})" if least and grown > 1 else ""
    )
    text = f"{_span(held)}{billed} × {storage.usd:g} + {volume_text(moved)} read × {back.usd:g}"
    text += f" + requests {number(requests)}" if requests else ""
    even = _rare_reads(case, size, grown)
    if even is not None:
        text += f"; dearer from {number(even)} reads of an object a month on"
    label = f"Storage{' and requests' if requests else ''} in the class for rare reads"
    return (_line("infrequent", label, text, (low, high), storage),)


def _rare_reads(case: CostCase, size: float, grown: float) -> float | None:
    """Return the reads a month of an object from which the class for rare reads is dearer."""
    storage, rare, back, read, read_rare = (
        case.price(key)
        for key in (
            _STORAGE,
            "storage_infrequent_usd_per_gb_month",
            "retrieval_infrequent_usd_per_gb",
            "read_usd_per_million",
            "read_infrequent_usd_per_million",
        )
    )
    if storage is None or rare is None or back is None or read is None or read_rare is None:
        return None
    gigabytes = size / f.GB
    saved = max(storage.usd - rare.usd * grown, 0.0) * gigabytes
    return saved / (back.usd * gigabytes + (read_rare.usd - read.usd) / MILLION)


def _instances(case: CostCase) -> Iterator[CostLine]:
    """Yield what the servers cost: as named, else from the smallest to one that surely suffices.

    A class suffices for memory when it holds all data.
    """
    classes = sorted(case.job.backend.node_classes, key=lambda node: node.usd_per_hour)
    said = [node for node in classes if node.name in case.named]
    held = case.volumes
    if not classes or (not said and held is None):
        return
    memory = (held[1] if held else 0.0) * f.GB / f.GIB
    enough = [node for node in classes if node.memory_gib >= memory]
    low = said[-1] if said else classes[0]
    high = low if said else next(iter(enough), None)
    if high and high.usd_per_hour > _WIDEST * low.usd_per_hour:
        high = None  # so wide a range tells nothing; the class is asked
    text = f"{low.name} ({low.memory_gib:g} GiB)"
    if high is None:
        text += " or more, as much as is read often"
    elif high is not low:
        text += f" to {high.name} ({high.memory_gib:g} GiB), which holds all data"
    times = f"{case.servers} × " if case.servers > 1 else ""
    month = HOURS_PER_MONTH * case.servers
    amount = low.usd_per_hour * month, None if high is None else high.usd_per_hour * month
    yield _line("instances", "Instances", f"{times}{text}", amount, case.node_price(low))


def _capacity(case: CostCase) -> Iterator[CostLine]:
    """Yield what capacity units cost, from one to as many as hold all data in memory."""
    price, unit, held = (
        case.price("capacity_usd_per_hour"),
        known(case.job.backend, "capacity_unit_gib"),
        case.volumes,
    )
    if price is None or unit is None or held is None:
        return
    most = max(f.whole(held[1] * f.GB / f.GIB / unit.value), 1)
    month = HOURS_PER_MONTH * case.servers * price.usd
    times = f" × {case.servers} instances" if case.servers > 1 else ""
    text = f"1 to {number(most)} units of {unit.value:g} GiB, which hold all data in memory{times}"
    yield _line(
        "capacity", "Serverless capacity for the instances", text, (month, most * month), price
    )


def _reads_and_writes(case: CostCase) -> Iterator[CostLine]:
    """Yield the requests to storage: each write is one, and each read that memory misses."""
    price, load = case.price("io_usd_per_million"), case.job.load
    if price is None or load.writes is None:
        return
    writes, reads = (
        rate * SECONDS_PER_MONTH / MILLION for rate in (load.writes, load.reads or 0.0)
    )
    text = f"({number(writes)} million writes, and 0 to {number(reads)} million reads)"
    amount = writes * price.usd, (writes + reads) * price.usd
    yield _line("io", "I/O requests", f"{text} × {price.usd:g} USD", amount, price)


def _backups(case: CostCase) -> Iterator[CostLine]:
    """Yield the backups beyond what is free: at most all that is written in the longest window."""
    price, written = case.price("backup_usd_per_gb_month"), _bytes(case, "write")
    if price is None or written is None:
        return
    window = known(case.job.backend, "pitr_window_days_max")
    days = window.value if window else _BACKUP_DAYS
    most = written / f.DAYS_PER_MONTH * days
    text = f"0 to {volume_text(most)}, written in {number(days)} days, × {price.usd:g} USD"
    yield _line("backups", "Backups", text, (0.0, most * price.usd), price)


def _nodes(case: CostCase, need: float) -> Iterator[CostLine]:
    """Yield the nodes: the fewest dollars for the memory, all of one class."""
    classes = case.job.backend.node_classes
    if not classes:
        return

    node_rate = known(case.job.backend, "operations_per_second_per_node")
    commands = case.estimates.get("commands", 0.0)
    by_rate = f.whole(commands / node_rate.value) if node_rate else 0

    def shards(node: NodeClass) -> int:
        return max(f.whole(need * f.GB / (node.memory_gib * f.GIB)), by_rate, 1)

    best = min(classes, key=lambda node: (shards(node) * node.usd_per_hour, shards(node)))
    count = shards(best) * case.servers
    usd = count * best.usd_per_hour * HOURS_PER_MONTH
    text = f"{volume_text(need)} of memory: {count} × {best.name} × 730 h × {best.usd_per_hour:g}"
    yield _line("nodes", "Nodes", text, (usd, usd), case.node_price(best))


def _serverless(case: CostCase, need: float) -> Iterator[CostLine]:
    """Yield the same load in the serverless form: bytes stored, and a unit for each KB moved."""
    data, unit = case.price("data_usd_per_gb_hour"), case.price("request_usd_per_million")
    least, load = known(case.job.backend, "serverless_gb_min"), case.job.load
    size = load.answers.average_item_bytes
    if data is None or unit is None or not size or load.peak_total is None:
        return
    share = known(case.job.backend, "memory_headroom_fraction")
    held = max(need * (share.value if share else 1.0), least.value if least else 0.0)
    rate = (load.reads or 0.0) + (load.writes or 0.0)
    units = rate * max(1.0, size / 1_000) * SECONDS_PER_MONTH / MILLION
    usd = held * HOURS_PER_MONTH * data.usd + units * unit.usd
    text = (
        f"{volume_text(held)} × 730 h × {data.usd:g} + {number(units)} million units"
        f" ({size_text(size)} each) × {unit.usd:g}"
    )
    yield _line("serverless", "The same, serverless", text, (usd, usd), data)
