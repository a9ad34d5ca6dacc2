"""The live schema of a store against the model of a track."""

from __future__ import annotations

from sqlalchemy.engine import URL

from ..errors import ConductorError
from ..importing import connecting, live
from ..importing.compare import Difference, differences
from ..importing.draft import drafted
from ..schema.sqltypes import ENGINES
from .subject import Subject


def drift(subject: Subject, url: URL, seconds: int) -> list[Difference]:
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
        return differences(expected, live.read(connection, names))
