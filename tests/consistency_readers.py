"""Readers of a rendered track: each looks for one kind of contradiction and says where it is.

They know the texts alone, and nothing of how they are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from storage_conductor import units
from tests.consistency_actions import impossible_actions, lost_answers, lost_statements
from tests.consistency_deadlines import late_alarms
from tests.consistency_units import SPAN, size
from tests.specification_reading import Rendered

Reader = Callable[[Rendered, Mapping[str, Any]], Iterator[str]]
_LABELS = {
    "latency_p99_ms": "latency",
    "reads_per_second": "reads per second",
    "writes_per_second": "writes per second",
    "initial_data_gb": "start volume",
    "growth_gb_per_month": "growth",
    "availability_percent": "availability",
    "rpo_minutes": "recovery point",
    "rto_minutes": "recovery time",
    "retention": "retention",
    "sensitive_data": "sensitive data",
}


# What a description may say of an answer, in words that leave no doubt.
SPOKEN = {
    "At most five minutes may be lost.": "rpo_minutes",
    "It answers within 35 ms.": "latency_p99_ms",
    "It is available 99.9 percent of the time.": "availability_percent",
    "Entries are kept for two years.": "retention",
    "There are 900 reads a second.": "reads_per_second",
    "It is restored within three hours.": "rto_minutes",
    "There is 1.5 TB today.": "initial_data_gb",
    "It holds phone numbers of guests.": "sensitive_data",
    "There are 4,000 requests a second.": "writes_per_second",
}


def said_unsaid(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find an answer that was given and is called not stated."""
    given = {name for name, value in answers.items() if value not in (None, "", [], ())}
    given |= {name for words, name in SPOKEN.items() if words in answers["description"]}
    listed = re.search(r"^- Not stated, so that.*: (.*)$", page.spec, re.MULTILINE)
    words = listed[1].split(", ") if listed else []
    for name in given:
        if _LABELS.get(name) in words:
            yield f"{name} is given and listed as not stated"
        for key, (what, _) in page.decisions.items():
            if key.startswith("D-missing-") and re.search(rf"\b{name}\b", what):
                yield f"{name} is given and {key} calls it not stated"
    backup = page.section("Backup and Recovery")
    for name, title in (("rpo_minutes", "point"), ("rto_minutes", "time")):
        if name in given and f"**Recovery {title} objective**: not stated" in backup:
            yield f"{name} is given and Backup and Recovery calls it not stated"
    yield from _unsaid_of_patterns(page, answers)
    users = page.section("User Impact")
    if "affected_users" in given and "was not stated" in users:
        yield "affected_users is given and User Impact calls it not stated"


