"""Reading the answer `access_patterns`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, get_args

from . import durations, operation
from .adding import parse_aggregates
from .expressions import ColumnValue, Expression, ExpressionError, parse_check
from .invariants import alters
from .model import (
    Column,
    Consistency,
    DataModel,
    Direction,
    Entity,
    Pattern,
    PatternKind,
    SortColumn,
)
from .places import SoughtPlace, read_place
from .tokens import MistakeError, nearest
from .words_inside import looked_inside, words_lie_in

KEYS = (
    *operation.KEYS,
    "aggregate",
    "name",
    "entity",
    "filter",
    "fields",
    "sort",
    "kind",
    "per_second",
    "consistency",
    "page_size",
)
# What others call these keys, where no likeness of letters leads to them.
_ELSEWHERE = {
    **dict.fromkeys(("rate", "rps", "qps", "tps", "per second"), "per_second"),
    **dict.fromkeys(("schedule", "cron", "when", "interval", "frequency"), "every"),
    **dict.fromkeys(("order", "order_by", "orderby"), "sort"),
    **dict.fromkeys(("limit", "rows"), "page_size"),
    **dict.fromkeys(("where", "key", "by"), "filter"),
    **dict.fromkeys(("type", "operation", "action"), "kind"),
    **dict.fromkeys(("latency", "latency_ms", "latency_p99_ms"), "p99_ms"),
    **dict.fromkeys(("table", "collection"), "entity"),
    **dict.fromkeys(("columns", "sets", "returns", "projection"), "fields"),
}
_RANGE_WORDS = (">", ">=", "<", "<=", "between", "range")
_FIXED = re.compile(
    r"(is(?: not)? null|(?:=|==|<>|!=|<=|>=|<|>|not in\b|in\b)\s*\S.*)", re.IGNORECASE
)
_ITEM = re.compile(r"((?:'(?:[^']|'')*+'|\([^()]*\)|[^,'(]+)*+),")
_BARE = re.compile(r"'(?:[^']|'')*'|[A-Za-z_]\w*", re.ASCII)


def parse_patterns(
    given: object, model: DataModel, declared: frozenset[str], problems: list[str]
) -> tuple[Pattern, ...]:
    """Read the patterns.

    Args:
        given: The parsed answer.
        model: The entities that could be read.
        declared: All entity names in the answer, readable or not.
        problems: Receives a line for every mistake.
    """
    if given is None or given == {}:
        return ()
    if not isinstance(given, list):
        problems.append("access_patterns: a list of patterns is expected")
        return ()
    patterns: list[Pattern] = []
    seen: set[str] = set()
    for number, item in enumerate(given, start=1):
        place = f"access_patterns[{number}]"
        try:
            values = _values(item)
            name = _name(values)
            place = f"access_patterns.{name}"
            if name.casefold() in seen:
                raise MistakeError("another pattern has this name")
            seen.add(name.casefold())
            entity = _entity(values, model, declared)
            if entity is not None:
                patterns.append(_pattern(name, entity, values, declared))
        except MistakeError as mistake:
            problems.append(f"{place}: {mistake}")
    return tuple(patterns)


def _values(item: object) -> Mapping[str, Any]:
    if not isinstance(item, Mapping):
        raise MistakeError("a mapping with `name`, `entity`, `filter`, ... is expected")
    for key in item:
        if key not in KEYS:
            named = _ELSEWHERE.get(str(key).lower())
            hint = f"; it is `{named}` here" if named else nearest(str(key), KEYS)
            raise MistakeError(f"unknown word `{key}`{hint}")
    return item


def _name(values: Mapping[str, Any]) -> str:
    name = values.get("name")
    if not isinstance(name, str) or not name.strip():
        raise MistakeError("`name` is missing")
    line = " ".join(name.split())
    if not line.isprintable():
        raise MistakeError("`name` has characters that cannot be printed")
    return line


def _entity(values: Mapping[str, Any], model: DataModel, declared: frozenset[str]) -> Entity | None:
    name = values.get("entity")
    if not isinstance(name, str):
        raise MistakeError("`entity` is missing")
    if name in model:
        return model.entity(name)
    if name in declared:
        return None  # its own mistake is named already
    raise MistakeError(f"unknown entity `{name}`{nearest(name, declared)}")


class _Filter(NamedTuple):
    """The columns of a filter, by how they are compared."""

    equal: list[str]
    ranges: list[str]
    among: list[str]
    sought: list[str]
    conditions: list[Expression]
    places: list[SoughtPlace]


def _filter(entity: Entity, values: Mapping[str, Any]) -> _Filter:
    found = _Filter([], [], [], [], [], [])
    for item in _list(values, "filter"):
        words = item.split(maxsplit=1)
        if place := _place(entity, words):
            found.places.append(place)
            continue
        columns = _columns(entity, "filter", words[0])
        rest = " ".join(words[1].split()) if len(words) > 1 else "="
        if rest == "=":
            found.equal.extend(columns)
        elif rest.lower() in _RANGE_WORDS and len(columns) == 1:
            found.ranges.extend(columns)
        elif rest.lower() == "in" and len(columns) == 1:
            found.among.extend(columns)
        elif rest.lower() == "contains" and words_lie_in(entity, columns):
            found.sought.extend(columns)
        elif _FIXED.fullmatch(rest) and len(columns) == 1:
            found.conditions.append(_condition(entity, columns[0], rest, item))
        else:
            allowed = (
                f"`=`, `in`, one of {', '.join(_RANGE_WORDS)}, `contains` for words of a text,"
                " or a fixed value as in `is null`, `= open` and `in (open, held)`"
            )
            raise MistakeError(f"filter `{item}`: after the field comes nothing, {allowed}")
    _once("filter", [*found.equal, *found.ranges, *found.among, *found.sought])
    return found


def _pattern(
    name: str, entity: Entity, values: Mapping[str, Any], declared: frozenset[str]
) -> Pattern:
    equal, ranges, among, sought, conditions, places = _filter(entity, values)
    kind: PatternKind = _choice(values, "kind", get_args(PatternKind)) or "read"
    page_size = _page_size(values.get("page_size"))
    sort: list[SortColumn] = []
    vector = ""
    if kind == "nearest":
        if page_size is None:
            raise MistakeError("`nearest` needs `page_size`: how many entries are wanted")
        compared = _compared(entity, _list(values, "sort"))
        if compared.type.name == "point":
            places.append(SoughtPlace((compared.name,), "nearest"))
        else:
            vector = compared.name
    else:
        sort = parse_order(entity, "sort", _list(values, "sort"))
    said = [name, *operation.texts(values, "serves")]
    if kind in ("read", "scan") and looked_inside(said):
        sought += [column for column in equal if words_lie_in(entity, [column])]
    found = Pattern(
        name=name,
        entity=entity.name,
        equal=tuple(column for column in equal if column not in sought),
        inside=tuple(sought),
        ranges=tuple(ranges),
        among=tuple(among),
        conditions=tuple(conditions),
        sort=tuple(sort),
        kind=kind,
        per_second=operation.read(durations.rate, values, "per_second"),
        consistency=_choice(values, "consistency", get_args(Consistency)),
        page_size=page_size,
        vector=vector,
        place=_one_place(places, kind),
        fields=tuple(
            dict.fromkeys(c for i in _list(values, "fields") for c in _stored(entity, "fields", i))
        ),
        aggregates=parse_aggregates(
            entity,
            _list(values, "aggregate"),
            plain=kind == "read" and not (sort or page_size),
        ),
        operation=operation.parse_operation(values, entity.name, declared, job=kind == "job"),
    )
    return found if found.filtered or found.job else _as_named(found, entity)


def _as_named(pattern: Pattern, entity: Entity) -> Pattern:
    """Return what changes one entry and says no filter as a change by the key.

    That is an update or a delete, and a write whose name says that it is an update.
    """
    alone = pattern.kind in ("update", "delete")
    if not entity.key or not (alone or (pattern.kind == "write" and alters(pattern.name))):
        return pattern
    return replace(
        pattern, kind=pattern.kind if alone else "update", equal=entity.key, read_so=True
    )


def _condition(entity: Entity, name: str, rest: str, item: str) -> Expression:
    """A filter by a value that is always the same; a word of a text field needs no quotes."""
    column = entity.column(name)
    if column.type.family == "text" and "null" not in rest.lower().split():
        found = re.match(r"(?:=|==|<>|!=|<=|>=|<|>|(?:not )?in\b)\s*", rest, re.IGNORECASE)
        start = found.end() if found else 0
        rest = rest[:start] + _BARE.sub(_quoted, rest[start:])
    left = iter([ColumnValue(name, column.type)])

    def only(word: str) -> ColumnValue:
        found = next(left, None)
        if found is None:
            raise ExpressionError(f"`{word}` is no value of `{column.type}`; times need quotes")
        return found

    try:
        return parse_check(f"{name} {rest}", only)
    except ExpressionError as error:
        raise MistakeError(f"filter `{item}`: {error}") from error


def _quoted(found: re.Match[str]) -> str:
    return found.group() if found.group().startswith("'") else f"'{found.group()}'"


def _list(values: Mapping[str, Any], key: str) -> list[str]:
    given = values.get(key)
    items = [] if given is None else _split(given) if isinstance(given, str) else given
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise MistakeError(f"`{key}` is a list of fields")
    if not all(item.strip() for item in items):
        raise MistakeError(f"`{key}` has an empty item")
    return [item.strip() for item in items]


def _split(text: str) -> list[str]:
    """Split at commas, but not at those in parentheses or quotes."""
    items: list[str] = []
    given, at = f"{text},", 0
    while at < len(given):
        found = _ITEM.match(given, at)
        if found is None:
            raise MistakeError(
                f"`{text[at:].strip()[:20]}`: a quote or a parenthesis is not closed"
            )
        items.append(found[1])
        at = found.end()
    return items


def parse_order(entity: Entity, key: str, items: Iterable[str]) -> list[SortColumn]:
    """Read columns in order, each with its direction.

    Args:
        entity: Their entity.
        key: What they are the value of, for messages.
        items: Fields, each with `asc` or `desc` after it or nothing.

    Raises:
        MistakeError: A field or word is unknown, or a field is there twice.
    """
    order = [column for item in items for column in _sort(entity, key, item)]
    _once(key, [column for column, _ in order])
    return order


def _columns(entity: Entity, key: str, name: str) -> list[str]:
    columns = _stored(entity, key, name)
    first = entity.column(columns[0])
    if not first.type.orderable:
        raise MistakeError(f"{key}: `{name}` is {first.type} and has no order")
    return columns


def _stored(entity: Entity, key: str, name: str) -> list[str]:
    referring = [key.columns for key in entity.foreign_keys if key.field == name]
    columns = [
        c
        for c in entity.columns
        if name in {c.field, c.name} or any(c.name in group for group in referring)
    ]
    if not columns:
        known = nearest(name, [column.field for column in entity.columns])
        raise MistakeError(f"{key}: `{entity.name}` has no field `{name}`{known}")
    return [column.name for column in columns]


def _sort(entity: Entity, key: str, item: str) -> Iterable[SortColumn]:
    name, *rest = item.split() or [""]
    word = " ".join(rest).lower() or "asc"
    if word not in {"asc", "desc"}:
        known = nearest(word, ("asc", "desc"))
        raise MistakeError(f"{key} `{item}`: unknown word `{word}`{known}")
    direction: Direction = "desc" if word == "desc" else "asc"
    return [(column, direction) for column in _columns(entity, key, name)]


def _place(entity: Entity, words: list[str]) -> SoughtPlace | None:
    """What a filter asks of a place, if it is about one."""
    columns = [column for column in entity.columns if words[0] in {column.field, column.name}]
    if not columns or columns[0].type.name != "point" or columns[0].type.array:
        return None
    rest = " ".join(words[1].split()) if len(words) > 1 else ""
    place = read_place(columns[0].name, rest)
    if place is None:
        raise MistakeError(
            f"filter `{' '.join(words)}`: after a place comes `near`, with or without a distance"
            " such as `5 km`, or `within` for a box"
        )
    return place


def _one_place(places: list[SoughtPlace], kind: PatternKind) -> SoughtPlace | None:
    if len(places) > 1:
        raise MistakeError("a pattern asks of one place; `nearest` takes `filter` for other fields")
    if places and kind not in {"read", "nearest", "job"}:
        raise MistakeError("a place finds what is read; a change names its entries by other fields")
    return places[0] if places else None


def _compared(entity: Entity, sort: list[str]) -> Column:
    """What `nearest` compares: the field of `sort`, or the entity's only vector or point."""
    kinds = ("vector", "point")
    near = {c.field: c for c in entity.columns if c.type.name in kinds and not c.type.array}
    known = ", ".join(f"`{field}`" for field in near)
    if not near:
        raise MistakeError(
            f"`nearest` needs a field of type `vector(n)` or `point`; `{entity.name}` has none"
        )
    if len(sort) > 1 or not (sort or len(near) == 1):
        raise MistakeError(f"`nearest` needs one vector or point in `sort`: {known}")
    found = [
        column for column in near.values() if not sort or sort[0] in {column.field, column.name}
    ]
    if not found:
        raise MistakeError(
            f"sort `{sort[0]}`: `nearest` is ordered by a vector or point alone: {known}"
        )
    return found[0]


def _once(key: str, columns: list[str]) -> None:
    for column, often in Counter(columns).items():
        if often > 1:
            raise MistakeError(f"{key}: `{column}` is there twice")


def _choice(values: Mapping[str, Any], key: str, known: tuple[str, ...]) -> Any:
    value = values.get(key)
    if value is None or value in known:
        return value
    raise MistakeError(f"{key}: unknown word `{value}`{nearest(str(value), known)}")


def _page_size(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1_000_000:
        raise MistakeError("`page_size` is a whole number, 1 or more")
    return value
