"""Requests of building blocks to DynamoDB: typed, gathered, refused, and sized in its units."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from storage_conductor.catalog.building_blocks import BlockStep, load_block
from storage_conductor.errors import ConductorError
from storage_conductor.proof.blocks import places, prove, servers
from storage_conductor.proof.blocks.requests import RefusedError, RequestSession
from storage_conductor.proof.blocks.sessions import AgainError, EndedError, Rows
from storage_conductor.schema.block_statements import ReadyStep
from tests.command_runner import call
from tests.schema_servers import dynalite
from tests.spec_rendering import rendered, track_of

Capture = pytest.CaptureFixture[str]
TABLE = {
    "TableName": "unit",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
BEGIN, COMMIT = "TransactWriteItems:\n  TransactItems:", '  ClientRequestToken: ":token"'
FREE = """  - Put:
      TableName: unit
      Item: {id: ":id", state: free, before: "-:id", gone: ":gone"}
      ConditionExpression: "attribute_not_exists(#id)"
"""
TAKE = """  - Update:
      TableName: unit
      Key: {id: ":other"}
      UpdateExpression: "SET #state = :state"
      ConditionExpression: "#state = :free"
      ExpressionAttributeValues: {":free": free}
"""
READ = """GetItem:
  TableName: unit
  Key: {id: ":id"}
  ConsistentRead: true
  ProjectionExpression: "#before, #state, #gone"
