"""Building blocks on real engines: whole they hold, and each thing left out is noticed."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from storage_conductor.catalog.building_blocks import (
    block_headings,
    load_block,
    mutations,
    proven,
)
from storage_conductor.errors import ConductorError
from storage_conductor.importing import connecting
from storage_conductor.proof.blocks import places, prove
from storage_conductor.proof.blocks.callers import CallerJob, callers
from storage_conductor.proof.blocks.trial import Case, Trial
from storage_conductor.schema.block_roles import on_trial
from storage_conductor.schema.block_statements import block_model, ready
from tests import schema_servers as servers
from tests.command_runner import call

Capture = pytest.CaptureFixture[str]
BLOCKS = [heading.key for heading in block_headings()]
SERVERS = ["postgresql", *servers.INNODB_HERE]
STARTED = ["sqlite", "valkey", "local-posix", "s3-compatible", "memcached", "dynamodb"]


@pytest.fixture(scope="module", params=[*SERVERS, "redis", *STARTED])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Return the key of a store and the address of an empty database of it."""
    if request.param in SERVERS:
        with servers.empty_database(request.param, "blocks") as url:
            yield request.param, url
    elif request.param == "redis":
        with servers.redis() as first:
            port = first.connection_pool.connection_kwargs["port"]
            yield "redis", f"redis://127.0.0.1:{port}/0"
    else:
        yield request.param, ""


@pytest.mark.parametrize("key", BLOCKS)
def test_a_block_holds_and_each_mutant_is_noticed(place: tuple[str, str], key: str) -> None:
    store, url = place
    block = load_block(key)
    if block.realised(store) is None:
        assert any(item.block != key for item in proven())
        return
    found = prove.prove(block, store, url, lambda _: None)
    assert found.violations == ()
    assert found.survivors == []
    record = next(item for item in proven() if (item.block, item.store) == (key, store))
    assert record.mutants == len(found.mutants)


def test_a_rename_is_noticed_by_the_writers_whom_it_robs() -> None:
    block = load_block("atomic-publish")
    part = "publish, publish without the refusal of a name that is taken"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prove, "mutations", lambda *it: (m for m in mutations(*it) if m.name == part))
        (mutant,) = prove.prove(block, "local-posix", "", lambda _: None).mutants
    assert mutant.noticed == "6 writers were told that a name is theirs"


