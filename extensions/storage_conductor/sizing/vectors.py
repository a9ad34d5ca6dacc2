"""Estimates for vectors: their columns, and the indexes that must stay in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..units import number, volume_text
from . import formulas as f
from .model import ComputedNumber, Job, known

if TYPE_CHECKING:
    from ..schema.model import Column, Entity

_ROWS = 1_000_000
_HEADER = 8


def columns(job: Job) -> Iterator[ComputedNumber]:
    """What the vectors of a million rows take in the table."""
    each = known(job.backend, "vector_value_bytes")
    if job.model is None or each is None:
        return
    for entity, column in job.model.vectors:
        size = column.type.length or 0
        one = size * each.value + _HEADER
        yield ComputedNumber(
            "vector-column",
            f"{entity.name}.{column.field} of {number(size)} dimensions",
            f"{number(_ROWS)} × ({number(each.value)} × {number(size)} + {_HEADER}) B ="
            f" {volume_text(_ROWS * one / f.GB)}",
            _ROWS * one / f.GB,
            "GB",
            f"{volume_text(_ROWS * one / f.GB)} for each million rows",
            key=f"vector-column-{entity.table}-{column.name}",
            source=each.source,
            values=_subject(entity, column),
        )


def indexes(job: Job) -> Iterator[ComputedNumber]:
    """What the HNSW index over a million vectors takes, in memory where searches are to be fast."""
    each, whole, half, degree, header, page = (
        known(job.backend, key)
        for key in (
            "vector_value_bytes",
            "vector_indexed_dimensions_max",
            "halfvec_indexed_dimensions_max",
            "hnsw_connections_default",
            "hnsw_element_bytes",
            "page_bytes",
        )
    )
    if job.model is None or each is None or whole is None or half is None:
        return
    if degree is None or header is None or page is None:
        return
    compared = {(p.entity, p.vector) for p in job.model.patterns if p.vector}
    for entity, column in job.model.vectors:
        size = column.type.length or 0
        if (entity.name, column.name) not in compared or size > half.value:
            continue
        width = each.value if size <= whole.value else each.value / 2
        one = f.hnsw_row_bytes(size * width + _HEADER, header.value, degree.value, page.value)
        share = page.value / one
        rows = f"{number(share)} in" if share >= 1 else "half of one in"
        yield ComputedNumber(
            "vector-index",
            f"{entity.name}.{column.field} of {number(size)} dimensions, {number(width)} B each,"
            f" m {number(degree.value)}",
            f"{number(_ROWS)} rows, {rows} a page of {number(page.value)} B ="
            f" {volume_text(_ROWS * one / f.GB)}",
            _ROWS * one / f.GB,
            "GB",
            f"{volume_text(_ROWS * one / f.GB)} for each million rows",
            key=f"vector-index-{entity.table}-{column.name}",
            source=header.source,
            values=_subject(entity, column),
        )


def _subject(entity: Entity, column: Column) -> dict[str, str | float]:
    return {"subject": f"{entity.name}.{column.field}"}
