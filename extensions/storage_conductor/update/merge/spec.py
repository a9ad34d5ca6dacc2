"""Three-way merge of spec.md, by section, paragraph, list item, table cell and line of code.

- Sections are known by heading and content, paragraphs and list items by their words, rows by
  their first cell. What the user added, moved or deleted stays so; the template's additions go
  behind what they follow in the template.
- In the table of decisions the Status column is the user's. A row that the user wrote in stays when
  the template removes it; a column likewise.
- A conflict is only a line, or a row, that both sides changed differently.
"""

from __future__ import annotations

from .markdown import merge_markdown
from .text import Merged


def merge_spec(base: str, ours: str, theirs: str) -> Merged:
    """Merge three versions of a specification.

    Args:
        base: The old render.
        ours: The user's file.
        theirs: The new render.
    """
    return merge_markdown(base, ours, theirs)
