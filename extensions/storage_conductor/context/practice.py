"""Whether tests come first, whether the schema does, and how migrations are named and run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .language import denied, filled, left_open, name, sentences
from .lexicon import Lexicon, listed
from .markdown import Block
from .model import Stated
from .reading import Source, cell, first, mentions, sentences_with

_TERM = re.compile(
    r"\btdd\b|\btest[- ]driven(?: development)?\b|\btest-first\b|\btestgetrieben\w*"
    r"|\b(?:pilotée?s?|dirigée?s?|conduite?s?) par les tests\b"
    r"|\b(?:guiado|dirigido|orientado) (?:por|a) (?:las |los )?(?:pruebas|testes|tests)\b"
    r"|测试驱动(?:开发)?|テスト駆動(?:開発)?",
    re.IGNORECASE,
)
# The patterns below see each of those terms as this word.
_TDD = " TDD "
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
    r"|\bstrict(?:ly)?  ?TDD |\b(?:wir (?:arbeiten|entwickeln|praktizieren|nutzen|verwenden)"
    r"|nous (?:pratiquons|utilisons|suivons)"
    r"|practicamos|praticamos|usamos|utilizamos|aplicamos|seguimos)\b[^.]*? TDD "
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
_HALF = Lexicon("only;just;merely;always;without;until;unless;skip*")
_TDD_LABELS = listed("""
    tdd;test driven;test driven development;test driven development (tdd);tests first;test first
    testgetriebene entwicklung;testgetrieben;développement piloté par les tests
    desarrollo guiado por pruebas;desarrollo dirigido por pruebas
    desenvolvimento guiado por testes;desenvolvimento orientado a testes;测试驱动开发
    テスト駆動開発
""")
_APPROACH_LABELS = listed("""
    approach;primary approach;development approach;testing approach;testing strategy;strategy
    methodology;method;design approach;test approach;testing;testing methodology;style;workflow
    schema approach;data modelling;data modeling;migration approach;migration strategy
    test strategy;ansatz;vorgehen;teststrategie;entwicklungsansatz;approche;méthode
    stratégie de test;enfoque;método;metodología;estrategia de pruebas;abordagem;metodologia
    estratégia de testes;方法;开发方法;アプローチ;開発手法
""")
_YES = re.compile(
    r"(?:yes|true|always|required|mandatory|practi[sc]ed|enforced|strict(?:ly)?|on|ja|oui|s[ií]|sim"
    r"|是|はい)\b.{0,60}",
    re.IGNORECASE,
)
_NO = re.compile(
    r"(?:no|false|never|none|off|nein|non|não|否|いいえ|not (?:practi[sc]ed|used|followed|done"
    r"|in use)|nicht\b)(?:\b.{0,60})?",
    re.IGNORECASE,
)
_SCHEMA = re.compile(r"\bschema[- ]first\b|\bdesign(?:s|ing)? (?:the )?schemas? first\b", re.I)
_CODE_FIRST = re.compile(r"\bcode[- ]first\b|\bmodels?[- ]first\b", re.IGNORECASE)
_FOLLOWED = re.compile(
    r"\b(?:we|our team|team|approach is|development is|workflow is|our (?:approach|workflow))\b"
    r"|^\W*(?:always |strictly )?(?:follow|use|practi[sc]e|apply|design)\b|\bwir\b|\bnous\b"
    r"|\b(?:usamos|utilizamos|seguimos|praticamos|practicamos)\b|采用|遵循",
    re.IGNORECASE,
)


def read_testing(source: Source, contradictions: list[str]) -> Stated | None:
    """`test-driven` or `not test-driven`, where one of them and not the other is stated."""
    found = [
        source.stated("test-driven" if verdict else "not test-driven", block)
        for block in _blocks_with(source, "tdd", "test", "refactor", "测试", "テスト", "prueba")
        for verdict in [_test_driven(block)]
        if verdict is not None
    ]
    return _agreed(found, "whether tests are written first", source, contradictions)


def read_approach(source: Source, contradictions: list[str]) -> Stated | None:
    """`schema-first` or `code-first`, where one of them and not the other is stated."""
    found = [
        source.stated(approach, block)
        for block in _blocks_with(source, "first")
        for approach in [_approach(block)]
        if approach
    ]
    return _agreed(found, "whether schema or code comes first", source, contradictions)


def _blocks_with(source: Source, *words: str) -> Iterator[Block]:
    for block in source.facts:
        unfilled = bool(block.label) and not filled(block.label)
        if block.kind in {"item", "text", "row"} and not unfilled and mentions(block.text, words):
            yield block


def _agreed(
    found: list[Stated], question: str, source: Source, contradictions: list[str]
) -> Stated | None:
    if len({each.value for each in found}) > 1:
        contradictions.append(f"{source.document} disagrees with itself on {question}")
        return None
    return found[0] if found else None


def _test_driven(block: Block) -> bool | None:
    value = cell(block).strip()
    label = name(block.label)
    if label in _TDD_LABELS:
        if _NO.fullmatch(value):
            return False
        if _YES.fullmatch(value) and not left_open(value):
            return True
    value = filled(value)
    if not value:
        return None
    known = label in _TDD_LABELS or label in _APPROACH_LABELS
    if label in _APPROACH_LABELS and _TERM.match(value) and not (denied(value) or left_open(value)):
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
    if denied(text) or left_open(text):
        return None
    if _TESTS_LATER.search(text):
        return False
    return True if _TESTS_FIRST.search(text) or _PRACTISED.search(text) else None


def _approach(block: Block) -> str:
    value = filled(cell(block))
    label = name(block.label)
    if label in {"schema first", "schema first development"} and _YES.fullmatch(value):
        return "schema-first"
    if label in {"code first", "code first development"} and _YES.fullmatch(value):
        return "code-first"
    found = {
        approach
        for sentence in sentences(value if label in _APPROACH_LABELS else block.text)
        if label in _APPROACH_LABELS or _FOLLOWED.search(sentence)
        for approach in _approaches(sentence)
    }
    return found.pop() if len(found) == 1 else ""


def _approaches(sentence: str) -> Iterator[str]:
    said = re.sub(
        r"\b(?:not|instead of|rather than) (?:code|schema|models?)[- ]first\b", "", sentence
    )
    if denied(said) or left_open(said):
        return
    if _SCHEMA.search(said):
        yield "schema-first"
    if _CODE_FIRST.search(said):
        yield "code-first"


_NAMING_LABELS = listed("""
    migration naming;migration naming convention;migration names;migration file naming
    migration file name;migration file names;benennung der migrationen;nommage des migrations
    nombres de migraciones;nomes de migrações;迁移命名
