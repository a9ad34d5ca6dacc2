"""Data models that several tests use, rows that fit them, and models drawn at random."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from storage_conductor.schema.model import Column, DataModel, Entity, Pattern
from storage_conductor.schema.names import snake
from storage_conductor.schema.needs import row_order
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import ConstraintCase

LEDGER_ENTITIES: dict[str, dict[str, str]] = {
    "Account": {
        "id": "uuid pk default uuid()",
        "owner_type": "enum(merchant, platform, customer) not null default customer",
        "email": "text unique not null -- where statements go",
        "nickname": "varchar(40)",
        "active": "bool not null default true",
        "settings": """json default '{"a": "100%"}'""",
        "opened": "date default now()",
        "created_at": "timestamptz not null default now()",
    },
    "Entry": {
        "id": "bigint pk",
        "account": "ref Account not null on delete restrict",
        "amount_minor": "bigint not null check(amount_minor > 0)",
        "fee_minor": "bigint check(fee_minor between 0 and 1000000 and fee_minor <= amount_minor)",
        "rate": "decimal(12,4) default 1.5",
        "status": "enum(open, settled, failed) not null",
        "code": "char(3) check(length(code) = 3 and code not in ('XXX', 'it''s'))",
        "note": "text",
        "receipt": "bytes",
        "booked": "date not null",
        "created_at": "timestamp not null",
        "_unique": ["account", "code", "booked"],  # type: ignore[dict-item]
    },
    "Tag": {
        "entry": "ref Entry pk on delete cascade",
        "name": "varchar(30) pk",
        "weight": "float",
        "merged_into": "ref Tag on delete set null",
    },
}
LEDGER_PATTERNS: list[dict[str, Any]] = [
    {
        "name": "entries of an account, newest first",
        "entity": "Entry",
        "filter": ["account"],
        "sort": ["created_at desc"],
        "per_second": 900,
        "consistency": "strong",
        "page_size": 50,
    },
    {
        "name": "open entries of an account since a day",
        "entity": "Entry",
        "filter": ["account", "status", "booked >="],
        "sort": ["booked"],
        "page_size": 20,
    },
    {"name": "entry by number", "entity": "Entry", "filter": ["id"]},
    {"name": "account by address", "entity": "Account", "filter": "email"},
    {"name": "tags of an entry", "entity": "Tag", "filter": "entry", "page_size": 100},
    {"name": "entries with a tag", "entity": "Tag", "filter": "name", "page_size": 100},
    {"name": "newest accounts", "entity": "Account", "sort": "created_at desc", "page_size": 10},
    {"name": "post an entry", "entity": "Entry", "kind": "write", "per_second": 100},
    {"name": "settle an entry", "entity": "Entry", "kind": "update", "filter": "id"},
    {"name": "drop old entries", "entity": "Entry", "kind": "delete", "filter": "created_at <"},
]


def ledger() -> DataModel:
    model = parse_model(LEDGER_ENTITIES, LEDGER_PATTERNS)
    assert model is not None
    return model


def value(column: Column, number: int) -> Any:
    """A value of a column's type that the checks of the ledger allow."""
    kind = column.type
    if kind.values:
        return kind.values[number % len(kind.values)]
    if kind.name in _VALUES:
        return _VALUES[kind.name](number)
    return f"{number:03x}"[-3:] if kind.length == 3 else f"{column.name}{number}"


def _moment(number: int) -> str:
    return f"2026-01-{number // 1440 % 28 + 1:02}T{number // 60 % 24:02}:{number % 60:02}:00"


_VALUES: dict[str, Callable[[int], Any]] = {
    "uuid": lambda number: str(uuid.UUID(int=number + 1)),
    "int": lambda number: number + 1,
    "bigint": lambda number: number + 1,
    "decimal": lambda number: number % 100 + 0.5,
    "float": lambda number: number % 100 + 0.5,
    "bool": lambda number: number % 2 == 0,
    "smallint": lambda number: number % 100 + 1,
    "real": lambda number: number % 100 + 0.5,
    "time": lambda number: _moment(number)[11:],
    "date": lambda n: f"{2000 + n // 336}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}",
    "timestamp": _moment,
    "timestamptz": lambda number: _moment(number) + "+00:00",
    "json": lambda number: json.dumps({"n": number}),
    "bytes": lambda number: number.to_bytes(4, "big"),
}


