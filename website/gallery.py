"""The gallery of the site: what each example looks like, with its report, spec and plan."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from examples import render

from storage_conductor.disk import places
from storage_conductor.markdown.outline import plain
from storage_conductor.report import site
from storage_conductor.review import status
from storage_conductor.review.status import Standing

# Kinds of storage, in the order in which they are offered.
KINDS = {
    "database": "Databases",
    "object_storage": "Object storage",
    "cache": "Caches",
    "file_system": "File systems",
    "hybrid": "Several stores together",
}
_PROJECT = "project/storage-conductor/storages"
_REPORT = "report"


def report() -> Iterator[tuple[str, bytes]]:
    """Yield place on the site and content of each file of the examples' report.

    The tracks are started anew, since those of the repository have no answers beside them.
    """
    with tempfile.TemporaryDirectory() as scratch:
        project = render.started(Path(scratch))
        folder = site.write(project, Path(scratch) / "report", set()).parent
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".html", ".css", ".js"}:
                yield f"{_REPORT}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def page(escaped: Callable[[str], str]) -> Iterator[str]:
    """Yield the gallery as Markdown, by kind of storage.

    Args:
        escaped: Makes text of others stay text in Markdown.
    """
    yield "# Examples\n\nOne project with a track for every backend, as it was rendered. "
    yield f"[The report](../{_REPORT}/index.html) shows them all on a board and each on a page.\n\n"
    yield "[![The board of the report: components with status, progress, open decisions and next "
    yield f"task](../docs/pictures/report.png)](../{_REPORT}/index.html)\n"
    found = status.overview(render.PROJECT).standings
    for kind, heading in KINDS.items():
        yield f'\n## {heading}\n\n<div class="gallery" markdown>\n'
        for standing in sorted(found, key=lambda item: item.title):
            if standing.track.text("storage_type") == kind:
                yield from _example(standing, escaped)
        yield "\n</div>\n"


def _example(standing: Standing, escaped: Callable[[str], str]) -> Iterator[str]:
    track = standing.track
    first, *others = track.decisions
    yield f'\n<div class="example" markdown>\n\n### {escaped(standing.title)}\n\n'
    yield f"{escaped(track.text('backend'))}: {len(others) + 1} decisions open, "
    yield f"{track.plan.total} boxes\n{{ .figures }}\n\n{escaped(_description(track.id))}\n\n"
    spec = (render.PROJECT / places.of_track(track.id, places.SPEC)).read_text(encoding="utf-8")
    if drawing := re.search(r"^```mermaid\n.+?^```$", spec, re.M | re.S):
        yield f"{drawing[0]}\n\n"
    yield f"The first of its decisions: {escaped(plain(first.what))}\n{{ .first }}\n\n"
    yield f"[Report](../{_REPORT}/tracks/{track.id}/index.html)\n"
    yield f"[Specification]({_PROJECT}/{track.id}/spec.md)\n"
    yield f"[Plan]({_PROJECT}/{track.id}/plan.md)\n{{ .links }}\n\n</div>\n"


def _description(storage_id: str) -> str:
    answers = (render.ANSWERS / f"{storage_id}.yml").read_text(encoding="utf-8")
    return " ".join(str(yaml.safe_load(answers)["description"]).split())
