"""Recovery per class of failure, and the measures for sensitive data."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.catalog.backend import Backend
from storage_conductor.findings import privacy, recovery_matrix
from storage_conductor.findings.features import in_use
from storage_conductor.questions.answers import Answers
from storage_conductor.questions.several import Region
from tests.findings_support import CACHE, OBJECTS, found, loaded, mechanism, said, store

STANDBY = mechanism("standby", "node", "zone")
LOSS = "acknowledged_loss_seconds_default"
ARCHIVE = mechanism("archive", "item", "node", "operator", "corruption", rpo=5)
DUMP = mechanism("dump", "item", "node", "operator", rpo=1440)
DATABASE = store(backup=(DUMP, STANDBY, ARCHIVE))


def verdicts(answers: Answers, *backends: Backend) -> dict[str, tuple[str, str]]:
    return {row.failure: (row.mechanism, row.verdict) for row in recovery_matrix(answers, backends)}


def test_each_failure_gets_the_mechanism_that_loses_least() -> None:
    assert verdicts(said(rpo_minutes=5.0), DATABASE) == {
        "item": ("Archive", "met"),
        "node": ("Archive", "met"),
        "zone": ("Standby", "configure"),
        "region": ("", "none"),
        "operator": ("Archive", "met"),
        "corruption": ("Archive", "met"),
    }


def test_below_every_promise_settings_decide_or_the_objective_is_missed() -> None:
    rows = verdicts(said(rpo_minutes=4.0), DATABASE)
    assert rows["node"] == ("Standby", "configure")
    assert rows["operator"] == ("Archive", "missed")
    dumps = mechanism("copy", "operator")
    assert verdicts(said(rpo_minutes=4.0), store(backup=(dumps, ARCHIVE)))["operator"] == (
        "Archive",
        "missed",
    )
    assert verdicts(said(rpo_minutes=4.0), store(backup=(dumps,)))["operator"] == (
        "Copy",
        "configure",
    )


@pytest.mark.parametrize(
    ("lock", "words", "expected"),
    [
        ("yes", "7 years", ("Failover", "met")),
        ("yes", "WORM for 7 years", ("Vault", "missed")),
        ("no", "WORM for 7 years", ("Failover", "met")),
    ],
)
def test_what_a_feature_in_use_rules_out_brings_nothing_back(
    lock: str, words: str, expected: tuple[str, str]
) -> None:
    failover = mechanism("failover", "region", rpo=15) | {"not_with": ["object_lock"]}
    vault = mechanism("vault", "region", rpo=1440)
    objects = store(can={"object_lock": lock}, backup=(failover, vault), **OBJECTS)
    answers = said(rpo_minutes=15.0, storage_type="object_storage", retention=words)
    used = objects.using(in_use(answers, objects))
    assert verdicts(answers, used)["region"] == expected


def hosted(backend: str, hosting: str, **answers: Any) -> dict[str, tuple[str, str]]:
    """Return the verdicts on a backend of the catalog as it is run there."""
    stated = said(backend=backend, hosting=hosting, **answers)
    return verdicts(stated, *(item.backend for item in loaded(stated)))


@pytest.mark.parametrize(
    ("words", "region", "operator"),
    [
        ("7 years", "Geo-replication with failover", "Point-in-time restore"),
        ("7 years, immutable", "Geo-replication, read at the secondary", "Versions of a blob"),
    ],
)
def test_azure_does_not_fail_over_an_account_with_locked_objects(
    words: str, region: str, operator: str
) -> None:
    rows = hosted(
        "Azure Blob Storage", "Azure RA-GZRS", rpo_minutes=15.0, retention=words,
        storage_type="object_storage",
    )  # fmt: skip
    assert rows["region"][0].startswith(region)
    assert rows["operator"][0].startswith(operator)
    assert rows["region"][1] == rows["operator"][1] == "met"


@pytest.mark.parametrize(
    ("backend", "rpo", "zone", "region"),
    [
        ("Valkey", 0.0, "Transaction log over the zones (durability option)", ""),
        ("Valkey", 1.0, "Replicas over the zones", "Global datastore in another region"),
        ("Redis", 0.0, "Replicas over the zones", "Global datastore in another region"),
    ],
)
def test_durable_writes_rule_out_a_global_datastore(
    backend: str, rpo: float, zone: str, region: str
) -> None:
    rows = hosted(backend, "Amazon ElastiCache", rpo_minutes=rpo, storage_type="cache")
    assert (rows["zone"][0], rows["region"][0]) == (zone, region)
    stated = said(
        backend=backend, hosting="Amazon ElastiCache", rpo_minutes=rpo, storage_type="cache"
    )
    (one,) = loaded(stated)
    lossy = "what the replicas had not received" in str(one.backend.fact(LOSS) or "")
    assert lossy == ("lagging-replicas" in {point.key for point in one.backend.durability})
    assert lossy == (zone == "Replicas over the zones")


@pytest.mark.parametrize("name", ["Redis", "Valkey"])
@pytest.mark.parametrize(
    ("rate", "seconds", "newest"),
    [(None, 3600, 60), (0.33, 3600, 60), (0.34, 300, 5), (166.0, 300, 5), (167.0, 60, 1)],
)
def test_the_rate_of_writes_decides_which_default_save_rule_counts(
    name: str, rate: float | None, seconds: int, newest: int
) -> None:
    answers = said(
        backend=name, storage_type="cache", hosting="self-managed", writes_per_second=rate,
        rpo_minutes=4.0,
    )  # fmt: skip
    (one,) = loaded(answers)
    assert one.backend.number("acknowledged_loss_seconds_default") == seconds
    assert one.backend.number("pitr_floor_minutes") == newest
    lost = [item for key, item in found(answers, one.backend).items() if "acknowledged" in key]
    assert [item.values["loss_minutes"] for item in lost] == [seconds / 60] * (seconds > 240)


def test_without_an_objective_nothing_is_judged() -> None:
    rows = verdicts(said(), DATABASE)
    assert rows["operator"] == ("Archive", "open")
    assert rows["region"] == ("", "none")


def test_a_cache_is_rebuilt_unless_it_has_an_objective_of_its_own() -> None:
    cache = store(name="Cache", backup=(ARCHIVE,), **CACHE)
    assert set(verdicts(said(), cache).values()) == {("", "rebuild")}
    assert verdicts(said(rpo_minutes=5.0), cache)["operator"] == ("Archive", "met")
    rows = recovery_matrix(said(rpo_minutes=5.0), (DATABASE, cache))
    assert {row.verdict for row in rows if row.backend == "Cache"} == {"rebuild"}


def test_nothing_is_said_of_a_store_whose_mechanisms_are_unknown() -> None:
    assert recovery_matrix(said(rpo_minutes=5.0), (store(),)) == ()


def test_no_measures_without_sensitive_data() -> None:
    assert privacy(said(), (DATABASE,)) == ()
    assert privacy(said(sensitive_data=("none",)), (DATABASE,)) == ()


@pytest.mark.parametrize("kind", ["pii", "phi", "pci", "secrets"])
def test_each_kind_of_data_is_encrypted_guarded_audited_and_kept_out_of_logs(kind: str) -> None:
    measures = privacy(said(sensitive_data=(kind,), retention="1 year"), (DATABASE,))
    kinds = {measure.kind for measure in measures}
    assert {"encryption", "access", "audit", "erasure", "do-not-log"} <= kinds
    assert ("residency" in kinds) == (kind in ("pii", "phi"))
    assert all(measure.title and "{" not in measure.text for measure in measures)
    assert len({measure.key for measure in measures}) == len(measures)


def test_the_regions_that_were_stated_are_where_the_data_lies() -> None:
    told = {
        regions: next(
            item.text
            for item in privacy(said(sensitive_data=("pii",), regions=regions), (DATABASE,))
            if item.kind == "residency"
        )
        for regions in ((), (Region("eu-west-1"), Region("eu-north-1")))
    }
    asked, stated = told.values()
    assert asked.startswith("Name the regions in which data, replicas")
    assert stated.startswith("Data lies in eu-west-1 and eu-north-1; name where replicas")


def test_erasure_includes_backups_copies_and_the_end_of_retention() -> None:
    cache, objects = store(name="Cache", **CACHE), store(name="Objects", **OBJECTS)
    answers = said(storage_type="hybrid", sensitive_data=("pii",), retention="7 years | {{ x }}")
    rows = {item.key: item.text for item in privacy(answers, (DATABASE, objects, cache))}
    assert "within 30 days" in rows["erasure"]
    assert "after each restore" in rows["erasure-backups"]
    assert "Store, Objects and Cache" in rows["erasure-stores"]
    assert "erasure-cache" in rows
    assert "7 years | {{ x }}" in rows["retention-end"]
    alone = {item.key for item in privacy(said(sensitive_data=("pii",)), (DATABASE,))}
    assert {"erasure", "erasure-backups"} <= alone
    assert not alone & {"erasure-stores", "erasure-cache", "retention-end"}


def test_rules_of_law_are_cited() -> None:
    answers = said(sensitive_data=("pii", "phi", "pci"))
    titles = {item.source.title for item in privacy(answers, (DATABASE,)) if item.source}
    assert any("GDPR" in title for title in titles)
    assert any("HIPAA" in title for title in titles)
    assert any("PCI" in title for title in titles)
