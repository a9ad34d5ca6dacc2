"""Regular expressions that take long to compile, kept as what Python compiles them to.

Python itself keeps no compiled pattern: pickling one writes its source. What it makes of the source
before it is an object is taken from its own modules, which no document promises; so it is used only
where it makes the very same pattern, and else all are compiled as ever.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import marshal
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from .cache_folder import folder
from .kept import DAMAGE, checked, keep

Words = tuple[str, ...]
"""Regular expressions of words."""


def whole_words(lists: Iterable[Words]) -> dict[Words, re.Pattern[str]]:
    """Return for each list, but an empty one, what finds any of its words in any case."""
    return _compiled(tuple(dict.fromkeys(filter(None, lists))))


@functools.cache
def _compiled(lists: tuple[Words, ...]) -> dict[Words, re.Pattern[str]]:
    sources = list(map(_source, lists))
    kept_in = folder()
    if kept_in is None:
        return dict(zip(lists, map(_pattern, sources), strict=True))
    digest = hashlib.sha256("\0".join((sys.version, *sources)).encode()).hexdigest()
    path = kept_in / f"{digest}.patterns"
    with suppress(*DAMAGE, RuntimeError):
        programs = marshal.loads(checked(path.read_bytes()))  # noqa: S302 - the folder is private
        return dict(zip(lists, (_made(each) for each in programs), strict=True))
    made = list(map(_pattern, sources))
    with suppress(*DAMAGE, RuntimeError):
        programs = list(map(_program, sources))
        if list(map(_made, programs)) == made:
            keep(path, marshal.dumps(programs))
    return dict(zip(lists, made, strict=True))


@functools.cache
def any_of(words: Words) -> re.Pattern[str]:
    """Return what finds any of some words as whole words, in any case."""
    return _pattern(_source(words))


def _source(words: Words) -> str:
    return rf"\b(?:{'|'.join(words)})(?!\w)"


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


def _program(source: str) -> tuple[Any, ...]:
    """Return what Python makes a pattern's object of, as `re._compiler.compile` does."""
    flags = int(re.IGNORECASE)
    parsed = importlib.import_module("re._parser").parse(source, flags)
    code = list(map(int, importlib.import_module("re._compiler")._code(parsed, flags)))
    names: list[str | None] = [None] * parsed.state.groups
    for name, at in parsed.state.groupdict.items():
        names[at] = name
    known = dict(parsed.state.groupdict)
    return source, flags | parsed.state.flags, code, len(names) - 1, known, tuple(names)


def _made(program: tuple[Any, ...]) -> re.Pattern[str]:
    found: re.Pattern[str] = importlib.import_module("_sre").compile(*program)
    return found
