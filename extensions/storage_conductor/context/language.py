"""What a sentence does with what it names: state, deny, weigh, or leave open.

The word lists lean to silence: what is missed gets asked for, what is made up misleads.
"""

from __future__ import annotations

import functools
import re

from .lexicon import Lexicon, is_sign, listed, tables
from .text import PLACEHOLDER

_CACHE = 4096  # texts; several readers ask the same of one

_SPEECH = tables("speech")
_DENIAL = Lexicon(_SPEECH["denial"])
_OPEN = Lexicon(_SPEECH["open"])
_BEFORE = listed(_SPEECH["qualifiers_before"])
_AFTER = listed(_SPEECH["qualifiers_after"])
_QUALIFYING_SIGNS = tuple(
    sorted(filter(is_sign, _BEFORE | _AFTER), key=lambda each: (-len(each), each))
)
_NAMES_MOST = 12  # of one label
_QUALIFIER_WORDS = 3  # of the longest qualifier
_VOID = re.compile(
    r"\W*(?:n/?a|n\.a|none(?: yet)?|nothing(?: yet)?|no|nil|null|undefined|undecided|unknown|open"
    r"|pending|not (?:yet )?(?:decided|defined|applicable|set|chosen|known|used|needed)|xx+|\?+"
    r"|to be \w+(?: \w+){0,3}|(?:e\.? ?g|z\. ?b|p\. ?ex|p\. ?ej|i\.e)\b.*|(?:for )?example\b.*"
    r"|(?:your(?: \w+){1,4}|(?:insert|choose|fill in|describe|list|enter|specify|add|name)"
    r" (?:your|one|here)\b.*)|…|\.{2,}"
    r"|keine?r?|offen|aucune?|néant|ninguno|ninguna|nenhum|nenhuma|无|暂无|待定|なし|未定|未決定)?\W*",
    re.IGNORECASE | re.DOTALL,
)
# In small letters it can be about a to-do list.
_TO_DO = re.compile(
    r"\b(?:TBD|TBA|TBC|TODO|FIXME)\b|待定|未定"
    r"|^\W*(?i:tbd|tba|tbc|todo|fixme)\b(?![- ](?:lists?|apps?|items?))"
)
_OR_LATER = re.compile(r"\s*(?:or|and) (?:later|newer|higher|above|up)\b", re.IGNORECASE)
_PLACE = re.compile(
    r"(?:^|(?<=[,;]))\W*no (?:back-?end|front-?end|servidor|cliente|lado do|app|aplicativo|projeto"
    r")\b",
    re.IGNORECASE,
)
_DECIDED = re.compile(
    r"\bwill (?:use|adopt|rely on|(?:be )?(?:build on|built (?:on|with)|using))"
    r"(?= (?:the )?(?:following|these)\b)",
    re.IGNORECASE,
)
_EXAMPLES = re.compile(
    r"[,，;:：(]?\s*(?:例如|比如|たとえば|例えば|예를 들어|\be\.\s?g\.|\bfor example\b|\bsuch as\b"
    r"|\bz\.\s?b\.|\bpar exemple\b|\bpor (?:ejemplo|exemplo)\b|\bнапример\b"
    r"|\b(?:examples?|beispiele?|exemples?|ejemplos?|exemplos?|примеры?)\s?:|(?:例|示例|예시?)[:：])",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"(?<=[.!?;])\s+(?=[^\W\d_]|\d|[\"'(*])|(?<=[。！？；])\s*"
    r"|,?\s+\b(?:but|however|although|though|while|whereas|aber|jedoch|mais|pero|mas|porém)\b\s+",
    re.IGNORECASE,
)
_SENTENCE_LENGTH = 500
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|z\.\s?b|vs|etc|approx|incl|p\.\s?ex|p\.\s?ej)\.$", re.I)


def denied(text: str) -> bool:
    """Whether the text says no to something, or speaks of the past."""
    return _DENIAL.found_in(without_place(text))


def without_place(text: str) -> str:
    """The text without a place in Portuguese that begins as a denial would: `No backend: …`."""
    return _PLACE.sub(" ", text)


def left_open(text: str) -> bool:
    """Whether the text weighs, plans, asks or gives examples."""
    return PLACEHOLDER in text or _OPEN.found_in(_DECIDED.sub("", _OR_LATER.sub("", text)))


def stated(text: str) -> bool:
    """Whether what the text says is said as a plain fact."""
    return not denied(text) and not left_open(text)


