"""The products that the blocks of a document say are in use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .clauses import SEGMENT, TESTS, Taken, affirmed, elsewhere
from .clauses import taken as clause_taken
from .kinds import (
    ADDITIONAL,
    KINDS,
    PRIMARY,
    about_the_stack,
    anything_here,
    in_scope,
    is_general,
    kinds_around,
    kinds_in,
    kinds_of,
    lists_the_stack,
    of_frontend,
)
from .language import denied, filled, left_open, name, names, sentences
from .lexicon import Lexicon, tables
from .markdown import Block
from .model import Stated
from .products import in_brackets, in_entry, in_enumeration, in_value, is_named, run_by
from .prose import in_sentence
from .reading import COLUMNS, Source, cell, column, place, remarks, taken_back
from .rows import by_second_cell, first_cell, kinds_of_column, of_version
from .unlisted import unlisted
from .vocabulary import PRODUCTS, ProductKind, find_products

_CALLED_PRIMARY = re.compile(
    r"(?:^|[;(]\s*|\s[-–—:]\s)(?:the |our )?(?:primary|main)\b"
    r"|\b(?:primary|main) (?:\w+ ){0,2}(?:database|db|data ?store|store)\b",
    re.IGNORECASE,
)
_STACK_SENTENCE = re.compile(r"([^:：]{2,30})[:：]\s*(.+)", re.DOTALL)
_FIRST_WORDS = re.compile(r"\W*(?:[^\s,;:.，。；（(]+\s*){0,3}")
_VERSION_VALUE = re.compile(r"v?(\d+(?:\.[\dx]+)*\+?)(?:\s+(?:lts|stable))?", re.IGNORECASE)
_OR_ELSE = re.compile(
    r"\s*(?:(?:or|oder|ou|или|lub)\s|または|あるいは|もしくは|或|또는|혹은)", re.I
)
_HOLDS_DATA = Lexicon(tables("stack")["holds_data"])
_TOLD: frozenset[ProductKind] = frozenset(
    {"language", "database", "orm", "migration_tool", "cache", "validation"}
)
_BELOW = 2  # headings: the title and one on a kind
_PARTS_LEAST = 3  # of a paragraph that lists products
# What any label below `Stack` may hold; the rest is told by its label.
_BY_STACK: frozenset[ProductKind] = frozenset({"language", "database", "orm"})


class Found(NamedTuple):
    """A product that a block says is in use.

    Attributes:
        kind: What for.
        name: Its name without the version.
        stated: Its name with the version, and where.
        strength: 3 by a label, 2 as a list entry, 1 in prose, 0 for a frontend.
        primary: Whether it is called the primary one; None if nothing is said.
    """

    kind: ProductKind
    name: str
    stated: Stated
    strength: int
    primary: bool | None


def used(source: Source) -> Iterator[Found]:
    """The products that a document says are in use, in its order."""
    last: Found | None = None
    last_block: Block | None = None
    for block in source.facts:
        if block.kind == "todo" or any(map(_leaves_open, block.parents)):
            continue
        if last and last_block and _is_version(block) and _siblings(block, last_block):
            last = _with_version(last, block.value)
            yield last
            continue
        found = [each for each in _in_block(source, block) if in_scope(each.kind, block)]
        if of_frontend(block):
            found = [each._replace(strength=0) for each in found]
        yield from found
        if len(found) == 1:
            last, last_block = found[0], block
        elif found:
            last = None


def _leaves_open(parent: str) -> bool:
    """Whether a lead-in such as `To be added:` weighs or denies what is listed below it."""
    return left_open(parent) or denied(parent)


def _is_version(block: Block) -> bool:
    return not COLUMNS["version"].isdisjoint((name(block.label),))


def _siblings(block: Block, other: Block) -> bool:
    same_path = [each.anchor for each in block.path] == [each.anchor for each in other.path]
    return same_path and block.parents in (other.parents, (other.label,))


def _with_version(found: Found, value: str) -> Found:
    version = _VERSION_VALUE.fullmatch(filled(value).strip())
    if version is None or found.stated.value != found.name:
        return found
    return found._replace(stated=found.stated._replace(value=f"{found.name} {version[1]}"))


def _in_block(source: Source, block: Block) -> Iterator[Found]:
    if block.columns:
        yield from _in_row(source, block)
        return
    if _OR_ELSE.match(block.text):
        return
    labelled = False
    for each in of_version(block.label, block.value):
        labelled = True
        yield _found(source, block, each, 3, (block.label,))
    for label, value in () if _is_product(block) else _labelled_values(block):
        kinds = kinds_of(label, block)
        labelled = labelled or (bool(kinds) and block.sure)
        words = (label, *place(block), value)
        for taken in in_value(filled(value), kinds) if kinds else ():
            strength = 3 if taken.kind in kinds else 2
            yield _found(source, block, taken, strength, words)
    if not labelled and block.kind != "head":
        yield from _unlabelled(source, block)


def _is_product(block: Block) -> bool:
    """Whether the label of a block is a product, as in `**Redis 7**: sessions`."""
    return is_named(block.label) and block.sure


def _labelled_values(block: Block) -> Iterator[tuple[str, str]]:
    if not block.label or not filled(block.label):
        return
    head = block.kind == "head"
    if not head or block.value.casefold() in PRODUCTS or re.search(r"\d", block.value):
        yield block.label, block.value


def _in_row(source: Source, block: Block) -> Iterator[Found]:
    """The products of a row: below heads of a kind, after its label, or in its first cell."""
    if not block.label or not filled(block.label) or taken_back(remarks(block)):
        return
    row = "; ".join(text for _, text in block.columns)
    for taken in of_version(block.label, cell(block)):
        yield _found(source, block, taken, 3, (block.label, row))
    across = [pair for pair in block.columns if not KINDS.keys().isdisjoint(names(pair[0]))]
    pairs = list(across)
    beside = all(kinds_in(names(head)) == ["hosting"] for head, _ in across)
    if beside or across == [block.columns[0]]:
        pairs.append((block.label, cell(block)))
    version = column(block, "version")
    any_found = False
    for label, value in pairs:
        kinds = kinds_of(label, block) or kinds_of_column(value, block)
        for taken in in_value(filled(value), kinds) if kinds else ():
            words = (label, *place(block), f"{value}; {row}")
            any_found = True
            strength = 3 if taken.kind in kinds else 2
            yield _with_version(_found(source, block, taken, strength, words), version)
    for found in () if any_found else _by_cells(source, block, row):
        yield _with_version(found, version)


def _by_cells(source: Source, block: Block, row: str) -> Iterator[Found]:
    """The products of a row that no head and no label tells: by its cells among each other."""
    second = list(by_second_cell(block))
    for taken in second:
        yield _found(source, block, taken, 3, (block.label, row))
    if is_general(names(block.label)):
        for taken in () if second else in_enumeration(filled(cell(block))):
            yield _found(source, block, taken, 2, (block.label, row))
        return
    for taken in first_cell(block):
        words = (column(block, "purpose"), *place(block), row)
        yield _found(source, block, taken, 3, words)


def _unlabelled(source: Source, block: Block) -> Iterator[Found]:
    """Products in list entries and short lines, else in sentences."""
    entries = list(_entries(block))
    for taken in entries:
        yield _found(source, block, taken, 2, (*place(block), block.text))
    for taken in _begun(block):
        yield Found(taken.kind, taken.name, source.stated(taken.text, block), 2, None)
    if entries or block.kind == "heading":
        return
    for taken in _told_below(block):
        yield Found(taken.kind, taken.name, source.stated(taken.text, block), 1, None)
    for sentence in sentences(block.text):
        stack = _STACK_SENTENCE.fullmatch(sentence)
        listing = bool(stack) and stack is not None and is_general(names(stack[1]))
        for taken in in_enumeration(filled(stack[2])) if stack and listing else ():
            yield _found(source, block, taken, 2, (sentence,))
        for taken, primary in in_sentence(sentence):
            stated = source.stated(taken.text, block)
            yield Found(taken.kind, taken.name, stated, 1, primary or None)


def _told_below(block: Block) -> Iterator[Taken]:
    """The one product of a kind in a text below a heading on it, as in `Our mapper is GORM`."""
    around = [each for each in kinds_around(block) if each in _TOLD]
    if block.kind != "text" or len(around) != 1 or block.parents or len(block.path) < _BELOW:
        return
    named = [hit for hit in find_products(block.text) if around[0] in hit.product.kinds]
    said = [hit for each in sentences(block.text) for hit in affirmed(each)]
    texts = {hit.text for hit in said if around[0] in hit.product.kinds}
    if len({hit.product.name for hit in named}) == len(texts) == 1:
        hit = named[0]
        if not elsewhere(block.text, around[0], {hit.product.name}):
            yield clause_taken(hit, around[0])


def _begun(block: Block) -> Iterator[Taken]:
    """The products that sentences of a text begin with, of the kinds that its heading is about."""
    around = kinds_around(block) if block.kind == "text" and not block.parents else []
    for sentence in sentences(block.text) if around else ():
        for hit in affirmed(sentence)[:1]:
            fitting = [each for each in around if each in hit.product.kinds]
            if hit.start == 0 and fitting and not elsewhere(sentence, fitting[0]):
                yield clause_taken(hit, fitting[0])


def _entries(block: Block) -> Iterator[Taken]:
    general = is_general(names(block.label)) if block.label else False
    around = kinds_around(block)
    if block.depth > 1 and is_named(block.text) and about_the_stack(block):
        found = in_entry(block.text, None)
        yield from (each for each in found if each.kind == "language")
    if block.kind == "heading":
        yield from _in_heading(block, general=general)
        yield from _entry(block, block.text, around)
    elif _is_product(block) and _in_use(block.value):
        joint = " " if block.value[:1].isdigit() else " - "
        yield from _entry(block, f"{block.label}{joint}{block.value}", around, named=True)
        if _HOLDS_DATA.found_in(block.value):
            yield from run_by(find_products(block.label)[0].product.name)
    elif general or (around == ["test"] and block.label and block.sure):
        yield from in_enumeration(filled(block.value), around)
    elif block.kind == "text" and block.label and not block.value and anything_here(block):
        yield from in_brackets(block.label, {"language"})
    elif block.kind == "item" or not block.label or not block.sure:
        yield from _entry(block, block.text, around)
        if block.sure and anything_here(block):
            yield from in_brackets(f"{block.label} ({block.label})", {"language"})
        if block.label and block.sure and lists_the_stack(block) and _in_use(block.label):
            found = in_enumeration(filled(block.value), around)
            yield from (each for each in found if each.kind in _BY_STACK)


def _in_heading(block: Block, *, general: bool) -> Iterator[Taken]:
    """What a heading such as `Backend (Go)` or `Stack: Gin + PostgreSQL` names by itself."""
    if is_general(names(block.text)):
        yield from in_brackets(block.text, {"language"})
    if general:
        yield from in_enumeration(filled(block.value))


def _in_use(told: str) -> bool:
    """Whether what is told of a product leaves it in use: `not used, we write SQL` does not."""
    return not left_open(told) and not denied(_FIRST_WORDS.match(told)[0])  # type: ignore[index]


def _entry(
    block: Block, text: str, around: list[ProductKind], *, named: bool = False
) -> Iterator[Taken]:
    anything = anything_here(block)
    found = list(in_entry(filled(text), around)) if around else []
    if not found and (named or (anything and not around)):
        found = list(in_entry(filled(text), None))
    if not found and around == ["test"] and block.kind == "item":
        sure = not block.label or TESTS.found_in(block.value)
        found = (
            list(unlisted(filled(block.label or block.text), around, telling=True)) if sure else []
        )
    if not found and anything and not block.label and (block.kind == "item" or _lists(block)):
        found = list(in_enumeration(filled(text)))
    yield from found


def _lists(block: Block) -> bool:
    """Whether a paragraph is the list itself, as `Next.js · Prisma · PostgreSQL` below `Stack`."""
    parts = SEGMENT.split(block.text)
    return len(parts) >= _PARTS_LEAST and lists_the_stack(block) and len(sentences(block.text)) == 1


def _found(
    source: Source, block: Block, taken: Taken, strength: int, words: tuple[str, ...]
) -> Found:
    primary = additional = False
    for word in words:
        plain = set(names(word)) if len(word) <= 80 else set()
        primary = primary or bool(plain & PRIMARY)
        additional = additional or bool(plain & ADDITIONAL)
    primary = primary or bool(_CALLED_PRIMARY.search(words[-1]))
    called = True if primary else False if additional else None
    return Found(taken.kind, taken.name, source.stated(taken.text, block), strength, called)
