"""Blocks on one entity, each within the transaction of the other, on real engines."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from storage_conductor.catalog.building_blocks import load_block
from storage_conductor.proof.blocks import places
from storage_conductor.proof.blocks.callers import DONE, callers
from storage_conductor.proof.blocks.trial import Trial, won
from storage_conductor.schema.block_nesting import Nesting, nested, nestings
from storage_conductor.schema.block_roles import BoundBlock, on_trial
from storage_conductor.schema.block_statements import ReadyAction, block_model, filled, ready
from tests import schema_servers as servers
from tests.importing_support import ENGINES


@pytest.fixture(scope="module", params=[*ENGINES, "dynamodb"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Return the key of a store and the address of an empty database of it."""
    if request.param in ("sqlite", "dynamodb"):
        yield request.param, ""
    else:
        with servers.empty_database(request.param, "pairs") as url:
            yield request.param, url


# Where a block asks for a key that the other one's entity has not by itself.
KEYED = {
    ("dynamodb", "tenant-isolation"): {
        "Document": {
            "tenant": "varchar(64) pk",
            "id": "int pk",
            "version": "int not null default 1",
            "body": "text null",
        }
    }
}


def bound_together(
    store: str, *keys: str, given: Mapping[str, Any] | None = None
) -> list[BoundBlock]:
    """Bind blocks as a component with that store does, the last one first."""
    given = given or {}
    found: list[BoundBlock] = []
    for key in reversed(keys):
        bound = on_trial(load_block(key).shaped(store), given)
        given = bound.entities
        found.insert(0, bound)
    return [replace(bound, entities=given) for bound in found]


def drafted(bounds: list[BoundBlock], store: str) -> tuple[dict[str, ReadyAction], dict[str, str]]:
    """Return the actions of blocks, each with what stands within it, and their texts."""
    actions: dict[tuple[str, str], ReadyAction] = {}
    texts: dict[str, str] = {}
    model = block_model(bounds[0])
    for bound in bounds:
        made = bound.block.realised(store)
        assert made is not None
        for item in ready(bound, model, store, made.actions):
            actions[bound.block.key, item.action.key] = item
        texts |= filled({**made.seeds, **made.looks}, bound, model, store)
    found = nestings(bounds, store)
    return {key[1]: nested(actions, found, key) for key in actions}, texts


@contextlib.contextmanager
def tried(place: tuple[str, str], tmp_path: Path, *keys: str) -> Iterator[list[Trial]]:
    """Return two trials of blocks together: whole, and without a beginning of transactions."""
    store, url = place
    bounds = bound_together(store, *keys, given=KEYED.get((store, keys[0])))
    actions, texts = drafted(bounds, store)
    torn = [
        replace(item, steps=tuple(it for it in item.steps if it.step.key != "begin"))
        for item in actions.values()
    ]
    made = bounds[0].block.realised(store)
    with (
        places.opened(store, url, bounds[0], made) as opened,
        callers(opened.address, opened.watch) as processes,
    ):
        yield [
            Trial(store, processes, steps, texts, tmp_path / name)
            for name, steps in (("whole", [*actions.values()]), ("torn", torn))
        ]


NUMBERS = itertools.count(1)
NESTED = ("apply", "change", "open", "batch")
"""Actions within which others stand."""


def opened_account(trial: Trial, balance: int = 100) -> int:
    account = next(NUMBERS)
    mine = {"id": account, "balance": balance, "transfer_id": f"o{account}"}
    for text in ("account", "opening", "opened", "paid_in"):
        trial.seed(text, **mine)
    return account


