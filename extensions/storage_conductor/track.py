"""The typed model of a track: everything that the templates print, and nothing of how."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import answers as answers_module
from . import catalog, decisions, plan, store, units, wording
from .answers import Answers
from .catalog import Backend, BackupMechanism, MigrationTool, Source
from .context import ProjectContext, Section, Stated, companion, unread_document
from .decisions import Decision
from .findings import Finding, RecoveryRow, Words, describe, evaluate, recovery_matrix
from .findings.measures import Measure, privacy
from .plan import Phase
from .sizing import Estimate, size
from .sizing.formulas import MINUTES_PER_MONTH
from .sizing.workload import Workload
from .store import Store

if TYPE_CHECKING:
    from .schema.model import DataModel
    from .schema.result import Design

# Where a document says nothing: the query time budget of GitLab's database review guide,
# https://docs.gitlab.com/development/database/query_performance/
SLOW_MS = 100.0
# Below it, an alarm of a missing backup would go off while one is merely late.
SOONEST_ALARM_MINUTES = 10.0
_DOCUMENTS = "../../"
RULES_SHOWN = 6
# The section of the specification that shows a standard: the first that has one of its topics.
STANDARD_HOMES = {
    "migration": ("migration", "versioning"),
    "backup": ("backup",),
    "security": ("security",),
    "observability": ("observability",),
    "integrity": ("validation", "transactions", "consistency", "errors"),
    "performance": ("performance", "queries", "connection", "caching"),
    "schema": ("schema", "naming", "indexing"),
}


@dataclass(frozen=True)
class Track:
    """A storage component track, as it follows from answers, documents and catalog.

    Args:
        id: The storage id.
        created: Time of creation, ISO 8601.
        answers: What a person said.
        context: What the project's documents say.
        assumed: Names of answers that the template chose.
        tracks: Ids of other tracks that this one depends on.
        stores: The backends, as they are run here.
    """

    id: str
    created: str
    answers: Answers
    context: ProjectContext
    assumed: tuple[str, ...]
    tracks: tuple[str, ...]
    stores: tuple[Store, ...]

    @property
    def hybrid(self) -> bool:
        """Tell whether several stores work together."""
        return self.answers.storage_type == "hybrid"

    @property
    def backend_text(self) -> str:
        """Return the names of the stores, joined as in metadata and registry."""
        return " + ".join(item.name for item in self.stores)

    @property
    def metadata(self) -> dict[str, str]:
        """Return the content of metadata.json; a person or a command changes the status later."""
        return {
            "id": self.id,
            "title": self.answers.title,
            "type": "Storage Component",
            "storage_type": self.answers.storage_type,
            "backend": self.backend_text,
            "status": "Planning",
            "created": self.created,
            "updated": self.created,
        }

    def complete(self) -> None:
        """Compute everything that a template may print, so that mistakes show at once."""
        for part in ("design", "decisions", "estimates", "phases"):
            getattr(self, part)

    @functools.cached_property
    def backends(self) -> tuple[Backend, ...]:
        """Return the backends with the facts of their hosting."""
        return tuple(item.backend for item in self.stores)

    @functools.cached_property
    def model(self) -> DataModel | None:
        """Return the entities and access patterns, if they were given."""
        if not self.answers.entities and not self.answers.access_patterns:
            return None
        from .schema.parse import parse_model

        return parse_model(self.answers.entities, list(self.answers.access_patterns))

    @functools.cached_property
    def design(self) -> Design | None:
        """Return the schema that follows from the model, if there is one."""
        if self.model is None:
            return None
        from .schema.common import Sizes
        from .schema.design import design

        a, keys = self.answers, [item.backend.key for item in self.stores]
        return design(
            self.model,
            "hybrid" if self.hybrid else keys[0],
            keys,
            Sizes(a.average_item_bytes, a.largest_item_bytes, a.hosting),
        )

    @functools.cached_property
    def findings(self) -> tuple[tuple[Finding, Words], ...]:
        """Return what contradicts, exceeds a limit, is risky or missing, with its words."""
        demands = decisions.standards(self.context, _DOCUMENTS)
        found = evaluate(self.answers, self.backends, demands, model=self.model)
        return tuple((finding, describe(finding, self.answers)) for finding in found)

    @functools.cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """Return what someone has to decide, the contradictions first."""
        to_decide, _ = decisions.drafted(self.design)
        return decisions.decisions(self.findings, to_decide, self.assumption_flags, self.values)

    @property
    def design_notes(self) -> list[str]:
        """Return what the schema draft makes a reader know, as Markdown."""
        _, notes = decisions.drafted(self.design)
        return notes

    @functools.cached_property
    def estimates(self) -> tuple[Estimate, ...]:
        """Return what can be computed from the answers."""
        return size(self.answers, self.backends, self.model)

    @property
    def recovery(self) -> tuple[RecoveryRow, ...]:
        """Return what brings the data back, by class of failure."""
        return recovery_matrix(self.answers, self.backends)

    @property
    def rebuilt(self) -> list[str]:
        """Return the names of the stores whose content is rebuilt from elsewhere after a loss."""
        kept = {row.backend for row in self.recovery if row.verdict != "rebuild"}
        all_names = dict.fromkeys(row.backend for row in self.recovery)
        return [name for name in all_names if name not in kept]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """Return the measures for security and privacy that apply."""
        return privacy(self.answers, self.backends)

    @property
    def load(self) -> Workload:
        """Return rates and volumes."""
        return Workload(self.answers)

    @functools.cached_property
    def test_driven(self) -> bool:
        """Tell whether the failing test comes first; assumed not to where nothing says so."""
        said = self.answers.test_driven
        return bool(self.context.test_driven if said is None else said)

    @functools.cached_property
    def schema_first(self) -> bool:
        """Tell whether the schema comes before the code; assumed where nothing says so."""
        said = self.answers.schema_first
        said = self.context.schema_first if said is None else said
        return said is not False

    @property
    def language(self) -> str:
        """Return the programming language, or an empty text."""
        return self.answers.language or _first(self.context.tech_stack.languages)

    @property
    def migration_tool(self) -> str:
        """Return the tool that applies schema changes, or an empty text."""
        stated = self.context.tech_stack.migration_tool
        if self.answers.migration_tool or stated is None or not self._fits(stated):
            return self.answers.migration_tool
        return stated.value

    def _fits(self, tool: Stated) -> bool:
        """Tell whether a tool of the tech stack, as a rule one for SQL, can serve these stores."""
        primary = self.context.tech_stack.primary_database
        named = "" if primary is None else primary.value.casefold()
        for item in self.stores:
            own = item.backend.family == "unknown" and named.startswith(item.name.casefold())
            if own or item.backend.family == "relational":
                return True
        known = (listed.name for item in self.stores for listed in item.backend.migration_tools)
        return tool.value.casefold() in map(str.casefold, known)

    @property
    def migrates(self) -> bool:
        """Tell whether a store of the component has a schema that migrations change."""
        return any(item.backend.storage_type == "database" for item in self.stores)

    @property
    def unlisted(self) -> list[str]:
        """Return the names of the stores that the catalog knows nothing about."""
        return [item.name for item in self.stores if item.backend.family == "unknown"]

    @property
    def unstated(self) -> list[str]:
        """Return the names of the answers about load and recovery that nobody gave."""
        names = (
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
        return [name for name in names if getattr(self.answers, name) in (None, "", ())]

    @property
    def downtime_minutes(self) -> float:
        """Return the minutes a month that the stated availability leaves without service."""
        return (1 - (self.answers.availability_percent or 100) / 100) * MINUTES_PER_MONTH

    @property
    def slow_ms(self) -> float:
        """Return from how many milliseconds on an operation counts as slow.

        It is the project's standard or the stated p99, whichever is stricter.
        """
        standard = self.context.standards.slow_query_ms
        stated = [standard.number if standard else None, self.answers.latency_p99_ms]
        return min((value for value in stated if value), default=SLOW_MS)

    @property
    def coverage(self) -> float | None:
        """Return the test coverage that the workflow asks for, in percent."""
        stated = self.context.workflow.coverage_percent
        return None if stated is None else stated.number

    def run_as(self, item: Store) -> str:
        """Return how a store is run, as it reads after its name."""
        return _run_as(item)

    def link(self, stated: Stated) -> str:
        """Return a Markdown link from the track to where a document states something."""
        text = f"{stated.file}, {stated.heading}" if stated.heading else stated.file
        return f"[{wording.inline(text)}]({_DOCUMENTS}{stated.link})"

    def not_found(self, topic: str) -> str:
        """Return that the documents do not tell something, as far as they were understood.

        Args:
            topic: The key of the assumption that is made instead.

        Returns:
            Where it was not found and the lines that come nearest, as Markdown to read after `is`.
        """
        name = unread_document(topic)
        state = next(item for item in self.context.documents if item.name == name)
        if state.state != "present":
            return f"not found, since {state.warnings[0]}"
        lines = self.context.nearest.get(topic, ())
        quoted = " and ".join(f"“{wording.inline(line.value)}”" for line in lines)
        near = f"; what comes nearest there is {quoted}" if quoted else ""
        return f"not found in [{name}]({_DOCUMENTS}{name}){near}"

    def pattern_links(self, topic: str) -> list[str]:
        """Return links to the code patterns of storage-template.md that serve a topic."""
        return [
            f"[{wording.inline(item.heading)}]({_DOCUMENTS}storage-template.md#{item.anchor})"
            for item in self.context.patterns
            if topic in item.topics
        ]

    def standards_for(self, home: str) -> list[tuple[str, str]]:
        """Return the project's standards that belong to a section of the specification.

        Args:
            home: One of `STANDARD_HOMES`.

        Returns:
            Pairs of a link to the section of storage-standards.md and its rules, as Markdown.
        """
        if home in ("schema", "migration", "integrity") and not self.migrates:
            return []
        return [
            (self._standard_link(item), "; ".join(map(wording.inline, item.rules[:RULES_SHOWN])))
            for item in self.context.standards.sections
            if _home(item.topics) == home
        ]

    def _standard_link(self, item: Section) -> str:
        place = f"{_DOCUMENTS}storage-standards.md#{item.anchor}"
        return f"[{wording.inline(item.heading)}]({place})"

    def standard_links(self, topic: str) -> list[str]:
        """Return links to the sections of storage-standards.md on a topic."""
        found = self.context.standards.sections
        return [self._standard_link(item) for item in found if topic in item.topics]

    @functools.cached_property
    def phases(self) -> tuple[Phase, ...]:
        """Return the eight phases of the plan."""
        kind = self.answers.storage_type
        parts = [self._part(item) for item in self.stores]
        if self.hybrid:
            work = catalog.load_type("hybrid")
            parts.insert(0, plan.Store("", work.tasks, self.flags, self.values, {}))
        parts[0] = self._with_findings(parts[0])
        return plan.build(parts, catalog.load_type(kind), parts[-1].values, self.test_driven)

    def _part(self, item: Store) -> plan.Store:
        work = catalog.load_type(item.backend.storage_type)
        return plan.Store(
            name=item.name,
            tasks=(*work.tasks, *item.backend.tasks),
            flags=self.flags | self._store_flags(item),
            values={**self.values, **self._store_values(item)},
            repeats=self._repeats(item),
        )

    def _with_findings(self, part: plan.Store) -> plan.Store:
        raised = decisions.tasks(self.decisions, self.findings)
        return plan.Store(part.name, (*raised, *part.tasks), part.flags, part.values, part.repeats)

    def _repeats(self, item: Store) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {"signal": {s.key: s for s in item.backend.signals}}
        if self.design is None:
            return found
        design = self.design
        mine = {e.entity for e in design.entities if e.store in ("", item.backend.key)}
        indexes = [i for i in design.indexes if i.kind == "index"]
        return found | {
            "entity": {e.entity: e for e in design.entities if e.entity in mine},
            "index": {i.name: i for i in indexes if i.entity in mine},
            "pattern": {p.name: p for p in design.patterns if p.entity in mine},
            "constraint": {
                f"{c.entity} {c.title}": c for c in design.constraints if c.entity in mine
            },
        }

    @property
    def task_keys(self) -> dict[str, str]:
        """Return the keys of the plan's tasks by their text, of those that only one task has."""
        tasks = [task for phase in self.phases for task in phase.tasks]
        often = Counter(task.text for task in tasks) + Counter(task.key for task in tasks)
        return {t.text: t.key for t in tasks if often[t.text] == often[t.key] == 1}

    @functools.cached_property
    def flags(self) -> frozenset[str]:
        """Return what holds for the component; tasks name the flags that they need."""
        return frozenset(self._flags())

    def _flags(self) -> Iterator[str]:
        a, context = self.answers, self.context
        yield a.storage_type
        yield "schema_first" if self.schema_first else "code_first"
        yield from (f"finding:{found.rule}" for found, _ in self.findings)
        said: dict[str, object] = {
            "entities": self.model and self.model.entities,
            "patterns": self.design and self.design.patterns,
            "personal": a.personal,
            "erasure": a.erasure,
            "retention": a.retention,
            "rpo": a.rpo_minutes is not None,
            "rto": a.rto_minutes is not None,
            "rates": self.load.peak_total,
            "latency": a.latency_p99_ms,
            "growth": a.growth_gb_per_month,
            "availability": a.availability_percent,
            "strong": a.consistency == "strong",
            "test_driven": self.test_driven,
            "coverage": self.coverage,
            "migration-tool": self.migration_tool,
            "standard-naming": context.standards.naming,
            "standard-backup-retention": context.standards.backup_retention,
            "pattern-errors": self.pattern_links("errors"),
        }
        yield from (flag for flag, holds in said.items() if holds)

    @functools.cached_property
    def assumption_flags(self) -> frozenset[str]:
        """Return what decides whether something had to be assumed."""
        a, context = self.answers, self.context
        known: dict[str, object] = {
            "assumed-backend": "backend" in self.assumed,
            "hosting-open": any(item.hosting_open for item in self.stores),
            "testing-known": a.test_driven is not None or context.test_driven is not None,
            "approach-known": a.schema_first is not None or context.schema_first is not None,
            "slow-known": context.standards.slow_query_ms,
            "backup-retention-known": context.standards.backup_retention,
            "document-warnings": context.warnings,
        }
        families = {item.backend.family for item in self.stores}
        backed_up = {"backup"} if any(item.backend.backup for item in self.stores) else set()
        return self.flags | families | backed_up | {flag for flag, holds in known.items() if holds}

    def _store_flags(self, item: Store) -> set[str]:
        found = {
            item.backend.storage_type,
            item.backend.family,
            "managed" if item.managed else "self_managed",
            f"hosting:{item.hosting.key}",
        }
        if item.backend.online_changes:
            found.add("online-changes")
        if main_backup(item) is not None:
            found.add("backup")
        if item.backend.embedded:
            found.add("embedded")
        return found

    @functools.cached_property
    def values(self) -> dict[str, Any]:
        """Return what the texts of tasks, gates and assumptions are filled with."""
        a, stack = self.answers, self.context.tech_stack
        naming = self.context.migration_naming
        retention = "; ".join(item.value for item in self.context.standards.backup_retention)
        return {
            "a": a,
            "answers_file": f"storage-conductor/storages/{self.id}/.copier-answers.yml",
            "design": self.design,
            "stores": self.backend_text,
            "open_stores": " and ".join(item.name for item in self.stores if item.hosting_open),
            "hostings": ", ".join(
                f"{item.name} {_run_as(item)}" for item in self.stores if item.hosting_open
            ),
            "language": self.language,
            "naming": naming.value if naming else "",
            "ci": stack.ci.value if stack.ci else "",
            "validator": stack.validation_library.value if stack.validation_library else "",
            "coverage": self.coverage,
            "slow_ms": self.slow_ms,
            "slow_assumed": self.context.standards.slow_query_ms is None,
            "model": self.model,
            "erasure": a.erasure,
            "code_first": not self.schema_first,
            "small": self.load.peak_total is not None and self.load.peak_total < 1,
            "peak_reads": self.load.peak_reads,
            "peak_writes": self.load.peak_writes,
            "backup_retention": retention,
            "document_warnings": "; ".join(map(wording.inline, self.context.warnings)),
            "usual_tool": self._usual_tool(),
            "not_found": self.not_found,
            "backend_told": self._reference(self._backend_told()),
            "pattern": functools.partial(_mention, "pattern", self.pattern_links),
            "standard": functools.partial(_mention, "standard", self.standard_links),
            "coverage_link": self._reference(self.context.workflow.coverage_percent),
            "slow_link": self._slow_link(),
            "retention_link": self._reference(
                next(iter(self.context.standards.backup_retention), None)
            ),
        }

    @property
    def tool(self) -> MigrationTool | None:
        """Return the commands of the tool that changes the schema, if the catalog knows them."""
        found = (self._tool_of(item) for item in self.stores)
        return next((tool for tool in found if tool), None)

    @property
    def tool_source(self) -> str:
        """Return a link to where the tool's commands can be read."""
        item = next(item for item in self.stores if self._tool_of(item))
        return item.cite(self.tool.source) if self.tool else ""

    def _tool_of(self, item: Store) -> MigrationTool | None:
        wanted = (self.migration_tool or self._usual_tool()).casefold()
        tools = item.backend.migration_tools
        return next((tool for tool in tools if tool.name.casefold() == wanted), None)

    def _store_values(self, item: Store) -> dict[str, Any]:
        command = self._tool_of(item)
        return {
            "backend": item.backend,
            "loadtest": item.loadtest,
            "main_backup": main_backup(item),
            "others": self._other_mechanisms(item),
            "managed": item.managed,
            "serverless": item.serverless,
            "versions": item.versions,
            "embedded": item.backend.embedded,
            "backup_age": self._backup_age(item),
            "tool": self.migration_tool or self._usual_tool(),
            "tool_apply": command.apply if command else "",
            "tool_revert": command.revert if command else "",
            "pool": next((e for e in self.estimates if e.key.startswith("pool")), None),
        }

    def _backup_age(self, item: Store) -> str:
        """Return from which age on the newest backup is an alarm: one that was missed, not late."""
        main = main_backup(item)
        promised = [self.answers.rpo_minutes, main.rpo_minutes if main else None]
        interval = max((minutes for minutes in promised if minutes), default=None)
        return units.duration(max(2 * interval, SOONEST_ALARM_MINUTES)) if interval else "a day"

    def _other_mechanisms(self, item: Store) -> list[str]:
        """Return what else brings a store back, for the failures that the main backup leaves."""
        main = main_backup(item)
        names = (row.mechanism for row in self.recovery if row.backend == item.name)
        return [name for name in dict.fromkeys(names) if name and (not main or name != main.name)]

    def _usual_tool(self) -> str:
        """Return the tool of the stated mapper, else the first for the language, if any is known.

        A tool is never one that the documents rule out, nor one of another mapper.
        """
        tools = [tool.name for item in self.stores for tool in item.backend.migration_tools]
        ruled_out = [item.value.casefold() for item in self.context.ruled_out]
        fit = [name for name in tools if not name.casefold().startswith(tuple(ruled_out))]
        mapper = self.context.tech_stack.orm
        if mapper is not None:
            own = companion(mapper.value).casefold()
            return next((name for name in fit if name.casefold() == own), "")
        wanted = self.language.split()[0].casefold() if self.language else ""
        spoken = {
            tool.name
            for item in self.stores
            for tool in item.backend.migration_tools
            if wanted in tool.languages
        }
        return next((name for name in fit if wanted and name in spoken), "")

    def _backend_told(self) -> Stated | None:
        """Return the statement beside the project's own documents that a store follows from."""
        stack = self.context.tech_stack
        names = [item.name.casefold() for item in self.stores]
        return next(
            (
                stated
                for stated in stack.chosen
                if stated.neighbour and any(name in stated.value.casefold() for name in names)
            ),
            None,
        )

    def _slow_link(self) -> str:
        """Return where the slow threshold is stated, unless the p99 is the stricter one."""
        standard = self.context.standards.slow_query_ms
        return self._reference(standard if standard and standard.number == self.slow_ms else None)

    def _reference(self, stated: Stated | None) -> str:
        """Return where something is stated, as ` (link)`, or nothing."""
        return "" if stated is None else f" ({self.link(stated)})"

    @property
    def sources(self) -> list[Source]:
        """Return the sources that the specification cites by key, each once, by title."""
        found = {source.url: source for item in self.stores for source in item.cited}
        return sorted(found.values(), key=lambda source: source.title)


