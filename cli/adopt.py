"""`storage-conductor adopt`: a track that was written by hand becomes one that updates."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plumbum import cli, colors, local

from storage_conductor.adoption import landing, reading
from storage_conductor.adoption.landing import Candidate
from storage_conductor.adoption.reading import Handwritten
from storage_conductor.disk import files, places, scratch
from storage_conductor.errors import ConductorError
from storage_conductor.questions import documented, rules
from storage_conductor.tracks import ids

from . import FINDINGS, FINE, template
from .command import Command, json_switch, line, print_json, project_around, shown
from .new import given_answers, plain_errors


class AdoptCommand(Command):
    """Adopts a track."""

    DESCRIPTION = "Makes a track that was written by hand, or by Conductor, one that updates."
    DETAILS = """
Reads answers from the track's specification and metadata, shows each with the line that it was read
from, asks for the others, and puts what the template renders from them into the track's files,
section by section. Every line of the text that is there stays, below what the template says, as do
ticks and keys of metadata; phases whose numbers the template gives to others stand below a heading
of their own. What the text leaves open is shown and not taken; an amount that answers nothing is
kept as a note. The status is that of the metadata, or of the registry where that is further. A
track of conductor/tracks is copied beside the others and left where it is. Without PATH the one
track of the project that has no answers is adopted.
"""
    EXAMPLES = (
        "storage-conductor adopt --dry-run conductor/tracks/ledger_20260110",
        "storage-conductor adopt --defaults --data backend=PostgreSQL",
    )
    USAGE = "    {progname} [SWITCHES] [PATH]\n"
    EXIT_CODES = (
        "0 when the track updates from now on, 1 when `check` finds something in it, 2 else."
    )

    source = cli.SwitchAttr(["--template"], argname="URL", help="Template, as with `new`")
    vcs_ref = cli.SwitchAttr(["--vcs-ref"], argname="REF", help="Version of it, as with `new`")
    data = cli.SwitchAttr(
        ["--data", "-d"], list=True, argname="NAME=VALUE", help="Answer a question beforehand"
    )
    data_file = cli.SwitchAttr(["--data-file"], argname="FILE", help="Read answers from YAML")
    defaults = cli.Flag(["--defaults"], help="Ask nothing; take the default of what was not read")
    dry_run = cli.Flag(["--dry-run", "-n"], help="Show what was read and change nothing")
    json = json_switch()

    def main(self, path: str = "") -> int:
        """Adopt the track."""
        given = given_answers(self.data_file, self.data)
        project, folder = _place(path)
        if not self.dry_run and landing.go_back(project, folder):
            said = f"{folder.name}: went back to before an adoption that was killed."
            print(said, file=sys.stderr)
        chosen = landing.candidate(project, folder)
        found = reading.read_track(folder, project if folder.is_relative_to(project) else folder)
        missing = found.missing(given)
        if not self.json:
            _print(project, folder, found, missing)
        if self.dry_run:
            if self.json:
                print_json({"id": chosen.storage_id, **_data(project, folder, found, missing)})
            return FINE
        if missing and (self.defaults or not sys.stdin.isatty()):
            raise _unsaid(folder, missing)
        answers = {**found.values(), **given}
        source = template.find(self.source, self.vcs_ref)
        documented.preflight(project)
        storage_id = chosen.storage_id or ids.propose(
            project, "timestamp", str(answers.get("storage_type", "database")), ids.clock()
        )
        rendered = self._rendered(project, storage_id, source, answers)
        found = landing.moved(found, project, folder, storage_id)
        notes = landing.land(project, storage_id, landing.merged(found, rendered))
        if self.json:
            done = {"id": storage_id, "folder": shown(project, places.home(storage_id))}
            print_json({**done, **_data(project, folder, found, missing), "findings": notes})
        else:
            _print_end(project, chosen, storage_id, notes)
        return FINDINGS if notes else FINE

    def _rendered(
        self, project: Path, storage_id: str, source: template.Template, answers: Mapping[str, Any]
    ) -> dict[str, str]:
        """Render the track apart, and return its files by name."""
        with scratch.folder() as folder, plain_errors(), local.cwd(folder):
            import copier

            home = folder / places.HOME
            home.mkdir()
            for name in places.DOCUMENTS:
                with contextlib.suppress(ConductorError):  # what is not there is not read
                    (home / name).write_bytes(files.read_bytes(project / places.HOME / name))
            depends = list(rules.items(answers.get("depends_on")))
            with contextlib.redirect_stdout(sys.__stdout__):
                copier.run_copy(
                    source.source,
                    folder,
                    data={
                        **answers,
                        "storage_id": storage_id,
                        "project_context": landing.context(project, depends),
                    },
                    vcs_ref=source.vcs_ref,
                    defaults=self.defaults,
                    quiet=True,
                    unsafe=True,
                )
            track = folder / places.home(storage_id)
            return {
                name: files.read_text(track / name) for name in (*places.RENDERED, places.ANSWERS)
            }


def _place(path: str) -> tuple[Path, Path]:
    """Return the project and the folder of the track."""
    if path:
        folder = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links
        if not folder.is_dir():
            raise ConductorError("is no folder", path=path, remedy="Name the folder of a track.")
        return _project_of(folder), folder
    project = project_around(Path())
    found = landing.candidates(project)
    if len(found) != 1:
        names = ", ".join(shown(project, each.relative_to(project).as_posix()) for each in found)
        raise ConductorError(
            f"The project has {'several tracks' if found else 'no track'} without answers.",
            remedy=f"Name one of {names}." if found else "Start one with `storage-conductor new`.",
        )
    return project, found[0]


def _project_of(folder: Path) -> Path:
    """Return the project of a track's folder: what holds `storage-conductor` or `conductor`."""
    for above in folder.parents:
        if (above / places.HOME).is_dir() or (above / "conductor").is_dir():
            return above
    return project_around(Path())


