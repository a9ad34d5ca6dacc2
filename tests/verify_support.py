"""Tracks to verify, and a person's folders that no test shares with the machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .command_runner import Done, call
from .conftest import commit

Capture = pytest.CaptureFixture[str]
ENTITIES: dict[str, Any] = {
    "Account": {"id": "bigint pk", "code": "varchar(20) not null unique"},
    "Entry": {
        "id": "bigint pk",
        "account": "ref Account not null on delete restrict",
        "amount": "bigint not null check(amount > 0)",
    },
}
PATTERNS: list[dict[str, Any]] = [
    {"name": "entries of an account", "entity": "Entry", "filter": ["account"]},
    {"name": "account by code", "entity": "Account", "filter": ["code"]},
]
ID = "ledger"
HOME = f"storage-conductor/storages/{ID}"


def ledger(start: Callable[..., Path], backend: str = "", **more: Any) -> Path:
    """Start a committed track whose draft can be proven, and return its folder."""
    data = {"entities": ENTITIES, "access_patterns": PATTERNS, "test_driven": False, **more}
    track = start(storage_id=ID, **({"backend": backend} if backend else {}), **data)
    commit(track.parents[2])
    return track


def verify(capsys: Capture, project: Path, *arguments: str, code: int = 0) -> Done:
    """Run `verify` on the track, and expect an exit code."""
    done = call(capsys, "verify", ID, str(project), *arguments)
    assert done.code == code, done
    return done


def found(capsys: Capture, project: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run `verify` and return its JSON."""
    data: dict[str, Any] = json.loads(verify(capsys, project, "--json", *arguments, code=code).out)
    return data


def unproven(capsys: Capture, project: Path) -> list[str]:
    """Return what `check --strict` says of evidence."""
    data = json.loads(call(capsys, "check", str(project), "--json", "--strict").out)
    rules = ("unproven", "contradicted", "evidence", "own-checks")
    return [item["message"] for item in data["findings"] if item["rule"] in rules]


def own(project: Path, **checks: dict[str, Any]) -> Path:
    """Write checks of the project's own."""
    path = project / "storage-conductor" / "verify.yml"
    named = {name.replace("_", "-"): {"track": ID, **check} for name, check in checks.items()}
    path.write_text(yaml.safe_dump({"checks": named}), encoding="utf-8")
    return path


def evidence(project: Path) -> dict[str, Any]:
    """Return the evidence as any program reads it."""
    data: dict[str, Any] = json.loads((project / HOME / "evidence.json").read_text("utf-8"))
    return data


def box(project: Path, text: str) -> str:
    """Return the mark of the box whose text begins so."""
    for line in (project / HOME / "plan.md").read_text("utf-8").splitlines():
        mark, _, rest = line.strip().removeprefix("- [").partition("] ")
        if rest.startswith(text):
            return mark
    raise AssertionError(text)
