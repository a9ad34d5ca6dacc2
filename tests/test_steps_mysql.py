"""Where steps on MySQL are others than on MariaDB; test_steps_drawn runs them on a given server."""

from __future__ import annotations

import pytest

from storage_conductor.catalog import loading
from storage_conductor.steps.step import between

from .step_support import model_of, parts

OLD = {"id": "bigint pk", "note": "text", "size": "int"}
COPIED = "-- A check on a time has the server copy the table while writers wait"


def statements(store: str, old: dict[str, str], new: dict[str, str]) -> str:
    """Return all statements of a step, there and back."""
    backend = loading.load(store).at("self-managed")
    before, after = (parts(model_of({"A": fields}), backend) for fields in (old, new))
    step = between(before, after)
    return "\n".join(text for group in step.groups for text in (*group.up, *group.down))


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("decimal(9,2) not null default 1.5", "NUMERIC(9, 2) NOT NULL DEFAULT '1.5'"),
        ("int not null default -5", "INTEGER NOT NULL DEFAULT '-5'"),
        ("int not null default 5", "INTEGER NOT NULL DEFAULT 5"),
    ],
)
def test_a_number_comes_with_its_default_at_once(field: str, column: str) -> None:
    text = statements("mysql", OLD, OLD | {"n": field})
    assert f"ALTER TABLE a ADD COLUMN n {column}, ALGORITHM=INSTANT;" in text


def test_a_text_with_a_default_copies_the_table_and_says_so() -> None:
    text = statements("mysql", OLD, OLD | {"t": "text not null default 'x'"})
    assert "-- The table is copied and writers wait" in text
    assert "ALTER TABLE a ADD COLUMN t TEXT NOT NULL DEFAULT ('x');" in text


def test_the_default_of_a_text_is_set_with_the_whole_column() -> None:
    new = OLD | {"note": "text default 'x'", "size": "int default 3"}
    text = statements("mysql", OLD, new)
    assert "ALTER TABLE a MODIFY note TEXT DEFAULT ('x'), ALGORITHM=INSTANT;" in text
    assert "ALTER TABLE a ALTER COLUMN size SET DEFAULT 3, ALGORITHM=INSTANT;" in text
    assert "ALTER TABLE a MODIFY note TEXT DEFAULT ('x')" in statements("mysql", new, OLD)


@pytest.mark.parametrize(
    ("store", "check", "copied"),
    [
        ("mysql", "timestamptz check(at > '2020-01-31T12:00:00Z')", True),
        ("mysql", "date check(at > '2020-01-31')", True),
        ("mysql", "int check(at > 5)", False),
        ("mariadb", "date check(at > '2020-01-31')", False),
    ],
)
def test_a_check_on_a_time_forbids_changes_in_place(store: str, check: str, copied: bool) -> None:
    old = OLD | {"at": check}
    text = statements(store, old, old | {"size": "int not null"})
    assert (COPIED in text) is copied
    in_place = "ALTER TABLE a MODIFY size INTEGER NOT NULL, ALGORITHM=INPLACE, LOCK=NONE;"
    assert (in_place in text) is not copied


@pytest.mark.parametrize("store", ["mariadb", "mysql"])
def test_an_index_of_places_comes_with_a_step(store: str) -> None:
    placed = OLD | {"at": "point not null"}
    text = statements(store, placed, placed | {"at": "point not null indexed"})
    waits = "-- Writers wait while the index is made.\n"
    making = "CREATE SPATIAL INDEX ix_a_at ON a (at) ALGORITHM=INPLACE LOCK=SHARED;"
    assert waits + making in text
    new = placed | {"at": "point not null indexed", "size": "int not null"}
    assert "LOCK=NONE" not in statements(store, placed | {"at": "point not null indexed"}, new)
