"""Reader of workflow.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .commits import conventions, frequencies
from .language import denied, filled, left_open, name, stated
from .lexicon import Lexicon, listed, tables
from .markdown import Block
from .model import Stated, Workflow
from .practice import read_approach, read_migration_naming, read_single_transaction
from .reading import Source, cell, first, sentences_with, several, under, without_lists
from .testing import read_testing
from .text import PLACEHOLDER

_TABLES = tables("workflow")
_PERCENT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s*(?:%|percent\b|prozent\b)", re.IGNORECASE)
_COVERAGE_LABELS = listed(_TABLES["coverage_labels"])
_TARGET_WORDS = listed(_TABLES["target_words"])
_COVERAGE = (
    r"\b(?:coverage|cobertura|couverture|copertura|\w*abdeckung|покрыти\w*)\b"
    r"|覆盖率|覆蓋率|カバレッジ|커버리지"
)
_COVERED = re.compile(
    r"(?<![\d.])(?P<a>\d{1,3}(?:\.\d+)?)\s*%\+?\s*(?:or (?:more"
    rf"|higher) )?(?:[\w-]+ ){{0,3}}?(?:{_COVERAGE})"
    rf"|(?:{_COVERAGE})[^.%\d]{{0,40}}?(?P<b>\d{{1,3}}(?:\.\d+)?)\s*%",
    re.IGNORECASE,
)
_REMARK = re.compile(r"\s+[-–—]+\s+(?!\d)")
_AT_PRESENT = Lexicon(_TABLES["at_present"])
_AIM = re.compile(r"\b(?:aims?|aiming|strive|target)\b(?: (?:for|at|of))?", re.IGNORECASE)

_REVIEW_LABELS = listed(_TABLES["review_labels"])
_REVIEW_WORDS = listed(_TABLES["review_words"])
_REVIEW_BEGINNINGS = tuple(listed(_TABLES["review_beginnings"]))
_REVIEW = Lexicon(_TABLES["review"])
_REVIEW_RULE = re.compile(
    r"\b(?:pull requests?|merge requests?|prs?|mrs?|changes?|migrations?|commits?)\b[^.]*\b(?:must"
    r"|needs?|requires?|required|at least|has to|have to|is|are|will be)\b[^.]*"
    r"\b(?:review\w*|approv\w*)\b"
    r"|\b(?:at least )?(?:one|two|three|\d) (?:\w+ ){0,3}(?:approvals?|reviewers?|reviews?)\b[^.]*"
    r"\b(?:required|needed|must|before)\b"
    r"|\bno [^.]*\bwithout [^.]*\b(?:review|approval)\b",
    re.IGNORECASE,
)
_REVIEWED = tuple(Lexicon(_TABLES[f"review_{part}"]) for part in ("subjects", "acts", "duties"))
_ACTS = tuple(each.rstrip("*") for each in listed(_TABLES["review_acts"]))
_WILL_BE = re.compile(r"\bwill be (?=reviewed|approved)", re.IGNORECASE)
_NO_DENIAL = re.compile(
    r"\bantes d\w*|\b(?:no|não|pas|nicht|не) (?:menos|moins|weniger|менее)\b|不少于", re.IGNORECASE
)
_STEP = re.compile(r"\W*(?:verify|vérifie[rz]|verificar?|verifique|prüfen?)\b", re.IGNORECASE)
_LABEL_WORDS = 3  # of a label on verification
_VERIFICATION = Lexicon(_TABLES["verification"])


def read_workflow(source: Source) -> tuple[Workflow, list[str]]:
    """What workflow.md states, and in which points it contradicts itself."""
    contradictions: list[str] = []
    workflow = Workflow(
        testing=read_testing(source, contradictions),
        approach=read_approach(source, contradictions),
        migration_naming=read_migration_naming(source),
        single_transaction_migrations=read_single_transaction(source),
        coverage_percent=_coverage(source, contradictions),
        commit_convention=first(conventions(source)),
        commit_frequency=first(frequencies(source)),
        review=several(_reviews(source))[:3],
        verification=several(_verifications(source)),
    )
    return workflow, contradictions


def _coverage(source: Source, contradictions: list[str]) -> Stated | None:
    near = under(*_COVERAGE_LABELS)
    found = [
        source.stated(percent[1], block)
        for value, block in source.labelled(_COVERAGE_LABELS, generic=_TARGET_WORDS, under=near)
        for percent in [_PERCENT.search(value)]
        if percent and not denied(value) and not _AT_PRESENT.found_in(block.text)
    ]
    if not found:
        found = list(_covered_in_prose(source))
    found = [each for each in found if 0 < (each.number or 0) <= 100]
    if len({each.number for each in found}) > 1:
        values = ", ".join(f"{each.value}%" for each in found)
        contradictions.append(
            f"{source.document} gives several coverage targets ({values}); none was taken"
        )
        return None
    return first(found)


def _covered_in_prose(source: Source) -> Iterator[Stated]:
    for whole, block in sentences_with(source, "%"):
        sentence = _REMARK.split(whole, maxsplit=1)[0]
        covered = _COVERED.search(sentence)
        doubtful = not stated(_AIM.sub("", sentence)) or _AT_PRESENT.found_in(sentence)
        if covered and not doubtful:
            yield source.stated(covered["a"] or covered["b"], block)
        elif block.text == whole and under(*_COVERAGE_LABELS)(block):
            bare = re.fullmatch(
                r"(?:at least |min\. |[≥>]=? ?)?(\d{1,3})\s*%\+?\.?", sentence, re.I
            )
            if bare:
                yield source.stated(bare[1], block)


def _reviews(source: Source) -> Iterator[Stated]:
    def near(block: Block) -> bool:
        return any(_REVIEW.found_in(heading.text) for heading in block.path[-2:])

    for value, block in source.labelled(_REVIEW_LABELS, generic=_REVIEW_WORDS, under=near):
        if not left_open(value) and not re.match(r"(?:no|not|none)\b", value, re.IGNORECASE):
            yield source.stated(f"{block.label}: {value}", block)
    for block in source.facts:
        labelled = bool(block.label) and name(block.label) not in _REVIEW_WORDS
        begins = name(block.label if labelled else block.text).startswith(_REVIEW_BEGINNINGS)
        told = labelled or (block.kind == "text" and not block.label)
        if begins and told and near(block):
            yield source.stated(block.text, block)
    for sentence, block in sentences_with(source, *_ACTS):
        rule = _REVIEW_RULE.search(sentence)
        asked = all(part.found_in(sentence) for part in _REVIEWED)
        if asked and stated(_NO_DENIAL.sub(" ", sentence)):
            yield source.stated(sentence, block)
        if (
            rule
            and not left_open(_WILL_BE.sub("", sentence))
            and (not denied(sentence) or rule[0].casefold().startswith("no "))
        ):
            yield source.stated(sentence, block)


def _verifications(source: Source) -> Iterator[Stated]:
    plain = without_lists(source.facts)
    for block in source.facts:
        here = block.kind in {"item", "todo", "row"} and block.depth <= 1
        alone = block.kind == "text" and bool(block.path) and block.path[-1].line in plain
        told = here and bool(block.label) and bool(block.value) and _verifies(block.label)
        below = any(_VERIFICATION.found_in(heading.text) for heading in block.path)
        if not told and not (below and (here or alone)):
            continue
        value = filled(cell(block))
        text = f"{block.label}: {value}" if block.label and value else block.text
        if PLACEHOLDER not in block.text and filled(text) and name(text):
            yield source.stated(text, block)


def _verifies(label: str) -> bool:
    """Whether a label is a short one on verification, such as `Quality gates`, and no step."""
    short = len(label.split()) <= _LABEL_WORDS and not _STEP.match(label)
    return short and _VERIFICATION.found_in(label)
