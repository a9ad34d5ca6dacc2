"""Small backends and answers for the tests of findings and sizing."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage_conductor.catalog.backend import Backend
from storage_conductor.component.store import Store, at_load, stores
from storage_conductor.findings import Demands, FeasibilityFinding, evaluate
from storage_conductor.questions.answers import Answers
from storage_conductor.schema.parse import parse_model
from storage_conductor.sizing.workload import Workload

SOURCE = {
    "title": "Manual",
    "url": "https://example.org/manual",
    "dated": "2026",
    "checked": "2026-11-23",
}


def fact(key: str, value: float | str, kind: str = "hard") -> dict[str, Any]:
    return {
        "key": key,
        "label": key.replace("_", " "),
        "value": value,
        "kind": kind,
        "applies_to": "version 1",
        "source": "manual",
        "confidence": "high",
    }


def mechanism(
    key: str, *protects: str, rpo: float | None = None, said: tuple[str, ...] = ()
) -> dict[str, Any]:
    return {
        "key": key,
        "said": said,
        "name": key.title(),
        "protects": list(protects),
        "rpo_minutes": rpo,
        "rpo_note": f"note on {key}",
        "backup": "save",
        "restore": "load",
        "source": "manual",
    }


def store(
    *facts: dict[str, Any],
    name: str = "Store",
    storage_type: str = "database",
    family: str = "relational",
    can: Mapping[str, str] | None = None,
    backup: tuple[dict[str, Any], ...] = (),
    online_changes: tuple[dict[str, Any], ...] = (),
) -> Backend:
    """Make a backend of these facts and capabilities."""
    return Backend.validated(
        {
            "key": name.lower().replace(" ", "-"),
            "name": name,
            "storage_type": storage_type,
            "family": family,
            "summary": "A store.",
            "sources": {"manual": SOURCE},
            "hosting": [{"key": "self-managed", "name": "self-managed"}],
            "facts": list(facts),
            "capabilities": [
                {"key": key, "value": value, "note": f"note on {key}", "source": "manual"}
                for key, value in (can or {}).items()
            ],
            "backup": list(backup),
            "online_changes": list(online_changes),
        }
    )


def said(**answers: Any) -> Answers:
    return Answers(title="Title", description="Description", **answers)


def found(
    answers: Answers, *backends: Backend, standards: Demands | None = None
) -> dict[str, FeasibilityFinding]:
    """Evaluate and return the findings by key."""
    model = parse_model(answers.entities, list(answers.access_patterns))
    findings = evaluate(answers, backends, standards, model=model)
    by_key = {finding.key: finding for finding in findings}
    assert len(by_key) == len(findings)
    return by_key


def one(*facts: dict[str, Any], **more: Any) -> tuple[Backend, ...]:
    return (store(*facts, **more),)


def loaded(answers: Answers) -> tuple[Store, ...]:
    """Return the stores as they are under the stated load."""
    return at_load(stores(answers), lambda: Workload(answers))


CACHE: dict[str, Any] = {"storage_type": "cache", "family": "cache"}
KEYED: dict[str, Any] = {"family": "key_value"}
OBJECTS: dict[str, Any] = {"storage_type": "object_storage", "family": "object"}
UNITS = (fact("read_unit_bytes", 4096), fact("write_unit_bytes", 1024))


def table(**columns: str) -> dict[str, Any]:
    """Answer `entities` with one entity, whose key is a bigint."""
    return {"entities": {"Row": {"id": "bigint pk", **columns}}}


def pattern(name: str, **values: Any) -> dict[str, Any]:
    return {"name": name, "entity": "Row", **values}


@dataclass(frozen=True)
class Boundary:
    """A rule with answers on both sides of its boundary; `inside` and `beyond` change `base`.

    The changes may also replace `stores` and `standards`.
    """

    rule: str
    severity: str
    inside: dict[str, Any]
    beyond: dict[str, Any]
    stores: tuple[Backend, ...] = field(default_factory=one)
    base: dict[str, Any] = field(default_factory=dict)
    standards: Demands | None = None

    def __str__(self) -> str:
        return f"{self.rule}-{self.severity}"

    def check(self) -> None:
        """Check that the rule is silent inside, and finds just this beyond."""
        assert self.severity not in self._severities(self.inside)
        assert self._severities(self.beyond) == [self.severity]

    def findings(self, change: dict[str, Any]) -> tuple[Answers, dict[str, FeasibilityFinding]]:
        """Return the answers of one side, and what is found there."""
        values = {**self.base, **change}
        stores = values.pop("stores", self.stores)
        standards = values.pop("standards", self.standards)
        answers = said(**values)
        return answers, found(answers, *stores, standards=standards)

    def _severities(self, change: dict[str, Any]) -> list[str]:
        _, findings = self.findings(change)
        return [item.severity for item in findings.values() if item.rule == self.rule]


def boundaries() -> list[Boundary]:
    """Return the `BOUNDARIES` of every file `test_findings_*.py`."""
    names = (path.stem for path in sorted(Path(__file__).parent.glob("test_findings_*.py")))
    modules = [importlib.import_module(f"{__package__}.{name}") for name in names]
    return [item for module in modules for item in getattr(module, "BOUNDARIES", ())]
