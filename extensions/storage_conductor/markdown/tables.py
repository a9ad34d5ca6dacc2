"""Tables in Markdown text, found and edited by line so that every other byte stays as it is.

A registry may hold 10,000 rows and is read in every run. markdown-it-py needs seconds for that, so
this module looks only at what decides where a table is: fences, HTML blocks and delimiter rows. The
tests hold it against markdown-it-py. The rules are those of the GFM specification, section 4.10
(https://github.github.com/gfm/#tables-extension-).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import NamedTuple

# The pipe first and what stands before it afterwards: three times as fast as the other way round.
_PIPE = re.compile(r"\|(?<!\\\|)")
_TICKS_OR_PIPE = re.compile(r"`+|(?<!\\)\|")
_BLOCK = re.compile(
    r" {0,3}(?:(?P<fence>`{3,}(?=[^`]*$)|~{3,})"
    r"|<(?P<html>!--|(?:pre|script|style|textarea)(?=[\s>]))"
    r"|(?P<section>\#{2,6}\s)"
    r"|(?P<delimiter>(?!-\s)[|:-][|:\-\s]*$))",
    re.IGNORECASE,
)
_DELIMITER_CELL = re.compile(r"[ \t]*:?-+:?[ \t]*")
_ENDS_TABLE = re.compile(
    r" {4}| {0,3}(?:\t|\#{1,6}(?:\s|$)|>|`{3}|~{3}|[-+*](?:\s|$)|\d{1,9}[.)](?:\s|$)"
    r"|<(?:!--|(?:pre|script|style|textarea)[\s>])"
    r"|(?:[*_-][ \t]*+){3,}+\s*$)",
    re.IGNORECASE,
)
_MARKER = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?: [^|]*+)?\s*$")
_GAP = re.compile(r"\s*(?:<!--.*-->\s*)?$")
_CUT_OFF_ROW = re.compile(r" {0,3}\|")

_TO_SPACE = re.compile(r"\r\n|[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]")
_DROPPED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SIMPLE = re.compile(r"[\w.-]*[^\W_]|\[([\w.-]*[^\W_])\](?:\([^()]*\))?")
_LINK = re.compile(r"\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])?")
# A backslash before a pipe or before the end of a cell would change where the cell ends, and the
# readers of Markdown disagree on doubled ones, so it is written as a character reference.
_BACKSLASHES = re.compile(r"(?<!\\)\\++(?=\||$)")
_REFERENCE = "&#92;"


class MarkdownTable(NamedTuple):
    """Where a table stands; all numbers are 0-based line indices.

    Args:
        header: The header row; the delimiter row is the next line.
        rows: The rows, also those between conflict markers.
        cut_off: Rows that a blank line or a comment separates from the table above them.
        markers: Conflict markers of git inside the table.
        stop: The line after the last row that is not cut off.
    """

    header: int
    rows: list[int]
    cut_off: list[int]
    markers: list[int]
    stop: int

    def all_rows(self) -> list[int]:
        """Return the rows, also those that are cut off."""
        return self.rows + self.cut_off

    def end(self) -> int:
        """Return the line after the last row, also one that is cut off."""
        return max([self.stop, *(index + 1 for index in self.cut_off[-1:])])


class Scan(NamedTuple):
    """What stands where in a Markdown text; all numbers are 0-based line indices.

    Args:
        tables: The tables outside fences and HTML blocks, in order.
        section: The first heading below the top level, if any.
        unclosed: The line that opens a fence or HTML block which never closes, if any.
        hidden: The lines of fences and HTML blocks.
    """

    tables: list[MarkdownTable]
    section: int | None
    unclosed: int | None
    hidden: frozenset[int]


def split_lines(text: str) -> list[str]:
    """Split at the line endings of Markdown (LF, CRLF, CR), which stay on their lines."""
    return list(io.StringIO(text, newline=""))


def line_ending(line: str) -> str:
    """Return the line ending of a line, or the empty string."""
    return line[len(line.rstrip("\r\n")) :]


def scan(lines: list[str]) -> Scan:
    """Find the tables, the first section and unclosed blocks of a text."""
    tables: list[MarkdownTable] = []
    hidden: list[int] = []
    section = unclosed = None
    index = free = 0
    while index < len(lines):
        found = _BLOCK.match(lines[index])
        if found is None:
            index += 1
        elif found["delimiter"]:
            if index > free and _is_delimiter(lines[index], lines[index - 1]):
                tables.append(_table(lines, index - 1))
                index = free = tables[-1].end()
            else:
                index += 1
        elif found["section"]:
            section = index if section is None else section
            index += 1
        else:
            end = _end_of_block(lines, index, found)
            if end is None:
                unclosed, end = index, len(lines)
            hidden += range(index, end)
            index = free = end
    return Scan(tables, section, unclosed, frozenset(hidden))


def _end_of_block(lines: list[str], start: int, opening: re.Match[str]) -> int | None:
    if fence := opening["fence"]:
        close = re.compile(rf" {{0,3}}{fence[0]}{{{len(fence)},}}\s*$")
        start += 1
    elif opening["html"] == "!--":
        close = re.compile(".*-->")
    else:
        close = re.compile(r".*</(?:pre|script|style|textarea)>", re.IGNORECASE)
    return next((at + 1 for at in range(start, len(lines)) if close.match(lines[at])), None)


def _is_delimiter(line: str, header: str) -> bool:
    if "|" not in header or header.startswith(("    ", "\t")) or not header.strip():
        return False
    found = cells(line)
    same_width = 0 < len(found) == len(cells(header))
    return same_width and all(map(_DELIMITER_CELL.fullmatch, found))


def _table(lines: list[str], header: int) -> MarkdownTable:
    rows: list[int] = []
    markers: list[int] = []
    index = header + 2
    while index < len(lines):
        line = lines[index]
        if (line[0] in "<=>" or line.startswith("||||||| ")) and _MARKER.match(line):
            markers.append(index)
        elif line[0] != "|" and (not line.strip() or _ENDS_TABLE.match(line)):
            break
        elif "|" in line:
            rows.append(index)
        index += 1
    return MarkdownTable(
        header, rows, _cut_off(lines, index, len(cells(lines[header]))), markers, index
    )


def _cut_off(lines: list[str], start: int, width: int) -> list[int]:
    """Find rows of the same width that follow a table after nothing but gaps."""
    found: list[int] = []
    for index in range(start, len(lines)):
        line = lines[index]
        if _GAP.match(line):
            continue
        following = lines[index + 1] if index + 1 < len(lines) else ""
        row = _CUT_OFF_ROW.match(line) and len(cells(line, width)) == width
        if not row or _is_delimiter(following, line):
            break
        found.append(index)
    return found


def cells(line: str, width: int | None = None) -> list[str]:
    r"""Split a row into its cells with their padding.

    Pipes split unless a backslash stands before them, as in GFM. Where that gives more cells than
    `width`, pipes inside code spans are taken as text, as people mean them and other Markdown
    readers take them.
    """
    body = line.strip()
    parts = _without_ends(_PIPE.split(body) if "\\" in body else body.split("|"))
    if width is not None and len(parts) > width and "`" in body:
        parts = _without_ends(_split_outside_code(body))
    return parts


def _without_ends(parts: list[str]) -> list[str]:
    """Take away what stands outside a leading and a trailing pipe."""
    if parts[0] == "":
        del parts[0]
    if parts and parts[-1] == "":
        parts.pop()
    return parts


def _split_outside_code(body: str) -> list[str]:
    found = [(match.start(), match[0]) for match in _TICKS_OR_PIPE.finditer(body)]
    last = {text: start for start, text in found}
    cuts, code = [], ""
    for start, text in found:
        if text == "|":
            cuts += [] if code else [start]
        elif text == code:
            code = ""
        elif not code and last[text] > start:  # as many close it
            code = text
    return [
        body[start + 1 : end] for start, end in zip([-1, *cuts], [*cuts, len(body)], strict=True)
    ]


def fill(line: str, width: int, values: Mapping[int, str]) -> str:
    """Put values into cells of a row; the other cells and the padding stay where possible.

    Args:
        line: The row with its line ending.
        width: The number of cells of the table's header.
        values: Column number to text, not yet escaped.
    """
    body = line.strip()
    start = line.index(body)
    before, after = line[:start], line[start + len(body) :]
    parts = cells(line, width)
    # Without its leading pipe a row could start like a heading or a list item.
    first = "|" if body.startswith("|") or 0 in values else ""
    last = "|" if len(body) > 1 and _PIPE.search(body, len(body) - 1) else ""
    missing = max(values, default=0) + 1 - len(parts)
    parts += [" "] * missing
    for column, value in values.items():
        parts[column] = _padded(parts[column], escape(value))
    return before + first + "|".join(parts) + last + after


def _padded(old: str, text: str) -> str:
    if not old.strip():
        return f" {text} ".ljust(len(old))
    before = old[: len(old) - len(old.lstrip())]
    after = " " if old[-1].isspace() else ""
    return f"{before}{text}{after}".ljust(len(old))


def clean(value: str) -> str:
    """Reduce a value to what one cell can hold: one line without control characters."""
    return _DROPPED.sub("", _TO_SPACE.sub(" ", value)).strip()


def escape(value: str) -> str:
    r"""Write a value as the text of a cell; `unescape` gives back `clean(value)`."""
    text = re.sub(r"&(?=(?:amp;)*#92;)", "&amp;", clean(value))
    text = _BACKSLASHES.sub(lambda found: _REFERENCE * len(found[0]), text)
    return text.replace("|", r"\|")


def unescape(cell: str) -> str:
    """Read the text of a cell as `escape` wrote it."""
    text = cell.strip().replace(r"\|", "|")
    if "#92;" not in text:
        return text
    return re.sub(r"&amp;(?=(?:amp;)*#92;)", "&", text.replace(_REFERENCE, "\\"))


def plain(cell: str) -> str:
    """Read a cell without links, emphasis and code marks: `[**a**](b)` says `a`."""
    text = cell.strip()
    if simple := _SIMPLE.fullmatch(text):
        return simple[1] or text
    return _LINK.sub(r"\1", unescape(text)).strip("*_`~ \t")
