"""A building block on an engine: whole it must hold, and without any one step it must not."""

from __future__ import annotations

import hashlib
import importlib
import itertools
import json
import tempfile
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...catalog.building_blocks import (
    BlockAction,
    BuildingBlock,
    Realisation,
    block_headings,
    load_block,
    mutations,
    steps_in,
)
from ...catalog.entry import CatalogEntry
from ...errors import ConductorError
from ...schema.block_roles import BoundBlock, bind, on_trial, pasteable
from ...schema.block_statements import ReadyStep, block_model, filled, ready
from . import cases, places
from .callers import Callers, callers
from .places import ProofPlace
from .trial import Case, Trial

PROVABLE = (
    *("postgresql", "mariadb", "mysql", "sqlite", "redis", "valkey", "memcached"),
    *("local-posix", "nfs", "amazon-efs", "s3-compatible", "amazon-s3", "dynamodb"),
)
"""Stores that proofs run on."""
WHOLE_ROUNDS, MUTANT_ROUNDS = 2, 20
# What a proof rests on: of a role, and all of a step but its words.
_PROVEN_OF_ROLE = {"key", "entity", "fields", "trial", "trial_change"}
_WORDS_OF_STEP = {"dies", "repair", "without", "parts", "stores", "wraps"}
_OFTEN_UNSET = ("judges", "found", "makes", "each", "per")
Progress = Callable[[str], None]
"""Receives what is done now."""


@dataclass(frozen=True)
class MutantSeen:
    """A mutant, and by what the proof noticed it; empty where it did not."""

    name: str
    noticed: str


@dataclass(frozen=True)
class BlockProof:
    """What was seen of a block on an engine.

    Args:
        block: Its key.
        store: Key of the store.
        version: Product and version of the engine.
        violations: What did not hold though nothing was left out.
        mutants: What happened with each thing wrong.
    """

    block: str
    store: str
    version: str
    violations: tuple[str, ...]
    mutants: tuple[MutantSeen, ...]

    @property
    def survivors(self) -> list[str]:
        """Return the mutants that the proof did not notice."""
        return [mutant.name for mutant in self.mutants if not mutant.noticed]

    @property
    def passed(self) -> bool:
        """Whether the block held, and every mutant was noticed."""
        return not self.violations and not self.survivors

    def summary(self) -> str:
        """Return the result in one line."""
        killed = len(self.mutants) - len(self.survivors)
        held = "held" if not self.violations else "did not hold"
        return f"{held}, {killed} of {len(self.mutants)} mutants noticed"

    def to_data(self) -> dict[str, Any]:
        """Return it for programs."""
        mutants = [{"name": item.name, "noticed": item.noticed} for item in self.mutants]
        return {
            "block": self.block,
            "store": self.store,
            "version": self.version,
            "violations": list(self.violations),
            "mutants": mutants,
            "passed": self.passed,
        }


def case_of(block: str) -> Case:
    """Return what callers do with a block and what must hold.

    Raises:
        ConductorError: There is no proof of it.
    """
    name = f"{cases.__name__}.{block.replace('-', '_')}"
    try:
        found: Case = importlib.import_module(name).case
    except ModuleNotFoundError as error:
        raise ConductorError(
            f"The building block {block} has no proof.",
            remedy="Write proof/blocks/cases/NAME.py; docs/blocks.md shows how.",
        ) from error
    return found


def digest(block: BuildingBlock, store: str) -> str:
    """Return a digest of what is proven: roles and steps of a block in a store, and its case."""
    made = require_realised(block, store)
    case = Path(cases.__path__[0], f"{block.key.replace('-', '_')}.py")
    parts = [_json(role, set(role.names()) - _PROVEN_OF_ROLE) for role in block.shaped(store).roles]
    for action in made.actions:
        parts.append(f"{action.key} {action.swapped}{action.by}")
        for step in steps_in(action, store):
            unset = {name for name in _OFTEN_UNSET if not getattr(step, name)}
            parts.append(_json(step, _WORDS_OF_STEP | unset))
            parts += [_json(part, {"what"}) for part in step.parts]
    texts = [*parts, f"{made.seeds} {made.looks}{made.setup}", case.read_text(encoding="utf-8")]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _json(entry: CatalogEntry, without: Set[str]) -> str:
    shown = {name: value for name, value in entry.values().items() if name not in without}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def named(name: str) -> BuildingBlock:
    """Return a building block by its key.

    Raises:
        ConductorError: There is none of that name.
    """
    known = [heading.key for heading in block_headings()]
    if name not in known:
        raise ConductorError(
            f"There is no building block {name[:60]!r}.", remedy=f"Name one of {', '.join(known)}."
        )
    return load_block(name)


