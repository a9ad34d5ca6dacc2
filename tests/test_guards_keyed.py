"""What keeps an operation in stores of keys, objects and files, whole and with a part left out."""

from __future__ import annotations

import fcntl
import json
import os
import re
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.schema.common import Sizes
from tests import schema_servers as servers
from tests.guard_support import ALLOWED, CALLERS, callers, guarded, mutated
from tests.test_catalog_commands_stores import memcached

Ready = Callable[[], object]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Make clients of services that exist in this process only."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import boto3
        import moto
    with moto.mock_aws():
        yield lambda service: boto3.client(service, region_name="us-east-1")


# DynamoDB


class Tables:
    """The tables of the model, with one section of three seats."""

    def __init__(self, client: Any) -> None:
        self.client = client
        _, made = guarded("dynamodb", "take")
        text = next(item.text for item in made.artifacts if item.kind == "schema")
        for request in json.loads(text):
            client.create_table(**request)
        client.put_item(TableName="section", Item={"id": {"N": "1"}, "capacity": {"N": "3"}})

    def filled(self, text: str, number: int) -> dict[str, Any]:
        """Return a request with values, changes and conditions in the place of its words."""
        item = {"section_id": {"N": "1"}, "student": {"N": str(number)}}
        text = text.replace('"<enrolment>"', json.dumps(item))
        for word in ("<id>", "<section_id>"):
            text = text.replace(word, "1")
        text = text.replace("<changes>", "SET #seats = #seats - :one")
        one = '"ExpressionAttributeNames": {"#seats": "capacity"}, '
        one += '"ExpressionAttributeValues": {":one": {"N": "1"}, ":zero": {"N": "0"}}'
        if "<condition>" not in text:
            one = one.replace(', ":zero": {"N": "0"}', "")
        text = re.sub(r'("UpdateExpression": "[^"]*")', rf"\1, {one}", text)
        found: dict[str, Any] = json.loads(text.replace("<condition>", "#seats > :zero"))
        return found

    def sent(self, method: str, text: str) -> int:
        """Send the request of each caller, one after the other; return how many were taken."""
        errors = self.client.exceptions
        refusals = (errors.TransactionCanceledException, errors.ConditionalCheckFailedException)
        taken = 0
        for number in range(CALLERS):
            try:
                getattr(self.client, method)(**self.filled(text, number))
            except refusals:
                continue
            taken += 1
        return taken

    def count(self) -> int:
        return int(self.client.scan(TableName="enrolment", Select="COUNT")["Count"])


def test_a_transaction_of_dynamodb_holds_and_leaves_nothing_of_what_it_refused(aws: Any) -> None:
    tables, text = Tables(aws("dynamodb")), guarded("dynamodb", "take")[0].text
    assert tables.sent("transact_write_items", text) == ALLOWED
    assert tables.count() == ALLOWED


def test_without_one_of_its_conditions_it_does_not_hold(aws: Any) -> None:
    text = guarded("dynamodb", "take")[0].text
    tables = Tables(aws("dynamodb"))
    bare = mutated(text, ', "ConditionExpression": "<condition>"')
    assert tables.sent("transact_write_items", bare) == CALLERS
    assert tables.count() == CALLERS


def test_a_condition_of_dynamodb_holds_and_its_absence_shows(aws: Any) -> None:
    client = aws("dynamodb")
    tables, text = Tables(client), guarded("dynamodb", "close")[0].text
    assert tables.sent("update_item", text) == ALLOWED
    bare = mutated(text, ', "ConditionExpression": "<condition>"')
    assert tables.sent("update_item", bare) == CALLERS


def test_the_same_item_of_dynamodb_is_put_once(aws: Any) -> None:
    tables, text = Tables(aws("dynamodb")), guarded("dynamodb", "enrol")[0].text
    request = tables.filled(text, 7)
    tables.client.put_item(**request)
    with pytest.raises(tables.client.exceptions.ConditionalCheckFailedException):
        tables.client.put_item(**request)
    del request["ConditionExpression"], request["ExpressionAttributeNames"]
    tables.client.put_item(**request)


# Amazon S3


def headers(line: str) -> dict[str, str]:
    """Return the conditions of a request as the client names them."""
    names = {"If-None-Match": "IfNoneMatch", "If-Match": "IfMatch"}
    return {names[k]: v for k, v in re.findall(r"(If-[\w-]+): (\S+)", line)}


def test_an_object_is_put_once_and_replaced_only_over_what_was_read(aws: Any) -> None:
    client = aws("s3")
    client.create_bucket(Bucket="files")
    put = {"Bucket": "files", "Key": "k"}
    insert = headers(guarded("amazon-s3", "enrol")[0].text)
    assert insert == {"IfNoneMatch": "*"}
    client.put_object(**put, **insert, Body=b"first")
    with pytest.raises(client.exceptions.ClientError, match="PreconditionFailed"):
        client.put_object(**put, **insert, Body=b"second")
    _, replace = guarded("amazon-s3", "close")[0].text.splitlines()
    tag = client.get_object(**put)["ETag"]
    same = {name: value.replace("<ETag>", tag) for name, value in headers(replace).items()}
    client.put_object(**put, **same, Body=b"third")
    with pytest.raises(client.exceptions.ClientError, match="PreconditionFailed"):
        client.put_object(**put, **same, Body=b"fourth")
    assert client.get_object(**put)["Body"].read() == b"third"


