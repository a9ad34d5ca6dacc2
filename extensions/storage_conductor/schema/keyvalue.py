"""Key patterns for Redis, Valkey and Memcached.

`<column>` in a key or command stands for the value of that column. Angle brackets are used because
braces mean something in a key: Redis Cluster places keys by what stands between them. A time as a
score is in milliseconds since 1970; `<padded column>` is a number, shifted to be positive where it
can be negative, with leading zeros to one width, so that its bytes sort like the number.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ..catalog.backend import Backend
from . import common
from .common import Sizes
from .invariants import asks_rank
from .keys import Served
from .model import Column, DataModel, Entity, Pattern
from .needs import range_findings, sorts_in_memory, useful_tail
from .places import SoughtPlace
from .result import Artifact, Cost, Design, Finding, KeyRow, PatternUnits
from .rules import cases
from .unindexed import key_rules

_PREFIX_BYTES = 50  # kept for the names around the value
_COLLECTIONS = {"set", "sorted set"}
_SCORED = {"smallint", "int", "real", "float", "date", "timestamp", "timestamptz"}


def keyvalue_design(model: DataModel, backend: Backend, sizes: Sizes) -> Design:
    """Design key patterns: one for each entity, and one for each other way its rows are found."""
    layout = _Memcached if backend.key == "memcached" else _Redis
    plans = [layout(model, entity, backend, sizes) for entity in model.in_dependency_order]
    rows = tuple(row for plan in plans for row in plan.rows)
    rules = key_rules(model)
    served = {name: way for plan in plans for name, way in plan.served.items()}
    return Design(
        backend=backend.key,
        entities=tuple(
            common.entity_table(
                plan.entity,
                backend.key,
                partial(_kind, plan.rows[0]),
                name=plan.rows[0].name,
                writes=len(plan.rows),
            )
            for plan in plans
        ),
        relationships=common.relationships(model, enforced=False),
        diagram="",
        patterns=common.pattern_rows(model, served),
        keys=rows,
        findings=tuple(finding for plan in plans for finding in plan.findings),
        constraints=cases(model, rules, lambda _: False),
        artifacts=(_artifact(backend.name, rows),),
        clustered=sizes.clustered,
        units=tuple(units for plan in plans for units in plan.units()),
    )


def whole_in_index(entity: Entity, pattern: Pattern, backend: Backend) -> bool:
    """Tell whether the members of the index that serves a read hold all that it asks for.

    A member is the key of its entry, and its score or beginning what it is ordered by.
    """
    asked = {*pattern.fields} or {column.name for column in entity.columns}
    held = {*pattern.equal, *entity.key, *pattern.ranges[:1], *(c for c, _ in pattern.sort)}
    return asked <= held and backend.key != "memcached"


def _kind(row: KeyRow, column: Column) -> str:
    return "key" if column.name in row.partition else row.kind


class _Layout(ABC):
    """Key patterns of one entity; the first row is the entity itself."""

    def __init__(self, model: DataModel, entity: Entity, backend: Backend, sizes: Sizes) -> None:
        self.entity = entity
        self.backend = backend
        self.sizes = sizes
        self.findings: list[Finding] = []
        self.served: dict[str, Served] = {}
        self.patterns = patterns = model.patterns_of(entity)
        self.tag = self._shared()
        self.key = f"{entity.table}:{self._tagged(entity.key)}"
        sharing: dict[str, list[Pattern]] = {self.key: []}
        for pattern in patterns:
            name = self._serve(pattern)
            if name:
                sharing.setdefault(name, []).append(pattern)
        self.rows = [self._item(tuple(pattern.name for pattern in sharing.pop(self.key)))]
        for name, users in sharing.items():
            rows = _of_one_kind([self._row(name, pattern) for pattern in users])
            reads = dict.fromkeys(row.read for row in rows)
            serves = tuple(pattern.name for pattern in users)
            self.rows.append(replace(rows[0], serves=serves, read="\n".join(reads)))
        if sizes.clustered and len(self.rows) > 1 and not self.tag:
            other = self.rows[1].name.partition(":<")[0]
            self.findings.append(Finding("other-slot", entity.name, (("key", other),)))
        if entity.expires_seconds is not None:
            self.findings += [
                Finding("index-members", entity.name, (("key", row.name.partition(":<")[0]),))
                for row in self.rows[1:]
                if row.kind in _COLLECTIONS
            ]
        if not patterns:
            self.findings.append(Finding("no-patterns", entity.name))
        if entity.expires_seconds is None and not entity.facts.lifetimes:
            self.findings.append(Finding("ttl-undecided", entity.name))

    def _shared(self) -> tuple[str, ...]:
        """The columns by which the shards of a cluster keep all keys of an entry together.

        They begin the entity's own key and are all that its other keys are found by.
        """
        key = self.entity.key
        others = {p.equal for p in self.patterns if p.finds_rows and not set(key) <= set(p.equal)}
        if not self.sizes.clustered or len(others) != 1:
            return ()
        (columns,) = others
        return columns if columns and key[: len(columns)] == columns else ()

    def _tagged(self, columns: tuple[str, ...]) -> str:
        """The places of columns in a key, those of the tag in the braces that place it."""
        count = len(self.tag)
        if not count or columns[:count] != self.tag:
            return _places(columns)
        rest = _places(columns[count:])
        return f"{{{_places(self.tag)}}}" + (f":{rest}" if rest else "")

    def units(self) -> Iterator[PatternUnits]:
        """Yield the commands of a run of each pattern, of those whose number is known."""
        for pattern in self.patterns:
            each = self._commands(pattern)
            if each is not None:
                yield PatternUnits(pattern.name, changes=pattern.changes, each=float(each))

    def _commands(self, pattern: Pattern) -> int | None:
        """The commands of a run, as drafted; an entry that leaves is read for its other keys."""
        own, *others = self.rows
        if pattern.changes and not pattern.finds_rows:
            return sum(len(_at_once(row.write)) for row in self.rows)
        if not set(self.entity.key) <= set(pattern.equal):
            return None if pattern.changes else self._found(pattern)
        if not pattern.changes:
            return 1
        if pattern.kind == "delete":
            return 1 + len(others) + bool(others)
        moved = [r for r in others if {*r.partition, *(c for c, _ in r.order)} & {*pattern.fields}]
        # A place is written over the one before, under the same key.
        shifted = [r for r in others if r not in moved and self._places(r) & {*pattern.fields}]
        changed = sum(1 + len(_at_once(row.write)) for row in moved) + len(shifted)
        return len(_at_once(own.write)) + changed

    def _places(self, row: KeyRow) -> set[str]:
        """The columns of the place that a key holds, if it is one of places."""
        asked = (p.place for p in self.patterns if p.name in row.serves and p.place)
        return {column for place in asked for column in place.columns}

    def _found(self, pattern: Pattern) -> int | None:
        """The commands of a read by another key: it, and one for each entry that it leads to."""
        row = next((item for item in self.rows if pattern.name in item.serves), None)
        if row is None:
            return None
        rows = 1 if self.served[pattern.name].cost == "point" else pattern.page_size
        whole = self.backend.key == "memcached"
        if whole or whole_in_index(self.entity, pattern, self.backend):
            return 1
        return None if rows is None else 1 + rows

    def _serve(self, pattern: Pattern) -> str:
        """Note what answers a pattern and return its key; empty for none."""
        if not pattern.finds_rows:
            self.served[pattern.name] = Served("", "insert", "insert")
            return ""
        if not set(self.entity.key) <= set(pattern.equal):
            return self._other(pattern)
        if (ranking := self._ranking(pattern)) is not None:
            name = self._other(ranking)
            self.served[pattern.name] = Served(name, "index", "point")
            return name
        self.served[pattern.name] = Served(self.key, "key", "point")
        return self.key

    def _ranking(self, _pattern: Pattern) -> Pattern | None:
        """Return the read in whose order an entry has the rank that a pattern asks for."""
        return None

    @abstractmethod
    def _other(self, pattern: Pattern) -> str:
        """Name the key that answers a pattern by other columns than the key; empty for none."""

    @abstractmethod
    def _item(self, serves: tuple[str, ...]) -> KeyRow:
        """Describe the key of the entity itself."""

    @abstractmethod
    def _row(self, name: str, pattern: Pattern) -> KeyRow:
        """Describe a further key that answers a pattern."""

    def _one_row(self, pattern: Pattern) -> bool:
        return any(set(group) <= set(pattern.equal) for group in self.entity.unique)

    def _payload(self) -> int | None:
        return self.sizes.average_item_bytes


def _geo(name: str, pattern: Pattern, place: SoughtPlace, member: str) -> tuple[str, str]:
    """Commands of a sorted set of places: longitude comes before latitude."""
    lat, lon = place.columns
    spot = f"<{lon}> <{lat}>"
    metres = "<metres>" if place.metres is None else f"{place.metres:g}"
    shape = "BYBOX <width> <height> m" if place.way == "within" else f"BYRADIUS {metres} m"
    count = f" COUNT {pattern.page_size}" if pattern.page_size else ""
    read = f"GEOSEARCH {name} FROMLONLAT {spot} {shape} ASC{count}"
    return f"GEOADD {name} {spot} {member}", read


def _of_one_kind(rows: list[KeyRow]) -> list[KeyRow]:
    """Return rows of one key: where some read it by pages, others read all in that order."""
    paged = next((row for row in rows if row.kind == "sorted set"), rows[0])
    whole = replace(paged, read=paged.read.partition(" LIMIT ")[0])
    return [row if row.kind == paged.kind else whole for row in rows]


def _only_paged(pattern: Pattern) -> bool:
    """Tell whether it is read by pages and nothing says in which order."""
    return bool(pattern.page_size) and not pattern.ranges and not pattern.sort


class _Redis(_Layout):
    def _ranking(self, pattern: Pattern) -> Pattern | None:
        if pattern.kind != "read" or not asks_rank(pattern.name):
            return None
        found = (
            each
            for each in self.patterns
            if each.kind == "read"
            and len(each.sort) == 1
            and not each.ranges
            and set(each.equal) < set(pattern.equal)
        )
        return next(found, None)

    def _other(self, pattern: Pattern) -> str:
        if pattern.place:
            return self._near(pattern, pattern.place)
        if not pattern.equal and not pattern.ranges and not pattern.sort:
            self.served[pattern.name] = Served("", "scan", "scan")
            if not pattern.whole:
                self.findings.append(Finding("unserved", pattern.name))
            return ""
        order = () if _only_paged(pattern) else self._order(pattern)
        columns = (*pattern.equal, *(column for column, _ in order))
        name = f"{self.entity.table}:by_{'_'.join(columns)}"
        name += f":{self._tagged(pattern.equal)}" if pattern.equal else ""
        cost: Cost = "page" if pattern.page_size else "range"
        if self._one_row(pattern):
            cost = "point"
        elif sorts_in_memory(pattern):
            cost = "sort"
        self._judge(pattern)
        self.served[pattern.name] = Served(name, "index", cost)
        return name

    def _near(self, pattern: Pattern, place: SoughtPlace) -> str:
        """Name the sorted set that holds places by the hash of each."""
        words = (*pattern.equal, self.entity.column(place.columns[0]).field)
        name = f"{self.entity.table}:by_{'_'.join(words)}"
        name += f":{self._tagged(pattern.equal)}" if pattern.equal else ""
        sorting = bool(pattern.sort)
        self.served[pattern.name] = Served(name, "index", "sort" if sorting else "range")
        if pattern.ranges:
            columns = (("columns", ", ".join(pattern.ranges)),)
            self.findings.append(Finding("filter-after-range", pattern.name, columns))
        if self.sizes.clustered and not pattern.equal:
            self.findings.append(Finding("place-on-one-shard", pattern.name, (("key", name),)))
        return name

    def _judge(self, pattern: Pattern) -> None:
        self.findings += range_findings(pattern, sorting=sorts_in_memory(pattern))
        if len({way for _, way in pattern.sort}) > 1:
            self.findings.append(Finding("mixed-sort-directions", pattern.name))

    def _order(self, pattern: Pattern) -> tuple[tuple[str, str], ...]:
        """What the members of a sorted set are ordered by; its members end in the key anyway.

        A set has no pages: what is read by pages without an order comes in that of its key.
        """
        asked = {*pattern.ranges[:1], *(column for column, _ in pattern.sort)}
        if _only_paged(pattern):
            return tuple((column, "asc") for column in self.entity.key)
        tail = useful_tail(self.entity, pattern)
        return tuple((column, way or "asc") for column, way in tail if column in asked)

    def _item(self, serves: tuple[str, ...]) -> KeyRow:
        values = [c.name for c in self.entity.columns if c.name not in self.entity.key]
        hashed = len(values) > 1
        pairs = " ".join(f"{name} <{name}>" for name in values)
        value = f"<{values[0]}>" if values else "1"
        payload = self._payload()
        kind = "hash_object_overhead_bytes" if hashed else "key_overhead_bytes"
        overhead = common.fact(self.backend, kind) or 0
        expiry = self.entity.expires_seconds
        ending = f" EX {expiry}" if expiry and not hashed else ""
        later = f"\nEXPIRE {self.key} {expiry}" if expiry and hashed else ""
        return KeyRow(
            entity=self.entity.name,
            name=self.key,
            kind="hash" if hashed else "string",
            partition=self.entity.key,
            order=(),
            serves=serves,
            ttl_seconds=expiry,
            item_bytes=None if payload is None else payload + overhead,
            write=f"HSET {self.key} {pairs}{later}"
            if hashed
            else f"SET {self.key} {value}{ending}",
            read=f"HGETALL {self.key}" if hashed else f"GET {self.key}",
        )

    def _row(self, name: str, pattern: Pattern) -> KeyRow:
        member = _places(self.entity.key)
        if (ranking := self._ranking(pattern)) is not None:
            word = "ZREVRANK" if ranking.sort[0][1] == "desc" else "ZRANK"
            return replace(self._row(name, ranking), read=f"{word} {name} {self._member(ranking)}")
        order = () if pattern.place else self._order(pattern)
        if pattern.place:
            kind = "sorted set"
            write, read = _geo(name, pattern, pattern.place, member)
        elif self._one_row(pattern):  # NX refuses a second holder of a unique value
            kind, write, read = "string", f"SET {name} {member} NX", f"GET {name}"
        elif not order:
            kind, write, read = "set", f"SADD {name} {member}", f"SMEMBERS {name}"
        else:
            kind = "sorted set"
            write, read = self._sorted(name, pattern, order)
        expiry = self.entity.expires_seconds
        if expiry:
            write += f"\nEXPIRE {name} {expiry}"
        return KeyRow(
            entity=self.entity.name,
            name=name,
            kind=kind,
            partition=pattern.equal,
            order=order,
            serves=(),
            ttl_seconds=expiry,
            write=write,
            read=read,
        )

    def _sorted(
        self, name: str, pattern: Pattern, order: tuple[tuple[str, str], ...]
    ) -> tuple[str, str]:
        """Commands of a sorted set: by score where one number orders it, else by its bytes.

        A score is a double, which holds whole numbers to 2^53 only; larger ones and texts are
        ordered as the beginning of the member.
        """
        column, way = order[0]
        scored = self._scored(order)
        low, high = ("-inf", "+inf") if scored else ("-", "+")
        if pattern.ranges[:1] == (column,):
            word = self._sortable(column)
            low = f"<from {word}>" if scored else f"[<from {word}>"
            high = f"<to {word}>" if scored else f"(<to {word}>;"  # `;` comes right after `:`
        words = "BYSCORE" if scored else "BYLEX"
        if way == "desc":
            low, high, words = high, low, f"{words} REV"
        limit = f" LIMIT 0 {pattern.page_size}" if pattern.page_size else ""
        read = f"ZRANGE {name} {low} {high} {words}{limit}"
        if scored and whole_in_index(self.entity, pattern, self.backend):
            read += " WITHSCORES"
        return f"ZADD {name} {f'<{column}>' if scored else 0} {self._member(pattern)}", read

    def _member(self, pattern: Pattern) -> str:
        """Return what a member is: the key of its entry, after what its bytes are ordered by."""
        order = self._order(pattern)
        if _only_paged(pattern) or self._scored(order):
            return _places(self.entity.key)
        return ":".join(f"<{self._sortable(c)}>" for c, _ in order) + f":{_places(self.entity.key)}"

    def _scored(self, order: tuple[tuple[str, str], ...]) -> bool:
        return len(order) == 1 and self.entity.column(order[0][0]).type.name in _SCORED

    def _sortable(self, column: str) -> str:
        kind = self.entity.column(column).type
        number = kind.family == "number" and kind.name not in _SCORED
        return f"padded {column}" if number else column


class _Memcached(_Layout):
    def _other(self, pattern: Pattern) -> str:
        if not pattern.equal or pattern.kind != "read":
            self.served[pattern.name] = Served("", "none", "scan")
            self.findings.append(Finding("unserved", pattern.name))
            return ""
        words = [*pattern.equal, *pattern.ranges]
        words += [f"{column}_{way}" for column, way in pattern.sort]
        name = f"{self.entity.table}:by_{'_'.join(words)}:{_places(pattern.equal)}"
        for column in pattern.ranges:
            name += f":<from {column}>:<to {column}>"
        if pattern.page_size:
            name += ":<page>"
        self.served[pattern.name] = Served(name, "index", "point")
        if not self._one_row(pattern):
            self.findings.append(Finding("cached-result", pattern.name, (("key", name),)))
        return name

    def _item(self, serves: tuple[str, ...]) -> KeyRow:
        self._check_length(self.entity.key)
        return self._stored(self.key, self.entity.key, serves)

    def _row(self, name: str, pattern: Pattern) -> KeyRow:
        self._check_length((*pattern.equal, *pattern.ranges))
        return self._stored(name, pattern.equal, ())

    def _stored(self, name: str, partition: tuple[str, ...], serves: tuple[str, ...]) -> KeyRow:
        expiry = self.entity.expires_seconds or 0
        return KeyRow(
            entity=self.entity.name,
            name=name,
            kind="string",
            partition=partition,
            order=(),
            serves=serves,
            ttl_seconds=self.entity.expires_seconds,
            item_bytes=self._payload(),
            write=f"set {name} 0 {self._expiry(expiry)} <bytes>",
            read=f"get {name}",
        )

    def _check_length(self, columns: tuple[str, ...]) -> None:
        limit = common.fact(self.backend, "key_bytes_max")
        if limit is None:
            return
        found = common.key_lengths(self.entity, columns, limit, spare=_PREFIX_BYTES)
        self.findings += [finding for finding in found if finding not in self.findings]

    def _expiry(self, seconds: int) -> str:
        """How an expiry is written: Memcached reads a long one as a moment since 1970."""
        longest = common.fact(self.backend, "ttl_seconds_relative_max")
        relative = longest is None or seconds <= longest
        return str(seconds) if relative else f"<now + {seconds}>"


def _places(columns: tuple[str, ...]) -> str:
    return ":".join(f"<{column}>" for column in columns)


def _at_once(write: str) -> list[str]:
    """The commands of a write; a crash between two of them would leave a key without an end."""
    commands = write.splitlines()
    return ["MULTI", *commands, "EXEC"] if len(commands) > 1 else commands


def _artifact(name: str, rows: tuple[KeyRow, ...]) -> Artifact:
    lines = [f"# {name}: key patterns; <column> stands for a value."]
    for row in rows:
        purpose = "; ".join(row.serves) or f"{row.entity} by key"
        lines += ["", f"# {row.kind}: {purpose}", *_at_once(row.write), row.read]
    return Artifact(f"{name}: key patterns", "text", "\n".join(lines) + "\n", "layout")
