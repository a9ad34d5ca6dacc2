"""Drawn pairs of models on real servers: there, back and there again, with rows in the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings

from storage_conductor.errors import ConductorError
from storage_conductor.schema.model import DataModel
from storage_conductor.steps.step import MigrationStep, between

from .importing_support import ENGINES, Database, database
from .step_support import Steps, model_of, pairs, parts

DRAWN = settings(
    max_examples=16,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
taken: Counter[str] = Counter()


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database(request.param) as found:
        yield found


def step_of(store: Database, old: DataModel, new: DataModel) -> MigrationStep | None:
    """Return the step, or None where it is refused."""
    try:
        return between(parts(old, store.backend), parts(new, store.backend))
    except ConductorError:
        return None


@DRAWN
@given(pair=pairs())
def test_a_step_goes_there_and_back_and_there_again(
    store: Database, pair: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    old, new = map(model_of, pair)
    step = step_of(store, old, new)
    taken["refused" if step is None else "taken"] += 1
    taken.update(() if step is None else (change.kind for change in step.changes))
    there = Steps(store)
    if step is None or not (there.takes(new) and there.takes(old)):
        return
    rows = there.count(old)
    tables = {entity.table for model in (old, new) for entity in model.entities}
    for again in (False, True):
        there.up(step, "expand")
        assert there.count(old) == rows
        # What runs before the release and what runs after it are both served now.
        there.empty(tables)
        there.fill(old)
        there.empty(tables)
        try:
            filled = there.fill_both(old, new) if store.store == "sqlite" else there.fill(new)
        except sa.exc.IntegrityError:
            if store.store != "sqlite":  # there an old rule stays until the table is made anew
                raise
            taken["skipped"] += 1
            return
        there.up(step, "fill", "enforce", "contract")
        assert store.drift(new) == []
        assert there.count(new) == filled
        if again:
            break
        there.down(step, "contract", "enforce")
        there.empty(tables)
        rows = there.fill(old)
        there.down(step, "expand")
        assert store.drift(old) == []
        assert there.count(old) == rows


def test_most_pairs_were_taken() -> None:
    assert taken["taken"] > taken["refused"]