def _unsaid_of_patterns(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a rate or a consistency that an access pattern states and its row calls not stated."""
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in page.section("Query Patterns").splitlines()
        if line.startswith("| ")
    ]
    head = next((row for row in rows if row[0] == "Pattern"), [])
    for pattern in answers.get("access_patterns") or ():
        row = next((row for row in rows if row[0] == pattern["name"]), None)
        for key, title in (("per_second", "Per second, average"), ("consistency", "Consistency")):
            at = head.index(title) if row and title in head else None
            if row and at is not None and pattern.get(key) is not None and "not" in row[at]:
                yield f"{key} of {pattern['name']} is given and called {row[at]}"


def _numbers(page: Rendered) -> dict[str, list[tuple[str, str]]]:
    """Return what each section says of a quantity, as pairs of place and text."""
    performance, backup = (
        page.section("Performance Requirements"),
        page.section("Backup and Recovery"),
    )
    watched = page.section("Observability")
    looked: dict[str, list[tuple[str, str, str]]] = {
        "latency": [
            ("Performance", performance, r"operations.* within ([\d,.]+) ms"),
            ("N-latency", page.line("N-latency"), r"end within ([\d,.]+) ms"),
            ("A-load", page.line("A-load"), r"p99 of at most ([\d,.]+) ms"),
            ("plan", page.plan, r"p99 (?:to first byte )?of at most ([\d,.]+) ms"),
        ],
        "availability": [
            ("Performance", performance, r"\| Availability \| ([\d.]+ %)"),
            ("N-availability", page.line("N-availability"), r"answers ([\d.]+ %)"),
        ],
        "downtime": [
            ("Performance", performance, r"at most (.*?) without service"),
            ("N-availability", page.line("N-availability"), r"at most (.*?) without service"),
            ("User Impact", page.section("User Impact"), r"\*\*Down\*\*: up to (.*) is within"),
        ],
        "recovery time": [
            ("Backup", backup, rf"answers again within {SPAN}"),
            ("N-rto", page.line("N-rto"), rf"answers again within {SPAN}"),
        ],
        "restore": [
            ("Backup", backup, rf"a restore may take {SPAN}"),
            ("N-rto", page.line("N-rto"), rf"a restore takes at most {SPAN}"),
            ("A-restore", page.line("A-restore"), rf"ends within {SPAN}")
            if "a restore may take" in backup
            else ("", "", "$^()"),
            ("plan", page.plan, rf"with start(?:,| and) end \(at most {SPAN}\)")
            if "a restore may take" in backup
            else ("", "", "$^()"),
        ],
        "peak load": [
            ("N-load", page.line("N-load"), r"carries (.*) per second"),
            ("A-load", page.line("A-load"), r"minutes with (.*) per second"),
            (
                "Performance",
                performance,
                r"Load, (?:peak(?: \(.*\))?|average) \| (.*) per second \|\n(?!\| Load)",
            ),
        ],
        "slow threshold": [
            ("Observability", watched, r"^Operations slower than ([\d,.]+) ms"),
            ("N-slow", page.line("N-slow"), r"over ([\d,.]+) ms"),
            ("plan", page.plan, r"(?:Log queries|log those) slower than ([\d,.]+) ms"),
        ],
        "backup alarm": [
            ("Backup", backup, rf"the alarm goes off at {SPAN}"),
            ("plan", page.plan, rf"Alert when the newest (?:backup|one) is older than {SPAN}"),
        ],
        "data of the load test": [
            ("A-load", page.line("A-load"), r"size expected (.*?) shows?"),
            ("plan", page.plan, r"size expected (.*?)(?:;|$)"),
        ],
        "volume": [
            ("N-volume", page.line("N-volume"), r"all of this with ([\d,.]+ \w+)"),
        ],
    }
    return {
        name: [
            (place, found[1].strip())
            for place, text, pattern in places
            for found in re.finditer(pattern, text, re.MULTILINE)
        ]
        for name, places in looked.items()
    }


def numbers_that_differ(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a quantity with another number in another section."""
    yield from _rates_that_differ(page, answers)
    several_stores = " + " in page.track.component.backend_text
    for name, found in _numbers(page).items():
        if several_stores and name in ("backup alarm", "slow threshold"):
            continue
        if len({text for _, text in found}) > 1:
            yield f"{name}: {'; '.join(f'{place} {text}' for place, text in found)}"
    volume = re.search(r"all of this with ([\d,.]+ \w+)", page.line("N-volume"))
    row = re.search(r"^\| Volume after (.*?) months[^|]*\| (.*?) \|", page.section("Sizing"), re.M)
    if volume and row and volume[1] not in row[2].split("; "):
        yield f"volume: N-volume {volume[1]}, Sizing {row[2]}"
    at_end = "end of the retention" in page.line("N-volume")
    if volume and row and at_end and volume[1] != row[2].split("; ")[-1]:
        yield f"volume: N-volume {volume[1]}, Sizing ends with {row[2].split('; ')[-1]}"


def _rates_that_differ(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a pattern whose row shows another rate, and a sum that is not the sum of its parts."""
    for pattern in answers.get("access_patterns") or ():
        rate, name = pattern.get("per_second"), re.escape(pattern["name"])
        row = re.search(rf"^\| {name} \|.*$", page.section("Query Patterns"), re.MULTILINE)
        if rate is not None and row and f" {units.number(rate)} " not in row[0]:
            yield f"rate of {pattern['name']}: {units.number(rate)} is stated; {row[0]}"
    for terms, total in re.findall(r"\| ((?:[\d,.]+ \+ )+[\d,.]+) = ([\d,.]+) \|", page.spec):
        parts = [float(term.replace(",", "")) for term in terms.split(" + ")]
        if abs(sum(parts) - float(total.replace(",", ""))) > 0.01 * sum(parts):
            yield f"sum: {terms} = {total}"


def too_strict(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a requirement or gate that a decision's default or the recovery table denies."""
    rpo, rto = page.line("N-rpo"), page.line("N-rto")
    assumed = "after which [Backup and Recovery]" in rpo
    refused = [] if assumed else _refused(page, "Meets the recovery point")
    for failure, link in _refused(page, "In time"):
        if link.strip(" ()") not in rto:
            yield f"N-rto does not name {link.strip()}, by which {failure} is late"
    if rpo and refused and "; but after" not in rpo:
        yield f"N-rpo holds in each failure, the table denies it for {refused[0][0]}"
    for failure, link in refused:
        if rpo and "D-" in link and link.strip(" ()") not in rpo:
            yield f"N-rpo does not name {link.strip()}, by which {failure} is lost"
    volume = page.line("N-volume")
    planned = "".join(page.decisions.get(key, ("", ""))[1] for key in _OF_THE_VOLUME)
    named = any(f"[{key}]" in volume for key in _OF_THE_VOLUME)
    if "planned for" in planned and volume and not named:
        yield f"the volume follows from no decision: {volume}"
    yield from _beyond_a_limit(page)
    for key, (_, default) in page.decisions.items():
        line, number = _required(page, key)
        meant = re.search(_DEFAULTS.get(key.removeprefix("D-"), r"$^()"), default)
        # Another decision may ask for more; then the requirement names that one.
        other = key in _LEVELS and "](#decisions)" in line and f"[{key}]" not in line
        if meant and line and not number(line, meant[1]) and not other:
            yield f"{key} takes {meant[1]} by default; {line}"
        if meant and line and f"[{key}](#decisions)" not in line and not other:
            yield f"{line} does not name {key}"


def _refused(page: Rendered, title: str) -> list[tuple[str, str]]:
    """Return the failures that a column of the recovery table denies, each with the rest of it."""
    lines = page.section("Backup and Recovery").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line]
    head = next((row for row in rows if row[0].strip() == "If this is lost"), [])
    denied = re.compile(r"\*\*(?:no|not known|nothing brings it back)\*\*(.*)")
    at = head.index(title) if title in head else None
    cells = ((row[0], row[at]) for row in rows if at is not None and len(row) == len(head))
    return [(failure, found[1]) for failure, cell in cells if (found := denied.search(cell))]


def _beyond_a_limit(page: Rendered) -> Iterator[str]:
    """Find an item that is required and that the only store refuses."""
    stores = page.track.component.stores
    hard = [fact for fact in stores[0].backend.facts if fact.key == "item_bytes_max"]
    hard = [fact for fact in hard if not isinstance(fact.value, str)]
    item = re.search(r"accepts an item of ([\d,.]+ \w+)", page.line("N-item"))
    for fact in hard if len(stores) == 1 and item else ():
        settable = stores[0].backend.number("item_bytes_settable_max") or 0.0
        limit = max(float(fact.value), settable)
        if fact.kind == "hard" and item and size(item[1]) > limit * 1.01:
            yield f"N-item asks for {item[1]}, {stores[0].name} holds {units.size_text(limit)}"


_OF_THE_VOLUME = (
    "D-items-against-retention",
    "D-growth-below-writes",
    "D-growth-above-writes",
    "D-initial-above-retention",
    "D-counts-against-volume",
    "D-growth-against-entities",
    "D-item-above-volume",
)
_DEFAULTS = {
    "largest-below-average": r"()larger of the two",
    "item-too-large": r"()refused at the component's edge",
    "strong-reads": r"()told that answers may be old",
    "recovery-budget": r"()measured over a year",
    "restore-time": rf"after a mistake may take {SPAN}",
    "availability-objective": r"component is ([\d.]+ %)",
    "latency-floor": r"itself is ([\d,.]+) ms",
    "standard-rpo": rf"standard holds: {SPAN}",
    "standard-rto": rf"standard holds: {SPAN}",
}


_LEVELS = ("D-standard-rpo", "D-standard-rto", "D-largest-below-average")


def _required(page: Rendered, key: str) -> tuple[str, Callable[[str, str], bool]]:
    """Return the requirement that a decision is about, and how its default is found there."""

    def says(line: str, meant: str) -> bool:
        return meant.strip() in line

    lines = {
        "D-restore-time": "A-restore",
        "D-availability-objective": "N-availability",
        "D-latency-floor": "N-latency",
        "D-standard-rpo": "N-rpo",
        "D-largest-below-average": "N-item",
        "D-item-too-large": "N-item",
        "D-strong-reads": "N-consistency",
        "D-recovery-budget": "N-availability",
        "D-standard-rto": "N-rto",
    }
    return page.line(lines.get(key, "")), says


def said_twice(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a line that stands twice; of several stores each may have its own."""
    if len(page.track.component.stores) > 1:
        return
    for where, text in (("spec", page.spec), ("plan", page.plan)):
        blocks = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        # A sub-task belongs to the one task above it.
        long = [line for line in blocks.splitlines() if len(line) > _LINE and line[0] != " "]
        commands = ("- **Back up**", "- **Restore**")  # two ways may share a command
        own = [line for line in long if not line.startswith((">", "| ---", *commands))]
        for line in {line for line in own if own.count(line) > 1}:
            yield f"twice in the {where}: {line}"


def gates_without_work(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a phase whose gate asks for evidence of work that no task of it does."""
    for phase in re.split(r"^## ", page.plan, flags=re.MULTILINE)[1:]:
        tasks = re.findall(r"^- \[ \] (?!Settle the)(.*)$", phase, re.MULTILINE)
        if "**Gate**" in phase and not tasks:
            yield f"{phase.splitlines()[0]} has a gate and no task"


def draft_against_plan(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a key that the draft numbers in one way and the plan in another."""
    drafted = set(re.findall(r"GENERATED (ALWAYS|BY DEFAULT) AS IDENTITY", page.spec))
    planned = set(re.findall(r"GENERATED (ALWAYS|BY DEFAULT) AS IDENTITY", page.plan))
    if drafted and planned and drafted != planned:
        yield f"the draft says {drafted}, the plan {planned}"


_LINE = 60
READERS: tuple[Reader, ...] = (
    said_twice,
    gates_without_work,
    draft_against_plan,
    said_unsaid,
    numbers_that_differ,
    too_strict,
    late_alarms,
    impossible_actions,
    lost_answers,
    lost_statements,
)


def problems(page: Rendered, answers: Mapping[str, Any]) -> list[str]:
    """Return everything that any reader finds."""
    return [f"{read.__name__}: {found}" for read in READERS for found in read(page, answers)]
