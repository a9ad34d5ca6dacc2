"""Unique claim: a name has one owner, and a change of name is whole or is not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ..callers import DONE
from ..trial import AT_ONCE, Trial, won


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _race(trial, f"n{next(numbers)}")
    yield from _change(trial, f"a{next(numbers)}", f"b{next(numbers)}", f"c{next(numbers)}")
    yield from _changes_at_once(trial, numbers)
    for after in trial.deaths("rename"):
        yield from _dies(trial, f"d{next(numbers)}", f"e{next(numbers)}", after)


def _owner(trial: Trial, name: str) -> str:
    return next((str(next(iter(row.values()))) for row in trial.look("owner", name=name)), "")


def _race(trial: Trial, name: str) -> Iterator[str]:
    claims = [("claim", {"name": name, "owner": f"o{n}"}) for n in range(AT_ONCE)]
    winners = [str(item.values["owner"]) for item in won(trial.together(claims))]
    if winners != [_owner(trial, name)]:
        yield f"{winners} were told that a name is theirs, {_owner(trial, name) or 'nobody'} has it"
    if won([trial.do("release", name=name, owner="another")]):
        yield "one owner gave up what another has"
    trial.do("release", name=name, owner=winners[0] if winners else "")
    if not won([trial.do("claim", name=name, owner="next")]):
        yield "a name that was given up cannot be taken"


def _change(trial: Trial, old: str, new: str, other: str) -> Iterator[str]:
    trial.do("claim", name=old, owner="one")
    trial.do("claim", name=other, owner="two")
    if won([trial.do("rename", name=new, old=other, owner="one")]):
        yield "one owner gave another's name away"
    if (_owner(trial, new), _owner(trial, other)) != ("", "two"):
        yield "a refused change left something"
    if won([trial.do("rename", name=other, old=old, owner="one")]):
        yield "a name that is taken was taken by a change"
    if (_owner(trial, old), _owner(trial, other)) != ("one", "two"):
        yield "a refused change left something"
    if not won([trial.do("rename", name=new, old=old, owner="one")]):
        yield "a name could not be changed"
    if (_owner(trial, old), _owner(trial, new)) != ("", "one"):
        yield "after a change the old name is not free, or the new one not theirs"


def _changes_at_once(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """One owner changes to several names at once: one of them is theirs then."""
    old = f"f{next(numbers)}"
    trial.do("claim", name=old, owner="one")
    names = [f"g{next(numbers)}" for _ in range(AT_ONCE)]
    changes = [("rename", {"name": name, "old": old, "owner": "one"}) for name in names]
    done = len(won(trial.together(changes)))
    held = [name for name in (old, *names) if _owner(trial, name) == "one"]
    if (done, len(held)) != (1, 1):
        yield f"{done} changes of one name at once took effect, and its owner has {len(held)} names"


def _dies(trial: Trial, old: str, new: str, after: int) -> Iterator[str]:
    trial.do("claim", name=old, owner="one")
    trial.kill("rename", after, name=new, old=old, owner="one")
    held = [name for name in (old, new) if _owner(trial, name) == "one"]
    if len(held) != 1:
        yield f"after a crash after step {after + 1} the owner has {len(held)} names"
    again = trial.do("rename", name=new, old=old, owner="one")
    if again.word != DONE and _owner(trial, new) != "one":
        yield f"after a crash after step {after + 1} the change ended in {again.word}"
