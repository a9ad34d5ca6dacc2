"""Ledger: nothing is made or lost, no balance is below zero, and each transfer counts once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Request, Trial, won

_OPENED = 100


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _rush(trial, numbers)
    yield from _meet(trial, numbers)
    yield from _repeated(trial, numbers)
    yield from _reversed(trial, numbers)
    yield from _spent(trial, numbers)
    for action in ("post", "reverse"):
        for after in trial.deaths(action):
            yield from _dies(trial, numbers, action, after)


def _opened(trial: Trial, numbers: itertools.count[int], balance: int = _OPENED) -> int:
    account = next(numbers)
    mine = {"id": account, "balance": balance, "transfer_id": f"o{account}"}
    for text in ("account", "opening", "opened", "paid_in"):
        trial.seed(text, **mine)
    return account


def _post(source: int, target: int, amount: int, key: str) -> Request:
    return "post", {"transfer_id": key, "from_id": source, "to_id": target, "amount": amount}


def _do(trial: Trial, request: Request) -> str:
    return trial.together([request])[0].word


def _agree(trial: Trial, balances: dict[int, int], what: str) -> Iterator[str]:
    """Each balance is what it should be, and the sum of its entries."""
    for account, wanted in balances.items():
        found = trial.count("balance", id=account)
        if found != wanted:
            yield f"{what} a balance is {found} in place of {wanted}"
        if (summed := trial.count("summed", id=account)) != found:
            yield f"{what} a balance is {found}, and its entries add up to {summed}"


def _rush(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    source, target, other = (_opened(trial, numbers) for _ in range(3))
    keys = [f"t{next(numbers)}" for _ in range(AT_ONCE)]
    done = won(trial.together([_post(source, target, 30, key) for key in keys]))
    if len(done) != 3:
        yield f"{len(done)} transfers of 30 out of 100 at once took effect"
    for answered in done:
        parts = trial.look("parts", transfer_id=answered.values["transfer_id"])[0]
        if (int(parts["total"]), int(parts["n"])) != (0, 2):
            yield f"the entries of a transfer are {parts['n']} and add up to {parts['total']}"
    if _do(trial, _post(source, next(numbers), 5, f"t{next(numbers)}")) != "no such account":
        yield "an amount went to an account that is not there"
    yield from _agree(trial, {source: 10, target: 190, other: 100}, "after a rush")


def _meet(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Transfers that go opposite ways do not wait for each other."""
    one, other = (_opened(trial, numbers) for _ in range(2))
    there, again = (_post(one, other, 10, f"t{next(numbers)}") for _ in range(2))
    back = _post(other, one, 20, f"t{next(numbers)}")
    undo = _reverse(f"r{next(numbers)}", str(there[1]["transfer_id"]))
    for first, second in ((there, back), (undo, again)):
        ended, (met,) = trial.meanwhile(first, "give", [second])
        if ended.repeats or met.repeats:
            yield "two transfers that met waited for each other"
    yield from _agree(trial, {one: 110, other: 90}, "after transfers that met")


def _repeated(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    source, target = (_opened(trial, numbers) for _ in range(2))
    same = _post(source, target, 10, f"t{next(numbers)}")
    done = won(trial.together([same] * AT_ONCE))
    if len(done) != 1:
        yield f"one transfer sent by several at once took effect {len(done)} times"
    yield from _agree(trial, {source: 90, target: 110}, "after a repeat")


def _reverse(key: str, reversed_id: str) -> Request:
    return "reverse", {"transfer_id": key, "reversed_id": reversed_id}


def _reversed(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    source, target = (_opened(trial, numbers) for _ in range(2))
    key = f"t{next(numbers)}"
    _do(trial, _post(source, target, 60, key))
    several = [_reverse(f"r{next(numbers)}", key) for _ in range(AT_ONCE)]
    if len(done := won(trial.together(several))) != 1:
        yield f"a transfer was reversed {len(done)} times"
    yield from _agree(trial, {source: 100, target: 100}, "after a reversal")
    taken = str(done[0].values["transfer_id"]) if done else key
    other = f"t{next(numbers)}"
    for request in (_post(source, target, 5, taken), _reverse(taken, other)):
        if request[0] == "reverse":
            _do(trial, _post(source, target, 10, other))
        if (word := _do(trial, request)) != "repeat":
            yield f"another transfer under the key of a reversal ended in {word}"
    yield from _agree(trial, {source: 90, target: 110}, "after keys that were used")
    if _do(trial, _reverse(f"r{next(numbers)}", f"o{source}")) != "nothing to reverse":
        yield "what is no transfer between accounts was reversed"


def _spent(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """A reversal of what was spent already is refused, and one after that is not."""
    source, target = (_opened(trial, numbers) for _ in range(2))
    key = f"t{next(numbers)}"
    _do(trial, _post(source, target, 60, key))
    _do(trial, _post(target, source, 120, f"t{next(numbers)}"))
    if (word := _do(trial, _reverse(f"r{next(numbers)}", key))) != "not covered":
        yield f"a reversal that is not covered ended in {word}"
    yield from _agree(trial, {source: 160, target: 40}, "after a reversal that is not covered")


def _dies(trial: Trial, numbers: itertools.count[int], action: str, after: int) -> Iterator[str]:
    """A crash leaves all or nothing, and the repeat makes all of it."""
    source, target = (_opened(trial, numbers) for _ in range(2))
    request, wanted = _post(source, target, 10, f"t{next(numbers)}"), {source: 90, target: 110}
    if action == "reverse":
        _do(trial, request)
        request = _reverse(f"r{next(numbers)}", str(request[1]["transfer_id"]))
        wanted = {source: 100, target: 100}
    values: dict[str, Any] = {**request[1]}
    trial.kill(action, after, **values)
    what = f"after a crash after step {after + 1} of {action} and a repeat"
    if (word := _do(trial, request)) not in (DONE, "repeat"):
        yield f"{what} it ended in {word}"
    yield from _agree(trial, wanted, what)
