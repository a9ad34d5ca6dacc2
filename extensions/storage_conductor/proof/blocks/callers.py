"""Callers of a building block: processes of their own, which can be killed after each step."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import multiprocessing.context
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ...schema.block_statements import ReadyStep
from .connections import session
from .sessions import AgainError, EndedError, Rows, StoreAddress, StoreSession

PATIENCE = 120.0
"""Seconds after which a caller that did not end counts as one that never does."""
DONE = "done"
_ATTEMPTS = 60
# Imported once for all callers, where they are installed.
_DRIVERS = (
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.mysql.pymysql",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "psycopg",
    "pymysql",
    "redis",
)
_GLANCE, _GLANCES = 0.02, 2  # seconds between two looks at who waits, and how many must agree
_NOTICE = 10.0  # seconds that a store has to notice that a caller was killed
_PAUSE = 0.004  # between two steps: no caller is so fast that another cannot come in between


@dataclass(frozen=True)
class CallerJob:
    """What a caller is to do.

    Args:
        steps: The steps of an action.
        values: Values of their places.
        outside: A file that stands for the world outside the store.
        dies_after: The number of the step after which the process is killed.
        stops_before: The number of the step before which it waits until it is told to go on, once.
        look: A query to run in place of steps.
    """

    steps: tuple[ReadyStep, ...]
    values: Mapping[str, Any]
    outside: str
    dies_after: int | None = None
    stops_before: int | None = None
    look: str = ""


@dataclass(frozen=True)
class Answered:
    """How an action ended.

    Args:
        word: `done`, the word of the step that ended it, or what went wrong.
        values: What it was given and found.
        repeats: How often the store refused it for a conflict.
        failed: Whether it ended in an error.
        waited: Whether it waited for one that stood before a step.
        rows: What a look found, or the last step of an action.
    """

    word: str
    values: Mapping[str, Any]
    repeats: int = 0
    failed: bool = False
    waited: bool = False
    rows: Sequence[Mapping[str, Any]] = ()


class _Stopped:
    """Says that a caller stands before a step and waits."""


class _Waits:
    """Says that a caller waits for what another one has locked."""


def serve(pipe: Connection, address: StoreAddress) -> None:
    """Do what comes through a pipe until it is closed; the body of a caller's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with (
        contextlib.suppress(EOFError, OSError),
        session(address, waits=lambda: pipe.send(_Waits())) as opened,
    ):
        while True:
            job = pipe.recv()
            pipe.send(_answer(opened, job, _gate(pipe, job)))


def _gate(pipe: Connection, job: CallerJob) -> Callable[[int], None]:
    """Return what each step passes through: it waits there once, before the step that is named."""
    closed = [job.stops_before]

    def gate(number: int) -> None:
        if number == closed[0]:
            closed[0] = None
            pipe.send(_Stopped())
            pipe.recv()

    return gate


def _answer(opened: StoreSession, job: CallerJob, gate: Callable[[int], None]) -> Answered:
    repeats = 0
    while True:
        try:
            if job.look:
                rows = opened.look(job.look, job.values)
                opened.reset()
                return Answered(DONE, job.values, rows=rows)
            return _once(opened, job, repeats, gate)
        except AgainError as conflict:
            opened.reset()
            repeats += 1
            if repeats == _ATTEMPTS:
                return Answered(f"never ends: {conflict}", job.values, repeats, failed=True)
            time.sleep(random.uniform(0, 0.01 * repeats))  # noqa: S311 - a pause
        except Exception as error:  # noqa: BLE001 - told to the proof, which counts it as a failure
            opened.reset()
            said = str(getattr(error, "orig", error)).splitlines()
            return Answered(f"{type(error).__name__}: {said[:1]}", job.values, repeats, failed=True)


def _once(
    opened: StoreSession, job: CallerJob, repeats: int, gate: Callable[[int], None]
) -> Answered:
    values, found = dict(job.values), Rows()
    finds: dict[str, Rows] = {}
    for number, step in enumerate(job.steps):
        gate(number)
        each = finds.get(step.step.per, Rows()) if step.step.per else Rows([{}])
        try:
            taken = [_taken(opened, step, {**values, **row}, job.outside) for row in each]
            found = finds[step.step.key] = Rows(row for rows in taken for row in rows)
        except EndedError as ended:
            opened.reset()
            return Answered(str(ended), values, repeats)
        said = step.step
        if word := (said.found if found else said.none):
            opened.reset()
            return Answered(word, values, repeats)
        if found:
            values.update(found[0])
        if job.dies_after == number:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        time.sleep(random.uniform(0, _PAUSE))  # noqa: S311 - a pause
    opened.reset()
    return Answered(DONE, values, repeats, rows=found)


def _taken(opened: StoreSession, step: ReadyStep, values: Mapping[str, Any], outside: str) -> Rows:
    if not step.step.outside:
        return opened.take(step, values)
    return _outside(step, values, Path(outside))


def _outside(step: ReadyStep, values: Mapping[str, Any], world: Path) -> Rows:
    """Do a step outside the store: write the values there, judge one, or read what was written."""
    said = step.step
    if said.gives:
        lines = world.read_text("utf-8").splitlines() if world.exists() else []
        written = [line for line in map(json.loads, lines) if said.gives in line]
        same = [line for line in written if all(line[n] == values[n] for n in said.args)]
        return Rows([{said.gives: line[said.gives]} for line in same[-1:]])
    with world.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(dict(values), default=str) + "\n")
    return Rows([{}] if said.judges and values[said.judges] in values[said.key] else [])


if sys.platform == "win32":

    def _context() -> multiprocessing.context.SpawnContext:
        return multiprocessing.get_context("spawn")
