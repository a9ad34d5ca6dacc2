"""The settings that a track promises, as a live server has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from ..catalog.settings import AskedSetting, settings
from ..importing.compare import Difference
from .subject import Subject


class Seen(NamedTuple):
    """What was seen of the settings.

    Args:
        asked: How many the server told.
        differences: Those that break a promise.
        untold: The names of those that it did not tell.
    """

    asked: int
    differences: list[Difference]
    untold: tuple[str, ...]


def promised(subject: Subject) -> list[AskedSetting]:
    """Return the settings that the specification or the plan promises of a store."""
    return [
        item
        for item in settings()
        if subject.backend.key in item.stores and not subject.promised.isdisjoint(item.of)
    ]


def seen(subject: Subject, ask: Callable[[AskedSetting], str]) -> Seen:
    """Ask a server for each setting that is promised.

    Args:
        subject: The store of the track.
        ask: Returns a value, or an empty text where the server does not tell it.
    """
    told = {item: ask(item) for item in promised(subject)}
    return Seen(
        sum(map(bool, told.values())),
        [
            Difference("", "setting", item.name, item.expected, value)
            for item, value in told.items()
            if value and not item.kept(value)
        ],
        tuple(item.name for item, value in told.items() if not value),
    )


def of_sql(connection: sa.Connection) -> Callable[[AskedSetting], str]:
    """Ask by a query; a setting that the server lacks or the role may not see is not told."""

    def ask(item: AskedSetting) -> str:
        try:
            return _text(connection.exec_driver_sql(item.ask).scalar())
        except sa.exc.DBAPIError as error:
            if error.connection_invalidated:
                raise
            return ""

    return ask


def of_keys(client: Any, refused: type[Exception]) -> Callable[[AskedSetting], str]:
    """Ask Redis or Valkey.

    Args:
        client: A connection.
        refused: What it raises where the user may not ask.
    """

    def ask(item: AskedSetting) -> str:
        try:
            told = client.info("all") if item.ask == "INFO" else client.config_get(item.name)
        except refused:
            return ""
        return _text(told.get(item.name))

    return ask


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def lines(untold: tuple[str, ...]) -> Iterator[str]:
    """Say what was not told."""
    for name in untold:
        yield f"setting {name}: the server does not tell it to this user"
