"""The pages of one track, drawn where they were not drawn before of the same content."""

from __future__ import annotations

import functools
import hashlib
import html
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote

from ..disk import cache, files, places
from ..errors import ConductorError
from ..evidence import own_checks
from ..review.status import Advice, Standing
from . import pages, track_page
from .board import PageFacts
from .edition import IN_PLACE
from .links import FileLinks, HashLinks
from .pages import Page

BOARD, SPEC = "index.html", "spec.html"
_FOOTER = '<footer class="edition">'
_PACKAGE = Path(__file__).parents[1]
_CODE = frozenset((".py", ".yml", ".jinja", ".css", ".js"))
_LIBRARIES = ("jinja2", "markdown-it-py", "mmdr", "vl-convert-python")
_READ = (places.METADATA, places.SPEC, places.PLAN, places.ANSWERS, places.EVIDENCE)


@dataclass(frozen=True)
class TrackDrawing:
    """The pages of one track, for a process of their own.

    Args:
        project: The folder that holds `storage-conductor`.
        single: Whether they are to stand in one file with all others.
        standing: Where the track stands.
        advice: What is to be done about it.
        known: The tracks that have a page.
    """

    project: Path
    single: bool
    standing: Standing
    advice: tuple[Advice, ...]
    known: frozenset[str]


@dataclass(frozen=True)
class DrawnTrack:
    """What came of a track.

    Args:
        id: Its id.
        known: What its pages know of it.
        pages: The pages by name, each as UTF-8 in raw deflate.
    """

    id: str
    known: PageFacts
    pages: tuple[tuple[str, bytes], ...]


def drawn(job: TrackDrawing) -> DrawnTrack:
    """Return the pages of a track as they were drawn of the same content, or draw them."""
    storage_id = job.standing.track.id
    if any(check.track == storage_id for check in _own_checks(job.project)):
        return _draw(job)  # what such a check covers is any file
    known, found = cache.objects(_content(job), lambda: _kept(_draw(job)))
    return DrawnTrack(storage_id, known, found)


def _kept(found: DrawnTrack) -> tuple[PageFacts, tuple[tuple[str, bytes], ...]]:
    return found.known, found.pages


def _own_checks(project: Path) -> Iterator[own_checks.OwnCheck]:
    try:
        yield from own_checks.read(project).values()
    except ConductorError:
        return  # no evidence is read beside checks that cannot be


def _content(job: TrackDrawing) -> Iterator[str]:
    """Yield all that the pages of a track follow from."""
    storage_id = job.standing.track.id
    yield code()
    yield json.dumps([job.single, storage_id, [vars(each) for each in job.advice]])
    for path in (*(places.of_track(storage_id, name) for name in _READ), places.OWN_CHECKS):
        try:
            text = files.read_text(job.project / path, root=job.project)
        except ConductorError as error:
            yield f"- {error.message}"
            continue
        yield f"+ {text}"
        if path.endswith(places.SPEC):
            yield json.dumps(sorted(_named(text) & job.known))


def _named(text: str) -> set[str]:
    """Return all that links of a document can name, escaped as Markdown and addresses allow."""
    return set(_PARTS.split(unquote(html.unescape(text.replace("\\", "")))))


_PARTS = re.compile(r"[\s/()<>#\"']+")


@functools.cache
def code() -> str:
    """Return a digest of this package and of the libraries that draw."""
    found = hashlib.sha256()
    for path in sorted(path for path in _PACKAGE.rglob("*") if path.suffix in _CODE):
        found.update(path.relative_to(_PACKAGE).as_posix().encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    for name in _LIBRARIES:
        found.update(f"{name} {metadata.version(name)}".encode())
    return found.hexdigest()


def _draw(job: TrackDrawing) -> DrawnTrack:
    found = track_page.read(job.project, job.standing)
    known = PageFacts(
        cost=found.sizing.whole_cost if found.sizing else None,
        proofs=tuple(found.proofs),
        drifted=found.drifted,
        unread=bool(found.unread),
    )
    title = found.standing.title
    root = "" if job.single else "../../"
    overview = Page(title, IN_PLACE, root=root)
    document = Page(f"{title}, specification", IN_PLACE, root=root)
    if job.single:
        links = HashLinks()
        made = (
            (f"track/{found.id}", _body(pages.track(found, overview, links, job.advice))),
            (f"spec/{found.id}", _body(pages.spec(found, document, links, job.known))),
        )
    else:
        near = FileLinks(root)
        made = (
            (BOARD, pages.track(found, overview, near, job.advice)),
            (SPEC, pages.spec(found, document, near, job.known)),
        )
    return DrawnTrack(found.id, known, tuple((name, deflated(text)) for name, text in made))


def _body(text: str) -> str:
    """Return what stands between header and footer of a page."""
    return text[text.index("</header>") + len("</header>") : text.rindex(_FOOTER)]


def deflated(text: str) -> bytes:
    """Return a text as raw deflate, which a browser takes apart by itself."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text.encode(errors="replace")) + packer.flush()


def inflated(data: bytes) -> bytes:
    """Return what was made small."""
    return zlib.decompress(data, -zlib.MAX_WBITS)
