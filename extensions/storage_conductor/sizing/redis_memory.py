"""Bytes that Redis and Valkey allocate for a key and its value: the structures of release 7.0.

Sources: `server.h`, `dict.h`, `sds.h`, `listpack.c` and `t_zset.c` of Redis 7.0, and the size
classes of jemalloc (its manual page). Later releases need less for small sets and for keys. A test
compares each formula with a server.
"""

from __future__ import annotations

from collections.abc import Sequence

from .formulas import whole

PACKED_VALUE = 64
"""Longest value that a packed hash or sorted set holds (`*-max-listpack-value`)."""
PACKED_MEMBERS = 128
"""Most members of a packed sorted set (`zset-max-listpack-entries`)."""
PACKED_FIELDS = 512
"""Most fields of a packed hash (`hash-max-listpack-entries`)."""
_EMBEDDED = 44
_OBJECT, _ENTRY, _DICT, _LEAST_BUCKETS = 16, 24, 56, 4
_SKIPLIST, _HEAD_NODE, _NODE, _LEVELS = 32 + 16, 24 + 32 * 16, 24, 4 / 3


def allocated(size: float) -> int:
    """Return what jemalloc hands out for a size: steps of 16 to 128, then four to each doubling."""
    if size <= 8:
        return 8
    step = 16
    while size > step * 8:
        step *= 2
    return whole(size / step) * step


def text(length: float) -> int:
    """Return the bytes of a string: its header by length, its bytes and the end mark."""
    header = next(
        head for head, most in ((1, 32), (3, 256), (5, 65_536), (9, 2**32)) if length < most
    )
    return allocated(header + length + 1)


def buckets(entries: float) -> float:
    """Return the bytes of a hash table's buckets, whose number is a power of two."""
    count = _LEAST_BUCKETS
    while count < entries:
        count *= 2
    return 8.0 * count


def key(length: float, *, expires: bool) -> float:
    """Return the bytes of a key in the key space, without the buckets of the tables.

    Args:
        length: Bytes of its name.
        expires: Whether it has an entry in the table of lifetimes.
    """
    return allocated(_ENTRY) * (2 if expires else 1) + text(length)


def string(length: float) -> int:
    """Return the bytes of a string value; a short one lies in its object."""
    if length <= _EMBEDDED:
        return allocated(_OBJECT + 3 + length + 1)
    return _OBJECT + text(length)


def hashed(fields: Sequence[tuple[float, float]]) -> float:
    """Return the bytes of a hash, packed where its fields are few and short.

    Args:
        fields: Bytes of the name and of the value of each.
    """
    packed = all(value <= PACKED_VALUE for _, value in fields)
    if packed and len(fields) <= PACKED_FIELDS:
        return _OBJECT + allocated(7 + sum(name + value + 4 for name, value in fields))
    each = sum(allocated(_ENTRY) + text(name) + text(value) for name, value in fields)
    return _OBJECT + allocated(_DICT) + buckets(len(fields)) + each


def members(count: float, length: float) -> float:
    """Return the bytes of a set of texts of one length."""
    each = allocated(_ENTRY) + text(length)
    return _OBJECT + allocated(_DICT) + buckets(count) + count * each


def ordered(count: float, length: float) -> float:
    """Return the bytes of a sorted set: packed where it is small, else with a skip list."""
    if count <= PACKED_MEMBERS and length <= PACKED_VALUE:
        return _OBJECT + allocated(7 + count * (length + 2 + 10))
    node = allocated(_NODE + 16) + (_LEVELS - 1) * 16
    each = allocated(_ENTRY) + text(length) + node
    fixed = _OBJECT + allocated(_DICT) + _SKIPLIST + allocated(_HEAD_NODE)
    return fixed + buckets(count) + count * each
