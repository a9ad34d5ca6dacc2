"""The building blocks of a component: their roles played by its entities, in its stores."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ..catalog.building_blocks import (
    NONE,
    BlockAction,
    BuildingBlock,
    ProvenBlock,
    Realisation,
    load_block,
    proven,
    steps_in,
)
from ..catalog.statements import Citation
from ..catalog.tasks import CatalogTask
from ..questions.answers import Answers
from ..questions.building_blocks import COMMENTS, USE_CASES, RecognisedBlock, recognised
from ..sizing.blocks import BlockCall
from ..units import listed
from ..wording import code, inline, key
from .block_cost import block_calls, cost_text
from .store import Store

if TYPE_CHECKING:
    from ..schema.block_nesting import Nesting
    from ..schema.block_roles import BoundBlock, KeyColumns
    from ..schema.block_statements import ReadyAction
    from ..schema.model import DataModel

OTHER_BLOCKS = "Building blocks"
"""The heading under which blocks stand in one line."""
BlockForm = Literal["full", "brief", "short", "line"]
_FULL, _SHORT = 2, 5
_BRIEF_QUICK, _SHORT_QUICK = 1, 2
_MANY_QUICK = 12  # of so many even two are too long
_BRIEF_BYTES = 600
"""How long a block's statements are in a quick specification; its first action stands whole."""
# Engines on which a block of another store of the same kind was proven.
_KIN = {
    "mysql": "mariadb",
    "valkey": "redis",
    "amazon-s3": "s3-compatible",
    "nfs": "local-posix",
    "amazon-efs": "local-posix",
}


