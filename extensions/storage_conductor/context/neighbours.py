"""What other files of the project tell of its stack, where its own documents say nothing.

Only regular files inside the project are read, never through a link, each of at most 1 MB. What
they tell stands below the project's own documents and always with its source.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from .lexicon import tables
from .manifests import READERS, Told, tools_by_file
from .model import Stated, TechStack

# Neither through a link that took the file's place meanwhile, nor waiting for a pipe.
_FLAGS = os.O_RDONLY | sum(
    getattr(os, f"O_{name}", 0) for name in ("NOFOLLOW", "NONBLOCK", "BINARY")
)


def read_neighbours(project: Path) -> TechStack:
    """Language, database, mapper, migration tool and test tools by the project's other files.

    Documents come first, then manifests, each in a fixed order; the first file that tells something
    tells it alone. Never raises.
    """
    found = TechStack()
    for stack in (*_documents(project), *_manifests(project)):
        found = _joined(found, stack)
    return found


def _joined(upper: TechStack, lower: TechStack) -> TechStack:
    """What the upper tells and, where it tells nothing, what the lower does."""
    stores = upper if upper.databases else lower
    return upper._replace(
        languages=upper.languages or lower.languages,
        primary_database=stores.primary_database,
        additional_databases=stores.additional_databases,
        orm=upper.orm or lower.orm,
        migration_tool=upper.migration_tool or lower.migration_tool,
        test_tools=upper.test_tools or lower.test_tools,
    )


def _documents(project: Path) -> Iterator[TechStack]:
    for path in tables("manifests")["documents"].split(";"):
        text = _text(project, path.strip())
        if text:
            yield _document(path.strip(), text)


def _document(path: str, text: str) -> TechStack:
    from .documents import blocks_of
    from .reading import Source
    from .tech import read_tech_stack

    stack, _ = read_tech_stack(Source.of(f"../{path}", blocks_of(text) or ()))
    return _joined(TechStack(), stack)


def _manifests(project: Path) -> Iterator[TechStack]:
    for path, reader in READERS.items():
        text = _text(project, path)
        if text:
            try:
                told = list(reader(text))
            except Exception:  # noqa: BLE001, S112 - a broken manifest says nothing
                continue
            yield _stack(path, told)
    for path, name in tools_by_file().items():
        if _is_file(project, path):
            yield _stack(path, [Told(name)])


def _stack(path: str, told: list[Told]) -> TechStack:
    """The stack that a manifest tells; of several stores, none is called the primary one."""
    from .vocabulary import product

    by_kind: dict[str, dict[str, Stated]] = {}
    for each in told:
        known = product(each.name)
        text = f"{each.name} {each.version}".rstrip()
        stated = Stated(text, f"../{path}", line=each.line)
        for kind in known.kinds[:1] if known else ():
            group = by_kind.setdefault(kind, {})
            if each.name not in group or (each.version and group[each.name].value == each.name):
                group[each.name] = stated
    stores = tuple(by_kind.get("database", {}).values())
    mappers, tools = (tuple(by_kind.get(kind, {}).values()) for kind in ("orm", "migration_tool"))
    return TechStack(
        primary_database=stores[0] if len(stores) == 1 else None,
        additional_databases=stores if len(stores) > 1 else (),
        orm=mappers[0] if len(mappers) == 1 else None,
        migration_tool=tools[0] if len(tools) == 1 else None,
        languages=tuple(by_kind.get("language", {}).values()),
        test_tools=tuple(by_kind.get("test", {}).values()),
    )


def _is_file(project: Path, path: str) -> bool:
    """Whether a path is a regular file, with no link on the way to it."""
    place = project
    parts = path.split("/")
    try:
        for index, part in enumerate(parts):
            place = place / part
            mode = os.lstat(place).st_mode
            if not (stat.S_ISREG(mode) if index == len(parts) - 1 else stat.S_ISDIR(mode)):
                return False
    except OSError:
        return False
    return True


def _text(project: Path, path: str) -> str:
    """The text of a file; empty where there is none that may be read."""
    if not _is_file(project, path):
        return ""
    from .documents import BYTES_MOST, too_large  # which most projects without documents do without

    try:
        with os.fdopen(os.open(project / path, _FLAGS), "rb") as stream:
            data = stream.read(BYTES_MOST + 1)
        return "" if too_large(data) else data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
