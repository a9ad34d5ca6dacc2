"""What is said about a whole entity, in keys that begin with an underscore."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..catalog import loading
from . import operation
from .tokens import MistakeError, nearest, one_line

OPTIONS = (
    *operation.OPTIONS,
    *("_indexes", "_key", "_layout", "_note", "_store", "_table", "_ttl", "_unique"),
    "_was",
)

_ALIKE = 0.7  # each begins with an underscore and most hold an e
_TTL = re.compile(r"(\d{1,9})\s*([a-z]+)")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


@dataclass(frozen=True)
class IndexWords:
    """An index that was asked for, as it was written."""

    fields: tuple[str, ...]
    where: str = ""
    unique: bool = False


def parse_option(key: str, value: object) -> object:
    """Read the value of an option.

    Raises:
        MistakeError: The option is unknown, or its value is not understood.
    """
    match key:
        case "_layout" | "_note" | "_store" | "_was" if isinstance(value, str):
            return one_line(value) if key != "_store" else _store(value)
        case "_ttl":
            return _seconds(value)
        case "_unique":
            return _groups(value)
        case "_indexes":
            return _indexes(value)
        case "_table" if isinstance(value, str) and value:
            return value
        case "_key" if value == "none":
            return value
        case "_key":
            raise MistakeError("only `none` is expected; mark the fields of a key with `pk`")
        case "_layout" | "_note" | "_store" | "_table" | "_was":
            raise MistakeError("a text is expected")
        case _:
            raise MistakeError(f"unknown word `{key}`{nearest(key, OPTIONS, least=_ALIKE)}")


def _store(value: str) -> str:
    """Return the key of a backend of the catalog, or the name of another one as it is given."""
    found = loading.find(value)
    return found.key if found else one_line(value)


def _seconds(value: object) -> int:
    found = _TTL.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    unit = _SECONDS.get(found[2].removesuffix("s")) if found else None
    if found is None or unit is None or int(found[1]) == 0:
        raise MistakeError("a number and a unit are expected, as in `15 minutes` or `30 days`")
    return int(found[1]) * unit


_INDEX_KEYS = ("fields", "where", "unique")


def _indexes(value: object) -> list[IndexWords]:
    items = value if isinstance(value, list) and value else [None]
    whole = all(isinstance(item, str) for item in items)
    return [_index(item) for item in ([items] if whole else items)]


def _index(item: object) -> IndexWords:
    given = item if isinstance(item, dict) else {"fields": item}
    for key in given:
        if key not in _INDEX_KEYS:
            raise MistakeError(f"unknown word `{key}`{nearest(str(key), _INDEX_KEYS)}")
    fields, where = given.get("fields"), given.get("where", "")
    unique = given.get("unique", False)
    if not (isinstance(fields, list) and fields and all(isinstance(n, str) for n in fields)):
        raise MistakeError("a list of fields is expected, as in `[account, created_at desc]`")
    if not isinstance(where, str) or not isinstance(unique, bool):
        raise MistakeError("`where` is a rule as in `check`, `unique` is true or false")
    return IndexWords(tuple(fields), where, unique)


def _groups(value: object) -> list[list[str]]:
    items = value if isinstance(value, list) and value else [None]
    groups = []
    for item in [items] if all(isinstance(item, str) for item in items) else items:
        if not (isinstance(item, list) and item and all(isinstance(n, str) for n in item)):
            raise MistakeError("a list of fields is expected, as in `[account, month]`")
        if len(set(item)) != len(item):
            raise MistakeError("a field is there twice")
        groups.append([str(name) for name in item])
    return groups
