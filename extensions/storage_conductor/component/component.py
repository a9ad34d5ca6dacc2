"""A storage component: what follows from its answers, its documents' demands and the catalog."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..catalog.backend import Backend
from ..findings import (
    Demands,
    FeasibilityFinding,
    FindingWords,
    RecoveryRow,
    describe,
    evaluate,
    features,
    recovery_matrix,
)
from ..findings.coverage import Coverage, coverage_of, searching
from ..findings.measures import Measure, privacy
from ..findings.model import FeasibilityCase
from ..findings.write_order import WriteOrder, write_order
from ..questions.answers import Answers
from ..questions.mentions import Mention
from ..schema.durations import stated_days
from ..sizing import Estimate, KeptDays, block_load, sharded, size
from ..sizing.cost import CostCase, MonthlyCost
from ..sizing.cost_stores import monthly_cost
from ..sizing.entities import ComesTo, comes_to, counted_gb, of_each, steady_state
from ..sizing.formulas import MINUTES_PER_MONTH, downtime_minutes
from ..sizing.growth import with_growth
from ..sizing.keyspace import outgrows, replica_sets
from ..sizing.workload import Workload
from ..units import listed, number
from ..wording import inline
from . import operations
from .billed import PaidFor, cost_cases
from .building_blocks import OTHER_BLOCKS, DraftPlaces, Guarded, PlannedBlock, planned_blocks
from .in_force import in_force
from .lifespans import fresh_seconds, kept_seconds
from .objectives import Objectives
from .operations import PlannedOperation
from .quantity import decision_link
from .recovery_table import RecoveryLine, recovery_lines
from .relevance import Relevant, relevant
from .store import Store, at_load
from .store import stores as stores_of

if TYPE_CHECKING:
    from ..schema.common import Sizes
    from ..schema.model import DataModel
    from ..schema.result import Design
    from ..sizing.blocks import BlockCall
    from .proposals import ProposedModel

# How old an answer may be, and for how long its copy may live, in a finding about both.
_LIFE = ("bound_minutes", "life_minutes")
# The answers about load and recovery that a specification names when nobody gave them.
_REQUIRED_OF = (
    "latency_p99_ms",
    "reads_per_second",
    "writes_per_second",
    "initial_data_gb",
    "growth_gb_per_month",
    "availability_percent",
    "rpo_minutes",
    "rto_minutes",
    "retention",
    "sensitive_data",
)


def _folded(steps: Sequence[Estimate]) -> Estimate:
    """Make one estimate of the volume at several horizons, with the arithmetic of the last."""
    last = steps[-1]
    when = listed(
        [e.label.removeprefix("Volume after ").removesuffix(" months") for e in steps[:-1]]
    )
    label = f"Volume after {when} months; after" if when else "Volume after"
    label = last.label.replace("Volume after", label, 1)
    return last._replace(label=label, shown="; ".join(e.shown for e in steps))


@dataclass(frozen=True)
class Component:
    """The component that a track builds.

    Args:
        stated: What a person said.
        stores: The backends, as they are run here.
        mentions: What the answers say of those that were not given; what is beyond doubt is stated.
        demands: What the project's documents demand of every component.
        unheard: What was decided of keys that are no decision here.
    """

    stated: Answers
    stores: tuple[Store, ...]
    demands: Demands
    mentions: tuple[Mention, ...] = ()
    unheard: Mapping[str, str] = field(default_factory=dict)

    @functools.cached_property
    def objectives(self) -> Objectives:
        """Return the objectives that hold, each with the decision behind it."""
        found = [finding for finding, _ in self.findings]
        fresh = operations.freshest(self.operations)
        return Objectives(
            self.stated, self.stores, self.demands, found, self.recovery, self.taken, fresh
        )

    @property
    def answers(self) -> Answers:
        """Return the answers with the numbers that hold by default until someone decides."""
        return self.objectives.answers

    @property
    def hybrid(self) -> bool:
        """Tell whether several stores work together."""
        return self.stated.storage_type == "hybrid"

    @property
    def backend_text(self) -> str:
        """Return the names of the stores, joined as in metadata and registry."""
        return " + ".join(item.name for item in self.stores)

    @functools.cached_property
    def backends(self) -> tuple[Backend, ...]:
        """Return the backends with the facts of their hosting."""
        return tuple(item.backend for item in self.stores)

    @property
    def families(self) -> frozenset[str]:
        """Return the families of the stores."""
        return frozenset(backend.family for backend in self.backends)

    @property
    def migrates(self) -> bool:
        """Tell whether a store of the component has a schema that migrations change."""
        return any(backend.storage_type == "database" for backend in self.backends)

    @property
    def unlisted(self) -> list[str]:
        """Return the names of the stores that the catalog knows nothing about."""
        return [backend.name for backend in self.backends if backend.family == "unknown"]

    @functools.cached_property
    def model(self) -> DataModel | None:
        """Return the entities and access patterns, if they were given."""
        if not self.stated.entities and not self.stated.access_patterns:
            return None
        from ..schema.expiry import partitioned
        from ..schema.notes import beside_files, noted, owning
        from ..schema.parse import parse_model
        from ..schema.placed import placed
        from ..schema.retentions import told_by_name
        from ..schema.stored import measured
        from ..schema.summaries import summarised
        from ..schema.words_inside import searched

        model = parse_model(self.stated.entities, list(self.stated.access_patterns))
        if model is None:
            return None
        model = searched(model, searching(self.stated, model))
        model = told_by_name(model, self.stated.retention)
        model = beside_files(model, self.backends)
        model = with_growth(model, self.stated, owning(model, self.backends))
        model = noted(model, self.backends, self.stated.depends_on)
        model = placed(model, self.backends)
        model = summarised(model, self.backends, self.sizes)
        retained = kept_seconds(self.stated, model, self.backends, by_spans=True)
        model = partitioned(model, self.backends, self.sizes, retained)
        model = model.kept_for(kept_seconds(self.stated, model, self.backends))
        return measured(model, self.backends, self.sizes)

    @functools.cached_property
    def design(self) -> Design | None:
        """Return the schema that follows from the model, if there is one."""
        return self._designed(clustered=True) if self.spread else self._draft

    @functools.cached_property
    def _draft(self) -> Design | None:
        """Return the schema for a store whose data lies on one node."""
        return self._designed(clustered=False)

    def _designed(self, *, clustered: bool) -> Design | None:
        if self.model is None:
            return None
        from ..schema.design import design

        late = {
            str(item.backend): tuple(float(item.values[name]) * 60 for name in _LIFE)
            for item, _ in self.findings
            if item.rule == "stale-beyond-bound"
        }
        bounds = fresh_seconds(self.model, self.backends, late)
        sizes = replace(self.sizes, clustered=clustered, shards=self.shards)
        return design(self.model.bounded(bounds), self.backends, sizes)

    @functools.cached_property
    def spread(self) -> bool:
        """Tell whether the data lies on several nodes: as said, or as rate or volume need it."""
        asked = any(features.said(self.stated, name) for name in ("cluster", "sharding"))
        busy = any(finding.rule == "node-rate" for finding, _ in self.findings)
        if asked or busy or any(outgrows(item, self.load) for item in self.backends):
            return True
        caches = [item for item in self.backends if item.family == "cache"]
        draft = self._draft if caches else None
        return draft is not None and sharded(self.load, self.backends, draft)

    @property
    def shards(self) -> int:
        """Return how many replica sets hold documents: as the volume needs, and two where said."""
        stores = [item for item in self.backends if item.family == "document"]
        needed = max((replica_sets(item, self.load) for item in stores), default=0)
        return max(needed, 2) if stores and features.said(self.stated, "sharding") else needed

    @property
    def sizes(self) -> Sizes:
        """Return what is known of items beside the model."""
        from ..schema.common import Sizes

        a = self.stated
        return Sizes(
            a.average_item_bytes,
            a.largest_item_bytes,
            a.peak_factor,
            a.consistency,
            kept_days=self._version_days,
        )

    @property
    def _version_days(self) -> float:
        """Return how long versions stay: of backups in stages the first hold all changes."""
        kept = self.demands.backup_retention_days
        if kept is None:
            return self.stated.backup_days
        return min(stated_days(kept.text), default=kept.value)

    @functools.cached_property
    def proposed(self) -> ProposedModel | None:
        """Return the model that the use cases speak of, where none was given."""
        if self.model is not None or not self.stated.use_cases:
            return None
        from .proposals import proposed_model

        return proposed_model(self.stated.use_cases, self.stated.storage_type)

    @functools.cached_property
    def operations(self) -> tuple[PlannedOperation, ...]:
        """Return the operations that keep something, have a time of their own, or are jobs."""
        if self.model is None or self.design is None or not self.model.patterns:
            return ()
        return operations.planned(self.model, self.design, self.stores, self.stated)

    @functools.cached_property
    def blocks(self) -> tuple[PlannedBlock, ...]:
        """Return the building blocks that were chosen, or that the answers speak of."""
        owners = dict(self.design.stores) if self.design else {}
        entities = self.model.entities if self.model else ()
        known = self.stated.entities
        drafted = [item.name.casefold() for item in entities if item.name not in known]
        found = [row for row in (self.design.keys if self.design else ()) if row.kind == "table"]
        keys = {row.entity: (row.partition, tuple(name for name, _ in row.order)) for row in found}
        return planned_blocks(
            self.stated, self.stores, DraftPlaces(owners, keys), drafted, self._guarded
        )

    @property
    def _guarded(self) -> Guarded:
        """Return what operations keep by guards of their own."""
        patterns = self.model.patterns if self.model else ()
        found = {item.name: item.entity for item in patterns if item.operation.guarded}
        served = [it.use_case for it in self.coverage if not found.keys().isdisjoint(it.operations)]
        return Guarded(served, set(found.values()))

    @property
    def other_blocks(self) -> str:
        """Return the heading of the building blocks that stand in one line."""
        return OTHER_BLOCKS

    @functools.cached_property
    def write_order(self) -> WriteOrder | None:
        """Return in which order its stores are written; None where there is one."""
        case = FeasibilityCase(self.stated, self.backends)
        return write_order(self.backends, case.keepers, self.model)

    @functools.cached_property
    def coverage(self) -> tuple[Coverage, ...]:
        """Return what serves each use case, where there are operations to compare them with."""
        if self.model is None or not self.model.patterns:
            return ()
        return coverage_of(self.stated, self.model)

    @functools.cached_property
    def raised(self) -> tuple[tuple[FeasibilityFinding, FindingWords], ...]:
        """Return what contradicts, exceeds a limit, is risky or missing, with its words."""
        found = evaluate(
            self.stated, self.backends, self.demands, model=self.model, open_names=self.open_names
        )
        return tuple((finding, describe(finding, self.stated)) for finding in found)

    @functools.cached_property
    def findings(self) -> tuple[tuple[FeasibilityFinding, FindingWords], ...]:
        """Return what was found and is not decided otherwise: its default holds, or a number."""
        if not self.stated.decisions:
            return self.raised
        found = in_force([finding for finding, _ in self.raised], self.stated)
        return tuple((finding, describe(finding, self.stated)) for finding in found)

    @property
    def judged(self) -> list[tuple[FeasibilityFinding, FindingWords]]:
        """Return everything that was found, with the words that hold by what was decided."""
        held = {finding.decision: (finding, words) for finding, words in self.findings}
        return [held.get(finding.decision, (finding, words)) for finding, words in self.raised]

    @functools.cached_property
    def load(self) -> Workload:
        """Return rates and volumes."""
        return Workload(self.stated, self.model)

    def at_its_load(self) -> Component:
        """Return it with what its store does under the load that answers and entities tell."""
        stores = at_load(self.stores, lambda: self.load)
        return self if stores == self.stores else replace(self, stores=stores)

    def as_stated(self, stated: Answers) -> Component:
        """Return the component as it is with other answers, its stores among them."""
        return replace(self, stated=stated, stores=stores_of(stated)).at_its_load()

    @property
    def small(self) -> bool:
        """Tell whether the stated load is too low to be carried for a while: below one a second."""
        return self.load.peak_total is not None and self.load.peak_total < 1

    @functools.cached_property
    def sized_load(self) -> Workload:
        """Return rates and volumes with what was decided of them."""
        return Workload(self.objectives.sized, self.model)

    @functools.cached_property
    def estimates(self) -> tuple[Estimate, ...]:
        """Return what can be computed from the answers."""
        sized, kept = self.objectives.sized, self.demands.backup_retention_days
        days = KeptDays(kept and kept.value, self._version_days)
        return (
            *size(sized, self.backends, self.model, self._loaded, days),
            *block_load(sized, self.model, self._calls),
        )

    @functools.cached_property
    def _calls(self) -> list[BlockCall]:
        """Return what calls of the blocks cost.

        Without a rate nothing is computed of them, whose statements take long to write.
        """
        rated = self.stated.access_patterns or self.sized_load.peak_writes is not None
        return [call for item in self.blocks for call in item.calls] if rated else []

    @functools.cached_property
    def _loaded(self) -> Design | None:
        """Return the design with what blocks add to the units of its patterns."""
        calls = [call for call in self._calls if call.own]
        if self.design is None or self.model is None or not calls:
            return self.design
        from .block_units import units_with_blocks

        added = units_with_blocks(self.design.units, self.model.patterns, calls)
        return replace(self.design, units=tuple(added))

    @functools.cached_property
    def cases(self) -> tuple[CostCase, ...]:
        """Return each store with the load that is its own, and what of it runs."""
        copied = {
            row.backend
            for row in self.recovery
            if row.failure == "region"
            and row.verdict != "open"  # nobody said what a region's loss may cost
            and "replication" in row.mechanism.casefold()
        }
        running = {
            item.name: PaidFor(
                2 if self.objectives.seconds(item) - {"region"} else 1, item.name in copied
            )
            for item in self.stores
        }
        cases = cost_cases(self.sized_load, self.stores, self._loaded, self.estimates, running)
        return tuple(cases)

    @functools.cached_property
    def costs(self) -> tuple[MonthlyCost, ...]:
        """Return what each store costs in a month, where the catalog has its list prices."""
        return tuple(cost for cost in map(monthly_cost, self.cases) if cost is not None)

    @property
    def estimate_rows(self) -> list[Estimate]:
        """Return the estimates as rows: the volume at all its horizons is one.

        The downtime stands among the performance requirements; a rate is asked for what is late.
        """
        steps = [e for e in self.estimates if e.key.startswith("volume-")]
        first = steps[0] if steps else None
        # A restore that is in time asks for no other throughput.
        late = any(item.rule == "restore-time" for item, _ in self.findings)
        told = {"downtime", *(() if late else ("restore-rate",))}
        rest = [e for e in self.estimates if e is first or e not in steps if e.key not in told]
        return [_folded(steps) if e is first else e for e in rest]

    @property
    def sized_by(self) -> tuple[list[str], list[str]]:
        """Return which numbers of load and volume were said, if of one thing, and which not."""
        a, load, model = self.stated, self.load, self.model
        patterns, entities = (model.patterns, model.entities) if model else ((), ())
        rated = [p for p in patterns if p.per_second is not None or p.peak is not None]
        facts = [entity.facts for entity in entities]
        told = {
            "rates": load.peak_total is not None
            or bool(rated or a.throughput_mb_per_second or a.metadata_operations_per_second)
            or "reads_per_second" in self.open_names,
            "sizes": bool(a.average_item_bytes or a.largest_item_bytes)
            or any(f.item_bytes for f in facts),
            "the volume": load.initial_gb is not None
            or bool(a.item_count)
            or any(f.count for f in facts),
            "the growth": load.growth_gb is not None or any(f.growth for f in facts),
        }
        return [n for n, held in told.items() if held], [n for n, held in told.items() if not held]

    @property
    def downtime_minutes(self) -> float:
        """Return the minutes a month that the availability leaves without service."""
        return downtime_minutes(self.answers.availability_percent or 100, MINUTES_PER_MONTH)

    @functools.cached_property
    def recovery(self) -> tuple[RecoveryRow, ...]:
        """Return what brings the data back, by class of failure."""
        return recovery_matrix(self.stated, self.backends, self.demands)

    @property
    def recovery_lines(self) -> tuple[RecoveryLine, ...]:
        """Return what brings the data back, failures that are mended alike together."""
        return recovery_lines(self.recovery, self.objectives)

    @property
    def rebuilt(self) -> list[str]:
        """Return the names of the stores whose content is rebuilt from elsewhere after a loss."""
        kept = {row.backend for row in self.recovery if row.verdict != "rebuild"}
        all_names = dict.fromkeys(row.backend for row in self.recovery)
        return [name for name in all_names if name not in kept]

    @property
    def all_rebuilt(self) -> bool:
        """Tell whether nothing of the component has to be restored."""
        return len(self.rebuilt) == len(self.stores)

    def first_gb(self, item: Store) -> float | None:
        """Return the GB that a store holds on the first day; None where its part is not known.

        Of several stores it is what its entities add up to, or everything where it alone holds
        the bodies.
        """
        if not self.hybrid:
            return self.load.initial_gb
        case = FeasibilityCase(self.stated, self.backends, model=self.model)
        own = case.model_of(item.backend)
        counted = counted_gb(own, None) if own is not None and own.entities else None
        bodies = self.write_order.bodies if self.write_order else ()
        return self.load.initial_gb if counted is None and bodies == (item.name,) else counted

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Return the measures for security and privacy that apply."""
        return privacy(self.stated, self.backends, expires=self.expires, own=bool(self.living))

    @property
    def living(self) -> list[str]:
        """Return the names of the entities that have a time of their own."""
        entities = self.model.entities if self.model else ()
        return [e.name for e in entities if any(life.kind != "ever" for life in e.facts.lifetimes)]

    @property
    def expires(self) -> bool:
        """Tell whether the draft gives each entry a lifetime, after which its store removes it."""
        if self.design is None or not self.design.entities:
            return False
        lasting = {row.entity: row.ttl_seconds for row in self.design.keys if row.kind != "index"}
        return all(lasting.get(table.entity) is not None for table in self.design.entities)

    @property
    def openly_run(self) -> tuple[str, ...]:
        """Return the names of the stores of which nobody said how they are run."""
        return tuple(item.name for item in self.stores if item.hosting_open)

    @property
    def taken(self) -> dict[str, str]:
        """Return the answers that were found in free text, with the decision that confirms them."""
        return {item.answer: item.decision for item in self.mentions if item.value is not None}

    def notes(self, section: str) -> list[tuple[str, list[str]]]:
        """Return the free statements of a section, each with the decisions that take from it."""
        return [
            (
                note.text,
                [item.decision for item in self.mentions if item.is_from(note.text)],
            )
            for note in self.stated.notes
            if note.section == section
        ]

    @property
    def open_names(self) -> frozenset[str]:
        """Return the answers that nobody gave, and that the texts speak of without settling."""
        return frozenset(
            name
            for item in self.mentions
            if item.value is None
            for name in (item.answer, *item.also)
        )

    @property
    def without_effect(self) -> dict[str, str]:
        """Return answers that were given and mean nothing to these stores, by their question."""
        a = self.stated
        several, rates = ", ".join(a.backends), self.load.peak_total is not None
        peaks = a.peak_reads_per_second is not None and a.peak_writes_per_second is not None
        found = {
            "migration tool": "" if self.migrates else a.migration_tool,
            "peak factor": number(a.peak_factor) if a.peak_factor and (peaks or not rates) else "",
            "other backend": "" if self.unlisted else a.other_backend,
            "backend" if self.hybrid else "backends": a.backend if self.hybrid else several,
        }
        closed = {name: a.alternatives[name] for name in a.alternatives if len(a.options(name)) < 2}
        found |= {f"alternatives of {name}": ", ".join(held) for name, held in closed.items()}
        found |= {f"decision {key}": text for key, text in self.unheard.items()}
        return {name: value for name, value in found.items() if value}

    def stale_link(self, name: str) -> str:
        """Return a link to the decision by which a strong read goes past the cache of its entity.

        Args:
            name: The access pattern.
        """
        found = next((item for item, _ in self.findings if item.rule == "stale-copies"), None)
        named = found is not None and f"“{inline(name)}”" in str(found.values["patterns"])
        return self.objectives.default_link("stale-copies") if named else ""

    def words_link(self, name: str) -> str:
        """Return a link to the decision about the index that finds words; nothing for another.

        Args:
            name: The access pattern.
        """
        found = (item for item, _ in self.findings if item.rule == "text-search")
        asked = [item for item in found if inline(name) in str(item.values["patterns"])]
        looks = self.model and any(p.name == name and p.inside for p in self.model.patterns)
        return decision_link(asked[0].decision) if looks and asked else ""

    def open_link(self, answer: str) -> str:
        """Return the decision for which an answer waits that is open, in brackets, or nothing."""
        return f" (D-alternatives-{answer})" if len(self.stated.options(answer)) > 1 else ""

    @property
    def unstated(self) -> list[str]:
        """Return the answers about load and recovery that nobody gave and that follow from none."""
        given = {name for name in _REQUIRED_OF if getattr(self.stated, name) not in (None, "", ())}
        standard: dict[str, object] = {
            "rpo_minutes": self.objectives.rpo,
            "rto_minutes": self.objectives.rto,
        }
        derived = {
            "reads_per_second": self.load.peak_reads,
            "writes_per_second": self.load.peak_writes,
            "initial_data_gb": self.load.initial_gb,
            "growth_gb_per_month": self.load.growth_gb,
        }
        given |= {name for name, held in (standard | derived).items() if held is not None}
        given |= {"growth_gb_per_month"} if self.stated.scalability else set()
        given |= set(self._stated_in_parts) | set(self.objectives.assumed)
        return [name for name in _REQUIRED_OF if name not in given | self.open_names]

    @functools.cached_property
    def steady(self) -> dict[str, ComesTo]:
        """Return the entities of which it is known how many there are when as many go as come."""
        return of_each(self.model, self.stated.average_item_bytes, steady_state)

    @functools.cached_property
    def come_to(self) -> dict[str, ComesTo]:
        """Return the entities of which it is known how many there are in the end."""
        return of_each(self.model, self.stated.average_item_bytes, comes_to)

    @property
    def _stated_in_parts(self) -> Iterator[str]:
        """Yield the answers that operations, entities or stores state for themselves."""
        if any(item.p99 for item in self.operations):
            yield "latency_p99_ms"
        if self.model and any(e.ttl_seconds or e.facts.lifetimes for e in self.model.entities):
            yield "retention"
        own = [self.stated.own(item.backend.key, item.name) for item in self.stores]
        yield from (name for name in _REQUIRED_OF if all(name in stated for stated in own))

    @functools.cached_property
    def relevant(self) -> dict[str, Relevant]:
        """Return what the specification says of each store, by its name."""
        return {
            item.name: relevant(item, self.answers, self.design, self.recovery)
            for item in self.stores
        }
