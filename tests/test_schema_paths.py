"""Object keys, directories, several stores at once, and the diagram."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings

from storage_conductor.errors import ConductorError
from storage_conductor.schema.design import PROOFS
from storage_conductor.schema.er import diagram
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design
from tests.schema_support import design

from . import schema_models as models
from . import schema_servers as servers

OBJECT_STORES = ["amazon-s3", "s3-compatible", "google-cloud-storage", "azure-blob-storage"]
FILE_STORES = ["local-posix", "nfs", "amazon-efs"]
RECEIPT = {
    "id": "uuid pk",
    "account": "uuid not null",
    "kind": "varchar(20)",
    "at": "timestamptz not null",
    "comment": "text",
    "scan": "bytes",
}


def parsed(entities: object, patterns: object = None) -> DataModel:
    model = parse_model(entities, patterns)
    assert model is not None
    return model


def receipts(*patterns: dict[str, Any], **options: str) -> DataModel:
    named = [{"name": f"p{n}", "entity": "Receipt"} | pattern for n, pattern in enumerate(patterns)]
    return parsed({"Receipt": RECEIPT | options}, named)


def findings(result: Design) -> list[tuple[str, str]]:
    return [(finding.key, finding.subject) for finding in result.findings]


def text(result: Design, kind: str) -> str:
    return next(artifact.text for artifact in result.artifacts if artifact.kind == kind)


BY_ID = {"filter": ["id"]}
OF_ACCOUNT = {"filter": ["account"], "sort": ["at"], "per_second": 5}
OF_KIND = {"filter": ["kind"], "per_second": 50}


@pytest.mark.parametrize("backend", OBJECT_STORES)
def test_objects_read_by_key_are_stored_by_it_and_lists_need_an_index(backend: str) -> None:
    result = design(receipts(BY_ID, OF_ACCOUNT, OF_KIND), backend)
    (key,) = result.keys
    assert (key.name, key.serves) == ("receipt/<id>", ("p0",))
    assert [row.served_kind for row in result.patterns] == ["key", "none", "none"]
    assert findings(result)[:3] == [
        ("listing-needs-index", "p1"),
        ("listing-needs-index", "p2"),
        ("metadata-size", "Receipt.comment"),
    ]
    assert {field.column: field.type for field in result.entities[0].fields} == {
        "id": "object key",
        "account": "metadata",
        "kind": "metadata",
        "at": "metadata",
        "comment": "metadata",
        "scan": "content",
    }


def test_without_reads_by_key_the_busiest_list_decides_the_path() -> None:
    result = design(receipts(OF_ACCOUNT, OF_KIND), "amazon-s3")
    assert result.keys[0].name == "receipt/<kind>/<id>"
    assert ("nullable-key", "Receipt.kind") in findings(result)
    result = design(receipts(OF_ACCOUNT, {"filter": ["account", "at >"], "page_size": 9}), "nfs")
    assert result.keys[0].name == "receipt/<aa>/<bb>/<account>/<at>/<id>.bin"
    assert [row.cost for row in result.patterns] == ["range", "page"]
    assert ("listing-order", "p0") not in findings(result)


@pytest.mark.parametrize(
    "pattern",
    [
        {"filter": ["account"], "sort": ["at desc"]},
        {"filter": ["account"], "sort": ["at", "kind"]},
        {"filter": ["account", "kind >"], "sort": ["at"]},
    ],
    ids=str,
)
def test_an_order_that_paths_do_not_have_is_said(pattern: dict[str, Any]) -> None:
    assert ("listing-order", "p0") in findings(design(receipts(pattern), "amazon-s3"))


def test_a_range_that_the_path_does_not_have_reads_the_whole_list() -> None:
    narrow = {"filter": ["account", "at >"], "per_second": 9}
    other = {"filter": ["account", "kind >"]}
    result = design(receipts(narrow, other), "amazon-s3")
    assert ("filter-after-range", "p1") in findings(result)
    assert ("filter-after-range", "p0") not in findings(result)


def test_a_text_without_a_length_can_be_too_long_for_a_key() -> None:
    model = parsed({"A": {"name": "text pk"}})
    assert ("key-length", "A.name") in findings(design(model, "amazon-s3"))


def test_lifetimes_become_rules_of_each_store() -> None:
    model = receipts(_ttl="25 hours")
    google = json.loads(text(design(model, "google-cloud-storage"), "lifecycle"))
    assert google["rule"][1] == {
        "action": {"type": "Delete"},
        "condition": {"age": 2, "matchesPrefix": ["receipt/"]},
    }
    (rule,) = json.loads(text(design(model, "azure-blob-storage"), "lifecycle"))["rules"]
    assert rule["definition"]["filters"]["prefixMatch"] == ["CONTAINER/receipt/"]
    assert rule["definition"]["actions"]["baseBlob"]["delete"] == {
        "daysAfterModificationGreaterThan": 2
    }
    assert rule["definition"]["actions"]["version"]["delete"] == {"daysAfterCreationGreaterThan": 2}
    kinds = {artifact.kind for artifact in design(receipts(), "azure-blob-storage").artifacts}
    assert kinds == {"layout"}
    assert ("purge-job", "Receipt") in findings(design(model, "nfs"))


@pytest.mark.parametrize("backend", FILE_STORES)
def test_files_are_spread_and_written_whole(backend: str) -> None:
    result = design(receipts(BY_ID), backend)
    layout = text(result, "layout")
    assert "receipt/<aa>/<bb>/<id>.bin\n" in layout
    assert "receipt/<aa>/<bb>/<id>.json    the other fields\n" in layout
    assert "fsync" in layout
    long = parsed({"A": {"name": "text pk"}, "B": {"code": "varchar(85) pk"}})
    assert ("key-length", "A.name") in findings(design(long, backend))
    assert ("key-length", "B.code") not in findings(design(long, backend))


def test_several_stores_share_the_entities() -> None:
    model = parsed(
        {
            "Account": {"id": "uuid pk"},
            "Receipt": RECEIPT | {"owner": "ref Account"},
            "Session": {"id": "uuid pk", "account": "ref Account", "_store": "redis"},
        },
        [{"name": "session", "entity": "Session", "filter": "id"}],
    )
    keys = ["redis", "postgresql", "amazon-s3", "nfs"]
    result = design(model, "hybrid", keys)
    assert result.stores == (
        ("Account", "postgresql"),
        ("Receipt", "amazon-s3"),
        ("Session", "redis"),
    )
    assert [(table.entity, table.store) for table in result.entities] == list(result.stores)
    assert result.order == ("Account", "Receipt", "Session")
    assert {artifact.title.split(":")[0] for artifact in result.artifacts} == {
        "Redis",
        "PostgreSQL",
        "Amazon S3",
    }
    assert "FOREIGN KEY" not in text(result, "schema")
    assert {row.enforced_by for row in result.relationships} == {"application"}
    assert ("cross-store-reference", "Receipt.owner") in findings(result)
    assert ("store-owns-nothing", "nfs") in findings(result)
    assert result.proof == "emulator"


def test_a_reference_to_another_store_keeps_its_column_and_index() -> None:
    model = parsed(
        {"Blob": {"id": "uuid pk", "body": "bytes"}, "File": {"id": "int pk", "blob": "ref Blob"}}
    )
    result = design(model, "hybrid", ["postgresql", "amazon-s3"])
    schema = text(result, "schema")
    assert "blob_id UUID" in schema
    assert "CREATE INDEX ix_file_blob_id" in schema
    (case,) = (case for case in result.constraints if case.kind == "reference")
    assert case.enforced_by == "application"


@pytest.mark.parametrize(
    ("keys", "owner"),
    [
        (["redis", "amazon-s3"], "amazon-s3"),
        (["redis", "memcached"], "redis"),
        (["amazon-s3", "mongodb", "mysql"], "mongodb"),
        (["other", "amazon-s3"], "other"),
    ],
)
def test_records_go_to_the_first_store_that_keeps_them(keys: list[str], owner: str) -> None:
    assert design(parsed({"A": {"id": "uuid pk"}}), "hybrid", keys).stores == (("A", owner),)


def test_an_owner_that_was_not_chosen_is_a_mistake() -> None:
    model = parsed({"A": {"id": "uuid pk", "_store": "postgres"}})
    with pytest.raises(ConductorError, match="nearest known word is `PostgreSQL`"):
        design(model, "hybrid", ["postgresql", "redis"])


def test_an_unlisted_backend_gets_the_plan_without_statements() -> None:
    result = design(models.ledger(), "other")
    assert result.artifacts == ()
    assert result.unchecked
    assert {row.enforced_by for row in result.relationships} == {"application"}
    assert [row.type for row in result.entities[0].fields][:2] == [
        "uuid",
        "enum(merchant, platform, customer)",
    ]


@pytest.mark.parametrize(
    "backend",
    ["postgresql", "mysql", "mariadb", "sqlite", "sql-server", "mongodb", "dynamodb", "cassandra",
     "redis", "valkey", "memcached", *OBJECT_STORES, *FILE_STORES, "other"],
)  # fmt: skip
def test_every_backend_describes_the_whole_model(backend: str) -> None:
    model = models.ledger()
    result = design(model, backend)
    assert [table.entity for table in result.entities] == list(result.order)
    assert [row.name for row in result.patterns] == [pattern.name for pattern in model.patterns]
    assert len({case.title for case in result.constraints}) == len(result.constraints)
    assert len(result.relationships) == 3
    for table in result.entities:
        columns = [column.name for column in model.entity(table.entity).columns]
        assert [field.column for field in table.fields] == columns
    email = next(f for table in result.entities for f in table.fields if f.column == "email")
    assert email.meaning == "where statements go"
    assert result.stores == tuple((name, backend) for name in result.order)
    assert result.proof == PROOFS.get(backend, "none")
    for artifact in result.artifacts:
        assert artifact.text.endswith("\n")
        assert "\t" not in artifact.text
        assert not any(line != line.rstrip() for line in artifact.text.splitlines())
        if artifact.language == "json":
            json.loads(artifact.text)


PARSER = """
import {{ createRequire }} from 'node:module';
import {{ pathToFileURL }} from 'node:url';
const at = createRequire({packages});
const {{ JSDOM }} = at('jsdom');
globalThis.window = new JSDOM('').window;
globalThis.document = window.document;
const directory = at.resolve('mermaid/package.json').replace('package.json', '');
const source = pathToFileURL(directory + 'dist/mermaid.core.mjs');
const mermaid = (await import(source)).default;
const results = [];
for (const text of {diagrams}) {{
  try {{
    results.push((await mermaid.parse(text)).diagramType);
  }} catch (error) {{
    results.push(String(error.message));
  }}
}}
console.log(JSON.stringify(results));
"""


def mermaid(diagrams: list[str]) -> list[str]:
    """What Mermaid's own parser says about each diagram: its type, or the mistake."""
    node, packages = servers.node("mermaid", "jsdom")
    program = PARSER.format(packages=json.dumps(str(packages / "x")), diagrams=json.dumps(diagrams))
    command = [node, "--input-type=module", "-"]
    done = subprocess.run(command, input=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    parsed_types: list[str] = json.loads(done.stdout)
    return parsed_types


def test_diagrams_with_names_that_mermaid_reserves_are_read_by_it() -> None:
    words = "erDiagram title class style classDef direction one many only to u pk fk uk accTitle"
    entities: dict[str, dict[str, str]] = {
        word: {"id": "int pk", **{f: "int" for f in words.split() if f != "id"}}
        for word in words.split()
    }
    for field, word in zip(words.split()[1:], words.split()[:-1], strict=True):
        entities[word][field] = "ref title unique not null"
    assert mermaid(
        [diagram(parsed(entities)), diagram(models.ledger()), "erDiagram\n  A {\n    int pk\n"]
    )[:2] == ["er", "er"]


@settings(max_examples=1)
@given(models.answers())
def test_a_broken_diagram_would_be_noticed(given: models.Answers) -> None:
    drawing = diagram(models.drawn(given))
    good, bad = mermaid([drawing, drawing.replace("{", "{{", 1)])
    assert good == "er"
    assert bad != "er"


def test_diagrams_show_keys_values_and_ends() -> None:
    assert diagram(
        parsed(
            {
                "A": {"id": "uuid pk", "kind": "enum(x, y)", "code": "varchar(9) unique"},
                "B": {
                    "a": "ref A pk",
                    "pk": "decimal(9,2)",
                    "other": "ref A",
                    "b": "ref B not null",
                },
            }
        )
    ) == (
        "erDiagram\n"
        '  "A" {\n'
        "    uuid id PK\n"
        '    enum kind "x, y"\n'
        "    varchar code UK\n"
        "  }\n"
        '  "B" {\n'
        "    uuid a_id PK, FK\n"
        "    decimal pk_\n"
        "    uuid other_id FK\n"
        "    uuid b_a_id FK\n"
        "  }\n"
        '  "A" ||--o| "B" : "a"\n'
        '  "A" |o--o{ "B" : "other"\n'
        '  "B" ||--o{ "B" : "b"\n'
    )


DATED = {"name": "of an account", "filter": ["account", "at >"], "per_second": 2}
UNDATED = {"name": "all of an account", "filter": ["account"], "per_second": 2}


def dated(*patterns: dict[str, Any], **options: Any) -> Design:
    return design(receipts(*patterns, _lifetime="90 days", **options), "nfs")


def test_files_that_go_in_time_lie_by_day_where_that_looks_at_fewer_names() -> None:
    result = dated(DATED, _growth="10 a second")
    (choice,) = result.spreads
    ways = {way.word: (way.cleaned, way.listed) for way in choice.ways}
    # 10/s × 86,400 s × 90 d are looked at by hash, those of one day by day; 2/s × 86,400 lists.
    assert ways == {"by hash": (77_760_000, 172_800), "by day": (864_000, 172_800)}
    assert result.keys[0].name == "receipt/<day>/<aa>/<account>/<at>/<id>.bin"
    assert "<day>:      date of <at> in UTC" in text(result, "layout")
    assert ("spread-choice", "Receipt") in findings(result)


@pytest.mark.parametrize(
    ("patterns", "options", "chosen"),
    [
        # 90 directories for each of 2 × 86,400 lists are 15.6 million, less than is saved.
        ([UNDATED], {"_growth": "10 a second"}, "by day"),
        ([UNDATED], {"_growth": "1 a second"}, "by hash"),
        ([UNDATED | {"per_second": None}], {"_growth": "10 a second"}, "by hash"),
        ([DATED], {"_growth": "10 a second", "_layout": "by hash"}, "by hash"),
        ([UNDATED], {"_growth": "1 a second", "_layout": "by day"}, "by day"),
    ],
)
def test_lists_that_name_no_day_are_weighed_against_the_clean_up(
    patterns: list[dict[str, Any]], options: dict[str, str], chosen: str
) -> None:
    sort = {"sort": ["at"]}
    (choice,) = dated(*[sort | pattern for pattern in patterns], **options).spreads
    assert choice.ways[0].word == chosen


def test_days_need_a_time_in_the_path() -> None:
    assert dated(BY_ID, _growth="10 a second").spreads == ()
    with pytest.raises(ConductorError, match=r"Receipt\._layout: `by day` is not possible here"):
        dated(BY_ID, _growth="10 a second", _layout="by day")