def paid_once(trial: Trial) -> Iterator[str]:
    """Yield what a key and a ledger together should not leave."""
    for after in trial.deaths("apply"):
        source, target = opened_account(trial), opened_account(trial)
        request = {
            "key": f"k{source}",
            "fingerprint": "f",
            "response": "paid",
            "milliseconds": 600_000,
            "transfer_id": f"t{source}",
            "from_id": source,
            "to_id": target,
            "amount": 60,
            "subject": f"s{source}",
            "payload": "paid",
        }
        trial.kill("apply", after, **request)
        trial.together([("apply", request)] * 3)
        again = trial.do("repeat", key=f"k{source}", fingerprint="f")
        balances = [trial.count("balance", id=item) for item in (source, target)]
        if balances != [40, 160] or again.values.get("response") != "paid":
            yield f"after a crash after step {after + 1}: {balances}, {again.word}"
        refused = {**request, "key": f"r{source}", "transfer_id": f"u{source}"}
        if trial.do("apply", **refused).word != "not covered":
            yield "what is not covered was paid"
        if trial.count("keys", key=f"r{source}"):
            yield "what was refused left its key"


def told_of_moves(trial: Trial) -> Iterator[str]:
    """Yield what an outbox and a state machine together should not leave."""
    trial.seed("allowed", from_state="new", to_state="paid")
    for after in trial.deaths("change"):
        subject = next(NUMBERS)
        trial.seed("subject", id=subject, state="new")
        move = {"subject_id": subject, "from_state": "new", "to_state": "paid"}
        note = {"subject": f"s{subject}", "payload": "paid"}
        trial.do("change", **{**move, "to_state": "sent"}, **note)
        trial.kill("change", after, **move, **note)
        state = trial.look("state", id=subject)[0]["state"]
        if len(trial.look("history", id=subject)) != (state == "paid"):
            yield f"after a crash after step {after + 1} the history does not say {state}"
        if told(trial, subject) != (["paid"] if state == "paid" else []):
            yield f"after a crash after step {after + 1} {state} was told otherwise"
    trial.look("emptied")


def told_of_saves(trial: Trial) -> Iterator[str]:
    """Yield what an outbox and a version column together should not leave."""
    for after in trial.deaths("change"):
        document = next(NUMBERS)
        trial.seed("document", id=document)
        save = {"document_id": document, "version": 1, "body": "b"}
        note = {"subject": f"s{document}", "payload": "b"}
        trial.kill("change", after, **save, **note)
        if len(won(trial.together([("change", {**save, **note})] * 3))) > 1:
            yield "one version was saved twice"
        if told(trial, document) != ["b"]:
            yield f"after a crash after step {after + 1} the save was not told once"


def voucher(number: int) -> dict[str, Any]:
    lasting = {"seconds": 600, "milliseconds": 600_000, "longest_milliseconds": 600_000}
    return {"hash": f"h{number}", "subject": f"s{number}", "uses": 1, **lasting}


def redeemed_once(trial: Trial) -> Iterator[str]:
    """Yield what a voucher by a link and a ledger together should not leave."""
    for after in trial.deaths("open"):
        source, target = opened_account(trial), opened_account(trial)
        link = voucher(source)
        trial.do("make", **link)
        paid = {"transfer_id": f"t{source}", "from_id": source, "to_id": target, "amount": 60}
        trial.kill("open", after, **link, **paid)
        for attempt in range(2):
            trial.do("open", **link, **{**paid, "transfer_id": f"t{source} {attempt}"})
        balances = [trial.count("balance", id=item) for item in (source, target)]
        if balances != [40, 160]:
            yield f"after a crash after step {after + 1}: {balances}"
    source, target = opened_account(trial, 10), opened_account(trial)
    link = voucher(source)
    trial.do("make", **link)
    paid = {"transfer_id": f"t{source}", "from_id": source, "to_id": target}
    if trial.do("open", **link, **paid, amount=60).word != "not covered":
        yield "what is not covered was paid"
    if trial.do("open", **link, **paid, amount=10).word != DONE:
        yield "a link was used up for what was refused"


def imported_once(trial: Trial) -> Iterator[str]:
    """Yield what an import of transfers into a ledger should not leave."""
    for after in trial.deaths("batch"):
        source, target = opened_account(trial), opened_account(trial)
        run = {"run": f"r{source}", "source": "s", "from_line": 0, "to_line": 2, "line": 1}
        trial.do("start", **run)
        paid = {"transfer_id": f"t{source}", "from_id": source, "to_id": target, "amount": 60}
        trial.kill("batch", after, **run, **paid, reason="r")
        again = {**run, **paid, "transfer_id": f"t{source} again", "reason": "r"}
        trial.together([("batch", again)] * 3)
        balances = [trial.count("balance", id=item) for item in (source, target)]
        if balances != [40, 160] or len(trial.look("refused", **run)) != 1:
            yield f"after a crash after step {after + 1}: {balances}"


