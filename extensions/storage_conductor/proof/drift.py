"""The live schema of a store against the model of a track."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import URL

from ..errors import ConductorError
from ..importing import connecting, live
from ..importing.compare import Difference, differences
from ..importing.draft import drafted
from ..schema.sqltypes import ENGINES
from .subject import Subject


@dataclass(frozen=True)
class Drift:
    """What a comparison found.

    Args:
        server: Product and version of the store.
        tables: How many tables the model has.
        differences: Where the live schema is another.
    """

    server: str
    tables: int
    differences: list[Difference]

    def summary(self) -> str:
        """Return the result in one line."""
        count = len(self.differences)
        return f"{count or 'no'} difference{'s' * (count != 1)} in {self.tables} tables"


def drift(subject: Subject, url: URL, seconds: int) -> Drift:
    """Compare; nothing is written, and tables that are not the track's are not read.

    Args:
        subject: The store of the track.
        url: From `connecting.address`.
        seconds: Longest that one statement may take.

    Raises:
        ConductorError: The store has no schema to compare, or its server cannot be read.
    """
    backend = subject.backend
    if backend.key not in ENGINES:
        raise ConductorError(
            f"{backend.name} has no schema that can be compared.",
            remedy=f"drift compares {', '.join(ENGINES)}.",
        )
    expected = drafted(subject.model, backend, subject.sizes)
    names = {form for t in expected.tables for form in (t.name, t.name.lower())}
    with connecting.connected(url, seconds=seconds) as connection:
        connecting.require_store(connection, backend.key, backend.name)
        found = differences(expected, live.read(connection, names))
        return Drift(connecting.server(connection, backend.name), len(expected.tables), found)
