"""What a finding is, and what a rule sees when it looks for one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..catalog.backend import Backend
from ..catalog.statements import Citation, Sourced
from ..phases import PhaseKey
from ..questions.answers import Answers
from ..sizing.model import Known, known, known_generally
from ..sizing.workload import HORIZONS, Workload

if TYPE_CHECKING:
    from ..schema.durations import Lifetime
    from ..schema.model import DataModel

Severity = Literal["contradiction", "infeasible", "risk", "missing"]
SEVERITIES: tuple[Severity, ...] = ("contradiction", "infeasible", "risk", "missing")
HORIZON = HORIZONS[-1]

Values = Mapping[str, str | float]


class Demand(NamedTuple):
    """A number that the project's documents state, with the words and the link to them."""

    value: float
    text: str
    link: str = ""


class FeasibilityFinding(NamedTuple):
    """Something that a person has to know or decide.

    Args:
        key: The same in every render; the decision's key is `D-` and this.
        rule: The entry of `catalog/rules.yml` with the words for it.
        severity: `infeasible` only where a hard limit is crossed.
        backend: Name of the store it is about, or None for the component.
        values: The numbers of both sides; the end of a name tells the unit (`largest_bytes`).
        source: Where the limit can be read.
        applies_to: Version, edition or setting that the limit holds for.
        standard: The statement of the project's documents that it is about.
        arithmetic: The calculation that shows it.
        phase: The phase before which it must be decided.
    """

    key: str
    rule: str
    severity: Severity
    backend: str | None
    values: Values
    source: Citation | None
    applies_to: str
    arithmetic: str
    phase: PhaseKey
    standard: Demand | None = None

    @property
    def decision(self) -> str:
        """Return the key of the decision that this finding asks for."""
        return f"D-{self.key}"


class UnsafeGuidance(NamedTuple):
    """A rule or example of the project's documents that does harm when it is followed.

    Args:
        key: What is wrong, such as `concurrent-index-in-transaction`.
        text: The heading or words that it stands under.
        link: Where that is.
    """

    key: str
    text: str
    link: str = ""


class Demands(NamedTuple):
    """What the project's own documents demand of every component; None where they are silent."""

    slow_query_ms: Demand | None = None
    backup_retention_days: Demand | None = None
    rpo_minutes: Demand | None = None
    rto_minutes: Demand | None = None
    pool_max: Demand | None = None
    unsafe: tuple[UnsafeGuidance, ...] = ()


@dataclass(frozen=True)
class FeasibilityCase:
    """Everything that a rule may look at."""

    answers: Answers
    backends: Sequence[Backend]
    demands: Demands = field(default_factory=Demands)
    model: DataModel | None = None
    open_names: frozenset[str] = frozenset()

    @cached_property
    def load(self) -> Workload:
        """Return what the answers say about rates and volumes."""
        return Workload(self.answers, self.model)

    @property
    def rpo_minutes(self) -> float | None:
        """Return the recovery point objective: the stated one, or the standard if shorter."""
        return _shorter(self.answers.rpo_minutes, self.demands.rpo_minutes)

    @property
    def rto_minutes(self) -> float | None:
        """Return the recovery time objective: the stated one, or the standard if shorter."""
        return _shorter(self.answers.rto_minutes, self.demands.rto_minutes)

    def _lifetimes(self, *kinds: str) -> Iterator[float]:
        """Yield the days for which items are kept by lifetimes of these kinds, of all or some."""
        stated: Sequence[Lifetime] = ()
        if self.answers.common_retention:
            from ..schema.durations import retained

            stated = retained(self.answers.common_retention)
        own = [e.facts.lifetimes for e in self.model.entities] if self.model else []
        for item in itertools.chain(stated, *own):
            if item.kind in kinds and item.seconds:
                yield item.seconds / 86_400

    @property
    def shortest_days(self) -> float | None:
        """Return the days after which the first item goes by its age or for want of use."""
        aged = [e.ttl_seconds for e in self.model.entities if e.ttl_seconds] if self.model else []
        known = [*self._lifetimes("creation", "idle"), *(seconds / 86_400 for seconds in aged)]
        return min(known, default=None)

    @property
    def hybrid(self) -> bool:
        """Tell whether several stores work together."""
        return len(self.backends) > 1

    @property
    def keepers(self) -> tuple[Backend, ...]:
        """Return the stores that hold the data itself.

        These are all but a cache beside another store, unless it has a recovery point of its own.
        """
        kept = tuple(
            backend
            for backend in self.backends
            if backend.storage_type != "cache" or self.recovers(backend)
        )
        return kept or tuple(self.backends)

    @property
    def backed_up(self) -> bool:
        """Tell whether anything is backed up: a cache is not, unless a loss was stated."""
        return self.answers.rpo_minutes is not None or any(
            backend.storage_type != "cache" or self.recovers(backend) for backend in self.backends
        )

    def recovers(self, backend: Backend) -> bool:
        """Tell whether a recovery point was stated of this store alone."""
        return "rpo_minutes" in self.answers.own(backend.key, backend.name)

    def of_store(self, backend: Backend) -> FeasibilityCase:
        """Return what a rule sees of one store: its own objectives, where it has some."""
        return replace(self, answers=self.answers.of_store(backend.key, backend.name))

    def keeps(self, backend: Backend) -> bool:
        """Tell whether a store holds the data itself and not a copy that can be rebuilt."""
        return backend in self.keepers

    @property
    def owner(self) -> Backend | None:
        """Return the store that owns what is not said to lie elsewhere: a database, if any."""
        databases = (item for item in self.keepers if item.storage_type == "database")
        return next(databases, next(iter(self.keepers), None))

    def model_of(self, backend: Backend) -> DataModel | None:
        """Return the entities of a store; in a hybrid component those that name it, or none."""
        if self.model is None or not self.hybrid:
            return self.model
        unnamed = backend is self.owner
        own = (
            e.name
            for e in self.model.entities
            if (backend.is_named(e.store) if e.store else unnamed)
        )
        return self.model.part(frozenset(own))

    def written_alone(self, backend: Backend) -> tuple[str, ...]:
        """Return the entities of a cache that callers write without a store beside it."""
        model = self.model_of(backend)
        if backend.storage_type != "cache" or model is None or self.model is None:
            return ()
        own = {entity.name for entity in model.entities}
        written = [
            name
            for pattern in self.model.patterns
            if pattern.changes and pattern.kind != "delete" and not pattern.job
            if own.issuperset(pattern.touched)
            for name in pattern.touched
        ]
        return tuple(dict.fromkeys(written))


