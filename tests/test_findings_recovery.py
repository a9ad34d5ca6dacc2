"""Recovery per class of failure, and the measures for sensitive data."""

from __future__ import annotations

import pytest

from storage_conductor.catalog.backend import Backend
from storage_conductor.findings import privacy, recovery_matrix
from storage_conductor.questions.answers import Answers
from tests.findings_support import CACHE, OBJECTS, mechanism, said, store

STANDBY = mechanism("standby", "node", "zone")
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
    found = verdicts(said(rpo_minutes=4.0), DATABASE)
    assert found["node"] == ("Standby", "configure")
    assert found["operator"] == ("Archive", "missed")
    dumps = mechanism("copy", "operator")
    assert verdicts(said(rpo_minutes=4.0), store(backup=(dumps, ARCHIVE)))["operator"] == (
        "Archive",
        "missed",
    )
    assert verdicts(said(rpo_minutes=4.0), store(backup=(dumps,)))["operator"] == (
        "Copy",
        "configure",
    )


def test_without_an_objective_nothing_is_judged() -> None:
    found = verdicts(said(), DATABASE)
    assert found["operator"] == ("Archive", "open")
    assert found["region"] == ("", "none")


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


def test_erasure_includes_backups_copies_and_the_end_of_retention() -> None:
    cache, objects = store(name="Cache", **CACHE), store(name="Objects", **OBJECTS)
    answers = said(storage_type="hybrid", sensitive_data=("pii",), retention="7 years | {{ x }}")
    found = {item.key: item.text for item in privacy(answers, (DATABASE, objects, cache))}
    assert "within 30 days" in found["erasure"]
    assert "after each restore" in found["erasure-backups"]
    assert "Store, Objects and Cache" in found["erasure-stores"]
    assert "erasure-cache" in found
    assert "7 years | {{ x }}" in found["retention-end"]
    alone = {item.key for item in privacy(said(sensitive_data=("pii",)), (DATABASE,))}
    assert {"erasure", "erasure-backups"} <= alone
    assert not alone & {"erasure-stores", "erasure-cache", "retention-end"}


def test_rules_of_law_are_cited() -> None:
    answers = said(sensitive_data=("pii", "phi", "pci"))
    titles = {item.source.title for item in privacy(answers, (DATABASE,)) if item.source}
    assert any("GDPR" in title for title in titles)
    assert any("HIPAA" in title for title in titles)
    assert any("PCI" in title for title in titles)
