"""Sizes: items, rows, keys, parts and volumes against what a store can hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..catalog.backend import Backend
from ..sizing.entities import held_gb
from ..sizing.formulas import DAYS_PER_MONTH, GB, days_until, part_bytes, whole
from ..sizing.operation import int_keyed
from ..units import number, size_text, volume_text
from ..wording import inline
from .features import said
from .model import HORIZON, FeasibilityCase, Limit, RuleHit, StoreCheck, limit

if TYPE_CHECKING:
    from ..schema.model import Entity
    from ..schema.types import FieldType

# What a value of these types takes at least in any of the relational engines, in bytes.
_LEAST_BYTES = {"int": 4, "bigint": 8, "uuid": 16, "float": 4, "date": 3, "timestamp": 4}
_LEAST_BYTES["timestamptz"] = _LEAST_BYTES["timestamp"]
_SIZED = ("char", "varchar")
_BODIES = ("object_storage", "file_system")
# A column that names where a file lies.
_REFERS = re.compile(r"(?:^|_)(?:key|url|uri|path|file_name|location)$")


def item_too_large(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The largest item against the largest one that the store accepts."""
    return _largest_above(case, limit(backend, "item_bytes_settable_max")) or _largest_above(
        case, limit(backend, "item_bytes_max")
    )


