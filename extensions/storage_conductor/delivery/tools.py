"""The files of each migration tool, from the same groups of statements."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..disk import files
from ..errors import ConductorError
from .migration import Migration, slug, statements

Files = dict[str, str]
"""Texts by name, in the order of writing."""
_NAMED = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")


@dataclass(frozen=True)
class Tool:
    """A migration tool.

    Args:
        key: As it is asked for.
        name: As people call it, in lower case.
        number: Finds the number of a file in its name.
        written: Writes migrations, from a number on, for a folder.
        baseline: The command that marks the first file as applied on a store that was there; it
            names the `folder`, the `number` of the file and its `name`.
        run: Whether the tests of this package run the tool itself.
    """

    key: str
    name: str
    number: re.Pattern[str]
    written: Callable[[Sequence[Migration], int, Path], Files]
    baseline: str = ""
    run: bool = False


def _sql(migrations: Sequence[Migration], start: int, _folder: Path) -> Files:
    found = {}
    for number, migration in enumerate(migrations, start):
        name = f"{number:04}_{slug(migration.name)}"
        found[f"{name}.up.sql"] = _script(migration, "up", begins=True)
        found[f"{name}.down.sql"] = _script(migration, "down", begins=True)
    return found


def _golang(migrations: Sequence[Migration], start: int, _folder: Path) -> Files:
    found = {}
    apart = [each for migration in migrations for each in migration.apart()]
    for number, migration in enumerate(apart, start):
        name = f"{number:06}_{slug(migration.name)}"
        found[f"{name}.up.sql"] = _script(migration, "up")
        found[f"{name}.down.sql"] = _script(migration, "down")
    return found


def _flyway(migrations: Sequence[Migration], start: int, _folder: Path) -> Files:
    found = {}
    apart = [each for migration in migrations for each in migration.apart()]
    for number, migration in enumerate(apart, start):
        for letter, way in (("V", "up"), ("U", "down")):
            name = f"{letter}{number}__{slug(migration.name)}.sql"
            found[name] = _script(migration, way)
            options = []
            if migration.groups[0].transaction != "shared":
                options.append("executeInTransaction=false")
            if "${" in found[name]:
                options.append("placeholderReplacement=false")
            if options:
                found[f"{name}.conf"] = "".join(f"{option}\n" for option in options)
    return found


def _script(migration: Migration, way: str, *, begins: bool = False) -> str:
    """Write one way of a migration.

    Args:
        migration: It.
        way: `up` or `down`.
        begins: Whether the file begins and ends its transactions, as nothing else does.
    """
    groups = migration.groups if way == "up" else tuple(reversed(migration.groups))
    lines = [f"-- {line}" for line in migration.about]
    if way == "down":
        lines = [f"-- Takes back: {migration.about[0]}"]
    if accepted := _accepted(migration, way, kept=not begins):
        lines.append(f"-- squawk-ignore-file {', '.join(accepted)}")
    blocks = ["\n".join(lines)]
    if migration.limits:
        blocks.append("\n".join(migration.limits))
    for group in groups:
        found = group.up if way == "up" else group.down
        if not found:
            continue
        shared = begins and group.transaction == "shared"
        blocks.append("\n".join([*([migration.begin] if shared else []), *found,
                                 *(["COMMIT;"] if shared else [])]))  # fmt: skip
    if len(blocks) == 1 + bool(migration.limits):
        blocks = [blocks[0], "-- Nothing to do this way."]
    return "\n\n".join(blocks) + "\n"


def _accepted(migration: Migration, way: str, *, kept: bool) -> tuple[str, ...]:
    """Return the rules of a linter that one way breaks on purpose."""
    known = {} if migration.store is None else migration.store.accepts
    found = dict.fromkeys(known.get("kept", ()) if kept else ())
    if way == "down":
        found |= dict.fromkeys(known.get("down", ()))
    for group in migration.groups:
        if group.transaction != "shared":
            found |= dict.fromkeys(known.get(group.transaction, ()))
        if way == "up" and known:
            found |= dict.fromkeys(group.accepts)
    text = "\n".join(part for group in migration.groups for part in getattr(group, way))
    types = {} if migration.store is None else migration.store.accepts_types
    found |= dict.fromkeys(rule for rule, word in types.items() if word in text)
    if migration.limits:
        found = {rule: None for rule in found if not rule.endswith("-timeout")}
    return tuple(found)


def _alembic(migrations: Sequence[Migration], start: int, folder: Path) -> Files:
    before = _head(folder)
    found = {}
    for number, migration in enumerate(migrations, start):
        revision = f"{number:04}_{slug(migration.name)}"[:32]
        found[f"{revision}.py"] = _revision(migration, revision, before)
        before = revision
    return found


def _revision(migration: Migration, revision: str, before: str | None) -> str:
    about = "\n".join([migration.about[0].replace("\\", "/").replace('"', "'"), "",
                       *migration.about[1:], f"Revision ID: {revision}",
                       f"Revises: {before or ''}".rstrip()])  # fmt: skip
    lines = [
        f'"""{about}\n"""',
        "",
        "from __future__ import annotations",
        "",
        "from alembic import op",
        "",
        f"revision = {_quoted(revision)}",
        f"down_revision = {_quoted(before) if before else None}",
        "branch_labels = None",
        "depends_on = None",
    ]
    for name, way in (("upgrade", "up"), ("downgrade", "down")):
        lines += ["", "", f"def {name}() -> None:", *_body(migration, way)]
    return "\n".join(lines) + "\n"


def _body(migration: Migration, way: str) -> Iterator[str]:
    groups = migration.groups if way == "up" else tuple(reversed(migration.groups))
    found = [(group, texts) for group in groups if (texts := getattr(group, way))]
    if not found:
        yield "    pass"
        return
    for limit in migration.limits:
        yield from _executed(limit, "    ")
    for group, texts in found:
        indent = "    "
        if group.transaction != "shared":
            yield "    with op.get_context().autocommit_block():"
            indent = "        "
        for text in texts:
            for statement in statements(text):
                yield from _executed(statement, indent)


def _executed(statement: str, indent: str) -> Iterator[str]:
    # A colon before a word would be the place of a value.
    text = _NAMED.sub(r"\\:\1", statement.removesuffix(";"))
    if '"""' in text or text.endswith(('"', "\\")):
        yield f"{indent}op.execute({text!r})"
        return
    prefix = "r" if "\\" in text else ""
    yield f'{indent}op.execute(\n{indent}    {prefix}"""{text}"""\n{indent})'


