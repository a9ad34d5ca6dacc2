"""`storage-conductor refresh`: tracks are brought to the newest version of their template."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plumbum import cli, colors

from storage_conductor.disk import git, scratch
from storage_conductor.disk.places import REGISTRY, STORAGES, home
from storage_conductor.errors import ConductorError
from storage_conductor.review.track_checks import TrackProblem
from storage_conductor.update import many_tracks

from . import FINDINGS, FINE
from .check import count
from .command import MOST_JOBS, Command, chosen_tracks, fit, line, shown, width
from .planned import PlannedRefresh, Settings, plan, plans, reason

if TYPE_CHECKING:
    from .versions import Renderer

_BAR = 30
_LONG_COMMAND_LINE = 100  # tracks; Windows takes 32,767 characters


@dataclass(frozen=True)
class RefreshOutcome:
    """What became of a track.

    Args:
        storage_id: The track.
        versions: The template's version before and after, for a track that changed.
        is_changed: Whether a file of it differs now, or would.
        conflicts: What the merge could not decide.
        notes: What else a person should know.
        reason: Why the track was left as it was; empty unless that failed.
        refused: Whether it was left because its template is not trusted.
        trusted: The templates that were run, each with the reason why it is trusted.
    """

    storage_id: str
    versions: tuple[str, str]
    is_changed: bool
    conflicts: tuple[TrackProblem, ...]
    notes: tuple[str, ...]
    reason: str
    refused: bool
    trusted: Mapping[str, str]


class RefreshCommand(Command):
    """Brings tracks to the newest version of their template."""

    DESCRIPTION = "Brings all tracks, or those named, to the newest version of their template."
    DETAILS = """
The result is that of `copier update --trust` for one track after the other. It stays in the working
tree as one change to review; nothing is committed. Only files that it would change must be without
uncommitted changes, otherwise nothing is done; rows of the registry that follow from the tracks'
metadata do not count. What a killed refresh left is undone first, then done again. A track that
cannot be refreshed is left as it is and named, and the others go on.

