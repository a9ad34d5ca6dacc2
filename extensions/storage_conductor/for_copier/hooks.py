"""What the hooks of the template's folder `hooks` are told, and the steps that they may take.

They run in Copier's process, because only that remembers what was rendered, and because starting
another one takes longer than the work.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jinja2.runtime import Context
from plumbum import local

from ..disk import git
from ..errors import ConductorError

if TYPE_CHECKING:
    from ..update.one_track import Update

# What `begin_update` began and `finish_update` ends.
_begun: list[Update] = []
# What Copier's own git must not run of the project's meanwhile.
_settings_off = contextlib.ExitStack()


class Run(NamedTuple):
    """A run of Copier, as a hook sees it.

    Args:
        project: The folder that Copier renders into.
        answers_file: The answers of the track, from the project.
        storage_id: The track.
        reject: Whether the template's side of a conflict goes into a file `*.rej`.
        pretend: Whether nothing is to be written.
    """

    project: Path
    answers_file: Path
    storage_id: str
    reject: bool
    pretend: bool

    @classmethod
    def of(cls, context: Context) -> Run:
        """Return the run whose context this is."""
        conf = context["_copier_conf"]
        return cls(
            Path(conf["dst_path"]),
            Path(conf["answers_file"]),
            str(context.get("storage_id", "")),
            conf["conflict"] == "rej",
            bool(conf["pretend"]),
        )

    def land(self) -> Iterable[str]:
        """Land the track that was just rendered; see `new_track.land`."""
        from ..update import new_track

        return new_track.land(self.project, self.storage_id)

    def begin_update(self) -> Iterable[str]:
        """Make sure that the update can end well, and read the project's documents again."""
        from ..update import one_track, renders

        base = renders.take_old(self.project, self.answers_file.parent.name)
        _begun[:] = [one_track.begin(self.project, self.answers_file, base)]
        _settings_off.enter_context(local.env(**git.nothing_run(self.project)))
        return ()

    def finish_update(self) -> Iterable[str]:
        """Put the track's own merge in place of Copier's, and bring the registry up to date."""
        from ..update import merged_track, one_track, renders

        _settings_off.close()
        if not _begun:
            return ()
        update = _begun.pop()
        theirs = renders.take_new(update.storage_id)
        try:
            return merged_track.finish(update, theirs, reject=self.reject)
        except BaseException:
            if update.journal is not None:
                with contextlib.suppress(ConductorError):  # it stays half-done, as `check` tells
                    one_track.go_back(update.project, update.journal)
            raise


def expect(project: Path, name: str, text: str) -> None:
    """Keep in mind what Copier is about to write over a track that is being updated.

    Args:
        project: The folder that Copier renders into.
        name: The file's name in the track's folder.
        text: What it is going to hold.
    """
    for at, update in enumerate(_begun):
        if update.journal is not None and update.project.resolve() == project.resolve():
            _begun[at] = dataclasses.replace(update, journal=update.journal.expect({name: text}))


@atexit.register
def _give_up() -> None:
    """Go back to before an update that Copier gave up, if none of its own writing has begun."""
    _settings_off.close()
    while _begun:
        from ..update import one_track

        update = _begun.pop()
        if update.journal is not None and update.journal.is_untouched():
            one_track.go_back(update.project, update.journal)


Hook = Callable[[Run], Iterable[str]]
"""Takes steps of a run and returns what a person should know."""


class Hooks(NamedTuple):
    """The functions of the folder `hooks`.

    Args:
        after_copy: Runs when a new track was rendered.
        before_update: Runs before the new version of a track is rendered.
        after_update: Runs after Copier's own merge.
    """

    after_copy: Hook
    before_update: Hook
    after_update: Hook


def run(hook: Hook, context: Context) -> bool:
    """Run a hook, unless Copier only pretends, and print what a person should know.

    Returns:
        False, so that Copier starts no command.
    """
    this = Run.of(context)
    if not this.pretend:
        for note in hook(this):
            print(note, file=sys.stderr)
    return False
