"""Texts that are searched for words get no index of whole values, which would cut them short."""

from __future__ import annotations

import pytest

from storage_conductor.errors import ConductorError
from storage_conductor.schema.parse import parse_model
from tests.spec_rendering import rendered, track_of

ENTITIES = {
    "Order": {"id": "uuid pk", "note": "text", "customer": "uuid not null", "word": "varchar(20)"},
    "Term": {"word": "varchar(80) pk", "meaning": "text"},
}


@pytest.mark.parametrize(
    ("name", "entity", "filters", "inside"),
    [
        ("find orders", "Order", ["note contains"], ("note",)),
        ("find orders", "Order", ["customer", "note contains"], ("note",)),
        ("find orders by a word in the note", "Order", ["note"], ("note",)),
        ("orders of a customer that contain a word", "Order", ["customer", "note"], ("note",)),
        ("Volltextsuche in den Notizen", "Order", ["note"], ("note",)),
        ("orders by their note", "Order", ["note"], ()),
        ("meaning of a term by its word", "Term", ["word"], ()),  # the key, as a whole
    ],
)
def test_a_name_says_that_texts_are_searched(
    name: str, entity: str, filters: list[str], inside: tuple[str, ...]
) -> None:
    model = parse_model(ENTITIES, [{"name": name, "entity": entity, "filter": filters}])
    assert model is not None
    (pattern,) = model.patterns
    assert pattern.inside == inside
    assert not set(pattern.equal) & set(inside)


def test_a_use_case_says_it_of_what_serves_it() -> None:
    given = {"backend": "MongoDB", "entities": ENTITIES}
    find = {"name": "find orders", "entity": "Order", "filter": ["note"]}
    ends = {"find orders by words": ("note",), "find orders by their note": ()}
    for use, inside in ends.items():
        for said in ({"use_cases": [use]}, {"serves": [use]}):
            pattern = {**find, **{key: said[key] for key in said if key == "serves"}}
            stated = {key: said[key] for key in said if key == "use_cases"}
            track = track_of({**given, **stated, "access_patterns": [pattern]})
            assert track.component.model is not None
            assert track.component.model.patterns[0].inside == inside, said


def test_words_are_not_looked_for_in_a_key() -> None:
    pattern = {"name": "meaning", "entity": "Term", "filter": ["word contains"]}
    with pytest.raises(ConductorError, match="`contains` for words of a text"):
        parse_model(ENTITIES, [pattern])


@pytest.mark.parametrize(
    ("backend", "default"),
    [
        ("SQL Server", "An index of SQL Server for words (Full-text)"),
        ("MongoDB", "An index of MongoDB for words (Text)"),
        ("Cassandra", "An index for words beside Cassandra"),
    ],
)
def test_each_store_is_told_what_finds_words(backend: str, default: str) -> None:
    search = {"name": "orders by a word in the note", "entity": "Order", "filter": ["note"]}
    given = {"backend": backend, "entities": ENTITIES, "access_patterns": [search]}
    spec = rendered(track_of(given), "spec.md")
    assert default in next(line for line in spec.splitlines() if "| D-text-search |" in line)
    assert "by an index for words ([D-text-search](#decisions)) |" in spec
    assert "ix_order_note" not in spec
