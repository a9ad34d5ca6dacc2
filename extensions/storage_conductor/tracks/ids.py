"""Storage ids: their form, the next free one, and reserving it against other runs.

An id is reserved by creating its folder, which only one process can do. So runs that start at the
same moment never get the same id, and a run that is given up leaves no trace.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path, PurePosixPath

from ..disk import files, git, locks, places
from ..disk.branches import (
    common_folder,
    is_in_repository,
    names_on_branches,
    other_worktrees,
)
from ..errors import ConductorError
from . import starting
from .registry_read import ids as registry_ids

LONGEST = 64

# Names that Windows keeps for devices, in every folder:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file#naming-conventions
_DEVICE = re.compile(r"con|prn|aux|nul|(?:com|lpt)[0-9]")
_MOST_ATTEMPTS = 100

# What this process created and gives back when it is still empty, in order of creation.
_created: list[Path] = []


def problem(storage_id: str) -> str | None:
    """Return the rule of form that an id breaks, as a sentence, or None."""
    shown = ascii(storage_id if len(storage_id) <= 40 else storage_id[:40] + "...")
    foreign = re.search("[^a-z0-9-]", storage_id)
    if not storage_id:
        rule = "it is empty"
    elif len(storage_id) > LONGEST:
        rule = f"it is longer than {LONGEST} characters"
    elif foreign:
        rule = f"{foreign[0]!a} is not a lower-case letter from a to z, a digit or a hyphen"
    elif not storage_id[0].isalpha():
        rule = "it does not start with a letter"
    elif "--" in storage_id or storage_id.endswith("-"):
        rule = "a hyphen does not stand between two letters or digits"
    elif _DEVICE.fullmatch(storage_id):
        rule = "Windows keeps that name for a device"
    else:
        return None
    return f"The storage id {shown} is malformed: {rule}."


def clock() -> datetime:
    """Return the time in UTC, to the second; SOURCE_DATE_EPOCH fixes it.

    See https://reproducible-builds.org/specs/source-date-epoch/.

    Raises:
        ConductorError: SOURCE_DATE_EPOCH is not a number of seconds within the calendar.
    """
    value = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not value:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        if not re.fullmatch("[0-9]{1,12}", value):
            raise ValueError(value)
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ConductorError(
            f"The environment variable SOURCE_DATE_EPOCH is {value[:40]!a}, which is no time.",
            remedy="Set it to the seconds since 1970-01-01 00:00 UTC, or unset it.",
        ) from error


def taken(project: Path) -> set[str]:
    """Return all ids in use, in lower case.

    They come from the registry, the folders of tracks and the archive, the branches that git knows
    here, local and remote-tracking, and linked worktrees. What cannot be read adds nothing.
    """
    return set(_places(project))


def _known(project: Path, scheme: str) -> set[str]:
    """Return all ids in use; for a number it must be sure that there are no others."""
    if scheme != "timestamp" and is_in_repository(project):
        try:
            git.run(project, "rev-parse", "--git-dir")
        except ConductorError as error:
            raise ConductorError(
                f"The branches may hold a track of the next number, but {error.message}",
                path=project,
                remedy=f"{error.remedy} Or use `id_scheme=timestamp`, which needs no branches.",
            ) from error
    return taken(project)


@contextlib.contextmanager
def _alone_in_repository(project: Path) -> Iterator[None]:
    """Let no other worktree of the repository look for an id meanwhile."""
    common = common_folder(project) if other_worktrees(project) else None
    if common is None:
        yield
    else:
        with locks.exclusive(common):
            yield


def propose(project: Path, scheme: str, storage_type: str, now: datetime) -> str:
    """Return the next free id without reserving it; arguments are those of `reserve`."""
    known = _known(project, scheme)
    return next(new for new in _candidates(scheme, storage_type, now, known) if new not in known)


def reserve(project: Path, scheme: str, storage_type: str, now: datetime) -> str:
    """Choose the next free id and create its folder.

    Args:
        project: The folder that holds `storage-conductor`.
        scheme: `timestamp` (`storage-20250131-235959`, UTC), `sequential` (`storage-001`) or
            `typed` (`storage-object-storage-001`, numbered for each type).
        storage_type: The storage type, part of an id of the scheme `typed`.
        now: The time, part of an id of the scheme `timestamp`.

    Raises:
        ConductorError: The folder cannot be created, or the id is a number and git cannot say
            which numbers are taken.
    """
    with _alone_in_repository(project):
        _remove_abandoned(project)
        known = _known(project, scheme)
        return next(
            new
            for new in _candidates(scheme, storage_type, now, known)
            if new not in known and _make(project, new)
        )


def claim(project: Path, storage_id: str) -> None:
    """Reserve a given id by creating its folder; one that this process holds is fine.

    A folder that a killed run left half-made is taken over.

    Raises:
        ConductorError: The id is malformed or in use, or its folder cannot be created.
    """
    if wrong := problem(storage_id):
        raise ConductorError(wrong, remedy="Give another id, for example `orders-database`.")
    folder = _folder(project, storage_id)
    if starting.is_held(folder):
        return
    place = _places(project).get(storage_id)
    if place == _by(storage_id) and starting.take_over(folder):
        _created.append(folder)
        return
    if place is None and not _make(project, storage_id):
        place = "by another run that started just now"
    if place is not None:
        raise ConductorError(
            f"The storage id {storage_id!r} is taken {place}.",
            remedy="Give another id, or none to get the next free one.",
        )


@atexit.register
def release() -> None:
    """Remove the folders that this process created and that are still empty, or half a track."""
    while _created:
        starting.give_up(_created.pop())


def _remove_abandoned(project: Path) -> None:
    """Remove the empty folders that killed runs left, so that their ids are free again."""
    listed = _registered(project)
    unlisted = (name for name in _names(project / places.STORAGES) if name.casefold() not in listed)
    starting.remove_abandoned(_folder(project, name) for name in unlisted)


def _candidates(scheme: str, storage_type: str, now: datetime, known: set[str]) -> Iterator[str]:
    if scheme == "timestamp":
        start = now.astimezone(UTC)
        return (f"storage-{start + timedelta(seconds=n):%Y%m%d-%H%M%S}" for n in count())
    if scheme == "sequential":
        prefix = "storage-"
    elif scheme == "typed":
        prefix = f"storage-{storage_type.replace('_', '-')}-"
    else:
        raise ValueError(f"unknown id scheme {scheme!r}")
    # Up to six digits, so that an id such as storage-20250131 does not count as a number.
    number = re.compile(re.escape(prefix) + "([0-9]{3,6})")
    highest = max((int(found[1]) for found in map(number.fullmatch, known) if found), default=0)
    return (f"{prefix}{n:03}" for n in count(highest + 1))


def _folder(project: Path, storage_id: str) -> Path:
    return project.absolute() / places.home(storage_id)


def _make(project: Path, storage_id: str) -> bool:
    """Create the folder of an id; False if another process was faster."""
    folder = _folder(project, storage_id)
    if folder.parent.is_dir():
        files.check_place(folder.parent)
    try:
        for _ in range(_MOST_ATTEMPTS):
            _make_parents(folder)
            try:
                made = starting.make(folder)
            except FileExistsError:
                return False
            except FileNotFoundError:
                # Another run gave back the empty folder above in between.
                continue
            if made:
                _created.append(folder)
                return True
            # Another run took it for one that a killed run left, and removes it.
    except OSError as error:
        raise _cannot_create(folder, error.strerror or str(error)) from error
    raise _cannot_create(folder, "the folder above it is missing")


def _cannot_create(folder: Path, reason: str) -> ConductorError:
    above = next(parent for parent in folder.parents if os.path.lexists(parent))
    if not above.is_dir():
        return ConductorError(
            "is not a folder", path=above, remedy="Move it away, or mend the symbolic link."
        )
    return ConductorError(
        f"cannot be created: {reason}",
        path=folder,
        remedy="Check the rights of the project's folder and the free space.",
    )


def _make_parents(folder: Path) -> None:
    missing = [parent for parent in folder.parents if not os.path.lexists(parent)]
    for parent in reversed(missing):
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            parent.mkdir()
            _created.append(parent)


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


def _places(project: Path) -> dict[str, str]:
    """Map every id in use, in lower case, to where it is in use."""
    found: dict[str, str] = {}
    if is_in_repository(project):
        with contextlib.suppress(ConductorError, OSError, ValueError):  # it cannot be read
            for name, branch in names_on_branches(project, PurePosixPath(places.STORAGES)):
                found[name.casefold()] = f"on the branch {branch}"
    for tree in other_worktrees(project):
        for name in _names(tree / places.STORAGES):
            found[name.casefold()] = f"in the worktree {tree}"
    for name in _names(project / places.ARCHIVE):
        found[name.casefold()] = f"by {places.ARCHIVE}/{name}"
    for name in _names(project / places.STORAGES):
        found[name.casefold()] = _by(name)
    return found | dict.fromkeys(_registered(project), f"in {places.REGISTRY}")


def _by(name: str) -> str:
    return f"by {places.home(name)}"


def _registered(project: Path) -> Iterable[str]:
    """Return the ids in the registry, in lower case; none when it cannot be read."""
    with contextlib.suppress(ConductorError):
        return registry_ids(files.read_bytes(project / places.REGISTRY).decode("utf-8", "replace"))
    return ()