"""


@pytest.fixture
def session() -> Iterator[RequestSession]:
    """Return a session with a table."""
    with (
        servers.dynamodb("") as (url, _),
        contextlib.closing(RequestSession(url)) as found,
    ):
        tables = servers.Tables(found, [TABLE], "")
        tables.create()
        yield found
        tables.drop()


def take(session: RequestSession, run: str, /, none: str = "", **values: Any) -> Rows:
    step = BlockStep(key="step", run=run, none=none, dies="x", without="x")
    return session.take(ReadyStep(step, run, ()), values)


def test_values_have_their_types_and_what_is_none_is_left_out(session: RequestSession) -> None:
    take(session, FREE, id=7, gone=None)
    assert take(session, READ, id=7) == [{"before": -7, "state": "free", "gone": None}]
    item = session.send("GetItem", {"TableName": "unit", "Key": {"id": {"N": "7"}}})["Item"]
    assert item == {"id": {"N": "7"}, "state": {"S": "free"}, "before": {"N": "-7"}}
    assert take(session, READ, id=8) == []


def test_a_transaction_is_sent_with_its_end_and_ends_by_the_word_that_is_refused(
    session: RequestSession,
) -> None:
    take(session, FREE, id=1, gone=None)

    def sent(**values: Any) -> None:
        take(session, BEGIN)
        take(session, FREE, none="there", gone=None, **values)
        take(session, TAKE, none="taken", state="held", **values)
        assert take(session, READ, id=values["id"], none="x") == []
        take(session, COMMIT)

    sent(id=2, other=1)
    assert take(session, READ, id=1)[0]["state"] == "held"
    with pytest.raises(EndedError, match="taken"):
        sent(id=3, other=1)
    assert take(session, READ, id=3) == []
    take(session, BEGIN)
    take(session, TAKE, none="again", state="held", other=1)
    with pytest.raises(AgainError):
        take(session, COMMIT)
    take(session, BEGIN)
    take(session, FREE, id=4, gone=None)
    session.reset()
    take(session, COMMIT)
    assert take(session, READ, id=4) == []


def test_a_condition_that_fails_without_a_word_is_an_error(session: RequestSession) -> None:
    take(session, FREE, id=1, gone=None)
    single = TAKE.replace("  - Update:", "UpdateItem:").replace("      ", "  ")
    assert take(session, single, none="taken", other=1, state="held") == [{}]
    assert take(session, single, none="taken", other=1, state="held") == []
    with pytest.raises(AgainError):
        take(session, single, none="again", other=1, state="held")
    with pytest.raises(RefusedError, match="ConditionalCheckFailed"):
        take(session, single, other=1, state="held")


def test_some_of_what_has_expired_is_deleted_and_some_stays(session: RequestSession) -> None:
    session.look(
        "UpdateTimeToLive:\n  TableName: unit\n"
        "  TimeToLiveSpecification: {Enabled: true, AttributeName: ends}",
        {},
    )
    for number in range(20):
        put = 'PutItem:\n  TableName: unit\n  Item: {id: ":id", ends: ":ends"}'
        take(session, put, id=number, ends=time.time() + (0.2 if number else 600))
    time.sleep(0.4)
    left = session.look("Scan:\n  TableName: unit", {})
    assert 1 < len(left) < 20
    assert 0 in [row["id"] for row in left]


def test_a_block_of_single_requests_holds_on_an_emulator_of_another_kind(capsys: Capture) -> None:
    with dynalite() as url:
        assert places.store_at(url) == "dynamodb"
        done = call(capsys, "prove", "--block", "optimistic-update", "--url", url)
        assert (done.code, "an emulator: Optimistic update held" in done.out) == (0, True)
        with contextlib.closing(RequestSession(url)) as session:
            assert session.send("ListTables", {})["TableNames"] == []
            servers.Tables(session, [TABLE], "").create()
            with pytest.raises(ConductorError, match="it has tables"):
                prove.prove(load_block("hold"), "dynamodb", url, lambda _: None)
            assert session.send("ListTables", {})["TableNames"] == ["unit"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://dynamodb.eu-central-1.amazonaws.com", "the address of the service itself"),
        ("http://127.0.0.1:1", "does not answer, or refuses"),
    ],
)
def test_where_no_proof_is_run_is_one_message(capsys: Capture, url: str, said: str) -> None:
    done = call(capsys, "prove", "--block", "hold", "--url", url)
    assert done.code == 2
    assert said in done.err


def test_the_steps_are_printed_as_requests(capsys: Capture) -> None:
    done = call(capsys, "prove", "--block", "hold", "--store", "dynamodb", "--dry-run")
    assert done.code == 0
    assert "# :until = now + seconds\nUpdateItem:\n  TableName: slot\n" in done.out
    assert "TransactWriteItems:\n  TransactItems:\n" in done.out
    assert '  - Put:\n      TableName: booking\n      Item: {id: ":id", slot_id' in done.out


SEATS: dict[str, Any] = {
    "backend": "DynamoDB",
    "entities": {
        "Seat": {"flight": "varchar(8) pk", "number": "int pk", "_size": "1500 B"},
        "Booking": {"id": "uuid pk", "seat": "ref Seat not null"},
    },
    "access_patterns": [
        {"name": "hold a seat", "entity": "Seat", "kind": "update", "filter": ["flight", "number"]},
        {"name": "book it", "entity": "Booking", "kind": "write", "per_second": 10},
        {"name": "seats", "entity": "Seat", "filter": ["flight"], "sort": ["number"]},
    ],
    "writes_per_second": 10,
    "average_item_bytes": 200,
    "blocks": "hold",
    "detail": "full",
}


def test_a_block_is_bound_to_the_keys_of_the_draft_and_its_units_to_those_of_patterns() -> None:
    track = track_of(SEATS)
    (item,) = track.component.blocks
    assert item.cost == (
        "`hold` 1 request, 2 write units; `confirm` 1 request, 6 write units;"
        " `release` 1 request, 2 write units"
    )
    text = rendered(track, "spec.md")
    assert 'Key: {flight: ":seat_flight", number: ":seat_number"}' in text
    estimates = {item.key: item for item in track.component.estimates}
    assert estimates["write-units"].result == 60.0
    without = track_of({**SEATS, "blocks": "none"}).component.estimates
    assert {item.key: item.result for item in without}["write-units"] == 10.0


def test_what_is_proposed_has_the_shape_that_dynamodb_asks_for() -> None:
    text = rendered(track_of({"backend": "DynamoDB", "blocks": "state-machine"}), "spec.md")
    assert "    subject: ref Subject pk\n    number: int pk\n" in text
    assert "sort: [number]" in text
    assert "moves: int not null default 0" in text


def test_what_a_step_needs_is_made_of_texts_too(session: RequestSession) -> None:
    run = 'PutItem:\n  TableName: unit\n  Item: {id: 1, path: ":path"}'
    makes = {"path": "to_path + node + '/' + after(path, from_path)"}
    step = BlockStep(key="step", run=run, makes=makes, dies="x", without="x")
    values = {"to_path": "r/d/", "node": "b", "path": "r/a/b/c/", "from_path": "r/a/b/"}
    session.take(ReadyStep(step, run, ()), values)
    assert session.look("Scan: {TableName: unit}", {}) == [{"id": 1, "path": "r/d/b/c/"}]


FULL = {"detail": "full"}
JOBS: dict[str, Any] = {
    "backend": "DynamoDB",
    "entities": {
        "Job": dict(load_block("job-queue").shaped("dynamodb").roles[0].fields),
        "Effect": {"id": "int pk assigned"},
    },
    "access_patterns": [{"name": "put", "entity": "Job", "kind": "write", "per_second": 10}],
    "reads_per_second": 1,
    "writes_per_second": 10,
    "average_item_bytes": 200,
    "detail": "full",
}


def test_a_page_costs_the_read_units_of_all_its_items() -> None:
    (item,) = track_of({**JOBS, "blocks": "job-queue"}).component.blocks
    # 25 jobs of 400 bytes are 10,000: three units of 4 KB.
    assert "`claim` 2 requests, 1 write unit, 3 read units" in item.cost


def test_who_is_added_pays_for_each_action_that_it_passes_through() -> None:
    found = track_of({**JOBS, "blocks": "job-queue"}).component.estimates
    estimates = {item.key: item.result for item in found}
    assert estimates["write-units"] == 20.0  # of each job one is put and one is leased
    assert estimates["read-units"] == 30.0
    without = track_of({**JOBS, "blocks": "none"}).component.estimates
    assert {item.key: item.result for item in without}["write-units"] == 10.0


POLICY = """PutRolePolicy:
  RoleName: app
  PolicyName: own
  PolicyDocument:
    Statement:
      - Action: ["dynamodb:*"]
        Resource: "arn:aws:dynamodb:*:*:table/unit"
        Condition:
          ForAllValues:StringEquals: {"dynamodb:LeadingKeys": ["${aws:PrincipalTag/unit}"]}
