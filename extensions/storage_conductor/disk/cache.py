"""What takes long to compute, kept in the user's cache folder and known by its content.

Copier clones a template into a new folder each time, and an update renders two versions of each
file, so what is known by its path, as Jinja knows compiled templates, would never be found again.
Where there is no such folder, or it is full or damaged, everything is computed as ever.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import json
import marshal
import pickle
from collections.abc import Callable, Iterable
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemBytecodeCache, TemplateSyntaxError
from jinja2.bccache import Bucket, bc_magic

from ..errors import ConductorError
from . import writing
from .cache_folder import folder
from .kept import DAMAGE, Unpickler, checked, keep


def data(text: str, parse: Callable[[str], Any]) -> Any:
    """Return what a text parses to, as JSON knows it: dates are texts.

    Args:
        text: The text.
        parse: Parses it; always the same function for the same text.
    """
    kept_in = folder()
    if kept_in is None:
        return json.loads(_json(parse(text)))
    path = kept_in / f"{hashlib.sha256(text.encode()).hexdigest()}.json"
    with contextlib.suppress(OSError, ValueError):
        return json.loads(path.read_bytes())
    found = _json(parse(text))
    with contextlib.suppress(ConductorError):
        writing.write_atomic(path, found)
    return json.loads(found)


_Made = TypeVar("_Made")


def objects(sources: Iterable[str], make: Callable[[], _Made]) -> _Made:
    """Return objects that follow from some texts alone.

    Args:
        sources: The texts, the code that makes the objects among them.
        make: Makes them, of classes that are imported before they are asked for.
    """
    kept_in = folder()
    if kept_in is None:
        return make()
    digest = hashlib.sha256()
    for source in sources:
        digest.update(hashlib.sha256(source.encode()).digest())
    path = kept_in / f"{digest.hexdigest()}.objects"
    with contextlib.suppress(*DAMAGE):
        found: _Made = Unpickler(io.BytesIO(checked(path.read_bytes()))).load()
        return found
    made = make()
    keep(path, pickle.dumps(made))
    return made


def _json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def remember_compiled(environment: Environment, kind: str) -> None:
    """Make a Jinja environment keep what it compiles, files and texts alike.

    Args:
        environment: The environment.
        kind: Names its settings, since the same text compiles differently under others.
    """
    kept_in = folder()
    if kept_in is not None:
        environment.bytecode_cache = _Compiled(kept_in, kind)
        environment.compile = functools.partial(_compile, environment)  # type: ignore[method-assign]


def compiled(
    environment: Environment, kind: str, document: str, texts: Callable[[], Iterable[str]]
) -> dict[str, CodeType]:
    """Return what the texts of a document compile to, which is kept as one file.

    Args:
        environment: The Jinja environment.
        kind: Names its settings.
        document: The document.
        texts: Finds the texts in it; those that are no templates are left out.
    """
    kept_in = folder()
    if kept_in is None:
        return {}
    digest = hashlib.sha256(bc_magic + f"{kind}\0{document}".encode()).hexdigest()
    path = kept_in / f"{digest}.texts"
    with contextlib.suppress(*DAMAGE):
        found = marshal.loads(checked(path.read_bytes()))  # noqa: S302 - the folder is private
        return dict(found)
    made: dict[str, CodeType] = {}
    for text in texts():
        with contextlib.suppress(TemplateSyntaxError):
            made[text] = Environment.compile(environment, text)
    keep(path, marshal.dumps(made))
    return made


# What this process has met: a refresh makes an environment for each render.
_codes: dict[str, CodeType | None] = {}


class _Compiled(FileSystemBytecodeCache):
    def __init__(self, kept_in: Path, kind: str) -> None:
        super().__init__(str(kept_in))
        self._kind = kind

    def get_bucket(
        self, environment: Environment, name: str, filename: str | None, source: str
    ) -> Bucket:
        del filename
        return super().get_bucket(environment, f"{self._kind} {name} {source}", None, source)

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = _codes.get(bucket.key)
        if bucket.code is not None:
            return
        try:
            super().load_bytecode(bucket)
        except DAMAGE:
            bucket.reset()
        if not isinstance(bucket.code, CodeType):
            bucket.reset()
        _codes[bucket.key] = bucket.code

    def dump_bytecode(self, bucket: Bucket) -> None:
        _codes[bucket.key] = bucket.code
        # Jinja leaves the file that it could not fill to the garbage collector, which warns of it.
        with contextlib.suppress(ConductorError):
            path = Path(self._get_cache_filename(bucket))
            writing.write_bytes(path, bucket.bytecode_to_string())


def _compile(environment: Environment, source: Any, *arguments: Any, **named: Any) -> Any:
    """Compile a text, or take it from the cache; Jinja itself asks the cache for files alone."""
    cache = environment.bytecode_cache
    if cache is None or arguments or named or not isinstance(source, str):
        return Environment.compile(environment, source, *arguments, **named)
    bucket = cache.get_bucket(environment, "", None, source)
    if bucket.code is None:
        bucket.code = Environment.compile(environment, source)
        cache.set_bucket(bucket)
    return bucket.code
