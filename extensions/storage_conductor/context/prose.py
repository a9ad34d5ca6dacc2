"""Which products a sentence of prose says are in use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .clauses import ASIDE, BACKUPS, LOCALLY, TESTS, Taken, affirmed, taken
from .vocabulary import Hit, ProductKind, find_products

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
    r"|\bon utilise\b|\b(?:usamos|utilizamos|empleamos)\b"
    r"|\b(?:must|shall) (?:be )?(?:written|implemented|built|run|executed|stored|validated|managed)"
    r" (?:in|with|via|using|by|through|on)\b|\b(?:must|shall) use\b"
    r"|\b(?:entwickelt|geschrieben|umgesetzt|implementiert|realisiert) (?:in|mit)\b|\bbasiert auf\b"
    r"|\b(?:développée?s?|écrite?s?|construite?s?|réalisée?s?|implémentée?s?) (?:avec|en|sur)\b"
    r"|\b(?:repose|s'appuie) sur\b|\bdesarroll(?:ad[oa]s?|amos) (?:con|en|usando)\b"
    r"|\b(?:escrit|construid|construíd|implementad)[oa]s? (?:con|com|en|em|usando)\b"
    r"|\bdesenvolvid[oa]s? (?:com|em|usando|utilizando)\b|\bбаз[аы] данных(?: проекта)? [-–—]"
    r"|\b(?:написан[аоы]?|разработан[аоы]?|построен[аоы]?|реализован[аоы]?) (?:на|с помощью)\b"
    r"|\b(?:déployée?s?|hébergée?s?) (?:sur|chez|par|via)\b"
    r"|\b(?:desplegad|alojad)[oa]s? en\b|\b(?:hospedad|implantad)[oa]s? (?:em|n[oa]s?|via)\b"
    r"|\b(?:разв[её]рнут|размещ[её]н|запущен)[аоы]? (?:на|в)\b|(?:部署|托管|运行)(?:在|到|于|至)"
    r"|\b(?:мы |проект )?использу(?:ем|ет|ется|ются)\b|基于"
    r"|(?:我们|项目|统一|后端|前端|必须|must|代码)\s*(?:使用|采用|用)|采用",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\s*(?:(?:is|are) (?:our|the|used (?:for|as|by|in|to))|(?:stores|serves|acts|handles|manages"
    r"|runs|holds|keeps|generates|applies)\b|(?:を(?:使用|利用|採用)(?:し|す|中)|を使っ)"
    r"|で(?:実装|構築|開発|記述)(?:し|す|さ)|\s(?:gehostet|betrieben|bereitgestellt|deployt)\b"
    r"|(?:に|へ|上に)(?:デプロイ|ホスト)|(?:에|으로|로)\s*(?:배포|호스팅)|(?:을|를|로|으로)\s*(?:사용|활용|채택|구현|개발|작성)(?:하|한|합|했|됩|된|되))",
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
_ROLES_AFTER: dict[str, ProductKind] = {
    "orm": "orm",
    "migrations": "migration_tool",
    "validation": "validation",
}
_ROLE_AFTER = re.compile(rf"\s+({'|'.join(_ROLES_AFTER)})\b", re.IGNORECASE)
_OTHER_ROLES = re.compile(
    r"\w*(?:queue|broker|index|search|session\w*|lock\w*|event\w*|log\w*|metric\w*|analytic\w*"
    r"|report\w*|stream\w*|message\w*|job\w*|task\w*|example)",
    re.IGNORECASE,
)
_LANGUAGE_ENDS = re.compile(
    r"\s*(?:$|[.,;:)&/+，。；、）]|(?:and|for|as|with|on|in|und|et|y|e)\b)", re.I
)


def in_sentence(sentence: str) -> Iterator[tuple[Taken, bool]]:
    """The products that a sentence of prose says are in use.

    Yields:
        The product, and whether it is called primary or main.
    """
    if not find_products(sentence):
        return
    yield from _with_role(sentence)
    bare = ASIDE.sub("", sentence)
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
            yield taken(hit, kind), bool(re.search(r"\b(?:primary|main)\b", around))


def _with_role(sentence: str) -> Iterator[tuple[Taken, bool]]:
    """The products that a word after their name says the use of: `Zod validation`."""
    for hit in affirmed(sentence):
        role = _ROLE_AFTER.match(sentence, hit.end)
        for kind in [_ROLES_AFTER[role[1].casefold()]] if role else ():
            if kind in hit.product.kinds:
                yield taken(hit, kind), False


def _kind(hit: Hit, sentence: str) -> ProductKind | None:
    """What a product is used for, by the words after it, else as usual."""
    kinds = hit.product.kinds
    role = _ROLE.match(sentence, hit.end)
    word = role["role"].casefold() if role else ""
    if _OTHER_ROLES.match(word) or (word and word not in _ROLES and len(kinds) > 1):
        return None
    kind = _ROLES.get(word, kinds[0])
    confined = (TESTS, "test"), (BACKUPS, "backup")
    if kind not in kinds or any(
        found.found_in(sentence) and kind != only for found, only in confined
    ):
        return None
    if LOCALLY.found_in(sentence):
        return None
    ends = _LANGUAGE_ENDS.match(sentence, hit.end) or _BEFORE.match(sentence, hit.end)
    if kind in {"language", "hosting"} and not ends:
        return None
    return kind