"""


@pytest.mark.parametrize(
    ("by", "request_of", "found"),
    [
        ("app, tag unit 1", "GetItem: {TableName: unit, Key: {id: 1}}", [{"id": 1}]),
        ("app, tag unit 1", "GetItem: {TableName: unit, Key: {id: 2}}", []),
        ("app", "GetItem: {TableName: unit, Key: {id: 1}}", []),
        ("other, tag unit 1", "GetItem: {TableName: unit, Key: {id: 1}}", []),
        ("app, tag unit 2", "Scan: {TableName: unit}", [{"id": 1}]),
        ("app", "Scan: {TableName: unit}", []),
    ],
)
def test_who_asks_is_judged_by_the_policy_and_the_tag(
    session: RequestSession, by: str, request_of: str, found: list[dict[str, int]]
) -> None:
    """A scan has no key, so that the condition holds: the list of actions is what keeps it out."""
    session.look("PutItem: {TableName: unit, Item: {id: 1}}", {})
    session.look(POLICY, {})
    assert session.look(f'by: "{by}"\n{request_of}', {}) == found
    assert session.look("GetItem: {TableName: unit, Key: {id: 1}}", {}) == [{"id": 1}]


def test_a_transaction_is_judged_by_each_of_its_parts(session: RequestSession) -> None:
    session.look(POLICY.replace('["dynamodb:*"]', '["dynamodb:PutItem"]'), {})
    mine = "- Put:\n    TableName: unit\n    Item: {id: 1}\n"

    def put(run: str) -> Rows:
        step = BlockStep(key="step", run=run, none="another's", dies="x", without="x")
        return session.take(ReadyStep(step, run, (), "app, tag unit 1"), {})

    assert put(mine) == [{}]
    for foreign in (
        mine.replace("id: 1", "id: 2"),
        mine.replace("Put", "Delete").replace("Item", "Key"),
    ):
        with pytest.raises(EndedError):
            put(mine.replace("id: 1", "id: 3") + foreign)
    session.reset()
    assert session.look("Scan: {TableName: unit}", {}) == [{"id": 1}]


def test_a_seed_empties_a_table_by_what_it_finds(session: RequestSession) -> None:
    for number in (1, 2):
        session.look(f"PutItem:\n  TableName: unit\n  Item: {{id: {number}, state: free}}", {})
    scan = 'Scan:\n  TableName: unit\n  ProjectionExpression: "#id"\n'
    assert len(session.look(scan + "deleted: true", {})) == 2
    assert session.look(scan, {}) == []


def test_what_is_taken_for_each_find_is_said_with_the_request(capsys: Capture) -> None:
    remark = "# for each that find found\n  - Delete:\n      TableName: personal_record\n"
    done = call(capsys, "prove", "--block", "erasure-journal", "--store", "dynamodb", "--dry-run")
    assert remark in done.out
    text = rendered(
        track_of({"backend": "DynamoDB", "blocks": "erasure-journal"} | FULL), "spec.md"
    )
    assert remark in text


def test_what_the_caller_keeps_once_is_said_with_the_request(capsys: Capture) -> None:
    remark = "# of equal members the caller keeps one\nQuery:\n  TableName: presence\n"
    done = call(capsys, "prove", "--block", "presence", "--store", "dynamodb", "--dry-run")
    assert remark in done.out
    text = rendered(track_of({"backend": "DynamoDB", "blocks": "presence"} | FULL), "spec.md")
    assert remark in text