def intent(block: BuildingBlock, store: str) -> str:
    """Return the steps that a proof takes, as they are sent to a store.

    Raises:
        ConductorError: Nothing is written of that.
    """
    made = require_realised(block, store)
    bound = bind(block.shaped(store), {})
    remark = "#" if store == "dynamodb" else "--"
    head = f"{remark} {block.name} on {store}, with entities of its own, to paste into the answers:"
    lines = [head]
    lines.append(pasteable(bound, patterns=True))
    model = block_model(bound)
    if made.setup:
        setup = filled({"": made.setup}, bound, model, store)[""]
        lines.append(f"\n{remark} once, by who administers the store\n{setup}")
    for action in ready(bound, model, store, made.actions):
        by = f", as {action.by}" if action.by else ""
        lines.append(f"\n{remark} {action.action.key}{by}: {action.action.what}")
        for item in action.steps:
            keys = f" -- KEYS {' '.join(item.keys)}" if item.keys else ""
            lines += _makes(item, remark)
            lines.append(f"{f'{remark} ' if item.step.outside else ''}{item.run}{keys}")
            if item.step.none:
                lines.append(f"{remark} if it does nothing: {item.step.none}")
            if item.step.found:
                lines.append(f"{remark} if it finds something: {item.step.found}")
            repair = f"; {item.step.repair}" if item.step.repair else ""
            lines.append(f"{remark}   a crash after it leaves: {item.step.dies}{repair}")
    lines += [
        "",
        *(
            f"{remark} described in {item.title}: {item.url}"
            for item in made.sources or block.sources
        ),
    ]
    return "\n".join(lines)


def _makes(item: ReadyStep, remark: str) -> list[str]:
    """Return what the caller makes of values before a step, how often it takes it, and keeps."""
    made = [f"{remark} :{name} = {said}" for name, said in item.step.makes.items()]
    kept = [f"{remark} of equal {item.step.each}s the caller keeps one"] if item.step.each else []
    often = [f"{remark} for each that {item.step.per} found"] if item.step.per else []
    return made + often + kept


def provable(block: BuildingBlock) -> list[str]:
    """Return the keys of the stores on which a block can be proven."""
    return [store for made in block.realisations for store in made.stores if store in PROVABLE]


def started(block: BuildingBlock) -> str:
    """Return the first store that a block can be proven on and that is started for a proof."""
    return next((store for store in places.STARTED if store in provable(block)), places.STARTED[0])


def require_realised(block: BuildingBlock, store: str) -> Realisation:
    """Return how a store keeps a block.

    Raises:
        ConductorError: Nothing is written of that.
    """
    made = block.realised(store)
    if made is None or store not in PROVABLE:
        raise ConductorError(
            f"{block.name} cannot be proven on {store}.",
            remedy=f"It is proven on {', '.join(provable(block))}.",
        )
    return made


def prove(block: BuildingBlock, store: str, url: str, progress: Progress) -> BlockProof:
    """Run the proof of a block.

    Args:
        block: The block.
        store: Key of the store.
        url: Address of an empty database, or `env:NAME`; empty starts one.
        progress: Receives what is done now.

    Raises:
        ConductorError: It could not be run.
    """
    case = case_of(block.key)
    made = require_realised(block, store)
    bound = on_trial(block.shaped(store))
    with (
        places.opened(store, url, bound, made) as place,
        callers(place.address, place.watch) as processes,
        tempfile.TemporaryDirectory() as folder,
    ):
        run = _Run(bound, made, place, processes, Path(folder), case)
        progress("the whole block")
        violations = run.rounds(made.actions, WHOLE_ROUNDS)
        seen = []
        for mutant in mutations(made, store) if not violations else ():
            progress(mutant.name)
            noticed = run.rounds(mutant.actions, MUTANT_ROUNDS)
            seen.append(MutantSeen(mutant.name, next(iter(noticed), "")))
    return BlockProof(block.key, store, place.version, tuple(violations), tuple(seen))


@dataclass
class _Run:
    bound: BoundBlock
    made: Realisation
    place: ProofPlace
    processes: Callers
    folder: Path
    case: Case

    def __post_init__(self) -> None:
        self._model = block_model(self.bound)
        self._numbers = itertools.count(1)
        store = self.place.address.store
        texts = {**self.made.seeds, **self.made.looks}
        self._texts = filled(texts, self.bound, self._model, store)

    def rounds(self, actions: Sequence[BlockAction], most: int) -> list[str]:
        """Run the case until something is wrong, at most so often; return what is wrong."""
        store = self.place.address.store
        steps = ready(self.bound, self._model, store, actions)
        for _ in range(most):
            self.place.renew()
            outside = self.folder / f"outside-{next(self._numbers)}"
            trial = Trial(store, self.processes, steps, self._texts, outside)
            violation = next(self.case(trial, self._numbers), "")
            self.processes.abandon()
            if violation or trial.failures:
                return [*([violation] if violation else []), *trial.failures]
        return []
