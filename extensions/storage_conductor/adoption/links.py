"""The links of a text that moves to another folder lead to the same files as before."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection
from urllib.parse import quote, unquote

from ..markdown import outline
from ..markdown.tables import split_lines

_ADDRESS = re.compile(r"[A-Za-z][\w+.-]*:|[/#?]|$")
_PARTS = re.compile(r"(<?)([^#?>]*)([^>]*)(>?)", re.DOTALL)
_SAFE = "/~!$&'*+,;=:@"


def moved(
    text: str, before: str, after: str, along: Collection[str], exists: Callable[[str], bool]
) -> str:
    """Return a Markdown text with its relative links as they are in another folder.

    Args:
        text: The text; what stands in code stays.
        before: Its folder, from the project.
        after: The folder that it moves to, from the project.
        along: The files of its folder that move with it.
        exists: Tells whether a path from the project exists; what does not stays as it is.
    """
    literal = outline.read(text).literal
    lines = split_lines(text)
    for number, line in enumerate(lines):
        if number in literal:
            continue
        kept, at = [], 0
        for start, end in outline.targets(line):
            kept += [line[at:start], _target(line[start:end], before, after, along, exists)]
            at = end
        lines[number] = "".join([*kept, line[at:]])
    return "".join(lines)


def _target(
    written: str, before: str, after: str, along: Collection[str], exists: Callable[[str], bool]
) -> str:
    found = _PARTS.fullmatch(written)
    if found is None or _ADDRESS.match(found[2]):
        return written
    opens, path, rest, closes = found.groups()
    meant = posixpath.normpath(posixpath.join(before, unquote(path)))
    here = posixpath.relpath(meant, before)
    if here in along or meant.startswith("../") or not exists(meant):
        return written
    way = posixpath.relpath(meant, after) + "/" * path.endswith("/")
    return f"{opens}{way if opens else quote(way, safe=_SAFE)}{rest}{closes}"
