"""Indexes that follow from access patterns: each needed, each pattern served, none twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given

from storage_conductor.schema.needs import folded, row_order
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design, IndexRow
from tests.schema_support import design

from . import schema_models as models

FIELDS = {
    "id": "uuid pk",
    "a": "int",
    "b": "int",
    "c": "int",
    "flag": "bool",
    "mail": "text unique",
}


def designed(patterns: list[dict[str, Any]], **fields: str) -> Design:
    named = [{"name": f"p{n}", "entity": "T"} | pattern for n, pattern in enumerate(patterns)]
    model = parse_model({"T": FIELDS | fields, "Parent": {"id": "uuid pk"}}, named)
    assert model is not None
    return design(model, "postgresql")


def shown(result: Design) -> dict[str, tuple[str, ...]]:
    """Columns of each made index, and the patterns and fields that need it."""
    return {
        ", ".join(f"{c} desc" if way == "desc" else c for c, way in index.columns): index.serves
        for index in result.indexes
        if index.kind == "index"
    }


def findings(result: Design) -> list[tuple[str, str]]:
    return [(finding.key, finding.subject) for finding in result.findings]


def test_equality_comes_first_then_range_then_sort() -> None:
    result = designed([{"filter": ["b >", "a"], "sort": ["b", "c"]}])
    assert shown(result) == {"a, b, c": ("p0",)}


def test_a_range_keeps_another_column_from_being_sorted_and_says_so() -> None:
    result = designed([{"filter": ["a", "b between"], "sort": ["c desc"]}])
    assert shown(result) == {"a, b, c desc": ("p0",)}
    assert ("sort-after-range", "p0") in findings(result)
    assert result.patterns[0].cost == "sort"


def test_a_second_range_narrows_nothing_and_says_so() -> None:
    result = designed([{"filter": ["a", "b >", "c <"]}])
    assert shown(result) == {"a, b": ("p0",)}
    assert ("filter-after-range", "p0") in findings(result)


def test_pages_end_in_the_key_so_that_the_next_one_can_begin_after_a_row() -> None:
    result = designed(
        [
            {"filter": ["a"], "sort": ["b desc"], "page_size": 10},
            {"filter": ["c"], "page_size": 10},
            {"sort": ["mail"], "page_size": 10},
        ]
    )
    assert shown(result) == {"a, b desc, id desc": ("p0",), "c, id": ("p1",)}
    assert [row.cost for row in result.patterns] == ["page", "page", "page"]
    assert result.patterns[2].served_by == "uq_t_mail"


def test_a_shorter_need_is_served_by_the_beginning_of_a_longer_index() -> None:
    result = designed(
        [
            {"filter": ["b"]},
            {"filter": ["a", "b"], "sort": ["c"]},
            {"filter": ["b", "a"]},
            {"filter": ["b"], "sort": ["a desc", "c desc"]},
        ]
    )
    assert shown(result) == {"b, a, c": ("p1", "p3", "p2", "p0")}


def test_opposite_orders_share_an_index_and_mixed_ones_do_not() -> None:
    result = designed(
        [
            {"filter": ["a"], "sort": ["b", "c"]},
            {"filter": ["a"], "sort": ["b desc", "c desc"]},
            {"filter": ["a"], "sort": ["b desc", "c"]},
        ]
    )
    assert shown(result) == {"a, b, c": ("p0", "p1"), "a, b desc, c": ("p2",)}


def test_keys_and_unique_fields_serve_before_anything_is_made() -> None:
    result = designed(
        [{"filter": ["id"]}, {"filter": ["mail", "a"], "sort": ["b"]}, {"filter": ["mail"]}]
    )
    assert shown(result) == {}
    assert [row.served_by for row in result.patterns] == ["pk_t", "uq_t_mail", "uq_t_mail"]
    assert {row.cost for row in result.patterns} == {"point"}


def test_references_and_asked_for_fields_are_indexed_once() -> None:
    result = designed(
        [{"filter": ["parent"], "sort": ["a"]}],
        parent="ref Parent",
        x="int indexed",
        mum="ref Parent",
    )
    assert shown(result) == {
        "parent_id, a": ("p0", "parent"),
        "mum_id": ("mum",),
        "x": ("x",),
    }
    assert {index.writes for index in result.indexes if index.entity == "T"} == {6}
    assert next(table for table in result.entities if table.entity == "T").writes == 6


def test_a_reference_that_begins_the_key_needs_no_index() -> None:
    model = parse_model(
        {"P": {"id": "int pk"}, "C": {"p": "ref P pk", "n": "int pk", "q": "ref P unique"}}, []
    )
    assert model is not None
    assert [index.kind for index in design(model, "sqlite").indexes] == ["key", "key", "unique"]


@pytest.mark.parametrize(("store", "own"), [("mysql", ["p_id"]), ("mariadb", [])])
def test_mysql_serves_a_reference_by_an_ascending_index_alone(store: str, own: list[str]) -> None:
    fields = {"id": "int pk", "p": "ref P", "n": "int", "_indexes": [["p desc", "n"]]}
    model = parse_model({"P": {"id": "int pk"}, "C": fields}, [])
    assert model is not None
    assert set(shown(design(model, store))) == {"p_id desc, n", *own}


def test_what_nothing_serves_is_found() -> None:
    result = designed(
        [
            {"kind": "read"},
            {"kind": "delete"},
            {"kind": "scan"},
            {"kind": "write"},
            {"filter": ["flag"]},
            {"filter": ["a"]},
        ]
    )
    assert [row.served_kind for row in result.patterns[:4]] == ["scan", "key", "scan", "insert"]
    assert [row.cost for row in result.patterns[:4]] == ["scan", "point", "scan", "insert"]
    assert findings(result) == [
        ("no-patterns", ""),
        ("full-scan", "p0"),
        ("no-page-size", "p4"),
        ("low-selectivity", "p4"),
        ("no-page-size", "p5"),
        ("text-index-length", "T.mail"),
        ("change-by-key", "p1"),
    ]


def test_a_list_of_many_values_is_selective() -> None:
    result = designed([{"filter": ["e"]}], e=f"enum({', '.join(f'v{n}' for n in range(17))})")
    assert ("low-selectivity", "p0") not in findings(result)


@pytest.mark.parametrize("backend", ["mongodb"])
def test_mongodb_sorts_before_it_ranges(backend: str) -> None:
    model = parse_model(
        {"T": FIELDS}, [{"name": "p", "entity": "T", "filter": ["a", "b >"], "sort": ["c desc"]}]
    )
    assert model is not None
    result = design(model, backend)
    assert shown(result) == {"a, c desc, b": ("p",)}
    assert result.patterns[0].cost == "range"
    assert ("sort-after-range", "p") not in findings(result)


def test_a_unique_field_that_may_be_missing_serves_only_whole_lookups() -> None:
    model = parse_model(
        {"T": {"id": "uuid pk", "mail": "varchar(50) unique"}},
        [
            {"name": "by mail", "entity": "T", "filter": ["mail"]},
            {"name": "all", "entity": "T", "sort": ["mail"]},
        ],
    )
    assert model is not None
    partial = [row.served_kind for row in design(model, "sql-server").patterns]
    assert partial == ["unique", "index"]
    assert [row.served_kind for row in design(model, "postgresql").patterns] == ["unique", "unique"]


def test_a_small_number_key_says_when_it_ends() -> None:
    model = parse_model(
        {"T": {"id": "int pk", "a": "int"}},
        [{"name": "add", "entity": "T", "kind": "write", "per_second": 100}],
    )
    assert model is not None
    (finding,) = (f for f in design(model, "postgresql").findings if f.key == "int-key-exhaustion")
    assert finding.subject == "T.id"
    assert dict(finding.numbers) == {"years": 0.7, "bits": 32}


def _begins(index: IndexRow, equal: set[str], tail: Sequence[tuple[str, str]]) -> bool:
    """Whether an index has the equality columns first and then the order, in one direction."""
    columns = list(index.columns)
    if {column for column, _ in columns[: len(equal)]} != equal:
        return False
    rest = columns[len(equal) : len(equal) + len(tail)]
    same = [mine == theirs for mine, theirs in zip(rest, tail, strict=False)]
    return [c for c, _ in rest] == [c for c, _ in tail] and len(set(same)) < 2


@given(models.answers())
def test_every_pattern_of_a_drawn_model_is_served_and_no_index_is_needless(
    given: models.Answers,
) -> None:
    model = models.drawn(given)
    result = design(model, "other")
    indexes = {index.name: index for index in result.indexes}
    assert len(indexes) == len(result.indexes)
    for said, row in zip(model.patterns, result.patterns, strict=True):
        pattern = folded(said, lambda _: False)
        entity = model.entity(pattern.entity)
        needs = pattern.finds_rows and (
            pattern.equal
            or pattern.ranges
            or pattern.among
            or pattern.conditions
            or row_order(entity, pattern)
        )
        assert bool(row.served_by) == bool(needs)
        if not row.served_by:
            continue
        index = indexes[row.served_by]
        assert pattern.name in index.serves
        order = [pair for pair in row_order(entity, pattern) if pair[0] not in pattern.equal]
        if row.cost == "point":
            assert index.unique
            assert {column for column, _ in index.columns} <= set(pattern.equal)
        elif not pattern.ranges:
            equal = {*pattern.equal, *pattern.among}
            assert _begins(index, equal, [pair for pair in order if pair[0] not in equal])
        else:
            assert index.columns[len(pattern.equal)][0] == pattern.ranges[0]
    for index in result.indexes:
        assert index.why
        if index.kind != "index" or any(reason.kind == "indexed" for reason in index.why):
            continue
        for other in result.indexes:
            if other is not index and other.entity == index.entity:
                assert other.columns[: len(index.columns)] != index.columns


@given(models.answers())
def test_designs_are_the_same_each_time(given: models.Answers) -> None:
    for backend in ("postgresql", "mongodb", "dynamodb", "cassandra", "redis", "amazon-s3", "nfs"):
        assert design(models.drawn(given), backend) == design(models.drawn(given), backend)
