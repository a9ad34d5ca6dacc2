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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ...schema.block_statements import ReadyStep
from .sessions import AgainError, Rows, StoreAddress, StoreSession, session

PATIENCE = 120.0
"""Seconds after which a caller that did not end counts as one that never does."""
DONE = "done"
_ATTEMPTS = 60
_PAUSE = 0.004  # between two steps: no caller is so fast that another cannot come in between


@dataclass(frozen=True)
class CallerJob:
    """What a caller is to do.

    Args:
        steps: The steps of an action.
        values: Values of their places.
        outside: A file that stands for the world outside the store.
        dies_after: The number of the step after which the process is killed.
        look: A query to run in place of steps.
    """

    steps: tuple[ReadyStep, ...]
    values: Mapping[str, Any]
    outside: str
    dies_after: int | None = None
    look: str = ""


@dataclass(frozen=True)
class Answered:
    """How an action ended.

    Args:
        word: `done`, the word of the step that ended it, or what went wrong.
        values: What it was given and found.
        repeats: How often the store refused it for a conflict.
        failed: Whether it ended in an error.
        rows: What a look found.
    """

    word: str
    values: Mapping[str, Any]
    repeats: int = 0
    failed: bool = False
    rows: Sequence[Mapping[str, Any]] = ()


def serve(pipe: Connection, address: StoreAddress) -> None:
    """Do what comes through a pipe until it is closed; the body of a caller's process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, OSError), session(address) as opened:
        while True:
            job = pipe.recv()
            pipe.send(_answer(opened, job))


def _answer(opened: StoreSession, job: CallerJob) -> Answered:
    repeats = 0
    while True:
        try:
            if job.look:
                return Answered(DONE, job.values, rows=opened.look(job.look, job.values))
            return _once(opened, job, repeats)
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


def _once(opened: StoreSession, job: CallerJob, repeats: int) -> Answered:
    values = dict(job.values)
    for number, step in enumerate(job.steps):
        found = _taken(opened, step, values, job.outside)
        if step.step.none and not found:
            opened.reset()
            return Answered(step.step.none, values, repeats)
        if found:
            values.update(found[0])
        if job.dies_after == number:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        time.sleep(random.uniform(0, _PAUSE))  # noqa: S311 - a pause
    opened.reset()
    return Answered(DONE, values, repeats)


def _taken(opened: StoreSession, step: ReadyStep, values: Mapping[str, Any], outside: str) -> Rows:
    if not step.step.outside:
        return opened.take(step, values)
    with Path(outside).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(dict(values), default=str) + "\n")
    return Rows()


if sys.platform == "win32":

    def _context() -> multiprocessing.context.SpawnContext:
        return multiprocessing.get_context("spawn")
else:

    def _context() -> multiprocessing.context.ForkServerContext:
        """Start processes from one that has imported what they need, and nothing else open."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        return context


class _Caller:
    """A process, and the pipe to it."""

    def __init__(self, address: StoreAddress) -> None:
        self.pipe, theirs = _context().Pipe()
        self.process = _context().Process(target=serve, args=(theirs, address), daemon=True)
        self.process.start()
        theirs.close()

    def end(self) -> None:
        self.pipe.close()
        self.process.join(PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


class Callers:
    """As many callers as a proof needs; one that was killed is replaced."""

    def __init__(self, address: StoreAddress) -> None:
        self._address = address
        self._callers: list[_Caller] = []

    def answers(self, jobs: Sequence[CallerJob]) -> list[Answered]:
        """Let as many callers as there are jobs begin at once; return how each ended."""
        while len(self._callers) < len(jobs):
            self._callers.append(_Caller(self._address))
        asked = list(zip(self._callers, jobs, strict=False))
        for caller, job in asked:
            caller.pipe.send(job)
        return [self._answer(caller, job) for caller, job in asked]

    def _answer(self, caller: _Caller, job: CallerJob) -> Answered:
        try:
            if caller.pipe.poll(PATIENCE):
                return caller.pipe.recv()  # type: ignore[no-any-return]
            word = "does not end"
        except (EOFError, ConnectionResetError):
            word = "killed"
        self._callers.remove(caller)
        caller.process.kill()
        caller.end()
        return Answered(word, job.values, failed=job.dies_after is None)

    def end(self) -> None:
        """End all processes."""
        for caller in self._callers:
            caller.end()


@contextlib.contextmanager
def callers(address: StoreAddress) -> Iterator[Callers]:
    """Have callers of a store, and end them afterwards."""
    found = Callers(address)
    try:
        yield found
    finally:
        found.end()
