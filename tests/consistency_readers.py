"""Readers of a rendered track: each looks for one kind of contradiction and says where it is.

They know the texts alone, and nothing of how they are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from storage_conductor import units
from tests.specification_reading import Rendered

Reader = Callable[[Rendered, Mapping[str, Any]], Iterator[str]]
_MINUTES = {"s": 1 / 60, "min": 1, "h": 60, "d": 1_440}
_SPAN = r"((?:\d[\d,.]* (?:s|min|h|d)\b ?)+)"
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


def minutes(text: str) -> float:
    """Return a duration such as `4 h 30 min` in minutes."""
    parts = re.findall(r"(\d[\d,.]*) (s|min|h|d)\b", text)
    return sum(float(amount.replace(",", "")) * _MINUTES[unit] for amount, unit in parts)


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
    users = page.section("User Impact")
    if "affected_users" in given and "was not stated" in users:
        yield "affected_users is given and User Impact calls it not stated"


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
            ("Backup", backup, rf"answers again within {_SPAN}"),
            ("N-rto", page.line("N-rto"), rf"answers again within {_SPAN}"),
        ],
        "restore": [
            ("Backup", backup, rf"a restore may take {_SPAN}"),
            ("N-rto", page.line("N-rto"), rf"a restore takes at most {_SPAN}"),
            ("A-restore", page.line("A-restore"), rf"ends within {_SPAN}")
            if "a restore may take" in backup
            else ("", "", "$^()"),
            ("plan", page.plan, rf"with start(?:,| and) end \(at most {_SPAN}\)")
            if "a restore may take" in backup
            else ("", "", "$^()"),
        ],
        "peak load": [
            ("N-load", page.line("N-load"), r"carries (.*) per second"),
            ("A-load", page.line("A-load"), r"minutes with (.*) per second"),
            (
                "Performance",
                performance,
                r"Load, (?:peak \(.*\)|average) \| (.*) per second \|\n(?!\| Load)",
            ),
        ],
        "slow threshold": [
            ("Observability", watched, r"^Operations slower than ([\d,.]+) ms"),
            ("N-slow", page.line("N-slow"), r"over ([\d,.]+) ms"),
            ("plan", page.plan, r"(?:Log queries|log those) slower than ([\d,.]+) ms"),
        ],
        "backup alarm": [
            ("Backup", backup, rf"the alarm goes off at {_SPAN}"),
            ("plan", page.plan, rf"Alert when the newest (?:backup|one) is older than {_SPAN}"),
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


def too_strict(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a requirement or gate that a decision's default or the recovery table denies."""
    lost, rpo = page.section("Backup and Recovery"), page.line("N-rpo")
    refused = re.findall(r"^\| (.*?) \|.*\*\*(?:no|nothing brings it back)\*\*(.*)\|$", lost, re.M)
    if rpo and refused and "; but after" not in rpo:
        yield f"N-rpo holds in each failure, the table denies it for {refused[0][0]}"
    for failure, link in refused:
        if rpo and "D-" in link and link.strip(" ()") not in rpo:
            yield f"N-rpo does not name {link.strip()}, by which {failure} is lost"
    for key, (_, default) in page.decisions.items():
        line, number = _required(page, key)
        meant = re.search(_DEFAULTS.get(key.removeprefix("D-"), r"$^()"), default)
        # Another decision may ask for more; then the requirement names that one.
        other = key in _LEVELS and "](#decisions)" in line and f"[{key}]" not in line
        if meant and line and not number(line, meant[1]) and not other:
            yield f"{key} takes {meant[1]} by default; {line}"
        if meant and line and f"[{key}](#decisions)" not in line and not other:
            yield f"{line} does not name {key}"


