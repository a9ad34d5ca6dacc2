"""`storage-conductor prove`: run the draft of a track, and look at every promise of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from plumbum import cli, colors

from . import FINDINGS, FINE
from .command import (
    Command,
    json_switch,
    line,
    one_track,
    print_json,
    shown,
    store_switch,
    timeout_switch,
)

_MOST_ROWS = 200_000
_WIDE = 20  # characters of a bar


class ProveCommand(Command):
    """Proves the draft of a track."""

    DESCRIPTION = "Runs the draft of a track in a scratch database, and looks at each promise."
    DETAILS = """
Loads the draft, fills it with skewed rows, runs each access pattern and compares the index that was
used with the one that is promised, tries each write that must be refused, and migrates up, down and
up again. PostgreSQL is started from a Python package and SQLite runs in memory; for MySQL, MariaDB,
Redis and Valkey `--url` names an empty database, as it may for the others. A database that holds
anything is never touched, and an empty one is left empty. Of Redis and Valkey the key patterns are
written and read; of DynamoDB the tables are made in an emulator, and units compared. ID may be left
out in a track's folder. With `--block` no track is needed: a building block is run by many
processes at once, killed after each step, and with each step left out, which must be noticed. Needs
the extra `engines`.
"""
    EXAMPLES = (
        "storage-conductor prove storage-001",
        "storage-conductor prove storage-001 --url env:SCRATCH_URL --report",
        "storage-conductor prove storage-001 --dry-run",
        "storage-conductor prove --block hold --store sqlite",
    )
    USAGE = "    {progname} [SWITCHES] ID [PATH]\n"
    EXIT_CODES = "0 when nothing failed, 1 when a promise did not hold, 2 when it could not be run."

    url = cli.SwitchAttr(
        ["--url"], argname="URL", default="", help="Address of an empty database, or env:NAME"
    )
    block = cli.SwitchAttr(
        ["--block"],
        argname="NAME",
        default="",
        help="A building block to prove in place of a track",
    )
    store = store_switch()
    rows = cli.SwitchAttr(
        ["--rows"],
        cli.Range(10, _MOST_ROWS),
        argname="NUMBER",
        default=2000,
        help="Rows of the largest table; else 2000. The others follow the stated rates",
    )
    seed = cli.SwitchAttr(
        ["--seed"],
        cli.Range(0, 2**31),
        argname="NUMBER",
        default=1,
        help="What the rows are made from: the same number gives the same rows; else 1",
    )
    timeout = timeout_switch(60)
    report = cli.Flag(["--report"], help="Write proof.md into the track")
    dry_run = cli.Flag(["--dry-run", "-n"], help="Say what would be done and do nothing")
    json = json_switch()

    def main(self, *id_or_path: str) -> int:
        """Prove."""
        if self.block:
            return self._prove_block()
        from storage_conductor.disk import places, writing
        from storage_conductor.proof.outcome import word
        from storage_conductor.proof.prove import Wish, intent, prove
        from storage_conductor.proof.subject import subject

        project, storage_id = one_track(id_or_path)
        looked_at = subject(project, storage_id, self.store)
        wish = Wish(self.url, self.rows, self.seed, self.timeout)
        if self.dry_run:
            return self._intended(intent(looked_at, wish), "would ")
        found = prove(looked_at, wish, _progress)
        _done()
        if self.json:
            print_json(found.to_data())
        else:
            for step in found.steps:
                colour = {True: colors.green, False: colors.red, None: colors.yellow}[step.passed]
                print(f"{colour | word(step)}  {line(step.name)}: {line(step.says)}")
            print(f"{found.server}: {found.summary()}")
            if found.other_version:
                print(colors.yellow | f"Note: {line(found.other_version)}.")
        if self.report:
            path = places.of_track(storage_id, places.PROOF)
            writing.write_atomic(project / path, found.markdown())
            print(f"written: {shown(project, path)}", file=sys.stderr)
        return FINE if found.passed else FINDINGS

    def _intended(self, lines: Sequence[str], before: str) -> int:
        if self.json:
            print_json({"would": lines})
        else:
            print("\n".join(f"{before}{text}" for text in lines))
        return FINE

    def _prove_block(self) -> int:
        from storage_conductor.catalog import loading
        from storage_conductor.proof.blocks import places
        from storage_conductor.proof.blocks.prove import intent, named, prove

        block = named(self.block)
        chosen = loading.find(self.store)
        store = (
            chosen.key
            if chosen
            else self.store or (places.store_at(self.url) if self.url else places.STARTED[0])
        )
        if self.dry_run:
            return self._intended(intent(block, store).splitlines(), "")
        found = prove(block, store, self.url, _progress)
        _done()
        if self.json:
            print_json(found.to_data())
            return FINE if found.passed else FINDINGS
        for violation in found.violations:
            print(f"{colors.red | 'no'}  {line(violation)}")
        for mutant in found.mutants:
            mark = colors.green | "noticed" if mutant.noticed else colors.red | "NOT NOTICED"
            print(f"{mark}  {line(mutant.name)}: {line(mutant.noticed)}")
        print(f"{line(found.version)}: {block.name} {found.summary()}")
        return FINE if found.passed else FINDINGS


def _done() -> None:
    """Take the last word on what is done off the terminal."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _progress(text: str, share: float | None = None) -> None:
    """Show what is done now and how far it is, where a person waits for it."""
    if sys.stderr.isatty():
        bar = "" if share is None else f"[{'#' * round(share * _WIDE):.<{_WIDE}}] {share:4.0%}  "
        print(f"\r\x1b[K{bar}{line(text)} ...", end="", file=sys.stderr, flush=True)
