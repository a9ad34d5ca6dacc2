"""Reader of product.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .language import filled, name, names, own_names, parts, void
from .lexicon import Lexicon, listed, tables
from .markdown import Block
from .model import Product, Stated
from .reading import Source, cell, first, place, places, several, without_lists
from .text import PLACEHOLDER
from .titles import NAME_LENGTH, name_in_title

_TABLES = tables("product")
_NAME_LABELS = listed(_TABLES["name_labels"])
_NAME_WORDS = listed(_TABLES["name_words"])
_LISTS = {field: listed(_TABLES[field]) for field in ("vision", "goals", "metrics", "users")}
_PURPOSE = listed(_TABLES["purpose"])
_GROUPS = listed(_TABLES["groups"])
_ROLES = listed(_TABLES["roles"])
_ASIDE = Lexicon(_TABLES["aside"])
_FEATURES = Lexicon(_TABLES["features"])
_TOLD_OF_USERS = listed(_TABLES["told_of_users"])
_OF_DOCUMENT = re.compile(
    r"(?:this|dieses|ce|este|esta|questo|этот) (?:document|dokument|file|documento|документ)"
    r"|本(?:文|ドキュ)|このドキュメント|이 문서",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"\s+[-–—]+\s|[;.。；]\s?|,\s|\s\(|（|，")
_USER_LENGTH = 80
_ASIDE_WORDS = 5  # of a heading that turns to something else


def read_product(source: Source) -> Product:
    """What product.md states."""
    blocks = [block for block in source.facts if block.kind != "todo"]
    plain = without_lists(blocks)
    return Product(
        name=first(_names(source, blocks)),
        vision=first(_visions(source, blocks)),
        goals=several(_listed(source, blocks, "goals", plain)),
        success_metrics=several(_listed(source, blocks, "metrics", plain)),
        target_users=several(_users(source, blocks, plain)),
    )


def _names(source: Source, blocks: list[Block]) -> Iterator[Stated]:
    def near(block: Block) -> bool:
        return not block.parents and len(block.path) <= 2

    for told, block in source.labelled(_NAME_LABELS, generic=_NAME_WORDS, under=near):
        value = re.split(r"\s+[-–—]+\s", told, maxsplit=1)[0]
        short = len(value) <= NAME_LENGTH and not re.search(r"[.!?。]\s|[.。]$", value)
        if short and block.kind != "heading":
            yield source.stated(value, block)
    for block in blocks:
        under_name = set(names(block.path[-1].text)) & _NAME_LABELS if block.path else set()
        if under_name and block.kind == "text" and not block.label:
            value = filled(block.text) if len(block.text) <= NAME_LENGTH else ""
            if value and value[-1] not in ".!?。":
                yield source.stated(value, block)
    titles = [each for each in blocks if each.kind == "heading" and each.path[-1].level == 1]
    for index, title in enumerate(titles):
        own = name_in_title(
            title.text, blocks, alone=index == 0 and title is _first_heading(blocks)
        )
        if own:
            yield source.stated(own, title)


def _first_heading(blocks: list[Block]) -> Block | None:
    return next((block for block in blocks if block.kind == "heading"), None)


def _visions(source: Source, blocks: list[Block]) -> Iterator[Stated]:
    for value, block in source.labelled(_LISTS["vision"]):
        if block.kind != "heading":
            yield source.stated(value, block)
    for block in blocks:
        if block.kind in {"text", "item"} and set(place(block)) & _LISTS["vision"]:
            value = filled(block.text)
            if value and PLACEHOLDER not in block.text:
                yield source.stated(value, block)
    for block in blocks:
        told = block.kind == "text" and not block.parents and set(place(block)) & _PURPOSE
        if told and filled(block.text) and not _OF_DOCUMENT.search(block.text):
            yield source.stated(block.text, block)


def _field(block: Block) -> str:
    """Which list a block belongs to, by the innermost of what it stands under that tells it."""
    for own in places(block):
        for field, wanted in _LISTS.items():
            if not wanted.isdisjoint(own):
                return field
        if _turns_aside(own[0]):
            return ""
    return ""


def _turns_aside(own: str) -> bool:
    """Whether a heading or a lead-in turns to something else; a whole sentence does not."""
    return len(own.split()) <= _ASIDE_WORDS and _ASIDE.found_in(own)


def _listed(source: Source, blocks: list[Block], field: str, plain: set[int]) -> Iterator[Stated]:
    """The items and rows of a list, wherever below its heading; or else its text."""
    for value, block in source.labelled(_LISTS[field]):
        if _states_own(block) and not _field(block):
            yield source.stated(value, block)
    for block in blocks:
        item = block.kind in {"item", "row"} and block.depth <= 1
        if not (item or _alone(block, plain)) or PLACEHOLDER in block.text:
            continue
        if _field(block) != field:
            continue
        value = filled(cell(block))
        if block.label and not block.sure:
            value = filled(block.text)
        elif block.label and (value or not block.columns):
            value = f"{block.label}: {value}" if value else block.label
        if filled(value):
            yield source.stated(value, block)


def _states_own(block: Block) -> bool:
    """Whether a label of a block, as in `Goals: fewer losses`, speaks of the product itself."""
    feature = any(_FEATURES.found_in(own[0]) for own in places(block))
    return block.kind in {"item", "text"} and block.depth <= 1 and not feature


def _alone(block: Block, plain: set[int]) -> bool:
    """Whether a block is the text that stands in place of a list."""
    heading = block.heading
    return block.kind == "text" and heading is not None and heading.line in plain


def _users(source: Source, blocks: list[Block], plain: set[int]) -> Iterator[Stated]:
    for value, block in source.labelled(_LISTS["users"] - _ROLES):
        if _states_own(block) and not _field(block):
            yield source.stated(_shortened(value), block)
    personas = _personas(blocks)
    own_place = {"item": _under_users, "row": _under_users, "heading": _heading_of_users}
    for index, block in enumerate(blocks):
        if block.depth > 1 or PLACEHOLDER in block.text or personas.get(index) is False:
            continue
        if personas.get(index):
            yield source.stated(block.label or block.text, block)
            continue
        if _alone(block, plain):
            told = _under_users(block) and not _names_users(block)
        else:
            told = own_place.get(block.kind, _never)(block)
        alone = block.kind == "text" and not block.sure
        value = filled(block.text if alone else _who(block)) if told else ""
        if value and not void(value):
            yield source.stated(value if alone else _shortened(value), block)


def _personas(blocks: list[Block]) -> dict[int, bool]:
    """Which blocks are the names of personas, and which ones (False) only tell something of them.

    As `**Ada, skipper** (30-50)` with items such as `Role` and `Goals` below.
    """
    found: dict[int, bool] = {}
    for index, block in enumerate(blocks):
        text = block.kind == "text" and not block.value if block.label else block.kind == "text"
        if not text or len(block.text) > _USER_LENGTH or not _under_users(block):
            continue
        rest = (each.kind == "item" and each.path == block.path for each in blocks[index + 1 :])
        count = next(
            (number for number, item in enumerate(rest) if not item), len(blocks) - index - 1
        )
        if count and name(blocks[index + 1].label) in _TOLD_OF_USERS:
            found |= {index: True} | dict.fromkeys(range(index + 1, index + 1 + count), False)
    return found


def _never(_: Block) -> bool:
    return False


def _names_users(block: Block) -> bool:
    return bool(block.label) and not _LISTS["users"].isdisjoint(names(block.label))


def _under_users(block: Block) -> bool:
    """Whether users are listed here: below their heading, with nothing but groups between."""
    if block.kind == "row" and not block.columns:
        return False
    leads = len(block.parents)
    for index, own in enumerate(places(block)):
        if not _LISTS["users"].isdisjoint(own):
            return True
        if any(not wanted.isdisjoint(own) for wanted in _LISTS.values()):
            return False
        paragraph = index < leads and block.depth <= 1
        if _ASIDE.found_in(own[0]) or not (paragraph or _is_group(own[0])):
            return False
    return False


def _heading_of_users(block: Block) -> bool:
    """Whether a heading is itself a user: directly below theirs, and neither group nor aside."""
    known = any(not wanted.isdisjoint(names(block.text)) for wanted in _LISTS.values())
    if known or _ASIDE.found_in(block.text) or _is_group(name(block.text)):
        return False
    above = block.parents[-1] if block.parents else "".join(e.text for e in block.path[-2:-1])
    return bool(above) and all(not _LISTS["users"].isdisjoint(own_names(e)) for e in parts(above))


def _is_group(own: str) -> bool:
    """Whether a label or heading says no more than that it is a group of users."""
    words = re.findall(r"[^\W\d_]+", own)
    return all(word in _GROUPS for word in words)


def _only_aside(label: str) -> bool:
    """Whether a label such as `Pain points` tells something about users and names none."""
    words = re.findall(r"[^\W\d_]+", name(label))
    return bool(words) and any(map(_ASIDE.found_in, words[:1])) and len(words) <= 2


def _who(block: Block) -> str:
    own = name(block.label)
    if own and (not _is_group(own) or own in _ROLES or not block.value):
        return "" if _only_aside(block.label) else block.label
    return block.value if block.label else block.text


def _shortened(user: str) -> str:
    """A user, without what is told of them where that makes it long."""
    clause = _CLAUSE.search(user)
    return user[: clause.start()] if len(user) > _USER_LENGTH and clause else user
