"""Whether the schema comes first, and how migrations are named and run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .language import denied, filled, left_open, name, sentences
from .lexicon import listed, tables
from .markdown import Block
from .model import Stated
from .reading import Source, cell, first, mentions, sentences_with

_TABLES = tables("workflow")
APPROACH_LABELS = listed(_TABLES["approach_labels"])
YES = re.compile(
    r"(?:yes|true|always|required|mandatory|practi[sc]ed|enforced|strict(?:ly)?|on|ja|oui|s[ií]|sim"
    r"|是|はい)\b.{0,60}",
    re.IGNORECASE,
)
NO = re.compile(
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


def read_approach(source: Source, contradictions: list[str]) -> Stated | None:
    """`schema-first` or `code-first`, where one of them and not the other is stated."""
    found = [
        source.stated(approach, block)
        for block in blocks_with(source, "first")
        for approach in [_approach(block)]
        if approach
    ]
    return agreed(found, "whether schema or code comes first", source, contradictions)


STATING = frozenset({"item", "text", "row"})


def blocks_with(source: Source, *words: str) -> Iterator[Block]:
    """The items, rows and paragraphs that hold one of some words, given in lower case."""
    for block in source.facts:
        unfilled = bool(block.label) and not filled(block.label)
        if block.kind in STATING and not unfilled and mentions(block.text, words):
            yield block


def agreed(
    found: list[Stated], question: str, source: Source, contradictions: list[str]
) -> Stated | None:
    """The first of some statements; none, and a contradiction, where they differ."""
    if len({each.value for each in found}) > 1:
        contradictions.append(f"{source.document} disagrees with itself on {question}")
        return None
    return found[0] if found else None


def _approach(block: Block) -> str:
    value = filled(cell(block))
    label = name(block.label)
    if label in {"schema first", "schema first development"} and YES.fullmatch(value):
        return "schema-first"
    if label in {"code first", "code first development"} and YES.fullmatch(value):
        return "code-first"
    found = {
        approach
        for sentence in sentences(value if label in APPROACH_LABELS else block.text)
        if label in APPROACH_LABELS or _FOLLOWED.search(sentence)
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


_NAMING_LABELS = listed(_TABLES["naming_labels"])
_NAMING_WORDS = listed(_TABLES["naming_words"])
_FORMAT_WORDS = listed(_TABLES["name_formats"])
_MIGRATION = re.compile(
    r"migra[ctzç]|миграц|迁移|遷移|マイグレーション|마이그레이션", re.IGNORECASE
)
_NAMING = re.compile(
    r"\bnam(?:ing|es?)\b|benennung|nommage|nombre|nome|именован|命名|ネーミング|네이밍|명명", re.I
)
_NAMED = re.compile(
    r"\bmigrations?(?: files?)? (?:is|are|must be|have to be) (?:named|called) (?:as |like )?"
    r"(\S*(?:[_\d]|\}\.|>\.)\S*)",
    re.IGNORECASE,
)


def read_migration_naming(source: Source) -> Stated | None:
    """The form of a migration's file name; of several that are allowed, the first."""
    found = source.labelled(
        _NAMING_LABELS, generic=_NAMING_WORDS | _FORMAT_WORDS, under=_names_migrations
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
    if name(block.label) in _FORMAT_WORDS:
        near = " ".join(headings[-2:])
        named = _NAMING.search(headings[-1]) if headings else None
        return bool(_MIGRATION.search(near) and (named or "file" in name(block.label)))
    return any(_MIGRATION.search(text) for text in (*headings, *block.parents))


def _first_name(value: str) -> str:
    first_of = re.split(r"\s+(?:or|oder|ou|o)\s+|,\s", value, maxsplit=1)[0]
    return value if " " in first_of.strip() else first_of.strip()


_ONE_TRANSACTION = re.compile(
    r"\b(?:each|every|a|all) (?:\w+ )?migrations?\b[^.]{0,40}\b(?:a |one )?single transaction"
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
