"""Steps of a building block on Memcached: each is a command of its text protocol.

The first line is the command, without the count of bytes; the second is the value.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ...schema.block_statements import ReadyStep
from .sessions import SECONDS, Rows, filled_places

_LEASE = "1"
"""Flags of an entry that is no value yet: `get` passes over it, `gets` does not."""
_NOTHING = ("NOT_STORED", "EXISTS", "NOT_FOUND", "END")


class MemcachedSession:
    """Sends commands to a server.

    Args:
        url: `memcached://HOST:PORT`.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        place = (parts.hostname or "", parts.port or 11211)
        self._socket = socket.create_connection(place, SECONDS)
        self._stream = self._socket.makefile("rwb")

    def take(self, step: ReadyStep, values: Mapping[str, Any]) -> Rows:
        """Send a command; one that is refused or finds nothing has no row."""
        found = self._send(step.run, values)
        return Rows([{step.step.gives or "found": value, "cas": cas} for value, cas in found])

    def look(self, query: str, values: Mapping[str, Any]) -> Rows:
        """Return the value of a key; nothing where there is none."""
        return Rows({"value": value} for value, _ in self._send(query, values))

    def reset(self) -> None:
        """Leave it: each command is a whole."""

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
        self._socket.close()

    def _send(self, text: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        command, _, value = text.partition("\n")
        words = [filled_places(word, values) for word in command.split()]
        lines = [words]
        if value:
            data = filled_places(value, values)
            words.insert(4, str(len(data.encode())))
            lines.append([data])
        self._stream.write(b"".join(" ".join(line).encode() + b"\r\n" for line in lines))
        self._stream.flush()
        return self._answer(leases=words[0] == "gets")

    def _answer(self, *, leases: bool) -> list[tuple[str, str]]:
        first = self._line()
        if first.startswith("VALUE "):
            _, _, flags, size, *cas = first.split()
            value = self._stream.read(int(size) + 2)[:-2].decode()
            self._line()
            return [(value, next(iter(cas), ""))] if leases or flags != _LEASE else []
        if "ERROR" in first or not first:
            raise OSError(first or "the connection was closed")
        return [] if first in _NOTHING else [("", "")]

    def _line(self) -> str:
        return self._stream.readline().decode().rstrip()
