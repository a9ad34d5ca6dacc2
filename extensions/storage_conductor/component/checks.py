"""By which checks of the template the draft of a store can be looked at."""

from __future__ import annotations

from ..catalog import rulebook
from .component import Component
from .store import Store


def flags(item: Store, component: Component) -> set[str]:
    """Return by which checks the draft of a store can be looked at; none without a draft."""
    design = component.design
    mine = (
        {e.entity for e in design.entities if e.store in ("", item.backend.key)} if design else ()
    )
    if design is None or not mine:
        return set()
    stores = rulebook.proofs().stores.items()
    found = {f"check-{check}" for check, keys in stores if item.backend.key in keys}
    kept = all(c.enforced_by == "store" for c in design.constraints if c.entity in mine)
    return found | {"rules-in-store"} if kept else found
