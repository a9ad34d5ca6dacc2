"""Mermaid diagrams as drawings of a page, drawn while it is written."""

from __future__ import annotations

import functools
import re
from typing import Any

from markupsafe import Markup

from ..importing.extra import need
from . import svg

EXTRA = "report"
"""The optional part of this distribution that draws."""

# The colours are the style sheet's, so that they follow the reader's choice of light or dark.
_LOOK = (
    '%%{init: {"look":"classic","theme":"base","htmlLabels":false,'
    '"flowchart":{"htmlLabels":false,"curve":"basis"},"themeVariables":{"fontSize":"18px"}}}%%\n'
)
# What ends a label, or makes it Markdown, an entity or two lines, beside what stands in its place.
_READ = str.maketrans({'"': "”", "`": "’", "\\": "⧵"})
_ENTITY = re.compile(r"#(?=\w+;)")
_LABEL_LENGTH = 60


def label(text: str) -> str:
    """Return text for a quoted label of a diagram, in which nothing but the text is read."""
    line = " ".join(text.split())
    cut = f"{line[: _LABEL_LENGTH - 1]}…" if len(line) > _LABEL_LENGTH else line
    return _ENTITY.sub("# ", cut.translate(_READ))


def draw(source: str, says: str, prefix: str) -> Markup | None:
    """Draw a diagram.

    Args:
        source: Mermaid.
        says: What it shows, in a sentence.
        prefix: What its ids begin with, unique on its page.

    Returns:
        The drawing; None where the library cannot draw the source.
    """
    try:
        drawn = _draw(source)
        return None if drawn is None else svg.embedded(drawn, says, prefix, "diagram")
    except ValueError:
        return None


@functools.lru_cache(maxsize=64)
def _draw(source: str) -> str | None:
    library: Any = need("mmdr", EXTRA)
    try:
        return str(library.render(_LOOK + source).svg())
    except (RuntimeError, ValueError):  # what it says of a source that it does not understand
        return None
