"""A Markdown document as small blocks: headings, items, rows, paragraphs and code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..markdown.headings import Heading, among, line_of, parsed
from .text import clean, plain, without_comments, without_struck

if TYPE_CHECKING:
    from markdown_it.token import Token

Kind = Literal["heading", "item", "todo", "text", "row", "head", "code"]

_BOLD = re.compile(r"[^\w*_\[]*(\*\*|__)(?=\S)(.{1,100}?)\1(?!\*)(.*)", re.DOTALL)
_SIGN = re.compile(r"\s*[:：=]\s*|\s+(?:[-–—=→]+>?)\s+")
_COLON = re.compile(r"([^:：|]{1,60}?)\s*(?:：|:(?!//)(?=\s|$|[^\x00-\x7f]))\s*(.*)", re.DOTALL)
_DASH = re.compile(r"(.{1,50}?)\s+(?:[-–—=→]+>?)\s+(.*)", re.DOTALL)
_LINE_WITH_BOLD_LABEL = re.compile(
    r"(?:\*\*|__)[^*_]{1,100}(?:[:：]\s*(?:\*\*|__)|(?:\*\*|__)\s*[:：])"
)
_LINE_WITH_LABEL = re.compile(r"[^\s:：][^:：]{0,40}(?::\s+|：\s*)\S")
# A line such as `react 19`; several of them are a list without marks.
_LINE_OF_LIST = re.compile(r"[^\s.!?:;,]\S*(?: [^\s.!?:;,]\S*){0,2}(?<![.!?:;,])")
_LINES_LEAST = 4
_LAST_CLAUSE = re.compile(r".*(?:[.!?]\s|[。！？,，;；])\s*", re.DOTALL)
# Spaces are looked at once, from the first of them: a long run of them would take for ever else.
_BREAK = re.compile(r"<br\s*/?>\s*?\n?|(?:(?<! ) {2,}+|\\)?\n", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\]\s+")
_CODE_COLUMNS = 500
_CODE_LENGTH = 20_000  # characters of one code block; hazards lie in short ones
_COLUMNS = 12
_LEAD_LENGTH = 80
_LABEL_WORDS = 4  # of a label without a sign after it


class Block(NamedTuple):
    """The smallest piece that can state something.

    Attributes:
        kind: `head` is the first row of a table, `row` any other; `todo` an item whose box is open.
        path: The headings that it stands under, outermost first; a heading ends its own path.
        parents: The labels of the list items, or of the lead-in line, that it stands under.
        depth: How many lists it stands in.
        label: `Database` in `- **Database**: PostgreSQL`; empty when there is none.
        value: The text after the label, else the whole text; of code, the source.
        text: Label and value as one text.
        sure: Whether the label is written as one (`:`, bold or a table), not as `A - b`.
        line: 1-based.
        columns: Of a row, its cells beside the heads of the table.
        info: Of code, its language in lower case.
    """

    kind: Kind
    path: tuple[Heading, ...]
    line: int
    text: str
    value: str
    label: str = ""
    sure: bool = True
    parents: tuple[str, ...] = ()
    depth: int = 0
    columns: tuple[tuple[str, str], ...] = ()
    info: str = ""

    @property
    def heading(self) -> Heading | None:
        """The innermost heading."""
        return self.path[-1] if self.path else None


def read_blocks(text: str) -> list[Block]:
    """The blocks of a Markdown text, in its order."""
    tokens, environment = parsed(text)
    references = environment.get("references")
    labels = frozenset(references) if isinstance(references, dict) else frozenset()
    return list(_Walk(tokens, _headings(tokens, environment), labels).blocks())


def _headings(tokens: list[Token], environment: dict[str, object]) -> dict[int, Heading]:
    """The headings by the index of their opening token, their texts on one line."""
    found = among(tokens, environment).items()
    return {index: heading._replace(text=clean(heading.text)) for index, heading in found}


@dataclass(slots=True)
class _Walk:
    """One pass over the tokens of a document."""

    tokens: list[Token]
    headings: dict[int, Heading]
    references: frozenset[str]
    path: tuple[Heading, ...] = ()
    parents: list[str] = field(default_factory=list)
    lead: str = ""  # the name of what comes next, if that is a list
    head: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    above: str = ""  # the first cell of the row above
    line: int = 0

    def blocks(self) -> Iterator[Block]:
        for index, token in enumerate(self.tokens):
            if token.type == "heading_open":
                yield self._heading(self.headings[index])
            elif token.type == "inline" and self.tokens[index - 1].type == "paragraph_open":
                yield from self._paragraph(token)
            elif token.type == "inline" and self.tokens[index - 1].type in {"th_open", "td_open"}:
                if len(self.cells) < _COLUMNS:
                    self.cells.append(plain(token.content, self.references))
            elif token.type in {"fence", "code_block"}:
                yield self._code(token)
            elif token.type == "tr_close":
                yield self._row()
            else:
                self._enter(token)

    def _enter(self, token: Token) -> None:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            self.parents.append(self.lead)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            self.parents.pop()
        elif token.type == "tr_open":
            self.cells, self.line = [], line_of(token)
        elif token.type == "table_open":
            self.head, self.above = [], ""
        elif token.type != "list_item_open":
            return
        self.lead = ""

    def _heading(self, heading: Heading) -> Block:
        above = tuple(each for each in self.path if each.level < heading.level)
        self.path = (*above, heading)
        self.lead = ""
        label, value, sure = _split_text(heading.text)
        return Block("heading", self.path, heading.line, heading.text, value, label, sure)

    def _paragraph(self, token: Token) -> Iterator[Block]:
        raw = without_struck(without_comments(token.content))
        listed = bool(self.parents)
        task = _TASK.match(raw) if listed else None
        raw = raw[task.end() :] if task else raw
        for offset, part in _parts(raw):
            text, label, value, sure = _split(part, self.references, alone=not listed)
            if not text:
                continue
            parents = tuple(filter(None, self.parents if listed else [self.lead]))
            kind: Kind = "text" if not listed else "todo" if task and task[1] == " " else "item"
            line = line_of(token) + offset
            yield Block(kind, self.path, line, text, value, label, sure, parents, len(self.parents))
            self.lead = (label or text[:_LEAD_LENGTH]) if listed else _lead(text, label, value)

    def _row(self) -> Block:
        if self.above and self.cells and not self.cells[0]:  # merged with the cell above
            self.cells[0] = self.above
        self.above = self.cells[0] if self.cells and self.head else ""
        label, value = ([*self.cells, "", ""])[:2]
        text = ": ".join(filter(None, (label, value)))
        if not self.head:
            self.head = self.cells
            return Block("head", self.path, self.line, text, value, label)
        columns = tuple(zip(self.head, self.cells, strict=False))
        return Block("row", self.path, self.line, text, value, label, columns=columns)

    def _code(self, token: Token) -> Block:
        info = token.info.lower().split()
        source = "\n".join(
            line[:_CODE_COLUMNS] for line in token.content[:_CODE_LENGTH].split("\n")
        )
        return Block(
            "code", self.path, line_of(token), source, source, info=info[0] if info else ""
        )


def _lead(text: str, label: str, value: str) -> str:
    """What a paragraph says of the list that it leads in, if it does."""
    if label:
        return "" if value else label
    if not text.endswith((":", "：")):
        return ""
    clause = text[-_LEAD_LENGTH - 1 : -1]
    before = _LAST_CLAUSE.match(clause)
    return clause[before.end() :] if before else clause


def _parts(raw: str) -> list[tuple[int, str]]:
    """A paragraph cut where a line is broken on purpose or begins with a label.

    Returns:
        Each part with the number of lines before it.
    """
    lines: list[tuple[int, str, bool]] = []
    start = number = 0
    forced = False
    for found in [*_BREAK.finditer(raw), None]:
        lines.append((number, raw[start : found.start() if found else len(raw)], forced))
        if found:
            start, number = found.end(), number + found[0].count("\n")
            forced = found[0] != "\n"
    # A line that goes on in lower case is the rest of a sentence, whatever colon is in it.
    labelled = all(_LINE_WITH_LABEL.match(line) for _, line, _ in lines) and not any(
        line.lstrip()[:1].islower() for _, line, _ in lines[1:]
    )
    listing = len(lines) >= _LINES_LEAST and all(
        _LINE_OF_LIST.fullmatch(each) for _, each, _ in lines
    )
    parts: list[tuple[int, str]] = []
    for number, line, forced in lines:
        if parts and not (forced or labelled or listing or _LINE_WITH_BOLD_LABEL.match(line)):
            parts[-1] = (parts[-1][0], f"{parts[-1][1]}\n{line}")
        else:
            parts.append((number, line))
    return parts


def _split(
    raw: str, references: frozenset[str], *, alone: bool = False
) -> tuple[str, str, str, bool]:
    """Text, label, value and whether it is surely a label; without one, the text is the value.

    Args:
        raw: The source.
        references: As for `plain`.
        alone: Whether bold text with nothing after it is a label.
    """
    bold = _BOLD.match(raw)
    if not bold:
        text = plain(raw, references)
        return text, *_split_text(text)
    label, rest = plain(bold[2], references), bold[3]
    sign = _SIGN.match(rest)
    if label.endswith((":", "：")):
        label = label[:-1].rstrip()
    elif sign:
        rest = rest[sign.end() :]
    elif told := _COLON.fullmatch(label):  # `**Database: SQLite** (one file)`
        label, rest = told[1], f"{told[2]}{rest}"
    elif not alone or rest.strip():
        text = plain(raw, references)
        if not alone and _leads_name(label, rest):
            return text, label, plain(rest, references).strip(), False
        return text, "", text, False
    value = plain(rest, references)
    return ": ".join(filter(None, (label, value))), label, value, True


def _leads_name(label: str, rest: str) -> bool:
    """Whether bold words without a sign are the label of a name: `**Primary DB** MariaDB 11`."""
    begins = rest.lstrip(" `")[:1] if rest[:1].isspace() else ""
    return (
        (begins.isupper() or begins.isdigit())
        and len(label.split()) <= _LABEL_WORDS
        and label[-1:] not in ".!?"
    )


def _split_text(text: str) -> tuple[str, str, bool]:
    """Label, value and sureness of a text without bold parts."""
    found = _COLON.fullmatch(text)
    sure = bool(found)
    found = found or _DASH.fullmatch(text)
    return (found[1].strip(), found[2].strip(), sure) if found else ("", text, False)
