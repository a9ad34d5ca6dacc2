"""What a refresh makes of each track, computed in this process or in several.

Only the rendering and the merge are shared out. Everything is written by the process that a person
started, one track after the other, so that its journal and its locks hold as ever.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING

from storage_conductor.errors import ConductorError
from storage_conductor.update import many_tracks
from storage_conductor.update.many_tracks import TrackChange

from .command import shown
from .trust import Trust, UntrustedError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from .versions import Renderer

# What lies ready for each process, so that none waits and memory stays bounded.
_AHEAD = 3


@dataclass(frozen=True)
class PlannedRefresh:
    """What becomes of a track; nothing of it is written yet.

    Args:
        storage_id: The track.
        versions: The template's version before and after, for a track that changes.
        change: What differs; None where nothing does.
        trusted: The templates that were run, each with the reason why it is trusted.
        reason: Why it is left as it is; empty unless that failed.
        refused: Whether it is left because its template is not trusted.
    """

    storage_id: str
    versions: tuple[str, str] = ("", "")
    change: TrackChange | None = None
    trusted: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    refused: bool = False


@dataclass(frozen=True)
class Settings:
    """What a process needs to compute plans by itself.

    Args:
        project: The folder that holds `storage-conductor`.
        to: A tag, branch or commit of the template; None for the newest release.
        scratch: A folder that is removed afterwards.
        trust: Whether a person said that all templates are trusted.
    """

    project: Path
    to: str | None
    scratch: Path
    trust: bool

    def renderer(self) -> Renderer:
        """Return what renders for this process, in a folder of its own."""
        from .versions import Renderer

        own = Path(tempfile.mkdtemp(dir=self.scratch))
        return Renderer(self.project, self.to, own, Trust(given=self.trust))


def plan(project: Path, storage_id: str, renderer: Renderer) -> PlannedRefresh:
    """Compute what becomes of one track; whatever goes wrong becomes its reason."""
    try:
        track = many_tracks.read(project, storage_id)
        change, version = renderer.change(track)
        trusted = dict(renderer.trusted)
        if change is None or not change.touched:
            return PlannedRefresh(storage_id, trusted=trusted)
        return PlannedRefresh(storage_id, (track.commit, version), change, trusted)
    except Exception as error:  # noqa: BLE001 - a template's code may raise anything
        return PlannedRefresh(
            storage_id,
            trusted=dict(renderer.trusted),
            reason=reason(project, error),
            refused=isinstance(error, UntrustedError),
        )


def reason(project: Path, error: Exception) -> str:
    """Return why a track is left as it is, with a path as it reads from here."""
    if isinstance(error, ConductorError) and error.path is not None:
        path = Path(error.path)
        if path.is_relative_to(project):
            error.path = shown(project, path.relative_to(project).as_posix())
    return str(error) or type(error).__name__


def plans(
    settings: Settings, chosen: Sequence[str], renderer: Renderer, jobs: int
) -> Iterator[PlannedRefresh]:
    """Yield what becomes of each track, in order.

    Args:
        settings: What each process needs.
        chosen: The tracks.
        renderer: What renders in this process.
        jobs: How many processes compute at once; with 1, this one does.
    """
    done = 0
    if min(jobs, len(chosen)) > 1:
        for found in _by_others(settings, chosen, min(jobs, len(chosen))):
            yield found
            done += 1
    for storage_id in chosen[done:]:
        yield plan(settings.project, storage_id, renderer)


def _by_others(settings: Settings, chosen: Sequence[str], jobs: int) -> Iterator[PlannedRefresh]:
    """Yield the plans that other processes compute; fewer where they cannot be had, or die."""
    try:
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool

        # A fork would hold this process's locks.
        pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (settings,))
    except (ImportError, OSError):
        return  # not every container can start processes
    waiting = iter(chosen)
    begun: deque[Future[PlannedRefresh]] = deque()
    try:
        for storage_id in waiting:
            begun.append(pool.submit(_plan, storage_id))
            if len(begun) >= jobs * _AHEAD:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    except (BrokenProcessPool, OSError):
        return
    finally:
        pool.shutdown(cancel_futures=True)


_settings: list[Settings] = []


def _begin(settings: Settings) -> None:
    """Prepare a process: it ends with the one that started it, to which alone Ctrl-C is said."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()
    tempfile.tempdir = str(settings.scratch)
    _settings[:] = [settings]


def _end_after(parent: int) -> None:
    wait([parent])
    os._exit(1)


def _plan(storage_id: str) -> PlannedRefresh:
    return plan(_settings[0].project, storage_id, _renderer())


@functools.cache
def _renderer() -> Renderer:
    return _settings[0].renderer()
