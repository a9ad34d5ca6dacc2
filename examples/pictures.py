"""Take the pictures of the README from example tracks, or check that nothing they show has changed.

Usage: python examples/pictures.py [--check]

A picture is not compared by its pixels, which differ between machines. What it was made from is
kept as a digest beside it: the report's files, the text of the board of these tracks, and the
beginning of the specification.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "extensions")]

PICTURES = ROOT / "docs" / "pictures"
DIGEST = PICTURES / "made-from.sha256"
REPORT = ROOT / "extensions" / "storage_conductor" / "report"
# The tracks on the board with status, boxes ticked and last change.
SHOWN = {
    "ledger-postgresql": ("In Progress", 31, "2026-03-12"),
    "gate-access-dynamodb": ("In Progress", 58, "2026-03-13"),
    "crane-slots-hybrid": ("Blocked", 12, "2026-02-20"),
    "sessions-redis": ("Planning", 0, "2026-01-31"),
    "uploads-amazon-s3": ("Completed", 1_000, "2026-03-02"),
}
# The one whose specification is shown: it has few decisions, so that all of them are there.
SPECIFICATION = "sessions-redis"
WIDTH = 1_360
# A picture ends where its table ends, and so many pixels below.
END = "table => Math.ceil(table.getBoundingClientRect().bottom)"
MARGIN = 24
# By this clock the ages are told.
NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)
# As many lines of a specification as a picture can show.
LINES = 30
MOST_BYTES = 200_000


def main() -> int:
    """Take the pictures, or with `--check` return 1 where they were made from something else."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    if parser.parse_args().check:
        return 0 if DIGEST.read_text(encoding="utf-8").strip() == digest() else 1
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name, picture in _taken(Path(scratch)):
            (PICTURES / name).write_bytes(picture)
            print(f"{name}: {len(picture):,} bytes")
    DIGEST.write_text(f"{digest()}\n", encoding="utf-8", newline="\n")
    return 0


def digest() -> str:
    """Return the digest of what the pictures are made from."""
    found = hashlib.sha256()
    paths = [*REPORT.rglob("*.py"), *REPORT.rglob("*.jinja"), *REPORT.rglob("report.*")]
    for path in sorted(paths):
        found.update(path.read_text(encoding="utf-8").encode())
    spec = ROOT / f"examples/project/storage-conductor/storages/{SPECIFICATION}/spec.md"
    found.update("\n".join(spec.read_text(encoding="utf-8").split("\n")[:LINES]).encode())
    with tempfile.TemporaryDirectory() as scratch:
        found.update(_board(Path(scratch)).encode())
    return found.hexdigest()


def _board(scratch: Path) -> str:
    """Return the words and numbers of the board."""
    page = _written(scratch).read_text(encoding="utf-8")
    body = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def _written(scratch: Path) -> Path:
    """Return the board of a report on the tracks that are shown."""
    from examples import render

    from storage_conductor.report import site

    _started(scratch, scratch / "project")
    with render.fixed_clock(str(int(NOW.timestamp()))):
        return site.write(scratch / "project", scratch / "site", set())


def _taken(scratch: Path) -> Iterator[tuple[str, bytes]]:
    from tests import report_support

    board = _written(scratch)
    spec = board.parent / "tracks" / SPECIFICATION / "spec.html"
    with report_support.browser() as browser:
        for name, page in (("report.png", board), ("specification.png", spec)):
            with report_support.context(browser, WIDTH) as window:
                shown = window.new_page()
                shown.clock.set_fixed_time(NOW.isoformat())
                shown.goto(page.as_uri())
                end = shown.locator("main table").first.evaluate(END)
                shown.set_viewport_size({"width": WIDTH, "height": end + MARGIN})
                yield name, shown.screenshot()


def _started(scratch: Path, project: Path) -> None:
    """Start the tracks that are shown, and work on them."""
    import copier
    import yaml
    from examples import render

    template = scratch / "template"
    for name in render.TEMPLATE:
        render.copied(ROOT / name, template / name)
    for document in (render.PROJECT / "storage-conductor").glob("*.md"):
        if document.name != "tracks.md":
            render.copied(document, project / "storage-conductor" / document.name)
    with render.fixed_clock():
        for name, (status, boxes, updated) in SHOWN.items():
            answers = yaml.safe_load((render.ANSWERS / f"{name}.yml").read_text(encoding="utf-8"))
            copier.run_copy(
                str(template), project, data=answers, defaults=True, quiet=True, unsafe=True
            )
            _work_on(project / "storage-conductor" / "storages" / name, status, boxes, updated)


def _work_on(track: Path, status: str, boxes: int, updated: str) -> None:
    plan, metadata = track / "plan.md", track / "metadata.json"
    text = plan.read_text(encoding="utf-8").replace("- [ ]", "- [x]", boxes)
    plan.write_text(text, encoding="utf-8", newline="")
    data = json.loads(metadata.read_text(encoding="utf-8"))
    metadata.write_text(
        json.dumps({**data, "status": status, "updated": f"{updated}T09:00:00+00:00"}, indent=2)
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    sys.exit(main())
