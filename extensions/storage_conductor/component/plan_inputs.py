"""What the plan needs: the flags that tasks name in `when`, and the values that fill their texts.

What holds for one store comes on top of what holds for the whole component. A flag that is added
here is named in a `when` of the catalog, and a value in one of its texts. What a person or a
document says is escaped for Markdown here, so that no text of the catalog has to think of it; the
names of entities, patterns and indexes are in code spans, or escaped there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .. import units
from ..catalog import loading, rulebook
from ..catalog.tasks import CatalogTask
from ..context import ProjectContext
from ..disk import places
from ..findings import features
from ..questions.answers import Answers
from ..sizing.model import free_connections
from ..steps.described import DESCRIBED
from ..wording import code, inline
from . import building_blocks, checks, operations, plan
from .component import Component
from .conventions import Conventions
from .links import DocumentLinks
from .objectives import Objectives
from .store import Store

if TYPE_CHECKING:
    from ..schema.model import DataModel
    from ..schema.result import Design

# Decisions for another order of writes between the stores.
_ORDER = {"D-between-stores", "D-operation-across-stores"}
# Keys that hold several values, and the bytes above which one is large for a store in memory.
_GATHERED = ("hash", "set", "sorted set", "list")
_LARGE = 1_000_000


@dataclass(frozen=True)
class PlanInputs:
    """Flags and values of a component and of each of its stores.

    Args:
        storage_id: The id of the track.
        component: What is built.
        conventions: How the work is done here.
        context: What the project's documents say.
        links: Where they say it.
        assumed: Names of answers that the template chose.
    """

    storage_id: str
    component: Component
    conventions: Conventions
    context: ProjectContext
    links: DocumentLinks
    assumed: tuple[str, ...]

    @cached_property
    def flags(self) -> frozenset[str]:
        """Return what holds for the component."""
        a = self.component.answers
        raised = (f"finding:{found.rule}" for found, _ in self.component.findings)
        return frozenset((a.storage_type, *raised, *_holding(self._said())))

    def _said(self) -> dict[str, object]:
        """Return flags that hold where something was said or found."""
        a, c = self.component.answers, self.component
        return {
            "entities": c.model and c.model.entities,
            "patterns": c.design and c.design.patterns,
            "vectors": c.model and c.model.vectors,
            "places": c.model and c.model.points,
            "bodies": c.write_order and c.write_order.bodies and not a.decisions.keys() & _ORDER,
            "personal": a.personal,
            "erasure": a.erasure,
            "retention": a.common_retention and not a.kept_for_ever,
            "ending": (a.common_retention and not a.kept_for_ever)
            or (c.model and any(entity.ttl_seconds for entity in c.model.entities)),
            "for-ever": a.kept_for_ever,
            "spans": c.model and all(e.partition or e.derived for e in c.model.entities),
            "throughput": a.throughput_mb_per_second,
            "metadata-rate": a.metadata_operations_per_second,
            "clients": a.client_count,
            "several-regions": len(a.regions) > 1,
            "topology": a.topology,
            "sourced": c.objectives.sourced,
            "spread": c.spread,
            "platform": a.platform,
            "infrastructure-code": a.infrastructure_code,
            "client-library": a.client_library,
            "rpo": a.rpo_minutes is not None,
            "rto": a.rto_minutes is not None,
            "rates": c.load.peak_total,
            "latency": a.latency_p99_ms,
            "growth": c.load.growth_gb,
            "availability": a.availability_percent,
            "strong": a.consistency == "strong",
            "coverage": self.conventions.coverage,
            "code_first": not self.conventions.schema_first,
            "migration-tool": self.conventions.migration_tool,
            "standard-naming": self.context.standards.naming,
            "standard-backup-retention": c.demands.backup_retention_days
            and "D-backup-retention" not in a.decisions,
            "pattern-errors": self.links.patterns("errors"),
        }

    @cached_property
    def assumption_flags(self) -> frozenset[str]:
        """Return what decides whether something had to be assumed."""
        c, a = self.component, self.component.answers
        kept = [backend for backend in c.backends if backend.storage_type != "cache"]
        known: dict[str, object] = {
            "assumed-backend": "backend" in self.assumed,
            "hosting-open": any(item.hosting_open for item in c.stores),
            "testing-known": a.test_driven is not None or self.context.test_driven is not None,
            "approach-known": a.schema_first is not None or self.context.schema_first is not None,
            "slow-known": c.demands.slow_query_ms and not a.decisions.get("D-slow-threshold"),
            "document-warnings": self.context.warnings,
            "backup": any(backend.backup for backend in kept),
            "slow-counts": any(backend.family != "posix" for backend in kept),
        }
        return self.flags.union(c.families, _holding(known))

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return what the texts of tasks, gates and assumptions are filled with."""
        return {
            "a": _escaped(self.component.answers),
            "born_here": bool(self.component.objectives.born_here),
            "sourced": self.component.objectives.sourced,
            "pool_of_standard": "finding:standard-pool" in self.flags,
            "storage_id": self.storage_id,
            "answers_file": places.of_track(self.storage_id, places.ANSWERS),
            **component_values(self.component),
            **convention_values(self.conventions),
            **document_values(self.context, self.links, component_slow(self.component)),
            "profile": operations.profile(self.component.operations),
            "run_on": self.links.run_on(self.component.openly_run),
            "backend_told": self.links.reference(self.conventions.backend_told),
        }

    def parts(self, raised: Sequence[CatalogTask]) -> list[plan.PlanPart]:
        """Return the parts of the plan: what lies between the stores, then store by store.

        Args:
            raised: The tasks that decisions and findings bring, which come first.
        """
        found = [self._part(item) for item in self.component.stores]
        if self.component.hybrid:
            between = loading.load_type("hybrid").tasks
            shared, decided = self._use_cases(), self.component.objectives.decided
            part = plan.PlanPart("", between, self.flags, self.values, shared, decided)
            found.insert(0, part)
        first = found[0]
        tasks = (*raised, *rulebook.stated_work(), *first.tasks)
        found[0] = first._replace(tasks=tasks)
        return found

    def _part(self, item: Store) -> plan.PlanPart:
        work = loading.load_type(item.backend.storage_type)
        own = [it for it in self.component.operations if it.store.name == item.name]
        blocks = [it for it in self.component.blocks if it.store.name == item.name]
        kept = (*operations.tasks(own), *building_blocks.block_tasks(blocks))
        return plan.PlanPart(
            name=item.name,
            tasks=(*work.tasks, *item.backend.tasks, *kept, *rulebook.proofs().tasks),
            flags=self.flags
            | store_flags(item, self.component)
            | checks.flags(item, self.component),
            values=self.values | store_values(item, self.component, self.conventions),
            repeats=repeats(item, self.component) | self._use_cases(),
            decided=self.component.objectives.decided,
        )

    def _use_cases(self) -> dict[str, Mapping[str, str]]:
        """Return the use cases; one that an access pattern repeats or names is served by that."""
        served = {item.use_case for item in self.component.coverage if item.stated}
        found = self.component.answers.use_cases
        return {"use_case": {use: use for use in found if use not in served}}


