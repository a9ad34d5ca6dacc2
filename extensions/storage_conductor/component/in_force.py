"""Which findings still have their default in force, once some decisions were taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..catalog import rulebook
from ..findings import FeasibilityFinding
from ..questions.answers import Answers
from ..questions.settling import Settled


def in_force(findings: Sequence[FeasibilityFinding], said: Answers) -> Iterator[FeasibilityFinding]:
    """Yield the findings whose default holds, or a number in its place.

    Args:
        findings: Everything that was found.
        said: The answers, with the decisions that put something in the place of a default.
    """
    for finding in findings:
        if finding.decision not in said.decisions:
            yield finding
        elif (number := _number(finding, said)) is not None:
            name, value = number
            yield finding._replace(values={**finding.values, name: value})


def settles_number(finding: FeasibilityFinding, said: Answers) -> bool:
    """Tell whether the decision about a finding is taken, and is a number."""
    return finding.decision in said.decisions and _number(finding, said) is not None


def _number(finding: FeasibilityFinding, said: Answers) -> tuple[str, float] | None:
    held = rulebook.rule(finding.rule).settles
    if held is None or (held.when and not finding.values[held.when]):
        return None
    decided = Settled(finding.decision, said.decisions[finding.decision])
    stated = finding.values.get(held.stated) if decided.as_stated else None
    found = decided.number(held.unit) if stated is None else stated
    return (held.value, float(found)) if isinstance(found, (int, float)) else None
