"""What is proven of a track now, and what is ticked although it is not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from ..disk import places
from ..errors import ConductorError
from ..markdown.boxes import State
from ..review.track_checks import TrackProblem
from ..tracks import evidence
from ..tracks.evidence import Evidence
from ..worklist import reading
from ..worklist.reading import Worklist
from . import coverage, own_checks
from .coverage import PERSON, PlanCoverage, TaskCheck


class ProofState(StrEnum):
    """How far something is proven."""

    PROVEN = "proven"
    MISSING = "without evidence"
    OUTDATED = "out of date"
    FAILED = "failed"
    HUMAN = "a person's"


_OWN = "own-checks"  # the rule of what is wrong with checks of a project's own
_WORST = (ProofState.PROVEN, ProofState.OUTDATED, ProofState.MISSING, ProofState.FAILED)


@dataclass(frozen=True)
class Proven:
    """How far one task or gate is proven.

    Args:
        key: Its key.
        text: What it asks for, as one line.
        done: Whether it is ticked, or its phase said to be completed.
        line: 1-based line in the plan.
        proof: How far it is proven.
        because: What is missing or was seen; empty where nobody looked yet.
        checks: The names of its checks; none where a person's word is all there can be.
        by: Who gave their word for it.
        drifted: Whether the live schema was seen to differ from the draft.
        boxes: Lines of the ticked boxes that its checks stand for, those of its sub-tasks for one
            thing each among them.
    """

    key: str
    text: str
    done: bool
    line: int
    proof: ProofState
    because: str = ""
    checks: tuple[str, ...] = ()
    by: str = ""
    drifted: bool = False
    boxes: tuple[int, ...] = ()

    @property
    def is_told(self) -> bool:
        """Tell whether there is more to say than that it is a person's."""
        return self.proof is not ProofState.HUMAN

    def to_data(self) -> dict[str, Any]:
        """Return it for programs."""
        data = {name: getattr(self, name) for name in ("key", "text", "because", "done", "by")}
        return {**data, "proof": self.proof.value, "checks": list(self.checks)}


def read(project: Path, storage_id: str) -> PlanCoverage:
    """Read the plan of a track with the checks of its tasks.

    Raises:
        ConductorError: The plan, the answers or the checks of the project's own cannot be used.
    """
    plan = reading.read(project, storage_id)
    return coverage.read(project, plan, own_checks.read(project))


def standings(found: PlanCoverage) -> list[Proven]:
    """Return how far each task that is not dropped, and each gate, is proven.

    Raises:
        ConductorError: The evidence, or what it covers, cannot be read.
    """
    seen = evidence.read(found.project, found.plan.storage_id)
    return [_proven(found, seen.get(one.key, {}), one) for one in _all(found.plan)]


class _Looked(NamedTuple):
    """A task or a gate."""

    key: str
    text: str
    done: bool
    line: int
    boxes: tuple[int, ...] = ()


def _all(plan: Worklist) -> Iterator[_Looked]:
    for task in plan.tasks:
        if task.state is not State.DROPPED:
            yield _Looked(task.key, task.text, task.ticked, task.line, task.ticked_boxes)
    for gate in plan.gates:
        yield _Looked(gate.key, gate.text, gate.phase.finished, gate.phase.line)


def _proven(found: PlanCoverage, seen: Mapping[str, Evidence], one: _Looked) -> Proven:
    checks = found.checks.get(one.key, ())
    said = seen.get(PERSON)
    if not checks and said is None:
        return Proven(one.key, one.text, one.done, one.line, ProofState.HUMAN)
    looked = checks or (TaskCheck("person", PERSON),)
    judged = [
        (check.name, *_judged(found, one.key, check, seen.get(check.name))) for check in looked
    ]
    proof = max((each for _, each, _ in judged), key=_WORST.index)
    because = "; ".join(f"{name}: {says}" for name, each, says in judged if each is proof)
    names = tuple(check.name for check in checks)
    failed = {name for name, each, _ in judged if each is ProofState.FAILED}
    drifted = any(check.kind == "drift" and check.name in failed for check in looked)
    return Proven(
        key=one.key,
        text=one.text,
        done=one.done,
        line=one.line,
        proof=proof,
        because=because,
        checks=names,
        by=said.by if said else "",
        drifted=drifted,
        boxes=one.boxes,
    )


