"""Reading the two answers about data: what is understood, and how a mistake is said."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.errors import ConductorError
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model

from . import schema_models as models


def parsed(entities: object, patterns: object = None) -> DataModel:
    model = parse_model(entities, patterns)
    assert model is not None
    return model


def mistakes(entities: object, patterns: object = None) -> list[str]:
    with pytest.raises(ConductorError) as raised:
        parse_model(entities, patterns)
    assert raised.value.remedy
    return [line[4:] for line in raised.value.message.splitlines()[1:]]


@pytest.mark.parametrize("empty", [None, "", {}, "{}", "# nothing\n"])
@pytest.mark.parametrize("none", [None, "", [], "[]", {}])
def test_empty_answers_give_no_model(empty: object, none: object) -> None:
    assert parse_model(empty, none) is None


def test_text_and_data_give_the_same_model() -> None:
    texts = [
        yaml.safe_dump(part, sort_keys=False)
        for part in (models.LEDGER_ENTITIES, models.LEDGER_PATTERNS)
    ]
    assert parse_model(*texts) == models.ledger()


def test_answers_are_left_as_they_are() -> None:
    before = copy.deepcopy((models.LEDGER_ENTITIES, models.LEDGER_PATTERNS))
    models.ledger()
    assert before == (models.LEDGER_ENTITIES, models.LEDGER_PATTERNS)


def test_fields_become_columns() -> None:
    entry = models.ledger().entity("Entry")
    account = entry.column("account_id")
    assert (account.field, account.type.name, account.nullable) == ("account", "uuid", False)
    assert account.reference is not None
    assert account.reference.on_delete == "restrict"
    assert entry.key == ("id",)
    assert entry.unique == (("account_id", "code", "booked"),)
    assert [str(check.rule) for check in entry.checks] == [
        "amount_minor > 0",
        "(fee_minor >= 0 and fee_minor <= 1000000) and fee_minor <= amount_minor",
        "length(code) = 3 and code not in ('XXX', 'it''s')",
    ]
    assert dict(models.ledger().entity("Account").notes) == {"email": "where statements go"}


@pytest.mark.parametrize(
    ("field", "key", "columns"),
    [
        ("account", {"id": "uuid pk"}, ["account_id"]),
        ("account_id", {"id": "uuid pk"}, ["account_id"]),
        ("payerId", {"id": "uuid pk"}, ["payer_id"]),
        ("country", {"code": "char(2) pk"}, ["country_code"]),
        ("account", {"account_id": "uuid pk"}, ["account_id"]),
        ("owner", {"account_id": "uuid pk"}, ["owner_account_id"]),
        ("line", {"order": "int pk", "id": "int pk"}, ["line_order", "line_id"]),
    ],
)
def test_references_are_named_after_field_and_key(
    field: str, key: dict[str, str], columns: list[str]
) -> None:
    model = parsed({"Target": key, "Source": {"number": "int pk", field: "ref Target"}})
    assert [c.name for c in model.entity("Source").columns][1:] == columns


def test_a_reference_can_be_part_of_a_key_that_is_referenced() -> None:
    model = parsed(
        {
            "A": {"id": "int pk"},
            "B": {"a": "ref A pk", "n": "int pk"},
            "C": {"id": "int pk", "b": "ref B"},
        }
    )
    assert [c.name for c in model.entity("C").columns] == ["id", "b_a_id", "b_n"]
    (key,) = model.entity("C").foreign_keys
    assert (key.columns, key.referenced) == (("b_a_id", "b_n"), ("a_id", "n"))


ID = {"id": "uuid pk"}


@pytest.mark.parametrize(
    ("entities", "mistake"),
    [
        (
            {"A": {"id": "uid pk"}},
            "A.id: unknown type `uid`; the nearest known word is `uuid`",
        ),
        (
            {"A": {"id": "uuid pkk"}},
            "A.id: unknown word `pkk`; the nearest known word is `pk`",
        ),
        ({"A": ID | {"e": "text uniqe"}}, "the nearest known word is `unique`"),
        ({"A": ID | {"n": "int check > 0"}}, "a rule stands in parentheses, as in `check(amount"),
        ({"A": ID | {"b": "uuid > A"}}, "a reference is written `ref ENTITY`"),
        (
            {"A": ID | {"b": "ref Acount"}, "Account": ID},
            "entities.A.b: unknown entity `Acount`; the nearest known word is `Account`",
        ),
        ({"A": ID | {"b": "ref"}}, "`ref` needs an entity"),
        ({"A": ID | {"b": "ref A on delete cascad"}}, "the nearest known word is `cascade`"),
        ({"A": ID | {"b": "ref A not null on delete set null"}}, "needs a field that may be null"),
        ({"A": ID | {"b": "uuid ref A"}}, "leave the type out"),
        ({"A": ID | {"b": "text on delete cascade"}}, "`on delete` needs `ref`"),
        ({"A": ID | {"b": "ref A default 1"}}, "takes neither `default` nor `check`"),
        ({"A": {"name": "text"}}, "entities.A: no field is the key"),
        ({"A": {}}, "entities.A: no field is the key"),
        ({"A": "uuid"}, "entities.A: a mapping of fields to types is expected"),
        (["A"], "entities: a mapping of entity names to fields is expected"),
        ({"A": ID, "a": ID}, "entities.a: the same stored name as entity `A`"),
        ({"UserID": ID, "user_id": ID}, "the same stored name as entity `UserID`"),
        ({"A": ID | {"ID": "int"}}, "the same stored name `id` as field `id`"),
        ({"A": ID | {"a": "ref A", "a_id": "uuid"}}, "the same stored name `a_id` as field `a`"),
        ({"A": {True: "int", "id": "int pk"}}, "YAML reads this name as a value"),
        ({"A b": ID}, "a name begins with a letter"),
        ({"1A": ID}, "a name begins with a letter"),
        ({"A; DROP TABLE x": ID}, "a name begins with a letter"),
        ({"A": ID | {"x" * 64: "int"}}, "longer than 63 characters"),
        ({"A": {"x" * 61: "int pk"}, "B": ID | {"abc": "ref A"}}, "longer than 63"),
        ({"A": ID | {"n": 5}}, "a type and flags are expected, not `5`"),
        ({"A": ID | {"n": ""}}, "a type is missing"),
        ({"A": ID | {"n": "int null not null"}}, "contradict each other"),
        ({"A": {"n": "int pk null"}}, "contradict each other"),
        ({"A": ID | {"n": "int unique unique"}}, "`unique` is there twice"),
        ({"A": ID | {"n": "json indexed"}}, "`json` has no order and cannot be indexed"),
        ({"A": ID | {"n": "varchar"}}, "`varchar` needs its size, as in `varchar(20)`"),
        ({"A": ID | {"n": "varchar(0)"}}, "the length of `varchar` is between 1 and"),
        ({"A": ID | {"n": "decimal"}}, "`decimal` needs its digits"),
        ({"A": ID | {"n": "decimal(2,3)"}}, "0 <= s <= p"),
        ({"A": ID | {"n": "int(3)"}}, "`int` takes nothing in parentheses"),
        ({"A": ID | {"n": "enum"}}, "`enum` needs its values"),
        ({"A": ID | {"n": "enum(a, b | A)"}}, "enum value `a` is there twice"),
        ({"A": ID | {"n": "enum(a; b\\)"}}, "has a character that is not allowed"),
        ({"A": ID | {"n": "int check"}}, "`check` needs a rule"),
        ({"A": ID | {"n": "int check(n > 0"}}, "is not closed"),
        ({"A": ID | {"n": "int check(m > 0)"}}, "entities.A.n: check(m > 0): unknown field `m`"),
        ({"A": ID | {"n": "int default"}}, "`default` needs a value"),
        ({"A": ID | {"n": "int default abc"}}, "default `abc` is not a number"),
        ({"A": ID | {"n": "int default 3000000000"}}, "default `3000000000` does not fit int"),
        ({"A": ID | {"n": "int default 1.5"}}, "does not fit int"),
        ({"A": ID | {"n": "decimal(4,2) default 123.4"}}, "does not fit decimal(4,2)"),
        ({"A": ID | {"n": "char(2) default 'abc'"}}, "is longer than char(2)"),
        ({"A": ID | {"n": "enum(a, b) default c"}}, "default `c` is none of a, b"),
        ({"A": ID | {"n": "bool default yes"}}, "is not true or false"),
        ({"A": ID | {"n": "date default '31.1.2026'"}}, "is not a date like 2026-01-31"),
        ({"A": ID | {"n": "date default 2026-01-31"}}, "dates and texts need 'quotes'"),
        ({"A": ID | {"n": "uuid default now()"}}, "`now()` is not a default of `uuid`"),
        ({"A": ID | {"n": "json default '{'"}}, "is not JSON"),
        ({"A": ID | {"n": "json default 'NaN'"}}, "is not JSON"),
        ({"A": ID | {"n": "float default 'nan'"}}, "is not a number"),
        ({"A": ID | {"n": "int default '1_0'"}}, "is not a number"),
        ({"A": ID | {"n": "timestamp default '2026-01-31T12:00Z'"}}, "a time without an offset"),
        ({"A": ID | {"n": "timestamptz default '2026-01-31T12:00'"}}, "a time with an offset"),
        ({"A": ID | {"n": "text -- a\0b"}}, "the note has characters that cannot be printed"),
        ({"A": ID | {"_note": "\x1b[0m"}}, "the note has characters that cannot be printed"),
        ({"A": ID | {"n": "int now()"}}, "unknown word `now`"),
        ({"A": ID | {"n": "int unique(a)"}}, "`unique` takes nothing in parentheses"),
        ({"A": ID | {"_unique": "id"}}, "a list of fields is expected"),
        ({"A": ID | {"j": "json", "_unique": ["id", "j"]}}, "`j` is json and has no order"),
        (
            {
                "A": {"a": "int pk", "b": "int pk"},
                "B": ID | {"r": "ref A", "n": "int check(r > n)"},
            },
            "`r` has several columns",
        ),
        ({"A": ID | {"n": "bytes default 'x'"}}, "has no written form"),
        ({"A": ID | {"n": "int not null default null"}}, "needs a field that may be null"),
        ({"A": ID | {"n": r"text default 'a\b'"}}, "has a backslash"),
        ({"A": ID | {"_ttl": "soon"}}, "as in `15 minutes`"),
        ({"A": ID | {"_tll": "1 day"}}, "unknown word `_tll`; the nearest known word is `_ttl`"),
        (
            {"A": ID | {"_unique": ["idd"]}},
            "unknown field `idd`; the nearest known word is `id`",
        ),
        ({"A": ID | {"_unique": ["id", "id"]}}, "a field is there twice"),
        ({"A": ID | {"_note": 5}}, "a text is expected"),
        ({"A": {"b": "ref B pk"}, "B": {"a": "ref A pk"}}, "its key contains itself: B -> A -> B"),
    ],
)
def test_a_mistake_in_entities_is_named(entities: object, mistake: str) -> None:
    found = mistakes(entities)
    assert len(found) == 1, found
    assert mistake in found[0]


@pytest.mark.parametrize(
    ("pattern", "mistake"),
    [
        ({"entity": "A"}, "access_patterns[1]: `name` is missing"),
        ({"name": "p"}, "access_patterns.p: `entity` is missing"),
        ({"name": "p", "entity": "AA"}, "unknown entity `AA`; the nearest known word is `A`"),
        (
            {"name": "p", "entity": "A", "filters": []},
            "the nearest known word is `filter`",
        ),
        ({"name": "p", "entity": "A", "filter": ["status"]}, "filter: `A` has no field `status`"),
        (
            {"name": "p", "entity": "A", "filter": ["data"]},
            "`data` is json and has no order",
        ),
        (
            {"name": "p", "entity": "A", "filter": ["id like"]},
            "after the field comes nothing, `=`",
        ),
        ({"name": "p", "entity": "A", "filter": ["id", "id >"]}, "filter: `id` is there twice"),
        ({"name": "p", "entity": "A", "filter": [5]}, "`filter` is a list of fields"),
        ({"name": "p", "entity": "A", "filter": [" "]}, "`filter` has an empty item"),
        ({"name": "p", "entity": "A", "sort": ["id down"]}, "sort `id down`: unknown word `down`"),
        (
            {"name": "p", "entity": "A", "kind": "raed"},
            "kind: unknown word `raed`; the nearest known",
        ),
        ({"name": "p", "entity": "A", "consistency": "exact"}, "consistency: unknown word `exact`"),
        (
            {"name": "p", "entity": "A", "per_second": "many"},
            "`per_second`: times a second are expected",
        ),
        (
            {"name": "p", "entity": "A", "per_second": -1},
            "`per_second`: times a second are expected",
        ),
        (
            {"name": "p", "entity": "A", "per_second": float("nan")},
            "`per_second`: times a second are expected",
        ),
        ({"name": "p\0", "entity": "A"}, "`name` has characters that cannot be printed"),
        ({"name": "p", "entity": "A", "page_size": 0}, "`page_size` is a whole number"),
        ("p", "a mapping with `name`"),
    ],
)
def test_a_mistake_in_a_pattern_is_named(pattern: object, mistake: str) -> None:
    (found,) = mistakes({"A": ID | {"data": "json"}}, [pattern])
    assert mistake in found


def test_all_mistakes_are_said_at_once() -> None:
    found = mistakes(
        {"A": {"id": "uuid pk", "x": "txt", "y": "int nul"}, "B": {"n": "int"}},
        [{"name": "p", "entity": "C"}, {"name": "P", "entity": "A"}, {"name": "p", "entity": "B"}],
    )
    assert len(found) == 6


def test_patterns_need_entities_and_names_of_their_own() -> None:
    assert mistakes({}, [{"name": "p"}]) == [
        "access_patterns: there are patterns but `entities` is empty"
    ]
    twice = [{"name": "By id", "entity": "A"}, {"name": "by ID", "entity": "A"}]
    assert mistakes({"A": ID}, twice) == ["access_patterns.by ID: another pattern has this name"]
    assert mistakes({"A": ID}, {"name": "p"}) == ["access_patterns: a list of patterns is expected"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A: {id: uuid pk, id: int}", "`id` is there twice"),
        ("A:\n  id: uuid pk\nA:\n  id: int pk", "`A` is there twice"),
        ("A: [", "is not YAML in line"),
        ("A:\n  meta: json default '{\"a\": 1}'", "is not YAML in line 2"),
        ("A: !!python/object/apply:os.system ['true']", "is not YAML"),
        ("[" * 5000, "is not YAML"),
    ],
)
def test_text_that_is_not_plain_yaml_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConductorError) as raised:
        parse_model(text, None)
    assert said in str(raised.value)


def test_patterns_name_fields_or_columns_and_say_how_they_compare() -> None:
    entities = {"A": ID, "B": ID | {"a": "ref A", "n": "int", "m": "int"}}
    patterns = [
        {"name": "one", "entity": "B", "filter": ["a", "n >="], "sort": ["m DESC"]},
        {"name": "two", "entity": "B", "filter": "a_id =, n between", "sort": "m"},
    ]
    one, two = parsed(entities, patterns).patterns
    assert (one.equal, one.ranges, one.sort) == (("a_id",), ("n",), (("m", "desc"),))
    assert (two.equal, two.ranges, two.sort) == (("a_id",), ("n",), (("m", "asc"),))
    assert one.kind == "read"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date default '20260131'", "2026-01-31"),
        ("timestamp default '2026-01-31'", "2026-01-31T00:00:00"),
        ("timestamptz default '2026-01-31T12:00Z'", "2026-01-31T12:00:00+00:00"),
        (
            "uuid default '{0000000000000000000000000000000A}'",
            "00000000-0000-0000-0000-00000000000a",
        ),
        ("enum('a', \"b c\") default 'b c'", "b c"),
        ("bool default TRUE", "true"),
        ("text default plain", "plain"),
    ],
)
def test_defaults_have_one_written_form(field: str, value: str) -> None:
    default = parsed({"A": ID | {"f": field}}).entity("A").column("f").default
    assert default is not None
    assert default.value == value


def test_a_pattern_of_an_unreadable_entity_adds_no_mistake() -> None:
    (found,) = mistakes({"A": {"id": "uid pk"}}, [{"name": "p", "entity": "A", "filter": "x"}])
    assert found.startswith("entities.A.id")


@pytest.mark.parametrize("seconds", [("90 seconds", 90), ("15 minutes", 900), ("1 day", 86_400)])
def test_a_lifetime_is_a_number_and_a_unit(seconds: tuple[str, int]) -> None:
    text, expected = seconds
    assert parsed({"A": ID | {"_ttl": text}}).entity("A").ttl_seconds == expected


def test_referenced_entities_come_first_and_a_cycle_opens_where_a_value_may_be_missing() -> None:
    model = parsed(
        {
            "Line": ID | {"order": "ref Order not null"},
            "Order": ID | {"customer": "ref Customer not null", "last_line": "ref Line"},
            "Customer": ID | {"favourite": "ref Order", "self": "ref Customer not null"},
        }
    )
    assert [entity.name for entity in model.in_dependency_order] == ["Customer", "Order", "Line"]
    assert model.deferred == {("Customer", "favourite"), ("Order", "last_line")}


@given(st.text(max_size=60))
def test_any_field_text_is_read_or_refused(text: str) -> None:
    try:
        parse_model({"A": ID | {"f": text}}, None)
    except ConductorError as error:
        assert "entities.A.f" in error.message  # noqa: PT017


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_any_answer_is_read_or_refused(answer: Any) -> None:
    for pair in ((answer, None), ({"A": ID}, answer), (answer, [answer])):
        try:
            parse_model(*pair)
        except ConductorError as error:
            assert error.remedy  # noqa: PT017


@given(models.answers())
def test_drawn_models_have_every_reference_in_order(given: models.Answers) -> None:
    model = models.drawn(given)
    seen: set[str] = set()
    for entity in model.in_dependency_order:
        for key in entity.foreign_keys:
            late = (entity.name, key.field) in model.deferred
            assert late or key.entity in seen | {entity.name}
        seen.add(entity.name)
    assert len(seen) == len(model.entities)
