"""Which entity plays which part of a building block, and what it lacks for that."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..catalog.building_blocks import BlockRole, BuildingBlock
from ..wording import yaml_line
from .names import snake

KeyColumns = tuple[tuple[str, ...], tuple[str, ...]]
"""The columns of a table's partition key and of its sort key, in a store of keys."""
_TELLING = 3  # fields that are needed, from which on they tell a role without its name
_REFERENCE = re.compile(r"ref\s+(\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class BoundRole:
    """A role and the entity that plays it.

    Args:
        role: The role.
        entity: The name of the entity.
        proposed: Whether the entity is not among the given ones.
        names: The entity's name of each field of the role.
        added: Fields that it lacks, as answers write them.
        changes: What stands for the changes of the application in a statement.
        content: What stands for the fields that it keeps.
    """

    role: BlockRole
    entity: str
    proposed: bool
    names: Mapping[str, str]
    added: Mapping[str, str]
    changes: str = "<changes>"
    content: str = "<fields>"


@dataclass(frozen=True)
class BoundBlock:
    """A building block whose roles are played by entities.

    Args:
        block: The block.
        roles: Its roles in their order.
        entities: All entities as answers write them, with what was proposed.
        elsewhere: Fields of a role that another given entity has already, as `Entity.field`: the
            entities keep it in a shape of their own.
        keys: Columns of the partition and the sort key of tables whose draft finds them so.
    """

    block: BuildingBlock
    roles: tuple[BoundRole, ...]
    entities: Mapping[str, Any]
    elsewhere: tuple[str, ...] = ()
    keys: Mapping[str, KeyColumns] = dataclasses.field(default_factory=dict)

    @property
    def drawn(self) -> bool:
        """Whether a given entity has all that a role of several fields asks for."""
        return any(
            not item.proposed
            and not item.added
            and len(item.role.fields) - len(item.role.key_fields) > 1
            for item in self.roles
        )

    @property
    def proposal(self) -> dict[str, dict[str, str]]:
        """Return what the given entities lack, in the form of the answer `entities`."""
        return {item.entity: dict(item.added) for item in self.roles if item.added}


def pasteable(bound: BoundBlock, *, patterns: bool) -> str:
    """Return what the given entities lack, as YAML for a file of answers; empty where nothing is.

    Args:
        bound: The block.
        patterns: Whether access patterns of the entities that it proposes are proposed too.
    """
    if not bound.proposal:
        return ""
    lines = ["entities:"]
    for name, fields in bound.proposal.items():
        lines += [f"  {name}:", *(f"    {field}: {said}" for field, said in fields.items())]
    if patterns and bound.block.patterns:
        named = {item.role.key: item.entity for item in bound.roles}
        own = {item.entity for item in bound.roles if item.proposed}
        filled = ({**it, "entity": _named(it["entity"], named)} for it in bound.block.patterns)
        proposed = (item for item in filled if item["entity"] in own)
        lines += ["access_patterns:", *(f"  - {yaml_line(item)}" for item in proposed)]
    return "\n".join(lines)


def bind(block: BuildingBlock, given: Mapping[str, Any]) -> BoundBlock:
    """Find the entities that play the roles of a block, and propose those that are missing.

    Args:
        block: The block.
        given: Entities as answers write them.
    """
    entities: dict[str, Any] = dict(given)
    chosen: dict[str, str] = {}
    for role in block.roles:
        free = [name for name in given if name not in chosen.values() and _fits(role, given[name])]
        player = _player(role, free) or _alike(role, free, given)
        chosen[role.key] = player or _unused(role.entity, entities, chosen)
    roles = []
    for role in block.roles:
        bound = _bound(role, chosen, given)
        held = entities.get(bound.entity)
        entities[bound.entity] = {**(held if isinstance(held, Mapping) else {}), **bound.added}
        roles.append(bound)
    return BoundBlock(block, tuple(roles), entities, tuple(_elsewhere(roles, given)))


def _elsewhere(roles: Sequence[BoundRole], given: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields that a role is to be given and that another entity has already.

    A reference that is there in the other direction is one of them, and a field that is another
    role's own is none.
    """
    played = {(item.entity, name) for item in roles for name in item.names.values()}
    for item in roles:
        for field, written in item.added.items():
            if item.proposed or _REFERENCE.match(written):
                target = _REFERENCE.match(written)
                held = given.get(target[1]) if target and not item.proposed else None
                yield from (
                    f"{target[1]}.{name}"
                    for name, said in (held if isinstance(held, Mapping) else {}).items()
                    if target and re.match(rf"ref\s+{item.entity}\b", str(said).strip(), re.I)
                )
                continue
            for name, fields in given.items():
                known = set(_known(field, item.role)) & set(fields or ())
                yield from (
                    f"{name}.{other}" for other in sorted(known) if (name, other) not in played
                )


def on_trial(block: BuildingBlock, given: Mapping[str, Any] | None = None) -> BoundBlock:
    """Return a block played by its own entities, with what a proof needs of them.

    Args:
        block: The block.
        given: Entities of another block that it is tried with.
    """
    bound = bind(block, given or {})
    trial = {item.entity: dict(item.role.trial) for item in bound.roles if item.proposed}
    entities = {name: {**fields, **trial.get(name, {})} for name, fields in bound.entities.items()}
    roles = tuple(
        replace(item, changes=item.role.trial_change, content=item.role.trial_content)
        for item in bound.roles
    )
    return BoundBlock(block, roles, entities)


def _fits(role: BlockRole, held: Any) -> bool:
    """Whether an entity can play a role: a key of several fields must be the same."""
    keys, fields = role.key_fields, set(held if isinstance(held, Mapping) else ())
    return len(keys) < 2 or all(not fields.isdisjoint(_known(key, role)) for key in keys)


def _player(role: BlockRole, names: Sequence[str]) -> str:
    """Return the entity whose name fits a role: its own name, else the first word that does."""
    for word in (role.entity, *role.words):
        fits = re.compile(rf"(?:^|_){word}s?(?:$|_)" if word != role.entity else rf"^{word}$", re.I)
        found = (name for name in names if fits.search(snake(name)) or fits.search(name))
        if (name := next(found, "")) != "":
            return name
    return ""


def _alike(role: BlockRole, names: Sequence[str], given: Mapping[str, Any]) -> str:
    """Return the entity, whatever its name, that has all fields which a role cannot do without."""
    needed = [
        field
        for field, said in role.fields.items()
        if field not in role.key_fields and "not null" in said and not _REFERENCE.match(said)
    ]
    if len(needed) < _TELLING:
        return ""
    return next(
        (
            name
            for name in names
            if all(not set(_known(field, role)).isdisjoint(given[name] or ()) for field in needed)
        ),
        "",
    )


def _unused(wanted: str, entities: Mapping[str, Any], chosen: Mapping[str, str]) -> str:
    taken = {*entities, *chosen.values()}
    return wanted if wanted not in taken else f"{wanted}Record"


def _bound(role: BlockRole, chosen: Mapping[str, str], given: Mapping[str, Any]) -> BoundRole:
    name = chosen[role.key]
    held = given.get(name)
    fields: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
    names, added = {}, {}
    for field, text in role.fields.items():
        written = _named(text, chosen)
        found = _field(field, written, role, fields)
        names[field] = found or field
        if not found and not (name in given and field in role.key_fields):
            added[field] = written
    return BoundRole(role, name, name not in given, names, added)


def _named(text: str, chosen: Mapping[str, str]) -> str:
    for key, entity in chosen.items():
        text = text.replace(f"{{{key}}}", entity)
    return text


def _field(field: str, written: str, role: BlockRole, fields: Mapping[str, Any]) -> str:
    """Return the field of an entity that a field of a role is; empty where it has none."""
    target = _REFERENCE.match(written)
    if target:
        same = (
            name
            for name, said in fields.items()
            if (found := _REFERENCE.match(str(said).strip())) and found[1] == target[1]
        )
        return next(same, "")
    return next((name for name in _known(field, role) if name in fields), "")


def _known(field: str, role: BlockRole) -> Iterator[str]:
    yield field
    yield from role.called.get(field, ())
