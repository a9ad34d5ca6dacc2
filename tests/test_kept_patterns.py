"""Patterns that are kept compiled are those that Python compiles."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage_conductor.catalog.building_blocks import block_headings
from storage_conductor.disk import cache_folder, patterns
from storage_conductor.disk.patterns import Words

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="XDG_CACHE_HOME names the folder on Linux only"
)

LISTS = [words for item in block_headings() for words in (item.words, item.mishaps, item.excluded)]


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let the user's caches lie in a folder of the test."""
    caches = tmp_path / "caches"
    caches.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    cache_folder.folder.cache_clear()
    yield caches / cache_folder.NAME
    cache_folder.folder.cache_clear()
    patterns._compiled.cache_clear()


def again(lists: list[Words]) -> dict[Words, re.Pattern[str]]:
    """Return the patterns as another process gets them."""
    patterns._compiled.cache_clear()
    re.purge()
    return patterns.whole_words(lists)


def plain(lists: list[Words]) -> dict[Words, re.Pattern[str]]:
    return {
        words: re.compile(rf"\b(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
        for words in lists
        if words
    }


def test_the_kept_ones_are_taken_and_are_the_same(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert again(LISTS) == plain(LISTS)
    assert len(list(kept.glob("*.patterns"))) == 1
    monkeypatch.setattr(patterns, "_pattern", lambda _: pytest.fail("is compiled again"))
    assert again(LISTS) == plain(LISTS)


@pytest.mark.parametrize("damage", [lambda data: data[:60], lambda data: data[::-1]])
def test_damage_does_not_matter(damage: Callable[[bytes], bytes], kept: Path) -> None:
    again(LISTS)
    (path,) = kept.glob("*.patterns")
    path.write_bytes(damage(path.read_bytes()))
    assert again(LISTS) == plain(LISTS)


@pytest.mark.parametrize("name", ["re._parser", "re._compiler", "_sre"])
def test_another_python_compiles_them_as_ever(
    name: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, re)
    assert again(LISTS) == plain(LISTS)
    assert not list(kept.glob("*.patterns"))