def _shorter(stated: float | None, standard: Demand | None) -> float | None:
    known = [stated, standard.value if standard else None]
    return min((value for value in known if value is not None), default=None)


class RuleHit(NamedTuple):
    """What a rule found, before it has a key and words."""

    severity: Severity
    arithmetic: str
    values: Mapping[str, str | float] = {}
    source: Citation | None = None
    applies_to: str = ""
    standard: Demand | None = None


ComponentRule = Callable[[FeasibilityCase], RuleHit | None]
StoreRule = Callable[[FeasibilityCase, Backend], RuleHit | None]


def _key(function: ComponentRule | StoreRule) -> str:
    """Return the key of a rule, which is its function's name: `latency_floor`, `latency-floor`."""
    return function.__name__.replace("_", "-")


class ComponentCheck(NamedTuple):
    """A rule about the component as a whole."""

    function: ComponentRule

    @property
    def rule(self) -> str:
        """Return the rule's key, by which `catalog/rules.yml` has its words."""
        return _key(self.function)


class StoreCheck(NamedTuple):
    """A rule about each store.

    Args:
        function: Looks at one store.
        keepers_only: Leave out a cache beside another store: what it loses can be rebuilt.
        routable: With several stores the load can go where it fits. If another store of the data
            passes, a hard limit is a matter of routing (a risk), and a risk is none.
    """

    function: StoreRule
    keepers_only: bool = False
    routable: bool = False

    @property
    def rule(self) -> str:
        """Return the rule's key, by which `catalog/rules.yml` has its words."""
        return _key(self.function)


class Limit(Known):
    """A numeric fact that a requirement is compared with."""

    @property
    def hard(self) -> bool:
        """Tell whether it cannot be exceeded at all."""
        return self.fact.kind == "hard"

    def hit(
        self, arithmetic: str, values: Values | None = None, severity: Severity | None = None
    ) -> RuleHit:
        """Make the hit of a requirement beyond this limit; its kind sets the severity."""
        return RuleHit(
            severity or ("infeasible" if self.hard else "risk"),
            arithmetic,
            {"limit": self.value, **(values or {})},
            self.source,
            self.fact.applies_to,
        )


def without_nodes(backend: Backend) -> bool:
    """Tell whether its users see no node: there is none to size, and no standby to add."""
    return backend.family == "key_value" or backend.lacks("nodes")


def limit(backend: Backend, *keys: str) -> Limit | None:
    """Return the first of these facts that the backend has as a number."""
    return as_limit(known(backend, *keys))


def as_limit(found: Known | None) -> Limit | None:
    """Return a fact as a limit."""
    return None if found is None else Limit(found.fact, found.value, found.source)


def general_limit(key: str) -> Limit:
    """Return a limit that belongs to no backend."""
    found = known_generally(key)
    return Limit(found.fact, found.value, found.source)


def cite(
    backend: Backend, statement: Sourced, severity: Severity, arithmetic: str, values: Values
) -> RuleHit:
    """Make a hit that rests on a sourced statement of a backend."""
    return RuleHit(severity, arithmetic, values, backend.sources.get(statement.source))