def rows(model: DataModel, counts: dict[str, int]) -> Iterator[tuple[Entity, list[dict[str, Any]]]]:
    """Rows for each entity in dependency order; references point to rows that exist."""
    made: dict[str, list[dict[str, Any]]] = {}
    for entity in model.in_dependency_order:
        made[entity.name] = []
        for number in range(counts[entity.name]):
            row = {column.name: value(column, number) for column in entity.columns}
            for key in entity.foreign_keys:
                targets = made[key.entity]
                target = targets[number * 7 % min(200, len(targets))] if targets else {}
                for mine, other in zip(key.columns, key.referenced, strict=True):
                    row[mine] = target.get(other)
            made[entity.name].append(row)
        yield entity, made[entity.name]


def query(entity: Entity, pattern: Pattern, row: dict[str, Any], quote: str) -> str:
    """A SELECT that does what a pattern says, with the values of a row that exists."""

    def name(column: str) -> str:
        return f"{quote}{column}{quote}"

    def literal(column: str) -> str:
        given = row[column]
        if isinstance(given, str):
            return "'" + given.replace("'", "''") + "'"
        return str(given)

    conditions = [f"{name(column)} = {literal(column)}" for column in pattern.equal]
    conditions += [f"{name(column)} >= {literal(column)}" for column in pattern.ranges]
    order = [f"{name(column)} {way.upper()}" for column, way in row_order(entity, pattern)]
    text = f"SELECT * FROM {name(entity.table)}"  # noqa: S608  (a test's own values)
    if conditions:
        text += f" WHERE {' AND '.join(conditions)}"
    if order:
        text += f" ORDER BY {', '.join(order)}"
    return text + (f" LIMIT {pattern.page_size}" if pattern.page_size else "")


RESERVED = """
    user order group select table key index desc rank window limit percent check references primary
    default values blob text end case all analyse column constraint from to read write grant offset
    year zone range rows system trigger top escape function returning do lateral generated always
    row_number mod div schema file browse identity plan public
    """.split()  # noqa: SIM905  (a list of words)
_PLAIN = ("Account", "LedgerEntry", "invoiceLine", "HTTPRequest", "x", "A1", "status_2")
_LONG = tuple(f"{'very_long_name_' * 4}{digit}" for digit in "12")
names = st.sampled_from([*RESERVED, *_PLAIN, *_LONG])
_FLAGS = st.lists(st.sampled_from(["unique", "not null", "indexed"]), unique=True, max_size=2)
_SCALARS = (
    "uuid",
    "varchar(20)",
    "char(5)",
    "smallint",
    "int",
    "bigint",
    "decimal(10,2)",
    "real",
    "float",
    "bool",
    "date",
    "time",
    "time(3)",
    "timestamp",
    "timestamp(0)",
    "timestamptz",
    "timestamptz(3)",
    "enum(on, off | 50% :x)",
)
_CHECKS = {
    "int": ("check({f} > 0)", "check(not ({f} in (1, 2) or {f} < -5))", "default 5"),
    "bigint": ("check({f} between 1 and 9000000000)",),
    "decimal(10,2)": ("check({f} <> 0.5)", "default 1.25"),
    "varchar(20)": (
        "check(length({f}) >= 2 and {f} <> '50% :x it''s \"q\"')",
        "default 'it''s 100% :y'",
    ),
    "bool": ("check({f} = true or {f} is null)", "default false"),
    "smallint": ("check({f} < 100)", "default -5"),
    "real": ("check({f} >= 0.5)",),
    "date": ("check({f} >= '2020-02-29')", "default now()"),
    "time": ("check({f} > '06:30:00')", "default '12:00'"),
    "timestamp(0)": ("default now()",),
    "timestamptz(3)": ("default now()",),
    "timestamp": ("default now()", "default '2026-01-31T12:00:00'"),
    "timestamptz": (
        "check({f} > '2020-01-31T12:00:00+02:00' and not {f} in ('2026-01-31T12:00:00Z'))",
        "default now()",
        "default '2026-01-31T12:00:00+02:00'",
    ),
    "uuid": ("default uuid()",),
}


