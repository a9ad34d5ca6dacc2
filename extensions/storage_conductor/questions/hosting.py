"""How the stores of a component are run: one name for all that can be, or `STORE: name` of each.

The answer is one text: names with commas between, each alone or behind its store. A name alone is
of every store that can be run so and has none of its own.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..catalog import loading
from ..catalog.backend import Backend
from . import rules, several
from .store_objectives import key_of

_KEYED = re.compile(r"\s*([^:,;\n]+?)\s*:\s+(.*?)\s*", re.DOTALL)
_NEXT = re.compile(r"[,;\n]\s*(?=[^:,;\n]+:\s)")
_COMMA = re.compile(r"\s*[,;\n]\s*")


class _Part(NamedTuple):
    """A name of a hosting with the key of the store that it is of, or an empty one."""

    store: str
    name: str


def hosting(value: Any) -> str:
    """Return the answer as text; a map from stores to names becomes `STORE: name, …`."""
    if isinstance(value, Mapping):
        if not value:
            raise ValueError("must map each store to how it is run, `PostgreSQL: Amazon RDS`")
        return _together((rules.text(store), rules.text(name)) for store, name in value.items())
    return rules.text(value)


def _together(pairs: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{store}: {name}" if store else name for store, name in pairs if name)


def of_store(stated: str, backend: Backend) -> str:
    """Return the hosting that an answer states of a backend, by its name; empty where it is none.

    Args:
        stated: The answer.
        backend: The backend.
    """
    variant = next((backend.hosting_named(name) for name in _stated(stated, backend)), None)
    return variant.name if variant else ""


def _stated(stated: str, backend: Backend) -> list[str]:
    """Return the names that an answer states of a backend: its own, else those that fit it."""
    parts = _parts(stated)
    own = [part.name for part in parts if part.store == backend.key]
    shared = [part.name for part in parts if not part.store and backend.hosting_named(part.name)]
    return list(dict.fromkeys(own or shared))


def _parts(stated: str) -> list[_Part]:
    found: list[_Part] = []
    for text in _NEXT.split(stated):
        store, names = _pair(text)
        first, *more = _COMMA.split(names.strip())
        found += [_Part(key_of(store), first), *(_Part("", name) for name in more)]
    return [part for part in found if part.name]


def names_of(backends: Sequence[str]) -> list[str]:
    """List the ways in which these backends can be run, each once."""
    names = [variant.name for backend in _known(backends) for variant in backend.hosting]
    return list(dict.fromkeys(names)) or ["self-managed"]


def _known(backends: Sequence[str]) -> list[Backend]:
    headings = [loading.find(name) for name in backends if name != rules.OTHER]
    return [loading.load(found.key) for found in headings if found]


def mistakes(backends: Sequence[str], stated: str) -> list[str]:
    """List what is wrong with an answer for these backends, one message a mistake.

    Args:
        backends: Their names, that of one that the catalog lacks among them.
        stated: The answer.
    """
    return list(_mistakes(backends, stated)) if backends else []


def _mistakes(backends: Sequence[str], stated: str) -> Iterator[str]:
    for part in _parts(stated):
        named = [name for name in backends if part.store in ("", key_of(name))]
        if not named:
            yield f"hosting: {rules.short(part.store)} is not among {', '.join(backends)}"
        elif not _can_be(named, part.name):
            whose = f"of {named[0]} " if part.store else ""
            listed = ", ".join(names_of(named))
            yield f"hosting: {whose}must be one of {listed}, not {rules.short(part.name)}"
    for backend in _known(backends):
        if len(double := _stated(stated, backend)) > 1:
            yield (
                f"hosting: {backend.name} is run as {' and as '.join(double)};"
                f" name one of them, `{backend.name}: {double[0]}`"
            )


def _can_be(backends: Sequence[str], name: str) -> bool:
    """Tell whether a hosting of backends is called so, or is the only one that an unknown has."""
    known = [backend for backend in _known(backends) if backend.hosting]
    if not known:
        return name.casefold() == "self-managed"
    return any(backend.hosting_named(name) for backend in known)


def undecided(backends: Sequence[str], stated: str) -> list[Backend]:
    """List the backends of the catalog of which an answer says nothing, though there is a choice.

    Args:
        backends: Their names.
        stated: The answer.
    """
    known = _known(backends)
    return [each for each in known if len(each.hosting) > 1 and not of_store(stated, each)]


def with_names(backends: Sequence[str], stated: str, named: Mapping[str, str]) -> str:
    """Return an answer with the hosting of further stores.

    Args:
        backends: The names of all.
        stated: The answer.
        named: The hosting by the name of the store.
    """
    if len(backends) == 1:
        return next(iter(named.values()), stated)
    return ", ".join(filter(None, (stated, _together(named.items()))))


def options(value: Any, backends: Sequence[str]) -> tuple[str, ...]:
    """Return the answers that something given leaves open, each for all stores; one, if decided.

    An `or` within what is said of one store is between the names of that store. A list without
    stores is of alternatives only where two of its names are of the same store.

    Args:
        value: What was given.
        backends: The names of the backends, where they are known.
    """
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = rules.structure(value)
    if isinstance(value, str) and len(parts := _NEXT.split(value)) + (": " in value) > 1:
        value = dict(_pair(part) for part in parts)
    if isinstance(value, Mapping):
        each = {str(store): several.options(held) for store, held in value.items()}
        each = {store: held for store, held in each.items() if held}
        products = itertools.product(*each.values())
        return tuple(_together(zip(each, names, strict=True)) for names in products) if each else ()
    found = several.options(value)
    apart = ", ".join(found)
    if isinstance(value, str) or len(backends) < 2 or mistakes(backends, apart):
        return found
    return (apart,)


def _pair(text: str) -> tuple[str, str]:
    """Return a store and what is said of it; an empty one where none is named."""
    match = _KEYED.fullmatch(text)
    return (match[1], match[2]) if match else ("", text)