def _judged(
    found: PlanCoverage, key: str, check: TaskCheck, item: Evidence | None
) -> tuple[ProofState, str]:
    if item is None:
        return ProofState.MISSING, "there is no evidence"
    if not item.passed:
        return ProofState.FAILED, item.says or "failed"
    try:
        now = found.covered(key, check)
    except ConductorError as error:
        return ProofState.OUTDATED, error.message
    changed = sorted(
        name for name in {*now, *item.covers} if now.get(name) != item.covers.get(name)
    )
    if changed:
        return ProofState.OUTDATED, f"{', '.join(changed)} changed since"
    return ProofState.PROVEN, item.says


def recorded(project: Path, storage_id: str) -> list[Proven]:
    """Return how far a track is proven that has evidence; nothing for any other, or a broken one.

    What is wrong with it is told by a check.
    """
    with contextlib.suppress(ConductorError):
        if (project / places.of_track(storage_id, places.EVIDENCE)).exists():
            return [item for item in standings(read(project, storage_id)) if item.is_told]
    return []


def unread(project: Path, storage_id: str) -> TrackProblem | None:
    """Return why evidence that is there cannot be read, or be held against the checks."""
    if not (project / places.of_track(storage_id, places.EVIDENCE)).exists():
        return None
    try:
        evidence.read(project, storage_id)
        own_checks.read(project)
    except ConductorError as error:
        return _unreadable(project, storage_id, error)
    return None


def own_faults(project: Path) -> Iterator[TrackProblem]:
    """Find what is wrong with the checks of a project's own."""
    for error in own_checks.faults(project):
        yield _unreadable(project, "", error)


def ticked_by_checks(project: Path, storage_id: str) -> frozenset[int]:
    """Return the lines of a plan whose boxes stand for what checks have looked at."""
    seen = (item for item in recorded(project, storage_id) if item.checks)
    looked_at = (item for item in seen if item.proof is not ProofState.MISSING)
    return frozenset(line for item in looked_at for line in item.boxes)


def contradicted(project: Path, storage_id: str) -> Iterator[TrackProblem]:
    """Find what is said to be done, and failed when it was last looked at."""
    for item in recorded(project, storage_id):
        if item.done and item.checks and item.proof is ProofState.FAILED:
            yield _problem(storage_id, "contradicted", item)


def problems(project: Path, storage_id: str) -> Iterator[TrackProblem]:
    """Find what is said to be done and has a check, but no evidence that still counts."""
    try:
        found = read(project, storage_id)
        items = standings(found)
    except ConductorError as error:
        broken = _unreadable(project, storage_id, error)
        seen = places.of_track(storage_id, places.EVIDENCE)
        if broken.path in (seen, places.OWN_CHECKS) or (project / seen).exists():
            yield broken
        return  # else nothing was proven yet, and what cannot be read is told by other checks
    for item in items:
        if item.done and item.checks and item.proof is not ProofState.PROVEN:
            failed = item.proof is ProofState.FAILED
            yield _problem(storage_id, "contradicted" if failed else "unproven", item)


def _unreadable(project: Path, storage_id: str, error: ConductorError) -> TrackProblem:
    path = Path(error.path or places.home(storage_id))
    path = path.relative_to(project) if path.is_relative_to(project) else path
    remedy = error.remedy or "Restore the file from git."
    rule = _OWN if path.as_posix() == places.OWN_CHECKS else "evidence"
    return TrackProblem(path.as_posix(), error.line or 1, rule, error.message, remedy)


def _problem(storage_id: str, rule: str, item: Proven) -> TrackProblem:
    gate = item.key.startswith(reading.gate_key(""))
    what = ": the phase is completed and its gate" if gate else " is ticked and"
    said = f"{item.key}{what} {item.proof} ({item.because})"
    word = f" --task {item.key} --by NAME --note TEXT" if "person:" in item.because else ""
    remedy = f"Run `storage-conductor verify {storage_id}{word}`, or untick it."
    if item.proof is ProofState.FAILED:
        opened = (
            "correct its Status line"
            if gate
            else f"`storage-conductor verify {storage_id} --untick`"
        )
        remedy = f"Mend it and run `storage-conductor verify {storage_id}`, or {opened}."
    return TrackProblem(places.of_track(storage_id, places.PLAN), item.line, rule, said, remedy)
