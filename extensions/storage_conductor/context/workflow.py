"""Reader of workflow.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .language import denied, filled, left_open, name, stated
from .lexicon import Lexicon, listed
from .markdown import Block
from .model import Stated, Workflow
from .practice import read_approach, read_migration_naming, read_single_transaction, read_testing
from .reading import Source, cell, first, sentences_with, several, under
from .text import PLACEHOLDER

_PERCENT = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s*(?:%|percent\b|prozent\b)", re.IGNORECASE)
_COVERAGE_LABELS = listed("""
    target coverage;coverage target;test coverage;code coverage;coverage;coverage goal
    minimum coverage;minimum test coverage;required coverage;test coverage target
    code coverage target;coverage threshold;line coverage;coverage requirement;testabdeckung
    zielabdeckung;couverture;couverture de tests;couverture des tests;cobertura
    cobertura de pruebas;cobertura de testes;cobertura de código;覆盖率;测试覆盖率;カバレッジ
    テストカバレッジ
""")
_TARGET_WORDS = listed("target;goal;minimum;threshold;ziel;objectif;objetivo;目标;目標")
_COVERED = re.compile(
    r"(?<![\d.])(?P<a>\d{1,3}(?:\.\d+)?)\s*%\+?\s+(?:or (?:more"
    r"|higher) )?(?:[\w-]+ ){0,3}coverage\b"
    r"|\bcoverage\b[^.%\d]{0,40}?(?P<b>\d{1,3}(?:\.\d+)?)\s*%",
    re.IGNORECASE,
)
_AT_PRESENT = Lexicon("current*;today;now;at present;stands at;is at")
_AIM = re.compile(r"\b(?:aims?|aiming|strive|target)\b(?: (?:for|at|of))?", re.IGNORECASE)

_CONVENTION_LABELS = listed("""
    commit convention;commit message format;commit format;commit style;commit messages
    commit message;commit message convention;commit message style;commit konvention
    commit nachrichten;format des commits;messages de commit;formato de commits;mensajes de commit
    mensagens de commit;提交规范;コミット規約
""")
_CONVENTIONS = re.compile(
    r"\b(?:conventional commits?|gitmoji|semantic commits?|angular commit (?:convention|format))\b",
    re.IGNORECASE,
)
_COMMIT_CUE = re.compile(
    r"\b(?:we|commits?(?: messages?)? (?:must )?(?:follow|use|are)|wir|nous|usamos|seguimos)\b"
    r"|^\W*(?:follow|use|write)\b|采用|使用",
    re.IGNORECASE,
)
_FREQUENCY_LABELS = listed("""
    commit frequency;when to commit;commit cadence;commit frequenz;commit häufigkeit
    fréquence des commits;frecuencia de commits;frequência de commits;提交频率;コミット頻度
""")
_COMMIT_OFTEN = re.compile(
    r"\bcommits? (?:\w+ ){0,3}?(?:after|per|for|at the end of|once per) (?:each|every|one|a"
    r"|the)?\s*\w+|\bone commit (?:per|for each|for every) \w+",
    re.IGNORECASE,
)
_COMMITS = Lexicon("commit;commits;提交;コミット")

_REVIEW_LABELS = listed("""
    review requirement;review requirements;required reviews;required reviewers;required approvals
    code review;code reviews;reviews;reviewers;approvals;peer review;revue de code
    revisión de código;revisão de código;代码评审;コードレビュー
""")
_REVIEW_WORDS = listed("""
    required for;reviewer;minimum reviewers;number of reviewers;required;requirement;approval
    minimum approvals;who reviews;obligatoire pour;obligatorio para;obrigatório para
""")
_REVIEW = Lexicon("""
    review*;pull request;pull requests;merge request;merge requests;revue;revis*;评审;レビュー