def _quoted(text: str) -> str:
    return f'"{text}"'


def _head(folder: Path) -> str | None:
    """Return the newest revision in a folder, which the next one follows.

    Raises:
        ConductorError: There are several.
    """
    known: dict[str, set[str]] = {}
    for path in sorted(folder.glob("*.py")) if folder.is_dir() else ():
        try:
            tree = ast.parse(files.read_text(path))
        except (SyntaxError, ValueError):
            continue
        found = dict(_assigned(tree))
        if isinstance(found.get("revision"), str):
            down = found.get("down_revision")
            known[str(found["revision"])] = set(
                map(str, down if isinstance(down, tuple) else (down,))
            )
    heads = sorted(set(known) - {name for down in known.values() for name in down})
    if len(heads) > 1:
        raise ConductorError(
            f"has more than one newest revision: {', '.join(heads)}",
            path=folder,
            remedy="Join them with `alembic merge heads`, then run the same command again.",
        )
    return heads[0] if heads else None


def _assigned(tree: ast.Module) -> Iterator[tuple[str, object]]:
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        target = node.target if isinstance(node, ast.AnnAssign) else target
        if isinstance(target, ast.Name) and isinstance(node, ast.Assign | ast.AnnAssign):
            try:
                yield target.id, ast.literal_eval(node.value) if node.value else None
            except ValueError:
                continue


TOOLS: Mapping[str, Tool] = {
    tool.key: tool
    for tool in (
        Tool("sql", "plain sql", re.compile(r"^(\d+)_.*\.(?:up|down)\.sql$"), _sql),
        Tool(
            "alembic",
            "alembic",
            re.compile(r"^(\d+)_.*\.py$"),
            _alembic,
            "alembic stamp {name}",
            run=True,
        ),
        Tool(
            "flyway",
            "flyway",
            re.compile(r"^[VU](\d+)(?:[._]\d+)*__.*\.sql$"),
            _flyway,
            "flyway baseline -baselineVersion={number}",
        ),
        Tool(
            "golang-migrate",
            "golang-migrate",
            re.compile(r"^(\d+)_.*\.sql$"),
            _golang,
            "migrate -path {folder} -database ADDRESS force {number}",
        ),
    )
}
"""The tools for which files are written, by key."""
