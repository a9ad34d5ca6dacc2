"""Texts that are searched for words get no index of whole values, which would cut them short."""

from __future__ import annotations

import pytest

from storage_conductor.schema.parse import parse_model
from tests.spec_rendering import rendered, track_of

ENTITIES = {
    "Order": {"id": "uuid pk", "note": "text", "customer": "uuid not null", "word": "varchar(20)"},
    "Term": {"word": "varchar(80) pk", "meaning": "text"},
}


@pytest.mark.parametrize(
    ("name", "entity", "filters", "inside"),
    [
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