""")
_REVIEW_RULE = re.compile(
    r"\b(?:pull requests?|merge requests?|prs?|mrs?|changes?|migrations?|commits?)\b[^.]*\b(?:must"
    r"|needs?|requires?|required|at least|has to|have to|is|are)\b[^.]*\b(?:review\w*|approv\w*)\b"
    r"|\b(?:at least )?(?:one|two|three|\d) (?:\w+ ){0,3}(?:approvals?|reviewers?|reviews?)\b[^.]*"
    r"\b(?:required|needed|must|before)\b"
    r"|\bno [^.]*\bwithout [^.]*\b(?:review|approval)\b",
    re.IGNORECASE,
)
_VERIFICATION = Lexicon("""
    verify;verification;definition of done;quality gate;quality gates;checkpoint*;abnahme*
    vérification;verificación;verificação;验证;検証
""")


def read_workflow(source: Source) -> tuple[Workflow, list[str]]:
    """What workflow.md states, and in which points it contradicts itself."""
    contradictions: list[str] = []
    workflow = Workflow(
        testing=read_testing(source, contradictions),
        approach=read_approach(source, contradictions),
        migration_naming=read_migration_naming(source),
        single_transaction_migrations=read_single_transaction(source),
        coverage_percent=_coverage(source, contradictions),
        commit_convention=first(_conventions(source)),
        commit_frequency=first(_frequencies(source)),
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
    for sentence, block in sentences_with(source, "%"):
        covered = _COVERED.search(sentence)
        doubtful = not stated(_AIM.sub("", sentence)) or _AT_PRESENT.found_in(sentence)
        if covered and not doubtful:
            yield source.stated(covered["a"] or covered["b"], block)
        elif block.text == sentence and under(*_COVERAGE_LABELS)(block):
            bare = re.fullmatch(
                r"(?:at least |min\. |[≥>]=? ?)?(\d{1,3})\s*%\+?\.?", sentence, re.I
            )
            if bare:
                yield source.stated(bare[1], block)


def _under_commits(block: Block) -> bool:
    return any(_COMMITS.found_in(heading.text) for heading in block.path[-2:])


def _conventions(source: Source) -> Iterator[Stated]:
    words = frozenset({"format", "convention", "message format", "message style", "messages"})
    for value, block in source.labelled(_CONVENTION_LABELS, generic=words, under=_under_commits):
        if not re.match(r"(?:no|none|not|kein\w*|aucun\w*|sin|sem)\b", value, re.IGNORECASE):
            yield source.stated(value, block)
    for sentence, block in sentences_with(source, "conventional", "gitmoji", "semantic", "angular"):
        named = _CONVENTIONS.search(sentence)
        if named and stated(sentence) and (_COMMIT_CUE.search(sentence) or sentence == named[0]):
            yield source.stated(named[0], block)


def _frequencies(source: Source) -> Iterator[Stated]:
    words = frozenset(
        {"frequency", "cadence", "when", "häufigkeit", "fréquence", "frecuencia", "frequência"}
    )
    for value, block in source.labelled(_FREQUENCY_LABELS, generic=words, under=_under_commits):
        yield source.stated(value, block)
    for sentence, block in sentences_with(source, "commit"):
        if _COMMIT_OFTEN.search(sentence) and stated(sentence):
            yield source.stated(sentence, block)


def _reviews(source: Source) -> Iterator[Stated]:
    def near(block: Block) -> bool:
        return any(_REVIEW.found_in(heading.text) for heading in block.path[-2:])

    for value, block in source.labelled(_REVIEW_LABELS, generic=_REVIEW_WORDS, under=near):
        if not left_open(value) and not re.match(r"(?:no|not|none)\b", value, re.IGNORECASE):
            yield source.stated(f"{block.label}: {value}", block)
    for sentence, block in sentences_with(source, "review", "approv"):
        rule = _REVIEW_RULE.search(sentence)
        if (
            rule
            and not left_open(sentence)
            and (not denied(sentence) or rule[0].casefold().startswith("no "))
        ):
            yield source.stated(sentence, block)


def _verifications(source: Source) -> Iterator[Stated]:
    for block in source.facts:
        here = block.kind in {"item", "todo", "row"} and block.depth <= 1
        if not here or not any(_VERIFICATION.found_in(heading.text) for heading in block.path):
            continue
        value = filled(cell(block))
        text = f"{block.label}: {value}" if block.label and value else block.text
        if PLACEHOLDER not in block.text and filled(text) and name(text):
            yield source.stated(text, block)