def build(raw: Mapping[str, Any]) -> Track:
    """Build the model of a track from Copier's answers; the same answers give the same object.

    Raises:
        ConductorError: An answer breaks its rule, or the data model has mistakes.
    """
    names = (*answers_module.RULES, *answers_module.RECORDED)
    return _build(json.dumps({name: raw.get(name) for name in names}, default=str))


@functools.lru_cache(maxsize=2)
def _build(recorded: str) -> Track:
    raw = json.loads(recorded)
    said = answers_module.parse(raw)
    snapshot = raw["project_context"] or {}
    return Track(
        id=raw["storage_id"],
        created=raw["created_at"],
        answers=said,
        context=ProjectContext.from_data(snapshot),
        assumed=tuple(snapshot.get("assumed", ())),
        tracks=tuple(snapshot.get("tracks", ())),
        stores=store.stores(said),
    )


def _home(topics: tuple[str, ...]) -> str:
    """Return the section of the specification that shows a standard on these topics, if any."""
    homes = (home for home, known in STANDARD_HOMES.items() if set(known) & set(topics))
    return next(homes, "")


def _run_as(item: Store) -> str:
    """Return how a store is run, as it reads after its name."""
    return f"as {item.hosting.name}" if item.managed else "run by the team itself"


def main_backup(item: Store) -> BackupMechanism | None:
    """Return the mechanism that undoes an operator's mistake with the least loss."""
    fit = [found for found in item.backend.backup if "operator" in found.protects]
    return min(fit, key=_loss, default=None)


def _loss(mechanism: BackupMechanism) -> float:
    return float("inf") if mechanism.rpo_minutes is None else mechanism.rpo_minutes


def _first(stated: tuple[Stated, ...]) -> str:
    return stated[0].value if stated else ""


def _mention(word: str, links: Any, topic: str) -> str:
    """Return ` (pattern: [A](…))`, naming at most two links, or nothing."""
    found = links(topic)[:2]
    return f" ({word}: {', '.join(found)})" if found else ""
