"""A draft for DynamoDB on an emulator: tables, items, patterns, consumed and computed units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from storage_conductor.errors import ConductorError
from storage_conductor.proof import dynamodb
from storage_conductor.proof.dynamodb_items import Emulator
from storage_conductor.proof.outcome import Outcome
from storage_conductor.proof.prove import Wish, intent, prove
from storage_conductor.schema import dynamodb_costs
from tests.schema_servers import dynalite
from tests.test_proof import failed, ledger


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with dynalite() as url:
        yield url


def proven(address: str) -> Outcome:
    return prove(ledger("dynamodb"), Wish(address, 100), lambda *_: None)


def tables(address: str) -> list[str]:
    return Emulator(dynamodb.client_of(address, 30)).names()


def test_a_sound_draft_is_proven_and_leaves_nothing(address: str) -> None:
    outcome = proven(address)
    assert [step for step in outcome.steps if step.passed is False] == []
    says = {step.name: step.says for step in outcome.steps}
    assert says["up again"] == says["up"] == "3 tables as the model says"
    assert says["down, with items"] == "nothing is left"
    assert says["key of Account"] == "an item whose key is taken was refused"
    assert re.fullmatch(r"the whole table, as said: .* units? for 101 items", says["everything"])
    assert re.fullmatch(r"consumed .* units? for .* items?, computed .*", says["newest entries"])
    assert re.fullmatch(r"consumed .* units?, computed .*", says["post"])
    assert outcome.server == "an emulator of DynamoDB"
    assert tables(address) == []


def test_more_units_than_computed_are_a_failure(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dynamodb_costs, "read_units", lambda *_: 0.25)
    found = failed(proven(address))
    assert any(
        "pattern newest entries: consumed" in text and "computed 0.25" in text for text in found
    )


def test_a_table_that_is_not_as_asked_for_is_found(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def narrower(self: Emulator, definition: dict[str, Any]) -> None:
        indexes = [
            index | {"Projection": {"ProjectionType": "KEYS_ONLY"}}
            for index in definition.get("GlobalSecondaryIndexes", ())
        ]
        create(self, definition | ({"GlobalSecondaryIndexes": indexes} if indexes else {}))

    create = Emulator.create
    monkeypatch.setattr(Emulator, "create", narrower)
    found = failed(proven(address))
    assert any(text.startswith("migration up: not as asked for: ") for text in found)
    assert tables(address) == []


def test_an_emulator_with_tables_is_left_alone(address: str) -> None:
    subject = ledger("dynamodb")
    with dynamodb.opened(subject, address, 30) as emulator:
        key = {"AttributeName": "id", "KeyType": "HASH"}
        kind = {"AttributeName": "id", "AttributeType": "S"}
        mine = {"TableName": "mine", "KeySchema": [key], "AttributeDefinitions": [kind]}
        emulator.create({**mine, "BillingMode": "PAY_PER_REQUEST"})
    with pytest.raises(ConductorError, match="is not empty: it has 1 table"):
        proven(address)
    assert tables(address) == ["mine"]
    emulator.drop("mine")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "needs an emulator without tables.*like http://127.0.0.1:8000 of DynamoDB Local"),
        ("https://dynamodb.eu-central-1.amazonaws.com", "needs an emulator without tables"),
        ("http://127.0.0.1:1", "DynamoDB does not answer at that address"),
    ],
)
def test_what_is_no_emulator_is_one_message(address: str, said: str) -> None:
    with pytest.raises(ConductorError) as raised:
        proven(address)
    assert re.search(said, str(raised.value), re.DOTALL)


def test_it_says_before_what_it_would_do() -> None:
    said = intent(ledger("dynamodb"), Wish("http://127.0.0.1:8000", 100))
    assert said[0] == "use the emulator at the address, and leave nothing in it"
    assert said[1] == "create 3 tables, delete them and create them again"
    assert said[-1] == "delete the tables"
