"""What is said about a whole entity, in keys that begin with an underscore."""

from __future__ import annotations

import re

from .words import MistakeError, nearest, one_line

OPTIONS = ("_note", "_store", "_ttl", "_unique")

_TTL = re.compile(r"(\d{1,9})\s*([a-z]+)")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


def parse_option(key: str, value: object) -> object:
    """Read the value of an option.

    Raises:
        MistakeError: The option is unknown, or its value is not understood.
    """
    match key:
        case "_note" | "_store" if isinstance(value, str):
            return one_line(value)
        case "_ttl":
            return _seconds(value)
        case "_unique":
            return _groups(value)
        case "_note" | "_store":
            raise MistakeError("a text is expected")
        case _:
            raise MistakeError(f"unknown word `{key}`{nearest(key, OPTIONS)}")


def _seconds(value: object) -> int:
    found = _TTL.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    unit = _SECONDS.get(found[2].removesuffix("s")) if found else None
    if found is None or unit is None or int(found[1]) == 0:
        raise MistakeError("a number and a unit are expected, as in `15 minutes` or `30 days`")
    return int(found[1]) * unit


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
