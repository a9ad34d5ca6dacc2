"""Runs the guard of an operation as many callers at once, as its text stands in a specification."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from storage_conductor.catalog import loading
from storage_conductor.schema.common import NOTHING_STATED, Sizes
from storage_conductor.schema.design import design
from storage_conductor.schema.guard_drafts import guard_of
from storage_conductor.schema.guards import Guard
from storage_conductor.schema.parse import parse_model
from storage_conductor.schema.result import Design

CALLERS, ALLOWED = 20, 3
ENTITIES: dict[str, dict[str, str]] = {
    "Section": {"id": "int pk assigned", "capacity": "int not null"},
    "Enrolment": {"section": "ref Section pk", "student": "int pk"},
    "Booking": {"id": "uuid pk", "berth": "int not null"},
    "Stay": {"id": "uuid pk", "guest": "int not null"},
    "Message": {
        "channel": "int pk",
        "sent_at": "timestamptz pk",
        "number": "int pk",
        "body": "text",
    },
    "Night": {"berth": "int pk", "day": "int pk", "stay": "ref Stay null"},
}
PATTERNS: dict[str, dict[str, Any]] = {
    "take": {
        "entity": "Enrolment",
        "kind": "write",
        "atomic": ["Section"],
        "invariant": "never more enrolments than seats",
    },
    "book": {"entity": "Booking", "kind": "write", "invariant": "three bookings of a berth"},
    "hold": {
        "entity": "Stay",
        "kind": "write",
        "atomic": ["Night"],
        "races": True,
        "invariant": "no two stays in one night",
    },
    "stay": {"entity": "Stay", "kind": "write", "atomic": ["Night"]},
    "enrol": {"entity": "Enrolment", "kind": "write", "races": True},
    "drop": {"entity": "Section", "kind": "delete", "atomic": ["Enrolment"]},
    "shrink": {
        "entity": "Section",
        "kind": "update",
        "atomic": ["Booking"],
        "invariant": "never more enrolments than seats",
    },
    "edit": {"entity": "Message", "kind": "update", "races": True},
    "close": {"entity": "Section", "kind": "update", "filter": ["id"], "races": True},
}


def guarded(
    store: str, name: str, hosting: str = "", sizes: Sizes = NOTHING_STATED
) -> tuple[Guard, Design]:
    """Return the guard of one of the operations in a store, and the design of the model."""
    model = parse_model(ENTITIES, [{"name": name, **PATTERNS[name]}])
    assert model is not None
    backend = loading.load(store).at(hosting)
    made = design(model, [backend], sizes)
    found = guard_of(model.patterns[0], model, made, {store: backend})
    assert found is not None
    return found, made


def schema(made: Design) -> str:
    """Return the statements that create the model."""
    return next(item.text for item in made.artifacts if item.kind == "schema")


def callers(call: Callable[[int, Callable[[], object]], bool]) -> int:
    """Let all callers begin at once; return how many were let in.

    Args:
        call: One caller: it gets its number, and what it waits for once it is ready to begin.
    """
    gate = threading.Barrier(CALLERS, timeout=60)

    def one(number: int) -> bool:
        return call(number, gate.wait)

    with ThreadPoolExecutor(CALLERS) as pool:
        return sum(pool.map(one, range(CALLERS)))


def mutated(text: str, part: str, instead: str = "") -> str:
    """Return the text with a part of it changed, which must be there."""
    assert part in text
    return text.replace(part, instead)