def component_values(component: Component) -> dict[str, Any]:
    """Return the values that follow from the component."""
    undecided = [item for item in component.stores if item.hosting_open]
    return {
        "design": component.design,
        "model": component.model,
        "stores": inline(component.backend_text),
        "open_stores": inline(" and ".join(item.name for item in undecided)),
        "hostings": inline(", ".join(f"{item.name} {item.run_as}" for item in undecided)),
        "order": component.write_order,
        "backup_days": component.objectives.backup_days.value,
        "backup_decision": component.objectives.backup_days.decision,
        "small": component.small,
        "files": inline(features.said(component.stated, "files")),
        "object_storage": component.stated.storage_type == "object_storage",
        "lock": inline(features.stated_lock(component.stated)),
        "regions": inline(units.listed([item.name for item in component.stated.regions])),
        "topology": inline(next(iter(component.stated.options("topology")), "")),
        "volume_when": component.load.end_text,
        "expires": component.expires,
        "slow_ms": component_slow(component),
        "peak_reads": component.load.peak_reads,
        "peak_writes": component.load.peak_writes,
    }


def component_slow(component: Component) -> float:
    """Return from how many milliseconds on an operation of the first store counts as slow."""
    return component.objectives.slow_ms(component.stores[0]).value


def convention_values(conventions: Conventions) -> dict[str, Any]:
    """Return the values that follow from how the work is done here."""
    return {
        "language": inline(conventions.language),
        "ci": inline(conventions.ci),
        "coverage": conventions.coverage,
        "code_first": not conventions.schema_first,
        "usual_tool": inline(conventions.usual_tool),
        "tool": inline(conventions.tool),
    }