def without_examples(text: str) -> str:
    """What a text says by itself, without brackets and examples."""
    return _EXAMPLES.split(_BRACKETS.sub(" ", text), maxsplit=1)[0]


def void(text: str) -> bool:
    """Whether a value says nothing: a placeholder, `TBD`, `N/A`, `None yet`, `e.g. …`, dots."""
    begins_open = text.lstrip(" \"'(*`").startswith(PLACEHOLDER)
    return begins_open or bool(_VOID.fullmatch(text)) or bool(_TO_DO.search(text))


def to_fill_in(text: str) -> int:
    """How many places of a text still wait to be filled in."""
    return text.count(PLACEHOLDER) + len(_TO_DO.findall(text))


def filled(value: str) -> str:
    """The value up to its first placeholder, or nothing when it says nothing."""
    if void(value):
        return ""
    head = value.split(PLACEHOLDER, 1)[0].rstrip()
    return re.sub(r"(?:[\s,;:(\-–—]|\bversion|\bv)+$", "", head) if head != value else value


@functools.lru_cache(_CACHE)
def sentences(text: str) -> tuple[str, ...]:
    """The sentences and the clauses that turn against each other."""
    parts: list[str] = []
    for part in _SENTENCE.split(text):
        if parts and _ABBREVIATED.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {part}"
        elif part.strip():
            parts.append(part[:_SENTENCE_LENGTH])
    return tuple(parts)


_DETERMINERS = (
    r"(?:our|the|a|an|my|unsere?|die|das|der|notre|nos|nuestr[oa]s?|noss[oa]s?|current|chosen"
    r"|selected|default|production|standard)"
)
_NAME_LENGTH = 300  # characters; a longer label or heading names nothing
_NAME_START = re.compile(rf"(?:[\W\d_]+|{_DETERMINERS}\s+)*", re.IGNORECASE)
_NAME_END = re.compile(r"(?:\s+(?:we use|used|in use|chosen|selected))?[\W_]*$", re.IGNORECASE)
_PARTS = re.compile(r"\s*(?:[/,+、·・]|및|和|与|與)\s*|\s+(?:and|und|et|y|e|и)\s+")
_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")


@functools.lru_cache(_CACHE)
def name(label: str) -> str:
    """A label or heading as it is looked up: lower case, without numbering, emoji and brackets."""
    text = _BRACKETS.sub(" ", label[:_NAME_LENGTH].casefold())
    text = _NAME_END.sub("", _NAME_START.sub("", text, count=1))
    return " ".join(text.replace("&", " and ").replace("-", " ").split())


@functools.lru_cache(_CACHE)
def own_names(label: str) -> tuple[str, ...]:
    """A label's name, and the same without what qualifies it: `Core product goals`, `goals`."""
    found = [name(label)]
    for each in found:
        found += [shorter for shorter in _without_qualifier(each) if shorter not in found]
        if len(found) >= _NAMES_MOST:
            break
    return tuple(found)


def _without_qualifier(text: str) -> list[str]:
    """The text without one qualifier at its beginning or end, wherever something is left."""
    words = text.split()
    found: list[str] = []
    for count in range(min(_QUALIFIER_WORDS, len(words) - 1), 0, -1):
        if " ".join(words[:count]) in _BEFORE:
            found.append(" ".join(words[count:]))
        if " ".join(words[-count:]) in _AFTER:
            found.append(" ".join(words[:-count]))
    # Most texts have none of them, and a document may have very many lines.
    signed = text.startswith(_QUALIFYING_SIGNS) or text.endswith(_QUALIFYING_SIGNS)
    for sign in _QUALIFYING_SIGNS if signed else ():
        if len(sign) < len(text) and text.startswith(sign):
            found.append(text[len(sign) :].strip("的 "))
        if len(sign) < len(text) and text.endswith(sign):
            found.append(text[: -len(sign)].strip("的 "))
    return list(filter(None, found))


def parts(label: str) -> list[str]:
    """The parts of a label such as `Database / ORM`."""
    return list(filter(None, _PARTS.split(name(label))))


@functools.lru_cache(_CACHE)
def names(label: str) -> tuple[str, ...]:
    """The names in a label such as `Database / ORM` or `Cache and queue`, the whole one first."""
    every = (name(label), *parts(label))
    return tuple(dict.fromkeys(own for part in every for own in own_names(part)))