@dataclass(frozen=True)
class PlannedBlock:
    """A building block as this component has it.

    Args:
        block: The block.
        store: The store that keeps it.
        bound: Its roles and who plays them.
        why: Where the answers speak of it; None where a person chose it.
        entities: Whether the component has entities of its own.
        nestings: What stands within its actions, or they within, in one transaction.
        average_bytes: Bytes of an average item, where that is stated.
        form: Whether it stands in the specification with its steps and failures, with its first
            steps, in short, or in one line; the rest is one command away.
    """

    block: BuildingBlock
    store: Store
    bound: BoundBlock
    why: RecognisedBlock | None
    entities: bool
    form: BlockForm
    nestings: tuple[Nesting, ...] = ()
    average_bytes: float | None = None

    @property
    def title(self) -> str:
        """Return its heading."""
        return f"Block: {self.block.name}"

    @property
    def anchor(self) -> str:
        """Return the anchor of its heading, or of the one that its line stands under."""
        return key(OTHER_BLOCKS if self.form == "line" else self.title)

    @property
    def made(self) -> Realisation | None:
        """Return how its store keeps it; None where nothing is written of that."""
        return _realised(self.block, self.store)

    @property
    def why_not(self) -> str:
        """Return why its store cannot keep it; empty where it can, or where that is not known."""
        return "" if self.made else self.block.why_not(self.store.backend)

    @functools.cached_property
    def actions(self) -> tuple[ReadyAction, ...]:
        """Return what callers do, with the names of the entities."""
        if self.made is None:
            return ()
        from ..schema.block_statements import ready

        return ready(self.bound, self._model, self.store.backend.key, self.made.actions)

    @functools.cached_property
    def _model(self) -> DataModel:
        """Return the entities of the block as a model."""
        from ..schema.block_statements import block_model

        return block_model(self.bound)

    @property
    def setup(self) -> str:
        """Return what is made once before anything else, with the names of the entities."""
        if self.made is None or not self.made.setup:
            return ""
        from ..schema.block_statements import filled

        texts = {"": self.made.setup}
        return filled(texts, self.bound, self._model, self.store.backend.key)[""]

    @property
    def shown(self) -> tuple[ReadyAction, ...]:
        """Return the actions that stand in the specification: where it is brief, the first ones."""
        if self.form == "full":
            return self.actions
        length, count = 0, 0
        for ready in self.actions:
            length += sum(len(item.run.encode()) for item in ready.steps)
            if count and length > _BRIEF_BYTES:
                break
            count += 1
        return self.actions[:count]

    def holds(self, ready: ReadyAction, step: str) -> str:
        """Return what stands in place of a step: an action of another block; empty for none."""
        return next(
            (
                f"{item.within} of {load_block(item.inner).name}, without its begin and commit"
                for item in self.nestings
                if (item.outer, item.action, item.step) == (self.block.key, ready.action.key, step)
            ),
            "",
        )

    @property
    def together(self) -> str:
        """Return what is one transaction with another block, as a sentence; empty where nothing."""
        said = [
            f"In {code(item.action)}, {code(item.step)} is {code(item.within)} of"
            f" {load_block(item.inner).name}, in the same transaction."
            for item in self.nestings
            if self.block.key == item.outer
        ]
        return " ".join(said)

    @property
    def unshown(self) -> list[str]:
        """Return the actions that do not."""
        return [code(item.action.key) for item in self.actions[len(self.shown) :]]

    @property
    def command(self) -> str:
        """Return the command that prints its steps."""
        return (
            f"storage-conductor prove --block {self.block.key} --store {self.store.backend.key}"
            " --dry-run"
        )

    @property
    def language(self) -> str:
        """Return the name of the steps' language for a code fence."""
        store = self.store.backend
        by_key = {"redis": "lua", "valkey": "lua", "dynamodb": "yaml"}
        by_family = {"relational": "sql", "object": "http", "posix": "c"}
        return by_key.get(store.key) or by_family.get(store.family, "text")

    @property
    def remark(self) -> str:
        """Return what a remark begins with in that language."""
        return {"sql": "--", "lua": "--", "c": "//"}.get(self.language, "#")

    @property
    def mishaps(self) -> list[tuple[str, str, str]]:
        """Return what is left if a process dies, and what repairs it: steps, state, repair."""
        rows: dict[tuple[str, str], list[str]] = {}
        for ready in self.actions:
            for item in ready.steps:
                named = f"{ready.action.key}: {item.step.key}"
                rows.setdefault((item.step.dies, item.step.repair), []).append(named)
        return [(_steps_named(names), dies, repair) for (dies, repair), names in rows.items()]

    @property
    def cost(self) -> str:
        """Return what each action costs: requests to the store, rows written, bytes added."""
        return cost_text(self.calls, self.store.backend.family)

    @functools.cached_property
    def calls(self) -> tuple[BlockCall, ...]:
        """Return what a call of each action costs."""
        if self.store.backend.key != "dynamodb":
            return tuple(block_calls(self.bound, self.actions))
        from .block_units import unit_calls

        backend, average = self.store.backend, self.average_bytes
        return tuple(unit_calls(self.bound, self._model, self.actions, backend, average))

    @property
    def proposal(self) -> str:
        """Return what is to be added to the answers, as YAML; empty where nothing is."""
        from ..schema.block_roles import pasteable

        return pasteable(self.bound, patterns=not self.entities)

    @property
    def sources(self) -> tuple[Citation, ...]:
        """Return where the protocol, or what it rests on in its store, is described."""
        return (self.made.sources if self.made else ()) or self.block.sources

    @property
    def proof(self) -> ProvenBlock | None:
        """Return the proof that was run on its store, or on one of the same kind."""
        store = self.store.backend.key
        found = {item.store: item for item in proven() if item.block == self.block.key}
        return found.get(store) or found.get(_KIN.get(store, ""))

    @property
    def proven_here(self) -> bool:
        """Tell whether its proof was run on the store itself."""
        return self.proof is not None and self.proof.store == self.store.backend.key


def _realised(block: BuildingBlock, store: Store) -> Realisation | None:
    """Return how a store keeps a block, whose statements need a session as those of engines do."""
    session = store.backend.capability("sql_session")
    if session is not None and session.value != "yes":
        return None
    return block.realised(store.backend.key)


def _steps_named(names: Sequence[str]) -> str:
    """Return steps, each action named once: `confirm: keep, book`."""
    by_action: dict[str, list[str]] = {}
    for name in names:
        action, _, step = name.partition(": ")
        by_action.setdefault(action, []).append(code(step))
    return "; ".join(f"{action} {', '.join(steps)}" for action, steps in by_action.items())


