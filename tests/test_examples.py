"""The examples are what the template makes of them today, and they are fit to be read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from examples import render
from markdown_it import MarkdownIt
from markdown_it.token import Token

from storage_conductor.catalog import loading
from storage_conductor.questions.rules import OTHER
from storage_conductor.review import track_checks
from storage_conductor.review.library import Library
from storage_conductor.tracks import registry_read

HOME = render.PROJECT / "storage-conductor"
TRACKS = sorted(path.name for path in (HOME / "storages").iterdir())
DOCUMENTS = [
    HOME / "storages" / track / name for track in TRACKS for name in ("spec.md", "plan.md")
]


def tokens(path: Path) -> list[Token]:
    """Parse a document as a reader's program does, HTML included."""
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    return parser.parse(path.read_text(encoding="utf-8"))


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines outside of code, with code spans taken out."""
    fenced = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        fenced ^= line.startswith("```")
        if not fenced:
            yield number, re.sub(r"(`+).*?\1", "`", line)


def test_they_are_up_to_date() -> None:
    assert not render.differing(render.rendered()), "run `python examples/render.py`"


def test_every_backend_and_every_kind_of_component_has_one() -> None:
    answers = render.answers_files()
    alone = [given["backend"] for given in answers if "backend" in given]
    together = [given["backends"] for given in answers if "backends" in given]

    assert set(alone) == {*(item.name for item in loading.headings()), OTHER}
    assert together
    assert all(len(names) > 1 for names in together)
    assert {path.stem for path in render.ANSWERS.iterdir()} == set(TRACKS)
    assert registry_read.ids((HOME / "tracks.md").read_text(encoding="utf-8")) == set(TRACKS)


@pytest.mark.parametrize("track", TRACKS)
def test_tracks_are_valid(track: str) -> None:
    assert not track_checks.check_track(Library(render.PROJECT), track, syntax=track_checks.SYNTAX)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_documents_read_well(path: Path) -> None:
    found = tokens(path)
    inline = [child for token in found for child in token.children or ()]

    # A `<name>` outside of code would be taken for HTML and vanish.
    assert not [token.content for token in (*found, *inline) if token.type.startswith("html")]
    for token, follows in itertools.pairwise(found):
        if token.type in ("td_open", "th_open"):
            assert follows.content, f"an empty cell in line {token.map}"
        if token.type == "list_item_open":
            assert follows.type == "paragraph_open", f"an empty item in line {token.map}"
        if token.type == "heading_close" and follows.type == "heading_open":
            assert follows.tag > token.tag, f"an empty section before line {follows.map}"
    slips = [
        (number, line)
        for number, line in prose(path)
        if re.search(r"(?<!\.)\.\.(?!\.|/)|[:;,]\.|\.;|,,|\S  +\S| [,;]|\bNone\b|\{\{|\{%", line)
    ]
    assert not slips


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_keys_are_unique(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    keys = re.findall(r"^- \*\*([FNA]-[\w-]+)\*\*|^\| (D-[\w-]+) \| \*\*", text, re.MULTILINE)

    assert len(keys) == len(set(keys))
