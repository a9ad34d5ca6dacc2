"""The answers that Copier recorded with a track, and what an update changes in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from ..context import ProjectContext, read_context
from ..disk import files, places, writing
from ..errors import ConductorError
from ..markdown import outline
from ..questions import answers as answers_module
from ..questions import documented, rules, several
from ..review import progress
from ..steps import written
from ..tracks import ids

Answers = dict[str, Any]
_REVISED = "_revised"
_DECIDED = re.compile(r"^\s*\|\s*D-.*\|\s*decided\s*\|", re.M | re.I)


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
        found = _plain(files.read_text(path))
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


def current_context(
    root: Path, recorded: Answers, context: ProjectContext | None = None
) -> Answers:
    """Return what the project's documents say now, and what was written of the track.

    Args:
        root: The folder that holds `storage-conductor`.
        recorded: The answers of the track.
        context: What the documents say, where they were read before.
    """
    old = recorded.get("project_context")
    assumed = isinstance(old, dict) and old.get("assumed") == ["backend"]
    context = context or read_context(root)
    depends_on = rules.items(recorded.get("depends_on"))
    kind = str(recorded.get("storage_type"))
    found = documented.snapshot(root, context, depends_on, kind, backend_given=not assumed)
    storage_id = str(recorded.get("storage_id"))
    if migrated := written.recorded(root / places.of_track(storage_id, places.WRITTEN)):
        found["written"] = migrated
    if decided := _decided(root / places.of_track(storage_id, places.SPEC), recorded):
        found["decided"] = decided
    named = documented.documented_backends(context, "hybrid", own=True)
    used = rules.items(recorded.get("backends") or recorded.get("backend"))
    if assumed and not set(used) <= set(named):
        # That the documents name another backend since does not mean that somebody chose this one.
        found["assumed"] = ["backend"]
    return found


def _decided(spec: Path, recorded: Answers) -> dict[str, str]:
    """Return what stands in the rows of decisions that are decided, as Markdown, by their keys.

    Args:
        spec: The specification.
        recorded: The answers, whose own decisions are left out.
    """
    text = files.read_text(spec) if spec.is_file() and not files.leads_out(spec) else ""
    # Reading the outline takes longer than all the rest, and most tracks have nothing decided.
    if not _DECIDED.search(text):
        return {}
    said = several.decisions(recorded.get("decisions"))
    rows = progress.decision_rows(outline.read(text))
    return {
        row.key: row.default
        for row in rows
        if not row.is_open
        and row.key.startswith("D-")
        and row.key not in recorded.get(_REVISED, ())
        and outline.plain(row.default) != said.get(row.key)
    }


def renew(
    root: Path,
    path: Path,
    recorded: Answers,
    revised: Answers,
    context: ProjectContext | None = None,
) -> bool:
    """Record what the project's documents say now, and other answers; the rest of the file stays.

    Args:
        root: The folder that holds `storage-conductor`.
        path: The answers file.
        recorded: What is in it.
        revised: Answers that replace recorded ones; None takes one back.
        context: What the documents say, where they were read before.

    Returns:
        Whether that differs from what was recorded.

    Raises:
        ConductorError: The file cannot be read or written.
    """
    text = files.read_text(path)
    new, answers = text, {**recorded, **revised}
    # What is decided by an answer now goes before the row that says what was decided before.
    answers[_REVISED] = several.decisions(revised.get("decisions"))
    for name, value in revised.items():
        new = _without_answer(new, name) if value is None else _with_answer(new, name, value)
    snapshot = recorded.get("project_context")
    if {"backend", "backends"} & set(revised) and isinstance(snapshot, dict):
        # Somebody has chosen it now.
        answers["project_context"] = {k: v for k, v in snapshot.items() if k != "assumed"}
        new = _with_answer(new, "project_context", answers["project_context"])
    new = with_current_context(root, new, answers, context)
    if new != text:
        writing.write_atomic(path, new)
    return new != text


def require_taken(text: str, revised: Answers, version: str) -> None:
    """Make sure that a version of the template recorded revised answers as they are.

    Args:
        text: The answers file that it rendered.
        revised: The revised answers; None for one that was taken back.
        version: Its name.

    Raises:
        ConductorError: It did not.
    """
    recorded = _plain(text)
    lost = [
        name
        for name, value in revised.items()
        if value is not None and not _alike(name, recorded.get(name), value)
    ]
    if lost:
        raise ConductorError(
            f"Version {version} of the template does not take this answer as given:"
            f" {', '.join(lost)}",
            remedy="Name a newer version with --to, or leave it out; nothing was changed.",
        )


def _alike(name: str, one: Any, other: Any) -> bool:
    rule = answers_module.RULES[name]
    try:
        return bool(rule(one) == rule(other))
    except ValueError:
        return False


def with_current_context(
    root: Path, text: str, recorded: Answers, context: ProjectContext | None = None
) -> str:
    """Return the text of an answers file with what the project's documents say now.

    Args:
        root: The folder that holds `storage-conductor`.
        text: The text; it stays as it is where that is recorded.
        recorded: What is in it.
        context: What the documents say, where they were read before.
    """
    current = current_context(root, recorded, context)
    if current == recorded.get("project_context"):
        return text
    return _with_answer(text, "project_context", current)


def _with_answer(text: str, name: str, value: Any) -> str:
    """Replace an entry of a YAML mapping, or add it at the end; all the rest stays as it is."""
    entry = yaml.safe_dump({name: value}, sort_keys=False, allow_unicode=True, width=4096)
    entries = _entries(text)
    if name not in entries:
        return text.removesuffix("\n") + "\n" + entry
    start, end = entries[name]
    return text[:start] + entry + text[end:].removeprefix("\n")


def _entries(text: str) -> dict[str, tuple[int, int]]:
    """Return where each entry of a YAML mapping begins and ends, by its name."""
    mapping = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = mapping.value if isinstance(mapping, yaml.MappingNode) else ()
    return {key.value: (key.start_mark.index, old.end_mark.index) for key, old in pairs}


def _without_answer(text: str, name: str) -> str:
    """Take an entry out of a YAML mapping; all the rest stays as it is."""
    entries = _entries(text)
    if name not in entries:
        return text
    start, end = entries[name]
    return text[:start] + text[end:].removeprefix("\n")
