"""Which products a label, a list entry or a sentence says are in use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

from .language import denied, left_open
from .lexicon import Lexicon
from .vocabulary import Hit, ProductKind, find_products

_LINK = re.compile(
    r"\s*(?:[,;/&+、，·|]\s*)*(?:(?:and|plus|with|und|mit|et|avec|y|con|e|com)\s+|[和与及と]\s*)?",
    re.IGNORECASE,
)
_OR = re.compile(r"\s*,?\s*(?:\b(?:or|oder|ou|o|u)\s+|或者?|または|\?)\s*", re.IGNORECASE)
_TOWARDS = re.compile(r"\s*(?:to|→|->|=>|nach|vers|para)\s*", re.IGNORECASE)
_TURNED_DOWN = re.compile(
    r"(?:\b(?:instead of|in place of|rather than|as opposed to|unlike|over|than|from|replaced"
    r"|replaces|not|no|without|never|vs\.?|versus|against|like|such as|except"
    r"|statt|anstatt|anstelle von|nicht|kein\w*|ohne|au lieu de|plutôt que|sans|pas"
    r"|en lugar de|en vez de|sin|em vez de|ao invés de|sem)\s+(?:(?:the|a|an|our|any|using)\s+)*"
    r"|代替|而不是|而非)$",
    re.IGNORECASE,
)
_CONTRAST = re.compile(r",\s+(?:not|never|without|rather than|instead of)\b", re.IGNORECASE)
_REASON = re.compile(
    r"\s+[-–—]+\s+|;\s|[.。]\s|[.。]$|,?\s+\b(?:because|since|which|that|due to|so that|weil|car"
    r"|parce|porque|pois)\b\s|[,;]\s+[^,;:：]{1,30}[:：]\s",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s*(?:\((?!\s*(?:v(?:ersion)?\.?\s*|[<>=~^≥]+\s*)?\d)[^()]*\)|（[^（）]*）)")
TAKEN_BACK = Lexicon("""
    planned;proposed;candidate;evaluat*;consider*;tbd;todo;maybe;optional;draft;wip;future;later
    soon;unsure;undecided;deprecated;legacy;old;former*;no longer;unused;retired;removed;replac*
    until;rejected;alternative;example;not yet;not in use;not used;not chosen;not decided
    not needed;geplant;veraltet;nicht mehr;nicht genutzt;nicht verwendet;noch nicht;prévu;obsolète
    plus utilisé;pas encore;planeado;planejado;obsoleto;aún no;ainda não;?;弃用;计划;废弃;予定
    廃止;検討
""")
"""What a remark says to take back or leave open the statement beside it."""

_ENTRY_GOES_ON = re.compile(
    r"\s*(?:$|[-–—(:,;/+&.|（，、。]|(?:for|as|on|with|via|in|and|plus|is (?:our|the)|für|als|mit"
    r"|und|pour|comme|avec|et|para|como|com|con|y|e)\b|[用作为和与及で])",
    re.IGNORECASE,
)
_PROPER = re.compile(
    r"[A-Za-z][a-z0-9]+(?:[A-Z][\w.]*|\.js)(?:\s+v?\d[\w.]*)?"
    r"|[A-Z][\w.]*[a-z][\w.]*(?:\s+[A-Z][\w.]*)?\s+v?\d[\w.]*"
)
_NOT_NAMES = frozenset({"nosql", "newsql", "oltp", "olap"})
_TESTS = Lexicon("test*;测试;テスト")
_BACKUPS = Lexicon("""
    backup*;back up;backs up;backed up;sicher*;sauvegard*;备份;バックアップ
