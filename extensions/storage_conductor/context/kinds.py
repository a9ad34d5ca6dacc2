"""What the labels, headings and columns of a technology stack are about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from .language import names
from .lexicon import Lexicon, listed, tables
from .markdown import Block
from .reading import place, places
from .vocabulary import ProductKind, product

_TABLES = tables("stack")
KINDS: dict[str, ProductKind] = {
    each: kind for kind in get_args(ProductKind) for each in listed(_TABLES["kinds"][kind])
}
PRIMARY = listed(_TABLES["primary"])
ADDITIONAL = listed(_TABLES["additional"])
KINDS |= dict.fromkeys(PRIMARY | ADDITIONAL, "database")
_GENERIC = listed(_TABLES["generic"])
_GENERAL = listed(_TABLES["general"])
_STACK = Lexicon(_TABLES["stack"])
_FOLLOWING, _LISTED = Lexicon(_TABLES["following"]), Lexicon(_TABLES["listed"])
_FRONTEND = Lexicon(_TABLES["frontend"])
_ELSEWHERE = Lexicon(_TABLES["elsewhere"])
_NOT_TESTS = Lexicon(_TABLES["not_tests"])
_SCOPES: tuple[tuple[Lexicon, ProductKind], ...] = (
    (Lexicon(_TABLES["scopes"]["test"]), "test"),
    (Lexicon(_TABLES["scopes"]["backup"]), "backup"),
    (Lexicon(_TABLES["scopes"]["ci"]), "ci"),
)
_SHORT = 4  # words of a heading that is a name
_STORES: frozenset[ProductKind] = frozenset({"database", "object_storage", "cache", "hosting"})


def kinds_in(own: Iterable[str]) -> list[ProductKind]:
    """The kinds of product that some names stand for."""
    return list(dict.fromkeys(KINDS[each] for each in own if each in KINDS))


def is_general(own: Iterable[str]) -> bool:
    """Whether a label or heading such as `Backend` may hold any part of the stack.

    A lead-in as `We use the following technologies` may, too.
    """
    own = tuple(own)
    return not _GENERAL.isdisjoint(own) or any(
        _FOLLOWING.found_in(each) and _LISTED.found_in(each) for each in own[:1]
    )


def kinds_of(label: str, block: Block) -> list[ProductKind]:
    """What a label is about, by itself or, for `Tool` and its like, by what it stands under."""
    own = names(label)
    found = kinds_in(own)
    if not found and not _GENERIC.isdisjoint(own):
        found = kinds_around(block)
    return found


def kinds_around(block: Block) -> list[ProductKind]:
    """What a block's list is about: by its heading, or by the next one where that is general."""
    for own in places(block):
        found = kinds_in(own) or _tests_by_word(own[0])
        if found or not (is_general(own) or _is_language(own[0])):
            return found
    return []


def _is_language(own: str) -> bool:
    """Whether a heading is a language, whose packages are listed below."""
    known = product(own)
    return known is not None and known.kinds[0] == "language"


def _tests_by_word(own: str) -> list[ProductKind]:
    """The tests, for a short name such as `Tests of the interface`."""
    return ["test"] if len(own.split()) <= _SHORT and _SCOPES[0][0].found_in(own) else []


def anything_here(block: Block) -> bool:
    """Whether what a block stands under leaves open what for the products are that it lists."""
    title = block.heading is not None and block.heading.level == 1
    around = place(block)
    return title or not around or is_general(around) or _is_language(around[0])


def about_the_stack(block: Block) -> bool:
    """Whether any heading above is on the stack."""
    return any(_STACK.found_in(heading.text) for heading in block.path)


def lists_the_stack(block: Block) -> bool:
    """Whether a block stands directly below a heading such as `Stack` or `Our technologies`."""
    return block.heading is not None and not block.parents and _STACK.found_in(block.heading.text)


def in_scope(kind: ProductKind, block: Block) -> bool:
    """Whether the headings above allow a kind: below `Tests`, a database is one for tests."""
    texts = [*(each.text for each in block.path), *block.parents]
    if kind == "test" and any(map(_NOT_TESTS.found_in, (*texts, block.text))):
        return False
    if kind in _STORES and any(map(_ELSEWHERE.found_in, texts)):
        return False
    scopes = {only for words, only in _SCOPES if any(map(words.found_in, texts))}
    # What runs the tests is told beside them.
    return scopes <= {kind} or (kind == "ci" and scopes == {"test"})


def of_frontend(block: Block) -> bool:
    """Whether a block speaks of what runs at the user's."""
    return any(map(_FRONTEND.found_in, (block.label, *(each.text for each in block.path))))
