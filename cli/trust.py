"""Which templates a person trusts: a project, which others write, has no say in it."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from storage_conductor.disk import address
from storage_conductor.errors import ConductorError

from . import template


class UntrustedError(ConductorError):
    """The template that a track names is none that the person trusts."""


class Trust:
    """What a person trusts.

    Args:
        given: Whether the person said on the command line that all templates are trusted.
    """

    def __init__(self, *, given: bool) -> None:
        self._given = given

    def reason(self, source: str, project: Path) -> str:
        """Return why a template is trusted, as it reads after `since`; empty if it is not.

        Args:
            source: Its address, as recorded with a track.
            project: The folder that a relative path starts at.

        Raises:
            ConductorError: The address, or Copier's settings, cannot be used.
        """
        place = address.normal(source, project)
        installed = template.installed()
        if installed and place == address.normal(installed.source, project):
            return "this command was installed from it"
        if self._is_listed(source, address.expanded(source, project)):
            return "Copier's settings list it under `trust`"
        named = os.environ.get(template.VARIABLE)
        if named and place == address.normal(named, Path()):
            return f"{template.VARIABLE} names it"
        return "--trust was given" if self._given else ""

    def require(self, source: str, project: Path, answers: Path) -> str:
        """Return why a template is trusted.

        Args:
            source: Its address, as recorded with a track.
            project: The folder that a relative path starts at.
            answers: The file that records it.

        Raises:
            UntrustedError: It is not trusted; nothing of it was fetched yet.
        """
        if reason := self.reason(source, project):
            return reason
        raise UntrustedError(
            f"its template {source} is not trusted, so nothing of it is run",
            path=answers,
            remedy="Restore `_src_path` from git if you do not know that template. If you trust it,"
            " list it under `trust` in Copier's settings, or give --trust.",
        )

    def _is_listed(self, source: str, expanded: str) -> bool:
        """Tell whether a template is trusted by the settings that `copier update` goes by."""
        from copier._settings import is_trusted_repository

        # A relative path means another folder for each project.
        spellings = {expanded} if address.is_folder(source) else {source, expanded}
        return any(is_trusted_repository(self._listed, text) for text in spellings)

    @functools.cached_property
    def _listed(self) -> tuple[str, ...]:
        from copier import load_settings
        from copier.errors import SettingsError

        try:
            return tuple(load_settings().trust)
        except SettingsError as error:
            raise ConductorError(
                f"Copier's settings cannot be read: {error}", remedy="Correct its settings.yml."
            ) from error
