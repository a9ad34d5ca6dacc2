"""What a case of a proof works with: actions by one caller, by many at once, or killed."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...schema.block_statements import ReadyAction, ReadyStep
from .callers import DONE, Answered, CallerJob, Callers

AT_ONCE = 6
"""Callers that begin at the same moment."""
GRACE, LONG_GRACE = 1.0, 10.0
"""Seconds after which a caller that did not end waits for another one; longer where it must not."""
Request = tuple[str, Mapping[str, Any]]
"""An action and its values."""


class Trial:
    """One run of a block on an engine.

    Args:
        store: Key of the store.
        callers: The processes.
        actions: The actions, whole or mutated.
        texts: What cases begin with, and queries that show the state, by name.
        outside: A file that stands for the world outside the store.
    """

    def __init__(
        self,
        store: str,
        callers: Callers,
        actions: Sequence[ReadyAction],
        texts: Mapping[str, str],
        outside: Path,
    ) -> None:
        self.store = store
        self.failures: list[str] = []
        self._callers = callers
        self._steps: dict[str, tuple[ReadyStep, ...]] = {a.action.key: a.steps for a in actions}
        self._texts = texts
        self._outside = outside

    def together(self, requests: Sequence[Request]) -> list[Answered]:
        """Let each request be made by a process of its own, all at the same moment."""
        found = self._callers.answers([self._job(name, values) for name, values in requests])
        return [self._noted(answered) for answered in found]

    def meanwhile(
        self, first: Request, before: str, others: Sequence[Request], grace: float = GRACE
    ) -> tuple[Answered, list[Answered]]:
        """Stop one caller before a step, let others act one after the other, then let it go on.

        Each of the others has ended when the next one begins, or waits for somebody. Where the step
        is left out, the first has ended when they begin.

        Args:
            first: Who stops.
            before: The key of the step.
            others: Who acts meanwhile.
            grace: Seconds after which one of them that did not end counts as one that waits, where
                the store does not tell that it does.
        """
        name, values = first
        keys = [item.step.key for item in self._steps[name]]
        at = keys.index(before) if before in keys else None
        stopped = self._callers.start(replace(self._job(name, values), stops_before=at))
        stopped.reach()
        running = [self._callers.settled(self._job(*request), grace) for request in others]
        ended = self._noted(stopped.answer())
        return ended, [self._noted(other.answer()) for other in running]

    def _job(self, name: str, values: Mapping[str, Any]) -> CallerJob:
        return CallerJob(self._steps[name], values, str(self._outside))

    def _noted(self, answered: Answered) -> Answered:
        if answered.failed:
            self.failures.append(answered.word)
        return answered

    def do(self, action: str, /, **values: Any) -> Answered:
        """Let one process make a request."""
        return self.together([(action, values)])[0]

    def deaths(self, action: str) -> range:
        """Return the numbers of the steps after which a process can be killed."""
        return range(len(self._steps[action]))

    def steps(self, action: str) -> list[str]:
        """Return the keys of the steps of an action."""
        return [item.step.key for item in self._steps[action]]

    def kill(self, action: str, after: int, /, **values: Any) -> Answered:
        """Let a process make a request, and kill it after a step; it may end before that."""
        job = replace(self._job(action, values), dies_after=after)
        return self._callers.answers([job])[0]

    def has(self, action: str) -> bool:
        """Tell whether the store needs an action at all."""
        return action in self._steps

    def pass_time(self, action: str, seconds: float, /, **values: Any) -> None:
        """Let a job run that ends what is old; where the store does that by itself, wait."""
        if self.has(action):
            self.do(action, **values)
        else:
            time.sleep(seconds)

    def seed(self, text: str, /, **values: Any) -> None:
        """Put there what a case begins with, where the store needs it."""
        if text in self._texts:
            self.look(text, **values)

    def attempt(self, text: str, /, **values: Any) -> None:
        """Try what the store should refuse, where it knows that; what is left shows whether."""
        if text in self._texts:
            self._callers.answers([CallerJob((), values, "", look=self._texts[text])])

    def look(self, text: str, /, **values: Any) -> list[Mapping[str, Any]]:
        """Look at the state."""
        (found,) = self._callers.answers([CallerJob((), values, "", look=self._texts[text])])
        if found.failed:
            self.failures.append(found.word)
        return list(found.rows)

    def knows(self, text: str) -> bool:
        """Tell whether the store has a seed or a look of that name."""
        return text in self._texts

    def finds(self, text: str, /, **values: Any) -> bool:
        """Tell whether a look finds anything, where the store has it."""
        return self.knows(text) and bool(self.look(text, **values))

    def count(self, text: str, /, **values: Any) -> int:
        """Return the number that a look finds in its first row; 0 without one."""
        found = self.look(text, **values)
        return int(next(iter(found[0].values()))) if found else 0

    def sent(self) -> list[dict[str, Any]]:
        """Return what was done outside the store, in order."""
        if not self._outside.exists():
            return []
        return [json.loads(line) for line in self._outside.read_text("utf-8").splitlines()]


Case = Callable[[Trial, "itertools.count[int]"], Iterator[str]]
"""Does what callers do, and yields each thing that should not be; given numbers used by nobody."""


def won(answers: Sequence[Answered]) -> list[Answered]:
    """Return the answers of those who were let through."""
    return [answered for answered in answers if answered.word == DONE]
