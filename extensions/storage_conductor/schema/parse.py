"""From the two answers about data to a typed model, or all mistakes at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import ConductorError
from . import operation
from .clauses import with_clauses
from .model import Column, DataModel, Entity, ForeignKey, Reference
from .names import PORTABLE_LENGTH, snake
from .options import parse_option
from .patterns import parse_patterns
from .references import Draft, References
from .tokens import MistakeError, nearest
from .types import FieldType
from .words import FieldWords, parse_field

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_STORED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse_model(entities: object, access_patterns: object) -> DataModel | None:
    """Build the model from the answers `entities` and `access_patterns`.

    Args:
        entities: A mapping of entity names to fields, or the same as YAML text.
        access_patterns: A list of patterns, or the same as YAML text.

    Returns:
        The model, or `None` when both answers are empty.

    Raises:
        ConductorError: Names every mistake with its entity or pattern, field and word.
    """
    given, used = _loaded("entities", entities), _loaded("access_patterns", access_patterns)
    if not given and not used:
        return None
    problems: list[str] = []
    builder = _Builder(given, problems)
    model = DataModel(builder.entities())
    if not given:
        problems.append("access_patterns: there are patterns but `entities` is empty")
    else:
        known = tuple(given) if isinstance(given, Mapping) else ()
        whole = model.part(builder.whole)
        patterns = parse_patterns(used, whole, frozenset(map(str, known)), problems)
        model = replace(model, patterns=patterns)
    if problems:
        count = f"{len(problems)} mistakes" if len(problems) > 1 else "a mistake"
        listed = "".join(f"\n  - {problem}" for problem in problems)
        raise ConductorError(
            f"the data model has {count}:{listed}",
            remedy="Correct the answers `entities` and `access_patterns`.",
        )
    return model


def _loaded(answer: str, value: object) -> Any:
    if not isinstance(value, str):
        return value
    import yaml

    class Loader(yaml.SafeLoader):
        """Refuses a name that stands twice, which YAML readers usually let pass."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            names = [key.value for key, _ in node.value if isinstance(key.value, str)]
            for name, often in Counter(names).items():
                if often > 1:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"`{name}` is there twice", node.start_mark
                    )
            return super().construct_mapping(node, deep)

    try:
        return yaml.load(value, Loader)  # noqa: S506  (a safe loader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        place = f" in line {mark.line + 1}" if mark else ""
        raise ConductorError(
            f"the answer `{answer}` is not YAML{place}: {reason}",
            remedy="Correct the answer; put texts with colons or brackets in quotes.",
        ) from error


