"""Markdown that others wrote, as HTML: markup of the document's own stays text.

HTML in it is shown as typed, a picture becomes a link, and a link leads to the web, to a mail
program or to a page of the site; any other one is only its text.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token
from markupsafe import Markup

from ..markdown.anchors import slug

Target = Callable[[str], str]
"""Return the address in the site for a relative link of a document; empty where there is none."""
Draw = Callable[[str], Markup | None]
"""Return a Mermaid diagram as it is shown; None where it cannot be drawn."""

_ABROAD = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
# A document is cut here: nobody reads on, and a browser has to lay it out.
LONGEST = 2_000_000


def nowhere(_: str) -> str:
    """Return no address: the document has no page that its links could lead to."""
    return ""


@functools.cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    return parser.enable(["table", "strikethrough"]).disable("image")


def document(text: str, target: Target, draw: Draw) -> tuple[Markup, list[tuple[str, str]]]:
    """Render a document.

    Args:
        text: Markdown.
        target: Where its relative links lead.
        draw: Draws its diagrams.

    Returns:
        The HTML, and anchor and title of each section of the second level.
    """
    tokens = _parser().parse(text[:LONGEST])
    seen: dict[str, int] = {}
    sections = []
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            title = _text(tokens[at + 1])
            anchor = slug(title, seen)
            token.attrSet("id", anchor)
            if token.tag == "h2":
                sections.append((anchor, title))
        _lead(token.children or (), target)
    return Markup("".join(_blocks(tokens, draw))), sections  # noqa: S704 - escaped by the parser


# Where none of these stands, a line is what it says.
_MARKED = re.compile(r"[\\`*_~\[<&!\n]")


def inline(text: str, target: Target = nowhere) -> Markup:
    """Render Markdown of one line, such as a task or a cell of a table."""
    if not _MARKED.search(text):
        return Markup(escapeHtml(text.strip()))  # noqa: S704 - escaped
    tokens = _parser().parseInline(text.strip())
    for token in tokens:
        _lead(token.children or (), target)
    return Markup(_html(tokens))  # noqa: S704 - escaped by the parser


def _html(tokens: Sequence[Token]) -> str:
    parser = _parser()
    return str(parser.renderer.render(tokens, parser.options, {}))


def _blocks(tokens: Sequence[Token], draw: Draw) -> Iterator[str]:
    """Render blocks: a table or a block of code gets room to scroll in, a diagram is drawn."""
    pending: list[Token] = []
    numbers: Counter[str] = Counter()
    for token in tokens:
        drawn = draw(token.content) if _is_diagram(token) else None
        name = _SCROLLED.get(token.type) if drawn is None else None
        if drawn is not None or name:
            yield _html(pending)
            pending = []
        if drawn is not None:
            yield drawn
            continue
        if name:
            numbers[name] += 1
            yield _SCROLL.format(name, numbers[name])
        pending.append(token)
        if token.type in _ENDS:
            yield f"{_html(pending)}</div>"
            pending = []
    yield _html(pending)


_SCROLLED = {"table_open": "Table", "fence": "Code", "code_block": "Code"}
_ENDS = ("table_close", "fence", "code_block")
_SCROLL = '<div class="scroll" tabindex="0" role="region" aria-label="{} {}">'


def _is_diagram(token: Token) -> bool:
    return token.type == "fence" and token.info.strip() == "mermaid"


def _text(token: Token) -> str:
    kinds = {"text", "text_special", "code_inline"}
    return "".join(child.content for child in token.children or () if child.type in kinds)


def _lead(tokens: Sequence[Token], target: Target) -> None:
    """Let each link lead to where the site has something; one that leads nowhere loses its tag."""
    opened: list[Token] = []
    for token in tokens:
        if token.type == "link_open":
            opened.append(token)
            href = str(token.attrGet("href") or "")
            address = href if _ABROAD.match(href) else target(href)
            token.attrs = {"href": address} if address else {}
            if _ABROAD.match(address):
                token.attrSet("rel", "noopener noreferrer")
            elif not address:
                token.tag = "span"
        elif token.type == "link_close" and opened:
            token.tag = opened.pop().tag
