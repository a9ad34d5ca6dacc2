"""From the two answers about data to a typed model, or all mistakes at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import ConductorError
from .expressions import ColumnValue, Constant, ExpressionError, Value, parse_check
from .model import Check, Column, DataModel, Default, Entity, ForeignKey, Reference
from .names import PORTABLE_LENGTH, snake
from .options import parse_option
from .patterns import parse_patterns
from .types import FieldType
from .words import FieldWords, MistakeError, Word, nearest, parse_field

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


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
            for name in names:
                if names.count(name) > 1:
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


@dataclass
class _Draft:
    """An entity whose fields are read one by one."""

    name: str
    fields: dict[str, FieldWords]
    options: dict[str, Any] = field(default_factory=dict)
    complete: bool = True

    @property
    def key(self) -> list[FieldWords]:
        return [words for words in self.fields.values() if "pk" in words.flags]


class _Builder:
    """Turns the parsed answer into entities, noting every mistake on the way."""

    def __init__(self, given: object, problems: list[str]) -> None:
        self._problems = problems
        self._drafts: dict[str, _Draft] = {}
        self._keys: dict[str, list[tuple[str, FieldType]]] = {}
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
        self._check_names("entity", "entities", list(self._drafts))
        for draft in self._drafts.values():
            self._check_references(draft)
        return tuple(self._entity(draft) for draft in self._drafts.values())

    def _read(self, name: object, fields: object) -> None:
        place = f"entities.{name}"
        if not self._usable_name(place, name):
            return
        draft = self._drafts[str(name)] = _Draft(str(name), {})
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
        if draft.complete and not draft.key:
            draft.complete = False
            self._note(place, "no field is the key: mark one or more with `pk`")

    def _read_field(self, draft: _Draft, place: str, key: object, text: object) -> None:
        if isinstance(key, str) and key.startswith("_"):
            draft.options[key] = parse_option(key, text)
            return
        if not self._usable_name(f"{place}.{key}", key):
            draft.complete = False
            return
        if not isinstance(text, str):
            raise MistakeError(f"a type and flags are expected, not `{text}`; use quotes")
        draft.fields[str(key)] = parse_field(str(key), text)

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

    def _check_names(self, kind: str, place: str, names: Sequence[str]) -> None:
        seen: dict[str, str] = {}
        for name in names:
            stored = snake(name)
            for form in {stored, name.lower()}:
                if seen.setdefault(form, name) != name:
                    self._note(f"{place}.{name}", f"the same stored name as {kind} `{seen[form]}`")
                    break

    def _check_references(self, draft: _Draft) -> None:
        for words in draft.fields.values():
            if words.target is not None and words.target not in self._drafts:
                draft.complete = False
                known = nearest(words.target, self._drafts)
                self._note(
                    f"entities.{draft.name}.{words.name}", f"unknown entity `{words.target}`{known}"
                )

    def _key_columns(self, name: str, trail: tuple[str, ...] = ()) -> list[tuple[str, FieldType]]:
        """Stored names and types of an entity's key; empty when it cannot be known."""
        if name in self._keys:
            return self._keys[name]
        if name in trail:
            circle = " -> ".join((*trail[trail.index(name) :], name))
            self._note(f"entities.{name}", f"its key contains itself: {circle}")
            self._keys.update({member: [] for member in trail})
            return []
        draft = self._drafts.get(name)
        columns: list[tuple[str, FieldType]] = []
        for words in draft.key if draft else ():
            if words.type is not None:
                columns.append((snake(words.name), words.type))
            elif words.target is not None:
                target = self._key_columns(words.target, (*trail, name))
                columns += _reference_columns(words.name, target)
        return self._keys.setdefault(name, columns)

    def _columns(self, draft: _Draft) -> list[Column]:
        columns: list[Column] = []
        for words in draft.fields.values():
            nullable = not words.flags & {"pk", "not null"}
            if words.type is not None:
                columns.append(Column(snake(words.name), words.name, words.type, nullable))
            elif words.target is not None:
                reference = Reference(words.target, words.on_delete or "no action")
                columns += [
                    Column(name, words.name, kind, nullable, reference)
                    for name, kind in _reference_columns(
                        words.name, self._key_columns(words.target)
                    )
                ]
        return columns

    def _entity(self, draft: _Draft) -> Entity:
        place = f"entities.{draft.name}"
        columns = self._columns(draft)
        self._check_columns(place, columns)
        by_field: dict[str, tuple[str, ...]] = {}
        for column in columns:
            by_field[column.field] = (*by_field.get(column.field, ()), column.name)
        pick = {
            flag: [by_field.get(w.name, ()) for w in draft.fields.values() if flag in w.flags]
            for flag in ("pk", "unique", "indexed")
        }
        key = sum(pick["pk"], ())
        entity = Entity(
            name=draft.name,
            table=snake(draft.name),
            columns=tuple(columns),
            key=key,
            unique=self._unique(draft, by_field, pick["unique"], key),
            indexed=tuple(group[0] for group in pick["indexed"] if group),
            foreign_keys=self._foreign_keys(draft, by_field),
            notes=tuple((w.name, w.note) for w in draft.fields.values() if w.note),
            note=draft.options.get("_note", ""),
            store=draft.options.get("_store"),
            ttl_seconds=draft.options.get("_ttl"),
        )
        return self._with_rules(entity, draft)

    def _check_columns(self, place: str, columns: Sequence[Column]) -> None:
        seen: dict[str, Column] = {}
        for column in columns:
            other = seen.setdefault(column.name, column)
            if other is not column:
                problem = f"the same stored name `{column.name}` as field `{other.field}`"
                self._note(f"{place}.{column.field}", problem)
            elif len(column.name) > PORTABLE_LENGTH:
                problem = f"the stored name `{column.name}` is longer than {PORTABLE_LENGTH}"
                self._note(f"{place}.{column.field}", problem)

    def _unique(
        self,
        draft: _Draft,
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
                problem = f"`{name}` is {_unordered(draft.fields[name])} and has no order"
                self._note(f"entities.{draft.name}._unique", problem)
            if not unknown and not opaque:
                groups.append(sum((by_field.get(name, ()) for name in names), ()))
        distinct = {frozenset(group): group for group in reversed(groups) if group}
        distinct.pop(frozenset(key), None)
        return tuple(reversed(distinct.values()))

    def _foreign_keys(
        self, draft: _Draft, by_field: dict[str, tuple[str, ...]]
    ) -> tuple[ForeignKey, ...]:
        return tuple(
            ForeignKey(
                words.name,
                by_field[words.name],
                words.target,
                tuple(name for name, _ in self._key_columns(words.target)),
                words.on_delete or "no action",
            )
            for words in draft.fields.values()
            if words.target is not None and words.name in by_field
        )

    def _with_rules(self, entity: Entity, draft: _Draft) -> Entity:
        checks: list[Check] = []
        defaults: dict[str, Default] = {}
        for words in draft.fields.values():
            place = f"entities.{entity.name}.{words.name}"
            for text in words.checks:
                try:
                    rule = parse_check(text, lambda name: _checkable(entity, name))
                    checks.append(Check(words.name, rule))
                except ExpressionError as error:
                    self._note(place, f"check({text}): {error}")
            if words.default is not None and words.type is not None:
                try:
                    default = _default(words.default, words.type, words.flags)
                except MistakeError as mistake:
                    self._note(place, str(mistake))
                else:
                    if default is not None:
                        defaults[words.name] = default
        columns = tuple(replace(c, default=defaults.get(c.field)) for c in entity.columns)
        self._check_defaults(entity.name, columns, checks)
        return replace(entity, columns=columns, checks=tuple(checks))

    def _check_defaults(
        self, entity: str, columns: Sequence[Column], checks: Sequence[Check]
    ) -> None:
        for column in columns:
            value = default_value(column)
            for check in checks:
                if (
                    value is not None
                    and check.rule.columns() == {column.name}
                    and check.rule.holds({column.name: value}) is False
                ):
                    problem = f"its default {column.default} breaks check({check.rule})"
                    self._note(f"entities.{entity}.{column.field}", problem)


def default_value(column: Column) -> Value | None:
    """The value of a literal default, as checks see it."""
    if column.default is None or column.default.kind != "literal":
        return None
    text = column.default.value
    if column.type.family == "bool":
        return text == "true"
    from decimal import Decimal

    return Constant(Decimal(text)).value if column.type.family == "number" else text


def _unordered(words: FieldWords) -> str:
    return words.type.name if words.type is not None and not words.type.orderable else ""


def _reference_columns(
    name: str, key: Sequence[tuple[str, FieldType]]
) -> list[tuple[str, FieldType]]:
    """Name the columns of a reference.

    `account` to a key `id` is `account_id`; a name that already ends in the key's name or in `_id`
    stays; a key that begins with the field's name, such as `account_id`, is not doubled. A key of
    several columns gives one column each.
    """
    stored = snake(name)
    if len(key) > 1:
        return [(f"{stored}_{column}", kind) for column, kind in key]
    return [(_reference_column(stored, column), kind) for column, kind in key]


def _reference_column(stored: str, column: str) -> str:
    if stored.endswith((f"_{column}", "_id")) or stored == column:
        return stored
    return column if column.startswith(f"{stored}_") else f"{stored}_{column}"


def _checkable(entity: Entity, name: str) -> ColumnValue:
    columns = [column for column in entity.columns if name in {column.field, column.name}]
    if not columns:
        names = [column.field for column in entity.columns]
        raise ExpressionError(f"unknown field `{name}`{nearest(name, names)}")
    if len(columns) > 1:
        raise ExpressionError(f"`{name}` has several columns and cannot be compared")
    return ColumnValue(columns[0].name, columns[0].type)


def _default(word: Word, kind: FieldType, flags: set[str]) -> Default | None:
    text = word.low if kind.family == "bool" else word.text
    if word.low == "null":
        if flags & {"pk", "not null"}:
            raise MistakeError("`default null` needs a field that may be null")
        return None
    if word.argument is not None:
        generated = {"now": ("date", "timestamp", "timestamptz"), "uuid": ("uuid",)}
        if word.argument or kind.name not in generated.get(word.low, ()):
            raise MistakeError(f"`{word.text}({word.argument})` is not a default of `{kind}`")
        return Default("now" if word.low == "now" else "uuid")
    try:
        return Default("literal", kind.read(text))
    except ValueError as error:
        raise MistakeError(f"default `{text}` {error}") from None
