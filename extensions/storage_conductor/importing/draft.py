"""The tables that the draft of a model makes, in the form in which tables are found."""

from __future__ import annotations

from ..catalog.backend import Backend
from ..schema.common import NOTHING_STATED, Sizes
from ..schema.model import DataModel
from ..schema.sql import Schema
from ..schema.sqltypes import ENGINES
from . import metadata
from .found import FoundSchema


def drafted(model: DataModel, backend: Backend, sizes: Sizes = NOTHING_STATED) -> FoundSchema:
    """Describe the draft of a SQL store.

    Args:
        model: The part of the model that the store holds.
        backend: The store as it is run.
        sizes: What is known beside the model.

    Raises:
        ConductorError: The store cannot hold the model.
    """
    schema = Schema(model, ENGINES[backend.key](backend), sizes)
    return metadata.read(schema.metadata, backend.key)
