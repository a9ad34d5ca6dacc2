"""The numbers that hold: as stated, or by the default of the decision that a finding asks for."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.component.objectives import Objectives
from storage_conductor.component.store import Store
from storage_conductor.findings import Demand, Demands, evaluate, recovery_matrix
from tests.findings_support import CACHE, fact, mechanism, said, store
from tests.specification_reading import render

LOG = mechanism("log", "item", "operator", "node", rpo=5)
DUMP = mechanism("dump", "item", "operator", "node")


def objectives(
    *facts: dict[str, Any],
    backup: tuple[dict[str, Any], ...] = (),
    demands: Demands | None = None,
    more: dict[str, Any] | None = None,
    **answers: Any,
) -> Objectives:
    """Return the objectives of one store of invented facts."""
    backend = store(*facts, backup=backup, **(more or {}))
    stated, asked = said(**answers), demands or Demands()
    return Objectives(
        stated,
        (Store(backend, backend.hosting[0]),),
        asked,
        evaluate(stated, (backend,), asked),
        recovery_matrix(stated, (backend,), asked),
    )


def test_what_can_be_met_holds_as_stated_and_names_no_decision() -> None:
    held = objectives(backup=(LOG,), rpo_minutes=60.0, rto_minutes=30.0, latency_p99_ms=10.0)
    for found, value in ((held.rpo, 60.0), (held.rto, 30.0), (held.latency, 10.0)):
        assert found is not None
        assert (found.value, found.decision, found.link) == (value, "", "")
    assert held.decided == {}


def test_the_standard_holds_against_a_longer_objective() -> None:
    demands = Demands(rpo_minutes=Demand(15, "15"), rto_minutes=Demand(60, "60"))
    held = objectives(backup=(LOG,), demands=demands, rpo_minutes=60.0, rto_minutes=240.0)
    assert held.rpo is not None
    assert held.rto is not None
    assert (held.rpo.value, held.rpo.link) == (15, " ([D-standard-rpo](#decisions))")
    assert (held.rto.value, held.rto.decision) == (60, "D-standard-rto")
    assert objectives(demands=demands).answers.rto_minutes == 60


def test_after_a_failure_that_costs_more_the_promise_counts() -> None:
    held = objectives(backup=(LOG,), rpo_minutes=1.0)
    assert held.restored_loss is not None
    assert (held.restored_loss.value, held.restored_loss.stated) == (5, 1.0)
    assert held.decided == {
        "a.rpo_minutes": "D-rpo-below-mechanism",
        "backup_age": "D-rpo-below-mechanism",
    }


def test_a_copy_of_an_earlier_state_always_loses_something() -> None:
    held = objectives(backup=(DUMP,), rpo_minutes=0.0)
    assert {row.verdict for row in held.recovery if row.mechanism} == {"missed"}
    assert held.restored_loss is None
    assert held.answers.rpo_minutes is None
    standby = mechanism("standby", "node", "zone")
    beside = objectives(backup=(DUMP, standby), rpo_minutes=0.0)
    assert {row.failure: row.verdict for row in beside.recovery}["node"] == "configure"


def test_an_interval_that_is_not_to_be_had_misses_the_objective() -> None:
    hourly = {**DUMP, "interval_minutes_min": 60}
    verdicts = {
        rpo: {row.verdict for row in objectives(backup=(hourly,), rpo_minutes=rpo).recovery}
        for rpo in (60.0, 61.0)
    }
    assert "missed" in verdicts[60.0]  # the copy itself takes time, too
    assert "missed" not in verdicts[61.0]


@pytest.mark.parametrize("mechanism_", [LOG, DUMP], ids=["log", "dump"])
@pytest.mark.parametrize("rpo", [5.0, 6.0, 60.0, 1_440.0])
def test_a_missing_backup_is_an_alarm_before_the_objective_is_broken(
    mechanism_: dict[str, Any], rpo: float
) -> None:
    held = objectives(backup=(mechanism_,), rpo_minutes=rpo)
    usual = held.backup_interval(held.stores[0]) or 5.0
    alarm = held.backup_alarm(held.stores[0])
    assert alarm is not None
    assert usual <= alarm <= rpo
    assert (alarm < rpo) == (usual < rpo)


def test_a_store_that_answers_slower_is_measured_by_what_it_can_do() -> None:
    held = objectives(fact("latency_read_floor_ms", 100, "design"), latency_p99_ms=20.0)
    assert held.latency is not None
    assert (held.latency.value, held.latency.decision) == (100, "D-latency-floor")
    assert held.slow_ms(held.stores[0]).value == 100


def test_a_restore_that_takes_longer_has_a_time_of_its_own() -> None:
    held = objectives(
        fact("throughput_mib_per_second_max", 100, "design"),
        backup=(LOG,),
        rto_minutes=10.0,
        initial_data_gb=1_000.0,
    )
    assert held.rto is not None
    assert held.restore is not None
    assert held.rto.value == 10
    assert (held.restore.value > 150, held.restore.decision) == (True, "D-restore-time")


def test_the_availability_is_that_of_the_service_and_of_the_year() -> None:
    held = objectives(
        fact("availability_percent", 99.9, "design"), availability_percent=99.99, rto_minutes=60.0
    )
    assert held.availability is not None
    assert (held.availability.value, held.availability.stated) == (99.9, 99.99)
    reached = objectives(availability_percent=99.9, rto_minutes=60.0)
    assert reached.downtime == "8 h 46 min a year"
    assert reached.availability_period.decision == "D-recovery-budget"
    assert objectives(availability_percent=99.9).downtime == "43 min 50 s a month"


def test_a_cache_that_forgets_has_no_recovery_point_of_its_own() -> None:
    held = objectives(more={**CACHE, "can": {"persistence": "no"}}, rpo_minutes=45.0)
    assert held.rpo is None
    assert "D-cache-system-of-record" in held.owned_elsewhere


def test_the_plan_names_the_decision_behind_a_number() -> None:
    page = render(
        {"description": "D", "backend": "Amazon S3", "storage_type": "object_storage"}
        | {"latency_p99_ms": 5, "reads_per_second": 10, "detail": "full"}
    )
    gate = next(line for line in page.plan.splitlines() if "p99 to first byte of at most" in line)
    assert "of at most 100 ms" in gate
    assert "(by `D-latency-floor`)" in gate


def test_copies_at_intervals_lose_an_interval_and_the_time_of_a_copy() -> None:
    said = {"description": "Readings.", "storage_type": "database", "backend": "Cassandra"}
    short = render({**said, "rpo_minutes": 5})
    what, default = short.decisions["D-rpo-below-mechanism"]
    assert "Medusa to object storage loses up to 1 h and what comes in during a copy" in what
    assert (
        default == "After these failures, an RPO of 2 h counts, with a copy that takes up to 1 h."
    )
    assert "its newest state is at most 1 h old, the time of a copy included" in short.spec
    assert "Alert when the newest backup is older than 1 h 30 min" in short.plan
    # Half of 90 min is less than copies can be apart.
    longer = render({**said, "rpo_minutes": 90})
    assert "D-rpo-below-mechanism" not in longer.decisions
    assert "its newest state is at most 1 h old" in longer.spec
    assert "Alert when the newest backup is older than 1 h 15 min" in longer.plan