class DraftPlaces(NamedTuple):
    """Where the draft keeps entities.

    Args:
        owners: The key of the store of each entity.
        keys: Columns of the partition and the sort key of tables that a store of keys finds so.
    """

    owners: Mapping[str, str]
    keys: Mapping[str, KeyColumns]


class Guarded(NamedTuple):
    """What operations keep against others by guards of their own.

    Args:
        use_cases: The use cases that they serve.
        entities: The entities that they change.
    """

    use_cases: Collection[str]
    entities: Collection[str]


def planned_blocks(
    answers: Answers,
    stores: Sequence[Store],
    placed: DraftPlaces,
    drafted: Collection[str],
    guarded: Guarded,
) -> tuple[PlannedBlock, ...]:
    """Return the building blocks that were chosen, else those that the answers speak of.

    Args:
        answers: What was said.
        stores: The stores of the component.
        placed: Where the draft keeps the entities.
        drafted: Entities that were not given and follow from the operations.
        guarded: What the operations keep already.
    """
    from ..schema.block_roles import bind

    given: Mapping[str, Any] = answers.entities
    owners = placed.owners
    why: dict[str, RecognisedBlock | None] = dict.fromkeys(answers.blocks)
    if not answers.blocks:
        # What follows from the operations is there already: no block is assumed against that.
        why = {
            it.key: it
            for it in recognised(answers)
            for block in [_shaped(it.key, stores)]
            for own in [bind(block, given)]
            if not answers.access_patterns
            or not _decided(own, it, guarded, apart=_apart(own, answers))
            if not {role.entity.casefold() for role in block.roles} & set(drafted)
        }
    wanted = [name for name in why if name != NONE]
    quick = not owners and answers.detail == "quick"
    forms = _forms(len(wanted), quick=quick, chosen=bool(answers.blocks))
    # What makes a change is bound before what leaves it to others, so that they find its entities.
    bound: dict[str, tuple[BoundBlock, Store]] = {}
    for name in reversed(wanted):
        bound[name] = own, store = _bound(name, stores, owners, given)
        if _realised(own.block, store):  # else nothing of it is built, and no entity gets a field
            given = own.entities
    planned = [
        _planned(
            replace(own, entities={**own.entities, **given}, keys=placed.keys),
            store,
            why[name],
            "line" if why[name] and _apart(own, answers) else form,
            modelled=bool(owners),
        )
        for name, form in zip(wanted, forms, strict=True)
        for own, store in [bound[name]]
    ]
    average = answers.average_item_bytes
    return tuple(
        replace(item, nestings=_nestings(item, planned), average_bytes=average) for item in planned
    )


def _shaped(key: str, stores: Sequence[Store]) -> BuildingBlock:
    """Return a block with the roles that it has in the first store that keeps it."""
    block = load_block(key)
    return block.shaped(_first_keeper(block, stores).backend.key)


def _first_keeper(block: BuildingBlock, stores: Sequence[Store]) -> Store:
    """Return the first store that keeps a block, the first of all where none does."""
    return next((store for store in stores if _realised(block, store)), stores[0])


def _bound(
    key: str, stores: Sequence[Store], owners: Mapping[str, str], given: Mapping[str, Any]
) -> tuple[BoundBlock, Store]:
    """Return a block bound to entities in the roles of the store that holds them, and it."""
    from ..schema.block_roles import bind

    first = bind(_shaped(key, stores), given)
    owner = next((owners[item.entity] for item in first.roles if item.entity in owners), "")
    usual = _first_keeper(first.block, stores)
    store = next((s for s in stores if s.backend.key == owner), usual)
    shaped = load_block(key).shaped(store.backend.key)
    return (first if shaped == first.block else bind(shaped, given)), store


def _apart(bound: BoundBlock, answers: Answers) -> bool:
    """Whether a model with operations has no part in a block that it has to do with."""
    own = bool(answers.entities and answers.access_patterns) and not bound.block.ahead
    return own and all(item.proposed for item in bound.roles)


