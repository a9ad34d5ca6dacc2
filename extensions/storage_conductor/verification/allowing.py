"""Whether a project's own checks may run: a person allows them, and what they are is remembered.

A project is written by many, so that a command in it is run for nobody who has not seen it. What
was allowed is kept outside of the project, as the digest of the file and of the programs that it
names, for the folder that the project is in.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from ..disk import cache_folder, files, locks, places, writing
from ..errors import ConductorError
from ..evidence import own_checks

_FILE = "allowed-checks.json"
_NO = frozenset(("", "false", "0"))
_PROPOSED: Mapping[str, frozenset[str] | None] = {
    "GITHUB_EVENT_NAME": frozenset(
        (
            "issue_comment",
            "merge_group",
            "pull_request",
            "pull_request_review",
            "pull_request_review_comment",
            "pull_request_target",
            "workflow_run",
        )
    ),
    "CI_PIPELINE_SOURCE": frozenset(("merge_request_event", "external_pull_request_event")),
    "CI_MERGE_REQUEST_IID": None,
    "BUILD_REASON": frozenset(("PullRequest",)),
    "DRONE_BUILD_EVENT": frozenset(("pull_request",)),
    "CI_PIPELINE_EVENT": frozenset(("pull_request",)),
    "BITBUCKET_PR_ID": None,
    "BUILDKITE_PULL_REQUEST": None,
    "CHANGE_ID": None,
    "CIRCLE_PULL_REQUEST": None,
    "TRAVIS_PULL_REQUEST": None,
}
"""Variables of CI services that tell of a change which is only proposed, and their values; None for
any. GitHub, GitLab twice, Azure Pipelines, Drone, Woodpecker, Bitbucket, Buildkite, Jenkins,
CircleCI and Travis CI document them among their predefined variables."""


def is_proposed(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether this is a CI run on a change that nobody has taken over yet."""
    for name, values in _PROPOSED.items():
        value = environment.get(name, "")
        if value in values if values is not None else value.casefold() not in _NO:
            return True
    return False


def is_allowed(project: Path) -> bool:
    """Tell whether a person allowed the checks of a project's own as they are now.

    Raises:
        ConductorError: They cannot be read.
    """
    found = _path()
    if not (found / _FILE).exists() or _folder() is None:
        return False
    return _kept(found / _FILE).get(_place(project)) == _digest(project)


def allow(project: Path) -> bool:
    """Remember that a person allows the checks of a project's own as they are now.

    Returns:
        Whether there is a folder to remember it in that is the user's alone.

    Raises:
        ConductorError: They cannot be read.
    """
    found = _folder()
    if found is None:
        return False
    with locks.exclusive(found):
        known = _kept(found / _FILE)
        known[_place(project)] = _digest(project)
        writing.write_atomic(found / _FILE, json.dumps(known, indent=2, sort_keys=True) + "\n")
    return True


def _path() -> Path:
    return platformdirs.user_config_path(cache_folder.NAME, appauthor=False)


def _folder() -> Path | None:
    """Return the folder to remember in, made if need be; None where it is not the user's alone."""
    with contextlib.suppress(OSError, RuntimeError):
        path = _path()
        if path.is_absolute() and cache_folder.is_private(path):
            return path
    return None


def _kept(path: Path) -> dict[str, str]:
    """Return what was allowed; nothing where the file is missing or damaged."""
    with contextlib.suppress(ConductorError, ValueError, RecursionError):
        found = json.loads(files.read_regular(path))
        if isinstance(found, dict):
            return {str(key): str(value) for key, value in found.items()}
    return {}


def _place(project: Path) -> str:
    return hashlib.sha256(os.fsencode(project.resolve())).hexdigest()


def _digest(project: Path) -> str:
    """Return the digest of the file, and of the programs in the project that it names."""
    digest = hashlib.sha256(files.read_bytes(project / places.OWN_CHECKS, root=project))
    for name, check in sorted(own_checks.read(project).items()):
        program = check.command[0] if check.command else ""
        if "/" in program:
            content = files.read_bytes(project / program, root=project)
            digest.update(f"\n{name} {hashlib.sha256(content).hexdigest()}".encode())
    return digest.hexdigest()