def saved_by_tenants(trial: Trial) -> Iterator[str]:
    """Yield what a version column within the policy of a tenant should not leave."""
    trial.attempt("clean")
    trial.do("guard")
    for after in trial.deaths("change"):
        document = next(NUMBERS)
        row = {"id": document, "tenant": "t0"}
        trial.seed("foreign", **row, version=1, body="a")
        save = {"document_id": document, "document_tenant": "t0", "version": 1, "body": "b"}
        if trial.do("change", **save, tenant_of_request="t1").word == DONE:
            yield "one tenant saved what is another's"
        trial.kill("change", after, **save, tenant_of_request="t0")
        saved = won(trial.together([("change", {**save, "tenant_of_request": "t0"})] * 3))
        (found,) = trial.look("there", **row)
        if len(saved) > 1 or found["value"] != "b":
            yield f"after a crash after step {after + 1} saved {len(saved)} times: {found}"


def told(trial: Trial, subject: int) -> list[str]:
    while trial.do("relay").word == DONE:
        pass
    return [item["payload"] for item in trial.sent() if item["subject"] == f"s{subject}"]


@pytest.mark.parametrize(
    ("keys", "check"),
    [
        (("idempotency-key", "ledger"), paid_once),
        (("idempotency-key", "outbox", "ledger"), paid_once),
        (("outbox", "state-machine"), told_of_moves),
        (("outbox", "optimistic-update"), told_of_saves),
        (("expiring-link", "ledger"), redeemed_once),
        (("bulk-import", "ledger"), imported_once),
        (("tenant-isolation", "optimistic-update"), saved_by_tenants),
    ],
)
def test_blocks_together_keep_what_each_keeps(
    place: tuple[str, str], tmp_path: Path, keys: tuple[str, ...], check: Any
) -> None:
    if any(load_block(key).realised(place[0]) is None for key in keys):
        return  # not every store has rows of a tenant
    with tried(place, tmp_path, *keys) as (whole, torn):
        assert list(check(whole)) == []
        assert whole.failures == []
        one_request = not any("begin" in whole.steps(name) for name in NESTED if whole.has(name))
        found = next(check(torn), "")
        assert one_request or found or torn.failures, "nothing is seen without the transaction"


def test_a_change_stands_once_within_the_nearest_block() -> None:
    bounds = bound_together("postgresql", "idempotency-key", "outbox", "ledger")
    found = nestings(bounds, "postgresql")
    assert found == (
        Nesting("idempotency-key", "apply", "effect", "outbox", "change"),
        Nesting("outbox", "change", "change", "ledger", "post"),
    )
    actions, _ = drafted(bounds, "postgresql")
    assert [item.step.key for item in actions["apply"].steps] == [
        *("begin", "claim", "change-post-head", "change-post-lock", "change-post-take"),
        *("change-post-give", "change-post-entries", "change-note", "answer", "commit"),
    ]
    assert nestings(bound_together("postgresql", "rate-limit", "outbox"), "postgresql") == ()


def test_a_request_within_a_transaction_of_dynamodb_is_a_part_of_it() -> None:
    order = {"Order": {"id": "int pk assigned", "version": "int not null default 1"}}
    bounds = bound_together("dynamodb", "idempotency-key", "optimistic-update", given=order)
    actions, _ = drafted(bounds, "dynamodb")
    request = yaml.safe_load("\n".join(step.run for step in actions["apply"].steps))
    parts = request["TransactWriteItems"]["TransactItems"]
    assert [(kind, said["TableName"]) for part in parts for kind, said in part.items()] == [
        ("Put", "idempotency_key"),
        ("Update", "order"),
    ]
