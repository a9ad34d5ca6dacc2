"""Building blocks: protocols that keep invariants, of `catalog/blocks/`; a file for each.

The statements are templates over roles, which are bound to entities. A specification shows them and
a proof runs them: nothing else holds a second form of them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from ..phases import PhaseKey
from .backend import Backend
from .entry import CatalogEntry
from .reading import CATALOG, kept, load, parse, reject_duplicates, text_of, validated
from .statements import Citation, Key, Text

NONE = "none"
"""The word by which an answer says that no building block is wanted."""
_FOLDER = "blocks"


class BlockHeading(CatalogEntry):
    """The first lines of a file, up to the first blank one: all that recognising it needs.

    Args:
        key: The name of the file.
        name: As it stands in headings.
        order: Where it stands among the others.
        words: Regular expressions of whole words, in any case, by which texts ask for it.
        mishaps: Words of what happens without it, which a `no` before them does not deny.
        excluded: Words that say in the same clause that something else is meant.
    """

    key: Key
    name: Text
    order: int = 100
    words: tuple[Text, ...]
    mishaps: tuple[Text, ...] = ()
    excluded: tuple[Text, ...] = ()


class BlockRole(CatalogEntry):
    """A part that an entity plays.

    Args:
        key: Its name in the statements.
        entity: The entity that is proposed where none plays it; its name fits as well.
        what: What it is.
        words: Regular expressions of the words in names of entities that play it.
        fields: Its fields as answers write them; `{role}` stands for the entity of a role.
        called: Other names by which a field is found, by its name.
        bytes: About how many a row of it takes; 0 where the rows are those of the application.
        trial: Fields that only a proof needs.
        trial_change: What a proof writes where the application makes its changes.
        trial_content: What a proof reads where the application reads what it keeps.
    """

    key: Key
    entity: Text
    what: Text
    words: tuple[Text, ...] = ()
    fields: Mapping[str, Text]
    called: Mapping[str, tuple[str, ...]] = {}
    bytes: int = 0
    trial: Mapping[str, Text] = {}
    trial_change: str = ""
    trial_content: str = ""

    @property
    def key_fields(self) -> list[str]:
        """Return the fields of its key."""
        return [field for field, text in self.fields.items() if "pk" in text.split()]


class PartMutant(CatalogEntry):
    """A part of a statement without which the proof must fail.

    Args:
        what: The part in words.
        part: The part as it stands in the statement, a template.
        instead: What stands there then.
    """

    what: Text
    part: Text
    instead: str = ""


class BlockStep(CatalogEntry):
    """A step of an action.

    Args:
        key: Its name within the action.
        run: The statement, script or request: a template over the roles.
        keys: Of a script, the keys that it touches; `<name>` stands for a value.
        args: Of a script, the names of its values; of a step outside, those that it finds by.
        gives: The name of what it returns or reads.
        makes: Values that the caller makes of others before it, by name, as `last + 1`; `now` is
            the time as a text, `epoch` as seconds since 1970.
        each: Of what it finds, the value of which the caller keeps one of several that are equal.
        per: The step of whose finds each leads to it once.
        none: The word with which the action ends where no row was changed or found; `again` begins
            it anew.
        found: The word with which the action ends where something was found.
        may_be_there: What it makes may be there already, or what it removes be gone; the action
            goes on then.
        outside: It is done outside the store; `run` says what.
        wraps: The role whose change by the application it is: the steps of another block that
            changes the same entity may take its place.
        judges: Of a step outside the store, the name of the value that is judged there; the action
            ends with the word of `none` where it is found bad.
        stores: Stores where it is taken, all if empty.
        dies: What is left if the process dies after it.
        repair: What repairs that.
        without: What goes wrong if it is left out.
        parts: Parts of it without which the proof must fail as well.
    """

    key: Key
    run: Text
    keys: tuple[Text, ...] = ()
    args: tuple[Key, ...] = ()
    gives: str = ""
    makes: Mapping[str, Text] = {}
    each: str = ""
    per: str = ""
    none: str = ""
    found: str = ""
    may_be_there: bool = False
    outside: bool = False
    wraps: str = ""
    judges: str = ""
    stores: tuple[Key, ...] = ()
    dies: Text
    repair: str = ""
    without: Text
    parts: tuple[PartMutant, ...] = ()


class SwappedSteps(CatalogEntry):
    """Two steps whose order matters: the proof must fail with them swapped.

    Args:
        first: The one that comes first.
        then: The other one.
        stores: Stores in which the order matters, all if empty.
    """

    first: Key
    then: Key
    stores: tuple[Key, ...] = ()


class BlockAction(CatalogEntry):
    """Something that callers do: its steps in order.

    Args:
        key: Its name.
        what: What it does, for a heading.
        by: The name by which its callers are signed in to the store, a template; empty for
            whoever has made the tables.
        rate: The role whose changes in the application call it, so that its rate is theirs.
        swapped: Pairs of its steps whose order matters.
    """

    key: Key
    what: Text
    by: str = ""
    rate: str = ""
    steps: tuple[BlockStep, ...]
    swapped: tuple[SwappedSteps, ...] = ()


class Realisation(CatalogEntry):
    """How some stores keep the invariants.

    Args:
        stores: Their keys.
        only_if: The condition under which the invariants hold, where there is one.
        plays: What a proof does not do for real, where there is something.
        setup: What is there before anything else, made once by who administers the store.
        teardown: What takes that away after a proof, and whatever its actions made beside rows.
        roles: Fields of roles whose entities have another shape there, by role and field; a role
            without any plays no part there.
        patterns: Access patterns that are proposed there, in place of those of the block.
        sources: Where what it rests on there is described, in place of the block's.
        tasks: What is to be done beside, in place of those of the block.
        actions: What callers do.
        seeds: What a proof begins with, by name.
        looks: Queries by which a proof sees the state, by name.
    """

    stores: tuple[Key, ...]
    only_if: str = ""
    plays: str = ""
    setup: str = ""
    teardown: str = ""
    roles: Mapping[str, Mapping[str, Text]] = {}
    patterns: tuple[Mapping[str, Any], ...] = ()
    sources: tuple[Citation, ...] = ()
    tasks: tuple[Text, ...] = ()
    actions: tuple[BlockAction, ...]
    seeds: Mapping[str, Text] = {}
    looks: Mapping[str, Text] = {}

    def action(self, key: str) -> BlockAction:
        """Return an action by its key."""
        return next(item for item in self.actions if item.key == key)


class Unkept(CatalogEntry):
    """Stores, by key or family, that cannot keep the invariants, and why."""

    stores: tuple[Key, ...]
    why: Text


class BuildingBlock(BlockHeading):
    """A whole building block.

    Args:
        purpose: What it is for.
        avoid: When it is the wrong one.
        ahead: Whether a request meets it before what other blocks keep: it counts or recognises
            requests, whatever they change.
        roles: The parts that entities play.
        patterns: Access patterns that are proposed where no entities are given, as answers write
            them; `{role}` stands for the entity of a role.
        invariants: What holds whatever others do and wherever a process dies.
        realisations: How stores keep that.
        unkept: Stores that cannot.
        test: What the test must show; it is seen to fail first.
        tasks: What is to be done beside, each a sub-task.
        decider: Who confirms that it is wanted.
        sources: Where the protocol, or what it rests on, is described.
    """

    purpose: Text
    avoid: Text
    ahead: bool = False
    roles: tuple[BlockRole, ...]
    patterns: tuple[Mapping[str, Any], ...] = ()
    invariants: tuple[Text, ...]
    realisations: tuple[Realisation, ...]
    unkept: tuple[Unkept, ...] = ()
    test: Text
    tasks: tuple[Text, ...] = ()
    decider: Text = "Storage engineer"
    phase: PhaseKey = "schema"
    sources: Annotated[tuple[Citation, ...], Field(min_length=1)]

    def check(self) -> None:
        """Make sure that each key stands once in its list."""
        reject_duplicates("roles", self.roles)
        roles = {role.key for role in self.roles}
        for made in self.realisations:
            reject_duplicates("actions", made.actions)
            if unknown := set(made.roles) - roles:
                raise ValueError(f"roles: there is no role {min(unknown)!r}")
            for action in made.actions:
                reject_duplicates(f"{action.key}.steps", action.steps)
                if (
                    lost := {step.per for step in action.steps}
                    - {step.key for step in action.steps}
                    - {""}
                ):
                    raise ValueError(f"{action.key}.per: there is no step {min(lost)!r}")
                if action.rate and action.rate not in roles:
                    raise ValueError(f"{action.key}.rate: there is no role {action.rate!r}")

    def realised(self, store: str) -> Realisation | None:
        """Return how a store keeps it, by its key; None where nothing is written of it."""
        return next((made for made in self.realisations if store in made.stores), None)

    def shaped(self, store: str) -> BuildingBlock:
        """Return it with the roles and patterns that it has in a store."""
        made = self.realised(store)
        if made is None or not (made.roles or made.patterns):
            return self
        shapes = ((role, made.roles.get(role.key, role.fields)) for role in self.roles)
        roles = tuple(role.replace(fields=fields) for role, fields in shapes if fields)
        return self.replace(roles=roles, patterns=made.patterns or self.patterns)

    def why_not(self, backend: Backend) -> str:
        """Return why a store cannot keep it; empty where that is not known."""
        names = {backend.key, backend.family}
        return next((item.why for item in self.unkept if names & set(item.stores)), "")


@dataclass(frozen=True)
class Mutation:
    """A realisation with one thing wrong.

    Args:
        name: What was done to it.
        actions: Its actions then.
    """

    name: str
    actions: tuple[BlockAction, ...]


def mutations(made: Realisation, store: str) -> Iterator[Mutation]:
    """Yield what is left of a realisation without a step, without a part, or with two swapped."""
    for action in made.actions:
        steps = steps_in(action, store)
        for step in steps:
            without = tuple(other for other in steps if other is not step)
            yield _with(made, action, without, f"{action.key} without {step.key}")
        for step in steps:
            for part in step.parts:
                changed = step.replace(run=_cut(step.run, part))
                put = tuple(changed if other is step else other for other in steps)
                yield _with(made, action, put, f"{action.key}, {step.key} without {part.what}")
            if step.each:
                put = tuple(step.replace(each="") if other is step else other for other in steps)
                yield _with(made, action, put, f"{action.key}, {step.key} with equal {step.each}s")
        for pair in action.swapped:
            if not pair.stores or store in pair.stores:
                turned = _turned(steps, pair.first, pair.then)
                yield _with(made, action, turned, f"{action.key}, {pair.then} before {pair.first}")


def steps_in(action: BlockAction, store: str) -> tuple[BlockStep, ...]:
    """Return the steps of an action that are taken in a store."""
    return tuple(step for step in action.steps if not step.stores or store in step.stores)


def _cut(text: str, mutant: PartMutant) -> str:
    if mutant.part not in text:
        raise ValueError(f"{mutant.part!r} does not stand in {text!r}")
    return text.replace(mutant.part, mutant.instead)


def _turned(steps: Sequence[BlockStep], one: str, other: str) -> tuple[BlockStep, ...]:
    by_key = {step.key: step for step in steps}
    named = {one: by_key[other], other: by_key[one]}
    return tuple(named.get(step.key, step) for step in steps)


def _with(
    made: Realisation, action: BlockAction, steps: tuple[BlockStep, ...], name: str
) -> Mutation:
    changed = action.replace(steps=steps)
    return Mutation(name, tuple(changed if other is action else other for other in made.actions))


@functools.cache
def block_headings(catalog: Path = CATALOG) -> tuple[BlockHeading, ...]:
    """List all building blocks in their order, reading only the head of each file."""
    paths = sorted((catalog / _FOLDER).glob("*.yml"))
    heads = {path: text_of(path).split("\n\n", 1)[0] for path in paths}

    def made() -> tuple[BlockHeading, ...]:
        found = (
            validated(BlockHeading, {**parse(head, path), "key": path.stem}, path)
            for path, head in heads.items()
        )
        return tuple(sorted(found, key=lambda item: (item.order, item.key)))

    return kept(BlockHeading, (f"{path.stem}\n{head}" for path, head in heads.items()), made)


@functools.cache
def load_block(key: str, catalog: Path = CATALOG) -> BuildingBlock:
    """Load and validate a building block.

    Raises:
        ConductorError: The file is missing or breaks the schema; the message names the place.
    """
    path = catalog / _FOLDER / f"{key}.yml"
    text = text_of(path)
    return kept(
        BuildingBlock,
        (key, text),
        lambda: validated(BuildingBlock, {**parse(text, path), "key": key}, path),
    )


class ProvenBlock(CatalogEntry):
    """A proof that was run.

    Args:
        block: The block.
        store: The store.
        version: The engine's product and major version.
        mutants: How many mutants it noticed, which are all that there are.
        digest: What was proven: a digest of the block and of its proof.
    """

    block: Key
    store: Key
    version: Text
    mutants: int
    digest: Text


class _Proven(CatalogEntry):
    proofs: tuple[ProvenBlock, ...]


@functools.cache
def proven(catalog: Path = CATALOG) -> tuple[ProvenBlock, ...]:
    """Return the proofs that were run, as `catalog/proven.yml` records them."""
    return load(_Proven, catalog / "proven.yml").proofs
