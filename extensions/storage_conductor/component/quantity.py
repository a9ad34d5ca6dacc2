"""A number that holds for a component, with the decision behind it."""

from __future__ import annotations

from typing import NamedTuple

_DECISIONS = "#decisions"


class Quantity(NamedTuple):
    """A number that holds for the component, and why.

    Args:
        value: In the unit that the objective's name says.
        stated: What was stated, if anything.
        decision: Key of the decision whose default it is; empty where it was stated as it is.
    """

    value: float
    stated: float | None = None
    decision: str = ""

    @property
    def link(self) -> str:
        """Return the decision for the specification, as ` ([D-key](#decisions))`, or nothing."""
        return decision_link(self.decision)


def decision_link(key: str) -> str:
    """Return a link to a decision as it stands in a sentence of the specification."""
    return f" ([{key}]({_DECISIONS}))" if key else ""
