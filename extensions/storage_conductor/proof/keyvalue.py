"""The key patterns of Redis and Valkey on a server: written, read, expiring, and their memory."""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ..errors import ConductorError
from ..importing.extra import need
from ..schema.model import Entity, Pattern
from ..schema.result import KeyRow
from ..units import counted
from .asking import typical
from .outcome import Progress, Promise
from .rows import Made, Row
from .subject import Subject

_PLACE = re.compile(r"<([^<>]+)>")
_VARIABLE = "env:"
_AT_ONCE = 200  # rows between two words on how far it is
_FAR = re.compile(r"<(?:metres|width|height)>")
_LIMIT = re.compile(r" LIMIT 0 \d+")
_RANKS: Mapping[str, tuple[str, ...]] = {"ZRANK": (), "ZREVRANK": ("REV",)}


@contextlib.contextmanager
def opened(subject: Subject, address: str, seconds: int) -> Iterator[Any]:
    """Connect to an empty database of a server.

    Args:
        subject: The store of the track.
        address: `redis://...`, or `env:NAME`.
        seconds: Longest that one command may take.

    Raises:
        ConductorError: It is not there, refuses, is another product, or is not empty.
    """
    with connected(subject, address, seconds) as client:
        if client.dbsize():
            raise ConductorError(
                f"The database is not empty: it has {client.dbsize()} keys.",
                remedy="Give the number of an empty database; a proof writes and removes keys.",
            )
        yield client


@contextlib.contextmanager
def connected(subject: Subject, address: str, seconds: int) -> Iterator[Any]:
    """Connect to a server.

    Args:
        subject: The store of the track.
        address: `redis://...`, or `env:NAME`.
        seconds: Longest that one command may take.

    Raises:
        ConductorError: It is not there, refuses, or is another product.
    """
    library: Any = need("redis")
    name = subject.backend.name
    if address.startswith(_VARIABLE):
        address = os.environ.get(address.removeprefix(_VARIABLE), "")
    if not address.startswith(("redis://", "rediss://", "unix://")):
        raise ConductorError(
            f"The address of a {name} database is needed.",
            remedy="Give it with --url, like redis://HOST:6379/15, or env:NAME; a proof wants an"
            " empty one.",
        )
    try:
        client = library.Redis.from_url(
            address, decode_responses=True, socket_timeout=seconds, socket_connect_timeout=10
        )
        with contextlib.closing(client):
            found = client.info("server")
            server = str(found.get("server_name", "redis"))
            if server != subject.backend.key:
                raise ConductorError(
                    f"The server is {server}, and the track is for {name}.",
                    remedy=f"Give the address of a {name} server.",
                )
            yield client
    except library.exceptions.AuthenticationError as error:
        raise ConductorError(
            f"{name} refuses the login.", remedy="Check the user and the password in the address."
        ) from error
    except (library.exceptions.ConnectionError, library.exceptions.TimeoutError) as error:
        raise ConductorError(
            f"{name} does not answer at that address.",
            remedy="Check host and port, that the server runs, and that this machine may reach it.",
        ) from error
    except (library.exceptions.RedisError, ValueError) as error:
        raise ConductorError(
            f"{name} refuses: {type(error).__name__}.",
            remedy="Check the address and the rights of its user.",
        ) from error


def refusal() -> type[Exception]:
    """Return what a client raises where the server refuses a command."""
    library: Any = need("redis")
    found: type[Exception] = library.exceptions.ResponseError
    return found


def version(client: Any, subject: Subject) -> str:
    """Return product and version of a server."""
    found = client.info("server")
    said = found.get(f"{subject.backend.key}_version") or found.get("redis_version")
    return f"{subject.backend.name} {said}"


class _Run(NamedTuple):
    subject: Subject
    client: Any
    progress: Progress


def steps(
    subject: Subject, client: Any, made: Mapping[str, Made], progress: Progress
) -> Iterator[Promise]:
    """Write rows under every key pattern, read them as each access pattern does, and remove all.

    Args:
        subject: The store of the track.
        client: From `opened`.
        made: The rows.
        progress: Told what is done.
    """
    names: set[str] = set()
    run = _Run(subject, client, progress)
    try:
        for entity in subject.model.in_dependency_order:
            yield from _written(run, entity, made[entity.name].rows, names)
        progress(f"reading by {len(subject.model.patterns)} access patterns")
        for pattern in subject.model.patterns:
            yield _asked(subject, client, pattern, made[pattern.entity].rows)
    finally:
        # Others may have begun to write meanwhile: what they wrote stays.
        for name in names:
            client.unlink(name)
    yield Promise("migration", "keys removed", client.dbsize() == 0, "nothing is left")


