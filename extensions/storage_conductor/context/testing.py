"""Whether tests are written before the code."""

from __future__ import annotations

import re

from .language import denied, filled, left_open, name, names, own_names, sentences
from .lexicon import Lexicon, either, listed, tables
from .markdown import Block
from .model import Stated
from .practice import APPROACH_LABELS, NO, STATING, YES, agreed, blocks_with
from .reading import Source, cell

_TABLES = tables("workflow")


_TERM = re.compile(
    r"\btdd\b|\btest[- ]driven(?: development)?\b|\btest-first\b|\btestgetrieben\w*"
    r"|\b(?:pilotée?s?|dirigée?s?|conduite?s?) par les tests\b"
    r"|\b(?:guiado|dirigido|orientado) (?:por|a) (?:las |los )?(?:pruebas|testes|tests)\b"
    r"|разработк\w+ через тестирование|测试驱动(?:开发)?|テスト駆動(?:開発)?|테스트 주도(?: 개발)?",
    re.IGNORECASE,
)
# The patterns below see each of those terms as this word.
_TDD = " TDD "
_BEFORE_CODE = re.compile(
    rf"\b(?:{either(_TABLES['tests'])})(?P<between>[^.;。；]{{0,60}}?)\b(?:{either(_TABLES['before'])})\s*"
    rf"(?:\S+\s+){{0,3}}?(?:{either(_TABLES['code'])})",
    re.IGNORECASE,
)
_PASSING = re.compile(r"\b(?:pass\w*|green|run|succeed\w*|merg\w*)\b", re.IGNORECASE)
_TESTS_FIRST_WORDS = Lexicon(_TABLES["tests_first"])
_RED = Lexicon(_TABLES["red"])
_FAIL = Lexicon(_TABLES["fail"])
_TEST = re.compile(rf"(?:{either(_TABLES['tests'])})", re.IGNORECASE)
_STRICT = Lexicon(_TABLES["strict"])
_LAX = Lexicon(_TABLES["lax"])
_CODE = (
    r"(?:(?:you|we|the|any|its|each|production|application) ){0,2}"
    r"(?:writ(?:e|ing)|implement\w*|cod(?:e|ing)|functionality|features?)\b"
)
_TESTS_FIRST = re.compile(
    rf"\btests? (?:(?:is|are|get|come|must be|have to be)(?: always)?(?: written)? )?"
    rf"(?:before {_CODE}|(?<!tests )(?<!test )first\b)"
    rf"|\bwrit\w+ (?:[\w-]+ ){{0,4}}tests? (?:first\b|before {_CODE})"
    r"|\b(?:failing|red) tests? first\b|\bwrite (?:the |a )?failing (?:\w+ )?tests?\b"
    r"|\bred\W{1,4}green(?:\W{1,4}refactor)?\b"
    r"|\b(?:no|never)\b[^.]*\bcode\b[^.]*\bwithout (?:a |the )?(?:\w+ )?tests?\b",
    re.IGNORECASE,
)
_TESTS_LATER = re.compile(
    rf"\btests? (?:(?:is|are|get|will be|come) )?(?:(?:written|added|created) )?(?:only )?"
    rf"(?:after(?:wards)?\b(?: {_CODE}|\s*(?:$|[.,;)]))|later\b)"
    rf"|\bwrit\w+ (?:[\w-]+ ){{0,3}}tests? after (?:{_CODE}|wards)"
    r"|\btest[- ](?:after|last)\b|\b(?:code|implementation|implement) first,? (?:and )?(?:then )?"
    r"(?:(?:we )?(?:write|add) )?tests?\b",
    re.IGNORECASE,
)
_PRACTISED = re.compile(
    r"\b(?:we|teams?|everyone|developers|engineers)(?: \w+){0,2}? (?:practi[sc]e|follow|use|do"
    r"|apply|work|develop|require|enforce)\b[^.]*? TDD "
    r"|^\W*(?:always |strictly )?(?:practi[sc]e|follow|use|apply|enforce)(?: strict(?:ly)?)?  ?TDD "
    r"| TDD [^.]{0,20}\b(?:is|are) (?:\w+ )?(?:mandatory|required|practi[sc]ed|used|followed"
    r"|enforced|the (?:default|norm|rule|standard)|our)\b"
    r"|\b(?:development|implementation|coding|work|approach|strategy|process) (?:is|follows)  ?TDD "
    r"|^\W*(?:implement|build|develop|write|code)\b[^.]{0,40}? (?:following|using|with|via|by|per)"
    r"(?: strict)?  ?TDD "
    r"|\bstrict(?:ly)?  ?TDD |\b(?:wir (?:arbeiten|entwickeln|praktizieren|nutzen|verwenden)"
    r"|nous (?:pratiquons|utilisons|suivons)"
    r"|practicamos|praticamos|usamos|utilizamos|aplicamos|seguimos)\b[^.]*? TDD "
    r"|\b(?:must|shall)(?: always)? (?:follow|use|practi[sc]e|apply)\b[^.]{0,30} TDD "
    r"|(?:采用|实践|遵循|使用) TDD | TDD を(?:採用|実践|行)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:\b(?:not|no|never|without|\w+n't|dont|abandon\w*|stopped|gave up|avoid\w*|nicht|kein\w*"
    r"|ohne|pas|sans|sin|nunca|não|sem|ne)\b|[不没沒无無])[^.]{0,40}? TDD "
    r"| TDD [^.]{0,40}?(?:\b(?:not|never|\w+n't|abandon\w*|no longer|nicht|pas)\b|ない|しません"
    r"|しておらず)",
    re.IGNORECASE,
)
_NOT_DONE = re.compile(
    r"\b(?:not|never|\w+n't|no longer)\s+(?:\w+\s+)?(?:practi[sc]ed?|used?|followed?|required"
    r"|mandatory|done|do|applied|apply)\b",
    re.IGNORECASE,
)
_AFTER_ALL = re.compile(
    r"\b(?:non-negotiable|not (?:optional|negotiable|up for debate)|no exceptions)\b", re.IGNORECASE
)
_FIRST_WORDS = re.compile(r"[^\s:;,.()（）：，。–—-]+")
_TEST_WORDS = ("test", "тест", "prueba", "测试", "テスト", "테스트", "prüfung")
_HALF = Lexicon(_TABLES["half"])
_TDD_LABELS = listed(_TABLES["tdd_labels"])


