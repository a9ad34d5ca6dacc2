"""Writes the JSON Schemas of an answers file and of `verify.yml`, where they are published.

That of an answers file is shipped, too.

Usage: python -m storage_conductor_cli.answers_schema
"""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from storage_conductor.evidence import own_checks
from storage_conductor.questions import published

ROOT = Path(__file__).resolve().parents[1]
CHECKS = ROOT / "docs" / "schema" / "verify.schema.json"
PLACES = (published.SCHEMA_FILE, ROOT / "docs" / "schema" / published.SCHEMA_FILE.name)


def current() -> str:
    """Return the schema that follows from copier.yml and the rules of the answers."""
    questions = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
    return published.written(questions)


def checks() -> str:
    """Return the schema that follows from the model of `verify.yml`."""
    return json.dumps(own_checks.schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, text in (*((place, current()) for place in PLACES), (CHECKS, checks())):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
