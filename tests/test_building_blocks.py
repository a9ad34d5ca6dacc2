"""Building blocks in a track: recognised, bound to the entities, shown in short, confirmed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli import block_proofs
from storage_conductor.catalog import loading
from storage_conductor.catalog.building_blocks import (
    block_headings,
    load_block,
    mutations,
    proven,
)
from storage_conductor.component import building_blocks
from storage_conductor.component.track import Track
from storage_conductor.proof.blocks import places, prove
from storage_conductor.questions.answers import Answers
from storage_conductor.questions.building_blocks import recognised
from storage_conductor.schema.block_roles import bind, on_trial, pasteable
from storage_conductor.schema.block_statements import block_model, ready
from tests.spec_rendering import rendered, track_of
from tests.test_economy import FULL as FULL_BYTES
from tests.test_economy import QUICK, budget

KEYS = [heading.key for heading in block_headings()]
STORES = [
    (key, store) for key in KEYS for made in load_block(key).realisations for store in made.stores
]
ENGINES = {"postgresql", "mariadb", "redis", *places.STARTED}
MARINA: dict[str, Any] = {
    "entities": {
        "Berth": {"number": "int pk assigned", "pier": "text not null"},
        "Reservation": {"id": "uuid pk", "berth": "ref Berth not null", "guest": "text not null"},
    },
    "access_patterns": [{"name": "hold a berth", "entity": "Berth", "kind": "update"}],
}
SPOKEN = {
    "hold": ["hold a seat for ten minutes", "no double bookings", "Termine reservieren"],
    "unique-claim": ["claim a user name", "nobody takes a handle twice", "Benutzernamen vergeben"],
    "rate-limit": ["rate limit of an API", "at most 100 requests a minute", "Anfragen begrenzen"],
    "outbox": ["publish an event for each order", "no lost events", "Ereignisse veröffentlichen"],
    "ledger": ["account balances", "no negative balances", "Kontostand abfragen"],
    "job-queue": [
        "queue of jobs", "no job is done twice", "Hintergrundaufgaben",
        "workers take tasks from it", "Retry workers claim due deliveries in batches of 100",
    ],
    "optimistic-update": [
        "concurrent edits of a page",
        "no lost updates",
        "gleichzeitig bearbeiten",
    ],
    "state-machine": ["status transitions of an order", "no illegal states", "Statuswechsel"],
    "soft-delete": ["undo a deletion", "accidental deletion", "Papierkorb"],
    "erasure-journal": [
        "erase a person on request", "droit à l'oubli",
        "A customer's data is erased within 30 days of a request",
    ],
    "audit-trail": ["audit trail of prices", "changes nobody can explain", "Änderungsprotokoll"],
    "gapless-sequence": ["invoice numbers", "no missing numbers", "numérotation continue"],
    "idempotency-key": ["requests can be repeated safely", "nobody is charged twice"],
    "atomic-publish": [
        "publish reports atomically", "no half-written files", "Dateien atomar ersetzen",
        "écriture atomique des tuiles", "pubblicazione atomica",
    ],
    "quarantine-publish": [
        "virus scan of each upload", "no infected files", "visible only after moderation",
        "Virenprüfung der Anhänge", "analyse antivirus", "modération avant publication",
    ],
    "cache-aside": [
        "cache-aside of product pages", "no stale prices", "a cache miss reads PostgreSQL",
        "Cache leeren, wenn sich ein Preis ändert", "keine veralteten Preise", "datos obsoletos",
    ],
    "write-once": [
        "receipts are immutable", "an entry must not be changed", "WORM storage of invoices",
        "Belege werden unveränderbar abgelegt", "nichts wurde versehentlich gelöscht",
        "registros inalterables", "keep every version, nobody may change a signed report",
    ],
    "tenant-isolation": [
        "multi-tenant service", "customers never see each other", "row-level security",
        "no cross-tenant reads", "Mandantentrennung", "cloisonnement des clients",
        "aislamiento entre clientes", "isolamento dei tenant", "a clinic sees only its own devices",
        "shops may only see their own orders", "eine Praxis sieht nur ihre eigenen Termine",
        "chaque agence ne voit que ses dossiers", "cada empresa solo ve sus facturas",
    ],
    "bulk-import": [
        "bulk import of contacts", "import a CSV file of members", "resume an import",
        "nothing is imported twice", "Dateien importieren", "import de fichiers",
        "importación masiva",
    ],
    "leaderboard": [
        "weekly leaderboard", "the top 100 players of a season", "rank of a player",
        "Bestenliste der Woche", "classement des joueurs", "mejores puntuaciones",
    ],
    "presence": [
        "show who is online", "heartbeat of each driver", "no ghost users",
        "Präsenz in einem Raum", "qui est en ligne", "usuarios conectados",
    ],
    "expiring-link": [
        "one-time links", "an invitation expires after a week", "share links that can be revoked",
        "no tokens are used twice", "Einladungslinks", "lien de partage", "Passwort zurücksetzen",
        "enlaces de un solo uso",
    ],
    "content-addressed": [
        "deduplicate identical attachments", "files are stored by their hash",
        "the same photo is kept only once", "no orphaned files", "verwaiste Dateien",
        "dédupliquer les fichiers", "deduplicar archivos",
    ],
    "hierarchy": [
        "a tree of categories", "nested folders", "move a folder under another folder",
        "the whole subtree of a page", "no cycles in the tree", "org chart of the company",
        "Kategorienbaum", "arborescence des dossiers", "categorías anidadas",
        "albero delle categorie",
    ],
    "temporal-validity": [
        "prices are valid from a date", "the price history of a product", "no overlapping prices",
        "bitemporal contracts", "the tariff that was in force on a day", "Preise sind gültig ab",
        "date d'effet d'un tarif", "tarifas vigentes desde", "storico dei prezzi",
    ],
    "sharded-counter": [
        "like counts of posts", "votes are counted", "no vote is counted twice", "a hot counter",
        "count the views of a video", "Likes zählen", "compter les vues", "contar las vistas",
        "contare le visualizzazioni",
    ],
    "session": [
        "revoke a session", "users sign out everywhere", "an idle timeout of 30 minutes",
        "überall abmelden", "révoquer une session", "revocar las sesiones",
    ],
}  # fmt: skip
UNSPOKEN = [
    "nobody may change another's profile",
    *("organizers publish events", "events of a venue", "load balancing", "balance the shards"),
    *("people queue at the door", "show the version", "sales by state", "phone numbers"),
    "hold the records of a person", "no holds on seats", "list free berths", "legal holds",
    "an atomic counter", "publish news", "without virus scans", "scan the table for old rows",
    "a bar code scan", "write files", "moderate load",
    "start sessions", "immutable infrastructure", "change what was written once",
    "idle connections", "a page cache of 2 GB", "cache headers",
    "a multi-tenant building", "tenants pay rent", "a user sees only their own orders",
    "search rankings", "replica heartbeats",
    "symbolic links", "access tokens expire", "a link between tables",
    "certificates are valid from today", "restore to a point in time", "history of orders",
    "a B-tree index", "the dependency tree", "trees in a park", "folders with images",
    "a working tree",
    "view models", "count the rows", "number of seats", "a counter in a bank", "the user likes it",
    "guests claim due refunds", "sessions are deleted within 30 days",
]  # fmt: skip


def drawn(**answers: Any) -> Track:
    """Return a track whose title and description speak of nothing."""
    return track_of({"backend": "PostgreSQL", "title": "A", "description": "B", **answers})


def spec_of(**answers: Any) -> str:
    return rendered(drawn(**answers), "spec.md")


def block_of(spec: str, name: str) -> str:
    return spec.partition(f"\n### Block: {name}\n")[2].partition("\n##")[0]


@pytest.mark.parametrize("key", KEYS)
def test_a_block_is_recognised_by_what_people_write(key: str) -> None:
    for text in SPOKEN[key]:
        found = recognised(Answers(title="A", description="B", use_cases=(text,)))
        assert key in [item.key for item in found], text


@pytest.mark.parametrize("text", UNSPOKEN)
def test_what_speaks_of_something_else_recognises_nothing(text: str) -> None:
    assert recognised(Answers(title="A", description="B", use_cases=(text,))) == ()


def test_patterns_invariants_and_entities_speak_too() -> None:
    pattern = {"name": "book", "entity": "A", "invariant": ["no overbooking"]}
    said = Answers(title="A", description="B", access_patterns=[pattern])
    assert [(item.key, item.place, item.quote) for item in recognised(said)] == [
        ("hold", "an invariant", "no overbooking")
    ]
    found = recognised(Answers(title="A", description="B", entities={"IdempotencyRecord": {}}))
    assert [item.place for item in found] == ["the entities"]


@pytest.mark.parametrize(("key", "store"), STORES)
def test_every_step_can_be_written_and_left_out(key: str, store: str) -> None:
    block = load_block(key)
    made, bound = block.realised(store), on_trial(block.shaped(store))
    assert made is not None
    model = block_model(bound)
    whole = ready(bound, model, store, made.actions)
    for mutant in mutations(made, store):
        assert ready(bound, model, store, mutant.actions) != whole, mutant.name


def test_roles_are_played_by_the_entities_that_are_there() -> None:
    bound = bind(load_block("hold"), MARINA["entities"])
    assert [item.entity for item in bound.roles] == ["Berth", "Reservation"]
    assert bound.proposal == {
        "Berth": {"holder": "text null", "held_until": "timestamptz null"},
        "Reservation": {"holder": "text not null"},
    }
    text = block_of(spec_of(**MARINA), "Hold with expiry")
    assert "UPDATE berth SET holder = :holder" in text
    assert "INSERT INTO reservation (id, berth_number, guest, holder)" in text
    assert "`Berth`" in text
    assert "slot" not in text.partition("```sql")[2]


def test_a_role_is_played_by_who_has_all_that_it_needs_whatever_its_name() -> None:
    held = {"id": "uuid pk", "body": "jsonb", "next_attempt_at": "timestamptz", "tries": "int"}
    queue = load_block("job-queue")
    bound = bind(queue, {"Endpoint": {"id": "uuid pk"}, "Delivery": {**held, "url": "text"}})
    assert bound.roles[0].entity == "Delivery"
    assert list(bound.proposal["Delivery"]) == ["lease", "leased_until"]
    entities = {"Delivery": {**held, "url": "text"}}
    text = block_of(spec_of(entities=entities, blocks="job-queue", detail="full"), "Job queue")
    assert 'INSERT INTO delivery ("body", next_attempt_at, tries, url)' in text
    assert "next_attempt_at <= " in text
    del held["tries"]
    assert bind(queue, {"Delivery": held}).roles[0].proposed


def test_a_shape_of_their_own_is_left_as_it_is() -> None:
    entities = {**MARINA["entities"], "Reservation": {"id": "uuid pk", "held_until": "timestamptz"}}
    bound = bind(load_block("hold"), entities)
    assert bound.elsewhere == ("Reservation.held_until",)
    patterns = [{"name": "hold a berth", "entity": "Reservation", "kind": "write"}]
    use = {"entities": entities, "use_cases": "hold a berth"}
    assert "### Block" not in spec_of(**use, access_patterns=patterns)
    found = spec_of(**use)
    assert "Built as the entities have it, compared with its [steps]" in found
    assert "```" not in block_of(found, "Hold with expiry")
    text = block_of(spec_of(entities=entities, blocks="hold"), "Hold with expiry")
    assert "```" not in text
    assert "`Reservation.held_until`" in text
    assert "`storage-conductor prove --block hold --store postgresql --dry-run`" in text


def test_what_one_role_has_is_no_shape_of_another() -> None:
    seat = {"id": "int pk assigned", "holder": "text null", "held_until": "timestamptz null"}
    bound = bind(load_block("hold"), {"Seat": seat, "Booking": {"id": "uuid pk"}})
    assert bound.elsewhere == ()
    assert bound.proposal == {"Booking": {"slot": "ref Seat not null", "holder": "text not null"}}


def test_what_is_proposed_can_be_pasted_into_the_answers() -> None:
    text = block_of(spec_of(blocks="hold"), "Hold with expiry")
    pasted = yaml.safe_load("".join(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)))
    assert set(pasted) == {"entities", "access_patterns"}
    whole = spec_of(**pasted, blocks="hold")
    again = block_of(whole, "Hold with expiry")
    assert "```yaml" not in again
    assert "(proposed)" not in again
    assert "UPDATE slot SET" in again
    assert "hold a free unit" in whole


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("backend", ["PostgreSQL", "MariaDB", "SQLite", "DynamoDB"])
def test_what_a_block_proposes_is_a_sound_model(backend: str, key: str) -> None:
    block = load_block(key).shaped(backend.casefold())
    proposed = yaml.safe_load(pasteable(bind(block, {}), patterns=True))
    track = drawn(backend=backend, **proposed, blocks=key)
    component = track.component
    assert {item.rule for item, _ in component.findings if item.severity == "infeasible"} == set()
    assert component.design is not None
    served = [item.name for item in component.model.patterns] if component.model else []
    assert served == [item["name"] for item in block.patterns]
    assert component.blocks[0].proposal == ""


def test_what_is_recognised_in_a_quick_specification_stands_in_a_line() -> None:
    text = spec_of(use_cases="hold a seat").partition("\n### Building blocks\n")[2]
    line = "- **Hold with expiry**, recognised in the use cases, “hold a seat” ([D-block-hold](#"
    assert line in text
    assert "`storage-conductor prove --store postgresql --dry-run` prints the steps" in text
    assert "`--block hold`" in text
    assert "### Block" not in text
    assert "### Block: Hold" in spec_of(use_cases="hold a seat", detail="full")


def test_what_is_chosen_beside_the_first_ones_stands_in_one_line() -> None:
    text = spec_of(blocks=[key for key in KEYS if key != "hold"])
    lines = text.partition("\n### Building blocks\n")[2].partition("\n##")[0]
    (line,) = re.findall(r"^- `--block` with .*$", lines, re.MULTILINE)
    assert "`job-queue` (Job queue), `optimistic-update` (Optimistic update)" in line
    assert re.search(r"^- Not written for PostgreSQL, and \*\*not run\*\*: \w.*; ", lines, re.M)
    assert "- **Cache aside**: PostgreSQL cannot keep it, since " in lines


def test_a_role_without_fields_plays_no_part_in_a_store() -> None:
    proposed = yaml.safe_load(
        pasteable(bind(load_block("hierarchy").shaped("redis"), {}), patterns=True)
    )
    assert list(proposed["entities"]) == ["Node"]
    assert "NodePath" in pasteable(bind(load_block("hierarchy"), {}), patterns=True)


def test_a_block_in_short_says_that_entities_are_to_be_added() -> None:
    use = {"blocks": "job-queue, rate-limit, hold", "detail": "full"}
    said = "--dry-run` prints the steps and what to add.\n"
    roles = load_block("job-queue").roles
    whole = {role.entity: dict(role.fields) for role in roles}
    assert said in block_of(spec_of(**use), "Job queue")
    assert said not in block_of(spec_of(**use, entities=whole), "Job queue")


def test_a_proposal_beside_given_entities_leaves_their_patterns_alone() -> None:
    text = block_of(spec_of(**MARINA), "Hold with expiry")
    (proposal,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert set(yaml.safe_load(proposal)) == {"entities"}


def test_calls_are_sized_where_their_rate_is_known() -> None:
    def loads(**answers: Any) -> dict[str, tuple[float, str]]:
        found = drawn(blocks="idempotency-key", **answers).component.estimates
        return {e.key: (e.result, e.shown) for e in found if e.key.startswith("block-load")}

    # apply: begin, claim, effect, answer and commit are 5 requests; 3 of them write, 300 B are new
    assert loads() == {}
    assert loads(writes_per_second=20) == {
        "block-load-idempotency-key": (100.0, "100 requests/s, 60 writes/s, 6 kB/s")
    }
    patterns = [
        {"name": "pay", "entity": "Payment", "kind": "write", "per_second": 3, "peak": 40},
        {"name": "tidy", "entity": "Payment", "kind": "delete", "every": "1 day"},
        {"name": "note", "entity": "Note", "kind": "write", "per_second": 7},
    ]
    model = {"entities": {"Payment": {"id": "uuid pk"}, "Note": {"id": "uuid pk"}}}
    assert loads(**model, access_patterns=patterns)["block-load-idempotency-key"][0] == 200.0
    assert loads(**model, access_patterns=patterns[2:]) == {}


def test_the_costs_are_those_of_the_statements() -> None:
    (item,) = drawn(blocks="idempotency-key").component.blocks
    assert item.cost == (
        "`apply` 5 requests, 3 rows, 300 B; `repeat` 1 request; `purge` 1 request, 1 row"
    )
    (kept,) = drawn(backend="Redis", blocks="idempotency-key").component.blocks
    assert kept.cost.startswith("`apply` 1 request, 4 commands")


def test_a_quick_specification_has_the_first_steps_and_the_rest_at_a_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(building_blocks, "_BRIEF_BYTES", 300)
    text = block_of(spec_of(blocks="idempotency-key"), "Idempotency key")
    assert "-- apply: " in text
    assert "-- repeat: " not in text
    assert "dry-run` prints `repeat` and `purge`, and what a crash after each step leaves" in text
    full = block_of(spec_of(blocks="idempotency-key", detail="full"), "Idempotency key")
    assert "-- purge: " in full
    assert "| The process dies after |" in full
    assert "(https://docs.stripe.com/api/idempotent_requests)" in full


def test_blocks_on_one_entity_are_one_transaction() -> None:
    pair = {"blocks": "idempotency-key, ledger", "detail": "full"}
    text = block_of(spec_of(**pair), "Idempotency key")
    assert "what the request writes is `Transfer`." in text
    assert "-- here post of Ledger with balances, without its begin and commit\n" in text
    assert "INSERT INTO transfer" not in text
    again = yaml.safe_load("".join(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)))
    assert list(again["entities"]) == ["IdempotencyKey"]
    assert {item["entity"] for item in again["access_patterns"]} == {"IdempotencyKey"}
    plan = rendered(drawn(**pair), "plan.md")
    assert "  - [ ] Put `post` of Ledger with balances into `apply`, kill it after" in plan
    quick = spec_of(blocks="idempotency-key, ledger")
    assert (
        "In `apply`, `effect` is `post` of Ledger with balances, in the same transaction" in quick
    )
    apart = spec_of(blocks="idempotency-key, rate-limit", detail="full")
    assert "without its begin" not in apart
    assert "INSERT INTO effect" in block_of(apart, "Idempotency key")


def test_what_is_set_up_once_and_who_is_signed_in_are_said() -> None:
    entities = {"Invoice": {"id": "uuid pk", "organisation_id": "uuid not null"}}
    use = {"entities": entities, "blocks": "tenant-isolation"}
    text = block_of(spec_of(**use), "Tenant isolation")
    assert "-- once, by who administers the store\nCREATE ROLE owner_of_tenants NOLOGIN;" in text
    assert "-- guard, as owner_of_tenants: once, in the migration" in text
    assert "-- change, as app_of_tenants: a request changes a row" in text
    assert "organisation_id = NULLIF(current_setting('app.tenant', true), '')::UUID);" in text
    refused = block_of(spec_of(**use, backend="MariaDB"), "Tenant isolation")
    assert "MariaDB cannot keep this: they have no policy of rows" in refused
    user = block_of(spec_of(backend="Redis", blocks="tenant-isolation"), "Tenant isolation")
    assert "ACL SETUSER record-tenant-<tenant> reset on ><password> ~record:{<tenant>}:*" in user


def test_a_ledger_of_their_own_is_left_alone() -> None:
    entities = {
        "Account": {"id": "uuid pk"},
        "Posting": {"id": "uuid pk", "corrects": "ref Posting null"},
        "Entry": {"posting": "ref Posting pk", "account": "ref Account", "amount": "bigint"},
    }
    patterns = [{"name": "post", "entity": "Posting", "kind": "write"}]
    said = {"title": "Ledger", "entities": entities}
    assert "D-block-ledger" in spec_of(**said)
    assert "D-block-ledger" not in spec_of(**said, access_patterns=patterns)
    other = {"entities": {"Boat": {"id": "uuid pk"}}, "use_cases": "no lost events"}
    boats = [{"name": "all boats", "entity": "Boat", "kind": "scan"}]
    assert "D-block-outbox" in spec_of(**other)
    assert "D-block-outbox" not in spec_of(**other, access_patterns=boats)


@pytest.mark.parametrize(
    ("entity", "said", "shown"),
    [
        ("Job", {}, True),
        ("Job", {"races": True}, False),
        ("Delivery", {}, True),
        ("Delivery", {"serves": ["take jobs from the job queue"]}, True),
        ("Delivery", {"serves": ["take jobs from the job queue"], "races": True}, False),
    ],
)
def test_what_a_use_case_names_stays_open_until_an_operation_guards_it(
    entity: str, said: dict[str, Any], shown: bool
) -> None:
    held = load_block("job-queue").roles[0].fields if entity == "Job" else {"id": "uuid pk"}
    pattern = {"name": "due", "entity": entity, "kind": "update", "filter": ["id"], **said}
    use = {"entities": {entity: held}, "access_patterns": [pattern], "detail": "full"}
    track = drawn(**use, use_cases="take jobs from the job queue")
    assert ("D-block-job-queue" in [item.key for item in track.decisions]) is shown
    if shown and entity == "Delivery":
        assert [item.form for item in track.component.blocks] == ["line"]
    assert drawn(**use, notes="A job queue").component.blocks == ()


@pytest.mark.parametrize(
    ("backend", "default"),
    [("PostgreSQL", "built by its [steps]"), ("SQL Server", "still to be written for SQL Server")],
)
def test_what_a_comment_names_stays_open_until_it_is_decided(backend: str, default: str) -> None:
    entities = {"Claim": {"id": "uuid pk", "number": "int not null -- shown, without gaps"}}
    pattern = {"name": "one claim", "entity": "Claim", "filter": ["id"]}
    track = drawn(backend=backend, entities=entities, access_patterns=[pattern], detail="full")
    found = next(it for it in track.decisions if it.key == "D-block-gapless-sequence")
    assert "“number shown, without gaps”" in found.what
    assert default in found.default
    plan = rendered(track, "plan.md")
    assert ("Write the steps of Sequence without gaps for SQL Server" in plan) is (
        backend == "SQL Server"
    )


@pytest.mark.parametrize("names", [["PostgreSQL", "DynamoDB"], ["DynamoDB", "Valkey"]])
@pytest.mark.parametrize("key", KEYS)
def test_a_block_has_the_roles_of_the_store_that_holds_its_entities(
    key: str, names: list[str]
) -> None:
    last = loading.find(names[-1])
    assert last is not None
    entity = {"id": "uuid pk", "_store": last.key}
    track = drawn(
        backend=None,
        storage_type="hybrid",
        backends=names,
        blocks=[key],
        entities={load_block(key).roles[0].entity: entity},
        detail="full",
        writes_per_second=5,
    )
    (block,) = track.component.blocks
    assert block.bound.block == load_block(key).shaped(block.store.backend.key)
    assert block.block.name in rendered(track, "spec.md")


def test_an_entity_with_more_fields_gets_them_all() -> None:
    entities = {
        "Account": {"id": "uuid pk", "balance": "bigint not null"},
        "Transfer": {"id": "uuid pk", "purpose": "text not null"},
        "Entry": {"id": "bigint pk", "transfer": "ref Transfer", "account": "ref Account",
                  "amount": "bigint", "currency": "char(3) not null"},
    }  # fmt: skip
    text = block_of(spec_of(entities=entities, blocks="ledger"), "Ledger with balances")
    assert "INSERT INTO transfer (id, purpose) VALUES (:transfer_id, :purpose)" in text
    assert "VALUES (:transfer_id, :from_id, -:amount, :currency), (" in text


def test_a_recognised_block_is_an_assumption_until_it_is_chosen() -> None:
    use = {"use_cases": "hold a seat"}

    def keys(track: Track) -> list[str]:
        return [item.key for item in track.decisions if item.key.startswith("D-block")]

    assert keys(drawn(**use)) == ["D-block-hold"]
    chosen = drawn(**use, blocks=["hold"])
    assert keys(chosen) == []
    assert "### Block: Hold with expiry" in rendered(chosen, "spec.md")
    none = drawn(**use, blocks=["none"])
    assert keys(none) == []
    assert "### Block" not in rendered(none, "spec.md")


def test_the_plan_has_its_task_and_each_step_to_leave_out() -> None:
    plan = rendered(drawn(use_cases="hold a seat"), "plan.md")
    task = plan.partition("- [ ] Build Hold with expiry by its [steps]")[2].partition("\n- [ ]")[0]
    assert "callers hold one unit at once" in task
    for step in ("take", "begin", "keep", "book", "commit", "free"):
        assert f"`{step}`" in task


@pytest.mark.parametrize(
    ("backend", "block", "said"),
    [
        ("Amazon S3", "hold", "Amazon S3 cannot keep this"),
        ("MongoDB", "hold", "**not run**"),
        ("NFS", "atomic-publish", "**not run** on NFS"),
        ("MySQL", "hold", "Run on MySQL "),
        ("PostgreSQL", "hold", "Run on PostgreSQL "),
    ],
)
def test_what_was_not_run_is_said(backend: str, block: str, said: str) -> None:
    assert said in block_of(spec_of(backend=backend, blocks=block), load_block(block).name)


@pytest.mark.parametrize("backend", ["PostgreSQL", "SQLite", "Redis", "MongoDB", "DynamoDB"])
def test_specifications_stay_short_whatever_is_recognised(backend: str) -> None:
    for key in KEYS:
        alone = drawn(backend=backend, use_cases=SPOKEN[key][0])
        assert len(rendered(alone, "spec.md").encode()) <= budget(alone), key
    every = {"backend": backend, "blocks": KEYS}
    assert len(spec_of(**every).encode()) <= QUICK
    assert len(spec_of(**every, detail="full", **MARINA).encode()) <= FULL_BYTES
    assert "lock:" not in spec_of(backend=backend).casefold().partition("## query patterns")[2]


def test_the_record_is_of_the_blocks_as_they_are_and_the_page_of_the_record() -> None:
    stale = [
        f"{item.block} on {item.store}"
        for item in proven()
        if item.digest != prove.digest(load_block(item.block), item.store)
    ]
    assert stale == [], "run `python -m storage_conductor_cli.block_proofs`"
    recorded = {(item.block, item.store) for item in proven()}
    assert {pair for pair in STORES if pair[1] in ENGINES} - recorded == set()
    text = block_proofs.PAGE.read_text(encoding="utf-8")
    assert block_proofs.page(text, proven()) == text


def test_a_copy_records_what_was_chosen_and_nothing_else(
    start: Callable[..., Path], project: Path
) -> None:
    def recorded(track: Path) -> Any:
        return yaml.safe_load((track / ".copier-answers.yml").read_text("utf-8"))["blocks"]

    assert recorded(start(use_cases="hold a seat", storage_id="a")) == []
    assert recorded(start(blocks="hold, idempotency-key", storage_id="b")) == [
        "hold",
        "idempotency-key",
    ]


def test_a_wrong_name_is_told_with_the_nearest() -> None:
    from storage_conductor.questions import answers

    assert "did you mean 'hold'" in answers.broken_rule("blocks", "holt")
    assert "cannot stand beside" in answers.broken_rule("blocks", "none, hold")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """Read the record anew: a test before may have written it."""
    proven.cache_clear()


def test_a_block_that_a_store_cannot_keep_gives_others_no_field() -> None:
    given = {
        "backend": "MySQL",
        "entities": {"Slot": {"id": "int pk", "held_until": "timestamptz null"}},
        "blocks": ["hold", "tenant-isolation"],
    }
    text = rendered(track_of(given), "spec.md")
    assert "MySQL cannot keep this" in text
    assert "INSERT INTO booking (id, slot_id, holder) VALUES" in text
