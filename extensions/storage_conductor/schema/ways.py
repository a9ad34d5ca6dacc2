"""Ways to lay out what a store holds that were compared, as plain data for templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

Word = Literal[
    "added at read", "counter", "split counter", "recomputed", "deleted in batches", "partitions"
]
"""What `_layout` takes in a SQL store, in the order from the fewest parts to the most."""

KeyChoice = Literal["own key", "parent key"]
Copies = Literal["whole items", "read fields", "keys only"]
"""What it takes in DynamoDB: what the table is found by, and what its indexes hold."""

SUMMED: tuple[Word, ...] = ("added at read", "counter", "split counter", "recomputed")
EXPIRED: tuple[Word, ...] = ("deleted in batches", "partitions")

Bucketing = Literal["one partition", "by year", "by month", "by day", "by hour", "by hash"]
"""What it takes in Cassandra: what parts the rows of one partition, from none to the most parts."""

Unit = Literal["day", "month"]
"""How long the span of a partition is."""

WayVerdict = Literal[
    "chosen", "said", "dearer", "waits", "stale", "needless", "open", "loses", "ruled"
]
"""Why a way is taken or not: by the rule or by a person. Beside those it touches more rows; its row
is locked too long; it is older than asked for; nothing is gained, or it is not known what; it loses
a rule of the model; or the rule takes it and a person did not."""


_Other = TypeVar("_Other", bound=str)


def verdict(
    word: str, ruled: str, said: str | None, otherwise: _Other
) -> _Other | Literal["chosen", "said", "ruled"]:
    """Return why one of several ways is taken or not.

    Args:
        word: The way.
        ruled: The way that the rule takes.
        said: The way that a person chose, if one did.
        otherwise: Why neither of them takes it.
    """
    if word == (said or ruled):
        return "said" if said else "chosen"
    return "ruled" if word == ruled else otherwise


class SumWay(NamedTuple):
    """One way to answer what is counted or added up, and what the stated load costs in it.

    Args:
        word: The way.
        slots: Rows over which one counter is spread; 1 for one.
        read: Rows read a second, or None where nobody stated what they follow from.
        written: Rows written a second beside the entries themselves, likewise.
        locked: Share of the time for which the row is locked if all writes meet on it.
        age_seconds: How old an answer may be.
        verdict: Why it is taken or not.
    """

    word: Word
    slots: int
    read: float | None
    written: float | None
    locked: float | None
    age_seconds: float
    verdict: WayVerdict


@dataclass(frozen=True)
class SumChoice:
    """The ways to answer one pattern, the chosen one first.

    Args:
        pattern: Its name.
        group_rows: Entries that one answer is about on average, or None.
        peak: Changes a second in the busiest minute that alter an answer, or None.
        hold_ms: How long a counter is locked in one transaction.
        asked: What its name was read to ask, such as `average stars`; empty where that was given.
    """

    entity: str
    pattern: str
    rows: tuple[SumWay, ...]
    group_rows: float | None
    peak: float | None
    hold_ms: float
    asked: str = ""


@dataclass(frozen=True)
class Partition:
    """Spans of time that a table is made of, so that a whole one goes at once.

    Args:
        column: Stored name of the time that decides where a row lies.
        unit: How long a span is.
        count: Spans that are there at once: those of a lifetime, and one at each end.
        key: The key as it was given; the draft's holds the time too.
    """

    column: str
    unit: Unit
    count: int
    key: tuple[str, ...] = ()


class ExpiryWay(NamedTuple):
    """One way in which rows go when their time is over, and what it costs.

    Args:
        word: The way.
        deleted: Rows deleted a second.
        entries: Index entries that go with them a second.
        looked: Look-ups a second that reads need beside one each, or None where a rate is missing.
        lost: Rules of the model that the store does not keep in it, as fields and entities.
        verdict: Why it is taken or not.
    """

    word: Word
    deleted: float
    entries: float
    looked: float | None
    lost: tuple[str, ...]
    verdict: WayVerdict


@dataclass(frozen=True)
class ExpiryChoice:
    """The ways in which rows of an entity go, the chosen one first.

    Args:
        seconds: How long a row is kept.
        rows: Rows when as many go as come.
        gb: Their bytes in GB with all indexes, or None where they are not known.
        partition: The spans of the way with partitions.
    """

    entity: str
    seconds: float
    ways: tuple[ExpiryWay, ...]
    rows: float
    gb: float | None
    partition: Partition


@dataclass(frozen=True)
class Bucket:
    """A column that a partition key gets, so that no partition grows without an end.

    Args:
        word: What it parts the rows by.
        column: Its stored name.
        source: The time that it follows from; empty for a hash of the rest of the key.
        count: Partitions that rows of one partition lie in by a hash; 0 for those of a time.
    """

    word: Bucketing
    column: str
    source: str
    count: int = 0


BucketVerdict = Literal["chosen", "said", "large", "more", "ruled"]
"""Why a bucket is taken or not: by the rule or by a person. Beside those a partition becomes too
large; more partitions are read; or the rule takes it and a person did not."""


class BucketWay(NamedTuple):
    """One way to part the rows of a table, and how large a partition becomes in it.

    Args:
        word: The way.
        rows: Rows of a partition on average when it is fullest.
        size: Their bytes.
        cells: Their values.
        parts: Partitions over which the rows of one group lie.
        verdict: Why it is taken or not.
    """

    word: Bucketing
    rows: float
    size: float
    cells: float
    parts: float
    verdict: BucketVerdict


@dataclass(frozen=True)
class BucketChoice:
    """The ways to part the rows of one table of Cassandra, the chosen one first.

    Args:
        table: Its stored name.
        group: The columns that a partition is found by without a bucket.
        words: What a person may choose.
        ways: What was compared; empty where nobody stated how many rows come.
        bucket: The column that is added, if any.
        most_bytes: Bytes of a partition that are advised at the most, or None.
        most_cells: Values of a partition that are advised at the most, or None.
    """

    entity: str
    table: str
    group: tuple[str, ...]
    words: tuple[Bucketing, ...]
    ways: tuple[BucketWay, ...]
    bucket: Bucket | None
    most_bytes: int | None
    most_cells: int | None


EMBEDDED: Literal["embedded"] = "embedded"
Embedded = Literal["embedded", "referred"]
"""What `_layout` takes in MongoDB: in an array of the document that it belongs to, or alone."""

EmbedVerdict = Literal["chosen", "said", "dearer", "unbounded", "large", "ruled"]
"""Why a way is taken or not: by the rule or by a person. Beside those it touches more blocks; its
array grows without an end; the document becomes too large; or the rule takes it, and a person did
not."""


class EmbedWay(NamedTuple):
    """One way to store an entity that belongs to another.

    Args:
        word: The way.
        size: Bytes of a document on average.
        blocks: Blocks of storage read and written a second.
        verdict: Why it is taken or not.
    """

    word: Embedded
    size: float
    blocks: float
    verdict: EmbedVerdict


@dataclass(frozen=True)
class EmbedChoice:
    """Both ways to store an entity of MongoDB, the chosen one first.

    Args:
        parent: The entity that it belongs to.
        number: How many belong to one on average.
        most: How many fit into one document.
    """

    entity: str
    parent: str
    number: float
    ways: tuple[EmbedWay, ...]
    most: int


Spread = Literal["by hash", "by day"]
"""What `_layout` takes in a file system: what the directories below an entity's stand for."""

SpreadVerdict = Literal["chosen", "said", "dearer", "ruled"]
"""Why directories are laid out so or not: by the rule or by a person. Beside those more names are
looked at; or the rule takes it and a person did not."""


class SpreadWay(NamedTuple):
    """One way to spread files over directories.

    Args:
        word: The way.
        cleaned: Files that a clean-up looks at a day.
        listed: Directories that lists of the stated patterns open a day, or None where a rate is
            missing.
        verdict: Why it is taken or not.
    """

    word: Spread
    cleaned: float
    listed: float | None
    verdict: SpreadVerdict


@dataclass(frozen=True)
class SpreadChoice:
    """Both ways to spread the files of an entity that go in time, the chosen one first.

    Args:
        column: Stored name of the time that a day's directory stands for.
        seconds: How long a file is kept.
    """

    entity: str
    column: str
    seconds: float
    ways: tuple[SpreadWay, ...]
