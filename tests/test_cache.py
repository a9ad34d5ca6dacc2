"""What is kept between runs in the user's temporary folder never changes what is written."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from jinja2 import Environment

from storage_conductor.disk import cache
from tests.conftest import REQUIRED, tracks


def copy(template: Path, project: Path, scratch: Path) -> dict[str, str]:
    """Start a track in a process that keeps things in a folder, and return its files."""
    answers = [f"--data={name}={value}" for name, value in REQUIRED.items()]
    environment = {**os.environ, "TMPDIR": str(scratch)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(
        [sys.executable, "-m", "copier", "copy", "--quiet", "--trust", "--defaults", *answers,
         "--data=storage_id=ledger", str(template), str(project)],
        env=environment,
        check=True,
    )  # fmt: skip
    (track,) = tracks(project)
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(track.iterdir())}


@pytest.mark.skipif(os.name == "nt", reason="TMPDIR names the temporary folder elsewhere only")
def test_what_is_kept_is_found_again_and_damage_does_not_matter(
    template: Path, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    first = copy(template, tmp_path / "first", scratch)
    (kept,) = scratch.glob("_jinja2-cache-*")
    names = {path.name for path in kept.iterdir()}
    assert {Path(name).suffix for name in names} == {".cache", ".json", ".pyc"}
    assert copy(template, tmp_path / "second", scratch) == first
    assert {path.name for path in kept.iterdir()} == names, "nothing was computed anew"
    for path in kept.iterdir():
        path.write_bytes(path.read_bytes()[:40])
    assert copy(template, tmp_path / "third", scratch) == first


def test_templates_with_other_settings_are_not_mixed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    text = "{% if true %}\nyes\n{% endif %}\n"
    plain, trimmed = Environment(autoescape=True), Environment(autoescape=True, trim_blocks=True)
    cache.remember_compiled(plain, "plain")
    cache.remember_compiled(trimmed, "trimmed")
    assert plain.from_string(text).render() == "\nyes\n"
    assert trimmed.from_string(text).render() == "yes\n"
    monkeypatch.setattr(Environment, "compile", None)  # what is kept needs no compiler
    again = Environment(autoescape=True)
    cache.remember_compiled(again, "plain")
    assert again.from_string(text).render() == "\nyes\n"