def document_values(
    context: ProjectContext, links: DocumentLinks, slow_ms: float
) -> dict[str, Any]:
    """Return the values that the project's documents state, and links to where they do.

    Args:
        context: What the documents say.
        links: Where they say it.
        slow_ms: The threshold that counts; another one that a document states is not linked to.
    """
    naming, validator = context.migration_naming, context.tech_stack.validation_library
    slow, kept = context.standards.slow_query_ms, context.standards.backup_retention
    return {
        "naming": code(naming.value) if naming else "",
        "validator": inline(validator.value) if validator else "",
        "backup_retention": inline("; ".join(item.value for item in kept)),
        "document_warnings": inline("; ".join(context.warnings)),
        "not_found": links.not_found,
        "pattern": links.pattern_mention,
        "standard": links.standard_mention,
        "coverage_link": links.reference(context.workflow.coverage_percent),
        "slow_assumed": slow is None,
        "slow_link": links.reference(slow if slow and slow.number == slow_ms else None),
        "retention_link": links.reference(next(iter(kept), None)),
    }


def store_flags(item: Store, component: Component) -> set[str]:
    """Return what holds for one store."""
    rebuilt = item.name in component.rebuilt
    known: dict[str, object] = {
        "rebuilt": rebuilt,
        "beside": rebuilt and component.hybrid,
        "initial": component.load.initial_gb and not rebuilt,
        "existing": _imported(item, component) and not _is_described(item, component),
        "described": _is_described(item, component),
        "locked": "object_lock" in features.in_use(component.stated, item.backend),
        "online-changes": item.backend.online_changes,
        "backup": item.main_backup,
        "expiring": component.expires,
        "embedded": item.backend.embedded,
        "nodeless": item.nodeless,
        "lock": any(
            finding.rule == "locked-objects" and finding.backend == item.name
            for finding, _ in component.findings
        )
        or features.stated_lock(component.stated),
        **shape_flags(item, component),
    }
    return {
        item.backend.storage_type,
        item.backend.family,
        "managed" if item.managed else "self_managed",
        f"hosting:{item.hosting.key}",
        *_holding(known),
    }


def shape_flags(item: Store, component: Component) -> dict[str, object]:
    """Return what the entities of a store have; all of it where they are not known."""
    design, model, a = component.design, component.model, component.stated
    if design is None or model is None or not model.entities:
        shapes = ("nested", "unique", "references", "secondary", "bulky", "several-keys")
        return dict.fromkeys(shapes, True)
    held = dict(design.stores)
    names = {e.name for e in model.entities if held.get(e.name) == item.backend.key}
    mine = [entity for entity in model.entities if entity.name in names]
    gathered = any(key.entity in names and key.kind in _GATHERED for key in design.keys)
    large = a.largest_item_bytes is None or a.largest_item_bytes > _LARGE
    return {
        "nested": any(column.type.document for e in mine for column in e.columns),
        "unique": any(entity.unique for entity in mine),
        "references": any(entity.foreign_keys for entity in mine),
        "secondary": any(i.kind == "index" and i.entity in names for i in design.indexes)
        or any(key.kind == "index" and key.entity in names for key in design.keys),
        "bulky": gathered or large,
        "several-keys": _at_once(design, model, names),
        "spanning": any(p.operation.invariants for p in model.patterns if p.entity in names)
        or any(finding.rule == "sum-rule" for finding, _ in component.findings),
    }


def _at_once(design: Design, model: DataModel, names: set[str]) -> bool:
    """Tell whether an operation works on several keys of a store together."""
    beside = [key.entity for key in design.keys if key.entity in names]
    together = (names.intersection(p.touched) for p in model.patterns)
    return len(beside) > len(set(beside)) or any(len(held) > 1 for held in together)


def _imported(item: Store, component: Component) -> bool:
    return item.backend.key in component.answers.existing


def _is_described(item: Store, component: Component) -> bool:
    """Tell whether a store was there whose tables are known by their keys alone."""
    return _imported(item, component) and DESCRIBED in component.answers.existing[item.backend.key]


def _described(item: Store, component: Component) -> tuple[str, ...]:
    if not _is_described(item, component):
        return ()
    from .existing import described_changes

    return described_changes(item.backend.key, component)


