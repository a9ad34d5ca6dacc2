"""The JSON Schema of an answers file, made of the questionnaire and of the rules of the answers.

It is written into the file beside this one, so that a program needs no questionnaire to read it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..catalog import loading
from ..catalog.building_blocks import NONE, block_headings
from ..schema import patterns
from ..tracks import metadata
from . import rules, several, store_objectives
from .answers import RULES

SCHEMA_FILE = Path(__file__).with_name("answers.schema.json")
ALWAYS = "always"
"""The group of the questions that each run asks."""

Part = dict[str, Any]

_EMPTY: Part = {"enum": ["", None]}
_TEXT: Part = {"type": ["string", "number", "null"]}
_TEXTS: Part = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_OF_STORES: Part = {"type": "object", "minProperties": 1, "additionalProperties": _TEXTS}
_OVER_TIME: Part = {"type": "string", "pattern": r"^\s*\d.*\S\s*(/|\b(a|an|per|each)\b)\s*\w+\s*$"}
_OPEN: Part = {"type": "string", "pattern": " or "}


def _number(**bounds: float) -> Part:
    kind = "integer" if bounds.pop("whole", 0) else "number"
    return {"anyOf": [{"type": kind, "maximum": rules.LARGEST, **bounds}, _EMPTY]}


def _words(*words: str | bool) -> Part:
    return {"enum": [*words, "", None]}


def _several_words(*words: str) -> Part:
    listed = {"type": "array", "items": {"enum": list(words)}}
    return {"anyOf": [{"enum": [*words, "", None]}, {"type": "string", "pattern": ","}, listed]}


def _one_or_open(*words: str) -> Part:
    """Return the form of an answer that is one of the words, or is left open between several."""
    listed = {"type": "array", "items": {"type": "string"}, "minItems": 2}
    return {"anyOf": [_words(*words), _OPEN, listed]}


def _notes() -> Part:
    statements = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
    keyed = {
        "type": "object",
        "properties": dict.fromkeys(several.SECTIONS, statements),
        "additionalProperties": False,
    }
    return {"anyOf": [_TEXT, keyed, {"type": "array", "items": {"anyOf": [_TEXT, keyed]}}]}


def _regions() -> Part:
    roles = {"type": "object", "additionalProperties": {"enum": ["writes", "reads", "", None]}}
    return {
        "anyOf": [
            {"type": ["string", "null"]},
            roles,
            {"type": "array", "items": {"anyOf": [{"type": "string"}, roles]}},
        ]
    }


def _alternatives() -> Part:
    options = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
    keyed = {
        "type": "object",
        "properties": dict.fromkeys(several.OPEN_ANSWERS, options),
        "additionalProperties": False,
    }
    return {"anyOf": [{"type": "string", "pattern": "^$|:"}, {"type": "null"}, keyed]}


def _decisions() -> Part:
    keyed = {
        "type": "object",
        "propertyNames": {"pattern": several.DECISION_KEY},
        "additionalProperties": _TEXT,
    }
    return {"anyOf": [{"type": "string", "pattern": "^$|:"}, {"type": "null"}, keyed]}


def _objectives() -> Part:
    forms = {name: _FORMS[rule]() for name, rule in store_objectives.OBJECTIVES.items()}
    own = {
        "type": "object",
        "properties": forms,
        "minProperties": 1,
        "additionalProperties": False,
    }
    return {
        "anyOf": [
            {"type": ["string", "null"]},
            {"type": "object", "additionalProperties": own},
        ]
    }


def _patterns() -> Part:
    pattern = {
        "type": "object",
        "properties": {key: {} for key in patterns.KEYS},
        "required": ["name"],
        "additionalProperties": False,
    }
    return {"anyOf": [{"type": ["string", "null"]}, {"type": "array", "items": pattern}]}


def _entities() -> Part:
    entity = {"type": ["object", "null"]}
    return {
        "anyOf": [
            {"type": ["string", "null"]},
            {"type": "object", "additionalProperties": entity},
        ]
    }


def _backends() -> list[str]:
    return [*(heading.name for heading in loading.headings()), rules.OTHER]


# The form of the answers that a rule takes, by the rule.
_FORMS: Mapping[Callable[[Any], Any], Callable[[], Part]] = {
    rules.title: lambda: {"type": ["string", "number"], "minLength": 1, "maxLength": 500},
    rules.required_text: lambda: {"type": ["string", "number"], "minLength": 1},
    rules.text: lambda: _TEXT,
    rules.items: lambda: _TEXTS,
    rules.number: lambda: _number(minimum=0),
    rules.rate: lambda: {"anyOf": [*_number(minimum=0)["anyOf"], _OVER_TIME]},
    rules.positive: lambda: _number(exclusiveMinimum=0),
    rules.factor: lambda: _number(minimum=1),
    rules.percent: lambda: _number(exclusiveMinimum=0, maximum=100),
    rules.whole: lambda: _number(whole=1, minimum=1),
    rules.sensitive: lambda: _several_words(*rules.SENSITIVE),
    rules.tri_state: lambda: _words("auto", "true", "false", "yes", "no", True, False),
    rules.backend: lambda: _one_or_open(*_backends()),
    rules.backends: lambda: _several_words(*_backends()),
    rules.blocks: lambda: _several_words(*(item.key for item in block_headings()), NONE),
    rules.mapping: _entities,
    rules.sequence: _patterns,
    rules.existing: lambda: {"type": ["object", "string", "null"]},
    store_objectives.store_objectives: _objectives,
    several.notes: _notes,
    several.regions: _regions,
    several.alternatives: _alternatives,
    several.decisions: _decisions,
}


def schema(questions: Mapping[str, Mapping[str, Any]]) -> Part:
    """Return the JSON Schema of an answers file.

    Args:
        questions: The questions of copier.yml by name, those that are recorded only among them.
    """
    asked = {name: details for name, details in questions.items() if name in RULES}
    properties = {name: _property(name, details) for name, details in asked.items()}
    properties["storage_id"] = _id_form() | {"description": "Id of the track, to choose your own."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Answers about a storage component",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "allOf": list(_hostings()),
    }


def _id_form() -> Part:
    """Return the form of an id as the schema of metadata.json has it."""
    return dict(metadata.schema()["properties"]["id"])


def _property(name: str, details: Mapping[str, Any]) -> Part:
    asked = details.get("ask")
    found: Part = {
        "description": re.sub(r"\{\{.*?\}\}", "", details["help"]),
        "x-group": {None: ALWAYS, False: "form"}.get(asked, "full"),
    }
    if name == "hosting":
        return found | {"anyOf": [_TEXTS, _OF_STORES]}
    if RULES[name] in _FORMS:
        return found | _FORMS[RULES[name]]()
    return found | _words(*details["choices"].values())  # the rule takes these words alone


def _hostings() -> Iterator[Part]:
    """Yield which hostings each backend has."""
    for heading in loading.headings():
        names = [item.name for item in loading.load(heading.key).hosting]
        yield {
            "if": {"properties": {"backend": {"const": heading.name}}, "required": ["backend"]},
            "then": {"properties": {"hosting": {"anyOf": [_one_or_open(*names), _OF_STORES]}}},
        }


def written(questions: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the schema as the text of its file."""
    return json.dumps(schema(questions), indent=1, ensure_ascii=False) + "\n"


@functools.cache
def published() -> Part:
    """Return the schema that is shipped."""
    found: Part = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return found
