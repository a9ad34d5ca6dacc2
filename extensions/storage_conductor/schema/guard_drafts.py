"""The guard of one operation, drafted for the store that holds its entity."""

from __future__ import annotations

from collections.abc import Mapping

from ..catalog.backend import Backend
from .guards import Guard, Shape, keeps, shape_of
from .model import DataModel, Pattern
from .result import Design

_SQL = ("postgresql", "mysql", "mariadb", "sqlite", "sql-server")


def guard_of(
    pattern: Pattern, model: DataModel, design: Design, backends: Mapping[str, Backend]
) -> Guard | None:
    """Return what keeps an operation in the store that holds its entity, or None.

    Args:
        pattern: The operation.
        model: The whole model.
        design: Its design.
        backends: The stores as they are run, by key.
    """
    owners = dict(design.stores)
    keys = tuple(dict.fromkeys(owners[name] for name in pattern.touched))
    shape = shape_of(pattern, [backends[key] for key in keys])
    if shape is None:
        return None
    if shape in ("job", "across"):
        return Guard(shape, split=keys if shape == "across" else ())
    backend = backends[owners[pattern.entity]]
    return (
        _drafted(shape, pattern, model, design, backend) if keeps(shape, backend) else Guard(shape)
    )


def _drafted(
    shape: Shape, pattern: Pattern, model: DataModel, design: Design, backend: Backend
) -> Guard:
    """Load only what the store needs: SQLAlchemy takes longer than everything else here."""
    if backend.key in _SQL:
        from .guards_sql import sql_guard

        return sql_guard(shape, pattern, model, backend)
    if backend.family in ("object", "posix"):
        from .guards_files import file_guard

        return file_guard(shape, pattern, design, backend)
    from .guards_keyed import keyed_guard

    return keyed_guard(shape, pattern, model, design, backend)
