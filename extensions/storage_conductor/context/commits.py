"""How commits are written, and when they are made."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .clauses import CONTRAST
from .language import denied, left_open, name, own_names, stated, without_examples
from .lexicon import Lexicon, listed, tables
from .markdown import Block
from .model import Stated
from .reading import Source, mentions, sentences_with, set_aside

_TABLES = tables("workflow")
_CONVENTION_LABELS = listed(_TABLES["convention_labels"])
_FORMAT_WORDS = listed(_TABLES["format_words"])
_COMMIT_LABELS = listed(_TABLES["commit_labels"])
_FREQUENCY_LABELS = listed(_TABLES["frequency_labels"])
_FREQUENCY_WORDS = listed(_TABLES["frequency_words"])
_COMMITS = Lexicon(_TABLES["commits"])
_GIT = Lexicon(_TABLES["git"])
_CONVENTIONS = re.compile(
    r"\b(?:conventional[- ]commits?|gitmoji|semantic commits?"
    r"|angular commit (?:convention|format))\b|@?\bcommitlint/config-conventional\b",
    re.IGNORECASE,
)
_TYPES = listed(_TABLES["commit_types"])
_TYPES_LEAST = 2  # of a list of them
_CUE = re.compile(
    r"\b(?:we|wir|nous|usamos|seguimos|use[sd]?|using|follow\w*|write|adhere\w*|enforce\w*"
    r"|according to|nach|selon|según|segundo)\b|采用|使用|遵循|準拠|따른",
    re.IGNORECASE,
)
_BY_CONVENTION = re.compile(
    r"\bwith (?:an? )?(?:conventional[- ]commit|semantic commit|gitmoji)", re.IGNORECASE
)
# The first line of a fence or a code span such as `<type>(<scope>): <description>`.
_FORMAT = re.compile(
    r"[<\[{]?(?:type|tipo|typ|tag|태그|类型|種別|тип)\w*[>\]}]?\s?(?:[(\[].{1,40}[)\]])?!?\s?[:：].+",
    re.IGNORECASE,
)
# The same within a sentence, as `with the message "<type>: <text>"`.
_FORMAT_INSIDE = re.compile(
    r"[<\[{](?:type|tipo|typ|тип|类型)[>\]}](?:\([^()]{1,20}\))?!?: ?[<\[{][^<>\[\]{}]{1,40}[>\]}]",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\W*(?:all |every |your )?commit messages?\s+"
    r"(?:must|should|shall|are|is|use|follow|begin|start)\b"
    r"|提交(?:信息|消息|说明)\s*(?:必须|应|须)?\s*(?:使用|采用|遵循|用)|コミットメッセージは"
    r"|커밋 메시지는",
    re.IGNORECASE,
)
_UNIT = (
    r"(?:sub-?)?(?:tasks?|steps?|phases?|changes?|features?|fix(?:es)?|modules?|units?|milestones?"
    r"|tests?|stor(?:y|ies)|days?|hours?|cycles?|components?|tickets?|issues?|files?|sessions?"
    r"|chunks?|implementations?|tareas?|fases?|tâches?|étapes?|aufgaben?|schritte?|phasen?|tarefas?"
    r"|etapas?|задач\w*|этап\w*)"
)
_OFTEN = re.compile(
    r"\bcommit(?:s|ted)?\b(?:[\s,:*]+\w+){0,5}?[\s,:*]+"
    r"(?:after|per|for|at the end of|once per|each|every|nach|pro|par|por|después de|après|após"
    r"|на|после)[\s-]+(?:each |every |one |a |an |the |jede[mnr]? "
    r"|chaque |cada |каждой |каждого )?"
    rf"(?:[\w-]+ ){{0,3}}?{_UNIT}\b"
    rf"|\b(?:one|a single|separate) commit (?:per|for each|for every) (?:\w+ ){{0,2}}?{_UNIT}\b"
    rf"|\b(?:each|every)\b (?:\w+ ){{0,3}}?{_UNIT}\b[^.]{{0,60}}\b(?:git )?commit\b"
    r"|每(?:个|次|项)[^。]{0,12}(?:提交|commit)|(?:提交|commit)[^。]{0,8}每",
    re.IGNORECASE,
)
_QUOTES = re.compile(r"[\"'“”„«»‘’`]")
_REFUSED = re.compile(r"(?:no|none|not|kein\w*|aucun\w*|sin|sem)\b", re.IGNORECASE)


def conventions(source: Source) -> Iterator[Stated]:
    """How commit messages are written, the likeliest statement first."""
    found = source.labelled(_CONVENTION_LABELS, generic=_FORMAT_WORDS, under=_under_commits)
    for value, block in found:
        if not _REFUSED.match(value) and block.kind != "heading":
            yield source.stated(value, block)
    for value, block in source.labelled(_COMMIT_LABELS):
        if (_CONVENTIONS.search(value) or _FORMAT.match(value)) and not denied(value):
            yield source.stated(value, block)
    yield from _named(source)
    yield from _by_format(source)
    yield from _by_types(source)


def _by_format(source: Source) -> Iterator[Stated]:
    """The form that a sentence, a fence or a code span shows."""
    for sentence, block in sentences_with(source, "commit"):
        inside = _FORMAT_INSIDE.search(sentence)
        if inside and not denied(sentence[: inside.start()]):
            yield source.stated(inside[0], block)
    for sentence, block in sentences_with(source, "commit", "提交", "コミット", "커밋"):
        if _SUBJECT.match(sentence) and stated(without_examples(sentence)):
            yield source.stated(sentence, block)
    for block in source.blocks:
        if block.kind == "code" and _under_commits(block) and not set_aside(block):
            first = block.value.strip().split("\n", 1)[0].strip()
            if _FORMAT.fullmatch(first):
                yield source.stated(first, block)


def _named(source: Source) -> Iterator[Stated]:
    """The conventions that a sentence or a label names."""
    for sentence, block in sentences_with(source, "conventional", "gitmoji", "semantic", "angular"):
        named = _CONVENTIONS.search(sentence)
        said = without_examples(sentence)
        if named is None or denied(said) or left_open(said):
            continue
        labelled = bool(block.label) and bool(_CONVENTIONS.fullmatch(block.label))
        cue = _CUE.search(sentence) or _BY_CONVENTION.search(sentence)
        near = _under_commits(block) or any(map(_GIT.found_in, _around(block)))
        about = bool(block.label) and not _COMMIT_LABELS.isdisjoint(own_names(block.label))
        if labelled or cue or near or about or sentence == named[0]:
            yield source.stated(_usual(named[0]), block)


def _by_types(source: Source) -> Iterator[Stated]:
    """The types that a list below a heading on commits explains: `feat: new things`."""
    listing = [
        block
        for block in source.facts
        if block.kind in {"item", "row"} and name(block.label) in _TYPES and _under_commits(block)
    ]
    if len(listing) >= _TYPES_LEAST:
        types = dict.fromkeys(name(block.label) for block in listing)
        yield source.stated(", ".join(f"{each}:" for each in types), listing[0])


def _usual(named: str) -> str:
    return "Conventional Commits" if "conventional" in named.casefold() else named


def _under_commits(block: Block) -> bool:
    return any(_COMMITS.found_in(text) for text in _around(block))


def _around(block: Block) -> Iterator[str]:
    yield from (heading.text for heading in block.path[-2:])
    yield from block.parents[-1:]


def frequencies(source: Source) -> Iterator[Stated]:
    """When commits are made."""
    found = source.labelled(_FREQUENCY_LABELS, generic=_FREQUENCY_WORDS, under=_under_commits)
    for value, block in found:
        yield source.stated(value, block)
    for sentence, block in sentences_with(source, "commit", "提交"):
        plain = _QUOTES.sub("", sentence)
        often = _OFTEN.search(plain)
        if often and mentions(sentence, ("commit", "提交")) and _ordered(_clause(plain, often)):
            yield source.stated(sentence, block)


def _clause(sentence: str, found: re.Match[str]) -> str:
    """What a sentence says up to the end of the clause that a match ends in."""
    rest = sentence[found.end() :]
    return sentence[: found.end()] + (re.split(r"[,;，；]\s*", rest, maxsplit=1)[0])


def _ordered(sentence: str) -> bool:
    return stated(CONTRAST.split(without_examples(_CONVENTIONS.sub(" ", sentence)))[0])
