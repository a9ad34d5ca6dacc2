"""A file that says the same again and again takes no command long, whatever it says."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage_conductor.disk import places
from storage_conductor.errors import ConductorError
from storage_conductor.importing import sources
from storage_conductor.markdown import tables
from storage_conductor.schema import patterns
from storage_conductor.schema.tokens import MistakeError
from storage_conductor.update.merge import likeness
from storage_conductor.wording import tidy

from .command_runner import call
from .track_builder import write_track

MOST = 2.5  # seconds of CPU
LENGTH = 50_000  # characters: what grows by the square takes many times as long
PIECES = [
    *("9", "9,", " ", "a ", "- ", "- [ ] ", "](", "![", "[a](", "(", "((a)", "<!--", "<a ", "| "),
    *("`", "*", "**a ", "_", "~~", "\\", "'", '"', "# ", ": ", "a. ", ";", "/*", "--", "é", "。"),
    *("<<<<<<< ", "(1a2b3c4) ", "not ", "keep ", "RTO 5 min ", "PostgreSQL or ", "https://a "),
]
# Before and after a run: a paragraph, an item, a heading, a cell of a row, a conflict.
AROUND = [
    *(
        ("\n{}\n", "keep {} days"),
        ("- **RTO**: a{}b", "# a{}b #"),
        ("| a | b |\n| - | - |\n| a{} | c |",),
    ),
    ("<<<<<<< a{}|\n", "```sql\n{}\n```", "- [ ] a{}b (1a2b3c4)"),
]
DOCUMENTS = (*places.DOCUMENTS, "../compose.yaml", "../build.gradle", "../go.mod")
OF_TRACK = (places.SPEC, places.PLAN, places.METADATA, places.ANSWERS, "../../tracks.md")


@pytest.fixture(autouse=True)
def timed() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < MOST


def texts(piece: str) -> Iterator[str]:
    run = (piece * LENGTH)[:LENGTH]
    for around in AROUND:
        yield "\n\n".join(["# T", *(each.format(run[: LENGTH // len(around)]) for each in around)])


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_documents(project: Path, capsys: pytest.CaptureFixture[str], piece: str) -> None:
    home = project / places.HOME
    home.mkdir()
    for name, text in zip(DOCUMENTS, 2 * list(texts(piece)), strict=True):
        (home / name).write_text(text, encoding="utf-8")
    assert call(capsys, "context", str(project)).code in (0, 1)


def test_a_plan_of_thousands_of_boxes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_track(project, "storage-001") / places.PLAN
    more = "\n\n".join("- [ ] a" for _ in range(12_000))
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{more}\n", encoding="utf-8")
    assert call(capsys, "check", str(project)).code == 1
    assert call(capsys, "status", str(project)).code == 0


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_files_of_tracks(project: Path, capsys: pytest.CaptureFixture[str], piece: str) -> None:
    for number, (name, text) in enumerate(zip(OF_TRACK, [*texts(piece), piece], strict=True), 1):
        path = write_track(project, f"storage-00{number}") / name
        if path.is_file():
            old = path.read_text(encoding="utf-8")
            middle = old.find("\n", len(old) // 2)
            path.write_text(f"{old[:middle]}\n\n{text}\n{old[middle:]}", encoding="utf-8")
    rows = (project / places.REGISTRY, "\n\n".join(texts(piece)))
    rows[0].write_text(rows[1], encoding="utf-8")
    for command in ("check", "status", "sync"):
        assert call(capsys, command, str(project)).code in (0, 1, 2)


@pytest.mark.parametrize("suffix", ["sql", "dbml", "json"])
@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_sources_of_an_import(tmp_path: Path, suffix: str, piece: str) -> None:
    path = tmp_path / f"source.{suffix}"
    run = (piece * LENGTH)[: LENGTH // 10]
    path.write_text(f"CREATE TABLE a (b int CHECK (b > 0 {run}));\n{run}", encoding="utf-8")
    with contextlib.suppress(ConductorError):
        sources.read(str(path), sources.SourceOptions())


def test_a_filter_of_many_quotes() -> None:
    quotes = "'" * 60
    with pytest.raises(MistakeError, match="not closed"):
        patterns._split(f"{quotes}(")
    assert patterns._split(f"a = 'x, y', b in (c, d), {quotes}") == [
        "a = 'x, y'",
        " b in (c, d)",
        f" {quotes}",
    ]


@pytest.mark.parametrize(
    "text", [" " * 100_000, "`" * 10 + " ``" * 50_000, "\\" * 100_000, "#" * 100_000]
)
def test_text_that_is_written(text: str) -> None:
    assert tidy(f"a{text}b").startswith("a")
    assert tables.escape(f"a{text}b")
    assert likeness._words(f"a{text}b](" * 2)
    assert tables.cells(f"| a{text}b | c |", 2)
