"""What is looked at: the part of a track's model that one store holds, and its draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ..catalog.backend import Backend
from ..component import track
from ..component.track import Track
from ..context.model import Stated
from ..disk import places
from ..errors import ConductorError
from ..schema.common import Sizes
from ..schema.design import design
from ..schema.model import DataModel
from ..schema.result import Design
from ..steps import written
from ..update import recorded_answers


@dataclass(frozen=True)
class Subject:
    """One store of a track.

    Args:
        title: The track's title.
        backend: The store as it is run.
        model: The entities that it holds and their patterns.
        sizes: What is known beside the model.
        design: What follows from them for this store.
        beside: The keys of the track's other stores that hold entities.
        stated: The stores that the project's documents name, with their versions.
        track: What it is a part of, if anything.
    """

    title: str
    backend: Backend
    model: DataModel
    sizes: Sizes
    design: Design
    beside: tuple[str, ...] = ()
    stated: tuple[Stated, ...] = ()
    track: Track | None = None

    @cached_property
    def promised(self) -> frozenset[str]:
        """Return the keys of what the specification and the plan say of the store."""
        return frozenset() if self.track is None else _promised(self.track, self.backend.key)

    def artifact(self, kind: str) -> str:
        """Return the text of a part of the draft; empty where there is none."""
        found = (item.text for item in self.design.artifacts if item.kind == kind)
        return next(found, "")


def subject(project: Path, storage_id: str, store: str = "") -> Subject:
    """Read a track and choose a store of it.

    Args:
        project: The folder that holds `storage-conductor`.
        storage_id: The track.
        store: Its name or key; may be left out where one store holds entities.

    Raises:
        ConductorError: The track cannot be read, has no entities, or the store is not said.
    """
    answers = recorded_answers.read(project / places.of_track(storage_id, places.ANSWERS))
    # An update records what was written as migrations; more may have been written since.
    now = written.recorded(project / places.of_track(storage_id, places.WRITTEN))
    return part(replace(track.build(answers), written=now), storage_id, store)


def part(built: Track, storage_id: str, store: str = "") -> Subject:
    """Choose a store of a track that was read.

    Args:
        built: The track.
        storage_id: Its id.
        store: Its name or key; may be left out where one store holds entities.

    Raises:
        ConductorError: The track has no entities, or the store is not said.
    """
    component = built.component
    model, whole = component.model, component.design
    if model is None or whole is None:
        raise ConductorError(
            f"{storage_id} has no entities yet.",
            remedy="Answer `entities` and `access_patterns`, and give them to the track.",
        )
    owners: dict[str, set[str]] = {}
    for entity, owner in whole.stores:
        owners.setdefault(owner, set()).add(entity)
    meant = (item.key for item in component.backends if store and item.is_named(store))
    chosen = next(meant, "") if store or len(owners) != 1 else next(iter(owners))
    if chosen not in owners:
        listed = ", ".join(owners)
        if not store:
            what, remedy = "has entities in several stores", f"Name one with --store: {listed}."
        else:
            what = f"has no entities in {store!r}"
            remedy = f"Leave --store out, or name one that has: {listed}."
        raise ConductorError(f"{storage_id} {what}.", remedy=remedy)
    backend = next(item for item in component.backends if item.key == chosen)
    sizes = component.sizes
    held = model.part(frozenset(owners[chosen]))
    single = len(owners) == 1 and len(component.backends) == 1
    own = whole if single else design(held, [backend], sizes)
    return Subject(
        title=component.stated.title,
        backend=backend,
        model=held,
        sizes=sizes,
        design=own,
        beside=tuple(owner for owner in owners if owner != chosen),
        stated=built.context.tech_stack.chosen,
        track=built,
    )


def _promised(built: Track, store: str) -> frozenset[str]:
    component = built.component
    name = next(item.name for item in component.stores if item.backend.key == store)
    shown = component.relevant[name]
    # A plan names the store before the key of a task of it.
    tasks = (task.key.removeprefix(f"{name} ") for phase in built.phases for task in phase.tasks)
    return frozenset((*(point.key for point in (*shown.settings, *shown.security)), *tasks))