""")
_NAMING_WORDS = listed("""
    naming convention;naming conventions;naming;file naming;file name;file names;name format
    namenskonvention;convention de nommage;convención de nombres;convenção de nomes
""")
_MIGRATION = re.compile(r"migra[ctz]|迁移|マイグレーション", re.IGNORECASE)
_NAMING = re.compile(r"\bnam(?:ing|es?)\b|benennung|nommage|nombre|nome|命名", re.IGNORECASE)
_NAMED = re.compile(
    r"\bmigrations?(?: files?)? (?:is|are|must be|have to be) (?:named|called) (?:as |like )?"
    r"(\S*[_\d]\S*)",
    re.IGNORECASE,
)


def read_migration_naming(source: Source) -> Stated | None:
    """The form of a migration's file name; of several that are allowed, the first."""
    found = source.labelled(
        _NAMING_LABELS, generic=_NAMING_WORDS | {"format"}, under=_names_migrations
    )
    for value, block in found:
        return source.stated(_first_name(value), block)
    for sentence, block in sentences_with(source, "named", "called"):
        named = _NAMED.search(sentence)
        if named and not denied(sentence) and not left_open(sentence):
            return source.stated(named[1].rstrip(".,;"), block)
    return None


def _names_migrations(block: Block) -> bool:
    """Whether a naming rule at this place is one for migrations."""
    headings = [heading.text for heading in block.path]
    if name(block.label) == "format":
        return bool(headings and _MIGRATION.search(headings[-1]) and _NAMING.search(headings[-1]))
    return any(_MIGRATION.search(text) for text in (*headings, *block.parents))


def _first_name(value: str) -> str:
    first_of = re.split(r"\s+(?:or|oder|ou|o)\s+|,\s", value, maxsplit=1)[0]
    return value if " " in first_of.strip() else first_of.strip()


_ONE_TRANSACTION = re.compile(
    r"\b(?:each|every|a|all) migrations?\b[^.]{0,40}\b(?:a |one )?single transaction"
    r"|\b(?:one|single) transaction per migration\b"
    r"|\beach migration\b[^.]{0,30}\bin(?:side)? (?:a|one) transaction\b",
    re.IGNORECASE,
)


def read_single_transaction(source: Source) -> Stated | None:
    """The rule that each migration is one transaction, if it is there."""
    return first(
        source.stated(block.text, block)
        for sentence, block in sentences_with(source, "transaction")
        if _ONE_TRANSACTION.search(sentence) and not denied(sentence)
    )
