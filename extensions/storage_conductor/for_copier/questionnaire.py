"""The functions that copier.yml and the templates call, each under its own name."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from ..catalog import loading
from ..catalog.building_blocks import NONE, block_headings
from ..component.track import Track, build
from ..context import ProjectContext, read_context
from ..disk import places
from ..errors import ConductorError
from ..findings import features
from ..questions import answers, building_blocks, documented, given, hosting, rules
from ..tracks import ids, starting
from . import beforehand
from .plain import plain


def project_of(context: Context | Mapping[str, Any]) -> Path:
    """Return the folder that Copier renders into."""
    return Path(context["_copier_conf"]["dst_path"])


def _starting(context: Context) -> bool:
    """Tell a new track from an update or recopy of one, and from the renders that an update does.

    A track has its answers file; the renders of an update are given what is recorded in one.
    """
    conf = context["_copier_conf"]
    recorded = {"_src_path", "project_context"} & set(conf["data"])
    return not recorded and not (project_of(context) / conf["answers_file"]).is_file()


def _documents(context: Context) -> ProjectContext:
    return _read(project_of(context))


@functools.lru_cache(maxsize=1)
def _read(project: Path) -> ProjectContext:
    return read_context(project, starting=True)


@pass_context
@plain
def check_given(context: Context) -> bool:
    """Check everything given by --data at once; the first thing that Copier computes."""
    _read.cache_clear()  # this process may have rendered before, when the documents were others
    conf = context["_copier_conf"]
    new = _starting(context)
    beforehand.tidy(conf["data"], starting=new)
    said = dict(conf["data"])
    project = project_of(context)
    if new:
        beforehand.check_version(conf, context["_copier_answers"])
    if new and project.resolve().parent.name == Path(places.STORAGES).name:
        raise ConductorError(
            "is the folder of a track, not a project",
            path=project,
            remedy="Run Copier in the project's root, with `-a` and the answers file's path.",
        )
    kind = answers.storage_type_of(said)
    if "hosting" in said and "backend" not in said and kind in rules.STORAGE_TYPES[:-1]:
        said["backend"] = default_backend(context, kind)
    if new and conf["defaults"] and kind == "hybrid":
        said.setdefault("backends", documented.documented_backends(_documents(context), kind))
    required = ("title", "description") if new and conf["defaults"] else ()
    answers.check(said, required=required, closed=new)
    return True


@pass_context
@plain
def answer_type(context: Context, name: str, *, asked: bool) -> str:
    """Return as what Copier may read an answer, so that what a person wrote stays as it is.

    Args:
        context: The context of the question.
        name: The question.
        asked: Whether a person is asked it.
    """
    if name in context:
        return "yaml" if given.yaml_may_read(name, context[name]) else "str"
    return "str" if asked and not context["_copier_conf"]["defaults"] else "yaml"


def broken_rule(name: str, value: Any) -> str:
    """Return what is wrong with one answer, or an empty text."""
    return answers.broken_rule(name, value)


def id_problem(storage_id: str) -> str:
    """Return what is wrong with the form of an id, or an empty text."""
    return ids.problem(storage_id) or ""


@pass_context
@plain
def default_storage_type(context: Context) -> str:
    """Return the storage type of the backends that were given, else what the texts speak of."""
    data = context["_copier_conf"]["data"]
    if data.get("backend") or data.get("backends") or data.get("entities"):
        return answers.storage_type_of(data)
    texts = [str(context.get(name) or "") for name in ("title", "description")]
    return features.spoken_type([*texts, *rules.items(data.get("use_cases"))])


@plain
def backend_choices(storage_type: str) -> list[str]:
    """List the backends of a storage type, or all for hybrid, and `Other`."""
    found = [
        item.name for item in loading.headings() if storage_type in (item.storage_type, "hybrid")
    ]
    return [*found, rules.OTHER]


@pass_context
@plain
def default_backend(context: Context, storage_type: str) -> str:
    """Return the backend that tech-stack.md names for the storage type, else the first offered."""
    choices = backend_choices(storage_type)
    named = documented.documented_backends(_documents(context), storage_type)
    return next((name for name in named if name in choices), choices[0])


@pass_context
@plain
def default_backends(context: Context) -> list[str]:
    """Return the backends that tech-stack.md names, for a hybrid component."""
    if context["storage_type"] != "hybrid":
        return []
    return documented.documented_backends(_documents(context), "hybrid")


@pass_context
@plain
def hosting_choices(
    context: Context, storage_type: str, backend: str, backends: Iterable[str]
) -> list[list[str]]:
    """List the ways to run the backends, as pairs of shown text and value.

    What was given or recorded is one of them, such as the hosting of each of several stores.
    """
    names = hosting.names_of(list(backends) if storage_type == "hybrid" else [backend])
    said = context.get("hosting") or default_hosting(context, storage_type, backend, backends)
    return [["Not decided", ""], *([name, name] for name in dict.fromkeys([*names, said]) if name)]


@pass_context
@plain
def default_hosting(
    context: Context, storage_type: str, backend: str, backends: Iterable[str]
) -> str:
    """Return the hosting that tech-stack.md names, if the backends know it."""
    named = list(backends) if storage_type == "hybrid" else [backend]
    return documented.documented_hosting(_documents(context), named)


@plain
def block_choices() -> list[list[str]]:
    """List the building blocks, as pairs of shown text and value."""
    return [*([item.name, item.key] for item in block_headings()), ["None of them", NONE]]


@pass_context
@plain
def default_blocks(context: Context) -> list[str]:
    """Return the building blocks that the answers speak of, where a person is shown them.

    Where nobody is asked the answer stays empty, and what is recognised stays an assumption.
    """
    if context["_copier_conf"]["defaults"] or context["detail"] != "full":
        return []
    said, _ = answers.examine(context.get_all())
    return [item.key for item in building_blocks.recognised(answers.Answers(**said))]


@pass_context
@plain
def as_documented(context: Context, name: str) -> str:
    """Return what the project's documents say for an answer, as ` (value)`, or nothing.

    Where nobody is asked nobody reads it, and the documents need not be read for it.
    """
    if context["_copier_conf"]["defaults"]:
        return ""
    value = documented.documented(_documents(context), name)
    return f" ({value})" if value else ""


@pass_context
@plain
def reserve_id(context: Context, scheme: str, storage_type: str) -> str:
    """Return a new id, kept free for this process."""
    project = project_of(context)
    documented.preflight(project)
    choose = ids.propose if context["_copier_conf"]["pretend"] else ids.reserve
    return choose(project, scheme, storage_type, ids.clock())


@pass_context
@plain
def claim(context: Context, storage_id: str) -> str:
    """Make sure that the id is this process's own and return the time of creation, ISO 8601 UTC."""
    conf, project = context["_copier_conf"], project_of(context)
    if not conf["pretend"]:
        documented.preflight(project)
        ids.claim(project, storage_id)
        if not conf["skip_tasks"]:  # only the task takes the mark off again
            starting.begin(project / places.home(storage_id))
    return ids.clock().isoformat()


