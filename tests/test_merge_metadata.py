"""Merging metadata.json: by key, always valid, the user's value first."""

from __future__ import annotations

import json

import pytest

from storage_conductor.errors import ConductorError
from storage_conductor.update.merge import Conflict, Merged, merge_metadata

BASE = """\
{
  "id": "storage-20260131-091000",
  "title": "Ledger",
  "backend": "postgresql",
  "status": "Planning",
  "updated": "2026-01-31T09:10:00+00:00"
}
"""


def test_values_of_both_sides_and_new_keys_are_kept_in_the_users_order() -> None:
    ours = BASE.replace('"title": "Ledger",', '"owner": "Ann é",\n  "title": "Our ledger",')
    theirs = BASE.replace('"postgresql",', '"PostgreSQL",\n  "schema": 2,')
    merged = merge_metadata(BASE, ours, theirs)
    assert merged == Merged(ours.replace('"postgresql",', '"PostgreSQL",\n  "schema": 2,'), [])


def test_a_key_goes_when_the_template_removed_it_and_the_user_left_it_alone() -> None:
    ours = BASE.replace("Ledger", "Our ledger")
    theirs = BASE.replace('  "backend": "postgresql",\n', "")
    assert '"backend"' not in merge_metadata(BASE, ours, theirs).text
    changed = BASE.replace("postgresql", "postgres")
    assert merge_metadata(BASE, changed, theirs) == Merged(changed, [])


def test_a_key_that_the_user_deleted_stays_deleted() -> None:
    ours = BASE.replace('  "backend": "postgresql",\n', "")
    assert merge_metadata(BASE, ours, BASE.replace("postgresql", "mysql")) == Merged(ours, [])


def test_status_and_time_are_the_users_without_a_word() -> None:
    ours = BASE.replace("Planning", "Blocked").replace("2026-01", "2026-02")
    theirs = BASE.replace("Planning", "Proposed").replace("2026-01", "2026-03")
    assert merge_metadata(BASE, ours, theirs) == Merged(ours, [])


def test_other_values_that_both_changed_are_the_users_and_reported() -> None:
    ours = BASE.replace("postgresql", "postgres")
    theirs = BASE.replace("postgresql", "mysql").replace("Ledger", "Ledgers")
    merged = merge_metadata(BASE, ours, theirs)
    assert merged.text == ours.replace("Ledger", "Ledgers")
    what = 'key “backend”: "postgres" is kept, the template has "mysql"'
    assert merged.conflicts == [Conflict(4, what)]


def test_objects_merge_by_key_and_lists_as_a_whole() -> None:
    base = {"a": {"x": 1, "y": 1}, "l": [1, 2]}
    ours = {"a": {"x": 2, "y": 1, "x2": {"x": 0}}, "l": [1, 2, 3]}
    theirs = {"a": {"x": 3, "y": 5}, "l": [2]}
    merged = merge_metadata(*(json.dumps(value) for value in (base, ours, theirs)))
    assert json.loads(merged.text) == {"a": {"x": 2, "y": 5, "x2": {"x": 0}}, "l": [1, 2, 3]}
    assert [(c.line, c.what.split(":")[0]) for c in merged.conflicts] == [
        (3, "key “a.x”"),
        (9, "key “l”"),
    ]


def test_true_and_one_are_different_values() -> None:
    assert json.loads(merge_metadata('{"a": 1}', '{"a": true}', '{"a": 2}').text) == {"a": True}


def test_line_breaks_and_byte_order_mark_are_the_users() -> None:
    ours = "\ufeff" + BASE.replace("Planning", "Blocked").replace("\n", "\r\n")
    merged = merge_metadata(BASE, ours, BASE.replace("postgresql", "mysql"))
    assert merged.text == ours.replace("postgresql", "mysql")


def test_without_an_old_render_both_sides_are_kept() -> None:
    merged = merge_metadata("", '{"a": 1}\n', '{"b": 2}\n')
    assert json.loads(merged.text) == {"b": 2, "a": 1}


@pytest.mark.parametrize(
    ("ours", "line", "message"),
    [
        (BASE.replace('"Ledger",', '"Ledger"'), 4, "is not valid JSON"),
        (BASE.replace('"title"', '"backend"'), 4, 'has the key "backend" twice'),
        ("[]\n", 1, "is not a JSON object"),
        ("", 1, "is not valid JSON"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_line(ours: str, line: int, message: str) -> None:
    with pytest.raises(ConductorError, match=message) as caught:
        merge_metadata(BASE, ours, BASE.replace("postgresql", "mysql"))
    assert (caught.value.line, caught.value.path) == (line, "metadata.json")
    assert caught.value.remedy


def test_a_broken_template_is_named_as_such() -> None:
    with pytest.raises(ConductorError, match="new template"):
        merge_metadata(BASE, BASE.replace("Planning", "Blocked"), "{")
