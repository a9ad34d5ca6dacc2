"""Writes the JSON Schema of an answers file, where it is shipped and where it is published.

Usage: python -m storage_conductor_cli.answers_schema
"""

from __future__ import annotations

from pathlib import Path

import yaml

from storage_conductor.questions import published

ROOT = Path(__file__).resolve().parents[1]
PLACES = (published.SCHEMA_FILE, ROOT / "docs" / "schema" / published.SCHEMA_FILE.name)


def current() -> str:
    """Return the schema that follows from copier.yml and the rules of the answers."""
    questions = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))
    return published.written(questions)


if __name__ == "__main__":
    for path in PLACES:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(current(), encoding="utf-8", newline="\n")
