"""Which entities lie within the document that they belong to in MongoDB, and what that costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..catalog.backend import Backend
from ..errors import ConductorError
from .common import Sizes, fact
from .model import Column, DataModel, Entity, ForeignKey, Pattern
from .mongorules import validator
from .rules import Rule
from .volumes import added_per_second, kept_rows
from .ways import EMBEDDED, EmbedChoice, EmbedVerdict, EmbedWay, verdict

_BYTES = {"uuid": 21, "decimal": 16, "bool": 1, "time": 15, "smallint": 4, "int": 4}
"""Bytes of a value by the specification of BSON: a UUID has a length and a subtype before it."""
_EIGHT = ("bigint", "float", "real", "date", "timestamp", "timestamptz")
_TEXT = 5  # its length before it, and a zero behind it
_FIELD = 2  # a byte for the type, and a zero behind the name
_DOCUMENT = 5  # its length before it, and a zero behind it


class Embedding(NamedTuple):
    """An entity that lies in an array of the document that it belongs to.

    Args:
        child: The entity.
        parent: Whose document it lies in.
        reference: The columns that say which; they are not stored.
        most: Most of them in one document, by the size of a document.
    """

    child: Entity
    parent: Entity
    reference: ForeignKey
    most: int

    @property
    def place(self) -> str:
        """The field that holds them."""
        return self.child.table

    @property
    def element(self) -> Entity:
        """What one of them holds: without what the document says already."""
        left = self.reference.columns
        columns = tuple(column for column in self.child.columns if column.name not in left)
        return replace(self.child, columns=columns, key=())

    def rules(self, rules: Sequence[Rule]) -> list[Rule]:
        """Those rules of the entity that the validator keeps, or the place itself."""
        element = self.element
        return [
            rule
            for rule in rules
            if rule.foreign_key is self.reference
            or (
                rule.kind in ("not null", "enum", "length", "check")
                and all(element.has(column) for column in rule.columns)
            )
        ]

    def schema(self, rules: Sequence[Rule]) -> dict[str, Any]:
        """The JSON schema of the array."""
        whole = validator(self.element, self.rules(rules))
        items = whole["$and"][0]["$jsonSchema"] if "$and" in whole else whole["$jsonSchema"]
        return {"bsonType": "array", "maxItems": self.most, "items": items}


def embeddings(
    model: DataModel, backend: Backend, sizes: Sizes
) -> tuple[dict[str, Embedding], tuple[EmbedChoice, ...]]:
    """Choose the entities that lie in the document that they belong to, by their names.

    Raises:
        ConductorError: `_layout` asks for what an entity cannot have.
    """
    chosen: dict[str, Embedding] = {}
    choices = []
    for entity in model.entities:
        reference = _owner(model, entity)
        choice = _compared(model, entity, reference, backend, sizes) if reference else None
        if choice is None:
            if EMBEDDED in entity.layout:
                raise ConductorError(
                    f"entities.{entity.name}._layout: `{EMBEDDED}` is not possible here",
                    remedy="It needs one required reference to the key of its owner; no entity that"
                    " refers to it, no `_ttl`, no unique rule or index of its own; operations that"
                    " all give that reference and change nothing else with it; and a `_count` or"
                    " `_growth` of both. Take the word out, or say these.",
                )
            continue
        choices.append(choice)
        if choice.ways[0].word == EMBEDDED and reference:
            parent = model.entity(reference.entity)
            chosen[entity.name] = Embedding(entity, parent, reference, choice.most)
    return chosen, tuple(choices)


def document_bytes(entity: Entity, average: float | None, left: Sequence[str] = ()) -> float | None:
    """Return the bytes of a document: as stated, else by its types, else the stated average."""
    if entity.facts.item_bytes is not None:
        return entity.facts.item_bytes
    found = [_value(column) for column in entity.columns if column.name not in left]
    known = [size for size in found if size is not None]
    return average if len(known) < len(found) else _DOCUMENT + sum(known)


def _value(column: Column) -> float | None:
    """Bytes of a field; a text is taken as half of its longest length."""
    kind, name = column.type, _FIELD + len(column.name)
    if kind.array:
        return None
    if kind.values:
        return name + _TEXT + sum(map(len, kind.values)) / len(kind.values)
    if kind.family == "text" and kind.length:
        return name + _TEXT + (kind.length if kind.name == "char" else kind.length / 2)
    size = 8 if kind.name in _EIGHT else _BYTES.get(kind.name)
    return None if size is None else name + size


def _owner(model: DataModel, entity: Entity) -> ForeignKey | None:
    """The one reference by which every operation finds an entity, if it may lie in its target."""
    referred = any(key.entity == entity.name for e in model.entities for key in e.foreign_keys)
    expires = entity.ttl_seconds is not None or bool(entity.facts.lifetimes)
    if referred or expires or entity.unique or entity.indexes or entity.indexed:
        return None
    patterns = [p for p in model.patterns_of(entity) if p.finds_rows]
    together = {name for p in model.patterns if entity.name in p.touched for name in p.touched}
    found = [
        key
        for key in entity.foreign_keys
        if key.entity in model
        and key.entity != entity.name
        and set(key.referenced) == set(model.entity(key.entity).key)
        and not any(entity.column(column).nullable for column in key.columns)
        and patterns
        and together <= {entity.name, key.entity}
        and all(set(key.columns) <= set(pattern.equal) for pattern in patterns)
    ]
    return found[0] if len(found) == 1 else None


def _compared(
    model: DataModel, entity: Entity, reference: ForeignKey, backend: Backend, sizes: Sizes
) -> EmbedChoice | None:
    """Compare both ways; None where a number is missing.

    The rule: within the document where it stays bounded and the blocks that the stated operations
    read and write are no more.
    """
    parent = model.entity(reference.entity)
    hard, block = fact(backend, "item_bytes_max"), fact(backend, "storage_block_bytes")
    own = document_bytes(parent, sizes.average_item_bytes)
    each = document_bytes(entity, sizes.average_item_bytes, reference.columns)
    held, parents = kept_rows(entity), kept_rows(parent)
    limit = min(hard or 0, sizes.largest_item_bytes or math.inf)
    if not (limit and block and own and each and held and parents):
        return None
    number = held / parents
    together = own + number * each
    bounded = not added_per_second(model, entity) or bool(added_per_second(model, parent))
    blocks = _Blocks(model, entity, parent, number, block)
    referred = blocks.referred(own, each)
    embedded = blocks.embedded(together)
    possible = bounded and together <= limit
    said = next((word for word in entity.layout if word in (EMBEDDED, "referred")), None)
    ruled = EMBEDDED if possible and embedded <= referred else "referred"
    best = said or ruled
    why: EmbedVerdict = "unbounded" if not bounded else "large" if together > limit else "dearer"
    ways = [
        EmbedWay(EMBEDDED, together, embedded, verdict(EMBEDDED, ruled, said, why)),
        EmbedWay("referred", each, referred, verdict("referred", ruled, said, "dearer")),
    ]
    ways.sort(key=lambda way: way.word != best)
    return EmbedChoice(
        entity.name, parent.name, number, tuple(ways), math.floor((limit - own) / each)
    )


class _Blocks:
    """Blocks of storage that the stated operations read and write a second."""

    def __init__(
        self, model: DataModel, child: Entity, parent: Entity, number: float, block: int
    ) -> None:
        self._child, self._parent, self._number, self._block = child, parent, number, block
        touching = {child.name, parent.name}
        self._patterns = [p for p in model.patterns if touching & {*p.touched} and p.per_second]

    def _of(self, size: float) -> int:
        return math.ceil(size / self._block)

    def embedded(self, together: float) -> float:
        """What comes to pass on the whole document; one read answers for both."""
        reads = [0.0, 0.0]
        writes = 0.0
        for pattern in self._patterns:
            if pattern.changes:
                writes += pattern.per_second or 0.0
            else:
                reads[pattern.entity == self._child.name] += pattern.per_second or 0.0
        return (max(reads) + writes) * self._of(together)

    def referred(self, own: float, each: float) -> float:
        """The same on a document for each; one that is written has an index entry too."""
        total = 0.0
        for pattern in self._patterns:
            rows = self._rows(pattern)
            mine = self._parent.name in pattern.touched
            blocks = float(self._of(own)) if mine else 0.0
            if self._child.name in pattern.touched:
                blocks += rows * (self._of(each) + (pattern.kind == "write"))
            total += (pattern.per_second or 0.0) * blocks
        return total

    def _rows(self, pattern: Pattern) -> float:
        """How many of them an operation is about."""
        if pattern.finds_rows and set(self._child.key) <= set(pattern.equal):
            return 1.0
        if pattern.kind == "write" and len(pattern.touched) == 1:
            return 1.0
        return min(self._number, pattern.page_size or math.inf)
