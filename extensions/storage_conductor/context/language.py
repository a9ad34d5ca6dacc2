"""What a sentence does with what it names: state, deny, weigh, or leave open.

The word lists lean to silence: what is missed gets asked for, what is made up misleads.
"""

from __future__ import annotations

import functools
import re

from .lexicon import Lexicon
from .text import PLACEHOLDER

_CACHE = 4096  # texts; several readers ask the same of one

_DENIAL = Lexicon("""
    not;no;never;none;neither;nor;without;cannot;*n't;dont;doesnt;isnt;arent;avoid*;abandon*;drop
    drops;dropped;gave up;given up;stop;stops;stopped;reject*;ruled out;forbid*;prohibit*;banned
    disallow*;refus*;remov*;retire;retired;deprecat*;decommission*;obsolete;unused;legacy;former
    formerly;previous;previously;instead;rather;rarely;seldom;except;unless;against;lack;lacks
    lacking;skip*;old;was;were;had;nicht;kein*;nie;niemals;ohne;weder;statt;anstatt;anstelle
    verzicht*;verworfen;veraltet;früher;ehemals;bisher;war;waren;ne;n'*;pas;jamais;aucun;aucune
    sans;ni;plutôt;abandonné*;ancien*;auparavant;était;nunca;jamás;sin;ningun*;ningún;tampoco
    anterior*;antes;obsoleto;obsoleta;não;jamais;sem;nenhum*;nem;invés;non;nessun*;senza;mai;niet
    geen;nooit;zonder;nie;bez;inte;ikke;ingen;utan;uden;aldrig;не;нет;без;никогда;değil;yok;ei
    emme;ilman;nincs;nem;不;没;沒;未;无;無;非;ない;なし;なく;ませ;やめ;廃止;않;없;弃用;禁止
""")
_OPEN = Lexicon("""
    may;might;could;would;should;if;maybe;perhaps;possibly;probably;likely;consider*;evaluat*
    explor*;investigat*;experiment*;prototyp*;trial*;pilot*;plan;plans;planned;planning;propos*
    candidate;candidates;option;options;optional;optionally;alternativ*;either;similar;e g;eg
    such as;for example;for instance;example;examples;eventually;someday;future;later;soon;will
    going to;aim;aims;hope;wish;want;intend*;prefer*;encourag*;recommend*;ideally;where possible
    when possible;as far as possible;where appropriate;where practical;try;sometimes;occasionally
    todo;tbd;tba;tbc;fixme;temporar*;unclear;unsure;undecided;whether;migrating;moving;switching
    replacing;transitioning;phasing;phased;being replaced;wip;draft;vielleicht;evtl;eventuell
    geplant;planen;künftig*;zukünftig*;später;könnt*;würd*;sollt*;möcht*;beispiel*;z b;prüfen
    erwägen;falls;wenn;noch offen;peut être;envisag*;prévu;prévue;prévus;pourr*;devr*;futur*
    exemple;si;p ex;quizá;quizás;tal vez;podr*;planead*;planejad*;opcional*;ejemplo;exemplo;talvez
    poderia*;avalia*;pendiente;pendente;p ej;?;可能;也许;考虑;计划;将来;或者;例如;比如;可选;検討
    予定;かも;例えば;たとえば;候補
""")
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
_SENTENCE_LENGTH = 500
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|z\.\s?b|vs|etc|approx|incl|p\.\s?ex|p\.\s?ej)\.$", re.I)


def denied(text: str) -> bool:
    """Whether the text says no to something, or speaks of the past."""
    return _DENIAL.found_in(text)


def left_open(text: str) -> bool:
    """Whether the text weighs, plans, asks or gives examples."""
    return PLACEHOLDER in text or _OPEN.found_in(_OR_LATER.sub("", text))


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
            parts.append(part[:_SENTENCE_LENGTH])
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