def store_values(item: Store, component: Component, conventions: Conventions) -> dict[str, Any]:
    """Return the values of one store."""
    commands = conventions.commands(item)
    return {
        "backend": item.backend.replace(name=inline(item.name)),
        "bucket": "container" if item.backend.key == "azure-blob-storage" else "bucket",
        "loadtest": item.loadtest,
        "main_backup": item.main_backup,
        "others": other_mechanisms(item, component),
        "initial": component.load.initial_gb and item.name not in component.rebuilt,
        "first_gb": component.first_gb(item),
        "peak_reads": peak_reads(item, component),
        "existing": _imported(item, component) and not _is_described(item, component),
        "described": _described(item, component),
        "zoneless": zoneless(item, component),
        "managed": item.managed,
        "serverless": item.serverless,
        "versions": item.versions,
        "embedded": item.backend.embedded,
        "slow_ms": component.objectives.slow_ms(item).value,
        "backup_age": backup_age(item, component.objectives),
        "tool_apply": commands.apply if commands else "",
        "tool_revert": commands.revert if commands else "",
        "connections": first_connections(item, component),
        "facts_command": item.facts_command,
        "changes_told": bool(component.relevant[item.name].changes),
        "prefixes": next((e for e in component.estimates if e.key.startswith("prefixes")), None),
    }


def peak_reads(item: Store, component: Component) -> float | None:
    """Return the reads a second at peak of one store: of its patterns, else of all there are."""
    held = dict(component.design.stores) if component.design else {}
    patterns = component.model.patterns if component.model else ()
    reads = [p for p in patterns if p.reads and held.get(p.entity) == item.backend.key]
    peaks = [p.peak or component.load.usual_peak(p.per_second) for p in reads]
    known = [peak for peak in peaks if peak is not None]
    alone = not component.hybrid or not reads or len(known) < len(reads)
    return component.load.peak_reads if alone else sum(known)


def first_connections(item: Store, component: Component) -> str:
    """Return how many connections to begin with: those in flight, as far as the server has them."""
    busy = next((e.result for e in component.estimates if e.key == "pool"), None)
    free = free_connections(item.backend)
    if busy is None:
        return ""
    return units.number(busy if free is None else min(busy, free.value))


def zoneless(item: Store, component: Component) -> list[str]:
    """Return the fields of a store that are declared as times without their zone."""
    held = dict(component.design.stores) if component.design else {}
    return [
        f"{entity.name}.{column.field}"
        for entity in (component.model.entities if component.model else ())
        if held.get(entity.name, "") == item.backend.key
        for column in entity.columns
        if column.type.name == "timestamp"
    ]


def backup_age(item: Store, objectives: Objectives) -> str:
    """Return from which age on the newest backup is an alarm, before too much could be lost."""
    minutes = objectives.backup_alarm(item)
    return units.duration(minutes) if minutes else "its schedule allows"


def other_mechanisms(item: Store, component: Component) -> list[str]:
    """Return what else brings a store back, for the failures that the main backup leaves."""
    main = item.main_backup
    names = (row.mechanism for row in component.recovery if row.backend == item.name)
    return [name for name in dict.fromkeys(names) if name and (not main or name != main.name)]


def repeats(item: Store, component: Component) -> dict[str, Mapping[str, Any]]:
    """Return what a task with `each` is done for in a store, by its kind and by its name."""
    design, signals = component.design, component.objectives.signals(item)
    found: dict[str, Mapping[str, Any]] = {"signal": {s.key: s for s in signals}}
    if design is None:
        return found
    mine = {e.entity: e for e in design.entities if e.store in ("", item.backend.key)}
    own = {it.name for it in component.operations if it.words is not None}
    entities = component.model.entities if component.model else ()
    ending = {e.name: e for e in entities if e.name in mine and e.name in component.living}
    return found | {
        "entity": mine,
        "lifetime": ending,
        "partition": {e.name: e for e in entities if e.name in mine and e.partition},
        "summary": {e.name: e for e in entities if e.name in mine and e.summary},
        "index": {i.name: i for i in design.indexes if i.kind == "index" and i.entity in mine},
        "pattern": {p.name: p for p in design.patterns if p.entity in mine and p.name not in own},
        "constraint": {f"{c.entity} {c.title}": c for c in design.constraints if c.entity in mine},
    }


def _escaped(answers: Answers) -> Answers:
    """Return answers whose texts, alone and in lists, stand in Markdown as they were typed."""
    said = answers._asdict()
    for name, value in said.items():
        if isinstance(value, str):
            said[name] = inline(value)
        elif isinstance(value, tuple):
            said[name] = tuple(inline(item) if isinstance(item, str) else item for item in value)
    return answers._replace(**said)


def _holding(flags: Mapping[str, object]) -> Iterator[str]:
    return (flag for flag, holds in flags.items() if holds)
