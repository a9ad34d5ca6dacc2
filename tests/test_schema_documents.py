"""MongoDB: validators judge documents as the model does, and the script runs as JavaScript."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from storage_conductor.schema.model import DataModel, Entity
from storage_conductor.schema.mongorules import validator
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from storage_conductor.schema.unindexed import key_rules
from tests.schema_support import design

from . import schema_models as models
from . import schema_servers as servers
from .test_schema_expressions import rules

RECORDER = """
const calls = [];
const collection = (name) => ({
  createIndex: (keys, options) => calls.push(['createIndex', name, keys, options]),
  drop: () => calls.push(['drop', name]),
});
const db = {
  createCollection: (name, options) => calls.push(['createCollection', name, options]),
  getCollection: collection,
};
"""
JUDGE = """
import {{ createRequire }} from 'node:module';
import {{ pathToFileURL }} from 'node:url';
const path = createRequire({packages}).resolve('mingo');
const {{ Query }} = await import(pathToFileURL(path));
const [rule, rows] = {case};
console.log(JSON.stringify(rows.map((row) => new Query(rule).test(row))));
"""
_JSON_TYPES = {
    "object": {"type": "object"},
    "array": {"type": "array"},
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "int": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "long": {"type": "integer"},
    "double": {"type": "number"},
    "decimal": {"type": "number"},
    "date": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}"},
    "binData": {"type": "string"},
}


def parsed(entities: object, patterns: object = None) -> DataModel:
    model = parse_model(entities, patterns)
    assert model is not None
    return model


def text(result: Design, kind: str) -> str:
    return next(artifact.text for artifact in result.artifacts if artifact.kind == kind)


def plain(schema: Any) -> Any:
    """A MongoDB schema as a JSON schema of draft 4, which MongoDB follows."""
    if isinstance(schema, list):
        return [plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: plain(value) for key, value in schema.items() if key != "bsonType"}
    kinds = schema.get("bsonType", [])
    options = [_JSON_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
    return result | ({"allOf": [*result.get("allOf", []), {"anyOf": options}]} if options else {})


def judge(model: DataModel, name: str) -> jsonschema.Draft4Validator:
    entity = model.entity(name)
    own = [rule for rule in key_rules(model) if rule.entity is entity]
    whole = validator(entity, own)
    schema = plain(whole["$and"][0]["$jsonSchema"] if "$and" in whole else whole["$jsonSchema"])
    jsonschema.Draft4Validator.check_schema(schema)
    return jsonschema.Draft4Validator(schema)


GOOD: dict[str, Any] = {
    "_id": "uuid",
    "kind": "open",
    "name": "abc",
    "cents": 5,
    "rate": 1.5,
    "flag": True,
    "at": "2026-01-31T12:00:00Z",
    "data": {"any": [1, None]},
}
THING = {
    "id": "uuid pk",
    "kind": "enum(open, closed) not null",
    "name": "varchar(5) check(length(name) >= 2 and name <> 'root')",
    "cents": "int not null check(cents > 0 and cents <= 10)",
    "rate": "float check(not (rate between 3 and 4))",
    "flag": "bool check(flag = true or name is not null)",
    "at": "timestamptz not null",
    "data": "json",
    "owner": "ref Thing",
}


def test_a_document_of_the_model_is_accepted() -> None:
    model = judge(parsed({"Thing": THING}), "Thing")
    model.validate(GOOD)
    model.validate({key: GOOD[key] for key in ("_id", "kind", "cents", "at")})


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"},
        {"kind": None},
        {"name": "abcdef"},
        {"name": "a"},
        {"name": "root"},
        {"name": 5},
        {"cents": 0},
        {"cents": 11},
        {"cents": 2**31},
        {"cents": "5"},
        {"rate": 3},
        {"rate": 3.5},
        {"flag": "yes"},
        {"at": "soon"},
        {"_id": 5},
        {"kind": ...},
        {"cents": ...},
        {"at": ...},
        {"flag": False, "name": ...},
    ],
    ids=str,
)
def test_a_document_that_breaks_a_rule_is_refused(change: dict[str, Any]) -> None:
    document = {key: value for key, value in (GOOD | change).items() if value is not ...}
    with pytest.raises(jsonschema.ValidationError):
        judge(parsed({"Thing": THING}), "Thing").validate(document)


def test_what_a_schema_cannot_say_is_an_expression() -> None:
    model = parsed({"T": {"id": "int pk", "a": "int", "b": "int check(a < b)"}})
    script = text(design(model, "mongodb"), "schema")
    assert '"$expr"' in script
    absent = '{"$eq": [{"$ifNull": ["$a", null]}, null]}'
    assert absent in script
    assert '{"$lt": ["$a", "$b"]}' in script


def run(node: str, program: str) -> str:
    command = [node, "--input-type=module", "-"]
    done = subprocess.run(command, input=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@settings(max_examples=10)
@given(models.answers())
def test_the_script_is_javascript_that_makes_each_collection_and_index(
    given: models.Answers,
) -> None:
    node = servers.program("node")
    model = models.drawn(given)
    result = design(model, "mongodb")
    show = "\nconsole.log(JSON.stringify(calls));"
    calls = json.loads(run(node, RECORDER + text(result, "schema") + show))
    created = [call[1] for call in calls if call[0] == "createCollection"]
    assert created == [entity.name for entity in result.entities]
    named = {call[3]["name"]: call for call in calls if call[0] == "createIndex"}
    for index in result.indexes:
        entity = model.entity(index.entity)
        if index.kind == "key" and len(entity.key) == 1:
            assert index.name not in named  # the index on _id is there already
            continue
        _, collection, keys, options = named.pop(index.name)
        assert collection == index.table
        stored = ["_id" if entity.key == (column,) else column for column, _ in index.columns]
        ways = [-1 if way == "desc" else 1 for _, way in index.columns]
        assert list(keys.items()) == list(zip(stored, ways, strict=True))
        assert options.get("unique", False) == index.unique
    assert named == {}
    dropped = json.loads(run(node, RECORDER + text(result, "rollback") + show))
    assert [call[1] for call in dropped] == created[::-1]


def test_times_texts_in_order_and_large_numbers_are_expressions() -> None:
    fields = {
        "id": "int pk",
        "at": "timestamptz check(at in ('2026-01-31T12:00:00Z'))",
        "name": "text check(name >= 'm')",
        "large": "bigint check(large < 9007199254740993)",
    }
    script = text(design(parsed({"T": fields}), "mongodb"), "schema")
    assert '{"$in": ["$at", [{"$toDate": "2026-01-31T12:00:00+00:00"}]]}' in script
    assert '{"$gte": ["$name", {"$literal": "m"}]}' in script
    assert '{"$lt": ["$large", {"$toDecimal": "9007199254740993"}]}' in script


def test_a_lifetime_becomes_an_expiring_index() -> None:
    result = design(parsed({"Session": {"id": "uuid pk", "_ttl": "1 day"}}), "mongodb")
    script = text(result, "schema")
    assert '{"expires_at": 1}, {"name": "ttl_session", "expireAfterSeconds": 0}' in script
    (finding,) = (f for f in result.findings if f.key == "ttl-attribute")
    told = {"seconds": 86_400, "attribute": "expires_at", "form": "a date"}
    assert dict(finding.numbers) == told


def test_optional_unique_fields_leave_out_documents_that_lack_them() -> None:
    result = design(parsed({"A": {"id": "uuid pk", "n": "text unique"}}), "mongodb")
    assert '"partialFilterExpression": {"n": {"$exists": true}}' in text(result, "schema")


def test_references_are_kept_by_the_application() -> None:
    result = design(models.ledger(), "mongodb")
    assert {row.enforced_by for row in result.relationships} == {"application"}
    kinds = {case.kind for case in result.constraints if case.enforced_by == "application"}
    assert kinds == {"reference"}


NUMBERS = (None, -2, -1, 0, 1, 2, 3)
ROWS = [
    {key: value for key, value in (("a", a), ("b", b), ("t", t)) if value is not None}
    for a in NUMBERS
    for b in NUMBERS
    for t in (None, "", "x", "xyz")
]


def held(entity: Entity) -> list[bool]:
    """Whether each row passes the entity's check, by the model's own evaluation."""
    rows = [{k: Decimal(v) if isinstance(v, int) else v for k, v in row.items()} for row in ROWS]
    return [entity.checks[0].rule.holds(row) is not False for row in rows]


@given(rules())
def test_schemas_judge_like_the_model(rule: str) -> None:
    model = parsed({"T": {"id": "int pk", "a": "int", "b": "int", "t": f"text check({rule})"}})
    entity = model.entities[0]
    if "$and" in validator(entity, key_rules(model)):
        return  # it compares two fields; the next test is about those
    schema = judge(model, "T")
    assert [schema.is_valid(row | {"_id": 1}) for row in ROWS] == held(entity)


@settings(max_examples=3)
@given(rules())
def test_expressions_judge_like_the_model(rule: str) -> None:
    """Mingo, which implements MongoDB's query language, stands in for the server."""
    node, packages = servers.node("mingo")
    check = f"text check(({rule}) or a < b)"
    model = parsed({"T": {"id": "int pk", "a": "int", "b": "int", "t": check}})
    whole = validator(model.entities[0], key_rules(model))
    (expression,) = (part for part in whole["$and"] if "$expr" in part)
    program = JUDGE.format(
        packages=json.dumps(str(packages / "x")), case=json.dumps([expression, ROWS])
    )
    assert json.loads(run(node, program)) == held(model.entities[0])
