"""`storage-conductor verify`: run the checks of a track, and write down what they saw."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from plumbum import cli, colors

from . import FINDINGS, FINE
from .command import (
    Command,
    json_switch,
    line,
    one_track,
    print_json,
    store_switch,
    timeout_switch,
)

if TYPE_CHECKING:
    from storage_conductor.evidence.coverage import PlanCoverage, TaskCheck
    from storage_conductor.evidence.standing import Proven
    from storage_conductor.verification.running import Ran, Request


class VerifyCommand(Command):
    """Runs the checks of a track."""

    DESCRIPTION = "Runs the checks of a track's tasks and gates, and keeps their evidence."
    DETAILS = """
The draft is proven in a scratch database, the live schema is compared where --url names it, and the
checks in storage-conductor/verify.yml are run: queries, which only read, and commands, which a
person allows with --allow after they were listed. That is remembered outside of the project until
the file changes. On a pull request in CI they are not run without --allow-pull-request. What was
seen goes to evidence.json in the track. --tick ticks what is proven. A task that no check covers
takes a named person's word: --task, --by and --note. ID may be left out in a track's folder. Checks
of stores need the extra `engines`.
"""
    EXAMPLES = (
        "storage-conductor verify storage-001 --tick",
        "storage-conductor verify storage-001 --url env:DATABASE_URL --allow",
        "storage-conductor verify storage-001 --dry-run",
        "storage-conductor verify --task gate-schema --by Ada --note Reviewed",
    )
    USAGE = "    {progname} [SWITCHES] ID [PATH]\n"
    EXIT_CODES = (
        "0 when no check failed, 1 when one did or broke off, 2 when the track cannot be verified."
    )

    url = cli.SwitchAttr(
        ["--url"], argname="URL", default="", help="Address of the live database, or env:NAME"
    )
    scratch = cli.SwitchAttr(
        ["--scratch"],
        argname="URL",
        default="",
        help="Address of an empty database for the proof, or env:NAME; PostgreSQL and SQLite need"
        " none",
    )
    store = store_switch()
    timeout = timeout_switch(60)
    tick = cli.Flag(["--tick"], help="Tick the tasks in plan.md that are proven")
    untick = cli.Flag(["--untick"], help="Untick those with a check that are not proven")
    allow = cli.Flag(["--allow"], help="Run the checks of verify.yml, and remember that")
    proposed = cli.Flag(
        ["--allow-pull-request"],
        requires=["--allow"],
        help="Run them on a pull request too, whose author wrote them",
    )
    dry_run = cli.Flag(["--dry-run", "-n"], help="List the checks and tasks and do nothing")
    json = json_switch()
    task = cli.SwitchAttr(
        ["--task"],
        argname="KEY",
        default="",
        requires=["--by", "--note"],
        help="Give a person's word for this task or gate, and run nothing",
    )
    by = cli.SwitchAttr(
        ["--by"], argname="NAME", default="", requires=["--task"], help="Who gives their word"
    )
    note = cli.SwitchAttr(
        ["--note"], argname="TEXT", default="", requires=["--task"], help="What that person saw"
    )

    def main(self, *id_or_path: str) -> int:
        """Verify."""
        from storage_conductor.evidence import standing
        from storage_conductor.verification import running, ticking

        project, storage_id = one_track(id_or_path)
        found = standing.read(project, storage_id)
        request = running.Request(
            self.url, self.scratch, self.store, self._withheld(found), self.timeout
        )
        if self.dry_run:
            _list(found, request, json=self.json)
            return FINE
        ran: list[Ran] = []
        if self.task:
            running.give_word(found, self.task, self.by, self.note)
        else:
            if self.allow and not request.withheld:
                _remember(found)
            ran = list(running.run(found, request, _progress))
            # What ran may have changed what it covers.
            found = standing.read(project, storage_id)
        items = standing.standings(found)
        boxes = ticking.bring_in_line(found, items, tick=self.tick, untick=self.untick)
        if self.tick or self.untick:
            items = standing.standings(standing.read(project, storage_id))
        if self.json:
            tasks = [item.to_data() for item in items]
            print_json({"ran": [each.to_data() for each in ran], "tasks": tasks, "boxes": boxes})
        else:
            _tell(ran, items, boxes)
        return FINDINGS if any(each.broken or each.passed is False for each in ran) else FINE

    def _withheld(self, found: PlanCoverage) -> str:
        """Return why the checks of the project's own are not run; empty if they are."""
        from storage_conductor.verification import allowing

        if not _own(found):
            return ""
        if allowing.is_proposed() and not self.proposed:
            return "is the project's own, and a pull request may have brought it"
        if self.allow or allowing.is_allowed(found.project):
            return ""
        return "is the project's own: look at it, then add --allow"


def _own(found: PlanCoverage) -> list[TaskCheck]:
    return [check for check in found.due() if check.own is not None]


def _remember(found: PlanCoverage) -> None:
    """Show what is allowed before it runs, and remember that it is."""
    from storage_conductor.verification import allowing, running

    own = _own(found)
    if not own or allowing.is_allowed(found.project):
        return
    for check in own:
        print(f"allowed: {check.name}: {line(running.described(check))}", file=sys.stderr)
    if not allowing.allow(found.project):
        print("(not remembered: no folder here is yours alone)", file=sys.stderr)


def _list(found: PlanCoverage, request: Request, *, json: bool) -> None:
    """Show what would be run, and each task and gate with its checks."""
    from storage_conductor.evidence import standing
    from storage_conductor.verification import running

    intents = [
        (f"{check.name} ({running.described(check)})" if check.own else check.name, text)
        for check, text in running.intents(found, request)
    ]
    if json:
        would = [{"check": name, "does": text} for name, text in intents]
        tasks = [item.to_data() for item in standing.standings(found)]
        print_json({"would": would, "tasks": tasks})
        return
    for name, text in intents:
        print(f"would {line(f'{name}: {text}')}")
    for item in standing.standings(found):
        label = ", ".join([*item.checks, str(item.proof)])
        print(line(f"{item.key} [{label}]: {item.text}"))


def _tell(ran: Iterable[Ran], items: Iterable[Proven], boxes: Iterable[str]) -> None:
    from storage_conductor.evidence.standing import ProofState

    for each in ran:
        print(f"{_word(each)}  {line(each.check.name)}: {line(each.says)}{_on(each)}")
        for text in each.detail.splitlines():
            print(f"    {line(text)}")
    for text in boxes:
        print(line(text))
    for state in ProofState:
        group = [item for item in items if item.proof is state]
        if group and state is ProofState.HUMAN:
            print(f"{state}: {len(group)} tasks and gates; --dry-run lists them")
        elif group and state is ProofState.PROVEN:
            print(f"{state}: {line(', '.join(map(_named, group)))}")
        elif group:
            print(f"{state}:")
            for item in group:
                print(f"    {line(f'{item.key}: {item.because}')}")


def _word(ran: Ran) -> str:
    if ran.passed is None:
        return str(colors.yellow | ("broken " if ran.broken else "not run"))
    return str(colors.green | "passed " if ran.passed else colors.red | "failed ")


def _on(ran: Ran) -> str:
    return f" ({line(ran.server)})" if ran.server else ""


def _named(item: Proven) -> str:
    return f"{item.key} (by {item.by})" if item.by else item.key


def _progress(text: str) -> None:
    """Show what runs now, where a person waits for it."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line(text)} ...\r", end="", file=sys.stderr, flush=True)
