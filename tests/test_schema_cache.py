"""Key patterns of Redis, Valkey and Memcached; those of Redis are filled and read on a server."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from storage_conductor.schema.common import Sizes
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design, KeyRow
from tests.schema_support import design

from . import schema_models as models
from . import schema_servers as servers


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with servers.redis() as client:
        yield client


def parsed(entities: object, patterns: object = None) -> DataModel:
    model = parse_model(entities, patterns)
    assert model is not None
    return model


def findings(result: Design) -> list[tuple[str, str]]:
    return [(finding.key, finding.subject) for finding in result.findings]


def run(server: Any, commands: str, values: dict[str, Any]) -> list[Any]:
    """Run the commands of a key pattern with values in the place of `<column>`."""

    def put(match: re.Match[str]) -> str:
        name = match[1].removeprefix("from ").removeprefix("to ")
        if name.startswith("padded "):
            return f"{values[name.removeprefix('padded ')]:020}"
        return str(values[name])

    answers = []
    for line in commands.splitlines():
        parts = [re.sub(r"<([^<>]+)>", put, part) for part in _split(line)]
        answers.append(server.execute_command(*parts))
    return answers


def _split(line: str) -> list[str]:
    """Split a command at spaces outside of `<from column>`."""
    return re.findall(r"(?:<[^<>]*>|\S)+", line)


def row_named(result: Design, pattern: str) -> KeyRow:
    return next(key for key in result.keys if pattern in key.serves)


EVENT = {
    "id": "int pk",
    "user": "int not null",
    "kind": "enum(view, buy) not null",
    "at": "timestamptz not null",
    "cents": "bigint not null",
    "token": "text unique not null",
}
PATTERNS: list[dict[str, Any]] = [
    {"name": "by id", "entity": "Event", "filter": ["id"]},
    {"name": "by token", "entity": "Event", "filter": ["token"]},
    {"name": "of a user", "entity": "Event", "filter": ["user"]},
    {"name": "newest", "entity": "Event", "filter": ["user"], "sort": ["at desc"], "page_size": 2},
    {"name": "oldest", "entity": "Event", "filter": ["user"], "sort": ["at"], "page_size": 2},
    {"name": "since", "entity": "Event", "filter": ["user", "at >="]},
    {"name": "dearest", "entity": "Event", "filter": ["kind"], "sort": ["cents desc"]},
    {"name": "priced", "entity": "Event", "filter": ["kind", "cents between"]},
    {"name": "any newest", "entity": "Event", "sort": ["at desc"], "page_size": 3},
]
EVENTS = [
    {
        "id": n,
        "user": n % 2,
        "kind": ["view", "buy"][n // 3],
        "at": 1_700_000_000_000 + n,
        "cents": 10 ** (n % 4 + 6),
        "token": f"t{n}",
    }
    for n in range(6)
]


def test_key_patterns_answer_on_a_server(server: Any) -> None:
    server.flushall()
    result = design(parsed({"Event": EVENT}, PATTERNS), "redis")
    for key in result.keys:
        for event in EVENTS:
            run(server, key.write, event)

    def ask(pattern: str, number: int, **other: Any) -> Any:
        key = row_named(result, pattern)
        read = key.read.splitlines()[key.serves.index(pattern)]
        return run(server, read, EVENTS[number] | other)[0]

    assert ask("by id", 4)["cents"] == "1000000"
    assert ask("by token", 4) == "4"
    assert set(ask("of a user", 1)) == {"1", "3", "5"}
    assert ask("newest", 1) == ["5", "3"]
    assert ask("oldest", 1) == ["1", "3"]
    assert ask("any newest", 0) == ["5", "4", "3"]
    assert [member.split(":")[-1] for member in ask("dearest", 0)] == ["2", "1", "0"]
    assert [member.split(":")[-1] for member in ask("priced", 1)] == ["1"]
    assert [row.served_kind for row in result.patterns] == ["key"] + ["index"] * 8


def test_a_unique_value_is_taken_once(server: Any) -> None:
    server.flushall()
    key = row_named(design(parsed({"Event": EVENT}, PATTERNS), "valkey"), "by token")
    first, second = EVENTS[0], EVENTS[1] | {"token": EVENTS[0]["token"]}
    assert run(server, key.write, first) == [True]
    assert run(server, key.write, second) == [None]
    assert run(server, key.read, second) == ["0"]


@settings(max_examples=20)
@given(models.answers())
def test_keys_of_every_drawn_model_are_filled_and_expire(
    server: Any, given: models.Answers
) -> None:
    entities, patterns = given
    for fields in entities.values():
        fields["_ttl"] = "1 hour"
    model = models.drawn((entities, patterns))
    server.flushall()
    for key in design(model, "redis").keys:
        entity = model.entity(key.entity)
        row = {
            c.name: 7
            if c.type.family == "number" or c.type.name.startswith(("date", "time"))
            else "v"
            for c in entity.columns
        }
        run(server, key.write, row)
        (answer, *_) = run(server, key.read, row)
        assert answer, key
        name = run(server, f"EXISTS {key.name}", row), run(server, f"TTL {key.name}", row)
        assert name[0] == [1]
        assert 3500 < name[1][0] <= 3600
        server.flushall()


def test_what_a_set_cannot_do_is_said() -> None:
    model = parsed(
        {"Event": EVENT},
        [
            {"name": "all", "entity": "Event"},
            {"name": "scan", "entity": "Event", "kind": "scan"},
            {"name": "add", "entity": "Event", "kind": "write"},
            {"name": "mixed", "entity": "Event", "filter": ["user"], "sort": ["at desc", "kind"]},
            {
                "name": "two",
                "entity": "Event",
                "filter": ["user", "at >", "cents <"],
                "sort": ["kind"],
            },
        ],
    )
    assert findings(design(model, "redis")) == [
        ("unserved", "all"),
        ("mixed-sort-directions", "mixed"),
        ("sort-after-range", "two"),
        ("filter-after-range", "two"),
        ("ttl-undecided", "Event"),
        ("enforced-in-application", "Event"),
    ]


def test_memory_is_estimated_from_the_stated_size() -> None:
    model = parsed(
        {"One": {"id": "int pk", "v": "text"}, "Two": {"id": "int pk", "v": "int", "w": "int"}}
    )
    keys = design(model, "redis", sizes=Sizes(100)).keys
    assert [(key.kind, key.item_bytes) for key in keys] == [("string", 185), ("hash", 260)]
    assert [key.item_bytes for key in design(model, "redis").keys] == [None, None]


def test_memcached_keeps_results_under_what_they_depend_on() -> None:
    result = design(parsed({"Event": EVENT | {"_ttl": "60 days"}}, PATTERNS), "memcached")
    names = {pattern: key.name for key in result.keys for pattern in key.serves}
    assert names == {
        "by id": "event:<id>",
        "by token": "event:by_token:<token>",
        "of a user": "event:by_user:<user>",
        "newest": "event:by_user_at_desc:<user>:<page>",
        "oldest": "event:by_user_at_asc:<user>:<page>",
        "since": "event:by_user_at:<user>:<from at>:<to at>",
        "dearest": "event:by_kind_cents_desc:<kind>",
        "priced": "event:by_kind_cents:<kind>:<from cents>:<to cents>",
    }
    assert ("unserved", "any newest") in findings(result)
    assert ("key-length", "Event.token") in findings(result)
    assert ("cached-result", "newest") in findings(result)
    assert ("cached-result", "by token") not in findings(result)
    # Memcached takes more than 30 days for a moment since 1970.
    assert result.keys[0].write == "set event:<id> 0 <now + 5184000> <bytes>"
    short = design(parsed({"Event": EVENT | {"_ttl": "30 days"}}, PATTERNS), "memcached")
    assert short.keys[0].write == "set event:<id> 0 2592000 <bytes>"


def test_commands_are_shown_as_they_are_run() -> None:
    result = design(parsed({"Event": EVENT}, PATTERNS), "redis")
    (artifact,) = result.artifacts
    for key in result.keys:
        assert f"{key.write}\n{key.read}\n" in artifact.text
        assert shlex.split(key.write)[1].startswith("event:")


def test_a_group_without_an_order_is_read_by_pages_in_that_of_its_key(server: Any) -> None:
    model = parsed(
        {"Driver": {"id": "char(4) pk", "state": "enum(free, busy) not null", "lat": "float"}},
        [{"name": "free ones", "entity": "Driver", "filter": ["state"], "page_size": 2}],
    )
    (_, row) = design(model, "redis").keys
    assert (row.name, row.kind, row.order) == (
        "driver:by_state:<state>", "sorted set", (("id", "asc"),)
    )  # fmt: skip
    for name in ("d003", "d001", "d002"):
        run(server, row.write, {"state": "free", "id": name})
    (page,) = run(server, row.read, {"state": "free"})
    assert page == ["d001", "d002"]
    following = row.read.replace(" - ", " (d002 ")
    assert run(server, following, {"state": "free"}) == [["d003"]]


def test_what_is_read_by_pages_and_whole_is_one_kind_of_key(server: Any) -> None:
    whole = {"name": "of a user", "entity": "Event", "filter": ["user"]}
    paged = {"name": "a page of a user", "entity": "Event", "filter": ["user"], "page_size": 1}
    for patterns in ([whole, paged], [paged, whole]):
        server.flushdb()
        row = row_named(design(parsed({"Event": EVENT}, patterns), "redis"), "of a user")
        for number in (1, 2):
            run(server, row.write, {"user": 7, "id": number})
        found = sorted(run(server, row.read, {"user": 7, "id": 1}), key=len)
        assert found == [["1"], ["1", "2"]]
