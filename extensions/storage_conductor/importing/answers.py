"""What an import gives: answers as a file, and the list of what they do not say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..catalog import loading
from ..catalog.backend import Backend
from ..errors import ConductorError
from ..schema.common import NOTHING_STATED
from ..schema.model import DataModel
from ..schema.parse import parse_model
from ..schema.sqltypes import ENGINES
from ..steps.described import DESCRIBED
from ..steps.existing import Existing
from .compare import Difference, differences
from .endings import plain
from .found import FoundSchema
from .language import Unsaid, Written, write
from .naming import NONE_GIVEN, GivenNames
from .sayable import Sayable, sayable


@dataclass(frozen=True)
class Imported:
    """The answers.

    Args:
        values: By question: storage type, backend, entities, access patterns, and what exists.
        text: The same as YAML with comments.
        unsaid: What it does not say, and what its draft does differently, one line each.
    """

    values: dict[str, Any]
    text: str
    unsaid: tuple[str, ...]


def answers(found: FoundSchema, *, there: bool = True, given: GivenNames = NONE_GIVEN) -> Imported:
    """Write what was found as answers.

    Args:
        found: What a source says.
        there: Whether a store has it, so that its first migration begins there.
        given: What its entities and fields are called already; access patterns of the source have
            names of their own, and bring those with them.
    """
    given = NONE_GIVEN if found.patterns else given
    part = sayable(found) if there and found.store in ENGINES else Sayable(found, found)
    found, written = part.there, write(part.schema, given)
    for table, columns in part.columns.items():
        text = "its name cannot be written here; it stays as it is"
        (entity,) = (name for name, of in written.tables.items() if of == table)
        written.unsaid[entity] += [Unsaid("column", name, text) for name in columns]
    lines = {name: [_said(item) for item in items] for name, items in written.unsaid.items()}
    general = list(found.unsaid)
    backend = loading.load(found.store)
    try:
        model = parse_model(written.entities, list(found.patterns))
    except ConductorError as error:
        general.append(f"the answers need a correction: {error.message}")
        model = None
    base: Existing | None = None
    if model is not None and found.store in ENGINES:
        base, more = _drafted(found, written, model, backend, lines)
        general += more
    values: dict[str, Any] = {"storage_type": "database", "backend": backend.name}
    values["entities"] = written.entities
    if found.patterns:
        values["access_patterns"] = list(found.patterns)
    if base is not None and there:
        values["existing"] = {found.store: base.to_data()}
    if found.described and there:
        tables = {name: table.to_data() for name, table in found.described.items()}
        values["existing"] = {found.store: {DESCRIBED: tables}}
    return Imported(
        values,
        "".join(_yaml(values, lines, general)),
        (*general, *(f"{name}: {line}" for name, items in lines.items() for line in items)),
    )


def _drafted(
    found: FoundSchema,
    written: Written,
    model: DataModel,
    backend: Backend,
    lines: dict[str, list[str]],
) -> tuple[Existing | None, list[str]]:
    """Add how the draft of the answers differs from the source, where no line says it yet.

    Returns:
        The source beside its draft, and what is to be said of no table.
    """
    from ..schema.sql import Schema
    from . import existing, metadata

    at = backend.at(backend.hosting[0].key)
    try:
        schema = Schema(model, ENGINES[backend.key](at), NOTHING_STATED)
        draft = metadata.read(schema.metadata, backend.key)
        there = existing.existing(found, schema, draft)
    except ConductorError as error:
        return None, [f"no draft of the answers: {error.message}"]
    entities = {table: name for name, table in written.tables.items()}
    known = {
        (written.tables[name], item.kind, item.subject)
        for name, items in written.unsaid.items()
        for item in items
    }
    general = []
    own = replace(draft, tables=tuple(t for t in draft.tables if found.table(t.name)))
    for difference in (*differences(own, found), *_endings(there)):
        if (difference.table, difference.kind, difference.subject) in known:
            continue
        name = entities.get(difference.table)
        line = _changed(difference)
        if name is None:
            general.append(f"{difference.table}: {line}")
        else:
            lines[name].append(line)
    return there, general


def _endings(there: Existing) -> Iterator[Difference]:
    """Yield what follows the closing brackets of tables, where the draft has something else."""
    for table, reading in there.readings.items():
        draft, told = reading.options
        if draft != told:
            yield Difference(table, "options", "", plain(draft, there.schema.store), told)


def _said(item: Unsaid) -> str:
    subject = f" of {item.subject}" if item.subject else ""
    return f"not said: {item.kind}{subject}: {item.text}"


def _changed(difference: Difference) -> str:
    """A difference as the step from the source to the draft."""
    subject = f" of {difference.subject}" if difference.subject else ""
    if not difference.found:
        return f"new in the draft: {difference.kind}{subject}: {difference.expected}"
    if not difference.expected:
        return f"not in the draft: {difference.kind}{subject}: {difference.found}"
    step = f"{difference.found} becomes {difference.expected}"
    return f"changed by the draft: {difference.kind}{subject}: {step}"


def _yaml(values: dict[str, Any], lines: dict[str, list[str]], general: list[str]) -> Iterator[str]:
    yield "# Imported. What the answers do not say stands in the comments.\n"
    for line in general:
        yield f"# {_comment(line)}\n"
    for name in ("storage_type", "backend"):
        yield _dumped({name: values[name]})
    yield "entities:\n"
    for name, fields in values["entities"].items():
        for line in lines.get(name, ()):
            yield f"  # {_comment(line)}\n"
        yield "".join(f"  {text}" for text in _dumped({name: fields}).splitlines(keepends=True))
    if "access_patterns" in values:
        yield _dumped({"access_patterns": values["access_patterns"]})
    if "existing" in values:
        yield "# What is there, where the first migration begins; leave it as it is.\n"
        yield _dumped({"existing": values["existing"]})


def _comment(line: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in line).split())


def _dumped(value: object) -> str:
    import yaml

    # Writes lists of words on one line, and everything else on lines of its own.
    fast: Any = type("Dumper", (getattr(yaml, "CSafeDumper", yaml.SafeDumper),), {})

    def sequence(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
        flow = not any(isinstance(item, list | dict) for item in items)
        return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=flow)

    fast.add_representer(list, sequence)
    return yaml.dump(
        value,
        Dumper=fast,
        sort_keys=False,
        allow_unicode=True,
        width=4096,
        default_flow_style=False,
    )
