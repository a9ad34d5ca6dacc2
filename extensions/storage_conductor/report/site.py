"""A report as files: one for each page, or one for all."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from ..disk import folders
from ..evidence.standing import ProofState
from ..importing.extra import need
from ..review import status
from ..review.status import Advice, Overview, Standing
from . import pages, track_page
from .board import Board, PageFacts
from .diagrams import EXTRA
from .pages import FileLinks, HashLinks, Page

BOARD = "index.html"
WHOLE = "report.html"
_TITLE = "Storage components"
# Fewer tracks are drawn sooner than further processes have started.
_FEW = 12


@dataclass(frozen=True)
class _Job:
    """The pages of one track, for a process of their own.

    Args:
        project: The folder that holds `storage-conductor`.
        target: The folder of the site; None where the pages are to stand in one file.
        standing: Where the track stands.
        advice: What is to be done about it.
        known: The tracks that have a page.
    """

    project: Path
    target: Path | None
    standing: Standing
    advice: tuple[Advice, ...]
    known: frozenset[str]


@dataclass(frozen=True)
class _Drawn:
    """What came of a track: what its pages know of it, and the pages by name."""

    id: str
    known: PageFacts
    pages: tuple[tuple[str, str], ...]


def write(project: Path, folder: Path, only: set[str], *, single: bool = False) -> Path:
    """Write the report of a project.

    Args:
        project: The folder that holds `storage-conductor`.
        folder: The folder to write; what an earlier report left there is replaced as a whole.
        only: The tracks to show; all when empty.
        single: Whether everything is to stand in one file.

    Returns:
        The page to begin with.

    Raises:
        ConductorError: There is no track, a library is missing, or the folder cannot be written.
    """
    for library in ("mmdr", "vl_convert"):
        need(library, EXTRA)
    view = status.overview(project, only)
    with folders.replaced(folder) as new:
        name = _single(project, view, new) if single else _many(project, view, new)
    return folder / name


def _many(project: Path, view: Overview, new: Path) -> str:
    (new / "assets").mkdir()
    for name in (pages.STYLE, pages.SCRIPT):
        _write(new / "assets" / name, pages.asset(name))
    known = {item.id: item.known for item in _drawn(_jobs(project, new, view))}
    _write(new / BOARD, pages.board(Board(view, known), Page(_TITLE), FileLinks()))
    return BOARD


def _single(project: Path, view: Overview, new: Path) -> str:
    found = list(_drawn(_jobs(project, None, view)))
    known = {item.id: item.known for item in found}
    inert = [(name, _inert(text)) for item in found for name, text in item.pages]
    page = pages.whole(_TITLE, inert)
    _write(new / WHOLE, pages.board(Board(view, known), page, HashLinks()))
    return WHOLE


def _inert(text: str) -> Markup:
    """Return a page as JSON in which nothing ends the element that it stands in."""
    return Markup(json.dumps(text, ensure_ascii=False).replace("<", "\\u003c"))  # noqa: S704


def _jobs(project: Path, target: Path | None, view: Overview) -> list[_Job]:
    advice: dict[str, list[Advice]] = {}
    for item in view.advice:
        advice.setdefault(item.id, []).append(item)
    known = frozenset(standing.track.id for standing in view.standings)
    return [
        _Job(project, target, standing, tuple(advice.get(standing.track.id, ())), known)
        for standing in view.standings
    ]


def _drawn(jobs: Sequence[_Job]) -> Iterator[_Drawn]:
    """Draw the pages of all tracks, of many in several processes."""
    workers = min(os.cpu_count() or 1, len(jobs) // _FEW)
    if workers < 2:
        yield from map(_draw, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        yield from pool.map(_draw, jobs, chunksize=4)


def _draw(job: _Job) -> _Drawn:
    found = track_page.read(job.project, job.standing)
    known = PageFacts(sum(usd for _, usd in found.costs) or None, _proofs(found))
    title = f"{found.standing.title} · {_TITLE}"
    if job.target is None:
        links = HashLinks()
        drawn = (
            (f"track/{found.id}", pages.track(found, Page(title), links, job.advice)),
            (f"spec/{found.id}", pages.spec(found, Page(title), links, job.known)),
        )
        return _Drawn(found.id, known, tuple((name, _body(text)) for name, text in drawn))
    folder = job.target / "tracks" / found.id
    folder.mkdir(parents=True)
    page, near = Page(title, root="../../"), FileLinks("../../")
    _write(folder / BOARD, pages.track(found, page, near, job.advice))
    _write(folder / "spec.html", pages.spec(found, page, near, job.known))
    return _Drawn(found.id, known, ())


def _proofs(found: track_page.TrackPage) -> tuple[tuple[ProofState, int], ...]:
    counts = Counter(item.proof for item in found.proven)
    return tuple((state, counts[state]) for state in ProofState if counts[state])


def _body(text: str) -> str:
    """Return what stands between header and end of a page."""
    return text[text.index("</header>") + len("</header>") : text.rindex("</body>")]


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
