"""The name of a product in the title of its document."""

from __future__ import annotations

import re

from .language import filled, names, own_names
from .lexicon import listed, tables
from .markdown import Block

NAME_LENGTH = 60
"""How long a product's name is at most."""

_TABLES = tables("product")
_TITLES = listed(_TABLES["titles"])
_VISION = listed(_TABLES["vision"])
_TITLE = re.compile(r"(?P<a>.+?)\s*(?:[:：|]|\s[-–—]+)\s*(?P<b>.+)")
_QUOTED = re.compile(r"(?P<a>.+?)\s*[\"“„«‘'「『](?P<b>[^\"“”„«»‘’「」『』]+)[\"”“»’'」』]")
_ABOUT = re.compile(r"\s+(?:for|of|de|do|da|para|für|zu|pour|для|per)\s+(?=[^\W\d_])")
_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
_LINKED = re.compile(r"\W+|and|und|et|y|e|и|of|for", re.IGNORECASE)
_TITLE_LENGTH = 3  # words, of `Product Definition` and of the name before or after it


def name_in_title(text: str, blocks: list[Block], *, alone: bool) -> str:
    """The product's name in a title, if the title or a sentence makes clear that it is one.

    Args:
        text: The title.
        blocks: The document.
        alone: Whether the title may be nothing but the name.
    """
    found = _TITLE.fullmatch(text)
    if found and (_says_title(found["a"]) != _says_title(found["b"])):
        own = found["b"] if _says_title(found["a"]) else found["a"]
        return filled(own) if len(own) <= NAME_LENGTH and own[:1].isalnum() else ""
    marked = _marked(text)
    if marked or not alone or _says_title(text) or not filled(text):
        return marked
    bare = _BRACKETS.sub("", text)
    return _beside(text.split()) or _proven(found["a"] if found else bare, blocks)


def _marked(text: str) -> str:
    """A name in quotes or after a word: `Project "Berth"`, `Product Context for Berth`."""
    quoted = _QUOTED.fullmatch(text)
    if quoted and _says_title(quoted["a"]):
        return filled(quoted["b"].strip())
    for about in _ABOUT.finditer(text):
        own = text[about.end() :]
        if _says_title(text[: about.start()]) and own[:1].isupper() and len(own) <= NAME_LENGTH:
            return filled(own)
    return ""


def _beside(words: list[str]) -> str:
    """A name before or after what the title says: `Berth Product Guide`, `Vision produit Quai`."""
    for count in range(2, min(len(words), _TITLE_LENGTH + 1)):
        if _says_title(" ".join(words[-count:])) and len(words) - count <= _TITLE_LENGTH:
            return " ".join(words[:-count])
    for count in range(1, min(len(words), _TITLE_LENGTH + 1)):
        own = words[count:]
        joined = _LINKED.fullmatch(words[count - 1])
        short = len(own) <= _TITLE_LENGTH and own[0][:1].isupper() and not joined
        if short and _says_title(" ".join(words[:count])) and not any(map(_says_title, own)):
            return filled(" ".join(own))
    return ""


def _proven(text: str, blocks: list[Block]) -> str:
    """A title that a sentence begins with, as in `Ledgerly is a ledger`; else nothing."""
    if len(text.split()) > 4:
        return ""
    subject = re.compile(
        rf"{re.escape(text)}(?:\s+(?:is|helps|lets|gives|provides|enables|allows|ist|hilft|est|aide"
        r"|permet|es|ayuda|permite|é|ajuda)\b|是|帮助|は|\s+[—–-]\s)"
    )
    proven = any(subject.match(block.text) for block in blocks if block.kind == "text")
    return text if proven else ""


def _says_title(text: str) -> bool:
    """Whether a text says what the document is, and not what it is about."""
    whole = (_TITLES | _VISION).isdisjoint((*own_names(text), *names(text)[:1]))
    return not whole or any(each in _TITLES and " " in each for each in names(text))
