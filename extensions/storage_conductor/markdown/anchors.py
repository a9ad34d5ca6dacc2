"""The anchors that a Markdown file offers to links: `file.md#anchor`."""

from __future__ import annotations

import unicodedata

# Letters that Unicode files under "symbol": circled, squared and negative capitals.
_SYMBOL_LETTERS = ((0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189))


def slug(heading: str, seen: dict[str, int]) -> str:
    """The anchor that GitHub gives to a heading.

    Lower case; only letters, marks, decimal and letter numbers, connectors (`_`), hyphens and
    spaces stay; each space becomes a hyphen. Repetitions get `-1`, `-2`, and never an anchor that
    another heading has. Source: github-slugger 2.0.0 and its fixtures, made from GitHub's answers.

    Args:
        heading: The text as rendered: without `#`, link targets and emphasis marks.
        seen: The anchors given so far in this file; start with `{}`. It is added to.
    """
    base = "".join(filter(_stays, heading.lower())).replace(" ", "-")
    anchor = base
    while anchor in seen:
        seen[base] += 1
        anchor = f"{base}-{seen[base]}"
    seen[anchor] = 0
    return anchor


def _stays(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in " -_"
    category = unicodedata.category(character)
    if category[0] in "LM" or category in {"Nd", "Nl", "Pc"}:
        return True
    code = ord(character)
    return any(first <= code <= last for first, last in _SYMBOL_LETTERS)