def _unsaid(folder: Path, missing: list[str]) -> ConductorError:
    """Return the error about what a track needs and nobody says."""
    given = " ".join(f"--data {name}=TEXT" for name in missing)
    return ConductorError(
        f"does not say its {' or '.join(missing)}",
        path=folder / places.SPEC,
        line=1,
        remedy=f"Add {given} to the command, or write it into the file below the title.",
    )


def _data(project: Path, folder: Path, found: Handwritten, missing: list[str]) -> dict[str, Any]:
    here = folder.relative_to(project).as_posix() if folder.is_relative_to(project) else str(folder)
    return {
        "answers": [
            {"answer": item.name, "value": item.value, "file": f"{here}/{item.file}"}
            | {"line": item.line}
            for item in found.answers
        ],
        "unclear": found.unclear,
        "notes": [
            {"text": text, "file": f"{here}/{places.SPEC}", "line": number}
            for number, text in found.notes
        ],
        "status": found.status._asdict() if found.status else None,
        "missing": missing,
    }


def _print(project: Path, folder: Path, found: Handwritten, missing: list[str]) -> None:
    print(colors.bold | f"Read from {line(shown(project, str(folder)))}:")
    for item in found.answers:
        value = ", ".join(item.value) if isinstance(item.value, list) else item.value
        print(f"  {item.name}: {line(str(value))} ({item.file}:{item.line})")
    if found.status:
        print(f"  status: {found.status.value} ({line(found.status.file)}:{found.status.line})")
    for number, text in found.notes:
        print(f"  notes: {line(text)} ({places.SPEC}:{number})")
    for text in found.unclear:
        print(colors.yellow | f"  Unclear, so not taken: {line(text)}")
        name = text.partition(":")[0].partition(",")[0]
        print(f"    Give it by --data {name}=VALUE.")
    for name in missing:
        print(colors.yellow | f"  Not said, and needed: {name}; give it by --data {name}=TEXT.")


def _print_end(project: Path, chosen: Candidate, storage_id: str, notes: list[str]) -> None:
    for note in notes:
        print(note)
    home = shown(project, places.home(storage_id))
    if chosen.folder == project / places.home(storage_id):
        print(f"{storage_id} updates from now on; see what changed with `git diff {home}`.")
    else:
        print(f"{storage_id} updates from now on; it lies in {home}.")
        print(f"{line(shown(project, str(chosen.folder)))} is left as it was.")