""")
_LOCALLY = Lexicon("locally;local;development;staging;in ci;demo")


def affirmed(text: str) -> list[Hit]:
    """The products that a clause says yes to.

    `instead of MySQL` and `over MySQL` turn down only what they name; `PostgreSQL or MySQL` and
    `MySQL to PostgreSQL` decide nothing; any other denial or doubt silences the whole clause.
    """
    chosen: list[Hit] = []
    undecided: list[Hit] = []
    said = ""
    yes, end, before = True, 0, None
    for hit in find_products(text):
        gap = text[end : hit.start]
        if before and (_OR.fullmatch(gap) or (yes and _TOWARDS.fullmatch(gap))):
            undecided += [before, hit]
        elif not (before and _LINK.fullmatch(gap)):
            turned = _TURNED_DOWN.search(gap)
            yes = turned is None
            said += gap[: turned.start()] if turned else gap
        if yes:
            chosen.append(hit)
        before, end = hit, hit.end
    said += " " + _CONTRAST.split(text[end:], maxsplit=1)[0]
    if denied(said) or left_open(said):
        return []
    return [hit for hit in chosen if hit not in undecided]


def in_value(value: str, kinds: Collection[ProductKind]) -> Iterator[tuple[str, str, ProductKind]]:
    """The products of certain kinds that the value after a label names.

    Yields:
        Name, name with version, and the kind.
    """
    head, aside = _head(value)
    if TAKEN_BACK.found_in(aside) or all(_elsewhere(aside, kind) for kind in kinds):
        return
    hits = affirmed(head)
    if hits and not any(set(hit.product.kinds) & set(kinds) for hit in hits):
        hits = affirmed(aside)  # `Supabase (PostgreSQL)`
    if not hits and not find_products(head):
        proper = _PROPER.fullmatch(head.strip())
        if proper and len(kinds) == 1 and head.strip().casefold() not in _NOT_NAMES:
            (kind,) = kinds
            if kind != "language":
                yield head.split()[0], head.strip(), kind
        return
    for hit in hits:
        for kind in [each for each in hit.product.kinds if each in kinds][:1]:
            whole = kind == "hosting" and len(head) <= 60
            yield hit.product.name, head.strip() if whole else hit.text, kind


def _head(value: str) -> tuple[str, str]:
    """What a value says, and the reasons and remarks beside it."""
    remarks = " ".join(_ASIDE.findall(value))
    bare = _ASIDE.sub("", value)
    cut = _REASON.search(bare)
    if not cut:
        return bare, remarks
    return bare[: cut.start()], f"{remarks} {bare[cut.start() :]}"


def _elsewhere(text: str, kind: ProductKind) -> bool:
    """Whether a remark confines a product to tests, backups or a developer's machine."""
    if kind in {"ci", "language"}:
        return False
    return bool(
        (kind != "test" and _TESTS.found_in(text))
        or (kind != "backup" and _BACKUPS.found_in(text))
        or _LOCALLY.found_in(text)
    )


def is_named(label: str) -> bool:
    """Whether a label is nothing but products, as in `**PostgreSQL 16**: orders`."""
    hits = find_products(label)
    if not hits or hits[0].start != 0:
        return False
    between = [label[a.end : b.start] for a, b in pairwise(hits)] + [label[hits[-1].end :]]
    return all(_LINK.fullmatch(_ASIDE.sub("", gap)) for gap in between)


def in_entry(
    text: str, kinds: Collection[ProductKind] | None
) -> Iterator[tuple[str, str, ProductKind]]:
    """The products of a list entry, title or short line that begins with one, such as `Redis 7`.

    Args:
        text: The entry.
        kinds: What the list is about; None if it may be anything.

    Yields:
        Name, name with version, and the kind.
    """
    found = find_products(text)
    if not found or found[0].start != 0 or not _ENTRY_GOES_ON.match(text, found[0].end):
        return
    head, aside = _head(text)
    if TAKEN_BACK.found_in(aside):
        return
    for index, hit in enumerate(affirmed(head)):
        wanted = [each for each in hit.product.kinds if kinds is None or each in kinds]
        if not wanted and index == 0:
            return
        kind = wanted[0] if wanted else hit.product.kinds[0]
        if not _elsewhere(text, kind):
            yield hit.product.name, hit.text, kind