Code of the template runs, also with --dry-run, so it has to be one that you trust: the one that
this command was installed from, that in STORAGE_CONDUCTOR_TEMPLATE, one that Copier's settings list
under `trust`, or any with --trust.
Which one runs, and why, is said. A track that names another one is left as it is, and nothing of
that template is fetched.
"""
    EXAMPLES = (
        "storage-conductor refresh --dry-run",
        "storage-conductor refresh",
        "storage-conductor refresh storage-001 storage-002 --to v1.4.0",
    )
    USAGE = "    {progname} [--to VERSION] [--trust] [--jobs N] [--dry-run] [ID...] [PATH]\n"
    EXIT_CODES = (
        "0 when all tracks are up to date, 1 with conflicts or tracks that failed,"
        " 2 when nothing was done."
    )

    to = cli.SwitchAttr(
        ["--to"],
        argname="VERSION",
        help="Tag, branch or commit of the template; else its newest release",
    )
    trust = cli.Flag(["--trust"], help="Run the code of any template that a track names")
    jobs = cli.SwitchAttr(
        ["--jobs", "-j"],
        cli.Range(1, MOST_JOBS),
        argname="N",
        default=1,
        help="Render and merge in N processes at once, for many tracks; one alone writes",
    )
    dry_run = cli.Flag(["--dry-run", "-n"], help="Show what would change and change nothing")

    def main(self, *id_or_path: str) -> int:
        """Refresh the tracks and print what became of them."""
        project, chosen = chosen_tracks(id_or_path)
        if not self.dry_run:
            for storage_id in many_tracks.go_back(project, chosen):
                print(f"{storage_id}: went back to before an update that was killed.")
        changed = uncommitted(project, chosen)
        with scratch.folder() as folder:
            settings = Settings(project, self.to, folder, self.trust)
            renderer = settings.renderer()
            _refuse(project, chosen, changed, renderer)
            planned = plans(settings, chosen, renderer, self.jobs)
            outcomes = [
                _done(project, next(planned), write=not self.dry_run) for _ in _with_bar(chosen)
            ]
        for source, why in _trusted(outcomes).items():
            print(f"Template {line(source)} is trusted, since {why}.")
        _print(project, outcomes, dry_run=self.dry_run)
        return FINDINGS if any(each.conflicts or each.reason for each in outcomes) else FINE


def _trusted(outcomes: Iterable[RefreshOutcome]) -> dict[str, str]:
    """Return the templates that were run, each with the reason why it is trusted."""
    return {name: why for each in outcomes for name, why in each.trusted.items()}


def uncommitted(project: Path, chosen: Sequence[str]) -> set[str]:
    """List the files of tracks and the registry that have uncommitted changes, from the project."""
    few = len(chosen) < _LONG_COMMAND_LINE
    tracks = list(map(home, chosen)) if few else [STORAGES]
    return git.uncommitted(project, [REGISTRY, *tracks])


def _refuse(
    project: Path, chosen: Iterable[str], changed: Collection[str], renderer: Renderer
) -> None:
    """Make sure that no file with uncommitted changes is written.

    Raises:
        ConductorError: One would be.
    """
    in_the_way: set[str] = set()
    for storage_id in chosen:
        inside = f"{home(storage_id)}/"
        if any(path == REGISTRY or path.startswith(inside) for path in changed):
            change = plan(project, storage_id, renderer).change
            in_the_way |= set(change.touched) & set(changed) if change is not None else set()
    require_committed(project, in_the_way, changed, "refresh")


def require_committed(
    project: Path, touched: Collection[str], changed: Collection[str], command: str
) -> None:
    """Make sure that no file to be written has uncommitted changes.

    Args:
        project: The folder that holds `storage-conductor`.
        touched: The files to be written, from the project.
        changed: The files with uncommitted changes.
        command: What a person does again afterwards.

    Raises:
        ConductorError: One has.
    """
    in_the_way = set(touched) & set(changed)
    if REGISTRY in in_the_way and many_tracks.registry_follows(project, changed):
        in_the_way.remove(REGISTRY)
    if in_the_way:
        listed = ", ".join(shown(project, path) for path in sorted(in_the_way))
        raise ConductorError(
            f"These files would change, but have uncommitted changes: {listed}",
            remedy=f"Commit or stash them, then {command} again; nothing has been changed.",
        )


def _done(project: Path, planned: PlannedRefresh, *, write: bool) -> RefreshOutcome:
    """Write what was planned; whatever goes wrong becomes the outcome."""
    change, notes, why = planned.change, [], planned.reason
    if change is not None and write:
        try:
            notes = many_tracks.apply(change)
        except Exception as error:  # noqa: BLE001 - the other tracks go on
            change, why = None, reason(project, error)
    return RefreshOutcome(
        planned.storage_id,
        planned.versions,
        change is not None,
        change.conflicts if change is not None else (),
        tuple(notes),
        why,
        planned.refused,
        planned.trusted,
    )


def _with_bar(chosen: Sequence[str]) -> Iterator[str]:
    """Yield the tracks, with a progress bar on a terminal."""
    if not sys.stderr.isatty():
        yield from chosen
        return
    try:
        for number, storage_id in enumerate(chosen):
            filled = number * _BAR // len(chosen)
            bar = "#" * filled + "." * (_BAR - filled)
            shown_now = fit(f"[{bar}] {number + 1}/{len(chosen)} {line(storage_id)}", width() - 1)
            print(f"\r\x1b[K{shown_now}", end="", file=sys.stderr, flush=True)
            yield storage_id
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _print(project: Path, outcomes: Sequence[RefreshOutcome], *, dry_run: bool) -> None:
    for each in outcomes:
        if each.reason:
            what = colors.red | ("refused" if each.refused else "failed")
            print(f"{what} {line(each.storage_id)}: {_lines(each.reason)}")
        elif each.is_changed:
            before, after = map(line, each.versions)
            what = colors.yellow | "conflicts" if each.conflicts else colors.green | "updated"
            versions = f"{before} -> {after}" if before != after else "the project's documents"
            print(f"{what} {line(each.storage_id)}: {versions}")
        print_remarks(project, each.conflicts, each.notes)
    failed = sum(bool(each.reason) for each in outcomes)
    unmerged = sum(bool(each.conflicts) for each in outcomes)
    updated = sum(each.is_changed and not each.conflicts for each in outcomes)
    unchanged = len(outcomes) - failed - unmerged - updated
    would = "Nothing was changed; this would be: " if dry_run else ""
    print(
        f"{would}{count(updated, 'track')} updated, {unchanged:,} unchanged,"
        f" {unmerged:,} with conflicts, {failed:,} failed."
    )


def print_remarks(project: Path, conflicts: Iterable[TrackProblem], notes: Iterable[str]) -> None:
    """Print what a merge could not decide, and what else a person should know."""
    for problem in conflicts:
        place = f"{line(shown(project, problem.path))}:{problem.line}"
        print(f"  {place}: {line(problem.message)}\n    Remedy: {line(problem.remedy)}")
    for note in notes:
        print(f"  Note: {_lines(note)}")


def _lines(text: str) -> str:
    return "\n    ".join(line(each.strip()) for each in text.splitlines())
