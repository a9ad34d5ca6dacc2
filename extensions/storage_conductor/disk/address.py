"""Where a template is: which addresses git is given, and when two of them mean the same place.

An address is read from a file that others may write, so it decides neither which program git starts
nor whether a folder of the project stands in for a server.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PureWindowsPath
from urllib.parse import SplitResult, urlsplit
from urllib.request import url2pathname

from ..errors import ConductorError, without_password

# As in https://copier.readthedocs.io/en/stable/creating/#template-locations
_SHORTCUTS = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
# Without encryption, or with a program of its own, git could be made to run anybody's code:
# https://git-scm.com/docs/git-clone#_git_urls and https://git-scm.com/docs/gitremote-helpers
_SCHEMES = ("https", "ssh", "git", "file")
_HELPER = re.compile(r"[\w+.-]+::")
_SCP = re.compile(r"(?:(?P<user>[^/@:\s]+)@)?(?P<host>\[[^]\s]+\]|[^/:\s\[]+):(?P<path>.+)")


def is_folder(source: str) -> bool:
    """Tell whether the address of a template is a path."""
    text = source.removeprefix("git+")
    named = text.startswith(tuple(_SHORTCUTS)) or "://" in text or _HELPER.match(text)
    return not named and (PureWindowsPath(text).is_absolute() or not _SCP.fullmatch(text))


def expanded(source: str, base: Path) -> str:
    """Return the address of a template as git is given it.

    Args:
        source: The address as recorded with a track.
        base: The folder that a relative path starts at.

    Raises:
        ConductorError: It names none of the known ways to a repository.
    """
    for shortcut, place in _SHORTCUTS.items():
        if source.startswith(shortcut):
            path = source.removeprefix(shortcut).lstrip("/").removesuffix(".git")
            return f"{place}{path}.git"
    text = source.removeprefix("git+")
    if is_folder(source) and text and not text.startswith("-"):
        # Path.expanduser fails where there is no such user.
        return os.path.normpath(base.absolute() / os.path.expanduser(text))  # noqa: PTH111
    url = _split(text) if "://" in text and not _HELPER.match(text) else None
    host = _SCP.fullmatch(text) if url is None and not _HELPER.match(text) else None
    known = url.scheme in _SCHEMES if url else host is not None
    named = (url.netloc.rpartition("@")[2] if url else host["host"] if host else "") or ""
    if not known or text.startswith("-") or named.startswith("-"):
        raise ConductorError(
            f"The address {without_password(source)!r} is none that a template is taken from.",
            remedy=f"Use an address that begins with {', '.join(f'{s}://' for s in _SCHEMES)},"
            " git@host:path, or a folder.",
        )
    return text


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        return SplitResult("", "", text, "", "")


def normal(source: str, base: Path) -> str:
    """Return the address of a template in the one form that all addresses of a place have.

    Arguments and errors are those of `expanded`.
    """
    text = expanded(source, base)
    if is_folder(text):
        return os.path.realpath(text)
    if "://" not in text:
        return text.rstrip("/").removesuffix(".git")
    url = _split(text)
    if url.scheme == "file":
        return os.path.realpath(url2pathname(url.path))
    host = url.netloc.rpartition("@")[2].lower()
    path = url.path.rstrip("/").removesuffix(".git")
    return f"{url.scheme}://{host}{path}" + (f"?{url.query}" if url.query else "")


def repository(source: str, base: Path) -> str:
    """Return which repository an address means, whatever the way to it.

    Arguments and errors are those of `expanded`.
    """
    text = normal(source, base)
    if "://" in text:
        return text.partition("://")[2]
    found = None if is_folder(text) else _SCP.fullmatch(text)
    return f"{found['host'].lower()}/{found['path'].lstrip('/')}" if found else text
