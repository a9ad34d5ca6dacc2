"""Atomic publish: a name is there whole or not at all, once, and stays after a power loss."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Trial, won

_WHOLE = "0123456789" * 2_000


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _race(trial, numbers)
    yield from _token_twice(trial, next(numbers))
    yield from _sweeps(trial, next(numbers))
    yield from _power_lost(trial, numbers)
    for step in ("write", "flush", "publish", "keep", "tidy"):
        yield from _read_before(trial, next(numbers), step)
    for after in trial.deaths("publish"):
        yield from _dies(trial, next(numbers), after)


def _file(number: int, writer: int = 0) -> dict[str, Any]:
    return {"name": f"f{number}", "token": f"{number}-{writer}", "content": f"{writer}{_WHOLE}"}


def _content(trial: Trial, file: dict[str, Any]) -> Any:
    found = trial.do("read", name=file["name"])
    return found.values.get("content") if found.word == DONE else None


def _race(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    number = next(numbers)
    tried = [("publish", _file(number, writer)) for writer in range(AT_ONCE)]
    winners = won(trial.together(tried))
    if len(winners) != 1:
        yield f"{len(winners)} writers were told that a name is theirs"
        return
    if _content(trial, _file(number)) != winners[0].values["content"]:
        yield "the name has not the content of the writer who was told so"
    for writer in range(AT_ONCE):
        mine = trial.do("ask", **_file(number, writer)).word == DONE
        if mine and _file(number, writer)["token"] != winners[0].values["token"]:
            yield "a writer was told that what another published is theirs"
    beside = _file(next(numbers))
    trial.do("publish", **beside)
    left = [
        row for row in trial.look("names") if str(row["value"]).startswith(f".{beside['name']}.")
    ]
    if left:
        yield "the temporary name stays after a publication"


def _token_twice(trial: Trial, number: int) -> Iterator[str]:
    """Two that write under one temporary name would mix their contents."""
    first, second = _file(number), {**_file(number, 1), "token": f"{number}-0"}
    trial.kill("publish", 1, **first)
    if won([trial.do("publish", **second)]):
        yield "a temporary name that was there already was written to"


def _read_before(trial: Trial, number: int, step: str) -> Iterator[str]:
    """A reader between any two steps sees the whole content or no file."""
    file = _file(number)
    _, seen = trial.meanwhile(("publish", file), step, [("read", {"name": file["name"]})])
    content = seen[0].values.get("content") if seen[0].word == DONE else None
    if content not in (None, file["content"]):
        yield f"before {step} a reader saw {len(str(content))} of {len(file['content'])} characters"


def _power_lost(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """What a writer was told is there after a power loss, and whole."""
    for loss in ("names_kept", "names_lost"):
        file = _file(next(numbers))
        told = trial.do("publish", **file).word == DONE
        trial.look(loss)
        if told and _content(trial, file) != file["content"]:
            yield f"what was published is not there, or not whole, after a power loss ({loss})"


def _dies(trial: Trial, number: int, after: int) -> Iterator[str]:
    """After a crash, and a power loss on top, the name is whole or free."""
    file = _file(number)
    for loss in ("", "names_kept"):
        mine = {**file, "name": f"{file['name']}{loss}", "token": f"{file['token']}{loss}"}
        trial.kill("publish", after, **mine)
        if loss:
            trial.look(loss)
        before = _content(trial, mine)
        if before not in (None, mine["content"]):
            yield f"after a crash after step {after + 1} a part of a file has its name ({loss})"
        asked = trial.do("ask", **mine).word == DONE
        if asked and before is None:
            yield "a writer was told that what is not there is theirs"
        again = trial.do("publish", **{**mine, "token": f"{mine['token']}-again"}).word == DONE
        if again is (before is not None):
            yield f"after a crash after step {after + 1} a name is not there nor free ({loss})"


def _sweeps(trial: Trial, number: int) -> Iterator[str]:
    """Temporary names go when they are old, and what is published stays."""
    file = _file(number)
    trial.do("publish", **file)
    left = {**_file(number, 1), "name": f"{file['name']}b"}
    trial.kill("publish", 1, **left)
    trial.do("sweep", seconds=600)
    names = {str(row["value"]) for row in trial.look("names")}
    if f".{left['name']}.{left['token']}" not in names:
        yield "a young temporary name was swept"
    trial.do("sweep", seconds=-1)
    names = {str(row["value"]) for row in trial.look("names")}
    if any(name.startswith(".") for name in names):
        yield "an old temporary name stays"
    if file["name"] not in names:
        yield "what was published was swept"
    slow = _file(number, 2) | {"name": f"{file['name']}c"}
    told, _ = trial.meanwhile(("publish", slow), "tidy", [("sweep", {"seconds": -1})])
    if told.word != DONE or _content(trial, slow) != slow["content"]:
        yield "a writer whose temporary name was swept was not told that the file is there"
