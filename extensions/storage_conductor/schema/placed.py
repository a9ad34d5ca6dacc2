"""What stands for a point in stores that have no type for it: numbers, and cells of the Earth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..catalog.backend import Backend
from .expressions import ColumnValue, parse_check
from .model import Check, Column, DataModel, Entity, Pattern
from .notes import owning
from .places import CELLS, cell_length, cell_sides
from .result import Finding
from .types import FieldType

_NATIVE = ("postgresql", "mysql", "mariadb", "sql-server", "mongodb")
_BY_NUMBERS = ("redis", "valkey")
_RANGES = (("lat", "latitude", 90), ("lon", "longitude", 180))


def by_cells(backend: Backend) -> bool:
    """Whether a store finds what is near by cells, which are keys or columns like any other."""
    if backend.key == "sqlite":
        return backend.lacks("spatial")
    return backend.key in {"dynamodb", "cassandra"}


def _typed(backend: Backend) -> bool:
    return backend.key in _NATIVE or backend.family == "unknown"


def answers_places(backend: Backend) -> bool:
    """Whether a store finds entries by a place."""
    known = _typed(backend) or backend.key in {*_BY_NUMBERS, "sqlite"}
    return known or by_cells(backend)


def placed(model: DataModel, backends: Sequence[Backend]) -> DataModel:
    """Put numbers, and cells where a store needs them, in the place of points.

    Args:
        model: The whole model.
        backends: The stores that hold it, as they are run.
    """
    if not model.points:
        return model
    owners = owning(model, backends)
    entities, changed = [], dict[str, Mapping[str, tuple[str, str]]]()
    lengths: dict[str, Mapping[str, Mapping[int, str]]] = {}
    for entity in model.entities:
        store = owners[entity.name]
        if _typed(store):
            entities.append(entity)
            continue
        asking = model.patterns_of(entity) if by_cells(store) else ()
        new, changed[entity.name], lengths[entity.name] = _without_points(entity, asking)
        entities.append(new)
    patterns = tuple(
        _moved(pattern, changed[pattern.entity], lengths[pattern.entity])
        if pattern.entity in changed
        else pattern
        for pattern in model.patterns
    )
    return DataModel(tuple(entities), patterns)


def _without_points(
    entity: Entity, patterns: Iterable[Pattern]
) -> tuple[Entity, dict[str, tuple[str, str]], dict[str, dict[int, str]]]:
    """An entity with numbers for its points; the names of these, and those of its cells."""
    columns: list[Column] = []
    checks = list(entity.checks)
    numbers: dict[str, tuple[str, str]] = {}
    cells: dict[str, dict[int, str]] = {}
    asked = {(p.place.columns[0], cell_length(p.place.metres)) for p in patterns if p.place}
    taken = {column.name for column in entity.columns}
    for column in entity.columns:
        if column.type.name != "point":
            columns.append(column)
            continue
        names = []
        for end, _, most in _RANGES:
            name = _free(f"{column.name}_{end}", taken)
            names.append(name)
            columns.append(replace(column, name=name, type=FieldType("float"), was=""))
            rule = parse_check(
                f"{name} between -{most} and {most}", lambda w: ColumnValue(w, FieldType("float"))
            )
            checks.append(Check(column.field, rule))
        numbers[column.name] = (names[0], names[1])
        for length in sorted(length for name, length in asked if name == column.name):
            name = _free(f"{column.name}_cell{length}", taken)
            cells.setdefault(column.name, {})[length] = name
            kind = FieldType("char", length=length)
            columns.append(replace(column, name=name, type=kind, was=""))
    indexed = tuple(name for name in entity.indexed if name not in numbers)
    new = replace(entity, columns=tuple(columns), checks=tuple(checks), indexed=indexed)
    return new, numbers, cells


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def _moved(
    pattern: Pattern,
    numbers: Mapping[str, tuple[str, str]],
    cells: Mapping[str, Mapping[int, str]],
) -> Pattern:
    fields = tuple(
        name
        for column in pattern.fields
        for name in (*numbers.get(column, (column,)), *cells.get(column, {}).values())
    )
    pattern = replace(pattern, fields=fields)
    place = pattern.place
    if place is None:
        return pattern
    column = place.columns[0]
    cell = cells.get(column, {}).get(cell_length(place.metres), "")
    there = place._replace(columns=numbers[column], cell=cell)
    return replace(pattern, place=there, equal=(*pattern.equal, *([cell] if cell else [])))


def place_findings(model: DataModel, backend: Backend) -> list[Finding]:
    """What a reader must know of how places are found.

    Args:
        model: The part of the model that the store holds.
        backend: The store as it is run.
    """
    found = []
    for pattern in model.patterns:
        place = pattern.place
        if place is None:
            continue
        if not answers_places(backend):
            found.append(Finding("unserved", pattern.name))
        elif place.cell:
            length = cell_length(place.metres)
            height, width = cell_sides(length)
            sides = (("height", round(height)), ("width", round(width)))
            found.append(
                Finding(
                    "place-by-cells",
                    pattern.name,
                    (("cell", place.cell), ("length", length), ("reads", CELLS), *sides),
                )
            )
            if place.metres is None:
                found.append(Finding("cell-size", pattern.name, (("length", length), *sides)))
        elif place.way == "nearest" and not _by_distance(backend):
            rows = (("rows", pattern.page_size or 0),)
            found.append(Finding("nearest-by-circles", pattern.name, rows))
    return found


def _by_distance(backend: Backend) -> bool:
    """Whether an index gives entries in the order of their distance, without an end to it."""
    return backend.key in {"postgresql", "sql-server", "mongodb"} or backend.family == "unknown"
