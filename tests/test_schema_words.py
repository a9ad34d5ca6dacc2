"""Words that say more than types and keys, and how a mistake in one of them is said."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.errors import ConductorError
from storage_conductor.schema.model import DataModel, Default
from storage_conductor.schema.parse import parse_model

ID = {"id": "uuid pk"}


def parsed(entities: object, patterns: object = None) -> DataModel:
    model = parse_model(entities, patterns)
    assert model is not None
    return model


def mistakes(entities: object, patterns: object = None) -> list[str]:
    with pytest.raises(ConductorError) as raised:
        parse_model(entities, patterns)
    return [line[4:] for line in raised.value.message.splitlines()[1:]]


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("integer", "int"),
        ("INT4", "int"),
        ("tinyint", "smallint"),
        ("int8", "bigint"),
        ("int64", "bigint"),
        ("float32", "real"),
        ("serial", "int"),
        ("bigserial", "bigint"),
        ("smallserial", "smallint"),
        ("numeric(10,2)", "decimal(10,2)"),
        ("decimal(9)", "decimal(9,0)"),
        ("dec(4, 1)", "decimal(4,1)"),
        ("double", "float"),
        ("double precision", "float"),
        ("real", "real"),
        ("float8", "float"),
        ("boolean", "bool"),
        ("string", "text"),
        ("string(80)", "varchar(80)"),
        ("nvarchar(80)", "varchar(80)"),
        ("character varying(80)", "varchar(80)"),
        ("character(2)", "char(2)"),
        ("longtext", "text"),
        ("datetime", "timestamp"),
        ("timestamp without time zone", "timestamp"),
        ("timestamp(3) with time zone", "timestamptz(3)"),
        ("timestamptz(0)", "timestamptz(0)"),
        ("datetimeoffset", "timestamptz"),
        ("time", "time"),
        ("time(3) without time zone", "time(3)"),
        ("blob", "bytes"),
        ("bytea", "bytes"),
        ("jsonb", "json"),
        ("uniqueidentifier", "uuid"),
        ("text[]", "text[]"),
        ("character varying(20)[]", "varchar(20)[]"),
        ("integer[]", "int[]"),
    ],
)
def test_the_usual_type_words_of_sql_are_understood(written: str, understood: str) -> None:
    column = parsed({"A": ID | {"f": f"{written} not null -- a note"}}).entity("A").column("f")
    assert str(column.type) == understood
    assert not column.nullable
    assert bool(column.numbered) is ("serial" in written)


def test_the_usual_words_of_sql_for_flags_are_understood() -> None:
    model = parsed(
        {
            "A": {"id": "integer primary key auto_increment", "n": "int index nullable"},
            "B": {"id": "bigint identity primary key", "a": "references A(id) not null"},
        }
    )
    assert model.entity("A").numbered == model.entity("B").numbered == "id"
    assert model.entity("A").indexed == ("n",)
    assert model.entity("B").foreign_keys[0].entity == "A"


@pytest.mark.parametrize(
    ("field", "made"),
    [
        ("timestamp default CURRENT_TIMESTAMP", Default("now")),
        ("timestamptz default current_timestamp()", Default("now")),
        ("date default current_date", Default("now")),
        ("uuid default gen_random_uuid()", Default("uuid")),
        ("uuid default uuid_generate_v4()", Default("uuid")),
        ("text default current_timestamp", Default("literal", "current_timestamp")),
    ],
)
def test_the_usual_functions_of_sql_for_defaults_are_understood(field: str, made: Default) -> None:
    assert parsed({"A": ID | {"f": field}}).entity("A").column("f").default == made


@pytest.mark.parametrize(
    ("field", "mistake"),
    [
        ("date default current_timestamp", "default `current_timestamp` is not a date"),
        ("timestamp default 'current_timestamp'", "is not a time without an offset"),
        ("uuid default now()", "`now()` is not a default of `uuid`"),
        ("money", "unknown type `money`: write `decimal(12,2)`"),
        ("inet", "unknown type `inet`: write `varchar(43)`"),
        ("citext unique", "unknown type `citext`: write `text`, and compare in lower case"),
        ("time with time zone", "a time of day has no zone"),
        ("int unsigned", "unknown word `unsigned`: write a larger whole number"),
        ("flot", "the nearest known word is `float`"),
        ("bolean", "the nearest known word is `boolean`"),
        ("whatever", "unknown type `whatever`; known are uuid, text"),
        ("json[]", "a list of `json` is not possible"),
        ("enum(a, b)[]", "a list of `enum` is not possible"),
        ("serial[]", "`serial` is one number and no list"),
        ("text[] unique", "`text[]` has no order and cannot be unique"),
        ("text[] default 'a'", "default `a` is not possible: a list has no written form"),
        ("timestamp[] default now()", "`now()` is not a default of `timestamp[]`"),
        ("timestamp(7)", "a second has at most 6 digits here"),
        ("numeric", "`numeric` needs its digits, as in `numeric(12,2)`"),
        ("smallint default 40000", "does not fit smallint"),
        ("time default '25:00'", "is not a time of day like 12:30:00"),
        ("serial null", "a `serial` is counted by the store"),
        ("serial default 5", "a `serial` is counted by the store"),
        ("int assigned", "`assigned` is for a whole-number key"),
        ("int on update cascade", "`on update` needs `ref`"),
        ("ref A on update cascad", "the nearest known word is `cascade`"),
        ("ref A not null on update set null", "needs a field that may be null"),
        ("int not null(5)", "`null` takes nothing in parentheses"),
        ("int primary", "unknown word `primary`; the nearest known word is `primary key`"),
        ("int zerofill", "unknown word `zerofill`; known are pk, unique"),
        ("ref A on delete cascade(x)", "`cascade` takes nothing in parentheses"),
        ("ref A on delete set null(x)", "`null` takes nothing in parentheses"),
        ("int as x(y)", "`x` takes nothing in parentheses"),
        ("int as x[]", "`x` takes nothing in parentheses"),
        ("text auto_increment", "the store counts whole numbers alone"),
        ("timestamp with time zone(3)", "`zone` takes nothing in parentheses"),
        ("int as", "`as` needs the stored name"),
        ("int as 'a b'", "the stored name `a b` needs letters, digits and _ alone"),
        ("int as (a, b)", "`as` gives 2 names for 1 columns"),
        ("ref A(cod)", "`A` has no field `cod`; the nearest known word is `code`"),
        ("ref A(name)", "`A` can have several rows with the same name: make it unique there"),
        ("ref A(y, x)", "name the fields in the order of the rule: `ref A(x, y)`"),
        ("ref A(code, )", "a name is missing in the parentheses"),
        ("ref Log", "`Log` has no key: name a unique field of it"),
    ],
)
def test_a_mistake_in_a_field_is_named(field: str, mistake: str) -> None:
    target: dict[str, Any] = {"id": "int pk", "code": "char(2) unique", "name": "text"}
    target |= {"x": "int", "y": "int", "_unique": ["x", "y"]}
    entities = {"A": target, "Log": {"_key": "none", "at": "date"}, "B": ID | {"f": field}}
    (found,) = mistakes(entities)
    assert found.startswith("entities.B.f: ")
    assert mistake in found


@pytest.mark.parametrize(
    ("entity", "mistake"),
    [
        ({"n": "int"}, "entities.A: no field is the key"),
        (ID | {"_key": "none"}, "entities.A: there is a key, and `_key: none`"),
        ({"n": "int", "_key": "id"}, "_key: only `none` is expected"),
        (ID | {"_table": "a b"}, "_table: the stored name `a b` needs letters"),
        (ID | {"_table": 5}, "_table: a text is expected"),
        (ID | {"_table": ""}, "_table: a text is expected"),
        (ID | {"a": "serial", "b": "serial"}, "A.b: a store counts one field of a table"),
        (ID | {"a": "int as x", "b": "int as X"}, "the same stored name `X` as field `a`"),
        (ID | {"_indexes": "id"}, "_indexes: a list of fields is expected"),
        (ID | {"_indexes": [["idd"]]}, "has no field `idd`; the nearest known word is `id`"),
        (ID | {"_indexes": [["id down"]]}, "unknown word `down`"),
        (ID | {"_indexes": [["id", "id desc"]]}, "`id` is there twice"),
        (ID | {"t": "text[]", "_indexes": [["t"]]}, "`t` is text[] and has no order"),
        (ID | {"_indexes": [{"columns": ["id"]}]}, "unknown word `columns`"),
        (ID | {"_indexes": [{"fields": ["id"], "where": "n > 1"}]}, "unknown field `n`"),
        (ID | {"_indexes": [{"fields": ["id"], "unique": "yes"}]}, "`unique` is true or false"),
        (ID | {"_unike": ["id"]}, "the nearest known word is `_unique`"),
        (ID | {"_expires": "1 hour"}, "unknown word `_expires`; known are "),
    ],
)
def test_a_mistake_in_an_entity_is_named(entity: dict[str, Any], mistake: str) -> None:
    (found,) = mistakes({"A": entity})
    assert mistake in found


def test_a_circle_of_references_to_fields_is_named() -> None:
    entities = {"A": ID | {"b": "ref B(a) unique"}, "B": ID | {"a": "ref A(b) unique"}}
    assert "it points to itself" in mistakes(entities)[0]


def test_stored_names_are_those_given() -> None:
    model = parsed(
        {
            "Order": {"_table": "tblOrders", "no": "int pk as OrderNo", "shop": "int pk"},
            "Line": ID | {"order": "ref Order as (order_no, shop)", "code": "char(2)"},
        },
        [{"name": "p", "entity": "Order", "filter": ["no"], "sort": ["shop"]}],
    )
    assert model.entity("Order").table == "tblOrders"
    assert model.entity("Order").key == ("OrderNo", "shop")
    (key,) = model.entity("Line").foreign_keys
    assert (key.columns, key.referenced) == (("order_no", "shop"), ("OrderNo", "shop"))
    assert model.patterns[0].equal == ("OrderNo",)
    same = {"A": ID | {"_table": "b"}, "B": ID}
    assert "the same stored name as entity `A`" in mistakes(same)[0]


def test_a_reference_can_point_to_fields_that_are_unique() -> None:
    model = parsed(
        {
            "A": ID | {"code": "varchar(9) unique", "x": "int", "y": "int", "_unique": ["x", "y"]},
            "B": ID | {"a": "ref A(code) on update cascade", "c": "ref A(x, y)"},
            "C": {"b": "ref B pk", "a": "ref A(code) unique"},
        }
    )
    by_code, by_both = model.entity("B").foreign_keys
    assert (by_code.columns, by_code.referenced, by_code.on_update) == (
        ("a_code",),
        ("code",),
        "cascade",
    )
    assert (by_both.columns, by_both.referenced) == (("c_x", "c_y"), ("x", "y"))
    assert str(model.entity("C").column("a_code").type) == "varchar(9)"


TENANTS: dict[str, Any] = {
    "Tenant": {"id": "int pk"},
    "Account": {"tenant": "ref Tenant pk", "no": "int pk"},
    "Payment": {
        "tenant": "ref Tenant pk",
        "id": "int pk",
        "payer": "ref Account not null as (tenant_id, payer_no)",
        "payee": "ref Account as (tenant_id, payee_no)",
    },
}


def test_references_may_share_a_column() -> None:
    patterns = [{"name": "by payee", "entity": "Payment", "filter": ["payee"]}]
    payment = parsed(TENANTS, patterns).entity("Payment")
    names = [column.name for column in payment.columns]
    assert names == ["tenant_id", "id", "payer_no", "payee_no"]
    assert [key.columns for key in payment.foreign_keys] == [
        ("tenant_id",),
        ("tenant_id", "payer_no"),
        ("tenant_id", "payee_no"),
    ]
    assert parsed(TENANTS, patterns).patterns[0].equal == ("tenant_id", "payee_no")
    checked = {"Payment": TENANTS["Payment"] | {"n": "int check(payee > 3)"}}
    assert "`payee` has several columns" in mistakes(TENANTS | checked)[0]
    emptied = TENANTS["Payment"]["payee"] + " on delete set null"
    wrong = TENANTS | {"Payment": TENANTS["Payment"] | {"payee": emptied}}
    assert "and `tenant_id` is shared" in mistakes(wrong)[0]


def test_filters_may_have_values_that_are_always_the_same() -> None:
    fields = {"s": "enum(open, held)", "n": "int", "g": "bool", "at": "timestamptz", "v": "text"}
    model = parsed(
        {"A": ID | fields},
        [
            {"name": "list", "entity": "A", "filter": ["g", "s = open", "at is null", "n > 3"]},
            {"name": "text", "entity": "A", "filter": "s in (open, held), v = 'a, b', g = false"},
            {
                "name": "not",
                "entity": "A",
                "filter": ["at is not null", "n not in (1, 2)", "v <> x"],
            },
        ],
    )
    said = [[str(rule) for rule in pattern.conditions] for pattern in model.patterns]
    assert said == [
        ["s = 'open'", "at is null", "n > 3"],
        ["s in ('open', 'held')", "v = 'a, b'", "g = false"],
        ["at is not null", "n not in (1, 2)", "v <> 'x'"],
    ]
    assert model.patterns[0].equal == ("g",)


@pytest.mark.parametrize(
    ("item", "mistake"),
    [
        ("s = opened", "'opened' is none of open, held"),
        ("n = many", "`many` is no value of `int`"),
        ("at = 'now'", "is not a time"),
        ("n is nul", "after the field comes nothing"),
        ("n like 3", "after the field comes nothing"),
        ("s in open", "`(` is expected"),
    ],
)
def test_a_mistake_in_a_fixed_value_is_named(item: str, mistake: str) -> None:
    entities = {"A": ID | {"s": "enum(open, held)", "n": "int", "at": "timestamptz"}}
    (found,) = mistakes(entities, [{"name": "p", "entity": "A", "filter": [item]}])
    assert f"filter `{item}`: " in found
    assert mistake in found
