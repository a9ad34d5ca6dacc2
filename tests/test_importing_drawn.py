"""Drawn models on real servers: a fresh draft has no drift, and importing it gives it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from storage_conductor.importing.compare import differences
from storage_conductor.importing.draft import drafted
from storage_conductor.importing.language import write
from storage_conductor.schema.parse import parse_model

from . import schema_models as models
from .importing_support import ENGINES, Database, database

DRAWN = settings(
    max_examples=50,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database(request.param) as found:
        yield found


@DRAWN
@given(answers=models.answers(keyless=True))
def test_a_fresh_draft_has_no_drift_and_comes_back_by_import(
    store: Database, answers: models.Answers
) -> None:
    model = models.drawn(answers)
    store.load(model)
    assert store.drift(model) == []
    found = store.found()
    written = write(found)
    assert [line for lines in written.unsaid.values() for line in lines] == []
    again = parse_model(written.entities, [])
    assert again is not None
    changed = differences(drafted(again, store.backend), found)
    # Which reference of a circle is checked at commit follows from the order of the entities.
    assert [found for found in changed if "at commit" not in str(found)] == []
