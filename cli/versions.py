"""The versions of a template as plain folders, and what they render for a track.

Copier clones a template for each render, which takes longer than the render. Here each template is
cloned once, each version needed of it becomes a folder without a repository, and Copier renders
from that.
"""

from __future__ import annotations

import contextlib
import functools
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from packaging.version import InvalidVersion, Version

from storage_conductor.context import ProjectContext, read_context
from storage_conductor.disk import address, files, places
from storage_conductor.disk.clone import Clone
from storage_conductor.disk.places import ANSWERS, STORAGES
from storage_conductor.errors import ConductorError, without_password
from storage_conductor.update import many_tracks, recorded_answers, renders
from storage_conductor.update.many_tracks import RecordedTrack, Rendered, TrackChange
from storage_conductor.update.recorded_answers import Answers

from .copier_yml import pending_migration, settings_read_once
from .trust import Trust

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Release:
    """A version of a template.

    Args:
        folder: Its files, without a repository.
        name: The version as Copier records it.
        commit: The commit.
    """

    folder: Path
    name: str
    commit: str


class Repository:
    """A template's repository, cloned once.

    Args:
        source: The address, a folder as an absolute path.
        folder: An empty folder for the clone and the versions.

    Raises:
        ConductorError: It cannot be cloned.
    """

    def __init__(self, source: str, folder: Path) -> None:
        self._folder = folder
        self._releases: dict[str | None, Release] = {}
        self._older: dict[tuple[str, str], bool] = {}
        folder.mkdir()
        try:
            self._clone = Clone(source, folder / "repository")
        except ConductorError as error:
            raise ConductorError(
                f"The template {without_password(source)} cannot be cloned: {error.message}",
                remedy="Check the address in .copier-answers.yml and your access to it.",
            ) from error

    def release(self, ref: str | None) -> Release:
        """Return a version.

        Args:
            ref: A tag, branch or commit; None for the newest release.

        Raises:
            ConductorError: There is no such version.
        """
        if ref not in self._releases:
            self._releases[ref] = self._checked_out(self._commit(ref or self._newest()))
        return self._releases[ref]

    def is_older(self, one: Release, other: Release) -> bool:
        """Tell whether one version came before another."""
        pair = (one.commit, other.commit)
        if pair not in self._older:
            reachable = self._clone.contains(other.commit, one.commit)
            self._older[pair] = reachable and one.commit != other.commit
        return self._older[pair]

    def _checked_out(self, commit: str) -> Release:
        folder = self._folder / commit
        if not folder.exists():
            self._clone.check_out(commit, folder)
        return Release(folder, self._clone.name(commit), commit)

    def _newest(self) -> str:
        """Return the newest tag by PEP 440, without prereleases, as Copier chooses it."""
        found = {}
        for tag in self._clone.tags():
            try:
                found[tag] = Version(tag)
            except InvalidVersion:
                continue
        final = [tag for tag, version in found.items() if not version.is_prerelease]
        return max(final, key=lambda tag: found[tag], default="HEAD")

    def _commit(self, ref: str) -> str:
        commit = self._clone.commit(ref)
        if commit is None:
            raise ConductorError(
                f"The template has no version {ref!r}.",
                remedy="Name a tag, branch or commit of the template.",
            )
        return commit


class Renderer:
    """Computes what tracks become with the newest version, or one that is named.

    Args:
        project: The folder that holds `storage-conductor`.
        to: A tag, branch or commit of the template; None for the newest release.
        scratch: An empty folder, which the caller removes.
        trust: Which templates may be run.

    Attributes:
        trusted: The templates that were run, each with the reason why it is trusted.
    """

    def __init__(self, project: Path, to: str | None, scratch: Path, trust: Trust) -> None:
        self.trusted: dict[str, str] = {}
        self._trust = trust
        self._to = to
        self._scratch = scratch
        self._repositories: dict[str, Repository | ConductorError] = {}
        self._settings: dict[Path, dict[str, Any]] = {}
        self._project = project
        # New questions may take their defaults from the project's documents.
        home = scratch / "new" / places.HOME
        home.mkdir(parents=True)
        for name in places.DOCUMENTS:
            path = project / places.HOME / name
            with contextlib.suppress(ConductorError):  # what is not there is not read either
                (home / name).write_bytes(files.read_bytes(path))

    @functools.cached_property
    def _context(self) -> ProjectContext:
        """What the project's documents say; nothing that a refresh writes is among them."""
        return read_context(self._project)

    def change(
        self, track: RecordedTrack, revised: Answers | None = None
    ) -> tuple[TrackChange | None, str]:
        """Compute what a track becomes.

        Args:
            track: The track.
            revised: Answers that replace recorded ones; None takes one back.

        Returns:
            The change, None where nothing can change; and the new version's name.

        Raises:
            ConductorError: The template is not trusted, cannot be had, or goes back to an older
                version, or does not take a revised answer as it is.
        """
        answers = track.folder / ANSWERS
        self.trusted[track.source] = self._trust.require(track.source, track.project, answers)
        repository = self._repository(address.expanded(track.source, track.project))
        new = repository.release(self._to)
        answers_file = f"{track.home}/{ANSWERS}"
        try:
            recorded = self._scratch / "new" / answers_file
            recorded.parent.mkdir(parents=True)
            recorded.write_bytes(files.read_bytes(answers))
            renewed = recorded_answers.renew(
                track.project, recorded, track.answers, revised or {}, self._context
            )
            if new.name == track.commit and not renewed:
                return None, new.name
            old = repository.release(track.commit)
            if repository.is_older(new, old):
                raise ConductorError(
                    f"The track is on version {old.name} of its template; {new.name} is older.",
                    remedy="Name a newer version with --to, or leave --to out.",
                )
            if needed := pending_migration(new.folder, old.name, new.name):
                raise ConductorError(
                    f"Version {needed} of the template changes a format, which refresh does not.",
                    remedy=f"Run `copier update --trust -a {answers_file}` for this track.",
                )
            before = self._rendered(old, "old", track, track.answers)
            after = self._rendered(new, "new", track, {})
            text = after.files[ANSWERS].decode("utf-8")
            recorded_answers.require_taken(text, revised or {}, new.name)
            text = many_tracks.with_template(text, new.name, track.source)
            after = after._replace(files={**after.files, ANSWERS: text.encode("utf-8")})
            return many_tracks.change(track, before, after), new.name
        finally:
            for side in ("old", "new"):
                shutil.rmtree(self._scratch / side / STORAGES, ignore_errors=True)

    def _repository(self, source: str) -> Repository:
        if source not in self._repositories:
            folder = self._scratch / f"template-{len(self._repositories)}"
            self._repositories[source] = _or_error(lambda: Repository(source, folder))
        found = self._repositories[source]
        if isinstance(found, ConductorError):
            raise found
        return found

    def _rendered(
        self, release: Release, side: str, track: RecordedTrack, data: Answers
    ) -> Rendered:
        import copier

        root = self._scratch / side
        with settings_read_once(self._settings):
            copier.run_copy(
                str(release.folder),
                root,
                data=data,
                answers_file=f"{track.home}/{ANSWERS}",
                defaults=True,
                overwrite=True,
                quiet=True,
                unsafe=True,
                skip_tasks=True,
            )
        folder = root / track.home
        found = (path for path in folder.rglob("*") if path.is_file())
        texts = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
        return Rendered(texts, renders.take_new(track.storage_id))


def _or_error(make: Callable[[], _Result]) -> _Result | ConductorError:
    """Return an error instead of raising it, so that it is found once for many tracks."""
    try:
        return make()
    except ConductorError as error:
        return error