# Redis


@pytest.fixture(scope="module")
def redis() -> Iterator[Any]:
    with servers.redis() as client:
        yield client


def script(name: str, condition: str, more: str = "") -> tuple[str, list[str]]:
    """Return a script with its condition and further changes, and the names of its keys."""
    text = guarded("redis", name)[0].text
    keys = re.findall(r"[\w]+:[\w:<>]+", text.splitlines()[0])
    filled = text.replace("<condition>", condition)
    if more:
        filled = mutated(filled, "-- and the changes of KEYS[2]", more)
    return filled, keys


SEATS = "tonumber(redis.call('HGET', KEYS[2], 'capacity') or redis.call('GET', KEYS[2])) > 0"


@pytest.mark.parametrize(("condition", "expected"), [(SEATS, ALLOWED), ("true", CALLERS)])
def test_a_script_over_several_keys_holds_by_its_condition(
    redis: Any, condition: str, expected: int
) -> None:
    redis.flushall()
    redis.set("section:1", 3)
    condition = condition.replace("redis.call('HGET', KEYS[2], 'capacity') or ", "")
    text, keys = script("take", condition, "redis.call('DECR', KEYS[2])")
    assert keys == ["enrolment:<section_id>:<student>", "section:<section_id>"]

    def call(number: int, ready: Ready) -> bool:
        ready()
        return bool(redis.eval(text, 2, f"enrolment:1:{number}", "section:1", "1"))

    assert callers(call) == expected
    assert len(redis.keys("enrolment:*")) == expected


def test_a_script_names_the_keys_of_the_draft_and_says_where_shards_refuse_it() -> None:
    alone = guarded("redis", "take")[0].text
    spread = guarded("redis", "take", sizes=Sizes(clustered=True))[0].text
    assert "-- EVAL with KEYS enrolment:<section_id>:<student> section:<section_id>\n" in alone
    assert "CROSSSLOT" not in alone
    assert spread.splitlines()[1].startswith("-- CROSSSLOT: these keys lie on several shards")


def test_the_tag_that_the_script_asks_for_puts_its_keys_on_one_shard() -> None:
    with servers.redis_cluster() as node:

        def slots(*names: str) -> set[int]:
            return {node.execute_command("CLUSTER", "KEYSLOT", name) for name in names}

        assert len(slots("enrolment:1:7", "section:1")) == 2
        assert len(slots("enrolment:{1}:7", "section:{1}")) == 1


def test_a_key_is_set_once(redis: Any) -> None:
    redis.flushall()
    text = guarded("redis", "enrol")[0].text
    command = text.replace("<section_id>", "1").replace("<student>", "7").split()

    def call(_number: int, ready: Ready) -> bool:
        ready()
        return redis.execute_command(*command) is not None

    assert callers(call) == 1
    command.remove("NX")
    assert callers(call) == CALLERS


# Memcached


