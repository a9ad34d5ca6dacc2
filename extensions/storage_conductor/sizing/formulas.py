"""The formulas of sizing: plain arithmetic, without a fact or an answer of its own."""

from __future__ import annotations

import math

DAYS_PER_MONTH = 365.25 / 12
SECONDS_PER_DAY = 86_400
MINUTES_PER_MONTH = DAYS_PER_MONTH * 1_440
MINUTES_PER_YEAR = 365.25 * 1_440
GB = 10**9
MIB = 2**20
GIB = 2**30


def written_gb(per_second: float, item_bytes: float, days: float) -> float:
    """Return what constant writes amount to in GB (10^9 bytes)."""
    return per_second * item_bytes * SECONDS_PER_DAY * days / GB


def stored_gb(
    initial_gb: float, monthly_gb: float, months: float, retention_months: float | None
) -> float:
    """Return the logical volume after some months; retention bounds what growth can pile up.

    What was there at the start counts in full, so the result is on the safe side.
    """
    kept = months if retention_months is None else min(months, retention_months)
    return initial_gb + monthly_gb * kept


def whole(value: float) -> int:
    """Round up, forgiving the rounding error of floating point (14.000000001 is 14)."""
    return math.ceil(value - 1e-9 * max(1.0, abs(value)))


def busy_connections(per_second: float, seconds: float, burst: float = 1.0) -> int:
    """Return the transactions in flight by Little's law: arrival rate x time in the system.

    Args:
        per_second: Transactions a second.
        seconds: Time that one takes; with the p99 in place of the mean this is an upper bound.
        burst: Factor for arrivals that are not evenly spread.
    """
    return whole(per_second * seconds * burst)


def capacity_units(
    per_second: float, item_bytes: float, unit_bytes: float, weight: float = 1.0
) -> float:
    """Return DynamoDB read or write units a second.

    Args:
        per_second: Requests a second.
        item_bytes: Size of an item.
        unit_bytes: What one unit covers; each item is rounded up to it.
        weight: 1 for strong reads and plain writes, 0.5 for eventual reads, 2 for transactions.
    """
    return per_second * whole(item_bytes / unit_bytes) * weight


def partitions(units_share: float, volume: float, partition_volume: float) -> int:
    """Return the partitions for a throughput (as a sum of shares of one) and a volume."""
    return max(whole(units_share), whole(volume / partition_volume), 1)


def prefixes(reads: float, writes: float, reads_per_prefix: float, writes_per_prefix: float) -> int:
    """Return the key prefixes over which requests have to spread."""
    return max(whole(reads / reads_per_prefix), whole(writes / writes_per_prefix), 1)


def part_bytes(object_bytes: float, parts_max: float, part_bytes_min: float) -> int:
    """Return the smallest part size with which an object fits into the allowed parts."""
    return max(whole(object_bytes / parts_max), int(part_bytes_min))


def cache_memory_gb(
    items: float, item_bytes: float, overhead_bytes: float, headroom: float = 1.0
) -> float:
    """Return the memory in GB for items with their overhead, within a share of the node's."""
    return items * (item_bytes + overhead_bytes) / headroom / GB


def transfer_minutes(volume_gb: float, mib_per_second: float) -> float:
    """Return how long a volume takes at a throughput."""
    return volume_gb * GB / (mib_per_second * MIB) / 60


def needed_mib_per_second(volume_gb: float, minutes: float) -> float:
    """Return the throughput that moves a volume within a time."""
    return volume_gb * GB / (minutes * 60) / MIB


def partition_values(rows: float, columns: int, key_columns: int, static_columns: int = 0) -> float:
    """Return the cells of a Cassandra partition: N_r x (N_c - N_pk - N_s) + N_s."""
    return rows * (columns - key_columns - static_columns) + static_columns


def partition_bytes(
    rows: float, row_data_bytes: float, row_cells: float, cell_metadata_bytes: float
) -> float:
    """Return the size of a Cassandra partition: data of its rows and metadata of its cells."""
    return rows * (row_data_bytes + row_cells * cell_metadata_bytes)


def downtime_minutes(availability_percent: float, period_minutes: float) -> float:
    """Return the minutes a service may be down in a period."""
    return (100 - availability_percent) / 100 * period_minutes


def days_until(space: float, per_second: float) -> float:
    """Return the days until a number space (ids, transactions) is used up."""
    return space / per_second / SECONDS_PER_DAY


def quorum(replicas: int) -> int:
    """Return the replicas of a majority; reads and writes by it always overlap."""
    return replicas // 2 + 1


def row_bytes(data_bytes: float, header_bytes: float, pointer_bytes: float, align: int = 8) -> int:
    """Return what a row takes in a PostgreSQL page: aligned header and data, and its pointer."""
    aligned = whole(header_bytes / align) * align + whole(data_bytes / align) * align
    return int(aligned + pointer_bytes)


def hnsw_row_bytes(
    vector_bytes: float, element_bytes: float, connections: float, page_bytes: float
) -> float:
    """Return what a row takes in an HNSW index of pgvector, most of whose rows have one layer.

    A page holds whole pairs of an element and its neighbours; where none fits, each has a page.

    Args:
        vector_bytes: Size of the stored vector.
        element_bytes: Header of an element.
        connections: The index's `m`; the lowest layer has twice as many, of 6 bytes each.
        page_bytes: Size of a page.
    """
    pair = row_bytes(vector_bytes, element_bytes, 4) + row_bytes(12 * connections + 4, 0, 4)
    pairs = rows_per_page(page_bytes, 24 + 8, pair)
    return page_bytes / pairs if pairs else 2 * page_bytes


def rows_per_page(page_bytes: float, page_header_bytes: float, row: float) -> int:
    """Return the rows that fit into a page."""
    return math.floor((page_bytes - page_header_bytes) / row)
