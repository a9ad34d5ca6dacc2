"""Which address is given to git, and which template is the one that was installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.template import VARIABLE, Template
from cli.trust import Trust
from storage_conductor.disk import address
from storage_conductor.errors import ConductorError

from .trust_support import trusting


def test_the_template_that_was_installed_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(tmp_path / "copier-settings.yml"))
    trusting(tmp_path)
    trust = Trust(given=False)
    monkeypatch.setattr("cli.template.installed", lambda: Template("https://h.org/a/t.git", "v1"))
    for same in ("https://h.org/a/t", "git+https://h.org/a/t.git", "https://me:pw@h.org/a/t.git/"):
        assert "installed" in trust.reason(same, tmp_path)
    for other in (
        "https://h.org/a/t2",
        "https://h.org.evil.org/a/t",
        "https://h.org@evil.org/a/t",
        "git://h.org/a/t.git",
        "https://h.org/a/t/../../b/t",
        "h.org/a/t",
    ):
        assert not trust.reason(other, tmp_path)
    (tmp_path / "t").mkdir()
    monkeypatch.setattr("cli.template.installed", lambda: Template(str(tmp_path / "t"), None))
    for same in ("t", "./t/", f"file://{tmp_path}/t", str(tmp_path / "x" / ".." / "t")):
        assert trust.reason(same, tmp_path)
    monkeypatch.setenv(VARIABLE, "https://h.org/b/u.git")
    assert VARIABLE in trust.reason("https://h.org/b/u", tmp_path)
    assert not trust.reason("https://h.org/b/u2", tmp_path)
    with pytest.raises(ConductorError, match="is not trusted"):
        trust.require("u", tmp_path, tmp_path / "answers")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("gh:acme/t", "https://github.com/acme/t.git"),
        ("gl:/acme/t.git", "https://gitlab.com/acme/t.git"),
        ("git+ssh://git@h/t", "ssh://git@h/t"),
        ("git@h:acme/t.git", "git@h:acme/t.git"),
        ("h:acme/t.git", "h:acme/t.git"),
        ("git://h/t", "git://h/t"),
        ("/a/b:c", "/a/b:c"),
        ("../t", "/t"),
        ("./a", "/base/a"),
    ],
)
def test_an_address_is_given_to_git_as_git_understands_it(source: str, expected: str) -> None:
    assert address.expanded(source, Path("/base")) == expected
    assert address.expanded(expected, Path("/elsewhere")) == expected
