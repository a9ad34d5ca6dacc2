"""Stored names: snake case, unique, and within a store's length."""

from __future__ import annotations

import hashlib
import re

PORTABLE_LENGTH = 63
"""Longest table or column name: PostgreSQL's limit, the smallest of the SQL stores here."""


def snake(name: str) -> str:
    """Write a name in snake case: `LedgerEntry` and `ledgerEntry` become `ledger_entry`."""
    parted = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", parted)
    return parted.lower()


class Names:
    """Names for things that are derived from the model, such as indexes and constraints.

    A name that is too long or taken ends in eight digits of a hash of what it stands for and, where
    that is taken as well, of how often; so the same model always gives the same names.

    Args:
        length: Longest name that the store takes, in ASCII characters.
        taken: Names that are in use already, such as those of the tables.
    """

    def __init__(self, length: int, taken: frozenset[str] = frozenset()) -> None:
        self._length = length
        self._taken = {name.casefold() for name in taken}
        self._untried: dict[str, str] = {}

    def make(self, *parts: str) -> str:
        """Join parts with underscores to a name that was not given before."""
        whole = name = "_".join(parts)
        key = "\0".join(parts)
        again, hashed = key in self._untried, self._untried.get(key, key)
        while again or len(name) > self._length or name.casefold() in self._taken:
            digest = hashlib.sha256(hashed.encode()).hexdigest()[:8]
            name, again = f"{whole[: self._length - 9]}_{digest}", False
            hashed += "\0"
        self._taken.add(name.casefold())
        self._untried[key] = hashed
        return name
