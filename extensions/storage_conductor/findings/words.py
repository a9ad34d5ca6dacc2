"""The words of a finding: its rule's texts, filled with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..catalog.rulebook import RuleTask, rule
from ..catalog.tasks import CatalogTask
from ..questions.answers import Answers
from ..units import shown
from ..wording import fill, inline
from .model import FeasibilityFinding


class FindingWords(NamedTuple):
    """What the spec says of a finding, and the task that it brings into the plan.

    The texts are final; those of the task are templates again, to be filled like every task's.
    """

    title: str
    default: str
    remedy: str
    decider: str
    task: CatalogTask | None


def describe(finding: FeasibilityFinding, answers: Answers) -> FindingWords:
    """Fill the texts of a finding's rule.

    Values appear as people read them (`8 KiB`, `4 h 30 min`). User text among them is data: it is
    never read as a template, but it is not escaped for Markdown either.
    """
    texts = rule(finding.rule)
    values = {
        "elsewhere": "",
        "backend": inline(finding.backend or ""),
        **shown(finding.values),
        "severity": finding.severity,
    }
    return FindingWords(
        title=fill(texts.title, {**values, "a": answers}),
        default=fill(texts.default, {**values, "a": answers}),
        remedy=fill(texts.remedy, {**values, "a": answers}),
        decider=fill(texts.decider, {**values, "a": answers}),
        task=None if texts.task is None else _task(finding, texts.task, values),
    )


def _task(finding: FeasibilityFinding, task: RuleTask, values: Mapping[str, str]) -> CatalogTask:
    """Fill in the values so that the result, read as a template, says exactly them.

    All of it was validated as a part of the catalog.
    """
    literal = {name: value.replace("{", "{{ '{' }}") for name, value in values.items()}
    return CatalogTask(
        key=f"finding-{finding.key}",
        phase=task.phase,
        text=fill(task.text, literal),
        test=fill(task.test, literal),
        steps=tuple(fill(step, literal) for step in task.steps),
        order=task.order,
    )
