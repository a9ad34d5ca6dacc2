"""Runs the checks of a track, each once, and tells what they saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..disk import git, places
from ..errors import ConductorError, without_password
from ..evidence.coverage import PERSON, PlanCoverage, TaskCheck
from ..proof import scratch
from ..proof.drift import drift
from ..proof.prove import Wish, intent, prove
from ..tracks import evidence, ids
from ..tracks.evidence import Evidence
from . import commands, queries

_LONGEST_WORD = 2_000  # characters of what a person says


@dataclass(frozen=True)
class Request:
    """What is to be run.

    Args:
        url: The live database, or `env:NAME`; empty leaves out what asks one.
        scratch: An empty database for a proof, or `env:NAME`; empty starts one where that is known.
        store: The only store to look at; empty for all.
        withheld: Why the checks of the project's own are not run; empty if they are.
        seconds: Longest that one statement may take.
    """

    url: str = ""
    scratch: str = ""
    store: str = ""
    withheld: str = ""
    seconds: int = 60


@dataclass(frozen=True)
class Ran:
    """What became of one check.

    Args:
        check: The check.
        passed: Whether it held; None where it was not run.
        says: What was seen, or why it was not run.
        server: Product and version of the store that was asked.
        broken: Whether it was to run and could not.
        detail: What else helps to mend it; never recorded.
    """

    check: TaskCheck
    passed: bool | None
    says: str
    server: str = ""
    broken: bool = False
    detail: str = ""

    def to_data(self) -> dict[str, Any]:
        """Return it for programs."""
        data = {name: getattr(self, name) for name in ("passed", "says", "server", "broken")}
        return {"check": self.check.name, **data}


def intents(found: PlanCoverage, request: Request) -> Iterator[tuple[TaskCheck, str]]:
    """Say of each check what would be done, or why it would not be."""
    for check in found.due():
        reason = _left_out(check, request)
        if reason:
            yield check, f"not run: {reason}"
        elif check.kind == "prove":
            try:
                steps = intent(found.subject(check.store), Wish(request.scratch))
                yield check, "; ".join(steps)
            except ConductorError as error:
                yield check, f"not run: {error.message}"
        elif check.kind == "drift":
            yield check, "compare the live schema with the model, and write nothing"
        else:
            yield check, described(check)


def described(check: TaskCheck) -> str:
    """Return what a check of the project's own does."""
    if check.own is None or check.own.command is None:
        return f"ask {' '.join(check.own.query.split())}" if check.own and check.own.query else ""
    return f"run {list(check.own.command)}, at most {check.own.seconds} seconds"


def run(found: PlanCoverage, request: Request, progress: Callable[[str], None]) -> Iterator[Ran]:
    """Run each check that can be run, and write down what it saw before the next one begins.

    Raises:
        ConductorError: The evidence cannot be read or written.
    """
    for check in found.due():
        reason = _left_out(check, request)
        if reason:
            yield Ran(check, None, reason)
            continue
        progress(check.name)
        try:
            # What the digests tell of is what the check looks at, not what it may leave behind.
            covered = found.covered("", check)
            ran = _run(found, check, request)
        except ConductorError as error:
            said = error.message + (f" {error.remedy}" if error.remedy else "")
            yield Ran(check, None, said, broken=True)
            continue
        _record(found, ran, covered)
        yield ran


def give_word(found: PlanCoverage, key: str, by: str, note: str) -> None:
    """Write down a person's word for a task or a gate.

    Raises:
        ConductorError: There is no such task, the name or the note is empty or too long, or the
            evidence cannot be written.
    """
    by, note = (" ".join(without_password(text).split()) for text in (by, note))
    if not found.text(key):
        raise ConductorError(
            f"{found.plan.storage_id} has no task {key!r}.",
            remedy=f"`storage-conductor verify {found.plan.storage_id} --dry-run` lists the keys.",
        )
    for name, text in (("--by", by), ("--note", note)):
        if not 0 < len(text) <= _LONGEST_WORD:
            raise ConductorError(
                f"{name} is empty, or longer than {_LONGEST_WORD:,} characters.",
                remedy="Say who saw it, and what was seen.",
            )
    covered = found.covered(key, TaskCheck("person", PERSON))
    said = Evidence(ids.clock().isoformat(), "passed", covered, _commit(found), says=note, by=by)
    evidence.record(found.project, found.plan.storage_id, {key: {PERSON: said}})