@st.composite
def answers(
    draw: st.DrawFn, *, keyless: bool = False
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Answers without a mistake: entities with every type and flag, cycles, and patterns.

    With `keyless`, entities without a primary key are among them.
    """
    chosen = draw(st.lists(names, min_size=1, max_size=5, unique_by=snake))
    coded = frozenset(name for name in chosen if draw(st.booleans()))
    entities: dict[str, Any] = {
        name: draw(_fields(chosen, index, coded)) for index, name in enumerate(chosen)
    }
    for number, name in enumerate(chosen):
        entities[name] |= draw(_options(number, entities[name]))
    if keyless and draw(st.booleans()):
        fields = {"line": "text", "code": "int not null unique", "_key": "none"}
        entities["Keyless"] = fields | {"up": f"ref {chosen[0]}"}
    patterns = []
    for number in range(draw(st.integers(0, 5))):
        entity = draw(st.sampled_from(chosen))
        patterns.append(draw(_pattern(f"pattern {number}", entity, entities[entity])))
    return entities, patterns


@st.composite
def _options(draw: st.DrawFn, number: int, fields: dict[str, str]) -> dict[str, Any]:
    """A stored name of its own, and indexes that were asked for."""
    options: dict[str, Any] = {}
    if draw(st.booleans()):
        options["_table"] = draw(st.sampled_from(["tbl_{}", "App_{}", "_{}X"])).format(number)
    usable = [field for field in fields if not field.startswith("extra_")]
    indexes = []
    for _ in range(draw(st.integers(0, 2))):
        columns = draw(st.lists(st.sampled_from(usable), min_size=1, max_size=2, unique=True))
        order = [f"{column} {draw(st.sampled_from(['asc', 'desc']))}" for column in columns]
        index: dict[str, Any] = {"fields": order}
        rules = [rule for rule in map(_rule(fields), usable) if rule]
        if bool(rules) and draw(st.booleans()):
            index |= {"where": draw(st.sampled_from(rules)), "unique": draw(st.booleans())}
        indexes.append(index)
    return options | ({"_indexes": indexes} if indexes else {})


def _rule(fields: dict[str, str]) -> Callable[[str], str]:
    """A condition on a field that all stores but one or two can put into an index."""

    def rule(field: str) -> str:
        kind = fields[field].split()[0]
        if fields[field].startswith("ref ") or " pk" in fields[field]:
            return ""
        values = {"int": " > 7", "bool": " = true", "varchar(20)": " in ('a', 'it''s')"}
        return field + values.get(kind, " is null" if "not null" not in fields[field] else "")

    return lambda field: "" if rule(field) == field else rule(field)


@st.composite
def _fields(
    draw: st.DrawFn, entities: list[str], index: int, coded: frozenset[str]
) -> dict[str, str]:
    scalar = st.sampled_from(_SCALARS)
    keys = ["uuid", "bigint", "int", "varchar(20)", "smallint", "serial", "int assigned"]
    kind, *assigned = draw(st.sampled_from(keys)).split()
    fields = {"id": f"{kind} pk {' '.join(assigned)}"}
    if entities[index] in coded:
        fields["code"] = "varchar(20) not null unique as KeyCode"
    if kind != "serial" and draw(st.booleans()):
        fields["part"] = f"{draw(scalar)} pk"
    if index and kind != "serial" and draw(st.booleans()):
        fields["owner"] = f"ref {entities[draw(st.integers(0, index - 1))]} pk"
    for name in draw(st.lists(names, max_size=4, unique_by=snake)):
        kind = draw(scalar)
        field = f"f_{name}"[:40]
        rule = draw(st.sampled_from(["", *_CHECKS.get(kind, ())])).replace("{f}", field)
        fields[field] = " ".join([kind, *draw(_FLAGS), rule])
    extras = ["text", "json", "bytes", "text[]", "int[]", "timestamp(3)[]"]
    for number, extra in enumerate(draw(st.lists(st.sampled_from(extras), max_size=2))):
        fields[f"extra_{number}"] = extra
    for number in range(draw(st.integers(0, 2))):
        target = draw(st.sampled_from(entities))
        action = draw(st.sampled_from(["", "on delete restrict", "on delete cascade", "not null"]))
        unique = draw(st.sampled_from(["", "unique"]))
        update = draw(st.sampled_from(["", "on update cascade", "on update restrict"]))
        by = "(code)" if target in coded and draw(st.booleans()) else ""
        fields[f"link{number}"] = f"ref {target}{by} {unique} {action} {update}"
    return fields


@st.composite
def _pattern(draw: st.DrawFn, name: str, entity: str, fields: dict[str, str]) -> dict[str, Any]:
    usable = [field for field in fields if not field.startswith(("extra_", "_"))]
    chosen = draw(st.lists(st.sampled_from(usable), unique=True, max_size=4))
    cut = draw(st.integers(0, len(chosen)))
    pattern: dict[str, Any] = {
        "name": name,
        "entity": entity,
        "kind": draw(st.sampled_from(["read", "write", "update", "delete", "scan"])),
        "filter": chosen[:cut],
        "sort": [f"{field} {draw(st.sampled_from(['asc', 'desc']))}" for field in chosen[cut:]],
    }
    scalars = [f for f in usable if f not in chosen and not fields[f].startswith("ref")]
    rules = [rule for rule in map(_rule(fields), scalars) if rule]
    if bool(rules) and draw(st.booleans()):
        pattern["filter"].append(draw(st.sampled_from(rules)))
        scalars.remove(pattern["filter"][-1].split()[0])
    if bool(scalars) and draw(st.booleans()):
        compared = draw(st.sampled_from([">", "in"]))
        pattern["filter"].append(f"{draw(st.sampled_from(scalars))} {compared}")
    if draw(st.booleans()):
        pattern["page_size"] = draw(st.integers(1, 100))
    if draw(st.booleans()):
        pattern["consistency"] = draw(st.sampled_from(["strong", "eventual"]))
        pattern["per_second"] = draw(st.integers(0, 5000))
    return pattern


def drawn(given: tuple[dict[str, Any], list[dict[str, Any]]]) -> DataModel:
    model = parse_model(*given)
    assert model is not None
    return model


Answers = tuple[dict[str, Any], list[dict[str, Any]]]


def sample(model: DataModel, entity: Entity) -> dict[str, Any]:
    """One of the rows that `rows` makes, whatever their number."""
    counts = {other.name: 5 for other in model.entities}
    return next(made[3] for owner, made in rows(model, counts) if owner is entity)


def breaking_update(model: DataModel, case: ConstraintCase) -> str:
    """An UPDATE of all rows of the ledger that breaks a rule for at least one."""
    entity = model.entity(case.entity)
    if case.kind in {"key", "unique"}:
        row = sample(model, entity)
        assignment = ", ".join(f"{column} = {row[column]!r}" for column in case.columns)
    elif case.kind == "length":
        assignment = f"{case.columns[0]} = '{'x' * 99}'"
    elif case.kind == "reference":
        absent = [value(entity.column(column), 1_000_000) for column in case.columns]
        pairs = zip(case.columns, absent, strict=True)
        assignment = ", ".join(f"{column} = {other!r}" for column, other in pairs)
    else:
        assignment = case.violation
    return f"UPDATE {entity.table} SET {assignment}"  # noqa: S608  (a test's own values)