_AFTER = re.compile(
    r"\bwe(?: (?:now|currently|only|mainly|mostly|all|always|already|still|also|do|primarily"
    r"|exclusively|generally|both))* (?:use|run on|run|rely on|chose|have chosen|adopted"
    r"|standardi[sz]ed on|store"
    r"|keep|write|deploy|host|manage|back up|develop|build|test with|validate|work with)\b"
    r"|\b(?:is|are) (?:\w+ )?(?:stored|kept|held|persisted|managed|written|hosted|validated|tested"
    r"|deployed|built|run|handled|done|performed|generated|applied|backed up|cached|implemented)"
    r" (?:in|on|with|by|using|through|via)\b"
    r"|\b(?:built|written|powered|backed|implemented) (?:in|on|with|by)\b"
    r"|\b(?:our|the) (?:\w+ )?(?:database|data store|cache|orm|migration tool|object stor(?:e|age))"
    r" is\b"
    r"|\b(?:the|this|our) (?:\w+ )?(?:application|service|system|project|backend|platform|team|api)"
    r" (?:uses|runs on|is built on|relies on|stores \w+ in)\b"
    r"|\b(?:moved|migrated|switched|changed)\b[^.]*?\bto\b"
    r"|\bwir (?:ver|be)?(?:wenden|nutzen|setzen)\b|\bwir benutzen\b|\bnous utilisons\b"
    r"|\bon utilise\b|\b(?:usamos|utilizamos|empleamos)\b|我们(?:使用|采用|用)|采用",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\s*(?:(?:is|are) (?:our|the|used (?:for|as|by|in|to))|(?:stores|serves|acts|handles|manages"
    r"|runs|holds|keeps|generates|applies)\b|(?:を(?:使用|利用|採用)(?:し|す|中)|を使っ))",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"\b(?:because|since|which|that|who|whose|so|to|where|when|after|before|given|due)\b",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\s*(?:,\s*)?(?:(?:is|as|serves as|acts as|for|als|comme|como)\s+)(?:(?:a|an|our|the|its|their"
    r"|main|primary|only|default|relational|distributed|unsere?|notre|nuestr[oa]|noss[oa])\s+)*"
    r"(?P<role>\w+(?: (?:store|storage|queue|broker|index|tool))?)",
    re.IGNORECASE,
)
_ROLES: dict[str, ProductKind] = {
    "database": "database",
    "datastore": "database",
    "data store": "database",
    "datenbank": "database",
    "cache": "cache",
    "caching": "cache",
    "object storage": "object_storage",
    "object store": "object_storage",
    "blob storage": "object_storage",
    "orm": "orm",
    "migrations": "migration_tool",
    "migration tool": "migration_tool",
    "validation": "validation",
    "tests": "test",
    "backups": "backup",
    "hosting": "hosting",
    "ci": "ci",
}
_OTHER_ROLES = re.compile(
    r"\w*(?:queue|broker|index|search|session\w*|lock\w*|event\w*|log\w*|metric\w*|analytic\w*"
    r"|report\w*|stream\w*|message\w*|job\w*|task\w*|example)",
    re.IGNORECASE,
)
_LANGUAGE_ENDS = re.compile(r"\s*(?:$|[.,;:)&/+]|(?:and|for|as|with|on|in|und|et|y|e)\b)", re.I)


def in_sentence(sentence: str) -> Iterator[tuple[str, str, ProductKind, bool]]:
    """The products that a sentence of prose says are in use.

    Yields:
        Name, name with version, the kind, and whether it is called primary or main.
    """
    if not find_products(sentence):
        return
    bare = _ASIDE.sub("", sentence)
    cue = _AFTER.search(bare)
    turn = _TURN.search(bare, cue.end()) if cue else None
    stop = turn.start() if turn else len(bare)
    for hit in affirmed(bare):
        follows = cue is not None and cue.end() <= hit.start < stop
        if hit.product.everyday or not (follows or _BEFORE.match(bare, hit.end)):
            continue
        kind = _kind(hit, bare)
        if kind is not None:
            around = bare[max(0, hit.start - 30) : hit.end + 30]
            yield hit.product.name, hit.text, kind, bool(re.search(r"\b(?:primary|main)\b", around))


def _kind(hit: Hit, sentence: str) -> ProductKind | None:
    """What a product is used for, by the words after it, else as usual."""
    kinds = hit.product.kinds
    role = _ROLE.match(sentence, hit.end)
    word = role["role"].casefold() if role else ""
    if _OTHER_ROLES.match(word) or (word and word not in _ROLES and len(kinds) > 1):
        return None
    kind = _ROLES.get(word, kinds[0])
    confined = (_TESTS, "test"), (_BACKUPS, "backup")
    if kind not in kinds or any(
        found.found_in(sentence) and kind != only for found, only in confined
    ):
        return None
    if _LOCALLY.found_in(sentence):
        return None
    if kind == "language" and not _LANGUAGE_ENDS.match(sentence, hit.end):
        return None
    return kind
