"""The words of a piece of Markdown, without its marks."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection

PLACEHOLDER = "\ufffc"
"""Stands in a text for something that is still to be filled in, such as `[e.g., PostgreSQL]`."""

VALUE_LENGTH = 200
_RAW_LENGTH = 4000  # of one paragraph; nothing that is taken is longer, and time stays bounded

# No word, number or address that is taken is longer; letters of scripts that need no spaces may be.
_ENDLESS = re.compile(r"([!-~\u00a1-\u0dff]{200})[!-~\u00a1-\u0dff]+")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_MARKED = re.compile(r"[\\`*_~<>&!\[\]{}]")
_LITERAL = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)|\\([!-/:-@\[-`{-~])", re.DOTALL)
_KEPT = re.compile("\x00(\\d+)\x00")
_STRUCK = re.compile(
    r"~~(?=\S).{0,300}?\S~~|(?<![~\w])~(?=[^\s~])[^~]{0,300}?(?<=\S)~(?![~\w])"
    r"|<(del|s|strike)>.{0,300}?</\1>",
    re.DOTALL | re.IGNORECASE,
)
_IMAGE = re.compile(r"!\[[^\[\]]*\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)")
_REFERENCE = re.compile(r"\[([^\[\]]+)\](?:\[([^\[\]]*)\])?")
_FOOTNOTE = re.compile(r"\[\^[^\[\]]+\]")
_TAG = re.compile(
    r"</?(?:a|abbr|b|br|center|code|details|div|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|pre|q"
    r"|small|span|strong|sub|summary|sup|table|tbody|td|th|thead|tr|tt|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"\[[^\[\]]*[^\W\d_][^\[\]]*\]"
    r"|<(?!https?:|mailto:)[^\W\d_][^<>@]*>"
    r"|(?<!\S)\$?\{\{?[^{}]*\}\}?(?!\w)"
    r"|_{3,}"
)
_CODE_PLACEHOLDER = re.compile(r"(?:\[\s*(?:e\.g|your\b|name\b)[^\[\]]*\]|<[^\W\d_][^<>]*>)", re.I)
_EMPHASIS = re.compile(
    r"(\*{1,3})(?=\S)(?P<a>.{1,300}?)(?<=\S)\1|(?<!\w)(_{1,3})(?=\S)(?P<b>.{1,300}?)(?<=\S)\3(?!\w)",
    re.DOTALL,
)


def plain(raw: str, references: Collection[str] = ()) -> str:
    """The text of one inline stretch of Markdown.

    Struck-through text, images, link targets and marks are left out; code keeps its letters.
    Each thing to fill in becomes `PLACEHOLDER`.

    Args:
        raw: The source, of any length; what exceeds a paragraph's length is not read.
        references: The link labels that the document defines, in capitals as markdown-it keeps
            them: `[label]` is a link then, and else a placeholder.
    """
    text = raw[:_RAW_LENGTH]
    if _MARKED.search(text):
        text = _unmarked(text, references)
    return clean(text)


def without_comments(raw: str) -> str:
    """The source without HTML comments; its line breaks stay. An unclosed comment is text."""
    end = raw.rfind("-->") + 3
    if end < 3:
        return raw
    return _COMMENT.sub(lambda found: " " + "\n" * found[0].count("\n"), raw[:end]) + raw[end:]


def _unmarked(text: str, references: Collection[str]) -> str:
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        literal = found[2] if found[2] is not None else found[3]
        kept.append(PLACEHOLDER if _CODE_PLACEHOLDER.fullmatch(literal.strip()) else literal)
        return f"\x00{len(kept) - 1}\x00"

    def refer(found: re.Match[str]) -> str:
        label = " ".join((found[2] or found[1]).split()).upper()
        return found[1] if label in references else found[0]

    text = _LITERAL.sub(keep, text.replace("\x00", " ").replace(PLACEHOLDER, " "))
    text = _LINK.sub(r"\1", _IMAGE.sub("", _STRUCK.sub("", text)))
    text = _FOOTNOTE.sub("", text)
    if references:
        text = _REFERENCE.sub(refer, text)
    text = _BRACKETED.sub(PLACEHOLDER, _TAG.sub(" ", text))
    for _ in range(2):  # strong inside emphasis
        text = _EMPHASIS.sub(lambda found: found["a"] or found["b"], text)
    text = html.unescape(text)
    return _KEPT.sub(lambda found: kept[int(found[1])], text)


def without_struck(raw: str) -> str:
    """The source without struck-through text."""
    return _STRUCK.sub("", raw) if "~" in raw or "<" in raw else raw


def clean(text: str) -> str:
    """The text on one line, without characters that cannot be seen or that steer a terminal."""
    if not text.isprintable():
        text = "".join(map(_visible, text))
    return _ENDLESS.sub(r"\1…", " ".join(text.split()))


def _visible(character: str) -> str:
    if character in "\u200c\u200d":  # joiners: scripts and emoji need them
        return character
    category = unicodedata.category(character)
    if category == "Cc" or category.startswith("Z"):
        return " "
    unseen = category in {"Cf", "Cs"} or ord(character) & 0xFFFE == 0xFFFE
    return "" if unseen else character


def shortened(text: str, length: int = VALUE_LENGTH) -> str:
    """The text, or as many of its sentences as fit, or its beginning and `…`."""
    if len(text) <= length:
        return text
    ends = [
        found.end(1) for found in re.finditer(r"([.!?。！？])(?:\s|(?<=[。！？]))", text[:length])
    ]
    if ends and ends[-1] >= length // 3:
        return text[: ends[-1]]
    cut = text[: length - 1]
    words = cut.rsplit(" ", 1)[0]
    return (words if len(words) > length // 2 else cut).rstrip(" ,;:") + "…"
