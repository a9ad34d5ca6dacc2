"""What a row of a table says is in use, where no label of its own tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .clauses import Taken, elsewhere
from .kinds import (
    about_the_stack,
    anything_here,
    is_general,
    kinds_around,
    kinds_in,
    kinds_of,
)
from .language import filled, name, names, own_names
from .markdown import Block
from .products import in_entry, in_value, is_named
from .reading import COLUMNS, cell, column
from .unlisted import unlisted
from .vocabulary import ProductKind

_PURPOSE_WORDS = 5
_FIRST_PART = re.compile(r"[,;.(（、，]")


def of_version(label: str, value: str) -> Iterator[Taken]:
    """The product of a label such as `Python version`, with the version that its value is."""
    words = label.split()
    rest = [word for word in words if name(word) not in COLUMNS["version"]]
    product = " ".join(rest)
    if 0 < len(rest) < len(words) and is_named(product):
        yield from in_entry(f"{product} {value}", None)


def kinds_of_column(value: str, block: Block) -> list[ProductKind]:
    """What a cell below `Framework` or `Tool` holds, by what the table stands under."""
    heads = (head for head, text in block.columns[1:] if text == value)
    return next((kinds_of(head, block) for head in heads), [])


def first_cell(block: Block) -> Iterator[Taken]:
    """The product in the first cell of a row, by the purpose that another cell gives."""
    purpose = column(block, "purpose")
    for each in _first_cell(block, purpose):
        if not elsewhere(purpose, each.kind, {each.name}):
            yield each


def _first_cell(block: Block, purpose: str) -> Iterator[Taken]:
    head, product = _product_cell(block)
    kinds = [kind for text in _pieces(purpose) for kind in kinds_in(_of_purpose(text))]
    around = kinds_around(block)
    heads_products = not COLUMNS["product"].isdisjoint(names(head))
    listed = is_named(product) and (bool(purpose) or bool(around))
    if kinds:
        sure = bool(kinds_in(names(_FIRST_PART.split(purpose, maxsplit=1)[0])))
        found = in_value(product, list(dict.fromkeys(kinds)))
        yield from (each for each in found if sure or is_named(each.name))
    elif heads_products and around:
        yield from in_entry(product, around)
        yield from unlisted(product, around)
    elif listed and around:
        yield from in_entry(product, around)
    elif listed or (heads_products and (anything_here(block) or about_the_stack(block))):
        yield from in_entry(f"{product} - {purpose}" if purpose else product, None)


def by_second_cell(block: Block) -> Iterator[Taken]:
    """The products of a row whose second cell tells what the third is: `Backend | DB | MySQL`."""
    cells = [text for _, text in block.columns[1:3]]
    if len(cells) > 1 and is_general(names(block.label)) and not is_named(cells[0]):
        kinds = kinds_in(names(cells[0]))
        yield from in_value(filled(cells[1]), kinds) if kinds else ()


def _product_cell(block: Block) -> tuple[str, str]:
    """Head and text of the cell that names the product: the first, or the next after a number."""
    if any(map(str.isalpha, block.label)):
        return block.columns[0][0], filled(block.label)
    value = cell(block)
    head = next((head for head, text in block.columns[1:] if text == value), "")
    return head, filled(value)


def _of_purpose(text: str) -> tuple[str, ...]:
    """The names in a purpose; of a longer one, only as a whole."""
    return names(text) if len(text.split()) <= _PURPOSE_WORDS else own_names(text)


def _pieces(purpose: str) -> Iterator[str]:
    yield purpose
    yield from re.split(r"[,;/.(（、，]", purpose)[:2]
