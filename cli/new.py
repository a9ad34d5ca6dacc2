"""`storage-conductor new`: start a track, as `copier copy` with the right template."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

from plumbum import ProcessExecutionError, cli, local

from storage_conductor.disk import branches, files, places, scratch
from storage_conductor.errors import ConductorError
from storage_conductor.questions import answers as rules_of
from storage_conductor.questions import documented, form, given
from storage_conductor.review import locating

from . import FINE, UNUSABLE, editing, template
from .command import Command, json_switch, print_json, shown


class NewCommand(Command):
    """Starts a track."""

    DESCRIPTION = "Starts a track: asks the template's questions and writes its files."
    DETAILS = """
The same as `copier copy --trust TEMPLATE PATH`, with the template that this command was installed
from. Without PATH the track goes into the project around the working directory, or, where there is
none yet, into the working directory.

With --edit all questions stand in one commented YAML form, with what --data and --data-file say. It
is checked as a whole when it is saved and closed; mistakes are shown in it, and it opens again. A
form that is left as it is, or emptied, starts nothing.
"""
    EXAMPLES = (
        "storage-conductor new",
        "storage-conductor new --defaults --data-file answers.yml",
        "storage-conductor new --data title=Sessions --data backend=Redis",
        "storage-conductor new --edit",
    )
    USAGE = "    {progname} [SWITCHES] [PATH]\n"
    EXIT_CODES = "0 when the track is written, 2 when it is not."

    source = cli.SwitchAttr(
        ["--template"],
        argname="URL",
        help="Address or folder of the template; else that in STORAGE_CONDUCTOR_TEMPLATE,"
        " else the one that this command was installed from",
    )
    vcs_ref = cli.SwitchAttr(
        ["--vcs-ref"],
        argname="REF",
        help="Tag, branch or commit of the template; else its newest release",
    )
    data = cli.SwitchAttr(
        ["--data", "-d"], list=True, argname="NAME=VALUE", help="Answer a question beforehand"
    )
    data_file = cli.SwitchAttr(
        ["--data-file"], argname="FILE", help="Read answers from a YAML file; --data goes first"
    )
    edit = cli.Flag(
        ["--edit", "-e"],
        help="Answer in one form, in the editor of VISUAL or EDITOR, instead of one by one",
    )
    defaults = cli.Flag(["--defaults"], help="Ask nothing; take the default of what is not given")
    pretend = cli.Flag(["--pretend", "-n"], help="Show what would be written and write nothing")
    json = json_switch()

    def main(self, path: str = "") -> int:
        """Start the track."""
        said = given_answers(self.data_file, self.data)
        chosen = template.find(self.source, self.vcs_ref)
        project = Path(path) if path else _around()
        before = _started(project)
        if not self.edit:
            self._start(chosen, said, project, defaults=self.defaults)
            return self._told(project, before)
        if project.is_dir():
            documented.preflight(project)
        with editing.answered(form.written(given.tidy(said)), _mistakes) as filled:
            if filled is None:
                print("The form was left as it was or emptied: no track was started.")
                return UNUSABLE
            self._start(chosen, filled, project, defaults=True)
        return self._told(project, before)

    def _start(
        self, chosen: template.Template, said: Mapping[str, Any], project: Path, *, defaults: bool
    ) -> None:
        # Copier writes empty lines, which are no JSON.
        start(chosen, said, project, defaults=defaults, pretend=self.pretend, quiet=self.json)

    def _told(self, project: Path, before: set[str]) -> int:
        """Print what was started, where a program asks."""
        if self.json:
            new = sorted(_started(project) - before)
            folders = {name: shown(project, places.home(name)) for name in new}
            print_json({"started": [{"id": name, "folder": folders[name]} for name in new]})
        return FINE


def _started(project: Path) -> set[str]:
    """Return the ids of the tracks that are there."""
    return {path.parent.name for path in (project / places.STORAGES).glob(f"*/{places.ANSWERS}")}


def _mistakes(filled: Mapping[str, Any]) -> Sequence[str]:
    """Return what is wrong with a filled form."""
    required = ("title", "description")
    return rules_of.examine(given.tidy(filled), required, closed=True)[1]


def given_answers(data_file: str | None, data: Sequence[str]) -> dict[str, Any]:
    """Return the answers of a file and of switches; switches go first.

    Raises:
        ConductorError: The file cannot be read, or a switch is not NAME=VALUE.
    """
    return {**_from_file(data_file), **from_switches(data)}


class HowToCopy(TypedDict, total=False):
    """What of Copier's own a start may set."""

    defaults: bool
    pretend: bool
    quiet: bool


def start(
    chosen: template.Template,
    answers: Mapping[str, Any],
    project: Path | None = None,
    **how: Unpack[HowToCopy],
) -> None:
    """Start a track.

    Args:
        chosen: The template.
        answers: By question.
        project: Its folder; else the one around the working directory.
        how: Copier's `defaults`, `pretend` and `quiet`.

    Raises:
        ConductorError: The template or an answer cannot be used.
    """
    project = (project or _around()).absolute()
    if project.is_dir():
        documented.preflight(project)
    # In the project, git would ask for the template's versions by the project's own settings.
    with plain_errors(), scratch.folder() as apart, local.cwd(apart):
        import copier

        # The questions need the terminal itself.
        with contextlib.redirect_stdout(sys.__stdout__):
            copier.run_copy(
                chosen.source,
                project,
                data=dict(answers),
                vcs_ref=chosen.vcs_ref,
                unsafe=True,
                **how,
            )


def _around() -> Path:
    """Return the project around the working directory, within its repository, or that directory."""
    top = branches.top_of(Path())
    try:
        found = locating.locate(Path()).project
    except ConductorError:
        return Path()
    return found if top is None or found.is_relative_to(top.resolve()) else Path()


def from_switches(values: Sequence[str]) -> dict[str, str]:
    """Read answers of the form NAME=VALUE.

    Raises:
        ConductorError: One has another form.
    """
    pairs = [value.partition("=") for value in values]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise ConductorError(
                f"--data {name}: is not NAME=VALUE", remedy='Write `--data title="Payments"`.'
            )
    return {name: value for name, _, value in pairs}


def _from_file(name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    import yaml

    path = Path(name)
    try:
        found = given.from_yaml(files.read_text(path))
    except yaml.YAMLError as error:
        said, line = files.yaml_fault(error)
        raise ConductorError(
            f"is not YAML: {said}",
            path=path,
            line=line,
            remedy="Correct the file; `title: Payments` is one answer.",
        ) from error
    if not isinstance(found, dict):
        raise ConductorError(
            "must map names to answers", path=path, line=1, remedy="Write `title: Payments`."
        )
    return found


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Make what Copier and git raise for a person's mistake a message."""
    from copier.errors import CopierError

    try:
        yield
    except KeyboardInterrupt:  # of Copier's kind it is a CopierError, too
        raise
    except ProcessExecutionError as error:
        said = error.stderr.strip() or str(error)
        raise ConductorError(
            f"The template cannot be read:\n{said}",
            remedy="Check its address, the version, and your access to it.",
        ) from error
    except CopierError as error:
        raise ConductorError(str(error)) from error
    except ValueError as error:
        raise ConductorError(f"An answer or the template cannot be used: {error}") from error
