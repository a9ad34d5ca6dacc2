"""The forms that a store can be read from, and which of them fits what has none of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ..errors import ConductorError

FORMS = (
    "the address of a SQL database, a file of DDL, DBML or JSON (`tbls out -t json`, `aws dynamodb"
    " describe-table`, MongoDB's `db.getCollectionInfos()` with `indexes`), or MODULE:ATTRIBUTE"
    " with SQLAlchemy's tables"
)
"""What can be read, in words."""
_SQLITE = b"SQLite format 3\x00"
"""How a database of SQLite begins, https://www.sqlite.org/fileformat.html."""
_BASES = ("DeclarativeBase", "DeclarativeBaseNoMeta", "SQLModel")
_MAKERS = ("MetaData", "SQLAlchemy", "automap_base", "declarative_base", "registry")
_DUMP = (
    "Tables that a program makes are read from a database that has them, by its address, or from"
    " its dump, as `pg_dump --schema-only` writes it."
)
_DDL = ("", ".ddl", ".psql", ".sql", ".txt")


def require_readable(path: Path, shown: str) -> None:
    """Make sure that a file can be one of the forms.

    Args:
        path: The file.
        shown: How the person wrote it.

    Raises:
        ConductorError: It is none of them; the remedy names the one that fits.
    """
    with path.open("rb") as stream:
        is_sqlite = stream.read(len(_SQLITE)) == _SQLITE
    if is_sqlite:
        raise no_form(shown, "is a database of SQLite", f"Give its address: sqlite:///{shown}.")
    if path.suffix.lower() in (".py", ".pyi"):
        raise no_form(shown, "is Python, not one of the files that are read", _of_python(path))


def no_form(shown: str, said: str, fitting: str = "") -> ConductorError:
    """Return the error about a source that is none of the forms.

    Args:
        shown: How the person wrote it.
        said: What it is.
        fitting: Which form fits it.
    """
    return ConductorError(f"{shown}: {said}", remedy=_remedy(fitting))


def _remedy(fitting: str) -> str:
    return f"{fitting} Forms that are read: {FORMS}.".strip()


def unread(path: Path, error: ConductorError) -> ConductorError:
    """Return the error about a file that was taken for DDL and has none that can be read."""
    fitting = error.remedy if path.suffix.lower() in _DDL else _DUMP
    return ConductorError(error.message, remedy=_remedy(fitting or ""))


def of_address(shown: str) -> ConductorError:
    """Return the error about an address that no reader takes."""
    scheme = shown.partition("://")[0]
    fitting = {
        "mongodb": "Of MongoDB give the JSON that `db.getCollectionInfos()` writes.",
        "dynamodb": "Of DynamoDB give the JSON that `aws dynamodb describe-table` writes.",
    }
    return no_form(
        f"{scheme}://...",
        "is no address that can be read",
        fitting.get(scheme.partition("+")[0], ""),
    )


def _of_python(path: Path) -> str:
    """Say how the tables of a Python file are read."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _DUMP
    modules = {name.partition(".")[0] for name in _imported(tree)}
    attribute = next(_attributes(tree), "")
    if attribute or modules & {"sqlalchemy", "sqlmodel", "flask_sqlalchemy"}:
        named = f"{_module(path)}:{attribute or 'Base'}"
        return (
            f"For SQLAlchemy's tables give the module and its MetaData or base, `{named}`, with"
            " --run-code, as that runs its code."
        )
    if "django" in modules:
        return "Give the DDL that `python manage.py sqlmigrate APP MIGRATION` writes."
    return _DUMP


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _attributes(tree: ast.Module) -> Iterator[str]:
    """Yield the names by which a module's tables can be reached, the likeliest first."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and {_name(base) for base in node.bases} & set(_BASES):
            is_table = any(keyword.arg == "table" for keyword in node.keywords)
            yield _name(node.bases[0]) if is_table else node.name
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made = _name(node.value.func) in _MAKERS
            yield from (target.id for target in node.targets[:made] if isinstance(target, ast.Name))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and "__tablename__" in _assigned(node):
            yield from filter(None, map(_name, node.bases[:1]))


def _assigned(node: ast.ClassDef) -> set[str]:
    targets = [
        target
        for item in node.body
        for target in (
            item.targets
            if isinstance(item, ast.Assign)
            else [item.target]
            if isinstance(item, ast.AnnAssign)
            else []
        )
    ]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _name(node: ast.expr) -> str:
    """Return the last name of `a.b.C`; empty for what is no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _module(path: Path) -> str:
    """Return the name by which a file is imported from the working directory."""
    whole = path.resolve()
    parts = list(
        (whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else Path(whole.name))
        .with_suffix("")
        .parts
    )
    if parts[0] == "src":
        del parts[0]
    if parts[-1] == "__init__":
        del parts[-1]
    return ".".join(parts)
