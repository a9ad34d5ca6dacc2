"""Tables of words, in several languages, and a quick way to find them in a text.

The tables are the YAML files in `lexicons/`: texts, or mappings of texts, with `;` between entries.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_TABLES = Path(__file__).parent / "lexicons"
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_ACCENTS = re.compile("[\u0300-\u036f]")
_LONG_ENOUGH = 6  # letters: a shorter word often is another one without its accent, as `esta`
_CACHE = 4096  # texts: several readers ask the same of one


@functools.cache
def tables(name: str) -> dict[str, Any]:
    """The tables of one file of `lexicons/`."""
    from ..disk import cache, files

    found = cache.data((_TABLES / f"{name}.yml").read_text(encoding="utf-8"), files.parse_yaml)
    return dict(found)


def listed(table: str) -> frozenset[str]:
    """The entries of a table that is written with `;` or line breaks between them.

    Long ones are also found as they are typed without accents.
    """
    entries = set(filter(None, map(str.strip, table.replace("\n", ";").split(";"))))
    return frozenset(entries.union(_unaccented(each) for each in entries if not each.isascii()))


def either(table: str) -> str:
    """The entries of a table of patterns as one pattern, any of them."""
    return "|".join(sorted(listed(table), key=len, reverse=True))


def _unaccented(entry: str) -> str:
    if len(entry) < _LONG_ENOUGH:
        return entry
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", entry)))


@functools.lru_cache(_CACHE)
def _words(text: str) -> tuple[str, frozenset[str]]:
    """The words of a text in lower case: in order between spaces, and as a set."""
    found = _WORD.findall(text.casefold().replace("’", "'"))
    return f" {' '.join(found)} ", frozenset(found)


class Lexicon:
    """Words and phrases to look for, in any case.

    `word` stands for that word alone, `stem*` and `*ending` for all words of that form, `two words`
    for a phrase whatever stands between its words. Entries in Chinese or Japanese script, and
    signs, are found anywhere.
    """

    __slots__ = ("_endings", "_phrases", "_signs", "_stems", "_words")

    def __init__(self, table: str) -> None:
        """Read a table in the form of `listed`."""
        entries = listed(table)
        self._signs = tuple(filter(is_sign, entries))
        rest = entries.difference(self._signs)
        self._phrases = tuple(f" {each} " for each in rest if " " in each)
        self._stems = tuple(each[:-1] for each in rest if each.endswith("*") and " " not in each)
        self._endings = tuple(each[1:] for each in rest if each.startswith("*"))
        self._words = frozenset(each for each in rest if not {" ", "*"} & set(each))

    def found_in(self, text: str) -> bool:
        """Whether any entry occurs in a text."""
        line, words = _words(text)
        if not self._words.isdisjoint(words):
            return True
        if self._stems and any(word.startswith(self._stems) for word in words):
            return True
        return (
            _any_in(line, self._phrases)
            or bool(self._endings and any(word.endswith(self._endings) for word in words))
            or _any_in(text, self._signs)
        )


def is_sign(entry: str) -> bool:
    """Whether an entry is one in a script without spaces, or a mark."""
    return entry[0] >= "\u2e80" or not (entry[0].isalpha() or entry[0] == "*")


def _any_in(text: str, parts: Iterable[str]) -> bool:
    return any(part in text for part in parts)
