"""The answers that Copier recorded with a track, and what an update changes in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from ..context import read_context
from ..disk import files, writing
from ..errors import ConductorError
from ..questions import documented, rules
from ..tracks import ids

Answers = dict[str, Any]
_LARGEST = 2 << 20  # bytes; answers may have half a million characters each


def read(path: Path) -> Answers:
    """Read the answers of the track whose folder an answers file is in.

    Raises:
        ConductorError: The file cannot be used for an update, because it was edited by hand or its
            folder was renamed.
    """
    found = _parse(path)
    name = path.absolute().parent.name
    storage_id = found.get("storage_id")
    if not isinstance(storage_id, str) or ids.problem(storage_id):
        raise _edited(path, "the line `storage_id` is missing or has no id", name)
    if storage_id != name:
        raise ConductorError(
            f"belongs to the track {storage_id!r}, but its folder is named {name!r}",
            path=path,
            remedy=f"Rename the folder back to {storage_id!r}; the id of a track never changes.",
        )
    for answer in ("depends_on", "backend", "backends"):
        try:
            rules.items(found.get(answer))
        except ValueError as error:
            raise ConductorError(
                f"{answer}: {error}", path=path, remedy="Restore the line from git."
            ) from error
    if not isinstance(found.get("created_at"), str):
        raise _edited(path, "the line `created_at` is missing or has no time in quotes", name)
    return found


def same(one: str, other: str) -> bool:
    """Tell whether two answers files say the same, whatever their quotes and order."""
    try:
        return bool(_plain(one) == _plain(other))
    except (ValueError, yaml.YAMLError):
        return False


def _plain(text: str) -> Any:
    found = files.parse_yaml(text)
    rules.measure(found)
    return found


def _parse(path: Path) -> Answers:
    try:
        found = _plain(files.read_text(path, most=_LARGEST))
    except (ValueError, yaml.YAMLError) as error:
        raise ConductorError(
            f"is not valid YAML: {error}", path=path, remedy="Restore the file from git."
        ) from error
    if not isinstance(found, dict):
        raise ConductorError(
            "holds no answers", path=path, line=1, remedy="Restore the file from git."
        )
    return found


def _edited(path: Path, message: str, name: str) -> ConductorError:
    return ConductorError(
        f"{message}, so that the track would get a new one",
        path=path,
        remedy=f"Restore the line from git, or from metadata.json of {name!r}.",
    )


def current_context(root: Path, recorded: Answers) -> Answers:
    """Return what the project's documents say now, in the form in which it is recorded.

    Args:
        root: The folder that holds `storage-conductor`.
        recorded: The answers of the track.
    """
    old = recorded.get("project_context")
    assumed = isinstance(old, dict) and old.get("assumed") == ["backend"]
    context = read_context(root)
    found = documented.snapshot(
        root, context, rules.items(recorded.get("depends_on")), backend_given=not assumed
    )
    named = documented.documented_backends(context, "hybrid", own=True)
    used = rules.items(recorded.get("backends") or recorded.get("backend"))
    if assumed and not set(used) <= set(named):
        # That the documents name another backend since does not mean that somebody chose this one.
        found["assumed"] = ["backend"]
    return found


def refresh_context(root: Path, path: Path, recorded: Answers) -> bool:
    """Record what the project's documents say now; everything else in the file stays.

    Args:
        root: The folder that holds `storage-conductor`.
        path: The answers file.
        recorded: What is in it.

    Returns:
        Whether that differs from what was recorded.

    Raises:
        ConductorError: The file cannot be read or written.
    """
    text = files.read_text(path)
    new = with_current_context(root, text, recorded)
    if new != text:
        writing.write_atomic(path, new)
    return new != text


def with_current_context(root: Path, text: str, recorded: Answers) -> str:
    """Return the text of an answers file with what the project's documents say now.

    Args:
        root: The folder that holds `storage-conductor`.
        text: The text; it stays as it is where that is recorded.
        recorded: What is in it.
    """
    context = current_context(root, recorded)
    if context == recorded.get("project_context"):
        return text
    return _with_answer(text, "project_context", context)


def _with_answer(text: str, name: str, value: Any) -> str:
    """Replace an entry of a YAML mapping, or add it at the end; all the rest stays as it is."""
    entry = yaml.safe_dump({name: value}, sort_keys=False, allow_unicode=True, width=4096)
    mapping = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, old in mapping.value if isinstance(mapping, yaml.MappingNode) else ():
        if key.value == name:
            start, end = key.start_mark.index, old.end_mark.index
            return text[:start] + entry + text[end:].removeprefix("\n")
    return text.removesuffix("\n") + "\n" + entry
