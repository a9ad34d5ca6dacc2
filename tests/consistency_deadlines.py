"""Readers of a rendered track that look for times which break what they serve."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from storage_conductor import units
from tests.consistency_units import SPAN, minutes, number
from tests.specification_reading import Rendered


def late_alarms(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find an alarm, interval or threshold that breaks the objective that it serves."""
    rpo = re.search(rf"loses at most {SPAN}", page.line("N-rpo"))
    if rpo:
        excepted = re.findall(rf"at most {SPAN}\(\[D-rpo-below", page.line("N-rpo"))
        allowed = max(map(minutes, [rpo[1], *excepted]))
        for pattern in (rf"newest (?:backup|one) is older than {SPAN}", rf"more than {SPAN}back"):
            for found in re.finditer(pattern, page.plan + page.section("Observability")):
                if minutes(found[1]) > allowed * 1.001:
                    yield f"alarm at {found[1]}, the objective is {units.duration(allowed)}"
    for found in re.finditer(rf"at most {SPAN}old, .* alarm goes off at {SPAN}", page.spec):
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
    yield from _late_signals(page)
    yield from _broken_deadlines(page, answers)
    p99 = answers.get("latency_p99_ms")
    if single and slow and p99 and float(slow[1].replace(",", "")) > max([p99, *floors]):
        yield f"slow from {slow[1]} ms on, the p99 is {p99} ms"


def _late_signals(page: Rendered) -> Iterator[str]:
    """Find an alarm on latency or lag that stays silent while its objective is broken."""
    if len(page.track.component.stores) > 1:
        return
    held = re.search(r"end within ([\d,.]+) ms", page.line("N-latency"))
    objective = page.line("N-rpo")
    lost = re.search(rf"after the loss of [^;]*region[^;]* at most {SPAN}", objective)
    lost = lost or re.search(rf"loses at most {SPAN}", objective)
    first = re.search(
        r"^\| Time to the first byte .* above ([\d,.]+) ms", page.section("Observability"), re.M
    )
    lag = re.search(r"^\| Replication lag .* lag above ([\d,.]+) s", page.spec, re.MULTILINE)
    if held and first and number(first[1]) > number(held[1]):
        yield f"an alarm at {first[1]} ms, the objective is {held[1]} ms"
    if lost and lag and number(lag[1]) / 60 > minutes(lost[1]):
        yield f"an alarm at a lag of {lag[1]} s, the objective is {lost[1]}"


def _broken_deadlines(page: Rendered, answers: Mapping[str, Any]) -> Iterator[str]:
    """Find a lifetime that is longer than what it serves allows."""
    erased = {"pii", "phi"} & set(answers.get("sensitive_data") or ())
    _, kept = page.decisions.get("D-backup-retention", ("", ""))
    days = re.match(r"(\d+) days", kept)
    if erased and days and int(days[1]) >= 30:
        yield f"backups are kept for {days[1]} days, an erasure is due within 30"
    unsourced = ("D-born-in-cache", "D-source-undecided")
    original = page.line("N-rpo") or any(key.startswith(unsourced) for key in page.decisions)
    excused = any(key.startswith("D-stale-beyond-bound") for key in page.decisions)
    for pattern in [] if original or excused else answers.get("access_patterns") or ():
        table, bound = pattern["entity"].lower(), pattern.get("fresh_within")
        lives = re.search(rf"^(?:EXPIRE|SET) {table}:<.* (\d+)$", page.spec, re.MULTILINE)
        if bound and lives and int(lives[1]) / 60 > minutes(_short(bound)):
            yield f"{table} lives for {lives[1]} s, an answer may be {bound} old"
    copied = re.search(rf"^\| Time to copy .*? \| {SPAN}\|", page.section("Sizing"), re.M)
    ends = re.search(rf"ends within {SPAN}", page.line("A-restore"))
    if copied and ends and minutes(copied[1]) > minutes(ends[1]) * 1.01:
        yield f"A-restore ends within {ends[1]}, the copy alone takes {copied[1]}"


def _short(text: str) -> str:
    return re.sub(r"(\d+ )(minute|hour|day|second)s?", lambda m: m[1] + _UNITS[m[2]], text)


_UNITS = {"second": "s", "minute": "min", "hour": "h", "day": "d"}
