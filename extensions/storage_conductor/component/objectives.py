"""The objectives that hold: what was stated, unless a decision's default puts another number there.

A target that cannot be met is a finding, and each finding has a default that holds until someone
decides. Requirements, gates, alarms and acceptance criteria take their numbers from here, so that
they ask for the default and say by which decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from ..catalog.statements import SecondServer, Signal
from ..findings import Demands, FeasibilityFinding, RecoveryRow
from ..findings.latency import floor_ms
from ..questions.answers import Answers
from ..questions.settling import Settled
from ..sizing.formulas import MINUTES_PER_MONTH, MINUTES_PER_YEAR, downtime_minutes
from ..units import duration, number
from .quantity import Quantity, decision_link
from .second import second_servers
from .store import Store
from .store_objectives import StoreObjectives, own_objectives

# Where a document says nothing: the query time budget of GitLab's database review guide,
# https://docs.gitlab.com/development/database/query_performance/
SLOW_MS = 100.0
# What D-missing-recovery takes where nothing was stated.
LOSS_MINUTES = 1_440.0
RESTORED = ("item", "operator")
# Decisions between statements about the volume that do not fit each other.
_SOURCE = "D-source-undecided"
_OF_THE_VOLUME = (
    "counts-against-volume",
    "growth-against-entities",
    "items-against-retention",
    "initial-above-retention",
    "growth-above-writes",
    "growth-below-writes",
    "item-above-volume",
)


class Excepted(NamedTuple):
    """Failures after which another loss counts than the recovery point objective.

    Args:
        failures: The failures, as they read after "after".
        minutes: The loss at most; None where no number is promised.
        decision: Key of the decision.
    """

    failures: str
    minutes: float | None
    decision: str

    @property
    def link(self) -> str:
        """Return a link to the decision."""
        return decision_link(self.decision)


@dataclass(frozen=True)
class Objectives:
    """The objectives of a component.

    Args:
        stated: The answers.
        stores: The backends, as they are run here.
        demands: What the project's documents demand.
        findings: What was found in the answers.
        recovery: What brings the data back, by store and failure.
        taken: Decisions about answers that were found in free text, by the answer.
        fresh: How many seconds old an answer may be, the least of each store that has one.
    """

    stated: Answers
    stores: tuple[Store, ...]
    demands: Demands
    findings: Sequence[FeasibilityFinding]
    recovery: Sequence[RecoveryRow]
    taken: Mapping[str, str] = field(default_factory=dict)
    fresh: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def of_stores(self) -> tuple[StoreObjectives, ...]:
        """Return the objectives of the stores of which some were stated alone."""
        each = [(item, self.stated.own(item.backend.key, item.name)) for item in self.stores]
        return tuple(
            own_objectives(item, own, self.demands, self.findings) for item, own in each if own
        )

    def own(self, store: Store) -> StoreObjectives:
        """Return what holds of one store alone."""
        found = (item for item in self.of_stores if item.store.name == store.name)
        return next(found, StoreObjectives(store))

    def _of_all(self, rule: str, name: str) -> list[FeasibilityFinding]:
        """Return the findings of a rule about the objective that is not a store's own.

        Args:
            rule: The rule.
            name: The field of `StoreObjectives` that it compares.
        """
        own = {item.store.name for item in self.of_stores if getattr(item, name)}
        return [f for f in self.findings if f.rule == rule and f.backend not in own]

    def _found(self, rule: str, store: Store | None = None) -> FeasibilityFinding | None:
        """Return the first finding of a rule, of one store if it is named."""
        of_store = (f for f in self.findings if store is None or f.backend == store.name)
        return next((found for found in of_store if found.rule == rule), None)

    @cached_property
    def rpo(self) -> Quantity | None:
        """Return how many minutes of writes may be lost; the project's standard goes first.

        What is rebuilt from elsewhere loses no writes, so that a standard asks nothing of it.
        """
        if self.owned_elsewhere or (self.stated.rpo_minutes is None and not self._kept()):
            return None
        return self._with_standard("rpo_minutes", "standard-rpo")

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return the answers whose default is required by D-missing-recovery until stated."""
        found = self._found("missing-recovery")
        names = str(found.values["names"]) if found else ""
        return tuple(name for name in ("rpo_minutes", "rto_minutes") if name in names)

    @property
    def largest_assumed(self) -> Quantity | None:
        """Return the bytes above which an item is refused while nobody said how large one is."""
        found = self._found("missing-largest-item")
        found = self._found("item-too-large") or found if found else None
        bound = found.values["limit_bytes"] if found else ""
        if found is None or not isinstance(bound, float):
            return None
        return Quantity(bound, None, found.decision)

    @property
    def owned_elsewhere(self) -> str:
        """Return a link to the decision that the data has an owner elsewhere, or nothing."""
        return "" if self._kept() else self.default_link("cache-system-of-record")

    @cached_property
    def largest_item(self) -> Quantity | None:
        """Return the bytes of the largest item that is accepted."""
        stated, average = self.stated.largest_item_bytes, self.stated.average_item_bytes
        if stated is None:
            return None
        found = self._found("item-too-large")
        if found is not None and len(self.stores) == 1:
            return Quantity(_number(found, "limit_bytes"), stated, found.decision)
        larger = self._found("largest-below-average")
        if larger is not None:
            return Quantity(_number(larger, "average_bytes"), stated, larger.decision)
        return Quantity(max(stated, average or 0), stated)

    @cached_property
    def throughput(self) -> Quantity | None:
        """Return the MB that it moves in a second: as stated, or what the rates amount to."""
        stated = self.stated.throughput_mb_per_second
        found = self._found("throughput-against-rates")
        if stated is None or found is None:
            return None if stated is None else Quantity(stated, stated)
        return Quantity(_number(found, "needed"), stated, found.decision)

    @cached_property
    def consistency(self) -> str:
        """Return what a read must see; what the only store cannot do is not asked for."""
        found = self._found("strong-reads")
        hopeless = found is not None and found.severity == "infeasible"
        return "eventual" if hopeless and len(self.stores) == 1 else self.stated.consistency

    @cached_property
    def rto(self) -> Quantity | None:
        """Return within how many minutes the component answers again."""
        held = self._with_standard("rto_minutes", "standard-rto")
        found = self._found("recovery-budget")
        if held is None or found is None or not found.values["beyond"]:
            return held
        return Quantity(_number(found, "year_minutes"), held.stated, found.decision)

    def _with_standard(self, name: str, rule: str) -> Quantity | None:
        value: float | None = getattr(self.stated, name)
        found, demanded = self._found(rule), getattr(self.demands, name)
        if found is not None and value is not None and value >= _number(found, "standard_minutes"):
            return Quantity(_number(found, "standard_minutes"), value, found.decision)
        if value is None:
            return None if demanded is None else Quantity(demanded.value, demanded.value)
        return Quantity(value, value, self.taken.get(name, ""))

    @cached_property
    def restore(self) -> Quantity | None:
        """Return the minutes that a restore may take, longer than the RTO where a copy is."""
        found = next(iter(self._of_all("restore-time", "rto")), None)
        if found is None or self.rto is None:
            return self.rto
        return Quantity(_number(found, "restore_minutes"), self.rto.stated, found.decision)

    def loss(self, store: Store, *failures: str) -> Quantity | None:
        """Return the minutes of writes that may be lost in a store after the worst of failures.

        None where nothing was stated, or where nothing is promised and the loss is only measured.
        """
        objective = self.own(store).rpo or self.rpo
        if objective is None:
            return None
        found = self._found("rpo-below-mechanism", store)
        if found is not None and self._decided(found):
            return Quantity(_number(found, "promise_minutes"), objective.stated, found.decision)
        missed = [row.rpo_minutes for row in self._missed(store) if row.failure in failures]
        if found is None or not missed:
            return objective
        known = [minutes for minutes in missed if minutes is not None]
        worst = max(known, default=0.0)
        return Quantity(worst, objective.stated, found.decision) if known == missed else None

    def _missed(self, store: Store) -> list[RecoveryRow]:
        mine = [row for row in self.recovery if row.backend == store.name]
        return [row for row in mine if row.verdict == "missed"]

    @cached_property
    def restored_loss(self) -> Quantity | None:
        """Return what may be missing after a restore, of the store that loses most by it."""
        losses = [self.loss(item, *RESTORED) for item in self._kept()]
        known = [found for found in losses if found is not None]
        if len(known) < len(losses):
            return None
        return max(known, key=lambda found: found.value, default=self.rpo)

    @property
    def shared_loss(self) -> Quantity | None:
        """Return the same of the stores for which nothing of their own was stated, if there are."""
        kept = [item for item in self._kept() if self.own(item).rpo is None]
        losses = [self.loss(item, *RESTORED) for item in kept]
        known = [found for found in losses if found is not None]
        if not kept or len(known) < len(losses):
            return None if kept else self.restored_loss
        return max(known, key=lambda found: found.value)

    @property
    def restored_link(self) -> str:
        """Return a link to the decision by which the loss of a restore is only measured."""
        return self.default_link("rpo-below-mechanism") if self.rpo else ""

    @property
    def restored_apart(self) -> str:
        """Return a link to the decision that no restore counts as downtime, or nothing."""
        found = self._found("restore-time")
        return self.default_link("restore-time") if found and found.values["year_minutes"] else ""

    @property
    def born_here(self) -> str:
        """Return a link to the decision that no source can fill the store again, or nothing."""
        decided = (Settled(key, text) for key, text in self.stated.decisions.items())
        none = (item.key for item in decided if item.key.startswith(_SOURCE) and item.denies)
        return next(map(decision_link, none), self.default_link("born-in-cache"))

    @property
    def source_open(self) -> str:
        """Return a link to the decision whether a source fills a cache again, while it is open."""
        return self.default_link("source-undecided")

    @property
    def sourced(self) -> bool:
        """Tell whether what a cache holds is taken to have a source."""
        kept = self._found("cache-system-of-record")
        return not (self.born_here or self.source_open or (kept and kept.values["own"]))

    @property
    def load_link(self) -> str:
        """Return a link to the decision by which another load is planned for than was stated."""
        return self.default_link("pattern-rates") or self.default_link("operation-peaks")

    @property
    def volume_link(self) -> str:
        """Return a link to the decision by which the volume is what it is planned to be."""
        return next(filter(None, map(self.default_link, _OF_THE_VOLUME)), "")

    def default_link(self, rule: str) -> str:
        """Return a link to the decision that stands in for something, if it was raised."""
        found = self._found(rule)
        return decision_link(found.decision) if found else ""

    def row_link(self, row: RecoveryRow) -> str:
        """Return a link to the decision about a failure whose recovery misses the objective."""
        rules = {
            "missed": "rpo-below-mechanism",
            "unknown": "rpo-interval-unknown",
            "none": "recovery-gap",
        }
        store = next(item for item in self.stores if item.name == row.backend)
        found = self._found(rules[row.verdict], store) if row.verdict in rules else None
        return decision_link(found.decision) if found else ""

    def _kept(self) -> list[Store]:
        rebuilt = {row.backend for row in self.recovery if row.verdict == "rebuild"}
        return [item for item in self.stores if item.name not in rebuilt]

    @cached_property
    def loss_exceptions(self) -> tuple[Excepted, ...]:
        """Return the failures after which the RPO of the component does not count as it stands."""
        if self.rpo is None:
            return ()
        own = {item.store.name for item in self.of_stores if item.rpo}
        return tuple(each for name, each in self._excepted() if name not in own)

    def loss_exceptions_of(self, store: Store) -> tuple[Excepted, ...]:
        """Return the failures after which the RPO of a store alone does not count as it stands."""
        return tuple(each for name, each in self._excepted() if name == store.name)

    def _excepted(self) -> Iterator[tuple[str | None, Excepted]]:
        """Yield failures after which no RPO counts as it stands, each with the store it is of."""
        for item in self.findings:
            name = item.backend
            if item.rule == "rpo-below-mechanism":
                minutes = item.values["promise_minutes"]
                most = minutes if isinstance(minutes, float) else None
                yield name, Excepted(self._failures(item), most, item.decision)
            elif item.rule == "rpo-interval-unknown":
                where = f" ({name})" if len(self.stores) > 1 else ""
                yield name, Excepted(f"the loss of a region{where}", None, item.decision)
            elif item.rule == "recovery-gap":
                yield name, Excepted(self._failures(item), None, item.decision)
            elif item.rule == "replication-loss" and not item.values["possible"]:
                where = f" of {name}" if len(self.stores) > 1 else ""
                lost = "the loss of its one place" if item.values["single"] else "a failover"
                yield name, Excepted(f"{lost}{where}", None, item.decision)

    def _failures(self, found: FeasibilityFinding) -> str:
        where = f" ({found.backend})" if len(self.stores) > 1 else ""
        return f"{found.values['failures']}{where}"

    def failover_loss(self, store: Store) -> Quantity | None:
        """Return what may be lost when a node dies; None where that is only counted."""
        found = self._found("replication-loss", store)
        rows = [row for row in self.recovery if (row.backend, row.failure) == (store.name, "node")]
        if (found and not found.values["possible"]) or any(row.verdict == "none" for row in rows):
            return None
        return self.loss(store, "node")

    def failover_link(self, store: Store) -> str:
        """Return a link to the decision by which a loss after a failover is only counted."""
        rules = ("replication-loss", "rpo-below-mechanism", "recovery-gap") if self.rpo else ()
        found = next(filter(None, (self._found(rule, store) for rule in rules)), None)
        return decision_link(found.decision) if found else ""

    @cached_property
    def latency(self) -> Quantity | None:
        """Return the milliseconds within which 99 of 100 operations end."""
        p99 = self.stated.latency_p99_ms
        found = next(iter(self._of_all("latency-floor", "latency")), None)
        if p99 is None or found is None:
            read = next((f.decision for f in self._of_all("first-byte", "latency")), "")
            taken = self.taken.get("latency_p99_ms", read)
            return None if p99 is None else Quantity(p99, p99, taken)
        # Beside other stores the slow one leaves the path; alone, it answers as fast as it can.
        beside = len(self.stores) > 1 and not self._decided(found)
        value = p99 if beside else _number(found, "floor")
        return Quantity(value, p99, found.decision)

    @cached_property
    def latency_apart(self) -> tuple[str, ...]:
        """Return the stores, of several, whose operations the latency is not about."""
        off = [f.backend for f in self._of_all("latency-floor", "latency") if f.backend]
        off += [item.store.name for item in self.of_stores if item.latency]
        return tuple(off) if len(self.stores) > 1 else ()

    def slow_ms(self, store: Store) -> Quantity:
        """Return from how many milliseconds on an operation counts as slow.

        It is the project's standard or the p99, whichever is stricter, and never less than any
        operation of the store takes.
        """
        standard = self.demands.slow_query_ms
        p99 = self.own(store).latency or self.latency
        wanted = [standard.value if standard else None, p99 and p99.value]
        value = min((each for each in wanted if each), default=SLOW_MS)
        by = self._found("standard-slow-floor", store) or self._found("standard-slow-query")
        held = max(value, floor_ms(store.backend))
        if by is not None and self._decided(by):
            held = _number(by, "floor" if by.rule == "standard-slow-floor" else "p99")
        stated = standard.value if standard else None
        assumed = "D-slow-threshold" if "D-slow-threshold" in self.stated.decisions else ""
        return Quantity(held, stated, by.decision if by else assumed)

    def _decided(self, found: FeasibilityFinding) -> bool:
        """Tell whether somebody has decided for another number than the default's."""
        return found.decision in self.stated.decisions

    def slow_origin(self, store: Store) -> str:
        """Return why the slow threshold is what it is; nothing where a document or nobody says."""
        slow = self.slow_ms(store)
        if slow.value == floor_ms(store.backend):
            return f"what {store.name} needs at least"
        p99 = self.own(store).latency or self.latency
        return "the p99" if p99 and slow.value == p99.value else ""

    @cached_property
    def availability(self) -> Quantity | None:
        """Return the percentage of time in which the component answers."""
        stated = self.stated.availability_percent
        if stated is None:
            return None
        found = self._of_all("availability-objective", "availability")
        lowest = min(found, key=lambda item: _number(item, "limit_percent"), default=None)
        if lowest is None:
            series = self._found("several-regions") or self._found("stores-in-series")
            found_in_text = self.taken.get("availability_percent", "")
            return Quantity(stated, stated, series.decision if series else found_in_text)
        return Quantity(_number(lowest, "limit_percent"), stated, lowest.decision)

    @cached_property
    def availability_period(self) -> Quantity:
        """Return the minutes of the period over which the availability is measured."""
        found = self._found("recovery-budget")
        found = self._found("failover-budget") if found is None or found.values["beyond"] else found
        if found is None:
            return Quantity(MINUTES_PER_MONTH)
        return Quantity(MINUTES_PER_YEAR, MINUTES_PER_MONTH, found.decision)

    @property
    def downtime(self) -> str:
        """Return how long it may be without service, with the period: `43 min 50 s a month`."""
        period = self.availability_period.value
        percent = self.availability.value if self.availability else 100.0
        word = "a year" if period == MINUTES_PER_YEAR else "a month"
        return f"{duration(downtime_minutes(percent, period))} {word}"

    @cached_property
    def backup_days(self) -> Quantity:
        """Return for how many days backups are kept."""
        found, said = self._found("backups-outlive-retention"), self.demands.backup_retention_days
        if found is not None:
            return Quantity(_number(found, "due_days"), None, found.decision)
        if said is not None and "D-backup-retention" not in self.stated.decisions:
            return Quantity(said.value, said.value)
        held = said.value if said else self.stated.backup_days
        return Quantity(held, None, "D-backup-retention")

    def backup_interval(self, store: Store) -> float | None:
        """Return how old the newest backup may become in operation, where settings decide.

        Half of what may be lost, so that the other half is left for the copy itself.
        """
        main, most = store.main_backup, self.loss(store, *RESTORED)
        if main is None or main.rpo_minutes is not None or (self.rpo and not most):
            return None
        half = (most.value if most else LOSS_MINUTES) / 2
        return max(half, main.interval_minutes_min or 0.0) or None

    def backup_alarm(self, store: Store) -> float | None:
        """Return the age in minutes of the newest backup that is an alarm; None if none is known.

        It lies between the age that is usual and the loss that is allowed, so that it tells of a
        missed backup and does so before the objective is broken.
        """
        main, most = store.main_backup, self.loss(store, *RESTORED)
        if main is None or (self.rpo and not most):
            return None
        allowed = most.value if most else LOSS_MINUTES
        usual = self.backup_interval(store) or main.rpo_minutes or 0.0
        if most is not None and usual >= allowed:
            return allowed or None
        return (max(usual, 0.0) + max(allowed, usual)) / 2

    def seconds(self, store: Store) -> frozenset[SecondServer]:
        """Return what servers of a store there are beside the one that takes its writes."""
        return second_servers(self.stated, store.name, self.findings, self.recovery)

    def signals(self, store: Store) -> tuple[Signal, ...]:
        """Return what to watch; the objective says when the newest restorable state is too old."""
        seconds = self.seconds(store)
        return tuple(
            item.replace(threshold=self._threshold(item, store), read=self._read(item, store))
            for item in store.backend.signals
            if item.second is None or item.second in seconds
        )

    def _read(self, item: Signal, store: Store) -> str:
        """Return where to read a signal; a log begins where an operation counts as slow."""
        if item.slow_seconds is None:
            return item.read
        return item.read.replace(f"{item.slow_seconds:g}", f"{self.slow_ms(store).value / 1000:g}")

    def _threshold(self, item: Signal, store: Store) -> str:
        """Return when to act on a signal, before the objective is broken that it tells of."""
        rpo, p99 = self.own(store).rpo or self.rpo, self.own(store).latency or self.latency
        age = self.backup_alarm(store) if rpo and item.restorable else None
        if age:
            return f"page when it is more than {duration(age)} back"
        if item.latency_ms is not None and p99:
            held = max(p99.value, floor_ms(store.backend))
            return item.threshold.replace(f"{item.latency_ms:,.0f} ms", f"{number(held)} ms")
        # What the other region may lack by a decision is no alarm: its lag is that at each peak.
        lost = self.loss(store, "region") if item.lag_seconds is not None else None
        if item.lag_seconds is not None and lost and lost.value:
            least = min(item.lag_seconds, lost.value * 60 / 2)
            return item.threshold.replace(f"{item.lag_seconds:,.0f} s", f"{number(least)} s")
        if item.fresh_seconds is not None and store.name in self.fresh:
            least = min(item.fresh_seconds, self.fresh[store.name] / 2)
            return item.threshold.replace(f"{item.fresh_seconds:,.0f} s", f"{number(least)} s")
        return item.threshold

    @cached_property
    def answers(self) -> Answers:
        """Return the answers with the numbers that hold, for whatever prints them.

        The recovery objectives are those of a restore, which gates and drills are about.
        """
        held = self.stated._replace(**self._holding(self.restored_loss, self.restore))
        held = held._replace(consistency=self.consistency)
        return held if self.restored_loss else held._replace(rpo_minutes=None)

    @cached_property
    def sized(self) -> Answers:
        """Return the answers with the numbers that hold, for estimates of the component."""
        return self.stated._replace(**self._holding(self.rpo, self.rto))

    def _holding(self, rpo: Quantity | None, rto: Quantity | None) -> dict[str, Any]:
        held = {
            "rpo_minutes": rpo,
            "rto_minutes": rto,
            "latency_p99_ms": self.latency,
            "availability_percent": self.availability,
            "throughput_mb_per_second": self.throughput,
        }
        return {name: found.value for name, found in held.items() if found is not None}

    @cached_property
    def decided(self) -> Mapping[str, str]:
        """Return the decisions behind numbers that plan texts name, by the name that they use."""
        held = {
            "a.rpo_minutes": self.restored_loss,
            "a.rto_minutes": self.restore,
            "a.latency_p99_ms": self.latency,
            "a.availability_percent": self.availability,
            "a.throughput_mb_per_second": self.throughput,
            "backup_age": self.restored_loss,
        }
        return {name: found.decision for name, found in held.items() if found and found.decision}


def _number(found: FeasibilityFinding, name: str) -> float:
    """Return a value of a finding that is always a number."""
    return float(found.values[name])
