"""What a person left open between several: their facts side by side, and what follows from them.

Each option is looked at as if it had been chosen, by the same rules. Where a cell is not known, and
where the facts are equal, there is no verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..catalog import loading
from ..findings import features
from ..questions import hosting, several
from . import relevance
from .component import Component

Cell = tuple[str, ...] | None

CRITERIA = ("unreachable", "unkept", "lost", "risks")
"""What is compared, in the order in which it decides: stated targets out of reach, guarantees that
are needed and not kept whole, failures after which too much is lost, risks that others lack."""


class OpenChoice(NamedTuple):
    """An answer that is open between options.

    Args:
        answer: One of `several.OPEN_ANSWERS`.
        options: What it is open between; the texts are written for the first.
        cells: For each of `CRITERIA` the keys of what counts against each option; None where
            nothing is known. Empty where facts tell nothing of such options.
        found: Whether it was found in a text, where another decision tells it.
    """

    answer: str
    options: tuple[str, ...]
    cells: dict[str, tuple[Cell, ...]]
    found: bool = False

    @property
    def decision(self) -> str:
        """Return the key of the decision that it makes."""
        return f"D-alternatives-{self.answer}"

    @property
    def verdict(self) -> str:
        """Return the option with least against it, or an empty text."""
        if self.unknown or not self.cells:
            return ""
        counted = [
            tuple(len(cells[at] or ()) for cells in self.cells.values())
            for at in range(len(self.options))
        ]
        least = min(counted)
        return self.options[counted.index(least)] if counted.count(least) == 1 else ""

    @property
    def unknown(self) -> bool:
        """Tell whether something is not known of an option."""
        return any(cell is None for cells in self.cells.values() for cell in cells)


def choices(component: Component) -> tuple[OpenChoice, ...]:
    """Return what is open in the answers of a component."""
    stated = {name: component.stated.options(name) for name in several.OPEN_ANSWERS}
    is_open = {name: options for name, options in stated.items() if len(options) > 1}
    made = [OpenChoice(name, each, _cells(component, name, each)) for name, each in is_open.items()]
    return tuple(made if "backend" in is_open else [*_told(component), *made])


def _told(component: Component) -> Iterator[OpenChoice]:
    """Yield the choice between backends that a text tells of, the chosen one among them."""
    chosen = component.stated.backend
    for mention in component.mentions:
        if chosen in mention.options:
            options = tuple(dict.fromkeys((chosen, *mention.options)))
            yield OpenChoice("backend", options, _cells(component, "backend", options), found=True)


def _cells(component: Component, name: str, options: Sequence[str]) -> dict[str, tuple[Cell, ...]]:
    if name == "topology":
        return {}
    looked_at = [_as_if(component, name, option) for option in options]
    risks = [set(_keys(each, "risk")) for each in looked_at if each is not None]
    shared = set.intersection(*risks) if risks else set()
    cells = [None if each is None else _against(each, component, shared) for each in looked_at]
    return {
        criterion: tuple(None if cell is None else cell[criterion] for cell in cells)
        for criterion in CRITERIA
    }


def _as_if(component: Component, name: str, option: str) -> Component | None:
    """Return the component as if an option were chosen; None if the catalog does not know it."""
    stated = component.stated
    if name == "backend":
        heading = loading.find(option)
        if heading is None or component.hybrid:
            return None
        hosted = hosting.of_store(stated.hosting, loading.load(heading.key))
        stated = stated._replace(
            backend=heading.name,
            storage_type=heading.storage_type,
            hosting=hosted,
        )
    else:
        backends = component.backends
        if not any(hosting.of_store(option, backend) for backend in backends):
            return None
        stated = stated._replace(hosting=option)
    return component.as_stated(stated)


def _keys(component: Component, *severities: str) -> Iterator[str]:
    """Yield the keys of decisions that findings about the stores themselves raise.

    What the project's documents say is against no store.
    """
    for finding, _ in component.findings:
        if finding.severity in severities and not finding.rule.startswith("standard-"):
            yield finding.decision


def _against(option: Component, component: Component, shared: set[str]) -> dict[str, Cell]:
    """Return what counts against an option, by criterion."""
    rows = option.recovery
    return {
        "unreachable": tuple(_keys(option, "contradiction", "infeasible")),
        "unkept": tuple(
            dict.fromkeys(
                guarantee.key
                for item in option.stores
                for guarantee in relevance.relevant(
                    item, option.stated, component.design, rows
                ).guarantees
                if guarantee.value != "yes"
            )
        ),
        "lost": tuple(
            dict.fromkeys(row.failure for row in rows if row.verdict in ("missed", "none"))
        )
        if rows and not _source_unknown(option, component)
        else None,
        "risks": tuple(key for key in _keys(option, "risk") if key not in shared),
    }


def _source_unknown(option: Component, component: Component) -> bool:
    """Tell whether an option would be a cache of which nobody said that a source fills it again.

    A cache that is asked for as one is taken to have a source; a database that becomes one is not.
    """
    stated = component.stated
    becomes = option.stated.storage_type == "cache" != stated.storage_type
    return becomes and not (stated.depends_on or features.said(stated, "sourced"))
