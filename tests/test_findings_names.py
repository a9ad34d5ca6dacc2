"""A rule is found by one name: its function, its words and its cases on both sides."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Collection, Iterator, Mapping

import pytest

from storage_conductor import findings
from storage_conductor.catalog import rulebook
from storage_conductor.errors import ConductorError
from tests.findings_support import boundaries

PARTS = {
    "function": "no function `{name}(case)` in extensions/storage_conductor/findings/",
    "check": "`{name}` is not in the CHECKS of its file, or its file not in findings/__init__.py",
    "words": "no entry `key: {key}` in extensions/storage_conductor/catalog/rules.yml",
    "cases": 'no `Boundary("{key}", …)` in the BOUNDARIES of a tests/test_findings_*.py',
}


def functions() -> Iterator[str]:
    """Yield the keys of all rules: the public functions of `case` in the files with CHECKS."""
    for found in pkgutil.iter_modules(findings.__path__):
        module = importlib.import_module(f"{findings.__name__}.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            of_case = next(iter(inspect.signature(function).parameters), "") == "case"
            own = function.__module__ == module.__name__ and hasattr(module, "CHECKS")
            if own and of_case and not name.startswith("_"):
                yield name.replace("_", "-")


def missing_parts(parts: Mapping[str, Collection[str]]) -> list[str]:
    """Say of each key what it lacks of a rule.

    Args:
        parts: The keys that were found for each of `PARTS`.
    """
    return [
        f"{key}: {PARTS[part].format(key=key, name=key.replace('-', '_'))}"
        for key in sorted(set().union(*parts.values()))
        for part, keys in parts.items()
        if key not in keys
    ]


def test_every_rule_has_function_words_and_cases_of_its_name() -> None:
    checks = [check.rule for check in findings.CHECKS]
    found = {
        "function": list(functions()),
        "check": checks,
        "words": rulebook.rules(),
        "cases": {boundary.rule for boundary in boundaries()},
    }
    lacking = missing_parts(found)
    assert not lacking, "\n".join(lacking)
    assert len(set(checks)) == len(checks)


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ("function", "no function `half_done(case)` in "),
        ("check", "`half_done` is not in the CHECKS"),
        ("words", "no entry `key: half-done` in extensions/storage_conductor/catalog/rules.yml"),
        ("cases", 'no `Boundary("half-done", …)` in '),
    ],
)
def test_what_a_rule_lacks_is_said(lacking: str, words: str) -> None:
    parts = {part: ["whole"] if part == lacking else ["whole", "half-done"] for part in PARTS}
    (message,) = missing_parts(parts)
    assert message.startswith(f"half-done: {words}")


def test_a_rule_without_words_says_where_to_write_them() -> None:
    with pytest.raises(ConductorError, match=r"rules\.yml: has no words for the rule 'half-done'"):
        rulebook.rule("half-done")
