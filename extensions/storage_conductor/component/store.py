"""One store of a component as the specification shows it: the backend as it is run here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from ..catalog import loading
from ..catalog.backend import Backend, Hosting, StorageType
from ..catalog.facts import fact_text
from ..catalog.statements import BackupMechanism, Capability, Fact, LoadTest
from ..findings.features import in_use
from ..questions import hosting
from ..questions.answers import Answers
from ..questions.rules import OTHER
from ..sizing.formulas import GB, GIB
from ..sizing.workload import Workload

# The limits that decide the shape of a schema, layout or key; others appear where they bind.
_SHAPE = (
    "item_bytes_max",
    "item_bytes_recommended",
    "row_bytes_max",
    "blob_in_table_bytes_recommended",
    "columns_max",
    "indexes_max",
    "index_columns_max",
    "index_key_bytes_max",
    "key_bytes_max",
    "metadata_bytes_max",
    "identifier_bytes_max",
    "partition_bytes_max",
    "partition_bytes_recommended",
    "partition_cells_recommended",
    "single_put_bytes_max",
    "part_count_max",
    "transaction_items_max",
    "nested_depth_max",
    "name_bytes_max",
    "path_bytes_max",
)
_INTEGRITY = (
    "multi_item_transactions",
    "cross_partition_transactions",
    "foreign_keys",
    "unique_constraints",
    "check_constraints",
    "conditional_writes",
    "strong_reads",
    "secondary_index_strong_reads",
    "file_locks",
    "atomic_rename",
    "persistence",
)


class Store(NamedTuple):
    """A backend with the way it is run.

    Args:
        backend: The backend with the facts of that hosting.
        hosting: The variant that was chosen, else the first of the catalog.
        hosting_open: Whether a choice is still to be made.
    """

    backend: Backend
    hosting: Hosting
    hosting_open: bool = False

    @property
    def name(self) -> str:
        """Return the backend's name."""
        return self.backend.name

    @property
    def managed(self) -> bool:
        """Tell whether a service runs it."""
        return self.hosting.key != "self-managed"

    @property
    def serverless(self) -> bool:
        """Tell whether its users see no node: none to fail over, and no disk to fill."""
        by_family = self.backend.family in ("key_value", "wide_column")
        return self.managed and (by_family or self.nodeless)

    @property
    def nodeless(self) -> bool:
        """Tell whether the catalog says so of this way of running it: no node, and no session."""
        return self.backend.lacks("nodes")

    @property
    def versions(self) -> bool:
        """Tell whether it can keep the versions of an object that was overwritten or deleted."""
        capability = self.backend.capability("versioning")
        return capability is not None and capability.value != "no"

    @property
    def declares(self) -> bool:
        """Tell whether a schema draft for it states the types and rules of all fields."""
        return self.backend.family in ("relational", "document")

    @property
    def run_as(self) -> str:
        """Return how it is run, as it reads after its name."""
        return f"as {self.hosting.name}" if self.managed else "run by the team itself"

    @property
    def main_backup(self) -> BackupMechanism | None:
        """Return the mechanism that undoes an operator's mistake with the least loss."""
        fit = [found for found in self.backend.backup if "operator" in found.protects]
        return min(fit, key=_loss, default=None)

    @property
    def loadtest(self) -> LoadTest | None:
        """Return the usual load generator, if the catalog knows one."""
        return next(iter(self.backend.load_tests), None)

    @property
    def shape(self) -> tuple[Fact, ...]:
        """Return the limits that shape a schema, layout or key, the most telling first."""
        found = (self.backend.fact(key) for key in _SHAPE)
        return tuple(fact for fact in found if fact is not None)

    @property
    def guarantees(self) -> tuple[Capability, ...]:
        """Return what the backend can enforce by itself and what it cannot."""
        found = (self.backend.capability(key) for key in _INTEGRITY)
        return tuple(item for item in found if item is not None)

    @property
    def facts_command(self) -> str:
        """Return the command that prints everything that is known of it, with the sources."""
        told = "" if self.hosting_open else f" --hosting {self.hosting.key}"
        return f"storage-conductor facts {self.backend.key}{told}"

    def text(self, fact: Fact) -> str:
        """Return a fact's value with its unit as people read it."""
        return fact_text(fact)

    def cite(self, key: str, text: str = "") -> str:
        """Return a Markdown link to a source, under its key or a text of the catalog."""
        return f"[{text or key}]({self.backend.sources[key].url})"


def _loss(mechanism: BackupMechanism) -> float:
    return float("inf") if mechanism.rpo_minutes is None else mechanism.rpo_minutes


def stores(answers: Answers) -> tuple[Store, ...]:
    """Return the stores of a component in the order in which they were named."""
    names = answers.backends if answers.storage_type == "hybrid" else (answers.backend,)
    return tuple(_store(name, answers) for name in names)


def _store(name: str, answers: Answers) -> Store:
    heading = None if name == OTHER else loading.find(name)
    if heading is None:
        kind = "database" if answers.storage_type == "hybrid" else answers.storage_type
        backend = loading.unlisted(answers.other_backend or name, cast(StorageType, kind))
        return Store(backend, backend.hosting[0])
    backend = loading.load(heading.key)
    named = backend.hosting_named(hosting.of_store(answers.hosting, backend))
    variant = named or backend.hosting[0]
    is_open = named is None and len(backend.hosting) > 1
    used = backend.at(variant.key)
    return Store(used.using(in_use(answers, used)), variant, is_open)


def at_load(stores: Sequence[Store], load: Callable[[], Workload]) -> tuple[Store, ...]:
    """Return the stores with those of their facts that depend on a load as they are under it.

    A load of several stores together says nothing of one of them.

    Args:
        stores: The stores of a component.
        load: Returns its load, where it is needed.
    """
    if len(stores) > 1 or not any(fact.steps for each in stores for fact in each.backend.facts):
        return tuple(stores)
    (only,), known = stores, load()
    backend, volume = only.backend, known.volume_gb(12)
    if volume is not None:
        backend = backend.stepped("from_gib", volume * GB / GIB)
    if known.writes is not None:
        backend = backend.stepped("from_writes_per_second", known.writes)
    return (only._replace(backend=backend),)