def _decided(bound: BoundBlock, why: RecognisedBlock, guarded: Guarded, *, apart: bool) -> bool:
    """Whether a model with operations has its own way: another shape, a whole one, or no part.

    Where a use case or a comment names the block, a whole one or none counts only where a guard
    keeps it.
    """
    if bound.elsewhere:
        return True
    if not (bound.drawn or apart):
        return False
    if not (why.named and why.place in (USE_CASES, COMMENTS)):
        return True
    return any(why.quote in use for use in guarded.use_cases) or any(
        item.entity in guarded.entities for item in bound.roles
    )


def _nestings(item: PlannedBlock, planned: Sequence[PlannedBlock]) -> tuple[Nesting, ...]:
    """Return what shares a transaction with a block, in its store and in the blocks' own shape."""
    beside = [
        other.bound
        for other in planned
        if other.store is item.store and other.made and not other.bound.elsewhere
    ]
    if len(beside) < 2:
        return ()
    from ..schema.block_nesting import nestings

    found = nestings(beside, item.store.backend.key)
    return tuple(it for it in found if item.block.key in (it.outer, it.inner))


def _forms(count: int, *, quick: bool, chosen: bool) -> list[BlockForm]:
    """Return in which form each of so many blocks stands: a specification stays short.

    In a quick one what was recognised stands in a line, beside its decision, until it is chosen.
    """
    if quick and not chosen:
        return ["line"] * count
    if quick:
        if count <= _BRIEF_QUICK:
            return ["brief"] * count
        shown = _SHORT_QUICK if count < _MANY_QUICK else _BRIEF_QUICK
        return ["short" if at < shown else "line" for at in range(count)]
    return ["full" if at < _FULL else "short" if at < _SHORT else "line" for at in range(count)]


def _planned(
    bound: BoundBlock,
    store: Store,
    why: RecognisedBlock | None,
    form: BlockForm,
    *,
    modelled: bool,
) -> PlannedBlock:
    if form in ("full", "brief") and (bound.elsewhere or _realised(bound.block, store) is None):
        form = "short"
    return PlannedBlock(bound.block, store, bound, why, modelled, form)


def block_tasks(blocks: Sequence[PlannedBlock]) -> list[CatalogTask]:
    """Return a task for each block that its store may keep: its test first seen to fail."""
    return [_task(item) if item.made else _unwritten(item) for item in blocks if not item.why_not]


def _unwritten(item: PlannedBlock) -> CatalogTask:
    kept, store = _literal("; ".join(item.block.invariants)), inline(item.store.name)
    return CatalogTask(
        key=f"block-{item.block.key}",
        phase="core",
        order=27,
        text=f"Write the steps of {item.block.name} for {_literal(store)}: {kept}",
        test=_literal(item.block.test),
    )


def _task(item: PlannedBlock) -> CatalogTask:
    added = (
        []
        if item.bound.elsewhere
        else [f"{role.entity} ({', '.join(role.added)})" for role in item.bound.roles if role.added]
    )
    actions = item.made.actions if item.made else ()
    within = [
        f"Put `{it.within}` of {load_block(it.inner).name} into `{it.action}`, kill it after each"
        " step, and see both hold"
        for it in item.nestings
        if it.outer == item.block.key
    ]
    steps = [
        *([f"Add what it needs: {_literal(inline(listed(added)))}"] if added else []),
        *within,
        *(_left_out(action, item.store.backend.key) for action in actions),
        *map(_literal, (item.made.tasks if item.made else ()) or item.block.tasks),
    ]
    return CatalogTask(
        key=f"block-{item.block.key}",
        phase="core",
        order=27,
        text=f"Build {item.block.name} by its [steps](spec.md#{item.anchor})",
        test=_literal(item.block.test),
        steps=tuple(steps),
    )


def _left_out(action: BlockAction, store: str) -> str:
    parts = []
    for step in steps_in(action, store):
        parts += [code(step.key), *(f"{part.what} of it" for part in step.parts)]
    named = _literal(listed(parts, "or"))
    return f"Leave out of *{action.key}*, in turn, {named}: the test must fail each time"


def _literal(text: str) -> str:
    """Return text so that it reads as it is when it is filled as a template."""
    return text.replace("{", "{{ '{' }}")
