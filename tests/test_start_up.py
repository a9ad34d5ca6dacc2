"""A quick start imports and builds nothing that it has no use for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from jinja2.runtime import Context

from storage_conductor.for_copier import questionnaire

from .conftest import REQUIRED

NEEDLESS = (
    "schema.model",  # no entities were given
    "schema.expressions",
    "schema.parse",
    "context.markdown",  # there are no documents to be read
    "review.project_checks",
    "update.one_track",
)
PROGRAM = """
import json, sys
import copier
for target in sys.argv[2:]:
    copier.run_copy(sys.argv[1], target, data=json.loads(sys.stdin.readline()), defaults=True,
                    quiet=True, unsafe=True)
own = {name.partition(".")[2]: module for name, module in sys.modules.items()
       if name.startswith("storage_conductor_")}
built = [model.__name__ for module in own.values() for model in vars(module).values()
         if isinstance(model, type) and getattr(model, "__pydantic_complete__", False)]
print(json.dumps({"imported": sorted(own), "built": built,
                  "others": [name for name in ("sqlalchemy", "sqlglot") if name in sys.modules]}))
"""


def test_a_quick_start_imports_and_builds_what_it_needs(template: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "caches")}
    for project in (tmp_path / "first", tmp_path / "second"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(template), str(project)],
            env=environment,
            input=json.dumps(REQUIRED) + "\n",
            capture_output=True,
            check=True,
            text=True,
        )
    found = json.loads(done.stdout)
    assert "component.track" in found["imported"]
    assert set(NEEDLESS) & set(found["imported"]) == set()
    assert found["built"] == [], "no validator, as everything was validated before"
    assert found["others"] == []


def test_no_document_is_read_for_words_that_nobody_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: Path) -> None:
        raise AssertionError("the documents are read")

    monkeypatch.setattr(questionnaire, "_read", fail)
    conf = {"dst_path": ".", "defaults": True}
    context = cast("Context", {"_copier_conf": conf})
    assert questionnaire.as_documented(context, "language") == ""
    conf["defaults"] = False
    with pytest.raises(AssertionError):
        questionnaire.as_documented(context, "language")
