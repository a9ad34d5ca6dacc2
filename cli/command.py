"""What the sub-commands share: switches, places, and text on a terminal."""

from __future__ import annotations

import functools
import json
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

from plumbum import cli

from storage_conductor.disk.places import HOME, STORAGES
from storage_conductor.errors import ConductorError, printable
from storage_conductor.markdown.tables import clean
from storage_conductor.review import locating
from storage_conductor.tracks import ids

WIDEST = 100
MOST_JOBS = 256
_LONGEST_STATEMENT = 3_600  # seconds
_NAMED = 10  # tracks that a message lists
_LONGEST = 4_000  # characters; nothing that people write as one line is longer


class Command(cli.Application):
    """A sub-command, or the root; its texts are also the source of docs/command-line.md."""

    DETAILS: ClassVar[str] = ""
    EXAMPLES: ClassVar[tuple[str, ...]] = ()
    EXIT_CODES: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        """Put the texts together as plumbum shows them; a slash keeps an example on its line."""
        examples = "\n".join(f"    /{example}" for example in cls.EXAMPLES)
        cls.DESCRIPTION_MORE = f"{cls.DETAILS}\n{examples}\n\nExit code: {cls.EXIT_CODES}\n"


# Its script asks the command for completions in a way that plumbum does not answer.
Command.unbind_switches("--completions")


def json_switch(excludes: Iterable[str] = ()) -> cli.Flag:
    """Return the switch that asks for JSON."""
    return cli.Flag(["--json"], excludes=excludes, help="Print JSON, for programs")


def store_switch() -> cli.SwitchAttr:
    """Return the switch that names one of the stores of a track."""
    return cli.SwitchAttr(
        ["--store"],
        argname="BACKEND",
        default="",
        help="Which store, by its name or key, where a track has several",
    )


def timeout_switch(seconds: int, what: str = "one statement") -> cli.SwitchAttr[int]:
    """Return the switch that bounds what a server may take for a statement.

    Args:
        seconds: The bound where none is given.
        what: What is bounded, in words.
    """
    return cli.SwitchAttr(
        ["--timeout"],
        cli.Range(1, _LONGEST_STATEMENT),
        argname="SECONDS",
        default=seconds,
        help=f"Longest that {what} may take; else {seconds}",
    )


def full_switch() -> cli.Flag:
    """Return the switch that asks for JSON with everything in it."""
    return cli.Flag(["--full"], requires=["--json"], help="With --json: leave nothing out")


def print_json(data: Any) -> None:
    """Print data as JSON that any encoding can carry, with a line for each small part of it."""
    # A runner looks for `##vso[` anywhere in a line.
    print(_json(data).replace("##", "#\\u0023"))


def _json(data: Any, indent: str = "") -> str:
    held = (
        data.values() if isinstance(data, dict) else data if isinstance(data, (list, tuple)) else ()
    )
    flat = not any(isinstance(value, (dict, list, tuple)) for value in held)
    if not held or (indent and (flat or len(json.dumps(data)) <= WIDEST)):
        return json.dumps(data)
    inner = f"{indent} "
    parts = (
        (f"{json.dumps(str(name))}: {_json(value, inner)}" for name, value in data.items())
        if isinstance(data, dict)
        else (_json(value, inner) for value in data)
    )
    opens, closes = "{}" if isinstance(data, dict) else "[]"
    return f"{opens}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{closes}"


