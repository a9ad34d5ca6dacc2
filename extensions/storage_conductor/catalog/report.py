"""Which facts of the catalog to look up again: `python -m storage_conductor.catalog.report`."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConductorError
from . import loading
from .backend import Backend, Hosting
from .reading import CATALOG
from .statements import Citation, Fact, NodeClass

MAX_AGE_DAYS = 365


@dataclass(frozen=True)
class Listed:
    """A fact, or the price of a node class, with what is needed to look it up again.

    Attributes:
        owner: Key of the backend, with the key of the hosting variant where the fact is its own.
        fact: The fact or the node class.
        source: Where it was read.
    """

    owner: str
    fact: Fact | NodeClass
    source: Citation

    def __str__(self) -> str:
        """Format as one line: where it stands, what it says, when and where it was read."""
        if isinstance(self.fact, NodeClass):
            says = f"{self.fact.usd_per_hour} USD an hour"
        else:
            says = f"{self.fact.value}" + ("" if self.fact.unit == "text" else f" {self.fact.unit}")
        return (
            f"{self.owner}: {self.fact.key} = {says}"
            f" (checked {self.source.checked.isoformat()}, {self.source.url})"
        )


def listed(folder: Path = CATALOG) -> Iterator[Listed]:
    """Yield every fact and price of every backend and of its hosting variants.

    Raises:
        ConductorError: A file of the catalog is missing or breaks the schema.
    """
    for heading in loading.headings(folder):
        backend = loading.load(heading.key, folder)
        holders: list[tuple[str, Backend | Hosting]] = [(backend.key, backend)]
        holders += [(f"{backend.key} at {variant.key}", variant) for variant in backend.hosting]
        for owner, holder in holders:
            for fact in holder.facts:
                yield Listed(owner, fact, backend.sources[fact.source])
            for node in holder.node_classes:
                yield Listed(owner, node, backend.sources[node.source])


def report(today: dt.date, folder: Path = CATALOG) -> str:
    """List the facts checked more than 365 days before `today`, and those of low confidence."""
    facts = tuple(listed(folder))
    oldest = today - dt.timedelta(days=MAX_AGE_DAYS)
    old = [item for item in facts if item.source.checked < oldest]
    doubtful = [item for item in facts if item.fact.confidence == "low"]
    return "\n".join(
        [
            *_section(f"Checked more than a year before {today.isoformat()}", old),
            "",
            *_section("Of low confidence", doubtful),
            "",
        ]
    )


def _section(title: str, items: Sequence[Listed]) -> list[str]:
    return [f"{title}: {len(items)}", *(f"  {item}" for item in items)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; the exit status tells only whether the catalog could be read."""
    parser = argparse.ArgumentParser(
        prog="python -m storage_conductor.catalog.report",
        description="List the facts of the catalog that should be looked up again.",
    )
    parser.add_argument(
        "--today",
        type=dt.date.fromisoformat,
        default=None,
        metavar="YYYY-MM-DD",
        help="the day to count from (default: the day of the call)",
    )
    today: dt.date = parser.parse_args(arguments).today or dt.datetime.now(dt.UTC).date()
    try:
        sys.stdout.write(report(today))
    except ConductorError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
