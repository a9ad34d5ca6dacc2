"""Whether a server is of the version that the project's documents name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..catalog.backend import Backend
from ..context.model import Stated

_VERSION = re.compile(r"(.+?) v?(\d{1,3}(?:\.\d{1,3})*)(\+)?")
_SERVER = re.compile(r"\d{1,3}(?:\.\d{1,3})*")
_SERIES = {"mariadb": 2, "mysql": 2}
"""How many numbers name a series that is maintained by itself, where that is not one.

MySQL 8.0 and 8.4, https://dev.mysql.com/doc/refman/8.4/en/mysql-releases.html; MariaDB 10.6 and
10.11, https://mariadb.org/about/#maintenance-policy.
"""


def other_version(stated: Iterable[Stated], backend: Backend, server: str) -> str:
    """Return a sentence where a server is of another major version than the documents name.

    Args:
        stated: The stores that the project's documents name.
        backend: The store that was asked.
        server: Its product and version.

    Returns:
        The sentence; empty where they agree, or one of them is not known.
    """
    seen = _SERVER.search(server.removeprefix(backend.name))
    for each in stated:
        found = _VERSION.fullmatch(each.value)
        if found is None or seen is None or not backend.is_named(found[1]):
            continue
        wanted, there = _numbers(found[2], backend), _numbers(seen[0], backend)
        size = min(len(wanted), len(there))
        if wanted[:size] == there[:size] or (found[3] and there > wanted):
            return ""
        return (
            f"{each.file} names {each.value}, and the server is {server}:"
            " what was seen here may be otherwise there"
        )
    return ""


def _numbers(text: str, backend: Backend) -> list[int]:
    return [int(part) for part in text.split(".")][: _SERIES.get(backend.key, 1)]
