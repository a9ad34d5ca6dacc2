"""Draws entities and access patterns, with all that can be said of them."""

from __future__ import annotations

import random
from typing import Any

_FIELDS: dict[str, dict[str, str]] = {
    "Guest": {
        "id": "uuid pk",
        "name": "varchar(80) not null",
        "email": "text unique not null",
        "since": "date",
    },
    "Berth": {
        "id": "int pk",
        "pier": "enum(north, south) not null",
        "metres": "decimal(5,2) not null check(metres > 0)",
    },
    "Booking": {
        "id": "uuid pk",
        "guest": "ref Guest not null on delete restrict",
        "berth": "ref Berth",
        "state": "enum(held, paid, gone) not null",
        "created_at": "timestamptz not null default now()",
    },
    "Remark": {
        "id": "bigint pk",
        "booking": "ref Booking not null on delete cascade",
        "words": "text not null",
    },
}
_NEEDS = {"Booking": ("Guest", "Berth"), "Remark": ("Guest", "Berth", "Booking")}
_SAID_OF_ALL: dict[str, list[Any]] = {
    "_count": [40, "90,000", "1.2 million"],
    "_size": [200, "4 kB"],
    "_growth": ["400,000 a year", "2 GB a month"],
    "_lifetime": ["48 hours", "30 days idle", "7 years after the stay ends", "until taken down"],
}
_FIELD_OF = {
    "Guest": ("email", "name"),
    "Berth": ("pier", "metres"),
    "Booking": ("guest", "created_at desc"),
    "Remark": ("booking", "id desc"),
}


def drawn_model(dice: random.Random) -> dict[str, Any]:
    """Return the answers `entities` and `access_patterns`, or nothing."""
    if dice.random() < 0.45:
        return {}
    wanted = dice.choice(list(_FIELDS))
    names = [*_NEEDS.get(wanted, ()), wanted]
    entities: dict[str, dict[str, Any]] = {}
    for name in names:
        said = {key: dice.choice(all_) for key, all_ in _SAID_OF_ALL.items() if dice.random() < 0.3}
        entities[name] = {**_FIELDS[name], **said}
    if dice.random() < 0.2:
        return {"entities": entities}
    patterns = [found for name in names for found in _patterns(dice, name, names)]
    return {"entities": entities, "access_patterns": patterns}


def _patterns(dice: random.Random, entity: str, names: list[str]) -> list[dict[str, Any]]:
    field, order = _FIELD_OF[entity]
    word = entity.lower()
    known: list[dict[str, Any]] = [
        {"name": f"{word} by id", "filter": ["id"]},
        {"name": f"{word}s by {field}", "filter": [field], "sort": [order], "page_size": 20},
        {"name": f"add a {word}", "kind": "write"},
        {"name": f"change a {word}", "kind": "update", "filter": ["id"]},
        {"name": f"withdraw a {word}", "kind": "delete", "filter": ["id"]},
        {"name": f"count {word}s by night", "kind": "job", "every": "day at 02:00"},
    ]
    found = []
    for pattern in dice.sample(known, dice.choice([1, 2, 4])):
        job = pattern.get("kind") == "job"
        more: dict[str, list[Any]] = {
            "per_second": [] if job else [0.1, 35, 900],
            "consistency": ["strong", "eventual"],
            "peak": [] if job else [40, 2_000],
            "p99_ms": [15, 250],
            "fresh_within": ["5 s", "10 minutes"],
            "atomic": [[dice.choice(names)]],
            "invariant": ["no berth is booked twice"],
        }
        said = {
            key: dice.choice(all_) for key, all_ in more.items() if all_ and dice.random() < 0.4
        }
        found.append({"entity": entity, **pattern, **said})
    return found
