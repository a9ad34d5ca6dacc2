"""Where the pages of a report are, seen from one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlencode


def _part(text: str) -> str:
    """Return text as one part of an address, with the bytes of a name that is no UTF-8."""
    return quote(text, safe="", errors="surrogateescape")


class Links(Protocol):
    """Where the pages of a site are, seen from one of them."""

    def board(self) -> str:
        """Return the address of the board."""

    def track(self, storage_id: str) -> str:
        """Return the address of a track."""

    def spec(self, storage_id: str) -> str:
        """Return the address of a track's specification."""

    def section(self, page: str, storage_id: str, anchor: str) -> str:
        """Return the address of a section of the page `track` or `spec` that is looked at."""


def narrowed(**wanted: str) -> str:
    """Return the address, on the board, of the board narrowed by its filters.

    Args:
        wanted: What is to be had, by the name of the filter.
    """
    return f"#/?{urlencode(wanted, quote_via=quote)}"


@dataclass(frozen=True)
class FileLinks:
    """Addresses of a site of one file for each page.

    Args:
        root: The way from the page to the folder of the site, empty or with a slash at its end.
    """

    root: str = ""

    def board(self) -> str:
        """Return the address of the board."""
        return f"{self.root}index.html"

    def track(self, storage_id: str) -> str:
        """Return the address of a track."""
        return f"{self.root}tracks/{_part(storage_id)}/index.html"

    def spec(self, storage_id: str) -> str:
        """Return the address of a track's specification."""
        return f"{self.root}tracks/{_part(storage_id)}/spec.html"

    def section(self, page: str, storage_id: str, anchor: str) -> str:  # noqa: ARG002 - this page
        """Return the address of a section of the page that is looked at."""
        return f"#{_part(anchor)}"


class HashLinks:
    """Addresses in a site that is one file: what follows `#/` names the page and its section."""

    def board(self) -> str:
        """Return the address of the board."""
        return "#/"

    def track(self, storage_id: str) -> str:
        """Return the address of a track."""
        return f"#/track/{_part(storage_id)}"

    def spec(self, storage_id: str) -> str:
        """Return the address of a track's specification."""
        return f"#/spec/{_part(storage_id)}"

    def section(self, page: str, storage_id: str, anchor: str) -> str:
        """Return the address of a section of a page."""
        return f"#/{page}/{_part(storage_id)}/{_part(anchor)}"
