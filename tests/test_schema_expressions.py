"""The language of checks: what it takes, what it refuses, and that SQL agrees with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.schema.expressions import (
    ColumnValue,
    Expression,
    ExpressionError,
    parse_check,
)
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.rules import breaking_row
from storage_conductor.schema.types import FieldType

FIELDS = {
    "a": FieldType("int"),
    "b": FieldType("int"),
    "t": FieldType("varchar", length=9),
    "e": FieldType("enum", values=("x", "y")),
    "f": FieldType("bool"),
    "d": FieldType("date"),
    "u": FieldType("uuid"),
    "v": FieldType("uuid"),
    "j": FieldType("json"),
    "z": FieldType("timestamptz"),
}


def column(name: str) -> ColumnValue:
    if name not in FIELDS:
        raise ExpressionError(f"unknown field `{name}`")
    return ColumnValue(name, FIELDS[name])


def parsed(text: str) -> Expression:
    return parse_check(text, column)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a>0", "a > 0"),
        ("A != 1".lower(), "a <> 1"),
        ("a == -1.50", "a = -1.50"),
        ("0 < a", "0 < a"),
        ("a between 1 and b", "a >= 1 and a <= b"),
        ("a not between 1 and 5", "a < 1 or a > 5"),
        ("not (a > 1 and b < 2)", "a <= 1 or b >= 2"),
        ("not not a = 1", "a = 1"),
        ("a = 1 or b = 2 and a = 3", "a = 1 or (b = 2 and a = 3)"),
        ("t in ('x', 'it''s')", "t in ('x', 'it''s')"),
        ("not t in ('x')", "t not in ('x')"),
        ("t is not null", "t is not null"),
        ("not (t is null)", "t is not null"),
        ("length(t) >= 3", "length(t) >= 3"),
        ("f = true", "f = true"),
        ("e <> 'x'", "e <> 'x'"),
        ("d >= '2026-01-31'", "d >= '2026-01-31'"),
        ("u <> v", "u <> v"),
        ("d in ('20260131')", "d in ('2026-01-31')"),
        ("z < '2026-01-31T12:00+02:00'", "z < '2026-01-31T12:00:00+02:00'"),
    ],
)
def test_checks_have_one_written_form(text: str, canonical: str) -> None:
    assert str(parsed(text)) == canonical
    assert parsed(str(parsed(text))) == parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "f",
        "a >",
        "a > 0; DROP TABLE x",
        "a > 0 -- rest",
        "a > 0) or (1 = 1",
        "1 = 1",
        "a + 1 > 0",
        "a > (select 1)",
        "pg_sleep(5) is null",
        "a = 'x'",
        "t > 5",
        "t = 'x\\'",
        "t = 'a\nb'",
        't = "x"',
        "length(a) > 1",
        "length(t) is null",
        "e = 'z'",
        "d = 'today'",
        "f > false",
        "u = '00000000-0000-0000-0000-000000000000'",
        "u < v",
        "j = 'x'",
        "a = t",
        "d = z",
        "a in ()",
        "a in (b)",
        "a in (1, 'x')",
        "5 in (a)",
        "a like 'x'",
        "a is 5",
        "a > 1 b",
        "a > 1 and",
        "(" * 200 + "a > 1" + ")" * 200,
        "not " * 200 + "a > 1",
        "a > 1e5",
        "a ~ 5",
        "z > 1",
        "z > '2026-01-31T12:00'",
        "x > 1",
        "a.b > 1",
        "a > 1 /* */",
    ],
)
def test_all_else_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parsed(text)


@given(st.text(alphabet="abtefd ()<>=!'0123456789.,-;\nnotrdislube", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        rule = parsed(text)
    except ExpressionError:
        return
    assert parsed(str(rule)) == rule


_numbers = st.integers(-2, 2)


@st.composite
def rules(draw: st.DrawFn, depth: int = 3) -> str:
    if depth and draw(st.booleans()):
        left, right = draw(rules(depth - 1)), draw(rules(depth - 1))
        joined = f"({left}) {draw(st.sampled_from(['and', 'or']))} ({right})"
        return f"not ({joined})" if draw(st.booleans()) else joined
    name = draw(st.sampled_from("ab"))
    number = draw(_numbers)
    return draw(
        st.sampled_from(
            [
                f"{name} {draw(st.sampled_from(['=', '<>', '<', '<=', '>', '>=']))} {number}",
                f"not {name} between {number} and {number + 1}",
                f"{name} in ({number}, {number + 2})",
                f"not {name} in ({number})",
                f"{name} is null",
                f"{name} is not null",
                "a < b",
                f"length(t) > {abs(number)}",
                "t <> 'x'",
            ]
        )
    )


@given(rules(), _numbers | st.none(), _numbers | st.none(), st.sampled_from(["", "x", "xyz", None]))
def test_evaluation_agrees_with_sql(text: str, a: int | None, b: int | None, t: str | None) -> None:
    row: dict[str, Any] = {
        "a": None if a is None else Decimal(a),
        "b": None if b is None else Decimal(b),
        "t": t,
    }
    ours = parsed(text).holds(row)
    with closing(sqlite3.connect(":memory:")) as connection:
        query = f"SELECT {text} FROM (SELECT ? AS a, ? AS b, ? AS t)"  # noqa: S608
        (theirs,) = connection.execute(query, [a, b, t]).fetchone()
    assert ours == (None if theirs is None else bool(theirs))


@pytest.mark.parametrize(
    ("fields", "row"),
    [
        ({"n": "int check(n > 0)"}, {"n": Decimal(0)}),
        ({"n": "int check(n between 5 and 7)"}, {"n": Decimal(0)}),
        ({"n": "int check(n <> 3)"}, {"n": Decimal(3)}),
        ({"t": "text check(length(t) >= 3)"}, {"t": "a"}),
        ({"t": "text check(length(t) <= 3)"}, {"t": "xxxx"}),
        ({"f": "bool check(f = true)"}, {"f": False}),
        ({"n": "int check(n > 0)", "m": "int check(m <= n)"}, {"n": Decimal(1), "m": Decimal(2)}),
        (
            {
                "state": "enum(open, paid) not null",
                "at": "date check(state <> 'paid' or at is not null)",
            },
            {"state": "paid", "at": None},
        ),
    ],
)
def test_a_row_that_breaks_one_check_and_no_other_is_found(
    fields: dict[str, str], row: dict[str, Any]
) -> None:
    model = parse_model({"A": {"id": "int pk"} | fields}, None)
    assert model is not None
    entity = model.entities[0]
    assert breaking_row(entity, entity.checks[-1].rule) == row


def test_a_check_that_nothing_breaks_has_no_row() -> None:
    model = parse_model({"A": {"id": "int pk", "n": "int check(n > 0 or n <= 0)"}}, None)
    assert model is not None
    assert breaking_row(model.entities[0], model.entities[0].checks[0].rule) is None
