"""What Copier meets: the questionnaire's functions, the templates' globals, the hooks' steps.

Here alone it is known that Copier exists; everything that decides lies in the rooms below. The
entry point, `extensions/entry.py`, loads this room and calls `register`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .hooks import Hooks
from .plain import plain

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["Hooks", "register"]


@plain
def register(environment: Environment, hooks: Hooks) -> None:
    """Offer the functions and filters of this version to an environment of Copier.

    Args:
        environment: The environment.
        hooks: The functions of the template's folder `hooks`.
    """
    from . import registration

    registration.register(environment, hooks)
