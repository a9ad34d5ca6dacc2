"""What a specification asks of the documents' tables, beside what they state."""

from __future__ import annotations

from .lexicon import listed, tables


def unread_document(topic: str) -> str:
    """The document in which the answer to a question is looked for, by the assumption's key."""
    return str(tables("topics")[topic]["document"])


def companion(mapper: str) -> str:
    """The migration tool that an object mapper is used with, or an empty text.

    Args:
        mapper: Its name, with or without a version.
    """
    pairs = (entry.split("=") for entry in listed(tables("products")["companions"]))
    own = mapper.casefold()
    fit = {name: tool for name, tool in pairs if own == name.casefold() or _begins(own, name)}
    return fit[max(fit, key=len)] if fit else ""


def _begins(own: str, name: str) -> bool:
    return own.startswith(f"{name.casefold()} ")