def line(text: str) -> str:
    """Return what others wrote as one line that a terminal only shows, of a bounded length."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… (and {len(text) - _LONGEST:,} more characters)"
    return printable(clean(text))


def project_around(path: Path) -> Path:
    """Return the project that a path belongs to; without a folder of ours, the path itself.

    Raises:
        ConductorError: The path does not exist.
    """
    try:
        start = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ConductorError(
            "does not exist", path=path, remedy="Give a project, or a folder in it."
        ) from error
    folders = (start, *start.parents) if start.is_dir() else start.parents
    return next((each for each in folders if (each / HOME).is_dir()), folders[0])


def places(arguments: Iterable[str]) -> list[tuple[Path, set[str]]]:
    """Find the projects that ids and paths lead to, each with the tracks named; none means all.

    Ids are of the project around the first path, or around the working directory.

    Raises:
        ConductorError: A path leads to no project, or an id to no track.
    """
    ids_around = functools.cache(_ids_around)
    arguments = [_whole(text, ids_around) for text in arguments]
    words = [text for text in arguments if ids.problem(text) is None]
    paths = [text for text in arguments if text not in words]
    # A folder may be named like an id; a track of that name goes first.
    around = paths[0] if paths else "."
    folders = [text for text in words if text not in ids_around(around) and Path(text).exists()]
    found: dict[Path, set[str]] = {}
    whole: set[Path] = set()
    for path in [*paths, *folders] or ["."]:
        project, track = locating.locate(Path(path))
        found.setdefault(project, set())
        if track is None:
            whole.add(project)
        else:
            found[project].add(track)
    if named := set(words) - set(folders):
        project = next(iter(found))
        known = locating.track_ids(project)
        if unknown := sorted(named - set(known)):
            raise ConductorError(
                f"has no track {unknown[0]!r}",
                path=shown(project, STORAGES),
                remedy=_nameable(known),
            )
        found[project] |= named
        whole.discard(project)
    return [(project, set() if project in whole else only) for project, only in found.items()]


def one_project(arguments: Iterable[str]) -> tuple[Path, set[str]]:
    """Find the one project that ids and paths lead to, with the tracks named; none means all.

    Raises:
        ConductorError: A path leads to no project, an id to no track, or they lead to several.
    """
    found = places(arguments)
    if len(found) > 1:
        raise ConductorError(
            "More than one project is named.", remedy="Name one project after the other."
        )
    return found[0]


def chosen_tracks(arguments: Iterable[str]) -> tuple[Path, list[str]]:
    """Find the project and the tracks that the command line names, by id or by path.

    Of an id its end will do, from a hyphen on, where no other id here ends so.

    Raises:
        ConductorError: There is no such track, or more than one project is meant.
    """
    project, only = one_project(arguments)
    known = locating.track_ids(project)
    return project, [storage_id for storage_id in known if not only or storage_id in only]


def _whole(text: str, ids_around: Callable[[str], list[str]]) -> str:
    """Return the one id here that ends in a text which is no path, else the text."""
    if os.path.exists(text):  # noqa: PTH110 - a text too long for a path is no error here
        return text
    known = ids_around(".")
    found = [storage_id for storage_id in known if storage_id.endswith(f"-{text}")]
    return found[0] if len(found) == 1 and text not in known else text


def _ids_around(path: str) -> list[str]:
    """List the tracks of the project around a path, none where there is no project."""
    try:
        return locating.track_ids(locating.locate(Path(path)).project)
    except ConductorError:
        return []


def one_track(arguments: Iterable[str]) -> tuple[Path, str]:
    """Find the project and the one track that the command line names, by id or by path.

    Raises:
        ConductorError: It names none, or more than one.
    """
    project, found = chosen_tracks(arguments)
    if len(found) == 1:
        return project, found[0]
    what = "more than one track" if found else "no track"
    raise ConductorError(
        f"{shown(project, STORAGES)}: {what} is meant",
        remedy=_nameable(found or locating.track_ids(project)),
    )


def _nameable(known: list[str]) -> str:
    """Return the remedy that names tracks."""
    if not known:
        return "Start one with `storage-conductor new`."
    more = f" and {len(known) - _NAMED} more in {STORAGES}" if len(known) > _NAMED else ""
    return f"Name one of {', '.join(known[:_NAMED])}{more}."


def shown(project: Path, path: str) -> str:
    """Return a path of a project as it reads from the working directory."""
    try:
        return Path(os.path.relpath(project / path)).as_posix()
    except ValueError:  # on another drive
        return (project / path).as_posix()


def terminal() -> os.terminal_size | None:
    """Return what the terminal holds; None where the output goes elsewhere, of no stated width."""
    # `sys.stdout` is where a sub-command's text is caught.
    there = sys.__stdout__ is not None and sys.__stdout__.isatty()
    if there or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size()
    return None


def width(widest: int = WIDEST) -> int:
    """Return how many columns to fill: those of the terminal, up to what is read at ease."""
    return min(shutil.get_terminal_size().columns, widest)


def columns(text: str) -> int:
    """Return how many columns a text takes on a terminal.

    Wide and full-width characters take two (https://www.unicode.org/reports/tr11/), combining
    ones none.
    """
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def fit(text: str, most: int) -> str:
    """Cut a text that takes more columns than there are."""
    taken = kept = 0
    for at, char in enumerate(text):
        taken += _columns(char)
        if taken <= most - 3:
            kept = at + 1
        if taken > most:
            return f"{text[:kept].rstrip()}..."
    return text


def wrapped(text: str, indent: str = "  ", *, whole: bool = False) -> list[str]:
    """Break a text into lines that fit the terminal, further ones indented by two columns more.

    Args:
        text: The text, which a terminal can be shown.
        indent: What the first line begins with.
        whole: Whether a word that is too long stays whole, as an address must.
    """
    lines = textwrap.wrap(
        text,
        width(),
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=not whole,
        break_on_hyphens=False,
    )
    # Wide characters take more columns than were counted.
    return lines if whole else [fit(item, width()) for item in lines]