class Lines:
    """A connection to Memcached that sends lines."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._file = self._socket.makefile("rb")

    def ask(self, command: str, content: str = "", *, rows: int = 1) -> list[str]:
        ending = f"{content}\r\n" if content else ""
        self._socket.sendall(f"{command}\r\n{ending}".encode())
        return [self._file.readline().decode().strip() for _ in range(rows)]

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def test_an_entry_is_added_once_and_counted_without_loss() -> None:
    insert = guarded("memcached", "enrol")[0].text.partition(" #")[0]
    read, _, write = guarded("memcached", "close")[0].text.splitlines()
    write = write.partition(" #")[0]
    with memcached() as port:

        def add(number: int, ready: Ready, verb: str = "add") -> bool:
            lines = Lines(port)
            command = insert.replace("<section_id>", "1").replace("<student>", "7")
            command = mutated(command, "add", verb).replace("<bytes>", "2")
            ready()
            said = lines.ask(command, f"{number:02}")
            lines.close()
            return said == ["STORED"]

        assert callers(add) == 1
        assert callers(lambda number, ready: add(number, ready, "set")) == CALLERS

        def count(_number: int, ready: Ready) -> bool:
            lines = Lines(port)
            ready()
            for _ in range(10):
                while True:
                    row, value, _ = lines.ask(read.replace("<id>", "1"), rows=3)
                    change = write.replace("<id>", "1").replace("<bytes>", "3")
                    change = change.replace("<number>", row.split()[4])
                    if lines.ask(change, f"{int(value) + 1:03}") == ["STORED"]:
                        break
            lines.close()
            return True

        first = Lines(port)
        first.ask("set section:1 0 0 3", "000")
        callers(count)
        _, value, _ = first.ask("get section:1", rows=3)
        first.close()
        assert int(value) == CALLERS * 10


# Files


class Folder:
    """Runs the steps of a guard in a folder, one line after the other."""

    def __init__(self, root: Path, number: int) -> None:
        self.root = root
        self.number = number
        self.content = ""
        self._lock = -1
        (root / ".tmp").mkdir(exist_ok=True)

    def _path(self, name: str) -> Path:
        name = name.replace("<random>", str(self.number)).replace("<section_id>", "1")
        name = re.sub(r"<\w+>", "7", name)
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def run(self, text: str, change: Callable[[str], str]) -> bool:
        """Return whether it ended; `change` gets what is there and returns what is written."""
        for line in text.splitlines():
            step = line.partition("   #")[0]
            arguments = re.findall(r"[\w.]*/[\w./<>]+(?:\.lock)?", step)
            paths = [self._path(item) for item in arguments]
            if step.startswith("flock"):
                self._lock = os.open(paths[0], os.O_CREAT | os.O_RDWR)
                fcntl.flock(self._lock, fcntl.LOCK_EX)
            elif step.startswith("read"):
                self.content = paths[0].read_text() if paths[0].exists() else ""
            elif step.startswith("open"):
                flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
                handle = os.open(paths[0], flags)
                os.write(handle, change(self.content).encode())
                os.fsync(handle)
                os.close(handle)
            elif step.startswith("link"):
                try:
                    os.link(*paths)
                except FileExistsError:
                    return False
            elif step.startswith("rename"):
                paths[0].replace(paths[1])
            elif step.startswith("close") and self._lock >= 0:
                os.close(self._lock)
            else:
                assert step.startswith(("unlink", "fsync", "close")), step
        return True


def test_a_file_is_published_once(tmp_path: Path) -> None:
    text = guarded("local-posix", "enrol")[0].text

    def publish(steps: str, root: Path) -> int:
        root.mkdir()

        def call(number: int, ready: Ready) -> bool:
            folder = Folder(root, number)
            ready()
            return folder.run(steps, lambda _: f"{number}")

        return callers(call)

    assert publish(text, tmp_path / "whole") == 1
    assert publish(mutated(text, "\nlink(", "\nrename("), tmp_path / "renamed") == CALLERS


def test_a_file_is_changed_by_one_writer_at_a_time(tmp_path: Path) -> None:
    text = guarded("local-posix", "close")[0].text

    def lines(steps: str, root: Path) -> int:
        root.mkdir()

        def call(number: int, ready: Ready) -> bool:
            folder = Folder(root, number)

            def change(there: str) -> str:
                time.sleep(0.002)  # whoever is let in now has read the same
                return f"{there}{number}\n"

            ready()
            return folder.run(steps, change)

        callers(call)
        (found,) = (path for path in root.rglob("*.json"))
        return len(found.read_text().splitlines())

    assert lines(text, tmp_path / "whole") == CALLERS
    lock = text.splitlines()[0] + "\n"
    assert lines(mutated(text, lock), tmp_path / "unlocked") < CALLERS


def test_a_key_of_several_columns_is_asked_by_the_attributes_that_the_table_has(aws: Any) -> None:
    guard, made = guarded("dynamodb", "edit")
    client = aws("dynamodb")
    text = next(item.text for item in made.artifacts if item.kind == "schema")
    (request,) = (it for it in json.loads(text) if it["TableName"] == "message")
    client.create_table(**request)
    key = {"channel": {"N": "1"}, "sent_at#number": {"S": "2026-12-01T10:00:00Z#7"}}
    client.put_item(TableName="message", Item={**key, "body": {"S": "before"}})
    asked = guard.text
    for name, value in {"channel": "1", "sent_at": "2026-12-01T10:00:00Z", "number": "7"}.items():
        asked = asked.replace(f"<{name}>", value)
    asked = asked.replace("<changes>", "SET body = :body").replace("<condition>", "body <> :body")
    said = {**json.loads(asked), "ExpressionAttributeValues": {":body": {"S": "after"}}}
    client.update_item(**said)
    assert client.get_item(TableName="message", Key=key)["Item"]["body"] == {"S": "after"}


# MongoDB is not run here.


def test_a_change_by_key_meets_on_its_own_document() -> None:
    guard, _ = guarded("mongodb", "shrink")
    lines = guard.text.splitlines()
    assert lines[1] == (
        '  await db.collection("section").updateOne({_id: id, <condition>}, <changes>, {session})'
        " // none matched: throw"
    )
    assert lines[2] == "  // and the changes of booking, with {session}"
    assert "insertOne" not in guard.text
    assert "_rule" not in guard.text
    assert guard.locks == ()


def test_a_change_by_key_in_dynamodb_adds_nothing_and_needs_no_item_for_the_rule() -> None:
    guard, _ = guarded("dynamodb", "shrink")
    items = json.loads(guard.text.replace('"<changes>"', '"SET a = 1"'))["TransactItems"]
    assert [list(item) for item in items] == [["Update"], ["Update"]]
    assert [item["Update"]["TableName"] for item in items] == ["section", "booking"]