def item_above_recommended(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The largest item against the size up to which the store works well."""
    if item_too_large(case, backend):
        return None
    return _largest_above(case, limit(backend, "item_bytes_recommended"))


def _largest_above(case: FeasibilityCase, bound: Limit | None) -> RuleHit | None:
    stated = (case.answers.largest_item_bytes, case.answers.average_item_bytes)
    largest = max((size for size in stated if size is not None), default=None)
    if largest is None or bound is None or largest <= bound.value:
        return None
    return bound.hit(
        f"largest item {size_text(largest)} > {size_text(bound.value)}",
        {"largest_bytes": largest, "limit_bytes": bound.value},
    )


def blob_in_table(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The usual item against the size up to which a table is the place for it."""
    average = case.answers.average_item_bytes
    bound = limit(backend, "blob_in_table_bytes_recommended")
    if average is None or bound is None or average <= bound.value:
        return None
    return bound.hit(
        f"average item {size_text(average)} > {size_text(bound.value)}",
        {"average_bytes": average, "limit_bytes": bound.value},
    )


def files_in_table(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Files that the texts speak of, in a database, where nothing tells how large one is."""
    quote = said(case.answers, "files")
    sized = case.answers.average_item_bytes or case.answers.largest_item_bytes
    elsewhere = any(item.storage_type in _BODIES for item in case.backends)
    if not quote or sized or elsewhere or backend.storage_type != "database":
        return None
    columns = [c.name for e in case.model.entities for c in e.columns] if case.model else []
    if any(_REFERS.search(name) for name in columns):
        return None
    return RuleHit("missing", "", {"quote": inline(quote)})


def multipart_upload(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The largest object against what one request carries, or should carry."""
    if part_size(case, backend):
        return None
    largest = case.answers.largest_item_bytes
    single, advised = (
        limit(backend, "single_put_bytes_max"),
        limit(backend, "multipart_threshold_bytes"),
    )
    for bound, word in ((single, "refused"), (advised, "slow")):
        if largest is not None and bound is not None and largest > bound.value:
            return bound.hit(
                f"largest object {size_text(largest)} > {size_text(bound.value)} in one request",
                {"largest_bytes": largest, "limit_bytes": bound.value, "outcome": word},
                "risk",
            )
    return None


def part_size(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The largest object against the parts it may have at the smallest part size."""
    largest = case.answers.largest_item_bytes
    count, least = limit(backend, "part_count_max"), limit(backend, "part_bytes_min")
    if largest is None or count is None or least is None or largest <= count.value * least.value:
        return None
    needed = part_bytes(largest, count.value, least.value)
    parts = whole(largest / least.value)
    return count.hit(
        f"{size_text(largest)} ÷ {size_text(least.value)} a part = {number(parts)} parts"
        f" > {number(count.value)}; {size_text(largest)} ÷ {number(count.value)} ="
        f" {size_text(needed)} a part",
        {"largest_bytes": largest, "part_bytes": needed, "least_bytes": least.value},
        "risk",
    )


def row_width(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The columns of an entity, at their least, against the longest row.

    Text that may move out of the row counts only where the engine limits the declared width.
    """
    for entity in _entities(case, backend):
        for key, counted in (("row_bytes_max", ("char",)), ("row_server_bytes_max", _SIZED)):
            bound = limit(backend, key)
            width = sum(_least_bytes(column.type, counted) for column in entity.columns)
            if bound is not None and width > bound.value:
                return bound.hit(
                    f"the columns of {entity.name} take at least {number(width)} B"
                    f" > {number(bound.value)} B",
                    {"entity": entity.name, "width_bytes": width, "limit_bytes": bound.value},
                )
    return None


def _least_bytes(kind: FieldType, counted: tuple[str, ...]) -> int:
    if kind.name in counted:
        return kind.length or 0
    return _LEAST_BYTES.get(kind.name, 0)


def column_count(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The columns of an entity against the columns of a table."""
    return _count(case, backend, "columns_max", lambda entity: len(entity.columns), "columns")


def index_count(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The indexes that an entity asks for against the indexes of a table."""

    def wanted(entity: Entity) -> int:
        return len({*entity.unique, *((name,) for name in entity.indexed)})

    return _count(case, backend, "indexes_max", wanted, "indexes")


def _count(
    case: FeasibilityCase, backend: Backend, key: str, count: Callable[[Entity], int], what: str
) -> RuleHit | None:
    bound = limit(backend, key)
    for entity in _entities(case, backend):
        found = count(entity)
        if bound is not None and found > bound.value:
            return bound.hit(
                f"{entity.name} has {number(found)} {what} > {number(bound.value)}",
                {"entity": entity.name, "count": float(found)},
            )
    return None


def index_key_width(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The longest indexed text against the longest index key, at one byte a character."""
    for entity in _entities(case, backend):
        for names in (entity.key, *entity.unique, *((name,) for name in entity.indexed)):
            own = ("clustered_key_bytes_max",) if names == entity.key else ()
            bound = limit(backend, *own, "index_key_bytes_max")
            width = sum(entity.column(name).type.length or 0 for name in names)
            if bound is not None and width > bound.value:
                fields = ", ".join(names)
                return bound.hit(
                    f"{entity.name} ({fields}) may take {number(width)} B or more"
                    f" > {number(bound.value)} B",
                    {"entity": entity.name, "fields": fields, "limit_bytes": bound.value},
                    "risk",
                )
    return None


def key_length(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The longest key of an entity against the longest key of a store that works by key."""
    bound = limit(backend, "key_bytes_max")
    for entity in _entities(case, backend):
        width = sum(entity.column(name).type.length or 0 for name in entity.key)
        if bound is not None and width > bound.value:
            return bound.hit(
                f"the key of {entity.name} may take {number(width)} B or more"
                f" > {number(bound.value)} B",
                {"entity": entity.name, "limit_bytes": bound.value},
                "risk",
            )
    return None


def identifier_length(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The stored names against the longest identifier."""
    bound = limit(backend, "identifier_bytes_max")
    for entity in _entities(case, backend):
        for name in (entity.table, *(column.name for column in entity.columns)):
            if bound is not None and len(name.encode()) > bound.value:
                return bound.hit(
                    f"{name} has {len(name.encode())} B > {number(bound.value)} B",
                    {"entity": entity.name, "name": name},
                )
    return None


def _entities(case: FeasibilityCase, backend: Backend) -> tuple[Entity, ...]:
    model = case.model_of(backend)
    return () if model is None else model.entities


def volume_limit(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The volume at the horizon against what a database, a table or a node is made for."""
    volume = case.load.volume_gb(HORIZON)
    keys = ("database_bytes_max", "database_bytes_recommended", "table_bytes_max")
    if volume is None:
        return None
    for key in keys:
        bound, table = (
            limit(backend, key),
            _largest_table(case) if key == "table_bytes_max" else None,
        )
        held = volume if table is None else table
        if bound is not None and held * GB > bound.value:
            steps = case.load.volume_steps(HORIZON) if table is None else volume_text(table)
            return bound.hit(
                f"{steps} > {volume_text(bound.value / GB)}",
                {
                    "volume_gb": held,
                    "limit_gb": bound.value / GB,
                    "scope": key.partition("_")[0],
                },
                "risk" if key == "table_bytes_max" else None,
            )
    return None


def _largest_table(case: FeasibilityCase) -> float | None:
    """Return the GB of the largest entity at the horizon; None where one of them is not known."""
    average, kept = case.answers.average_item_bytes, case.load.retention_months
    entities = case.model.entities if case.model else ()
    known = [held_gb(entity, average, float(HORIZON), kept) for entity in entities]
    held = [gb for gb in known if gb is not None]
    return max(held) if held and len(held) == len(known) else None


def memory_default(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """What a cache shall hold against the memory that it takes unless told otherwise."""
    volume, bound = case.load.volume_gb(HORIZON), limit(backend, "memory_bytes_default")
    if volume is None or bound is None or volume * GB <= bound.value:
        return None
    return bound.hit(
        f"{case.load.volume_steps(HORIZON)} > {size_text(bound.value)}",
        {"volume_gb": volume, "limit_bytes": bound.value},
    )


def int_key_exhaustion(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """The values of a numbered 32-bit key against the rows inserted up to the horizon."""
    space, model = limit(backend, "int4_max"), case.model_of(backend)
    if space is None or model is None:
        return None
    for key, rate in int_keyed(model, case.load):
        days = days_until(space.value, rate)
        if days < HORIZON * DAYS_PER_MONTH:
            return space.hit(
                f"{number(space.value)} values ÷ {number(rate)} inserts/s ÷ 86,400 s ="
                f" {number(days)} days",
                {"entity": key.entity.name, "last_days": days, "inserts": rate},
                "risk",
            )
    return None


def local_index_collection(case: FeasibilityCase, backend: Backend) -> RuleHit | None:
    """Strong reads in a second order need a local index, which bounds what shares a key."""
    bound, volume = limit(backend, "lsi_collection_bytes_max"), case.load.volume_gb(HORIZON)
    model = case.model_of(backend)
    if bound is None or volume is None or model is None or volume * GB <= bound.value:
        return None
    for entity in model.entities:
        orders = {
            (pattern.equal, pattern.sort)
            for pattern in model.patterns_of(entity)
            if pattern.equal and pattern.sort and _strong(case, pattern.consistency)
        }
        keys = [equal for equal, _ in orders]
        if any(keys.count(equal) > 1 for equal in keys):
            share = bound.value / (volume * GB) * 100
            return bound.hit(
                f"{volume_text(bound.value / GB)} ÷ {volume_text(volume)} = {number(share)} %",
                {"entity": entity.name, "share_percent": round(share, 2), "volume_gb": volume},
                "risk",
            )
    return None


def _strong(case: FeasibilityCase, stated: str | None) -> bool:
    return (stated or case.answers.consistency) == "strong"


CHECKS = (
    StoreCheck(item_too_large, routable=True),
    StoreCheck(item_above_recommended, routable=True),
    StoreCheck(blob_in_table, routable=True),
    StoreCheck(files_in_table),
    StoreCheck(multipart_upload),
    StoreCheck(part_size),
    StoreCheck(row_width),
    StoreCheck(column_count),
    StoreCheck(index_count),
    StoreCheck(index_key_width),
    StoreCheck(key_length),
    StoreCheck(identifier_length),
    StoreCheck(volume_limit, keepers_only=True, routable=True),
    StoreCheck(memory_default, keepers_only=True),
    StoreCheck(int_key_exhaustion),
    StoreCheck(local_index_collection),
)
