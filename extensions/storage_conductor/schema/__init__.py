"""From the answers about data to a schema that loads."""

from .design import design
from .model import DataModel
from .parse import parse_model
from .result import Design

__all__ = ["DataModel", "Design", "design", "parse_model"]
