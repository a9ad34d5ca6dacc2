"""GitHub and GitLab by their own command lines, `gh api` and `glab api`, which know who one is.

https://cli.github.com/manual/gh_api, https://docs.gitlab.com/cli/api. Both fill in the repository
that the working directory belongs to, and read a request's JSON from standard input.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import ConductorError
from .changes import Issue, IssueChange, IssueDeed
from .tasks import MARK, TrackTasks, title

LABEL = MARK
_SECONDS = 120


@dataclass(frozen=True)
class Forge:
    """How a forge's issues are read and written.

    Args:
        program: Its command line.
        issues: The path of the issues, with the placeholders that the program fills in.
        query: What follows it in a listing.
        number: The name of an issue's number in JSON.
        body: The name of its text.
        open: The value of `state` of an open issue.
        change: The method that changes an issue.
        content: What tells that the request is JSON, for a program that does not say so itself.
    """

    program: str
    issues: str
    query: str
    number: str
    body: str
    open: str
    change: str
    content: tuple[str, ...] = ()

    def listed(self, project: Path) -> list[Issue]:
        """Return the issues with our label.

        Raises:
            ConductorError: The program is missing or fails.
        """
        said = self._api(project, f"{self.issues}?{self.query}", "--paginate")
        return [self._issue(data) for page in _pages(said, self.program) for data in page]

    def carry_out(self, project: Path, track: TrackTasks, change: IssueChange) -> None:
        """Make a change.

        Raises:
            ConductorError: The program is missing or fails.
        """
        if change.deed is IssueDeed.CREATE:
            labels = LABEL if self.program == "glab" else [LABEL]
            data = {"title": title(change.task), self.body: track.body(change.task)}
            self._send(project, "POST", self.issues, {**data, "labels": labels})
            return
        data = {"title": title(change.task)}
        if change.deed is IssueDeed.CLOSE:
            data = self._closing(change)
        self._send(project, self.change, f"{self.issues}/{change.number}", data)

    def _closing(self, change: IssueChange) -> dict[str, str]:
        if self.program == "glab":
            return {"state_event": "close"}
        reason = "not_planned" if change.is_dropped else "completed"
        return {"state": "closed", "state_reason": reason}

    def _issue(self, data: Mapping[str, Any]) -> Issue:
        return Issue(
            number=int(data[self.number]),
            title=str(data["title"]),
            body=str(data.get(self.body) or ""),
            is_open=data.get("state") == self.open,
        )

    def _send(self, project: Path, method: str, path: str, data: Mapping[str, Any]) -> None:
        given = json.dumps(data)
        self._api(project, path, "--method", method, *self.content, "--input", "-", given=given)

    def _api(self, project: Path, path: str, *switches: str, given: str = "") -> str:
        program = shutil.which(self.program)
        if program is None:
            raise ConductorError(
                f"The program {self.program} is not installed.",
                remedy="Install it and log in with `auth login`, or use --csv.",
            )
        try:
            done = subprocess.run(
                [program, "api", path, *switches],
                cwd=project,
                input=given.encode("utf-8"),
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ConductorError(
                f"{self.program} cannot be run: {error}", remedy="Run the same command again."
            ) from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip() or "it failed"
            raise ConductorError(
                f"{self.program} api {path}: {said}",
                remedy=f"Check `{self.program} auth status` and run the same command again;"
                " what was done is not done twice.",
            )
        return done.stdout.decode("utf-8", "replace")


FORGES = {
    "github": Forge(
        program="gh",
        issues="repos/{owner}/{repo}/issues",
        query=f"labels={LABEL}&state=all&per_page=100",
        number="number",
        body="body",
        open="open",
        change="PATCH",
    ),
    "gitlab": Forge(
        program="glab",
        issues="projects/:id/issues",
        query=f"labels={LABEL}&per_page=100",
        number="iid",
        body="description",
        open="opened",
        change="PUT",
        content=("--header", "Content-Type: application/json"),
    ),
}


def _pages(said: str, program: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the pages of a listing, which stand one behind the other."""
    decoder, rest = json.JSONDecoder(), said.strip()
    while rest:
        try:
            page, end = decoder.raw_decode(rest)
        except ValueError as error:
            raise ConductorError(
                f"{program} printed something else than JSON.", remedy="Bring it up to date."
            ) from error
        if not isinstance(page, list):
            raise ConductorError(
                f"{program} printed no list of issues.", remedy="Bring it up to date."
            )
        yield page
        rest = rest[end:].lstrip()
