"""The headings of a Markdown file as a full parser reads them, which is how a code host shows them.

`outline` reads a thousand files as fast and is right for what people write; this is right for
everything.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from .anchors import slug

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:(?!---|\.\.\.).*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|$)")
_SPECIAL = re.compile(r"[\\`*_~<>&!\[\]]")
_NESTING = 20
_LONGEST = 1_000_000  # characters; parsing takes some seconds for each million
# Of headings with markup in a file, which takes a hundred times as long; more are read as written.
_MARKED_UP = 100_000


class Heading(NamedTuple):
    """A heading: its text as it is shown, its anchor, its level (1 to 6) and its 1-based line."""

    text: str
    anchor: str
    level: int
    line: int


@functools.cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # 40 ms that other commands do without

    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable(["table", "strikethrough"])
    parser.core.ruler.disable(["inline", "text_join"])  # four fifths of the time
    return parser


def parsed(text: str) -> tuple[list[Token], dict[str, object]]:
    """Return the blocks of a text, and what is known of it as a whole, such as its references.

    The front matter is left out, and lines are counted with it.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    found = _FRONT_MATTER.match(text)
    if found:
        text = "\n" * found[0].count("\n") + text[found.end() :]
    environment: dict[str, object] = {}
    return _parser().parse(text, environment), environment


def read(text: str) -> list[Heading]:
    """Return the headings; what stands in code, comments or an HTML block is none.

    A text that is too long for the parser counts as one without headings.
    """
    return list(among(*parsed(text)).values()) if len(text) <= _LONGEST else []


def among(tokens: list[Token], environment: dict[str, object]) -> dict[int, Heading]:
    """Return the headings of what `parsed` returned, by the index of their opening token."""
    seen: dict[str, int] = {}
    found: dict[int, Heading] = {}
    left = _MARKED_UP
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            source = tokens[index + 1].content
            rendered = source
            if _SPECIAL.search(source) and (left := left - len(source)) >= 0:
                rendered = _rendered(source, environment)
            found[index] = Heading(
                rendered, slug(rendered, seen), int(token.tag[1]), line_of(token)
            )
    return found


def _rendered(source: str, environment: dict[str, object]) -> str:
    """What a reader sees of a heading; its anchor is made from exactly this."""
    parser = _parser()
    tokens: list[Token] = []
    parser.inline.parse(source, parser, environment, tokens)
    return "".join(
        "\n" if token.type in {"softbreak", "hardbreak"} else token.content
        for token in tokens
        if token.type in {"text", "text_special", "code_inline", "softbreak", "hardbreak"}
    )


def line_of(token: Token) -> int:
    """Return the 1-based line that a block begins in, 0 where it has none."""
    return token.map[0] + 1 if token.map else 0