def read_testing(source: Source, contradictions: list[str]) -> Stated | None:
    """`test-driven` or `not test-driven`, where one of them and not the other is stated."""
    found = [
        source.stated("test-driven" if verdict else "not test-driven", block)
        for block in source.facts
        for verdict in [_policy(block)]
        if verdict is not None
    ] or [
        source.stated("test-driven" if verdict else "not test-driven", block)
        for block in blocks_with(source, "tdd", "refactor", *_TEST_WORDS)
        for verdict in [_test_driven(block)]
        if verdict is not None
    ]
    return agreed(found, "whether tests are written first", source, contradictions)


def _policy(block: Block) -> bool | None:
    """What a heading, a label or the first word below a heading on tests first says of them."""
    if block.kind == "heading":
        return _heading_policy(block.text) if _TERM.search(block.text) else None
    if block.kind not in STATING:
        return None
    if block.kind == "item" and _RED.found_in(block.label):
        red = _TEST.search(block.value) and _FAIL.found_in(block.value)
        return True if red and not denied(block.value) else None
    if "(tdd)" in block.label.casefold() and name(block.label) not in _TDD_LABELS:
        return None if denied(block.label) or left_open(block.label) else True
    return _named_policy(block)


def _heading_policy(text: str) -> bool | None:
    strict = _AFTER_ALL.search(text) or (_STRICT.found_in(text) and not denied(text))
    return True if strict else None


def _named_policy(block: Block) -> bool | None:
    """What the first word after a label on tests first, or below such a heading, says of them."""
    about = block.label if not _TDD_LABELS.isdisjoint(own_names(block.label)) else ""
    below = block.heading is not None and not _TDD_LABELS.isdisjoint(names(block.heading.text))
    told = (block.value if about else block.text).lstrip("*_` ")
    word = _FIRST_WORDS.match(told) if about or below else None
    if word is None or denied(word[0]):
        return None
    return True if _STRICT.found_in(word[0]) else False if _LAX.found_in(word[0]) else None


def _test_driven(block: Block) -> bool | None:
    value = cell(block).strip()
    label = name(block.label)
    if label in _TDD_LABELS:
        if NO.fullmatch(value):
            return False
        if YES.fullmatch(value) and not left_open(value):
            return True
    value = filled(value)
    if not value:
        return None
    known = label in _TDD_LABELS or label in APPROACH_LABELS
    if label in APPROACH_LABELS and _TERM.match(value) and not (denied(value) or left_open(value)):
        return True
    verdicts = {
        verdict
        for sentence in sentences(value if known else block.text)
        for verdict in [_sentence_verdict(sentence, named=label in _TDD_LABELS)]
        if verdict is not None
    }
    return verdicts.pop() if len(verdicts) == 1 else None


def _sentence_verdict(sentence: str, *, named: bool) -> bool | None:
    """What one sentence says of tests that come first.

    Args:
        sentence: The sentence.
        named: Whether it stands after the label `Test-driven development`.
    """
    text = _TERM.sub(_TDD, sentence.replace("’", "'"))
    if _AFTER_ALL.search(text) and (named or _TDD in text):
        return True
    if _TESTS_FIRST.search(text) and re.search(r"\bcode\b[^.]*\bwithout\b", text, re.I):
        return True
    if _DENIED.search(text) or (named and _NOT_DONE.search(text)):
        return None if _HALF.found_in(text) or left_open(text) else False
    before = _BEFORE_CODE.search(text)
    if before:
        ordered = not _PASSING.search(text[max(0, before.start() - 20) : before.end()])
        said = f"{text[: before.start()]} {before['between']} {text[before.end() :]}"
        return True if ordered and not (denied(said) or left_open(said)) else None
    return _plain_verdict(text)


def _plain_verdict(text: str) -> bool | None:
    if denied(text) or left_open(text):
        return None
    if _TESTS_LATER.search(text):
        return False
    first = _TESTS_FIRST_WORDS.found_in(text) or _TESTS_FIRST.search(text)
    return True if first or _PRACTISED.search(text) else None