def test_a_proof_that_sees_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def blind(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
        yield from ()

    monkeypatch.setattr(prove, "case_of", lambda _: blind)
    done = call(capsys, "prove", "--block", "hold", "--store", "sqlite")
    assert done.code == 1
    assert "NOT NOTICED  confirm without begin" in done.out
    assert "held, 0 of 12 mutants noticed" in done.out


def test_what_does_not_hold_is_told(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def wrong(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
        yield f"seen {trial.do('release', slot_id=1, holder='x').word}"

    monkeypatch.setattr(prove, "case_of", lambda _: wrong)
    done = call(capsys, "prove", "--block", "hold", "--store", "sqlite")
    assert done.code == 1
    assert "no  seen over" in done.out
    assert "did not hold" in done.out


def played(place: tuple[str, str], case: Case) -> None:
    """Run a case once with the whole block `hold`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prove, "case_of", lambda _: case)
        patch.setattr(prove, "WHOLE_ROUNDS", 1)
        patch.setattr(prove, "mutations", lambda *_: ())
        prove.prove(load_block("hold"), *place, lambda _: None)


def test_a_caller_stops_before_a_step_until_others_have_acted(place: tuple[str, str]) -> None:
    store, _ = place
    if store in ("redis", "valkey") or load_block("hold").realised(store) is None:
        return  # each action there is one script, and nothing can come between; or it is not kept
    seen: list[object] = []

    def staged(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
        slot = next(numbers)
        trial.seed("unit", id=slot, holder=None, held_until=None)
        trial.do("hold", slot_id=slot, holder="first", seconds=600)
        mine = {"slot_id": slot, "holder": "first", "id": slot}
        late = ("hold", {"slot_id": slot, "holder": "late", "seconds": 600})
        ended, (other,) = trial.meanwhile(("confirm", mine), "keep", [late])
        seen.extend([ended.word, other.word, trial.look("bookings", slot_id=slot)])
        yield from ()

    played(place, staged)
    assert seen == ["done", "taken", [{"holder": "first"}]]


def test_a_caller_that_waits_for_another_is_known_before_its_grace(place: tuple[str, str]) -> None:
    store, _ = place
    if store not in (*SERVERS, "sqlite"):
        return
    grace, seen = 30.0, []

    def staged(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
        slot = next(numbers)
        trial.seed("unit", id=slot, holder=None, held_until=None)
        trial.do("hold", slot_id=slot, holder="first", seconds=600)
        mine = {"slot_id": slot, "holder": "first", "id": slot}
        late = [("release", {"slot_id": slot, "holder": "first"})] * 2
        began = time.monotonic()
        ended, others = trial.meanwhile(("confirm", mine), "commit", late, grace)
        seen.append((ended.word, [other.waited for other in others]))
        assert time.monotonic() - began < grace
        yield from ()

    played(place, staged)
    assert seen == [("done", [True, True])]


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be stopped there")
def test_who_comes_after_a_killed_caller_finds_nothing_of_his_locked() -> None:
    """A server on a busy machine notices late that a caller is gone."""
    block = load_block("job-queue")
    bound = on_trial(block.shaped("postgresql"))
    made = prove.require_realised(block, "postgresql")
    actions = ready(bound, block_model(bound), "postgresql", made.actions)
    steps = {item.action.key: item.steps for item in actions}
    with (
        servers.empty_database("postgresql", "killed") as url,
        places.opened("postgresql", url, bound, made) as place,
        callers(place.address, place.watch) as processes,
    ):
        processes.answers([CallerJob(steps["put"], {"payload": "one"}, "")])
        taking = CallerJob(steps["claim"], {"lease": "w", "seconds": 9, "most": 3}, "")
        killed = processes.start(replace(taking, stops_before=2))
        killed.reach()
        with connecting.connected(connecting.address(url), seconds=9) as connection:
            idle = "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction'"
            server = connection.exec_driver_sql(idle).scalar_one()
        os.kill(server, signal.SIGSTOP)
        later = threading.Timer(0.5, os.kill, (server, signal.SIGCONT))
        later.start()
        killed.abandon()
        (taken,) = processes.answers([taking])
        later.join()
    assert taken.word == "done"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--block", "holt"), "There is no building block 'holt'"),
        (("--block", "hold", "--store", "mongodb"), "cannot be proven on mongodb"),
        (("--block", "hold", "--store", "mariadb"), "--url, like mariadb://HOST"),
        (("--block", "hold", "--store", "redis", "--url", "redis://127.0.0.1:1/0"), "does not ans"),
        (("--block", "hold", "--url", "env:NOWHERE"), "The variable NOWHERE is not set"),
    ],
)
def test_what_cannot_be_proven_is_one_message(
    capsys: Capture, words: tuple[str, ...], said: str
) -> None:
    done = call(capsys, "prove", *words)
    assert done.code == 2
    assert said in done.err
    assert "Remedy: " in done.err


def test_a_database_with_something_in_it_is_refused() -> None:
    with servers.redis() as first:
        first.set("mine", "1")
        port = first.connection_pool.connection_kwargs["port"]
        with pytest.raises(ConductorError, match="not empty"):
            prove.prove(load_block("hold"), "redis", f"redis://127.0.0.1:{port}/0", lambda _: None)
        assert first.get("mine") == "1"


def test_the_steps_are_printed(capsys: Capture) -> None:
    done = call(capsys, "prove", "--block", "hold", "--dry-run", "--store", "redis")
    assert done.code == 0
    assert "redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])" in done.out
    assert "    held_until: timestamptz null\n" in done.out
    assert "access_patterns:\n  - {name: hold a free unit, entity: Slot" in done.out
    assert "--   a crash after it leaves: a hold that nobody uses; the key expires\n" in done.out
    assert "-- described in Redis documentation, SET: https://redis.io/" in done.out
    assert "-- KEYS slot:{<slot_id>}:hold booking:{<slot_id>}" in done.out
