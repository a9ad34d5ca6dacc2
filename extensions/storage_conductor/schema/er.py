"""The data model as a Mermaid entity-relationship diagram."""

from __future__ import annotations

from .model import Column, DataModel, Entity, ForeignKey

_KEYWORDS = {"pk", "fk", "uk"}  # the attribute keys of Mermaid's grammar, in any case


def diagram(model: DataModel) -> str:
    """Draw the model.

    Names are plain ASCII already; entity names are quoted against Mermaid's keywords, a column
    that is called like an attribute key gets an underscore, and list values lose their quotes.
    """
    lines = ["erDiagram"]
    for entity in model.entities:
        lines.append(f'  "{entity.name}" {{')
        lines += [f"    {_attribute(entity, column)}" for column in entity.columns]
        lines.append("  }")
    for entity in model.entities:
        lines += [f"  {_line(entity, key)}" for key in entity.foreign_keys]
    return "\n".join(lines) + "\n"


def _attribute(entity: Entity, column: Column) -> str:
    keys = []
    if column.name in entity.key:
        keys.append("PK")
    if column.reference is not None:
        keys.append("FK")
    if (column.name,) in entity.unique:
        keys.append("UK")
    name = f"{column.name}_" if column.name in _KEYWORDS else column.name
    kind = f"{column.type.name}[]" if column.type.array else column.type.name
    parts = [kind, name, ", ".join(keys)]
    if column.type.values:
        parts.append(f'"{", ".join(column.type.values)}"')
    return " ".join(part for part in parts if part)


def _line(entity: Entity, key: ForeignKey) -> str:
    optional = any(entity.column(column).nullable for column in key.columns)
    single = one_to_one(entity, key)
    ends = f"{'|o' if optional else '||'}--{'o|' if single else 'o{'}"
    return f'"{key.entity}" {ends} "{entity.name}" : "{key.field}"'


def one_to_one(entity: Entity, key: ForeignKey) -> bool:
    """Whether at most one row of the entity can hold a given reference."""
    held = set(key.columns)
    return any(set(group) <= held for group in (entity.key, *entity.unique))
