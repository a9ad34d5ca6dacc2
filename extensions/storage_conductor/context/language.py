"""What a sentence does with what it names: state, deny, weigh, or leave open.

The word lists lean to silence: a statement that is missed is asked for, one that is made up misleads.
"""

from __future__ import annotations

import functools
import re

from .text import PLACEHOLDER


def listed(entries: str) -> frozenset[str]:
    """The entries of a table that is written with `;` or line breaks between them."""
    return frozenset(entry.strip() for entry in re.split(r"[;\n]", entries) if entry.strip())


_CACHE = 4096  # texts; several readers ask the same of one

_DENIAL = re.compile(
    r"\b(?:no|not|never|none|neither|nor|without|cannot|\w+n't|dont|doesnt|isnt|arent|avoid\w*"
    r"|abandon\w*|drop(?:s|ped)?|gave up|given up|stop(?:s|ped)?|reject\w*|ruled out|forbid\w*"
    r"|prohibit\w*|bann?ed|disallow\w*|refus\w*|remov\w*|retired?|deprecat\w*|decommission\w*"
    r"|obsolete|unused|legacy|former(?:ly)?|previous(?:ly)?|instead|rather|rarely|seldom|except"
    r"|unless|against|lacks?|skip\w*|old|was|were|had"
    r"|nicht|kein\w*|nie(?:mals)?|ohne|weder|statt|anstatt|anstelle|verzicht\w*|verworfen|veraltet"
    r"|früher|ehemals|bisher|war|waren"
    r"|ne|n'\w+|pas|jamais|aucune?|sans|ni|plutôt|abandonnée?s?|ancien\w*|auparavant|était"
    r"|nunca|jamás|sin|ning[uú]n\w*|tampoco|anterior\w*|antes|obsolet[oa]s?"
    r"|não|jamais|sem|nenhum\w*|nem|invés"
    r"|non|nessun\w*|senza|mai|niet|geen|nooit|zonder|nie|bez|inte|ikke|ingen|utan|uden|aldrig"
    r"|не|нет|без|никогда|değil|yok|ei|emme|ilman|nincs|nem)\b"
    r"|[不没沒未无無非]|ない|なし|ませ|やめ|廃止|않|없|弃用|禁止",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:may|might|could|would|should|if|maybe|perhaps|possibly|probably|likely|consider\w*"
    r"|evaluat\w*|explor\w*|investigat\w*|experiment\w*|prototyp\w*|trial\w*|pilot\w*|plan(?:s|ned)?"
    r"|planning|propos\w*|candidates?|option(?:s|al|ally)?|alternativ\w*|either|or similar|similar"
    r"|e\.g|eg|such as|for example|for instance|examples?|eventually|someday|future|later|soon"
    r"|will|going to|aims?|hope|wish|want|intend\w*|prefer\w*|encourag\w*|recommend\w*|ideally"
    r"|(?:where|when|if|as far as) (?:possible|practical|appropriate|needed)|try|sometimes"
    r"|occasionally|todo|tbd|tba|tbc|fixme|temporar\w*|unclear|unsure|undecided|whether"
    r"|(?:migrat|mov|switch|replac|transition|phas)ing|being replaced|phased|wip|draft"
    r"|vielleicht|evtl|eventuell|geplant|planen|künftig|zukünftig\w*|später|könnt\w*|würd\w*"
    r"|sollt\w*|möcht\w*|alternativ\w*|beispiel\w*|z\. ?b|prüfen|erwägen|falls|wenn|noch offen"
    r"|peut-être|envisag\w*|prévue?s?|pourr\w*|devr\w*|futur\w*|exemple|si"
    r"|quizás?|tal vez|podr\w+|planead\w*|planejad\w*|opcional\w*|ejemplo|exemplo|talvez|poderia\w*"
    r"|avalia\w*|pendiente|pendente)\b"
    r"|\?|可能|也许|考虑|计划|将来|或者|例如|比如|可选|検討|予定|かも|例えば|たとえば|候補",
    re.IGNORECASE,
)
_VOID = re.compile(
    r"\W*(?:n/?a|n\.a|none(?: yet)?|nothing(?: yet)?|no|nil|null|undefined|undecided|unknown|open"
    r"|pending|not (?:yet )?(?:decided|defined|applicable|set|chosen|known|used|needed)|xx+|\?+"
    r"|to be \w+(?: \w+){0,3}|(?:e\.? ?g|z\. ?b|p\. ?ex|p\. ?ej|i\.e)\b.*|(?:for )?example\b.*"
    r"|(?:your(?: \w+){1,4}|(?:insert|choose|fill in|describe|list|enter|specify|add|name)"
    r" (?:your|one|here)\b.*)|…|\.{2,}"
    r"|keine?r?|offen|aucune?|néant|ninguno|ninguna|nenhum|nenhuma|无|暂无|待定|なし|未定|未決定)?\W*",
    re.IGNORECASE | re.DOTALL,
)
_TO_DO = re.compile(r"\b(?:tbd|tba|tbc|todo|fixme)\b|待定|未定", re.IGNORECASE)
_OR_LATER = re.compile(r"\s*(?:or|and) (?:later|newer|higher|above|up)\b", re.IGNORECASE)
_SENTENCE = re.compile(
    r"(?<=[.!?;])\s+(?=[^\W\d_]|\d|[\"'(*])|(?<=[。！？；])\s*"
    r"|,?\s+\b(?:but|however|although|though|while|whereas|aber|jedoch|mais|pero|mas|porém)\b\s+",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|z\.\s?b|vs|etc|approx|incl|p\.\s?ex|p\.\s?ej)\.$", re.I)


def denied(text: str) -> bool:
    """Whether the text says no to something, or speaks of the past."""
    return bool(_DENIAL.search(text.replace("’", "'")))


def left_open(text: str) -> bool:
    """Whether the text weighs, plans, asks or gives examples."""
    return PLACEHOLDER in text or bool(_OPEN.search(_OR_LATER.sub("", text)))


def stated(text: str) -> bool:
    """Whether what the text says is said as a plain fact."""
    return not denied(text) and not left_open(text)


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
            parts.append(part)
    return tuple(parts)


_DETERMINERS = (
    r"(?:our|the|a|an|my|unsere?|die|das|der|notre|nos|nuestr[oa]s?|noss[oa]s?|current|chosen"
    r"|selected|default|production|standard)"
)
_NAME_START = re.compile(rf"(?:[\W\d_]+|{_DETERMINERS}\s+)*", re.IGNORECASE)
_NAME_END = re.compile(r"(?:\s+(?:we use|used|in use|chosen|selected))?[\W_]*$", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")


@functools.lru_cache(_CACHE)
def name(label: str) -> str:
    """A label or heading as it is looked up: lower case, without numbering, emoji and brackets."""
    text = _BRACKETS.sub(" ", label.casefold())
    text = _NAME_END.sub("", _NAME_START.sub("", text, count=1))
    return " ".join(text.replace("&", " and ").replace("-", " ").split())


@functools.lru_cache(_CACHE)
def names(label: str) -> tuple[str, ...]:
    """The names in a label such as `Database / ORM` or `Cache and queue`, the whole one first."""
    whole = name(label)
    parts = re.split(r"\s*[/,+]\s*|\s+(?:and|und|et|y|e)\s+", whole)
    return (whole, *filter(None, parts)) if len(parts) > 1 else (whole,)
