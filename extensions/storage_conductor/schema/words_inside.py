"""Texts in which words are looked for: no index over whole values finds what stands in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..catalog.feature_words import looks_inside
from .model import DataModel, Entity, Pattern


def looked_inside(said: Iterable[str]) -> bool:
    """Tell whether a name, or a use case, says that words are looked for, as in `by a word`."""
    return any(map(looks_inside, said))


def words_lie_in(entity: Entity, columns: Sequence[str]) -> bool:
    """Tell whether each column holds a text of several words.

    A key, or a reference, is looked for as a whole whatever is said of it.
    """
    whole = {*entity.key, *(c for group in entity.unique for c in group)}
    whole |= {column for key in entity.foreign_keys for column in key.columns}
    kinds = [entity.column(column).type for column in columns if column not in whole]
    return len(kinds) == len(columns) and all(
        kind.family == "text" and not (kind.values or kind.array or kind.name == "char")
        for kind in kinds
    )


def searched(model: DataModel, names: Iterable[str]) -> DataModel:
    """Return the model with reads that look for words, as the use cases say which they serve.

    Args:
        model: The model as it was given.
        names: The access patterns of such use cases.
    """
    asked = frozenset(names)
    patterns = (
        _searching(model.entity(pattern.entity), pattern) if pattern.name in asked else pattern
        for pattern in model.patterns
    )
    return replace(model, patterns=tuple(patterns))


def _searching(entity: Entity, pattern: Pattern) -> Pattern:
    found = tuple(column for column in pattern.equal if words_lie_in(entity, [column]))
    if not (pattern.reads and found):
        return pattern
    equal = tuple(column for column in pattern.equal if column not in found)
    return replace(pattern, equal=equal, inside=(*pattern.inside, *found))
