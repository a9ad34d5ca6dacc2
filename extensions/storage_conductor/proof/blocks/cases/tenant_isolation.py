"""Tenant isolation: a request finds its own tenant's rows alone, on whichever connection it is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from ..callers import DONE
from ..trial import AT_ONCE, Trial, won

_absent = itertools.count(2_000_000)
_TENANTS = [f"t{number}" for number in range(AT_ONCE)]


def case(trial: Trial, numbers: itertools.count[int]) -> Iterator[str]:
    """Yield what should not be."""
    yield from _half_guarded(trial, next(numbers))
    _guard(trial)
    yield from _own(trial, next(numbers))
    yield from _foreign(trial, next(numbers))
    yield from _nobody(trial, next(numbers))
    yield from _past_it(trial, next(numbers))
    yield from _at_once(trial, next(numbers))
    for action in ("write", "change"):
        if trial.has(action):
            for after in trial.deaths(action):
                yield from _dies(trial, next(numbers), action, after)


def _guard(trial: Trial) -> None:
    trial.attempt("clean")
    for tenant in _TENANTS:
        trial.seed("wide", tenant=tenant)
        trial.do("guard", **_user(tenant))


def _user(tenant: str) -> dict[str, Any]:
    return {"tenant": tenant, "password": "secret"}


def _row(number: int, tenant: str, asked_by: str = "", body: str = "old") -> dict[str, Any]:
    row = {"id": f"r{number}-{tenant}", "record_id": f"r{number}-{tenant}", "body": body}
    return {**row, **_user(tenant), "tenant_of_request": asked_by or tenant}


def _asked(trial: Trial, action: str, row: dict[str, Any]) -> bool:
    return trial.do(action, **row).word == DONE


def _body(trial: Trial, row: dict[str, Any]) -> Any:
    """Return what stands there, seen by who administers the store."""
    found = trial.look("there", id=row["id"], tenant=row["tenant"])
    return found[0]["value"] if found else None


def _half_guarded(trial: Trial, number: int) -> Iterator[str]:
    """A migration that was killed lets nobody read another's rows, and is run again."""
    for after in trial.deaths("guard"):
        trial.attempt("clean")
        row = _row(number, _TENANTS[0], asked_by=_TENANTS[1])
        trial.attempt("foreign", **row)
        trial.kill("guard", after, **_user(_TENANTS[0]))
        if _asked(trial, "read", row):
            yield f"after a crash after step {after + 1} of guard one tenant reads another's row"


def _own(trial: Trial, number: int) -> Iterator[str]:
    for tenant in _TENANTS[:2]:  # one after the other on one connection, as a pooler has it
        row = _row(number, tenant)
        if not _asked(trial, "write", row) or _body(trial, row) != "old":
            yield "a tenant cannot write a row of its own"
        if trial.do("read", **{**row, "body": ""}).values["body"] != "old":
            yield "a tenant cannot read a row of its own"
        if trial.has("change"):
            changed = _asked(trial, "change", {**row, "body": "new"})
            if not changed or _body(trial, row) != "new":
                yield "a tenant cannot change a row of its own"
            if _asked(trial, "change", _row(next(_absent), tenant)):
                yield "a row was changed that is not there"


def _foreign(trial: Trial, number: int) -> Iterator[str]:
    mine, other = _TENANTS[:2]
    trial.seed("foreign", **_row(number, other))
    row = _row(number, other, asked_by=mine, body="forged")
    if _asked(trial, "read", row):
        yield "one tenant reads another's row"
    if trial.has("change") and _asked(trial, "change", row):
        yield "one tenant changes another's row"
    forged = _row(number + 1_000_000, other, asked_by=mine, body="forged")
    if _asked(trial, "write", forged) or _body(trial, forged) is not None:
        yield "one tenant writes a row for another"
    if _body(trial, row) != "old":
        yield "one tenant changed another's row"


def _nobody(trial: Trial, number: int) -> Iterator[str]:
    """A request without a tenant, on the connection that a tenant has used before it."""
    for action in ("write", "read", "change"):
        if trial.has(action):
            row = _row(number, _TENANTS[0])
            _asked(trial, action, row)
            if trial.finds("forgotten"):
                yield f"a request that names no tenant reads rows after a {action}"
    nobody = {**_row(number, "x"), "tenant": "", "tenant_of_request": ""}
    if _asked(trial, "write", nobody):
        yield "a request that names no tenant writes a row"


def _past_it(trial: Trial, number: int) -> Iterator[str]:
    row = _row(number, _TENANTS[0])
    trial.do("write", **row)
    if trial.finds("owner"):
        yield "the owner of the tables reads the rows of a tenant"
    if trial.finds("whole", tenant=_TENANTS[1]):
        yield "one tenant reads the whole table"
    trial.attempt("empty", **_user(_TENANTS[1]))
    if _body(trial, row) != "old":
        yield "one tenant empties what is all tenants'"


def _at_once(trial: Trial, number: int) -> Iterator[str]:
    rows = [_row(number, tenant) for tenant in _TENANTS]
    if len(won(trial.together([("write", row) for row in rows]))) != AT_ONCE:
        yield "not all tenants can write at once"
    pairs = zip(rows, [*rows[1:], rows[0]], strict=True)
    foreign = [{**row, "tenant_of_request": other["tenant"]} for row, other in pairs]
    if won(trial.together([("read", row) for row in foreign])):
        yield "one tenant reads another's row where all read at once"
    if len(won(trial.together([("read", row) for row in rows]))) != AT_ONCE:
        yield "not all tenants can read at once"


def _dies(trial: Trial, number: int, action: str, after: int) -> Iterator[str]:
    """After a crash the row is as it was or changed, and nobody but its tenant finds it."""
    row = _row(number, _TENANTS[0], body="new")
    if action == "change":
        trial.seed("foreign", **_row(number, _TENANTS[0]))
    trial.kill(action, after, **row)
    if trial.finds("forgotten"):
        yield f"after a crash after step {after + 1} of {action} a request without a tenant reads"
    if _asked(trial, "read", {**row, "tenant_of_request": _TENANTS[1]}):
        yield f"after a crash after step {after + 1} of {action} one tenant reads another's row"