class _Builder:
    """Turns the parsed answer into entities, noting every mistake on the way."""

    def __init__(self, given: object, problems: list[str]) -> None:
        self._problems = problems
        self._drafts: dict[str, Draft] = {}
        self._references = References(self._drafts, self._note)
        if given is not None and not isinstance(given, Mapping):
            problems.append("entities: a mapping of entity names to fields is expected")
        elif given:
            for name, fields in given.items():
                self._read(name, fields)

    def _note(self, place: str, problem: str) -> None:
        self._problems.append(f"{place}: {problem}")

    @property
    def whole(self) -> frozenset[str]:
        """Names of the entities whose every field could be read."""
        return frozenset(name for name, draft in self._drafts.items() if draft.complete)

    def entities(self) -> tuple[Entity, ...]:
        """All entities, as far as they could be read."""
        self._check_names()
        for draft in self._drafts.values():
            self._references.check(draft)
        return tuple(self._entity(draft) for draft in self._drafts.values())

    def _read(self, name: object, fields: object) -> None:
        place = f"entities.{name}"
        if not self._usable_name(place, name):
            return
        draft = self._drafts[str(name)] = Draft(str(name), {})
        if not isinstance(fields, Mapping):
            self._note(place, "a mapping of fields to types is expected")
            draft.complete = False
            return
        for key, text in fields.items():
            try:
                self._read_field(draft, place, key, text)
            except MistakeError as mistake:
                draft.complete = False
                self._note(f"{place}.{key}", str(mistake))
        if draft.complete and bool(draft.key) is ("_key" in draft.options):
            draft.complete = False
            problem = "there is a key, and `_key: none`" if draft.key else "no field is the key"
            self._note(place, f"{problem}: mark one or more with `pk`, or say `_key: none`")

    def _read_field(self, draft: Draft, place: str, key: object, text: object) -> None:
        if isinstance(key, str) and key.startswith("_"):
            read = operation.parse_fact if key in operation.OPTIONS else parse_option
            draft.options[key] = read(key, text)
            if {"_ttl", "_lifetime"} <= draft.options.keys():
                raise MistakeError("`_ttl` and `_lifetime` say the same: give one of them")
            if key == "_table":
                _check_stored(draft.table)
            return
        if not self._usable_name(f"{place}.{key}", key):
            draft.complete = False
            return
        if not isinstance(text, str):
            raise MistakeError(f"a type and flags are expected, not `{text}`; use quotes")
        words = parse_field(str(key), text)
        for stored in words.stored:
            _check_stored(stored)
        if words.numbered and any(other.numbered for other in draft.fields.values()):
            raise MistakeError("a store counts one field of a table: another is `serial` already")
        draft.fields[str(key)] = words

    def _usable_name(self, place: str, name: object) -> bool:
        if not isinstance(name, str):
            self._note(place, "YAML reads this name as a value: put it in quotes")
        elif not _NAME.fullmatch(name):
            self._note(place, "a name begins with a letter and has only A-Z, a-z, 0-9 and _")
        elif len(snake(name)) > PORTABLE_LENGTH:
            self._note(place, f"the name is longer than {PORTABLE_LENGTH} characters")
        else:
            return True
        return False

    def _check_names(self) -> None:
        seen: dict[str, str] = {}
        for name, draft in self._drafts.items():
            for form in {draft.table.lower(), name.lower()}:
                if seen.setdefault(form, name) != name:
                    problem = f"the same stored name as entity `{seen[form]}`"
                    self._note(f"entities.{name}", problem)
                    break

    def _columns(self, draft: Draft) -> list[Column]:
        columns: list[Column] = []
        there: set[tuple[str, FieldType]] = set()
        for words in draft.fields.values():
            nullable = not words.flags & {"pk", "not null"} and not words.numbered
            actions = (words.on_delete or "no action", words.on_update or "no action")
            reference = Reference(words.target, *actions) if words.target is not None else None
            added = [
                Column(
                    name,
                    words.name,
                    kind,
                    nullable,
                    reference,
                    numbered=words.numbered,
                    was=words.was,
                )
                for name, kind in self._references.of_field(draft.name, words)
                # A reference of several columns may share one that was given the same name.
                if not (len(words.stored) > 1 and (name, kind) in there)
            ]
            there.update((column.name, column.type) for column in added)
            columns += added
        return columns

    def _entity(self, draft: Draft) -> Entity:
        place = f"entities.{draft.name}"
        columns = self._columns(draft)
        self._check_columns(place, columns)
        by_field = {
            words.name: tuple(name for name, _ in self._references.of_field(draft.name, words))
            for words in draft.fields.values()
        }
        pick = {
            flag: [by_field.get(w.name, ()) for w in draft.fields.values() if flag in w.flags]
            for flag in ("pk", "unique", "indexed")
        }
        key = tuple(dict.fromkeys(sum(pick["pk"], ())))
        entity = Entity(
            name=draft.name,
            table=draft.table,
            columns=tuple(columns),
            key=key,
            unique=self._unique(draft, by_field, pick["unique"], key),
            indexed=tuple(group[0] for group in pick["indexed"] if group),
            foreign_keys=self._foreign_keys(draft, by_field),
            notes=tuple((w.name, w.note) for w in draft.fields.values() if w.note),
            note=draft.options.get("_note", ""),
            store=draft.options.get("_store"),
            was=draft.options.get("_was", ""),
            ttl_seconds=_ttl(draft.options),
            layout=tuple(
                word.strip().casefold()
                for word in draft.options.get("_layout", "").split(",")
                if word
            ),
            facts=operation.facts_of(draft.options),
        )
        self._check_nulls(entity)
        return with_clauses(entity, draft, self._note)

    def _check_nulls(self, entity: Entity) -> None:
        for key in entity.foreign_keys:
            emptied = "set null" in {key.on_delete, key.on_update}
            known = {column.name: column for column in entity.columns}
            fixed = [c for c in key.columns if c in known and not known[c].nullable]
            if emptied and fixed:
                problem = f"`set null` needs columns that may be null, and `{fixed[0]}` is shared"
                self._note(f"entities.{entity.name}.{key.field}", problem)

    def _check_columns(self, place: str, columns: Sequence[Column]) -> None:
        seen: dict[str, Column] = {}
        for column in columns:
            other = seen.setdefault(column.name.casefold(), column)
            if other is not column:
                problem = f"the same stored name `{column.name}` as field `{other.field}`"
                self._note(f"{place}.{column.field}", problem)
            elif len(column.name) > PORTABLE_LENGTH:
                problem = f"the stored name `{column.name}` is longer than {PORTABLE_LENGTH}"
                self._note(f"{place}.{column.field}", problem)

    def _unique(
        self,
        draft: Draft,
        by_field: dict[str, tuple[str, ...]],
        single: list[tuple[str, ...]],
        key: tuple[str, ...],
    ) -> tuple[tuple[str, ...], ...]:
        groups = list(single)
        for names in draft.options.get("_unique", ()):
            unknown = [name for name in names if name not in draft.fields]
            for name in unknown:
                problem = f"unknown field `{name}`{nearest(name, draft.fields)}"
                self._note(f"entities.{draft.name}._unique", problem)
            opaque = [n for n in names if n in draft.fields and _unordered(draft.fields[n])]
            for name in opaque:
                problem = f"`{name}` is {draft.fields[name].type} and has no order"
                self._note(f"entities.{draft.name}._unique", problem)
            if not unknown and not opaque:
                columns = sum((by_field.get(name, ()) for name in names), ())
                groups.append(tuple(dict.fromkeys(columns)))
        distinct = {frozenset(group): group for group in reversed(groups) if group}
        distinct.pop(frozenset(key), None)
        return tuple(reversed(distinct.values()))

    def _foreign_keys(
        self, draft: Draft, by_field: dict[str, tuple[str, ...]]
    ) -> tuple[ForeignKey, ...]:
        return tuple(
            ForeignKey(
                words.name,
                by_field[words.name],
                words.target,
                tuple(name for name, _ in self._references.target(words)),
                words.on_delete or "no action",
                words.on_update or "no action",
            )
            for words in draft.fields.values()
            if words.target is not None and by_field[words.name]
        )


def _ttl(options: Mapping[str, Any]) -> int | None:
    """How long a row is kept after it was written; an event or its use move other times."""
    said = operation.facts_of(options).lasting_seconds("creation")
    return int(said) or 1 if said else options.get("_ttl")


def _check_stored(name: str) -> None:
    if not _STORED.fullmatch(name) or len(name) > PORTABLE_LENGTH:
        raise MistakeError(
            f"the stored name `{name}` needs letters, digits and _ alone, {PORTABLE_LENGTH} at most"
        )


def _unordered(words: FieldWords) -> bool:
    return words.type is not None and not words.type.orderable
