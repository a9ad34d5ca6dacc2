"""`storage-conductor brief`: all there is to know before working on a track."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plumbum import colors

from . import FINE
from .command import Command, full_switch, json_switch, line, one_track, print_json, shown, wrapped

if TYPE_CHECKING:
    from storage_conductor.brief.decided import Choice
    from storage_conductor.brief.reading import Brief


class BriefCommand(Command):
    """Prints one reading of one track."""

    DESCRIPTION = "Prints what a track knows, what it assumes, and what is to be decided."
    DETAILS = """
What to read before working on a track: the answers and the project's documents that it rests on,
what is taken although nobody said it, which answers nobody gave, which use cases no access pattern
seems to serve, the open decisions with their options and the answers to revise for each, the next
task and the gate of its phase, and what checks have proven. In the JSON a decision with `ask`
changes the design, so that the user decides it before work begins. No text stands in it twice: the
first option of a decision is its default, which an assumption does not repeat, and product, rules
and code patterns of the documents are told by `context`; with --full nothing is left out. ID may be
left out in a track's folder.
"""
    EXAMPLES = ("storage-conductor brief storage-001", "storage-conductor brief storage-001 --json")
    USAGE = "    {progname} [--json [--full]] ID [PATH]\n"
    EXIT_CODES = "0 when the track was read, 2 when it cannot be."

    json = json_switch()
    full = full_switch()

    def main(self, *id_or_path: str) -> int:
        """Print the reading."""
        from storage_conductor.brief import reading

        project, storage_id = one_track(id_or_path)
        found = reading.read(project, storage_id)
        if self.json:
            data = found.to_data() if self.full else found.short()
            data["files"] = {name: shown(project, path) for name, path in found.files.items()}
            print_json(data)
        else:
            print("\n".join(_page(project, found)))
        return FINE


def _page(project: Path, found: Brief) -> Iterator[str]:
    standing = found.standing
    yield str(colors.bold | line(f"{standing['title']} ({standing['id']})"))
    yield from _shown(f"{standing['status']}, {standing['done']} of {standing['total']} done")
    yield from _shown(f"next: {standing['next_task'] or 'nothing'}")
    if found.gate:
        yield from _shown(f"gate: {found.gate}")
    yield from _shown(f"files: {', '.join(shown(project, p) for p in found.files.values())}")
    yield from _part("Known", (f"{name}: {_value(value)}" for name, value in found.known.items()))
    said = [f"{d['what']}: {d['value']} ({d['file']}:{d['line']})" for d in found.documents]
    if found.outdated:
        said.append(
            "(changed since the track was updated; `storage-conductor refresh` brings it in)"
        )
    yield from _part("The project's documents say", said)
    assumed = (
        f"{item.answer or item.decision}: {_value(item.value)} ({item.because or item.decision})"
        for item in found.assumed
    )
    yield from _part("Assumed", assumed)
    yield from _part("Not stated", [", ".join(found.unknown)] if found.unknown else [])
    unserved = (
        f"{name}{f' (nearest: {nearest[0]})' if nearest else ''}"
        for name, nearest in found.unserved.items()
    )
    yield from _part("Use cases that no access pattern seems to serve", unserved)
    blocks = (
        f"{item.key}: {item.name} on {item.store} ({item.because or 'chosen'})"
        for item in found.blocks
    )
    yield from _part("Building blocks", blocks)
    proofs = (
        f"{item.key}: {item.proof} ({', '.join(item.checks) or item.by})" for item in found.proofs
    )
    yield from _part("Proven by checks, or to be", proofs)
    yield f"\n{colors.bold | f'Open decisions: {len(found.open)}'}"
    for choice in found.open:
        yield from _choice(choice)


def _choice(choice: Choice) -> Iterator[str]:
    due = f", before phase {choice.before_phase}" if choice.before_phase else ""
    asked = ", changes the design" if choice.ask else ""
    yield f"  {colors.yellow | line(choice.key)}: {line(choice.decides)}{due}{asked}"
    yield from _shown(choice.what, "    ")
    for option in choice.options:
        yield from _shown(f"- {option.choose} {option.then}", "    ")


def _part(title: str, texts: Iterable[str]) -> Iterator[str]:
    listed = list(texts)
    if listed:
        yield f"\n{colors.bold | title}"
        for text in listed:
            yield from _shown(text)


def _shown(text: str, indent: str = "  ") -> list[str]:
    return wrapped(line(text), indent)


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
