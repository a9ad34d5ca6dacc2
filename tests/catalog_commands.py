"""Every command that the catalog prints, with the place where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storage_conductor.catalog import loading
from storage_conductor.catalog.entry import CatalogEntry

COMMAND_FIELDS = {
    "backup": ("backup", "restore"),
    "migration_tools": ("apply", "revert"),
    "load_tests": ("command",),
}
PLACEHOLDER = re.compile(r"<([A-Za-z][^<>]*)>")
_CODE = re.compile(r"`([^`]+)`")
_TEMPLATE = re.compile(r"\{\{.*?\}\}")


@dataclass(frozen=True)
class Command:
    """A command as it stands in the catalog.

    `place` is file, list, entry and field. `quoted` tells that it stands between backticks in a
    text, where it may be a part of a command line.
    """

    place: str
    text: str
    quoted: bool = False

    @property
    def program(self) -> str:
        return self.text.split(maxsplit=1)[0]

    @property
    def statement(self) -> bool:
        """Tell whether it is a statement for the server, not a line for the shell."""
        return self.program.isupper()


def bound(text: str, values: Mapping[str, str] | None = None) -> str:
    """Replace each placeholder by its value, or by a word where `values` is missing."""
    if values is None:
        return PLACEHOLDER.sub("word", text)
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def commands(*keys: str) -> tuple[Command, ...]:
    """Return the commands of these backends, or of all, each text once."""
    chosen = keys or tuple(heading.key for heading in loading.headings())
    found: dict[str, Command] = {}
    for key in chosen:
        for command in (*_fields(key), *_spans(key)):
            found.setdefault(command.text, command)
    return tuple(found.values())


def field(backend: str, entry: str, name: str) -> str:
    """Return one command: field `name` of the entry with that key or name."""
    return next(c.text for c in _fields(backend) if c.place == f"{backend} {entry}.{name}")


def _fields(key: str) -> Iterator[Command]:
    backend = loading.load(key)
    for attribute, names in COMMAND_FIELDS.items():
        for item in getattr(backend, attribute):
            entry = getattr(item, "key", None) or getattr(item, "name", None) or item.tool
            for name in names:
                if text := getattr(item, name):
                    yield Command(f"{key} {entry}.{name}", text)


def _spans(key: str) -> Iterator[Command]:
    programs = {c.program for h in loading.headings() for c in _fields(h.key) if not c.statement}
    for place, text in _texts(loading.load(key), key):
        for span in _CODE.findall(_TEMPLATE.sub("<value>", text)):
            plain = " ".join(span.split())
            if " " in plain and plain.split()[0] in programs:
                yield Command(place, plain, quoted=True)


def _texts(item: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(item, str):
        yield place, item
    elif isinstance(item, tuple):
        for inner in item:
            yield from _texts(inner, f"{place} {getattr(inner, 'key', '')}".strip())
    elif isinstance(item, CatalogEntry):
        for name in item.names():
            if name != "sources":
                yield from _texts(getattr(item, name), place)
