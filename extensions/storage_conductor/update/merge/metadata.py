"""Three-way merge of metadata.json, key by key.

The result is always valid JSON, so a conflict is not marked in it: where both sides changed a
value differently the user's stands and the place is reported. `status` and `updated` record what
happened in the project; there the user's value is simply right and nothing is reported.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from ...disk import files
from ...disk.places import METADATA
from ...errors import ConductorError
from ...markdown.blocks import BOM, newline_of
from .text import Conflict, Merged

_USERS_KEYS = {("status",), ("updated",)}

Json = dict[str, Any]


class _ValueClash(NamedTuple):
    path: tuple[str, ...]
    ours: object
    theirs: object


class _DuplicateKeyError(ValueError):
    """A key stands twice in one object."""


def merge_metadata(base: str, ours: str, theirs: str) -> Merged:
    """Merge three versions of metadata.json.

    Args:
        base: The old render; empty where there was none.
        ours: The user's file.
        theirs: The new render.

    Returns:
        The merge with the user's order of keys, two-space indentation and a final newline; the
        user's text as it is where the template brings nothing new.

    Raises:
        ConductorError: One of the three is not a JSON object, or has a key twice.
    """
    if ours == base:
        return Merged(theirs, [])
    old = _read(base, "metadata.json of the old template") if base.strip() else {}
    own = _read(ours, METADATA)
    new = _read(theirs, "metadata.json of the new template")
    clashes: list[_ValueClash] = []
    merged = _merge(old, own, new, (), clashes)
    text = ours if _same(merged, own) else _write(merged, ours)
    conflicts = [Conflict(_line_of(text, clash.path), _describe(clash)) for clash in clashes]
    return Merged(text, sorted(conflicts, key=lambda conflict: conflict.line))


def _read(text: str, name: str) -> Json:
    plain = text.removeprefix(BOM)
    try:
        value = json.loads(plain, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise ConductorError(
            f"is not valid JSON: {files.json_fault(error)}",
            path=name,
            line=error.lineno,
            remedy="Mend that line, then update again.",
        ) from error
    except RecursionError as error:
        raise ConductorError(
            "is nested too deeply", path=name, line=1, remedy="Restore the file from git."
        ) from error
    except _DuplicateKeyError as error:
        key = str(error)
        raise ConductorError(
            f"has the key {key} twice",
            path=name,
            line=plain.count("\n", 0, plain.rfind(key)) + 1,
            remedy="Remove one of the two, then update again.",
        ) from error
    if not isinstance(value, dict):
        raise ConductorError(
            "is not a JSON object",
            path=name,
            line=1,
            remedy="Put its values between { and }, each behind its key.",
        )
    return value


def _object(pairs: list[tuple[str, Any]]) -> Json:
    found: Json = {}
    for key, value in pairs:
        if key in found:
            raise _DuplicateKeyError(_quoted(key))
        found[key] = value
    return found


def _merge(
    old: Json, own: Json, new: Json, path: tuple[str, ...], clashes: list[_ValueClash]
) -> Json:
    merged: Json = {}
    for key, value in own.items():
        if key in new:
            merged[key] = _merge_value(old, value, new[key], (*path, key), clashes)
        elif key not in old or not _same(value, old[key]):
            merged[key] = value
    added = [key for key in new if key not in own and key not in old]
    return _insert(merged, new, added) if added else merged


def _merge_value(
    old: Json, own: object, new: object, path: tuple[str, ...], clashes: list[_ValueClash]
) -> object:
    has_base, base = path[-1] in old, old.get(path[-1])
    if _same(own, new) or (has_base and _same(new, base)):
        return own
    if has_base and _same(own, base):
        return new
    if isinstance(own, dict) and isinstance(new, dict):
        return _merge(base if isinstance(base, dict) else {}, own, new, path, clashes)
    if path not in _USERS_KEYS:
        clashes.append(_ValueClash(path, own, new))
    return own


def _insert(merged: Json, new: Json, added: list[str]) -> Json:
    """Insert keys behind the nearest one before them in the template."""
    order = list(merged)
    names = list(new)
    for key in added:
        before = [name for name in names[: names.index(key)] if name in order]
        order.insert(order.index(before[-1]) + 1 if before else 0, key)
    return {key: merged[key] if key in merged else new[key] for key in order}


def _same(first: object, second: object) -> bool:
    """Compare as JSON, where 1 and true differ and the order of keys says nothing."""
    return json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)


def _write(value: Json, like: str) -> str:
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    return (BOM if like.startswith(BOM) else "") + text.replace("\n", newline_of(like))


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _line_of(text: str, path: tuple[str, ...]) -> int:
    """Return the 1-based line of a key, found by its indentation or, failing that, by its name."""
    position = 0
    for depth, key in enumerate(path, start=1):
        name = re.escape(_quoted(key)) + r"\s*:"
        found = re.compile(rf"^ {{{2 * depth}}}{name}", re.MULTILINE).search(text, position)
        found = found or re.compile(name).search(text, position)
        position = found.start() if found else position
    return text.count("\n", 0, position) + 1


def _describe(clash: _ValueClash) -> str:
    key = ".".join(clash.path)
    return f"key “{key}”: {_quoted(clash.ours)} is kept, the template has {_quoted(clash.theirs)}"
