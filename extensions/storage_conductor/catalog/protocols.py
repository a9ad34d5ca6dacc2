"""The words of how operations are kept: `catalog/operations.yml`."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Literal

from .backend import Backend
from .entry import CatalogEntry
from .reading import CATALOG, load
from .statements import Citation, Key, Text


class Mishap(CatalogEntry):
    """What goes wrong, and what repairs it; left out where `when` comes to nothing."""

    when: Text
    repair: Text


class ProtocolWords(CatalogEntry):
    """The words of one kind of guard in some stores; texts are Jinja templates.

    Args:
        key: Its name.
        shape: The shape of the guard.
        stores: Keys or families of backends.
        hosting: Keys of hostings, where it is for these alone.
        wrong: What goes wrong without it.
        test: What a test must show.
        mutant: What is left out to see that test fail.
        source: Where the behaviour can be read, beyond the facts of the store.
    """

    key: Key
    shape: Literal["insert", "single", "several", "together", "claim", "across", "job", "send"]
    stores: tuple[Key, ...]
    hosting: tuple[Key, ...] = ()
    wrong: tuple[Mishap, ...]
    test: Text
    mutant: Text
    source: Citation | None = None


class _Protocols(CatalogEntry):
    protocols: tuple[ProtocolWords, ...]


@functools.cache
def protocols(catalog: Path = CATALOG) -> tuple[ProtocolWords, ...]:
    """Return all protocols in the order of the file."""
    return load(_Protocols, catalog / "operations.yml").protocols


def protocol(shape: str, backend: Backend, hosting: str) -> ProtocolWords | None:
    """Return the words of a guard in a store as it is run; None where the catalog has none.

    Args:
        shape: The shape of the guard.
        backend: The store.
        hosting: The key of its hosting.
    """
    for item in protocols():
        here = not item.hosting or hosting in item.hosting
        if item.shape == shape and here and {backend.key, backend.family} & set(item.stores):
            return item
    return None
