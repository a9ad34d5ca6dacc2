"""The decisions that a specification opens with: findings first, then assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import units, wording
from ..catalog import rulebook
from ..catalog.rulebook import model_findings, open_answers
from ..catalog.tasks import CatalogTask
from ..findings import FeasibilityFinding, FindingWords
from ..phases import PHASES, PhaseKey, phase_number
from ..questions.mentions import Mention
from ..questions.speech import vocabulary
from .alternatives import OpenChoice
from .building_blocks import PlannedBlock
from .plan import applies

if TYPE_CHECKING:
    from ..schema.result import Design, Finding

LABELS = {
    "contradiction": "Contradiction",
    "infeasible": "Beyond a limit",
    "risk": "Risk",
    "choice": "Choice",
    "missing": "Not stated",
    "assumption": "Assumption",
}


class Decision(NamedTuple):
    """Something that a person decides; the plan goes by the default until then.

    Args:
        key: The same in every render.
        severity: One of the severities of findings, `choice` or `assumption`.
        what: What is to be decided, as Markdown.
        default: What the plan does meanwhile, as Markdown.
        decider: Who decides.
        phase: The phase before which it must be decided.
        answers: The answers that would settle it; what is decided is taken for them.
        status: `open`, or `decided` with what was decided in place of the default.
    """

    key: str
    severity: str
    what: str
    default: str
    decider: str
    phase: PhaseKey
    answers: tuple[str, ...] = ()
    status: str = "open"

    @property
    def label(self) -> str:
        """Return the severity as people read it."""
        return LABELS[self.severity]

    @property
    def phase_number(self) -> int:
        """Return the number of the phase."""
        return phase_number(self.phase)


def decisions(
    findings: Sequence[tuple[FeasibilityFinding, FindingWords]],
    drafted: Sequence[Decision],
    flags: frozenset[str],
    values: Mapping[str, Any],
) -> tuple[Decision, ...]:
    """Return the decisions, in the order of the findings, the assumptions last.

    Args:
        findings: What was found, the worst first, with its words.
        drafted: What the schema draft leaves to decide.
        flags: What holds for the component and decides which assumptions were made.
        values: What the texts are filled with.
    """
    found = [
        Decision(
            key=finding.decision,
            severity=finding.severity,
            what=_what(finding, words),
            default=words.default,
            decider=words.decider,
            phase=finding.phase,
            answers=rulebook.rule(finding.rule).answers,
        )
        for finding, words in findings
    ]
    urgent = sum(finding.severity != "missing" for finding, _ in findings)
    found[urgent:urgent] = drafted
    found += [
        Decision(
            key=f"D-{item.key}",
            severity="assumption",
            what=wording.fill(item.what, values),
            default=wording.fill(item.default, values),
            decider=item.decider,
            phase=item.phase,
            answers=(item.answer,) if item.answer else (),
        )
        for item in rulebook.assumptions()
        if applies(item.when, flags)
    ]
    return tuple(found)


def drafted(
    design: Design | None, findings: Sequence[tuple[FeasibilityFinding, FindingWords]]
) -> tuple[list[Decision], list[str]]:
    """Return what a schema draft leaves to decide, and what it makes a reader know.

    What is found of several entities, fields or patterns is one decision, or one note, with their
    names.

    Args:
        design: The draft, if there is one.
        findings: What was found beside it; of what both tell of an entity, it is told there alone.
    """
    told = {(finding.rule, finding.values.get("entity")) for finding, _ in findings}
    taken = {finding.rule for finding, _ in findings} | {finding.key for finding, _ in findings}
    found: dict[str, dict[str, list[str]]] = {}
    for finding in design.findings if design else ():
        # A strong read by another field is decided once, by what was found in the answers.
        again = finding.key == "strong-read-on-index" and "index-reads" in taken
        if not again and (finding.key, finding.subject.partition(".")[0]) not in told:
            said = found.setdefault(finding.key, {}).setdefault(_said(finding), [])
            said.append(wording.inline(finding.subject))
    to_decide: list[Decision] = []
    notes: list[str] = []
    for key, subjects in found.items():
        words = model_findings()[key]
        texts = [_of(names, said) for said, names in subjects.items()]
        if words.default:
            text, name = "; ".join(texts), f"D-{key}{'-others' if key in taken else ''}"
            to_decide.append(
                Decision(name, words.severity, text, words.default, words.decider, "schema")
            )
        else:
            notes += texts
    return to_decide, notes


def _of(names: Iterable[str], said: str) -> str:
    """Return what is said of some subjects; what concerns the whole draft names them itself."""
    named = ", ".join(filter(None, names))
    return f"{named}: {said}" if named else said


def _said(finding: Finding) -> str:
    """Return what a finding of the draft says of its subject, without naming it."""
    numbers = {
        name: units.number(value) if isinstance(value, (int, float)) else wording.inline(value)
        for name, value in finding.numbers
    }
    return wording.fill(model_findings()[finding.key].text, numbers)


def alternatives(choices: Sequence[OpenChoice]) -> list[Decision]:
    """Return what a person left open between several."""
    return [
        Decision(
            key=item.decision,
            severity="choice",
            what=wording.fill(words.what, shown),
            default=wording.fill(words.default, shown),
            decider=words.decider,
            phase=words.phase,
            answers=(item.answer,),
        )
        for item in choices
        if not item.found
        for words in [open_answers()[item.answer]]
        for shown in [_options_shown(item)]
    ]


def _options_shown(item: OpenChoice) -> dict[str, str]:
    anchor = f"#alternatives-{item.answer}"
    return {
        "options": units.listed([wording.inline(name) for name in item.options], "or"),
        "chosen": wording.inline(item.options[0]),
        "verdict": wording.inline(item.verdict),
        "place": f"; [side by side]({anchor})" if item.cells else "",
    }


def mentioned(
    mentions: Sequence[Mention], values: Mapping[str, Any], choices: Sequence[OpenChoice]
) -> list[Decision]:
    """Return what is found in free text: to be confirmed where it was taken, else to be said."""
    texts = vocabulary().texts
    compared = next((_options_shown(item) for item in choices if item.found), {})
    beside = {"beside": compared.get("place", ""), "verdict": compared.get("verdict", "")}
    return [
        Decision(
            key=item.decision,
            severity="assumption",
            what=wording.fill(_kind(item, texts.taken, texts.open, texts.alternatives), shown),
            default=wording.fill(
                _kind(item, texts.default_taken, texts.default_open, texts.default_alternatives),
                {**values, **shown},
            ),
            decider=item.decider,
            phase=item.phase,
            answers=(item.answer, *item.also),
        )
        for item in mentions
        for shown in [_shown(item) | beside]
    ]


def recognised_blocks(blocks: Sequence[PlannedBlock]) -> list[Decision]:
    """Return the building blocks that nobody chose, to be confirmed."""
    texts = vocabulary().texts
    return [
        Decision(
            key=item.why.decision,
            severity="assumption",
            what=wording.fill(texts.block, _block_shown(item)),
            default=wording.fill(texts.default_block, _block_shown(item)),
            decider=item.block.decider,
            phase=item.block.phase,
        )
        for item in blocks
        if item.why is not None
    ]


def _block_shown(item: PlannedBlock) -> dict[str, str]:
    return {
        "place": item.why.place if item.why else "",
        "quote": wording.inline(item.why.quote if item.why else ""),
        "name": item.block.name,
        "kept": "yes" if item.made else "",
        "written": "yes" if item.made or item.why_not else "",
        "own": "yes" if item.bound.elsewhere and item.made else "",
        "anchor": item.anchor,
        "store": wording.inline(item.store.name),
    }


def _kind(item: Mention, taken: str, left_open: str, alternatives: str) -> str:
    if item.answer == "backend":
        return alternatives
    return left_open if item.value is None else taken


def _shown(item: Mention) -> dict[str, str]:
    value = item.value
    if isinstance(value, tuple):
        value = ", ".join(one if isinstance(one, str) else one.name for one in value)
    return {
        "place": item.place,
        "quote": wording.inline(item.quote),
        "reason": item.reason,
        "arithmetic": item.arithmetic,
        "answer": item.answer,
        "value": units.number(value) if isinstance(value, (int, float)) else str(value),
    }


def _what(finding: FeasibilityFinding, words: FindingWords) -> str:
    """Return the finding with the arithmetic that shows it; what is missing needs none."""
    shown = finding.arithmetic and finding.severity != "missing"
    return f"{words.title.rstrip('.')} ({finding.arithmetic})" if shown else words.title


def tasks(
    found: Sequence[Decision],
    findings: Sequence[tuple[FeasibilityFinding, FindingWords]],
    own: Sequence[Decision] = (),
) -> list[CatalogTask]:
    """Return the tasks that decisions and findings bring into the plan.

    Each phase begins with one task for the open decisions due before it, a sub-task for each.

    Args:
        found: All decisions.
        findings: What was found, with its words; of each whose default holds there is its work.
        own: Decisions for a design of their own.
    """
    due: dict[PhaseKey, list[Decision]] = {}
    for decision in found:
        if decision.status == "open":
            due.setdefault(decision.phase, []).append(decision)
    settle = [_settling(phase, group) for phase, group in due.items()]
    chosen = {item.key: item for item in own}
    work = [words.task for finding, words in findings if finding.decision not in chosen]
    replaced = {finding.decision: words.task for finding, words in findings}
    return [
        *settle,
        *(task for task in work if task is not None),
        *(_own_task(item, replaced.get(key)) for key, item in chosen.items()),
    ]


def tasks_of_before(
    findings: Sequence[tuple[FeasibilityFinding, FindingWords]],
) -> list[CatalogTask]:
    """Return the tasks that decisions and findings bring while nothing is decided."""
    work = (words.task for _, words in findings)
    settle = (_settling(phase, ()) for phase in PHASES)
    return [*settle, *(task for task in work if task is not None)]


def _settling(phase: PhaseKey, group: Iterable[Decision]) -> CatalogTask:
    """Return the task for the open decisions due before a phase."""
    return CatalogTask(
        key=f"decide-{phase}",
        phase=phase,
        text=f"Settle the [decisions](spec.md#decisions) due before phase {phase_number(phase)}",
        steps=tuple(f"{item.key}: {item.decider}" for item in group),
        order=0,
    )


def _own_task(decision: Decision, replaced: CatalogTask | None) -> CatalogTask:
    """Return the work of a design that was decided, in the place of the default's work."""
    text = decision.default.replace("{", "{{ '{' }}")
    return CatalogTask(
        key=replaced.key if replaced else f"decided-{decision.key.removeprefix('D-')}",
        phase=replaced.phase if replaced else decision.phase,
        text=f"Build what was decided in [{decision.key}](spec.md#decisions): {text}",
        order=replaced.order if replaced else 8,
    )
