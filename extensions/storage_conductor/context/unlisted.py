"""Products that no list knows, by the form of their names alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from .clauses import SEGMENT, SEGMENTS_MOST, TURNED_DOWN, Taken, head_and_remarks
from .language import denied, left_open
from .lexicon import Lexicon, listed, tables
from .reading import taken_back
from .vocabulary import ProductKind, find_products

_TABLES = tables("speech")
_UNLISTED_KINDS: frozenset[ProductKind] = frozenset(
    {"database", "orm", "migration_tool", "validation", "test", "cache"}
)
_IDENTIFIER = re.compile(r"@?[A-Za-z][\w.+#@/-]+", re.ASCII)
_TELLING = re.compile(r"[a-z][A-Z]|[A-Za-z]\d|[a-z]\.[a-z]|^@|[a-z]-[a-z]|^[A-Z]{2,}")
_VERSION_WORD = re.compile(r"v?\d[\w.]*\+?")
_FOR = re.compile(r"\s+(?:for|für|pour|para|per|для)\s")
_PATH = re.compile(r"/\S*/|\.(?:tsx?|py|md|json|ya?ml|sh|sql|toml|xml|rs|java|rb|php)\b")
_NAME_WORDS = 4  # of a product that is not listed
_COMMON = listed(_TABLES["common"])
_COMMON_ENDINGS = Lexicon(_TABLES["common_endings"])


def unlisted(
    text: str, kinds: Collection[ProductKind], *, telling: bool = False
) -> Iterator[Taken]:
    """The names in a text that no list knows, by their form alone; nothing where it is unsure.

    Args:
        text: A value or an entry that can only be one of the kinds.
        kinds: The kinds; of several, none is taken.
        telling: Whether a name must show by its letters that it is one, as `AssertJ` does.
    """
    if len(kinds) != 1 or TURNED_DOWN.search(text + " "):
        return
    (kind,) = kinds
    head, aside = head_and_remarks(text)
    head = _FOR.split(head, maxsplit=1)[0] if telling else head
    if kind not in _UNLISTED_KINDS or taken_back(aside) or denied(head) or left_open(head):
        return
    segments = [each.strip(" .:") for each in SEGMENT.split(head)[:SEGMENTS_MOST]]
    unknown = [own for own in segments if own and not find_products(own)]
    if _PATH.search(head) or "@" in head or not all(map(_is_name, unknown)):
        return
    if telling and not all(map(_tells, unknown)):
        return
    for own in unknown:
        bare = [word for word in own.split() if not _VERSION_WORD.fullmatch(word)]
        yield Taken(" ".join(bare), own, kind)


def _tells(text: str) -> bool:
    """Whether a name shows by its letters, or by its version, that it is one."""
    return bool(_TELLING.search(text)) or any(map(_VERSION_WORD.fullmatch, text.split()))


def _is_name(text: str) -> bool:
    words = text.split()
    bare = [word for word in words if not _VERSION_WORD.fullmatch(word)]
    if not bare or len(bare) > _NAME_WORDS or not all(map(_IDENTIFIER.fullmatch, bare)):
        return False
    if any(part in _COMMON for word in bare for part in re.split(r"[-/]", word.casefold())):
        return False
    if len(words) == 2 and len(bare) == 1 and _VERSION_WORD.fullmatch(words[1]):
        return True  # `jqwik 1.8`
    if any(map(_TELLING.search, bare)) or len(words) > len(bare):
        return all(word[0].isupper() or _TELLING.search(word) for word in bare)
    if not all(word[0].isupper() for word in bare):
        return False
    return len(bare) > 1 or not _COMMON_ENDINGS.found_in(text)
