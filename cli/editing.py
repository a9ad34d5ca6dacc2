"""Answers given in a form, in the editor that a person has chosen."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from storage_conductor.disk import files, writing
from storage_conductor.errors import ConductorError
from storage_conductor.questions import form
from storage_conductor.questions.published import SCHEMA_FILE

VARIABLES = ("VISUAL", "EDITOR")
USUAL = ("editor", "nano", "vi", "notepad")

Answers = dict[str, Any]
Check = Callable[[Mapping[str, Any]], Sequence[str]]
"""Returns what is wrong with answers, a line for each mistake that begins with its answer."""


@contextlib.contextmanager
def answered(text: str, check: Check) -> Iterator[Answers | None]:
    """Have a person fill a form until nothing is wrong with it, and give what it holds.

    When what is done with the answers fails, the form is kept and it is said where.

    Args:
        text: The form.
        check: Finds mistakes.

    Yields:
        The answers; None where the form was left as it was, or emptied.

    Raises:
        ConductorError: There is no editor or it fails, or the person leaves mistakes in the form.
    """
    folder = Path(tempfile.mkdtemp(prefix="storage-answers-"))
    path = folder / "answers.yml"
    try:
        shutil.copy(SCHEMA_FILE, folder / SCHEMA_FILE.name)
        yield _filled(path, text, check)
    except BaseException:
        if path.exists() and form.without_mistakes(files.read_text(path)) != text:
            print(f"What you wrote is kept in {path}.", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _filled(path: Path, text: str, check: Check) -> Answers | None:
    mistakes: Sequence[str] = ()
    while True:
        writing.write_atomic(path, text)
        _run_editor(path)
        left = files.read_text(path)
        if left == text and mistakes:
            raise ConductorError(
                "The form still has mistakes:\n  - " + "\n  - ".join(mistakes),
                remedy="Correct them and give the form by --data-file; nothing was changed.",
            )
        if left == text:
            return None
        try:
            found = form.read(left)
            mistakes = check(found) if found else ()
        except ValueError as error:
            found, mistakes = {}, [str(error)]
        if not mistakes:
            return found or None
        text = form.with_mistakes(left, mistakes)


def _run_editor(path: Path) -> None:
    command = command_line()
    try:
        done = subprocess.run([*command, str(path)], check=False)
    except OSError as error:
        raise ConductorError(
            f"The editor {command[0]!r} cannot be started: {error.strerror or error}",
            remedy="Name another in the variable VISUAL or EDITOR.",
        ) from error
    if done.returncode:
        raise ConductorError(
            f"The editor {command[0]!r} ended with {done.returncode}; nothing was changed.",
            remedy="Close it without an error to go on.",
        )


def command_line() -> list[str]:
    """Return the command line of the editor, without the file."""
    for variable in VARIABLES:
        named = os.environ.get(variable, "").strip()
        if named:
            return _words(named, variable)
    found = next(filter(None, map(shutil.which, USUAL)), None)
    if found is None:
        raise ConductorError(
            "There is no editor.", remedy="Name yours in the variable VISUAL or EDITOR."
        )
    return [found]


def _words(command: str, variable: str) -> list[str]:
    try:
        if os.name != "nt":
            return shlex.split(command)
        return [word.strip('"') for word in shlex.split(command, posix=False)]
    except ValueError as error:
        raise ConductorError(
            f"{variable}: is no command line: {error}", remedy="Close the quotes in it."
        ) from error