_DEFAULTS = {
    "largest-below-average": r"()larger of the two",
    "item-too-large": r"()refused at the component's edge",
    "strong-reads": r"()told that answers may be old",
    "recovery-budget": r"()measured over a year",
    "restore-time": rf"after a mistake may take {_SPAN}",
    "availability-objective": r"component is ([\d.]+ %)",
    "latency-floor": r"itself is ([\d,.]+) ms",
    "standard-rpo": rf"standard holds: {_SPAN}",
    "standard-rto": rf"standard holds: {_SPAN}",
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


def late_alarms(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find an alarm, interval or threshold that breaks the objective that it serves."""
    rpo = re.search(rf"loses at most {_SPAN}", page.line("N-rpo"))
    if rpo:
        excepted = re.findall(rf"at most {_SPAN}\(\[D-rpo-below", page.line("N-rpo"))
        allowed = max(map(minutes, [rpo[1], *excepted]))
        for pattern in (rf"newest (?:backup|one) is older than {_SPAN}", rf"more than {_SPAN}back"):
            for found in re.finditer(pattern, page.plan + page.section("Observability")):
                if minutes(found[1]) > allowed * 1.001:
                    yield f"alarm at {found[1]}, the objective is {units.duration(allowed)}"
    for found in re.finditer(rf"at most {_SPAN}old, .* alarm goes off at {_SPAN}", page.spec):
        if minutes(found[1]) > minutes(found[2]):
            yield f"a state of {found[1]} is allowed, the alarm is at {found[2]}"
    single = len(page.track.component.stores) == 1
    floors = [
        float(fact.value)
        for store in page.track.component.stores
        for fact in store.backend.facts
        if fact.key in ("latency_read_floor_ms", "latency_write_floor_ms")
    ]
    slow = re.search(r"over ([\d,.]+) ms", page.line("N-slow"))
    if single and slow and floors and float(slow[1].replace(",", "")) < max(floors):
        yield f"slow from {slow[1]} ms on, any operation takes {max(floors)} ms"
    p99 = answers.get("latency_p99_ms")
    if single and slow and p99 and float(slow[1].replace(",", "")) > max([p99, *floors]):
        yield f"slow from {slow[1]} ms on, the p99 is {p99} ms"


def impossible_actions(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find an action that the store or its hosting does not have."""
    if len(page.track.component.stores) > 1:
        return
    store = page.track.component.stores[0]
    text = page.spec.partition("\n## Requirements\n")[2] + page.plan
    absent = {
        "no node": (store.nodeless or store.serverless, r"node in use is killed|made to fail over"),
        "no failover": (
            store.managed and store.backend.lacks("automatic_failover"),
            r"made to fail over|Force a failover",
        ),
        "no migration": (
            store.backend.storage_type != "database",
            r"\*\*A-migration\*\*|goes to the newest version",
        ),
        "no duration": (
            not page.track.component.stated.retention_days,
            r"one day over its time|past its time is gone",
        ),
    }
    for name, (applies, pattern) in absent.items():
        found = re.search(pattern, text)
        if applies and found:
            yield f"{name}, and yet: {found[0]}"


_AFTER = {
    "reads_per_second": "(?:/s| reads)",
    "writes_per_second": "(?:/s| writes)",
    "peak_factor": r"(?: times|\)| is stated|/s| =|;)",
    "latency_p99_ms": " ms",
}


def lost_answers(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a stated answer that appears nowhere in the specification."""
    shown: dict[str, Callable[[Any], str]] = {
        "description": str,
        "scalability": str,
        "affected_users": str,
        "retention": str,
        "hosting": str,
        "migration_tool": str,
        "topology": str,
        "platform": str,
        "infrastructure_code": str,
        "client_library": str,
        "throughput_mb_per_second": units.number,
        "metadata_operations_per_second": units.number,
        "client_count": units.number,
        "item_count": units.number,
        "reads_per_second": units.number,
        "writes_per_second": units.number,
        "peak_factor": units.number,
        "latency_p99_ms": units.number,
        "availability_percent": units.percent,
        "average_item_bytes": units.size_text,
        "largest_item_bytes": units.size_text,
        "initial_data_gb": units.volume_text,
        "growth_gb_per_month": units.volume_text,
        "rpo_minutes": units.duration,
        "rto_minutes": units.duration,
    }
    text = " ".join(page.spec.replace("\n> ", " ").split())
    for name, form in shown.items():
        value = answers.get(name)
        value = " ".join(value.split()) if isinstance(value, str) else value
        if value in (None, ""):
            continue
        pattern = rf"(?<![\d.,]){re.escape(form(value))}{_AFTER.get(name, '')}(?![\d]|[.,]\d)"
        words = "no acknowledged write" if (name, value) == ("rpo_minutes", 0) else form(value)
        if words not in text and not re.search(pattern, text, re.IGNORECASE):
            yield f"{name} {form(value)} appears nowhere"
    for note in answers.get("notes", ()):
        said = next(iter(note.values())) if isinstance(note, Mapping) else note
        if f"- {said}" not in text:
            yield f"the note {said} appears nowhere"
    for options in answers.get("alternatives", {}).values():
        if lacking := [name for name in options if name not in text]:
            yield f"what is open appears nowhere: {lacking}"
    for use in answers.get("use_cases", ()):
        if use not in text:
            yield f"the use case {use} appears nowhere"


READERS: tuple[Reader, ...] = (
    said_unsaid,
    numbers_that_differ,
    too_strict,
    late_alarms,
    impossible_actions,
    lost_answers,
)


def problems(page: Rendered, answers: Mapping[str, Any]) -> list[str]:
    """Return everything that any reader finds."""
    return [f"{read.__name__}: {found}" for read in READERS for found in read(page, answers)]
