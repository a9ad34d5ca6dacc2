"""The statements of a track's building blocks as files: a query file for each action, or scripts.

Statements of SQL stores name their values `:like_this`, as libraries for query files read them; a
script of Redis and Valkey is a file of its own, which the server loads as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..component.building_blocks import PlannedBlock
from ..component.component import Component
from ..schema.block_statements import ReadyAction, ReadyStep
from .migration import one_line, slug


def scripts(component: Component, store: str) -> tuple[dict[str, str], list[str]]:
    """Write what callers of the blocks of a store run.

    Args:
        component: With its blocks.
        store: Catalog key.

    Returns:
        Texts by path in a folder, and what a person should know.
    """
    files: dict[str, str] = {}
    remarks: list[str] = []
    for item in component.blocks:
        if item.store.backend.key != store or item.language not in _WRITTEN or not item.made:
            continue
        if problem := _problem(item):
            remarks.append(f"No script is written of {item.block.name}: {problem}")
            continue
        files |= dict(_WRITTEN[item.language](item))
    return files, remarks


def _problem(item: PlannedBlock) -> str:
    """Return why its statements would not run on the schema of the track; empty if they would."""
    if item.bound.elsewhere:
        named = ", ".join(item.bound.elsewhere)
        return f"{named} has a shape of its own for it, so its steps are yours to fit."
    lacking = [role.entity for role in item.bound.roles if role.proposed or role.added]
    if lacking:
        return (
            f"the answers lack what it needs of {', '.join(lacking)}; the specification, and"
            f" `{item.command}`, say what to paste into them."
        )
    return ""


def _queries(item: PlannedBlock) -> Iterator[tuple[str, str]]:
    """Yield a file of statements for each action."""
    for ready in item.actions:
        blocks = ["\n".join(_about(item, ready))]
        for step in ready.steps:
            held = item.holds(ready, step.step.key)
            text = f"-- {one_line(step.run)}" if step.step.outside else step.run
            text = f"-- Here {held}." if held else text
            blocks.append("\n".join([f"-- step: {step.step.key}", text, *_ends(step, "no row")]))
        yield f"{slug(item.block.key)}/{slug(ready.action.key)}.sql", _joined(blocks)


def _scripts(item: PlannedBlock) -> Iterator[tuple[str, str]]:
    """Yield a file for each step that is a script."""
    for ready in item.actions:
        sent = [step for step in ready.steps if step.keys]
        for step in sent:
            lines = list(_about(item, ready, step.step.key if len(sent) > 1 else ""))
            lines += [f"-- KEYS {' '.join(step.keys)}"]
            lines += [f"-- ARGV {' '.join(step.step.args)}"] if step.step.args else []
            name = slug(ready.action.key) + (f"_{slug(step.step.key)}" if len(sent) > 1 else "")
            text = "\n".join([*lines, *_ends(step, "0")])
            yield f"{slug(item.block.key)}/{name}.lua", _joined([text, step.run])


def _about(item: PlannedBlock, ready: ReadyAction, step: str = "") -> Iterator[str]:
    named = f"{ready.action.key}, {step}" if step else ready.action.key
    yield f"-- {item.block.name}: {named}: {one_line(ready.action.what)}"
    yield f"-- Keeps: {one_line('; '.join(item.block.invariants))}."


def _ends(step: ReadyStep, without: str) -> Iterator[str]:
    """Say what it means that a step does nothing, and what a crash after it leaves."""
    if step.step.none:
        yield f"-- {without}: {one_line(step.step.none)}"
    repair = f"; {one_line(step.step.repair)}" if step.step.repair else ""
    yield f"-- a crash after it leaves: {one_line(step.step.dies)}{repair}"


def _joined(blocks: list[str]) -> str:
    return "\n\n".join(block.strip("\n") for block in blocks) + "\n"


_WRITTEN = {"sql": _queries, "lua": _scripts}
