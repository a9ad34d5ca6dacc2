"""Designing by the key of a backend, as tests name it."""

from __future__ import annotations

from collections.abc import Sequence

from storage_conductor.catalog import loading
from storage_conductor.catalog.backend import Backend
from storage_conductor.schema import design as schema_design
from storage_conductor.schema.common import NOTHING_STATED, Sizes
from storage_conductor.schema.model import DataModel
from storage_conductor.schema.result import Design


def design(
    model: DataModel,
    backend: str,
    backends: Sequence[str] = (),
    sizes: Sizes = NOTHING_STATED,
    hosting: str = "",
) -> Design:
    """Design a model for a backend, or for the `backends` of a hybrid.

    Args:
        model: The parsed answers.
        backend: A catalog key, `hybrid`, or any other word for a store outside the catalog.
        backends: The catalog keys of a hybrid, in the order chosen.
        sizes: What is known beside the model.
        hosting: Name of the way the backend is run; empty while that is open.
    """
    stores = [_loaded(key).at(hosting) for key in backends or [backend]]
    return schema_design.design(model, stores, sizes)


def _loaded(key: str) -> Backend:
    found = loading.find(key)
    return loading.load(found.key) if found else loading.unlisted(key, "database")
