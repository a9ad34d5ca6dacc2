"""The guard of one operation, drafted for the store that holds its entity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..catalog.backend import Backend
from .guards import Guard, Shape, keeps, shape_of
from .model import DataModel, Pattern
from .notes import decider, in_order, keeps_notes, outbox
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
    shape = shape_of(pattern, [backends[key] for key in keys], model)
    if shape is None:
        return None
    if shape == "across":
        return _across(pattern, model, backends, owners)
    backend = backends[owners[pattern.entity]]
    if shape == "job":
        return _sent(pattern, model, backend) or Guard(shape)
    if not keeps(shape, backend):
        return Guard(shape)
    return _drafted(shape, pattern, _held(model, owners, backend), design, backend)


def _held(model: DataModel, owners: Mapping[str, str], backend: Backend) -> DataModel:
    """Return what lies in a store: nothing of another one can be locked with it."""
    return model.part(frozenset(name for name, key in owners.items() if key == backend.key))


def _across(
    pattern: Pattern, model: DataModel, backends: Mapping[str, Backend], owners: Mapping[str, str]
) -> Guard:
    """Return what the deciding store does, with a note for what follows; no text if none can."""
    stores = {name: backends[key] for name, key in owners.items()}
    store, (first, follow) = decider(pattern, stores), in_order(pattern, stores)
    if store is None or (follow and outbox(model) is None):
        return Guard("across")
    from .guards_sql import across_guard

    here = frozenset(name for name in pattern.touched if owners[name] == store.key)
    others = tuple(item.name for item in follow)
    return replace(
        across_guard(pattern, _held(model, owners, store), store, here, others),
        leader=store.name,
        first=tuple(item.name for item in first),
        follow=others,
    )


def _sent(pattern: Pattern, model: DataModel, backend: Backend) -> Guard | None:
    """Return how a job carries notes out, where it tells somebody and its store keeps notes."""
    if not (pattern.operation.tells and keeps_notes(backend) and outbox(model)):
        return None
    from .guards_sql import send_guard

    return send_guard(pattern, model, backend)


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
