"""Session with revocation: what was ended is refused from then on, and nothing lives for ever."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Trial, won

_GONE = (-2, 0)
"""What is left of a session that is gone, by the store that counts it."""
_LONG, _MIDDLE, _USED, _SHORT = 600_000, 60_000, 10_000, 300  # milliseconds


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _ended(trial, numbers)
    yield from _ended_everywhere(trial, numbers)
    yield from _signed_out_while_signing_in(trial, numbers)
    yield from _lives(trial, numbers)
    for after in trial.deaths("end_all"):
        yield from _dies(trial, next(numbers), after)


def _session(user: int, name: str = "a", idle: int = _LONG, latest: int = _LONG) -> dict[str, Any]:
    lives = {"idle_milliseconds": idle, "latest_milliseconds": latest}
    return {"user": f"u{user}", "session": f"{user}-{name}", **lives}


def _everywhere(user: int, numbers: itertools.count[int], latest: int = _LONG) -> dict[str, Any]:
    return {**_session(user, latest=latest), "new_generation": f"g{next(numbers)}"}


def _begun(trial: Trial, session: dict[str, Any]) -> bool:
    return trial.do("begin", **session).word == DONE


def _in(trial: Trial, session: dict[str, Any]) -> bool:
    return trial.do("check", **session).word == DONE


def _ended(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    user = next(numbers)
    first, second = _session(user), _session(user, "b")
    if _in(trial, first):
        yield "a session that nobody began is accepted"
    if not (_begun(trial, first) and _begun(trial, second) and _in(trial, first)):
        yield "who signed in is refused"
    if len([sent for sent in trial.sent() if sent["session"] == first["session"]]) != 1:
        yield "somebody was signed in without being verified"
    trial.do("end", **first)
    if _in(trial, first):
        yield "an ended session is accepted"
    if not _in(trial, second):
        yield "the end of one session ended another"


def _ended_everywhere(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    user = next(numbers)
    many = [_session(user, str(number)) for number in range(AT_ONCE)]
    other = _session(next(numbers))
    begun = won(trial.together([("begin", session) for session in many]))
    if len(begun) != AT_ONCE or not _begun(trial, other):
        yield "not all who signed in at once are in"
    trial.do("end_all", **_everywhere(user, numbers))
    if won(trial.together([("check", session) for session in many])):
        yield "a session is accepted after its user was signed out everywhere"
    if not _in(trial, other):
        yield "one user's end ended another's session"
    again = _session(user, "again")
    if not (_begun(trial, again) and _in(trial, again)):
        yield "nobody can sign in after a user was signed out everywhere"


def _signed_out_while_signing_in(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Signed out everywhere between any two steps of a sign-in, and the other way round."""
    for step in ("look", "verify", "begin"):
        session = _session(next(numbers))
        out = ("end_all", _everywhere(int(session["user"][1:]), numbers))
        first, _ = trial.meanwhile(("begin", session), step, [out])
        yield from _in_rightly(trial, session)
        if first.word == DONE and not _in(trial, session):
            yield "who was told that they are in is out"
    for step in ("change", "end"):
        session = _session(next(numbers))
        out = ("end_all", _everywhere(int(session["user"][1:]), numbers))
        trial.meanwhile(out, step, [("begin", session)])
        yield from _in_rightly(trial, session)
        trial.do("begin", **session)
        if not _in(trial, session):
            yield "who signs in after that is refused"


def _in_rightly(trial: Trial, session: dict[str, Any]) -> Iterator[str]:
    """Who is in was verified after the change for which the user was signed out everywhere."""
    done = [sent for sent in trial.sent() if sent["user"] == session["user"]]
    changed = [at for at, sent in enumerate(done) if "new_generation" in sent]
    verified = [at for at, sent in enumerate(done) if "new_generation" not in sent]
    if not changed:
        yield "a user was signed out everywhere, and the reason is still there"
    elif _in(trial, session) and not any(at > changed[-1] for at in verified):
        yield "who was verified before their user was signed out everywhere is in after that"


def _lives(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    idle = _session(next(numbers), idle=_SHORT)
    latest = _session(next(numbers), latest=_SHORT)
    _begun(trial, idle)
    _begun(trial, latest)
    user = next(numbers)
    trial.do("end_all", **_everywhere(user, numbers, latest=_SHORT))
    if trial.count("kept", **_session(user)) == -1:
        yield "the generation of one who never signed in stays for ever"
    after = _session(user)
    _begun(trial, after)
    touched = _session(next(numbers), idle=_USED, latest=_MIDDLE)
    _begun(trial, touched)
    _in(trial, {**touched, "idle_milliseconds": _MIDDLE // 2})
    if trial.count("left", **touched) <= _USED:
        yield "a session that is used ends as if it were idle"
    _in(trial, {**touched, "idle_milliseconds": _LONG})
    if trial.count("left", **touched) > _MIDDLE:
        yield "a session that is used lives past its latest end"
    time.sleep(_SHORT / 1000 + 0.1)
    if _in(trial, idle) or trial.count("left", **idle) not in _GONE:
        yield "a session that was idle for its time is accepted"
    if _in(trial, latest) or trial.count("left", **latest) not in _GONE:
        yield "a session is accepted after its latest end"
    if not _in(trial, after):
        yield "a session ended with the generation before it"
    if trial.count("kept", **after) == -1:
        yield "a generation stays for ever"
    trial.do("end_all", **_everywhere(user, numbers))
    if trial.count("kept", **after) == -1:
        yield "a generation stays for ever"


def _dies(trial: Trial, user: int, after: int) -> Iterator[str]:
    session = _session(user)
    _begun(trial, session)
    trial.kill("end_all", after, **{**session, "new_generation": "g"})
    trial.do("end_all", **{**session, "new_generation": "h"})
    if _in(trial, session):
        yield "a session is accepted after a crash after its end"
    dying = _session(user, "dying")
    for step in trial.deaths("begin"):
        trial.kill("begin", step, **dying)
        verified = [sent for sent in trial.sent() if sent["session"] == dying["session"]]
        if _in(trial, dying) and not verified:
            yield "a crash left somebody in who was not verified"
