"""Layouts of an entity in DynamoDB, compared by the units that the stated load consumes."""

from __future__ import annotations

from itertools import product
from typing import get_args

from ..catalog.backend import Backend
from ..errors import ConductorError
from .common import Sizes
from .dynamodb_costs import Costed, cost, prices, uncounted
from .dynamodb_table import KeyedTable, Variant, by_parent
from .model import DataModel, Entity
from .result import Finding, Layout, LayoutChoice, Verdict
from .tokens import nearest
from .ways import Copies, KeyChoice


def chosen(
    model: DataModel, entity: Entity, name: str, backend: Backend, sizes: Sizes
) -> tuple[KeyedTable, LayoutChoice | None]:
    """Choose the layout of an entity: the one a person said, else the one that costs least.

    Where sizes or rates are missing, items are found by the parent that they are read by, and an
    index holds what its patterns are said to read: each write then touches least.

    Returns:
        The table, and the comparison if there was one.

    Raises:
        ConductorError: `_layout` names a layout that this entity cannot have.
    """
    said = _said(entity)
    tables, allowed = _tables(model, entity, name, backend, said)
    if not allowed:
        raise ConductorError(
            f"entities.{entity.name}._layout: `{', '.join(entity.layout)}` is not possible here",
            remedy="`parent key` needs a pattern that finds the entries by a field that each has,"
            " and nothing that finds one by its own key. Take the word out, or change the"
            " patterns.",
        )
    counted = prices(backend)
    if counted is None or not any(p.per_second for p in model.patterns_of(entity)):
        return allowed[0], None
    costed = [item for table in tables if (item := cost(model, table, counted, sizes))]
    if len(costed) < max(2, len(tables)):
        return allowed[0], None
    ranked = sorted(costed, key=lambda item: item.rank)
    best = next(item for item in ranked if item.table in allowed)
    rows = [best, *(item for item in ranked if item is not best)]
    choice = LayoutChoice(
        entity.name,
        tuple(_row(item, best, said=bool(said)) for item in rows),
        tuple(p.name for p in model.patterns_of(entity) if uncounted(best.table, p)),
        backend.key,
    )
    if not said:
        layout = ", ".join(best.table.words)
        best.table.findings.append(Finding("layout-choice", entity.name, (("layout", layout),)))
    return best.table, choice


def _said(entity: Entity) -> set[str]:
    known = (*get_args(KeyChoice), *get_args(Copies))
    for word in entity.layout:
        if word not in known:
            raise ConductorError(
                f"entities.{entity.name}._layout: unknown word `{word}`{nearest(word, known)}",
                remedy=f"Known are: {', '.join(known)}.",
            )
    return set(entity.layout)


def _variants(model: DataModel, entity: Entity) -> list[Variant]:
    """All layouts that the entity can have, the one that is right without numbers first."""
    keys: list[KeyChoice] = ["own key"]
    if by_parent(model, entity):
        keys.insert(0, "parent key")
    copies: tuple[Copies, ...] = ("read fields", "whole items", "keys only")
    return [Variant(key, held) for key, held in product(keys, copies)]


def _tables(
    model: DataModel, entity: Entity, name: str, backend: Backend, said: set[str]
) -> tuple[list[KeyedTable], list[KeyedTable]]:
    """The layouts that differ, and those of them that a person allows."""
    tables: dict[str, KeyedTable] = {}
    allowed: set[str] = set()
    for variant in _variants(model, entity):
        table = KeyedTable(model, entity, name, backend, variant)
        same = repr(table.definition())
        if same not in tables or variant.copies == "whole items":
            tables[same] = table  # what is read may be all there is
        if said <= set(variant.words):
            allowed.add(same)
    return list(tables.values()), [table for same, table in tables.items() if same in allowed]


def _row(item: Costed, best: Costed, *, said: bool) -> Layout:
    ours, theirs = best.rank, item.rank
    verdict: Verdict = "larger"
    if item is best:
        verdict = "said" if said else "chosen"
    elif theirs < ours:
        verdict = "cheaper"
    elif theirs[0] > ours[0]:
        verdict = "stale"
    elif theirs[1] > ours[1]:
        verdict = "dearer"
    return Layout(item.table.words, item.writes, item.reads, item.usd, item.stored, verdict)
