"""`evidence.json` of a track: what showed that a task is done, or that it is not.

Each task is one line, and the last line is the version of the form: where two branches wrote
evidence, the lines of both together are the file, so that git can join them (`merge=union`). Of two
pieces of evidence of the same check the newer one counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from ..disk import files, locks, places, writing
from ..errors import ConductorError

Result = Literal["passed", "failed"]
_VERSION = "version"
_FORM = 1
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?(?:\+changes)?")
_REMEDY = "Restore the file from git, or delete it and run `storage-conductor verify`."


@dataclass(frozen=True)
class Evidence:
    """What one check, or a person, saw of one task.

    Args:
        at: When, in ISO 8601 with time zone.
        result: Whether it held.
        covers: What it holds for, each with its digest `sha256:…`: parts of the draft, files.
        commit: The project's commit, with `+changes` where something was not committed; empty
            without git.
        server: Product and version of the store that was asked; empty where none was.
        says: What was seen, in a few words, or what the person says.
        by: The person's name; empty for a check.
    """

    at: str
    result: Result
    covers: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""
    server: str = ""
    says: str = ""
    by: str = ""

    @property
    def passed(self) -> bool:
        """Tell whether it held."""
        return self.result == "passed"


Found = dict[str, dict[str, Evidence]]
"""Evidence by the key of the task, and by the name of the check."""


def read(project: Path, storage_id: str) -> Found:
    """Read the evidence of a track; none where there is no file.

    Raises:
        ConductorError: The file cannot be read or has another form.
    """
    path = project / places.of_track(storage_id, places.EVIDENCE)
    return parse(files.read_text(path, root=project), path) if path.exists() else {}


def parse(text: str, path: Path) -> Found:
    """Read evidence.

    Raises:
        ConductorError: The text has another form.
    """
    try:
        data = json.loads(text, object_pairs_hook=_joined)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        what = "holds conflict markers" if "<<<<<<< " in text else "is not JSON"
        remedy = (
            "Keep the lines of both sides and delete the markers." if "<<<" in text else _REMEDY
        )
        raise ConductorError(what, path=path, line=line, remedy=remedy) from error
    wrong = next(_problems(data), None)
    if wrong:
        raise ConductorError(wrong, path=path, line=1, remedy=_REMEDY)
    return {
        key: {check: Evidence(**item) for check, item in checks.items()}
        for key, checks in data.items()
        if key != _VERSION
    }


def record(project: Path, storage_id: str, found: Mapping[str, Mapping[str, Evidence]]) -> None:
    """Add evidence to that of a track, in place of what the same checks saw before.

    Raises:
        ConductorError: The file cannot be read or written.
    """
    path = project / places.of_track(storage_id, places.EVIDENCE)
    with locks.exclusive(path.parent):
        whole = read(project, storage_id)
        for key, checks in found.items():
            whole[key] = {**whole.get(key, {}), **checks}
        writing.write_atomic(path, written(whole))


def written(found: Mapping[str, Mapping[str, Evidence]]) -> str:
    """Return evidence as its file."""
    return "\n".join(["{", *_lines(found), f'"{_VERSION}": {_FORM}', "}"]) + "\n"


def _lines(found: Mapping[str, Mapping[str, Evidence]]) -> Iterator[str]:
    for key, checks in sorted(found.items()):
        data = {check: _without_empty(item) for check, item in checks.items()}
        said = json.dumps(data, sort_keys=True, ensure_ascii=False)
        yield f"{json.dumps(key, ensure_ascii=False)}: {said},"


def _without_empty(item: Evidence) -> dict[str, Any]:
    return {name: value for name, value in asdict(item).items() if value}


def _joined(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = _newer(found[key], value) if key in found else value
    return found


def _newer(one: Any, other: Any) -> Any:
    """Return what two branches say of the same, the newer of two pieces of evidence."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    if "at" in one and "at" in other:
        return max(one, other, key=lambda item: str(item["at"]))
    return {
        key: _newer(one[key], other[key]) if key in one and key in other else (one | other)[key]
        for key in one | other
    }


def _problems(data: Any) -> Iterator[str]:
    if not isinstance(data, dict) or data.get(_VERSION) != _FORM:
        yield f"has no `version` {_FORM}"
        return
    for key, checks in data.items():
        if key == _VERSION:
            continue
        if not isinstance(checks, dict) or not checks:
            yield f"{key!r} is no table of checks"
            continue
        for check, item in checks.items():
            if wrong := _wrong(item):
                yield f"{key!r}, {check!r}: {wrong}"


def _wrong(item: Any) -> str:
    """Return what is wrong with a piece of evidence; empty if nothing is."""
    if not isinstance(item, dict):
        return "is no piece of evidence"
    texts = {each.name for each in fields(Evidence)} - {"covers"}
    unknown = sorted(set(item) - texts - {"covers"})
    covers = item.get("covers", {})
    told = {
        f"{unknown[:1]} is unknown": not unknown,
        "not all of it is text": all(isinstance(item.get(name, ""), str) for name in texts),
        "`result` is neither `passed` nor `failed`": item.get("result") in ("passed", "failed"),
        "`at` is no moment with a time zone": _is_moment(item.get("at")),
        "`commit` is none": _COMMIT.fullmatch(str(item.get("commit", "0" * 40))) is not None,
        "`covers` holds no digests": isinstance(covers, dict)
        and all(_DIGEST.fullmatch(str(digest)) for digest in covers.values()),
    }
    return next((text for text, holds in told.items() if not holds), "")


def _is_moment(text: Any) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        return False
