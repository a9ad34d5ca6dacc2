"""The load script of a store: its operations in the stated proportions, with the p99 as limit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..component.track import Track
from ..proof.subject import Subject
from ..schema.sql import Schema
from ..schema.sqltypes import ENGINES
from .migration import one_line, slug
from .operations import SAMPLES, LoadOperation, operations

_SCRIPTS = Path(__file__).parent / "scripts"
_FINEST = 100  # parts of the smallest rate that weights tell apart


def script(subject: Subject, track: Track) -> tuple[dict[str, str], list[str]]:
    """Write the load script of a store.

    Args:
        subject: The store.
        track: What objectives hold.

    Returns:
        Texts by name, none where no script is written; and what a person should know.
    """
    write = _WRITTEN.get(subject.backend.key)
    if write is None:
        return {}, [f"No load script is written for {subject.backend.name}."]
    schema = Schema(subject.model, ENGINES[subject.backend.key](subject.backend), subject.sizes)
    found = list(operations(subject, schema))
    kept = [item for item in found if not item.left_out]
    remarks = [f"Not in the load script: {one_line(i.name)}: {i.left_out}." for i in found
               if i.left_out]  # fmt: skip
    if not kept:
        return {}, [*remarks, "No load script is written: there is no operation to run."]
    limits = dict(_limits(subject, track, kept))
    factor = track.component.stated.peak_factor or 1
    return write(kept, limits, sum(item.per_second for item in kept) * factor), remarks


def _limits(
    subject: Subject, track: Track, kept: Sequence[LoadOperation]
) -> Iterator[tuple[str, float | None]]:
    """Yield the p99 of each operation: its own, else that of the store, else of the component."""
    component = track.component
    store = next(item for item in component.stores if item.backend.key == subject.backend.key)
    whole = component.objectives.own(store).latency or component.objectives.latency
    own = {item.name: item.p99 for item in component.operations}
    for item in kept:
        found = own.get(item.name) or whole
        yield item.name, None if found is None else found.value


def _pgbench(
    kept: Sequence[LoadOperation], limits: Mapping[str, float | None], rate: float
) -> dict[str, str]:
    smallest = min(item.per_second for item in kept)
    # What begins with a colon would be a variable of a prepared statement, also in quotes.
    colon = any(re.search(r"(?<!:):\w", text) for item in kept for text in item.run)
    mode = "simple" if colon else "prepared"
    settings: dict[str, Any] = {"per_second": rate, "mode": mode, "operations": []}
    files = {}
    for number, item in enumerate(kept, 1):
        name = f"{number:02}_{slug(item.name)[:40] or 'operation'}.sql"
        body = "\n".join(item.run).replace("{n}", ":n").replace("{m}", ":m")
        lines = [f"-- {one_line(item.name)}", f"\\set n random(1, {SAMPLES})"]
        if ":m" in body:
            lines.append(f"\\set m random(1, {SAMPLES})")
        files[name] = "\n".join([*lines, body]) + "\n"
        settings["operations"].append(
            {
                "name": one_line(item.name),
                "file": name,
                "table": item.table,
                "weight": max(1, round(item.per_second / smallest * _FINEST)),
                "p99_ms": limits[item.name],
            }
        )
    return {**_shared(kept, settings), **files, "run.py": _text("pgbench_load.py")}


def _sysbench(
    kept: Sequence[LoadOperation], limits: Mapping[str, float | None], rate: float
) -> dict[str, str]:
    stated = [limit for limit in limits.values() if limit is not None]
    named = [{"name": one_line(item.name), "table": item.table} for item in kept]
    settings = {"per_second": rate, "p99_ms": min(stated, default=None), "operations": named}
    lines = [f"samples = {SAMPLES}", "", "operations = {"]
    for item in kept:
        statements = ", ".join(f"[==[{text.removesuffix(';')}]==]" for text in item.run)
        lines.append(f"  -- {one_line(item.name)}")
        lines.append(f"  {{weight = {item.per_second:g}, run = {{{statements}}}}},")
    script = "\n".join([*lines, "}"]) + "\n" + _text("operations.lua")
    return {
        **_shared(kept, settings),
        "operations.lua": script,
        "run.py": _text("sysbench_load.py"),
    }


def _shared(kept: Sequence[LoadOperation], settings: Mapping[str, Any]) -> dict[str, str]:
    """Write what makes the samples and removes them, and what is run."""
    drops = "\n".join(f"DROP TABLE IF EXISTS {item.table};" for item in kept)
    makes = "\n".join(f"-- {one_line(item.name)}\n{item.prepare}" for item in kept)
    return {
        "prepare.sql": f"{drops}\n{makes}\n",
        "clean.sql": f"{drops}\n",
        "operations.json": json.dumps(settings, indent=2, ensure_ascii=False) + "\n",
    }


def _text(name: str) -> str:
    return (_SCRIPTS / name).read_text(encoding="utf-8")


_WRITTEN: dict[
    str, Callable[[Sequence[LoadOperation], Mapping[str, float | None], float], dict[str, str]]
] = {"postgresql": _pgbench, "mariadb": _sysbench}
