"""`storage-conductor check`: what is wrong with the tracks of a project."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

from plumbum import cli, colors

from storage_conductor.review import project_checks
from storage_conductor.review.track_checks import TrackProblem

from . import FINDINGS, FINE, proofs
from .command import Command, json_switch, line, places, print_json, shown


class CheckCommand(Command):
    """Reports everything that is wrong, with the place and the remedy."""

    DESCRIPTION = "Checks all tracks and the registry, and says what to do about each finding."
    DETAILS = """
Looks at each track's files (metadata, sections, phases, links), compares the registry with the
folders and the metadata, and finds conflict markers, unmerged files, progress that contradicts a
status, boxes that are ticked although their check failed, checks of the project's own that cannot
be used, tracks that an older template version made, and what killed runs left. Nothing is changed
and nothing is downloaded. Without ID and PATH the whole project is checked; a PATH can be a
project, a track's folder or a file in it. Some tracks alone are compared with the 50 others whose
ids come last: which template and which version they came from.
"""
    EXAMPLES = (
        "storage-conductor check",
        "storage-conductor check --strict storage-001",
    )
    USAGE = "    {progname} [--strict] [--json] [ID...] [PATH...]\n"
    EXIT_CODES = "0 when nothing is wrong, 1 with findings, 2 when there is nothing to check."

    strict = cli.Flag(
        ["--strict"],
        help="Count open decisions as findings, and ticked tasks that have a check but no evidence",
    )
    json = json_switch()

    def main(self, *id_or_path: str) -> int:
        """Check the places and print the findings."""
        problems: list[TrackProblem] = []
        undecided: list[TrackProblem] = []
        tracks = 0
        for project, only in places(id_or_path):
            report = project_checks.survey(project, only, proofs.ticked_by_checks)
            tracks += report.tracks
            problems += _from_here(project, report.problems)
            undecided += _from_here(project, report.undecided)
            if self.strict:
                problems += _from_here(project, report.early)
            unproven = {
                *proofs.own_faults(project),
                *self._unproven(project, report.worked_on),
            }
            problems += _from_here(project, sorted(unproven))
        findings = sorted([*problems, *undecided]) if self.strict else problems
        if self.json:
            print_json(
                {
                    "tracks": tracks,
                    "findings": [dataclasses.asdict(item) for item in findings],
                    "open_decisions": len(undecided),
                }
            )
        else:
            _print(findings, tracks, 0 if self.strict else len(undecided))
        return FINDINGS if findings else FINE

    def _unproven(self, project: Path, tracks: Iterable[str]) -> Iterator[TrackProblem]:
        """Find what is ticked against its evidence, with --strict also without any."""
        for storage_id in tracks:
            if self.strict:
                from storage_conductor.evidence import standing

                yield from standing.problems(project, storage_id)
            else:
                yield from proofs.contradicted(project, storage_id)


def _from_here(project: Path, problems: list[TrackProblem]) -> list[TrackProblem]:
    paths = {path: shown(project, path) for path in {item.path for item in problems}}
    return [dataclasses.replace(item, path=paths[item.path]) for item in problems]


def _print(findings: list[TrackProblem], tracks: int, undecided: int) -> None:
    for item in findings:
        place = colors.bold | f"{line(item.path)}:{item.line}"
        print(f"{place}: {colors.yellow | item.rule}: {line(item.message)}")
        print(f"  Remedy: {line(item.remedy)}")
    if findings:
        print()
    checked = f"{count(tracks, 'track')} checked"
    found = count(len(findings), "finding")
    print(f"{checked}: {colors.red | found if findings else colors.green | 'nothing is wrong'}.")
    if undecided:
        print(f"{count(undecided, 'decision')} still open; `check --strict` lists them.")


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