def _left_out(check: TaskCheck, request: Request) -> str:
    """Return why a check is not run; empty if it is."""
    if check.own is not None and request.withheld:
        return request.withheld
    if request.store and check.store and check.store != request.store:
        return "is of another store"
    if check.kind in ("drift", "query") and not request.url:
        return "needs the live database, --url"
    if check.kind == "prove" and not request.scratch and check.store not in scratch.STARTED:
        return "needs an empty database, --scratch"
    return ""


def _run(found: PlanCoverage, check: TaskCheck, request: Request) -> Ran:
    if check.kind == "prove":
        wish = Wish(request.scratch, seconds=request.seconds)
        outcome = prove(found.subject(check.store), wish, lambda *_: None)
        # What could not be told was not seen to hold; what is not the draft's is no part of it.
        lost = [
            f"{each.kind} {each.name}: {each.says}"
            for each in outcome.steps
            if each.tested and not each.passed
        ]
        says = _with_version(outcome.summary(), outcome.other_version)
        return Ran(check, not lost, says, outcome.server, detail="\n".join(lost))
    if check.kind == "drift":
        seen = drift(found.subject(check.store), request.url, request.seconds, settings=False)
        lost = [str(each) for each in seen.differences]
        says = _with_version(seen.summary(), seen.other_version)
        return Ran(check, not lost, says, seen.server, detail="\n".join(lost))
    return _asked(found, check, request) if check.kind == "query" else _commanded(found, check)


def _with_version(summary: str, other_version: str) -> str:
    return f"{summary}; {other_version}" if other_version else summary


def _asked(found: PlanCoverage, check: TaskCheck, request: Request) -> Ran:
    own = check.own
    assert own is not None  # noqa: S101 - for the type checker
    seconds = min(own.seconds, request.seconds)
    subject = found.subject(check.store)
    server, rows = queries.ask(subject, request.url, own.query or "", seconds)
    passed = queries.agrees(rows, own.expect)
    says = "the answer is the expected one" if passed else "the answer is another one"
    return Ran(check, passed, says, server, detail="" if passed else f"answer: {rows[:20]}")


def _commanded(found: PlanCoverage, check: TaskCheck) -> Ran:
    own = check.own
    assert own is not None  # noqa: S101 - for the type checker
    ended = commands.run(found.project, own.command or (), own.seconds)
    passed = ended.code == own.exit_code
    says = f"exit code {ended.code}" if ended.code is not None else f"not done in {own.seconds} s"
    return Ran(check, passed, says, detail="" if passed else ended.said)


def _record(found: PlanCoverage, ran: Ran, covered: Mapping[str, str]) -> None:
    seen = Evidence(
        at=ids.clock().isoformat(),
        result="passed" if ran.passed else "failed",
        covers=covered,
        commit=_commit(found),
        server=ran.server,
        says=ran.says,
    )
    keys = [key for key, checks in found.checks.items() if ran.check in checks]
    evidence.record(
        found.project, found.plan.storage_id, {key: {ran.check.name: seen} for key in keys}
    )


def _commit(found: PlanCoverage) -> str:
    """Return the commit of a project, and whether something differs from it; empty without git.

    What verifying itself writes does not count.
    """
    folder = places.home(found.plan.storage_id)
    own = {f"{folder}/{name}" for name in (places.EVIDENCE, places.PLAN)}
    try:
        commit = git.run(found.project, "rev-parse", "--verify", "HEAD").strip()
        changed = git.uncommitted(found.project, ["."]) - own
    except ConductorError:
        return ""
    return f"{commit}+changes" if changed else commit
