"""`storage-conductor facts`: what the catalog knows of a backend."""

from __future__ import annotations

from collections.abc import Iterator

from plumbum import cli, colors

from storage_conductor.catalog import facts

from . import FINE
from .command import Command, json_switch, print_json, wrapped


class FactsCommand(Command):
    """Prints everything that is known of a backend, as it is run, with the sources."""

    DESCRIPTION = "Prints what is known of a backend, as it is run, each statement with its source."
    DETAILS = """
A specification holds the facts that something said rests on; all the others are here. TOPIC is one
of limits, node-classes, guarantees, latency, durability, consistency, indexes, changes,
migration-tools, backup, load-tests, signals, security and hosting; without it all is printed.
"""
    EXAMPLES = (
        "storage-conductor facts postgresql backup --hosting amazon-rds",
        "storage-conductor facts redis --json > redis.json",
    )
    USAGE = "    {progname} [--hosting HOSTING] [--json] BACKEND [TOPIC]\n"
    EXIT_CODES = "0 when the facts were printed, 2 when there is no such backend, hosting or topic."

    hosting = cli.SwitchAttr(
        ["--hosting"],
        argname="HOSTING",
        default="",
        help="How the backend is run, by key or name; without it, the first way of the catalog",
    )
    json = json_switch()

    def main(self, backend: str, topic: str = "") -> int:
        """Print what is known."""
        found = facts.known(backend, topic, self.hosting)
        if self.json:
            print_json(found.to_data())
        else:
            print("\n".join(_lines(found)))
        return FINE


def _lines(found: facts.KnownFacts) -> Iterator[str]:
    yield colors.bold | f"{found.backend.name}, {found.hosting.name}"
    others = [item.key for item in found.backend.hosting if item.key != found.hosting.key]
    if others:
        yield from wrapped(f"Other hostings: {', '.join(others)}", whole=True)
    for topic, items in found.topics.items():
        yield ""
        yield colors.bold | topic
        for item in items:
            yield ""
            yield from wrapped(item.title, whole=True)
            for name, text in item.says.items():
                line = f"{name.replace('_', ' ')}: {text}"
                yield from (
                    [f"    {line}"] if name in facts.COMMANDS else wrapped(line, "    ", whole=True)
                )
            source = item.source
            yield f"    source: {source.title}, as of {source.dated}, checked {source.checked}"
            yield f"    {source.url}"
    if not found.topics:
        yield ""
        yield "Nothing is known on this."
