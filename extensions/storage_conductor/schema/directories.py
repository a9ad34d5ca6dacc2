"""Directory layout and file names for file systems."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..catalog.backend import Backend
from ..errors import ConductorError
from . import common
from .common import Sizes
from .expiry import purge_job, timed
from .model import Column, DataModel
from .objects import body_columns, has_body
from .paths import PathPlan, length_findings, plan_path
from .result import Artifact, Design, Finding, KeyRow
from .rules import cases
from .unindexed import key_rules
from .volumes import added_per_second, kept_seconds
from .ways import SpreadChoice, SpreadWay, verdict

_DAY = 86_400.0

_RULES = """\
<aa>, <bb>: first two pairs of hexadecimal digits of the SHA-256 of the first value after them,
            65,536 directories, so that none grows too large to list.
Names:      percent-encode all but a-z, 0-9, "-" and "_": no name differs from another in case only.
Writing:    write .<name>.<random>.tmp in the same directory, fsync it, rename it to its name, fsync
            the directory: a reader or a crash sees the old file or the new one.
Cleaning:   remove *.tmp files that are older than the longest write.
"""


def directory_design(model: DataModel, backend: Backend, _sizes: Sizes) -> Design:
    """Design one directory for each entity, with hash directories below, or one for each day."""
    plans = [plan_path(model, entity) for entity in model.in_dependency_order]
    choices = {plan.entity.name: c for plan in plans if (c := _spread(model, plan))}
    served = {name: way for plan in plans for name, way in plan.served.items()}
    return Design(
        backend=backend.key,
        entities=tuple(
            common.entity_table(plan.entity, backend.key, _role(plan), name=f"{plan.entity.table}/")
            for plan in plans
        ),
        relationships=common.relationships(model, enforced=False),
        diagram="",
        patterns=common.pattern_rows(model, served),
        keys=tuple(_row(plan, choices) for plan in plans),
        findings=tuple(f for plan in plans for f in _findings(plan, backend, choices)),
        constraints=cases(model, key_rules(model), lambda _: False),
        artifacts=(_layout(plans, backend.name, choices),),
        spreads=tuple(choices.values()),
    )


def _spread(model: DataModel, plan: PathPlan) -> SpreadChoice | None:
    """Compare directories by hash and by day; None where files do not go in time.

    The rule: what looks at fewer names a day. A clean-up by hash looks at every file that is kept,
    one by day at those of the day that is over; a list that does not say its days opens each.

    Raises:
        ConductorError: `_layout` asks for days that an entity cannot have.
    """
    entity = plan.entity
    seconds, column = kept_seconds(entity), timed(entity)
    added = added_per_second(model, entity)
    if not (seconds and column and added and column.name in plan.segments):
        if "by day" in entity.layout:
            raise ConductorError(
                f"entities.{entity.name}._layout: `by day` is not possible here",
                remedy="A directory for each day needs a `_lifetime` from the writing, a `_growth`"
                " or the rate of its inserts, and a time in the path that each file has."
                " Take the word out, or say these.",
            )
        return None
    days = max(seconds / _DAY, 1.0)
    hashed = dated = 0.0
    rated = True
    for pattern in model.patterns_of(entity):
        if pattern.finds_rows and plan.served[pattern.name].kind == "key":
            rated = rated and pattern.per_second is not None
            known = column.name in (*pattern.equal, *pattern.ranges)
            hashed += (pattern.per_second or 0.0) * _DAY
            dated += (pattern.per_second or 0.0) * _DAY * (1.0 if known else days)
    found = {
        "by hash": SpreadWay("by hash", added * seconds, hashed if rated else None, "dearer"),
        "by day": SpreadWay("by day", added * _DAY, dated if rated else None, "dearer"),
    }
    fewer = added * _DAY + dated < added * seconds + hashed
    ruled = "by day" if fewer and rated else "by hash"
    said = next((word for word in found if word in entity.layout), None)
    best = said or ruled
    ways = sorted(
        (way._replace(verdict=verdict(word, ruled, said, "dearer")) for word, way in found.items()),
        key=lambda way: way.word != best,
    )
    return SpreadChoice(entity.name, column.name, seconds, tuple(ways))


def _by_day(plan: PathPlan, choices: Mapping[str, SpreadChoice]) -> bool:
    choice = choices.get(plan.entity.name)
    return choice is not None and choice.ways[0].word == "by day"


def _role(plan: PathPlan) -> Callable[[Column], str]:
    body = {column.name for column in body_columns(plan.entity)}

    def role(column: Column) -> str:
        if column.name in plan.segments:
            return "path"
        whole = column.name in body or not has_body(plan.entity)
        return "content" if whole else "record beside the content"

    return role


def _findings(
    plan: PathPlan, backend: Backend, choices: Mapping[str, SpreadChoice]
) -> list[Finding]:
    limit = common.fact(backend, "name_bytes_max")
    found = [*plan.findings, *length_findings(plan, limit, encoded=3)]
    dated = _by_day(plan, choices)
    if dated and choices[plan.entity.name].ways[0].verdict != "said":
        column = choices[plan.entity.name].column
        found.append(Finding("spread-choice", plan.entity.name, (("column", column),)))
    by = "the directory of its day" if dated else "the file's own time"
    return [*found, *purge_job(plan.entity, by)]


def _row(plan: PathPlan, choices: Mapping[str, SpreadChoice]) -> KeyRow:
    places = [f"<{column}>" for column in plan.segments]
    ending = ".bin" if has_body(plan.entity) else ".json"
    spread = ["<day>", "<aa>"] if _by_day(plan, choices) else ["<aa>", "<bb>"]
    return KeyRow(
        entity=plan.entity.name,
        name="/".join([plan.entity.table, *spread, *places]) + ending,
        kind="file",
        partition=plan.segments,
        order=(),
        serves=plan.serves,
        ttl_seconds=plan.entity.ttl_seconds,
    )


def _layout(plans: list[PathPlan], name: str, choices: Mapping[str, SpreadChoice]) -> Artifact:
    lines = [f"{name}: one file for each thing; <column> stands for a value.", ""]
    for plan in plans:
        path = _row(plan, choices).name
        lines.append(path)
        if has_body(plan.entity):
            lines.append(f"{path.removesuffix('.bin')}.json    the other fields")
    days = [choices[plan.entity.name] for plan in plans if _by_day(plan, choices)]
    rules = [
        f"<day>:      date of <{choice.column}> in UTC: what is over goes as one directory, renamed"
        " out\n            of the way first, then removed file by file."
        for choice in days[:1]
    ]
    text = "\n".join([*lines, "", *rules, _RULES])
    return Artifact(f"{name}: directories", "text", text, "layout")
