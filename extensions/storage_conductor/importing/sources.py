"""Which reader takes a source: an address, a file, or an attribute of a Python module."""

from __future__ import annotations

import contextlib
import importlib
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..catalog import loading
from ..disk import files
from ..errors import ConductorError
from . import dbml, ddl, dynamodb, forms, metadata, mongodb, tbls
from .documents import WRONG, loaded, malformed
from .extra import need
from .found import SQLGLOT_DIALECTS, FoundSchema
from .limits import require_workable

_ATTRIBUTE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*", re.ASCII)


@dataclass(frozen=True)
class SourceOptions:
    """How a person wants a source to be read.

    Args:
        dialect: Catalog key of the store whose dialect a file is in; empty when not said.
        run_code: Whether a Python module may be imported, which runs it.
        statistics: Whether the server's query statistics are wanted as access patterns.
        seconds: Longest that one statement of a server may take.
    """

    dialect: str = ""
    run_code: bool = False
    statistics: bool = False
    seconds: int = 30


def read(source: str, reading: SourceOptions) -> FoundSchema:
    """Read a source.

    Raises:
        ConductorError: There is no such source, or it cannot be read.
    """
    from . import connecting

    said = loading.find(reading.dialect)
    store = said.key if said else reading.dialect or "postgresql"
    if store not in SQLGLOT_DIALECTS:
        names = ", ".join(loading.load(key).name for key in SQLGLOT_DIALECTS)
        raise ConductorError(f"--dialect {store}: is not known.", remedy=f"Use one of {names}.")
    if connecting.is_address(source):
        return _database(source, reading)
    if "://" in source:
        raise forms.of_address(source)
    path = Path(source)
    if path.is_file():
        return _file(path, store)
    if _ATTRIBUTE.fullmatch(source):
        return _module(source, store, run_code=reading.run_code)
    what = "a folder" if path.is_dir() else "neither a file, nor an address, nor MODULE:ATTRIBUTE"
    raise forms.no_form(source, f"is {what}")


def _database(source: str, reading: SourceOptions) -> FoundSchema:
    from . import connecting, live, statistics

    url = connecting.address(source)
    with connecting.connected(url, seconds=reading.seconds) as connection:
        found = live.read(connection)
        if not found.tables:
            raise ConductorError(
                "The database has no table that this user may see.",
                remedy="Check the name of the database, and the rights of the user.",
            )
        return statistics.added(connection, found) if reading.statistics else found


def _file(path: Path, store: str) -> FoundSchema:
    forms.require_readable(path, path.as_posix())
    text = files.read_text(path).removeprefix("\ufeff")  # as Windows exports begin
    try:
        match path.suffix.lower():
            case ".dbml":
                found = dbml.read(text, store)
            case ".json":
                found = _json(text, store)
            case _:
                found = _ddl(text, store, path)
        require_workable(found)
    except ConductorError as error:
        raise ConductorError(
            error.message, path=path, line=error.line, remedy=error.remedy
        ) from error
    except RecursionError as error:
        remedy = "Take out the condition that is nested so, and write it into the entities."
        raise ConductorError("is nested too deeply", path=path, remedy=remedy) from error
    return found


def _ddl(text: str, store: str, path: Path) -> FoundSchema:
    need("sqlglot")
    try:
        return ddl.read(text, store)
    except ConductorError as error:
        raise forms.unread(path, error) from error


def _json(text: str, store: str) -> FoundSchema:
    data = loaded(text)
    items = data if isinstance(data, list) else [data]
    try:
        if isinstance(data, Mapping) and "tables" in data:
            return tbls.read(data, store)
        described = [item.get("Table", item) for item in items]
        if described and all("KeySchema" in item for item in described):
            return dynamodb.read(described)
        if items and all(
            {"name", "indexes", "options", "validator"} & item.keys() for item in items
        ):
            return mongodb.read(items)
    except WRONG as error:
        raise malformed("the file", error) from error
    raise ConductorError(
        "is none of the JSON that can be read", remedy=f"Forms that are read: {forms.FORMS}."
    )


def _module(source: str, store: str, *, run_code: bool) -> FoundSchema:
    if not run_code:
        raise ConductorError(
            f"{source}: reading it imports the module, which runs its code.",
            remedy="Give --run-code where you trust that code.",
        )
    import sqlalchemy as sa

    module, _, attribute = source.partition(":")
    with _working_folder():
        try:
            found: Any = importlib.import_module(module)
            for name in attribute.split("."):
                found = getattr(found, name)
        except Exception as error:
            raise ConductorError(
                f"{source}: cannot be imported: {type(error).__name__}: {error}",
                remedy="Run the command where `python -c 'import ...'` of that module works.",
            ) from error
    found = getattr(found, "metadata", found)
    if not isinstance(found, sa.MetaData) or not found.tables:
        raise ConductorError(
            f"{source}: is no MetaData and no declarative base with tables",
            remedy="Name the MetaData, as in `app.models:Base.metadata`.",
        )
    return replace(metadata.read(found, store), making=metadata.making(found, store))


@contextlib.contextmanager
def _working_folder() -> Iterator[None]:
    """Let modules of the working directory be imported, as `python -m` does."""
    sys.path.insert(0, "")
    try:
        yield
    finally:
        sys.path.remove("")
