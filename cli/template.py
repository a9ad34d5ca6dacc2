"""Which template a new track is made from."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from storage_conductor.disk import address
from storage_conductor.errors import ConductorError

from . import PROGRAM

VARIABLE = "STORAGE_CONDUCTOR_TEMPLATE"
# Copier takes any other address that does not end in `.git` for a folder.
_KNOWN_TO_COPIER = ("https://github.com/", "https://gitlab.com/")


@dataclass(frozen=True)
class Template:
    """A template as Copier is told.

    Args:
        source: An absolute folder, or an address that git understands.
        vcs_ref: The tag, branch or commit; None for the newest release.
    """

    source: str
    vcs_ref: str | None


def find(given: str | None, vcs_ref: str | None) -> Template:
    """Find the template: the one given, else the environment's, else the installed one.

    Args:
        given: Address or folder from the command line.
        vcs_ref: Tag, branch or commit from the command line.

    Raises:
        ConductorError: There is none.
    """
    named = given or os.environ.get(VARIABLE)
    if named:
        return Template(_absolute(named), vcs_ref)
    found = installed()
    if found is None:
        raise ConductorError(
            "It is not known which template to use: this command was not installed from one.",
            remedy=f"Give its address with --template, or in the variable {VARIABLE}.",
        )
    _refuse_stand_in(found.source)
    return Template(found.source, vcs_ref or found.vcs_ref)


def installed() -> Template | None:
    """Return the template that this command was installed from, if it was installed from one."""
    return installed_from(_direct_url())


def installed_from(record: dict[str, Any]) -> Template | None:
    """Read the template's place from a record of a direct installation.

    The record is that of PEP 610,
    https://packaging.python.org/specifications/direct-url-data-structure/.
    """
    url = str(record.get("url", ""))
    if "dir_info" in record:
        return Template(url2pathname(urlsplit(url).path), None)
    version = record.get("vcs_info", {})
    if version.get("vcs") != "git" or not url:
        return None
    source = url if url.endswith(".git") or url.startswith(_KNOWN_TO_COPIER) else f"git+{url}"
    return Template(source, version.get("requested_revision"))


def _direct_url() -> dict[str, Any]:
    try:
        text = metadata.distribution(PROGRAM).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return {}
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _absolute(named: str) -> str:
    """Make a folder absolute: it is recorded, and later updates start elsewhere."""
    if not address.is_folder(named):
        address.expanded(named, Path())
        _refuse_stand_in(named)
        return named
    folder = Path(named).expanduser()
    if folder.exists():
        return str(folder.resolve())
    raise ConductorError(
        f"The template {named!r} is neither a folder nor the address of a git repository.",
        remedy="Give a folder, or an address such as https://example.org/template.git.",
    )


def _refuse_stand_in(source: str) -> None:
    """Make sure that git does not take a folder of the project for a server of the same name.

    Git looks for a folder first, whatever an address looks like: a project may hold `https:/host`.
    """
    for text in {source, address.expanded(source, Path())}:
        if not address.is_folder(source) and os.path.lexists(text):
            raise ConductorError(
                f"This folder holds {text!r}, which git would take for the template.",
                remedy="Remove it, or run the command in another folder.",
            )