else:

    def _context() -> multiprocessing.context.ForkServerContext:
        """Start processes from one that has imported what they need, and nothing else open."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["__main__", __name__, *_DRIVERS])
        return context


class _Caller:
    """A process, and the pipe to it."""

    def __init__(self, address: StoreAddress) -> None:
        self.pipe, theirs = _context().Pipe()
        self.process = _context().Process(target=serve, args=(theirs, address), daemon=True)
        self.process.start()
        theirs.close()

    def end(self) -> None:
        """Wait until it has ended, as it does when its pipe is closed."""
        self.pipe.close()
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


@dataclass(frozen=True)
class StoreWatch:
    """What a store tells of those who are connected; 0 where it does not tell.

    Args:
        waiting: Counts those who wait for a lock.
        connected: Counts the connections.
    """

    waiting: Callable[[], int] = lambda: 0
    connected: Callable[[], int] = lambda: 0


SILENT = StoreWatch()
"""That of a store that tells nothing."""


class Running:
    """A caller that does something at this moment.

    It has reached the step before which it stops, has ended, or goes on while others do something.
    """

    def __init__(self, owner: Callers, caller: _Caller, job: CallerJob) -> None:
        self._owner, self._caller, self._job = owner, caller, job
        self._stopped = self._told = self._waited = False
        self._answered: Answered | None = None

    def settle(self, seconds: float, more_wait: Callable[[], bool]) -> None:
        """Wait until it ends, or waits for somebody, as it does at the latest after so long."""
        until, seen = time.monotonic() + seconds, 0
        while self._answered is None and not self._waited:
            if self._caller.pipe.poll(_GLANCE):
                self._take()
            else:
                seen = seen + 1 if more_wait() else 0
            self._waited = self._told or seen == _GLANCES or time.monotonic() > until

    def reach(self) -> None:
        """Wait until it stands before its step; it may have ended before that."""
        while self._answered is None and not self._stopped:
            self._take()

    def go_on(self) -> None:
        """Let it take the step before which it stands."""
        if self._stopped:
            self._stopped = False
            self._caller.pipe.send(None)

    def answer(self) -> Answered:
        """Let it go on, and return how it ended."""
        while self._answered is None:
            self.go_on()
            self._take()
        return self._answered

    def _take(self) -> None:
        """Take what it says next."""
        found = self._receive()
        if isinstance(found, Answered):
            self._answered = replace(found, waited=self._waited)
            self._owner.ended(self, self._caller)
        elif isinstance(found, _Waits):
            self._told = True
        else:
            self._stopped = True

    def _receive(self) -> Answered | _Stopped | _Waits:
        try:
            if self._caller.pipe.poll(PATIENCE):
                return self._caller.pipe.recv()  # type: ignore[no-any-return]
            word = "does not end"
        except (EOFError, ConnectionResetError):
            word = "killed"
        self.abandon()
        return Answered(word, self._job.values, failed=self._job.dies_after is None)

    def abandon(self) -> None:
        """Kill it, and wait until the store has let go of what it held."""
        self._caller.process.kill()
        self._caller.end()
        self._owner.ended(self, None)
        self._owner.let_go()


class Callers:
    """As many callers as a proof needs; one that was killed is replaced.

    Args:
        address: Where the store is.
        watch: What the store tells of them.
    """

    def __init__(self, address: StoreAddress, watch: StoreWatch) -> None:
        self._address = address
        self._watch = watch
        self._strangers = watch.connected()
        self._idle: list[_Caller] = []
        self._running: list[Running] = []

    def start(self, job: CallerJob) -> Running:
        """Let a caller begin a job."""
        caller = self._idle.pop() if self._idle else _Caller(self._address)
        caller.pipe.send(job)
        running = Running(self, caller, job)
        self._running.append(running)
        return running

    def settled(self, job: CallerJob, seconds: float) -> Running:
        """Let a caller begin a job, and wait until it has ended or waits for another one.

        Args:
            job: The job.
            seconds: After which it counts as one that waits, where nothing tells that it does.
        """
        before = self._watch.waiting()
        running = self.start(job)
        running.settle(seconds, lambda: self._watch.waiting() > before)
        return running

    def answers(self, jobs: Sequence[CallerJob]) -> list[Answered]:
        """Let as many callers as there are jobs begin at once; return how each ended."""
        while len(self._idle) < len(jobs):
            self._idle.append(_Caller(self._address))
        return [running.answer() for running in [self.start(job) for job in jobs]]

    def ended(self, running: Running, caller: _Caller | None) -> None:
        """Take back the caller of a job that ended; None where it was killed."""
        if running in self._running:
            self._running.remove(running)
            if caller is not None:
                self._idle.append(caller)

    def let_go(self) -> None:
        """Wait until the store has noticed that a caller is gone, and undone what it began.

        Until then its locks are held, which a busy machine makes long enough for the next one to
        pass over what is locked.
        """
        until = time.monotonic() + _NOTICE
        alive = self._strangers + len(self._idle) + len(self._running)
        while self._watch.connected() > alive and time.monotonic() < until:
            time.sleep(_GLANCE / 10)

    def abandon(self) -> None:
        """Kill the callers that still do something."""
        for running in [*self._running]:
            running.abandon()

    def end(self) -> None:
        """End all processes."""
        self.abandon()
        for caller in self._idle:
            caller.pipe.close()
        for caller in self._idle:
            caller.end()


@contextlib.contextmanager
def callers(address: StoreAddress, watch: StoreWatch) -> Iterator[Callers]:
    """Have callers of a store, and end them afterwards."""
    found = Callers(address, watch)
    try:
        yield found
    finally:
        found.end()
