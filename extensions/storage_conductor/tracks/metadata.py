"""metadata.json, the truth about a track; its JSON Schema is `metadata.schema.json` beside this.

The schema is read here for the few keywords that it uses: a full validator would double the time
that a check of many tracks takes. A test compares this reading with a complete validator.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..disk import files
from ..errors import ConductorError
from .registry_edit import RegistryRow

SCHEMA = Path(__file__).parent / "metadata.schema.json"
_LONGEST = 1 << 16  # characters; eight short texts need few


@functools.cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema that the project publishes."""
    found: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


def parse(text: str, path: Path) -> dict[str, Any]:
    """Read the text of a metadata.json.

    Raises:
        ConductorError: The text is too long, not JSON, or not an object.
    """
    if len(text) > _LONGEST:
        raise ConductorError(
            f"has more than {_LONGEST:,} characters",
            path=path,
            line=1,
            remedy="Restore the file from git.",
        )
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise ConductorError(
            f"is not JSON: {files.json_fault(error)}",
            path=path,
            line=error.lineno,
            remedy="Correct the JSON.",
        ) from error
    except (RecursionError, ValueError) as error:  # `int` refuses thousands of digits
        raise ConductorError(
            "is nested too deeply, or holds a number that is too long",
            path=path,
            line=1,
            remedy="Restore the file from git.",
        ) from error
    if not isinstance(data, dict):
        raise ConductorError("must hold a JSON object", path=path, line=1, remedy="Use { … }.")
    return data


def read(path: Path) -> dict[str, Any]:
    """Read and validate a metadata.json.

    Raises:
        ConductorError: It is missing, not JSON, or breaks the schema.
    """
    text = files.read_text(path)
    data = parse(text, path)
    for key, problem in problems(data):
        raise ConductorError(
            f"{key}: {problem}",
            path=path,
            line=line_of(text, key),
            remedy="Correct the value; metadata.schema.json says what is allowed.",
        )
    return data


def problems(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List what breaks the schema, as pairs of key and rule; other keys are other tools' own."""
    rules = schema()
    found = [(key, "is missing") for key in rules["required"] if key not in data]
    for key, rule in rules["properties"].items():
        if key in data and (problem := _broken(rule, data[key])):
            found.append((key, problem))
    return found


def _broken(rule: Mapping[str, Any], value: Any) -> str:
    if "const" in rule:
        return "" if value == rule["const"] else f"must be {rule['const']!r}"
    if "enum" in rule:
        return "" if value in rule["enum"] else f"must be one of {', '.join(rule['enum'])}"
    if not isinstance(value, str):
        return "must be text"
    longest = rule.get("maxLength", len(value))
    if not rule.get("minLength", 0) <= len(value) <= longest:
        return f"must have 1 to {longest} characters" if value else "must not be empty"
    if "pattern" in rule and not re.search(_anchored(rule["pattern"]), value):
        return f"must match {rule['pattern']}"
    return ""


def _anchored(pattern: str) -> str:
    """Make `$` mean the very end, as in ECMA-262, which JSON Schema follows."""
    return pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern


def line_of(text: str, key: str) -> int:
    """Return the 1-based line on which a key stands, or 1."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith(json.dumps(key, ensure_ascii=False)):
            return number
    return 1


def row(data: Mapping[str, Any]) -> RegistryRow:
    """Return the registry's row for a track."""
    return RegistryRow(
        id=data["id"],
        title=data["title"],
        storage_type=data["storage_type"],
        backend=data["backend"],
        type=data["type"],
        status=data["status"],
        created=data["created"][:10],
        updated=data["updated"][:10],
    )


def with_value(text: str, key: str, value: str) -> str:
    """Set a top-level text of a JSON object; nothing else of the file changes if that is possible.

    Args:
        text: The JSON object.
        key: The key; without it the text stays as it is.
        value: The new value.

    Raises:
        ValueError: The text is not JSON.
    """
    data = json.loads(text.removeprefix("\ufeff"))
    if key not in data:
        return text
    data[key] = value
    pattern = re.compile(rf"({re.escape(json.dumps(key))}\s*:\s*)\"[^\"\n]*\"")
    new = pattern.sub(lambda found: found[1] + json.dumps(value), text, count=1)
    if json.loads(new.removeprefix("\ufeff")) == data:
        return new
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
