"""Settings that a store is asked for, as specifications and plans promise them: `settings.yml`."""

from __future__ import annotations

import functools
from pathlib import Path

from .entry import CatalogEntry
from .reading import CATALOG, load
from .statements import Key, Text


class AskedSetting(CatalogEntry):
    """One setting; see the comment at the top of the file.

    Args:
        name: As the store calls it, or what is counted.
        stores: Catalog keys of the stores that have it.
        of: Keys of the statements or tasks that promise it.
        ask: How it is asked for.
        one_of: Values that keep the promise; none where a number does.
        at_least: The least number that keeps it.
    """

    name: Text
    stores: tuple[Key, ...]
    of: tuple[Key, ...]
    ask: Text
    one_of: tuple[Text, ...] = ()
    at_least: int | None = None

    def check(self) -> None:
        """Make sure that it is said which values keep the promise."""
        if bool(self.one_of) is (self.at_least is not None):
            raise ValueError(f"setting {self.name!r}: say either one_of or at_least")

    @property
    def expected(self) -> str:
        """Return what keeps the promise, in words."""
        return " or ".join(self.one_of) or f"at least {self.at_least}"

    def kept(self, value: str) -> bool:
        """Tell whether a value keeps the promise."""
        if self.one_of:
            return value.casefold() in self.one_of
        return value.isdigit() and int(value) >= (self.at_least or 0)


class AskedSettings(CatalogEntry):
    """The file."""

    settings: tuple[AskedSetting, ...]


@functools.cache
def settings(catalog: Path = CATALOG) -> tuple[AskedSetting, ...]:
    """Return the settings that stores are asked for."""
    return load(AskedSettings, catalog / "settings.yml").settings