@pass_context
@plain
def project_snapshot(context: Context) -> dict[str, Any]:
    """Return what the project's documents say, small enough to be recorded."""
    conf = context["_copier_conf"]
    given = not conf["defaults"] or bool({"backend", "backends"} & set(conf["data"]))
    return documented.snapshot(
        project_of(context),
        _documents(context),
        rules.items(context["depends_on"]),
        context["storage_type"],
        backend_given=given,
    )


@pass_context
@plain
def check_model(context: Context) -> bool:
    """Build all that the templates print, so that a mistake shows before a file is written."""
    build(context.get_all()).complete()
    return True


@pass_context
@plain
def track(context: Context) -> Track:
    """Return the typed model that the templates print."""
    return build(context.get_all())


def works_only_here(source: str) -> bool:
    """Tell whether a template's source is a path that means something else in another folder."""
    known = ("git@", "git+", "gh:", "gl:")
    return "://" not in source and not source.startswith(known) and not Path(source).is_absolute()


FUNCTIONS: tuple[Callable[..., Any], ...] = (
    check_given,
    answer_type,
    broken_rule,
    id_problem,
    default_storage_type,
    backend_choices,
    default_backend,
    default_backends,
    hosting_choices,
    default_hosting,
    block_choices,
    default_blocks,
    as_documented,
    reserve_id,
    claim,
    project_snapshot,
    check_model,
    track,
    works_only_here,
)
