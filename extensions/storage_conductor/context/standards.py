"""Reader of storage-standards.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .kinds import KINDS
from .language import denied, filled, left_open, name, sentences, without_examples
from .lexicon import Lexicon, either, listed, tables
from .markdown import Block
from .model import Section, Standards, Stated
from .practice import read_migration_naming, read_single_transaction
from .reading import (
    COLUMNS,
    LIST_LENGTH,
    Source,
    below,
    cell,
    first,
    place,
    sentences_with,
    set_aside,
    several,
)
from .text import PLACEHOLDER, shortened
from .topics import topics
from .vocabulary import find_products

_TABLES = tables("standards")
_RULE_LENGTH = 120
_SECTIONS_MOST = 60
_RULE_WORDS = Lexicon(_TABLES["rule_words"])
_OFFERING = Lexicon(_TABLES["offering"])
_DEMANDS = Lexicon(f"{_TABLES['rule_words']}; {_TABLES['demands']}")
_NOT_RULES = listed(_TABLES["not_rules"])
_RULES_BELOW = listed(_TABLES["rules_below"])
_NOT_SECTIONS = listed(_TABLES["not_sections"])
_MINUTES = {"s": 1 / 60, "m": 1, "h": 60, "d": 1440}
_DURATION = (
    r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>s(?:ec(?:ond)?s?|ekunden?)?|m(?:in(?:ute)?[sn]?|inutos?)?"
    r"|h(?:(?:ou)?rs?|eures?|oras?)?|std|stunden?|d(?:ays?|ías?|ias?)?|tage?n?|jours?|分钟?|小时|時間"
    r"|天|日|秒)(?![^\W\d_])"
)
_UNITS = {"分": "m", "小": "h", "時": "h", "天": "d", "日": "d", "秒": "s", "t": "d", "j": "d"}
_OBJECTIVES = {
    "RTO": r"(?:\brto\b|\brecovery time objective\b)",
    "RPO": r"(?:\brpo\b|\brecovery point objective\b)",
}
_EXAMPLE = Lexicon(_TABLES["example"])
_PERIOD = re.compile(
    r"\d+\s*(?:days?|weeks?|months?|years?|tage?n?|wochen?|monate?n?|jahre?n?|jours?|semaines?|mois|ans"
    r"|années?|días?|semanas?|mes(?:es)?|años?|dias?|m[êe]s|anos?|天|周|个月|月|年|日間?|週間?|か月|ヶ月)",
    re.IGNORECASE,
)
_RETENTION = Lexicon(_TABLES["retention"])
_BACKUP = Lexicon(_TABLES["backup"])
_KEPT = re.compile(
    r"\b(?:keep|retain|store|kept|retained|stored)\b[^.]*\bback-?ups?\b|\bback-?ups?\b[^.]*\b(?:kept"
    r"|retained|stored|retention)\b",
    re.IGNORECASE,
)
_SLOW = re.compile(
    r"(?:\bslow[- ](?:\w+ ){0,2}?quer(?:y|ies)\b|\blangsame\w* abfragen?\b|\brequêtes? lentes?\b"
    r"|\bconsultas? lentas?\b|慢查询|スロークエリ)[^.\d]{0,40}?"
    r"(?P<a>\d+(?:\.\d+)?)\s*(?P<x>ms|milliseconds?|millisekunden|s|sec|seconds?|sekunden)\b"
    r"|\b(?:log|alert|flag|report|monitor|trace)\w*\b[^.]*\bquer(?:y|ies)\b[^.\d]{0,30}?"
    r"(?:slower|longer|more|exceed\w*|over|above|>)[^.\d]{0,10}?"
    r"(?P<b>\d+(?:\.\d+)?)\s*(?P<y>ms|milliseconds?|s|sec|seconds?)\b",
    re.IGNORECASE,
)
_POOL_LABELS = listed(_TABLES["pool_labels"])
_POOL = re.compile(
    r"\b(?:at most|max(?:imum)?(?: of)?|up to|limit(?:ed)? to|no more than)\s+(?P<number>\d+)\s+"
    r"(?:\w+ )?connections\b",
    re.IGNORECASE,
)
_COMMAND = re.compile(rf"(?:{either(_TABLES['commands'])})(?: [^.]+)?", re.IGNORECASE)
_IMPERATIVE = re.compile(rf"(?:{either(_TABLES['imperatives'])})", re.IGNORECASE)
_DEMANDING = Lexicon(_TABLES["demanding"])
_SETTINGS = listed(_TABLES["settings"])
_SETTING_WORDS = 2  # of a value
_EASTERN = "\u2e80"  # the first character of the scripts that need no spaces
_LEAD_LENGTH = 40  # characters of such a lead-in
_LEAD_WORDS = 5  # of a lead-in that asks for nothing by itself
_NAMING_PLACES = listed(_TABLES["naming_places"])
_NAMING = Lexicon(_TABLES["naming"])
_OTHER_NAMES = Lexicon(_TABLES["other_names"])
_NAMING_WORDS = 6  # of a heading on names
_MODAL = re.compile(
    r"\b(?:should|sollte\w*|soll|devrai\w*|deber[ií]a\w*|deveria\w*|if needed|следует)\b",
    re.IGNORECASE,
)
_NAMING_LABEL = re.compile(
    r"(?:tables?|columns?|index(?:es)?|constraints?|schemas?|keys?|buckets?|foreign keys?"
    r"|primary keys?|collections?|database|object keys?) (?:names?|naming)(?: convention)?"
    r"|naming(?: conventions?)?",
)


def read_standards(source: Source) -> tuple[Standards, list[str]]:
    """What storage-standards.md states, and in which points it contradicts itself."""
    contradictions: list[str] = []

    def only(found: Iterable[Stated], what: str) -> Stated | None:
        return _only(list(found), what, source, contradictions)

    standards = Standards(
        backup_retention=several(_retention(source)),
        rto_minutes=only(_objective(source, "RTO"), "recovery time objectives, in minutes"),
        rpo_minutes=only(_objective(source, "RPO"), "recovery point objectives, in minutes"),
        slow_query_ms=only(_slow_query(source), "slow-query thresholds, in ms"),
        pool_maximum=only(_pool(source), "maximum pool sizes"),
        naming=several(_naming(source)),
        migration_naming=read_migration_naming(source),
        single_transaction_migrations=read_single_transaction(source),
        sections=tuple(_sections(source))[:_SECTIONS_MOST],
    )
    return standards, contradictions


def _only(
    found: list[Stated], what: str, source: Source, contradictions: list[str]
) -> Stated | None:
    values = list(dict.fromkeys(each.value for each in found))
    if len(values) > 1:
        contradictions.append(
            f"{source.document} gives several {what} ({', '.join(values)}); none was taken"
        )
        return None
    return first(found)


def _sure(source: Source, *words: str) -> Iterator[tuple[str, Block]]:
    """The sentences with one of the words that are neither examples nor to be filled in."""
    for sentence, block in sentences_with(source, *words):
        if PLACEHOLDER not in sentence and not _EXAMPLE.found_in(sentence):
            yield sentence, block


def _retention(source: Source) -> Iterator[Stated]:
    for index, block in enumerate(source.facts):
        told = _RETENTION.found_in(block.label) or _kept(block.text)
        if block.kind not in {"item", "text", "row"} or not told or denied(block.text):
            continue
        value = filled(cell(block))
        about = [block.label, *block.parents, *(heading.text for heading in block.path)]
        backup = any(_BACKUP.found_in(text) for text in about)
        if _RETENTION.found_in(block.label) and backup:
            if _PERIOD.search(value):
                yield source.stated(value, block)
            for child in [] if value else below(source.facts, index):
                if _PERIOD.search(child.text) and filled(child.text):
                    yield source.stated(child.text, child)
        elif _PERIOD.search(block.text) and _kept(block.text) and filled(block.text):
            yield source.stated(block.text, block)


def _kept(text: str) -> bool:
    """Whether a text says that backups are kept."""
    return bool(_KEPT.search(text)) or (_RETENTION.found_in(text) and _BACKUP.found_in(text))


def _objective(source: Source, which: str) -> Iterator[Stated]:
    """The recovery objectives in minutes."""
    words = _OBJECTIVES[which]
    other = _OBJECTIVES["RPO" if which == "RTO" else "RTO"]
    sought = re.compile(rf"{words}(?:(?!{other})[^.\d]){{0,40}}?{_DURATION}", re.IGNORECASE)
    for block in source.facts:
        for head, text in block.columns[1:]:
            duration = re.search(_DURATION, text, re.IGNORECASE)
            if re.search(words, head, re.IGNORECASE) and duration:
                yield source.stated(_minutes(duration), block)
    for sentence, block in _sure(source, which.lower(), "recovery"):
        found = sought.search(sentence)
        if found and not denied(sentence):
            yield source.stated(_minutes(found), block)


def _minutes(duration: re.Match[str]) -> str:
    first_letter = duration["unit"][0].lower()
    unit = (
        "h" if duration["unit"].lower().startswith("st") else _UNITS.get(first_letter, first_letter)
    )
    return _number(float(duration["number"].replace(",", ".")) * _MINUTES[unit])


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _slow_query(source: Source) -> Iterator[Stated]:
    for sentence, block in _sure(source, "ms", "sec", " s", "sek", "mil"):
        found = _SLOW.search(sentence)
        if found and not denied(sentence):
            number, unit = float(found["a"] or found["b"]), (found["x"] or found["y"]).lower()
            milliseconds = number if unit.startswith(("ms", "mil")) else number * 1000
            yield source.stated(_number(milliseconds), block)


def _pool(source: Source) -> Iterator[Stated]:
    for value, block in source.labelled(_POOL_LABELS):
        number = re.match(r"(?:[≤<=]+|max\.?|at most|up to)?\s*(\d+)\b(?!\s*[-–%])", value, re.I)
        if number and not denied(value):
            yield source.stated(number[1], block)
    for sentence, block in _sure(source, "connections"):
        found = _POOL.search(sentence)
        if found and not denied(sentence.replace("no more than", "")):
            yield source.stated(found["number"], block)


def _naming(source: Source) -> Iterator[Stated]:
    for block in source.facts:
        own = _NAMING_LABEL.fullmatch(name(block.label)) if block.label else None
        others = any(_OTHER_NAMES.found_in(each.text) for each in block.path)
        listed = block.depth <= 1 and block.kind in {"item", "row"} and _below_naming(block)
        if others or not (listed or own):
            continue
        value = filled(cell(block))
        said = _MODAL.sub(" ", without_examples(value)).strip()
        if said and PLACEHOLDER not in block.text and not left_open(said):
            yield source.stated(f"{block.label}: {value}" if block.label else value, block)


def _below_naming(block: Block) -> bool:
    """Whether a block stands below a heading, or a lead-in, on names."""
    if set(place(block)) & _NAMING_PLACES:
        return True
    headings = (heading.text for heading in block.path if heading.level > 1)
    return any(
        len(text.split()) <= _NAMING_WORDS and _NAMING.found_in(text)
        for text in (*headings, *block.parents)
    )


def _sections(source: Source) -> Iterator[Section]:
    blocks = [block for block in source.blocks if block.kind != "code" and not set_aside(block)]
    rules: dict[int, list[str]] = {}
    for index, block in enumerate(blocks):
        heading = block.heading
        if heading and name(heading.text) not in _NOT_SECTIONS:
            found = [shortened(rule, _RULE_LENGTH) for rule in _rules(blocks, index)]
            rules.setdefault(heading.line, []).extend(found)
    for block in blocks:
        if block.kind == "heading" and rules.get(block.path[-1].line):
            above = [heading.text for heading in reversed(block.path)]
            own = tuple(dict.fromkeys(rules[block.path[-1].line]))[:LIST_LENGTH]
            yield Section(above[0][:120], block.path[-1].anchor, topics(*above), own)


def _rules(blocks: list[Block], index: int) -> Iterator[str]:
    """The rules that one block states."""
    block = blocks[index]
    if PLACEHOLDER in block.text or name(block.label) in _NOT_RULES:
        return
    if block.kind == "text":
        led = bool(block.label) and not block.value and not block.text.endswith((":", "："))
        text = f"{block.text}:" if led else block.text
        yield from (each for each in sentences(text) if _asks(each))
    elif block.kind in {"item", "todo", "row"} and block.depth <= 1:
        if _is_definition(block) or _is_inventory(block) or _is_setting(block):
            return
        if _COMMAND.fullmatch(block.text):
            return
        value = filled(cell(block))
        if name(block.label) in _RULES_BELOW and not value:
            yield from (each.text for each in below(blocks, index) if filled(each.text))
            return
        if block.label and not value:
            texts = [each.text for each in below(blocks, index) if filled(each.text)]
            value = "; ".join(each for each in texts if PLACEHOLDER not in each)
        text = _rule(block.label, value)
        if name(text):
            yield text


def _asks(sentence: str) -> bool:
    """Whether a sentence asks for something, and does more than lead in a list that does."""
    leads = sentence.endswith((":", "："))
    length = _LEAD_LENGTH if max(sentence) < _EASTERN else _LEAD_LENGTH // 4
    if leads and len(sentence.split()) <= _LEAD_WORDS and len(sentence) <= length:
        return False
    return _RULE_WORDS.found_in(sentence) or bool(not leads and _IMPERATIVE.match(sentence))


def _is_inventory(block: Block) -> bool:
    """Whether a row only lists the tables or fields of a group."""
    heads = [name(head) for head, _ in block.columns[:2]]
    return (
        len(heads) > 1
        and heads[1] in COLUMNS["inventory"]
        and COLUMNS["value"].isdisjoint(heads[:1])
    )


def _is_definition(block: Block) -> bool:
    """Whether an item explains or offers, as below `Isolation levels`, and asks for nothing."""
    around = block.parents[-1:] or (block.heading.text if block.heading else "",)
    headings = (heading.text for heading in block.path if heading.level > 1)
    asked = any(map(_DEMANDING.found_in, (*headings, *block.parents)))
    return any(map(_OFFERING.found_in, around)) and not asked and not _DEMANDS.found_in(block.text)


def _is_setting(block: Block) -> bool:
    """Whether an item tells a value or a command that is so, as `Port: 5432`, and asks nothing."""
    value = without_examples(cell(block)).strip()
    if not block.label or not value:
        return False
    told = name(block.label)
    product = told in KINDS and bool(find_products(value))
    short = told in _SETTINGS and len(value.split()) <= _SETTING_WORDS
    return product or short or bool(_COMMAND.fullmatch(value))


def _rule(label: str, value: str) -> str:
    """A rule as its name, with its text where the name alone would not say it."""
    if not label or not value:
        return "" if label else value
    says_it = len(label.split()) > 1 and not re.search(r"\d", value)
    return label if says_it else f"{label}: {value}"