def _written(run: _Run, entity: Entity, rows: list[Row], names: set[str]) -> Iterator[Promise]:
    """Write the rows of an entity, and note the keys that were made."""
    subject, client, progress = run
    keys = [row for row in subject.design.keys if row.entity == entity.name]
    for number, row in enumerate(rows):
        if number % _AT_ONCE == 0:
            progress(f"writing {len(rows)} rows of {entity.name}", number / len(rows))
        pipe = client.pipeline(transaction=False)
        for key in keys:
            for command in _commands(entity, key.write, row):
                pipe.execute_command(*command)
                names.add(command[1])
        pipe.execute()
    yield Promise(
        "rows",
        entity.name,
        True,
        f"{counted(len(rows), 'row')} under {counted(len(keys), 'key pattern')}",
    )
    whole = keys[0]
    if not rows:
        return
    name = _filled(entity, whole.name, rows[0])
    used = client.memory_usage(name) or 0
    numbers: dict[str, float] = {"bytes": used}
    said = f"{used} bytes for one {entity.name}"
    if whole.item_bytes:
        said += f", estimated {whole.item_bytes} from the stated size"
    yield Promise("rows", f"memory of {entity.name}", True, said, numbers)
    for key in keys:
        if key.ttl_seconds is not None:
            yield _expiring(client, entity, key, rows)


def _expiring(client: Any, entity: Entity, key: KeyRow, rows: list[Row]) -> Promise:
    names = (_filled(entity, key.name, row) for row in rows)
    name = next((name for name in names if name and client.exists(name)), "")
    left = client.ttl(name) if name else 0
    passed = 0 < left <= (key.ttl_seconds or 0)
    return Promise(
        "rule", f"expiry of {key.name}", passed, f"ends in {left} of {key.ttl_seconds} s"
    )


def _asked(subject: Subject, client: Any, pattern: Pattern, rows: list[Row]) -> Promise:
    entity = subject.model.entity(pattern.entity)
    if not pattern.finds_rows:
        return Promise("pattern", pattern.name, bool(rows), f"{len(rows)} rows were written")
    keys = [row for row in subject.design.keys if row.entity == entity.name]
    key = next((row for row in keys if pattern.name in row.serves), None)
    if key is None:
        said = "no key serves it, as the specification says: nothing is promised"
        return Promise("pattern", pattern.name, None, said, tested=False)
    row = typical(pattern, rows)
    if row is None:
        return Promise("pattern", pattern.name, None, "no row was made that it would find")
    reads = key.read.splitlines()
    read = reads[min(key.serves.index(pattern.name), len(reads) - 1)]
    read = _FAR.sub("500", read)
    (command,) = _commands(entity, read, row) or ([],)
    start = time.perf_counter()
    answer = client.execute_command(*command)
    took = (time.perf_counter() - start) * 1000
    (whole,) = _commands(entity, _LIMIT.sub("", read), row)
    if command[0] in _RANKS:
        found = answer is not None and _stands_at(client, command, answer)
    else:
        found = _holds(entity, client.execute_command(*whole), row)
    count = len(answer) if isinstance(answer, list) else int(answer not in (None, "", {}))
    says = f"{command[0]} {key.name} returned {count}, {took:.1f} ms"
    says += "" if found else ", without the row that was looked for"
    return Promise("pattern", pattern.name, found, says, {"returned": count, "ms": round(took, 2)})


def _stands_at(client: Any, command: Sequence[str], place: int) -> bool:
    """Whether the member that a command asks the rank of is at that place of its sorted set."""
    name, order = command[1], [*_RANKS[command[0]]]
    there = client.execute_command("ZRANGE", name, place, place, *order)
    return bool(there == [command[2]])


def _holds(entity: Entity, answer: Any, row: Row) -> bool:
    """Whether an answer has a row: as the value of its own key, or as a member that ends in it."""
    if isinstance(answer, dict):
        return bool(answer)
    member = ":".join(_text(row[name]) for name in entity.key)
    members = answer if isinstance(answer, list | set) else [answer]
    members = [one[0] if isinstance(one, list | tuple) else one for one in members]  # and score
    own = [_text(row[c.name]) for c in entity.columns if c.name not in entity.key]
    return any(str(one).endswith(member) or str(one) in own for one in members if one is not None)


def _commands(entity: Entity, text: str, row: Row) -> list[list[str]]:
    """Fill the places of commands; one that needs a value that the row lacks is left out."""
    found = []
    for line in text.splitlines():
        words = re.findall(r"(?:<[^<>]*>|\S)+", line)
        if words[0] == "HSET":
            pairs = zip(words[2::2], words[3::2], strict=True)
            kept = [(name, value) for name, value in pairs if row[value[1:-1]] is not None]
            words = [*words[:2], *(word for pair in kept for word in pair)]
        filled = [_filled(entity, word, row) for word in words]
        if all(filled):
            found.append(filled)
    return found


def _filled(entity: Entity, text: str, row: Row) -> str:
    """Fill the places of one word; empty where a value is missing."""
    names = [_column(place) for place in _PLACE.findall(text)]
    if any(row[name] is None for name in names):
        return ""

    def value(found: re.Match[str]) -> str:
        name = _column(found[1])
        if "padded " in found[1]:
            bits = entity.column(name).type.bits
            shift = 2 ** (bits - 1) if bits else 0
            return f"{int(row[name]) + shift:020}"
        return _text(row[name])

    return _PLACE.sub(value, text)


def _column(place: str) -> str:
    return place.removeprefix("from ").removeprefix("to ").removeprefix("padded ")


def _text(value: Any) -> str:
    """Write a value as the commands take it: times are milliseconds since 1970."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        moment = datetime.datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        return str(round(moment.timestamp() * 1000))
    return str(value)
