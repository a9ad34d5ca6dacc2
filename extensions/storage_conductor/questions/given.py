"""Answers as a person gives them beforehand, in the form in which the questionnaire takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..catalog import loading
from ..disk import files
from . import hosting, rules, several
from .answers import RULES

# Answers that name one of several words, and the one that names more than one backend.
_WORDS = ("storage_type", "backend", "detail", "id_scheme", "consistency", "hosting")
_NUMBERS = {
    name
    for name, rule in RULES.items()
    if rule in (rules.number, rules.rate, rules.factor, rules.positive, rules.whole, rules.percent)
}

REQUIRED = ("title", "description")
"""Answers without which no track begins; whatever stands there is the text."""

_NULL = ("null", "Null", "NULL", "~")

# Answers that are text, or lists of texts, whatever YAML makes of them.
_TEXTS = {
    name
    for name, rule in RULES.items()
    if rule in (rules.title, rules.required_text, rules.text, rules.items, rules.sensitive)
    or rule in (several.notes, several.regions, several.alternatives, several.decisions)
    or rule is hosting.hosting
}


def from_yaml(text: str) -> Any:
    """Read a data file; in answers that are texts each scalar is what stands in the file.

    Raises:
        yaml.YAMLError: The text is not YAML.
    """
    found = files.parse_yaml(text)
    if not isinstance(found, dict):
        return found
    written = files.parse_yaml(text, as_written=True)
    texts = {name for name, value in found.items() if value is not None and name in _TEXTS}
    return {str(name): value for name, value in found.items()} | {n: written[n] for n in texts}


def tidy(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers without blank ones, and with the words of choices as they are offered.

    What breaks a rule stays as it is; the check of the answers tells it. A blank line of a data
    file means that the answer is not given, and so does its word for that behind `--data`.
    """
    found = {
        name: _decoded(value) for name, value in given.items() if not without_value(name, value)
    }
    for name in _WORDS:
        if isinstance(found.get(name), str):
            found[name] = found[name].strip()
    try:
        if loading.find(str(found.get("backend", ""))):
            found["backend"] = rules.backend(found["backend"])
        if "backends" in found:
            found["backends"] = list(rules.backends(found["backends"]))
        if "blocks" in found:
            found["blocks"] = list(rules.blocks(found["blocks"]))
        _leave_open(found)
    except ValueError:
        return found
    return found


def without_value(name: str, value: Any) -> bool:
    """Tell whether an answer is none: not given, or YAML's word for it where one may lack."""
    return value is None or (value in _NULL and name not in REQUIRED)


def _leave_open(found: dict[str, Any]) -> None:
    """Turn a backend or hosting given as `A or B` into the one to begin with and alternatives.

    Raises:
        ValueError: Something given breaks its rule.
    """
    is_open = dict(several.alternatives(found.get("alternatives")))
    for name in ("backend", "hosting"):
        listed = _options(name, found) if name in found else ()
        if len(listed) > 1:
            is_open[name] = tuple(dict.fromkeys((*listed, *is_open.get(name, ()))))
        if name == "hosting" and listed:
            found[name] = listed[0]
        elif len(listed) > 1:
            found[name] = None
    if is_open.get("backend") and found.get("storage_type") != "hybrid":
        _begin_with(found, is_open["backend"])
    if is_open.get("hosting"):
        found.setdefault("hosting", is_open["hosting"][0])
    if is_open.get("topology"):
        found.setdefault("topology", is_open["topology"][0])
    if is_open:
        found["alternatives"] = {name: list(held) for name, held in is_open.items()}


def left_open(said: Mapping[str, Any], recorded: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the alternatives that are left of what is recorded: what is said now is decided.

    None where all of them are left, or none can be read.

    Args:
        said: Answers that were given in place of recorded ones, in the form of `tidy`.
        recorded: Those that are recorded.
    """
    try:
        held = several.alternatives(recorded.get("alternatives"))
    except ValueError:
        return None
    left = {name: list(options) for name, options in held.items() if name not in said}
    return left if len(left) < len(held) else None


def _options(name: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a backend or hosting is open between."""
    if name == "backend":
        return several.options(found[name])
    return hosting.options(found[name], found.get("backends") or ())


def _begin_with(found: dict[str, Any], open_backends: tuple[str, ...]) -> None:
    """Choose the backend that the texts are written for: the first that the catalog knows."""
    if found.get("backend") is not None:
        return
    known = (name for name in open_backends if loading.find(name))
    found["backend"] = next(known, rules.OTHER)
    if found["backend"] == rules.OTHER:
        found.setdefault("other_backend", open_backends[0])


def _decoded(value: Any) -> Any:
    """Return what a command line in UTF-8 says where Python took it for another encoding."""
    if not isinstance(value, str) or value.isascii():
        return value
    try:
        return value.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return value


def as_recorded(name: str, value: Any) -> Any:
    """Return an answer as Copier records it: a number that was given as text as a number."""
    return rules.structure(value) if yaml_may_read(name, value) else value


def yaml_may_read(name: str, value: Any) -> bool:
    """Tell whether Copier may read an answer as YAML: that keeps what a person wrote.

    Args:
        name: The question.
        value: The answer as it was given or recorded.

    Returns:
        True for what is no text, such as a list of an older record, and for a text that is the
        same number to YAML as to the rule of the answer.
    """
    if not isinstance(value, str):
        return True
    if name not in _NUMBERS:
        return False
    try:
        read = rules.structure(value)
        return type(read) in (int, float) and bool(read == RULES[name](value))
    except ValueError:
        return False
