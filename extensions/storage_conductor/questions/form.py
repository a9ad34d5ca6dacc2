"""The answers as one commented YAML form, and the mistakes in it as comments.

The words are those of the published schema, so that nothing of the questionnaire is needed.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from ..catalog import loading
from ..disk import files
from . import given, hosting, rules
from .answers import RULES
from .published import ALWAYS, SCHEMA_FILE, published

_WIDTH = 98
_MISTAKE = "#! "
_MARK = re.compile(rf"^{re.escape(_MISTAKE)}.*\n", re.MULTILINE)
_HEAD = f"""\
# yaml-language-server: $schema={SCHEMA_FILE.name}
#
# Write an answer behind its name; what stays empty is not known. Save and close to go on. A form
# that is left as it is, or emptied, changes nothing.
"""


_MORE = """
# --- More, for a sized and checked specification ---
"""


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as they read."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def written(values: Mapping[str, Any], *, left_out: Sequence[str] = ()) -> str:
    """Return the form.

    Args:
        values: Answers by name, to begin with.
        left_out: Questions that are not in it.
    """
    return _HEAD + "".join(_questions(values, left_out))


def _questions(values: Mapping[str, Any], left_out: Sequence[str]) -> Iterator[str]:
    first = True
    for name, part in published()["properties"].items():
        if name in left_out or name not in RULES:
            continue
        if first and part["x-group"] != ALWAYS:
            yield _MORE
            first = False
        words = [part["description"], *_choices(name, part, values)]
        comment = "".join(f"# {line}\n" for text in words for line in textwrap.wrap(text, _WIDTH))
        yield f"\n{comment}{_entry(name, values.get(name))}"


def _choices(name: str, part: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    """Return the words that an answer can be, where they are few enough to be listed."""
    forms = [part, *part.get("anyOf", ())]
    listed: Sequence[Any] = next((form["enum"] for form in forms if "enum" in form), ())
    if name == "hosting":
        named = rules.items(values.get("backends") or values.get("backend"))
        listed = hosting.names_of(named) if named else ()
    words = [str(word) for word in listed if isinstance(word, str) and word]
    if name == "backends":
        return ["Any of those above."]
    if name == "backend":
        kinds = dict.fromkeys(heading.storage_type for heading in loading.headings())
        return [
            f"{kind}: {', '.join(h.name for h in loading.headings() if h.storage_type == kind)}."
            for kind in kinds
        ]
    return [f"One of {', '.join(words)}."] if words else []


def _entry(name: str, value: Any) -> str:
    if value in (None, "", [], {}, ()):
        return f"{name}:\n"
    return yaml.dump(
        {name: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH
    )


def read(text: str) -> dict[str, Any]:
    """Return the answers that a form holds, without blank ones.

    Raises:
        ValueError: It is no YAML, or does not map names to answers; the message says in which line.
    """
    try:
        found = given.from_yaml(without_mistakes(text))
    except yaml.YAMLError as error:
        said, line = files.yaml_fault(error)
        raise ValueError(f"line {line}: is not YAML: {said}" if line else said) from error
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ValueError("line 1: must map names to answers, such as `title: Payments`")
    return {name: value for name, value in found.items() if value not in (None, "")}


def without_mistakes(text: str) -> str:
    """Return a form without the mistakes that were shown in it."""
    return _MARK.sub("", text)


def with_mistakes(text: str, mistakes: Sequence[str]) -> str:
    """Return a form with mistakes as comments above the lines that they are about.

    Args:
        text: The form as a person left it.
        mistakes: Each begins with the name of an answer and a colon, or with `line N:`.
    """
    lines = without_mistakes(text).splitlines(keepends=True)
    shown: dict[int, list[str]] = {}
    for mistake in _single(mistakes):
        shown.setdefault(_place(lines, mistake), []).append(_comment(mistake))
    found = [part for at, line in enumerate(lines) for part in (*shown.pop(at, ()), _ended(line))]
    return "".join([*(part for rest in shown.values() for part in rest), *found])


def _single(mistakes: Sequence[str]) -> Iterator[str]:
    """Yield mistakes, those of a data model each for itself."""
    for mistake in mistakes:
        head, *listed = mistake.split("\n  - ")
        yield from listed or [head]


def _place(lines: Sequence[str], mistake: str) -> int:
    """Return the index of the line that a mistake is about; -1 for the whole form."""
    subject = mistake.partition(":")[0]
    if (numbered := re.fullmatch(r"line (\d+)", subject)) is not None:
        return min(int(numbered[1]), len(lines)) - 1
    name, *inner = re.split(r"[.\[\]]+", subject)
    named = re.compile(rf"{re.escape(name)}\s*:")
    at = next((at for at, line in enumerate(lines) if named.match(line)), -1)
    for part in filter(None, inner if at >= 0 else ()):
        at = _below(lines, at, part)
    return at


def _below(lines: Sequence[str], at: int, part: str) -> int:
    """Return the line below another one, of the same answer, that names a part of it; else that."""
    named = re.compile(rf"[\s-].*?(?<!\w){re.escape(part)}(?!\w)")
    for below in range(at + 1, len(lines)):
        if lines[below][:1] not in (" ", "-", "#", "\n"):
            break
        if named.match(lines[below]):
            return below
    return at


def _comment(mistake: str) -> str:
    return "".join(f"{_MISTAKE}{line}\n" for line in mistake.splitlines())


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n"
