"""A report as files: one for each page, or one for all."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from ..disk import folders
from ..evidence import standing
from ..importing.extra import need
from ..review import status
from ..review.status import Advice, Overview
from . import drawing, edition, pages
from .board import Board, PageFacts
from .diagrams import EXTRA
from .drawing import BOARD, DrawnTrack, TrackDrawing
from .edition import Edition
from .links import FileLinks, HashLinks
from .pages import Page

WHOLE = "report.html"
TITLE = "Storage components"
# Fewer tracks are drawn sooner than a further process has started.
_FEW = 24
_AT_ONCE = 8


def write(
    project: Path, folder: Path, only: set[str], *, single: bool = False, jobs: int = 0
) -> Path:
    """Write the report of a project.

    Args:
        project: The folder that holds `storage-conductor`.
        folder: The folder to write; what an earlier report left there is replaced as a whole.
        only: The tracks to show; all when empty.
        single: Whether everything is to stand in one file.
        jobs: How many processes draw at once; as many as there are processors where it is 0.

    Returns:
        The page to begin with.

    Raises:
        ConductorError: There is no track, a library is missing, or the folder cannot be written.
    """
    for library in ("mmdr", "vl_convert"):
        need(library, EXTRA)
    view = status.overview(project, only, standing.ticked_by_checks)
    found = _drawn(_jobs(project, view, single=single), jobs or os.cpu_count() or 1)
    of = edition.read(project, view.standings)
    with folders.replaced(folder) as new:
        name = _single(view, of, found, new) if single else _many(view, of, found, new)
    return folder / name


def _many(view: Overview, of: Edition, found: Iterable[DrawnTrack], new: Path) -> str:
    (new / "assets").mkdir()
    (new / "assets" / pages.STYLE).write_bytes(pages.style_sheet(of).encode())
    (new / "assets" / pages.SCRIPT).write_bytes(pages.asset(pages.SCRIPT).encode())
    known = {}
    for item in found:
        known[item.id] = item.known
        track = new / "tracks" / item.id
        track.mkdir(parents=True)
        for name, data in item.pages:
            (track / name).write_bytes(edition.put(of, drawing.inflated(data)))
    _write(new / BOARD, pages.board(Board(view, known), Page(TITLE, of), FileLinks()))
    return BOARD


def _single(view: Overview, of: Edition, found: Iterable[DrawnTrack], new: Path) -> str:
    known: dict[str, PageFacts] = {}
    inert: list[tuple[str, bytes]] = []
    for item in found:
        known[item.id] = item.known
        inert += item.pages
    page = pages.whole(TITLE, of, inert)
    _write(new / WHOLE, pages.board(Board(view, known), page, HashLinks()))
    return WHOLE


def _jobs(project: Path, view: Overview, *, single: bool) -> list[TrackDrawing]:
    advice: dict[str, list[Advice]] = {}
    for item in view.advice:
        advice.setdefault(item.id, []).append(item)
    known = frozenset(each.track.id for each in view.standings)
    return [
        TrackDrawing(project, single, each, tuple(advice.get(each.track.id, ())), known)
        for each in view.standings
    ]


def _drawn(jobs: list[TrackDrawing], most: int) -> Iterator[DrawnTrack]:
    """Draw the pages of all tracks, of many in several processes."""
    workers = min(most, len(jobs) // _FEW)
    if workers < 2:
        yield from map(drawing.drawn, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(drawing.drawn, jobs, chunksize=_AT_ONCE)


def _write(path: Path, parts: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
        file.writelines(parts)
