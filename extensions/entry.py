"""Entry point for Copier: offers the package's functions to the questionnaire and the templates.

Copier executes this file afresh for each template version, but keeps imported modules. The package
is therefore loaded under a name of its own for each folder, so that an update renders the old
version with the old code and the new version with the new code, whatever else is installed.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from pathlib import Path, PurePath
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from copier.errors import UserMessageError
from jinja2 import Environment, FileSystemBytecodeCache, Template, pass_context
from jinja2.ext import Extension
from jinja2.runtime import Context

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PACKAGE = Path(__file__).resolve().parent / "storage_conductor"


def _module(name: str) -> ModuleType:
    """Import a module of this template's own package."""
    alias = _alias()
    if alias not in sys.modules or not Path(str(sys.modules[alias].__file__)).exists():
        _load(alias)
    try:
        return importlib.import_module(f"{alias}.{name}")
    except ModuleNotFoundError as error:
        raise UserMessageError(
            f"This template needs the Python package {error.name!r} beside Copier.\n"
            "  Remedy: install the template's own distribution into Copier's environment,"
            " as its README shows."
        ) from error


@functools.cache
def _alias() -> str:
    """Return a name for the package that is its own for each version.

    Copier clones one version several times in an update. Those clones share what was imported; they
    are known by their commit, because Copier commits a template's pending changes in its clone.
    """
    root = PACKAGE.parents[1]
    version = str(PACKAGE)
    with contextlib.suppress(OSError):
        folder = root / ".git"
        if folder.is_file():
            folder = root / folder.read_text(encoding="utf-8").removeprefix("gitdir: ").strip()
        head = (folder / "HEAD").read_text(encoding="utf-8").strip()
        version = version if head.startswith("ref: ") else head
    return f"storage_conductor_{hashlib.sha256(version.encode()).hexdigest()[:16]}"


def _load(alias: str) -> None:
    """Import the package anew; Copier may have removed the clone that it was imported from."""
    for name in [name for name in sys.modules if name.partition(".")[0] == alias]:
        del sys.modules[name]
    sys.path_hooks.insert(0, _finder)
    _executed(alias, PACKAGE / "__init__.py", submodule_search_locations=[str(PACKAGE)])


def _executed(alias: str, path: Path, **package: Any) -> ModuleType:
    """Execute a file of this template as the module of that name."""
    loader = _Loader(alias, str(path))
    spec = importlib.util.spec_from_file_location(alias, path, loader=loader, **package)
    if spec is None or not path.is_file():
        raise UserMessageError(f"The template is incomplete: {path} is missing.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[alias] = module
    loader.exec_module(module)
    return module


def _finder(folder: str) -> FileFinder:
    """Find the modules of the package's folders; what Python asks each time it meets a folder."""
    if not Path(folder).is_relative_to(PACKAGE):
        raise ImportError(folder)
    return FileFinder(folder, (_Loader, SOURCE_SUFFIXES))


class _Loader(SourceFileLoader):
    """Loads modules whose bytecode is known by the content of the source alone.

    Copier clones a template into a new folder each time, where Python would compile all anew.
    """

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code of a module; damaged bytecode counts as none."""
        try:
            return super().get_code(fullname)
        except (EOFError, TypeError, ValueError):
            return self.source_to_code(super().get_data(self.path), self.path)

    def path_stats(self, path: str) -> Mapping[str, Any]:
        """Return the size of a source, and always the same time of change."""
        return {**super().path_stats(path), "mtime": 0}

    def get_data(self, path: str) -> bytes:
        """Read the source, or its bytecode from the cache.

        Raises:
            OSError: There is no such file.
        """
        return super().get_data(path if path == self.path else self._bytecode())

    def set_data(self, path: str, data: ReadableBuffer, *, _mode: int = 0o600) -> None:  # noqa: ARG002
        """Put bytecode into the cache, if there is one."""
        with contextlib.suppress(OSError):
            super().set_data(self._bytecode(), data, _mode=_mode)

    def _bytecode(self) -> str:
        folder = _cache_folder()
        if folder is None:
            raise FileNotFoundError(self.path)
        content = hashlib.sha256(super().get_data(self.path)).hexdigest()
        return str(Path(folder, f"{content}.{sys.implementation.cache_tag}.pyc"))


@functools.cache
def _cache_folder() -> str | None:
    """Return a folder for compiled code that is the user's alone, or None where there is none."""
    with contextlib.suppress(OSError, RuntimeError):
        return str(FileSystemBytecodeCache().directory)
    return None


def _said(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a person's mistake end in Copier's plain message instead of a traceback."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except _module("errors").ConductorError as error:
            raise UserMessageError(str(error)) from error

    return wrapper


def _project(context: Context | Mapping[str, Any]) -> Path:
    return Path(context["_copier_conf"]["dst_path"])


def _starting(context: Context | Mapping[str, Any]) -> bool:
    """Tell a new track from an update or recopy of one, whose answers file has a known id."""
    return Path(context["_copier_conf"]["answers_file"]).parent.name in ("storages", "")


@pass_context
@_said
def check_given(context: Context) -> bool:
    """Check everything given by --data at once; the first thing that Copier computes."""
    answers = _module("questions.answers")
    conf = context["_copier_conf"]
    given = dict(conf["data"])
    new = _starting(context)
    if new and _project(context).resolve().parent.name == "storages":
        raise _module("errors").ConductorError(
            "is the folder of a track, not a project",
            path=_project(context),
            remedy="Run Copier in the project's root, with `-a` and the answers file's path.",
        )
    kind = given.get("storage_type") or answers.implied_type(str(given.get("backend", "")))
    if "hosting" in given and kind != "hybrid":
        given.setdefault("backend", default_backend(context, kind))
    required = ("title", "description") if new and conf["defaults"] else ()
    answers.check(given, required=required, closed=new)
    return True


def broken_rule(name: str, value: Any) -> str:
    """Return what is wrong with one answer, or an empty text."""
    return str(_module("questions.answers").broken_rule(name, value))


def id_problem(storage_id: str) -> str:
    """Return what is wrong with the form of an id, or an empty text."""
    return _module("tracks.ids").problem(storage_id) or ""


@pass_context
@_said
def default_storage_type(context: Context) -> str:
    """Return the storage type of the backend that was given, else a database."""
    given = context["_copier_conf"]["data"].get("backend", "")
    return str(_module("questions.answers").implied_type(str(given)))


@_said
def backend_choices(storage_type: str) -> list[str]:
    """List the backends of a storage type, or all for hybrid, and `Other`."""
    headings = _module("catalog.loading").headings()
    names = [item.name for item in headings if storage_type in (item.storage_type, "hybrid")]
    return [*names, _module("questions.answers").OTHER]


@pass_context
@_said
def default_backend(context: Context, storage_type: str) -> str:
    """Return the backend that tech-stack.md names for the storage type, else the first offered."""
    choices: list[str] = backend_choices(storage_type)
    if storage_type == "hybrid":
        return choices[0]
    named = _module("questions.documented").documented_backends(_live(context), storage_type)
    return next((name for name in named if name in choices), choices[0])


@pass_context
@_said
def default_backends(context: Context) -> list[str]:
    """Return the backends that tech-stack.md names, for a hybrid component."""
    if context["storage_type"] != "hybrid":
        return []
    return list(_module("questions.documented").documented_backends(_live(context), "hybrid"))


@_said
def hosting_choices(storage_type: str, backend: str, backends: Iterable[str]) -> list[list[str]]:
    """List the ways to run the backends, as pairs of shown text and value."""
    names = _hosting_names(storage_type, backend, backends)
    return [["Not decided", ""], *([name, name] for name in names)]


def _hosting_names(storage_type: str, backend: str, backends: Iterable[str]) -> list[str]:
    named = list(backends) if storage_type == "hybrid" else [backend]
    return list(_module("questions.answers").hosting_names(named))


@pass_context
@_said
def default_hosting(
    context: Context, storage_type: str, backend: str, backends: Iterable[str]
) -> str:
    """Return the hosting that tech-stack.md names, if the backends know it."""
    names = _hosting_names(storage_type, backend, backends)
    return str(_module("questions.documented").documented_hosting(_live(context), names))


@pass_context
@_said
def as_documented(context: Context, name: str) -> str:
    """Return what the project's documents say for an answer, as ` (value)`, or nothing."""
    value = _module("questions.documented").documented(_live(context), name)
    return f" ({value})" if value else ""


@pass_context
@_said
def reserve_id(context: Context, scheme: str, storage_type: str) -> str:
    """Return a new id, kept free for this process."""
    _module("questions.documented").preflight(_project(context))
    ids = _module("tracks.ids")
    if context["_copier_conf"]["pretend"]:
        return str(ids.propose(_project(context), scheme, storage_type, ids.clock()))
    return str(ids.reserve(_project(context), scheme, storage_type, ids.clock()))


@pass_context
@_said
def claim(context: Context, storage_id: str) -> str:
    """Make sure that the id is this process's own and return the time of creation, ISO 8601 UTC."""
    ids = _module("tracks.ids")
    if not context["_copier_conf"]["pretend"]:
        _module("questions.documented").preflight(_project(context))
        ids.claim(_project(context), storage_id)
    return str(ids.clock().isoformat())


@pass_context
@_said
def project_snapshot(context: Context) -> dict[str, Any]:
    """Return what the project's documents say, small enough to be recorded."""
    conf = context["_copier_conf"]
    given = not conf["defaults"] or bool({"backend", "backends"} & set(conf["data"]))
    depends_on = _module("questions.answers").items(context["depends_on"])
    return dict(
        _module("questions.documented").snapshot(
            _project(context), _live(context), depends_on, backend_given=given
        )
    )


@pass_context
@_said
def check_model(context: Context) -> bool:
    """Build all that the templates print, so that a mistake shows before a file is written."""
    _module("component.track").build(context.get_all()).complete()
    return True


@pass_context
@_said
def track(context: Context) -> Any:
    """Return the typed model that the templates print."""
    return _module("component.track").build(context.get_all())


def works_only_here(source: str) -> bool:
    """Tell whether a template's source is a path that means something else in another folder."""
    known = ("git@", "git+", "gh:", "gl:")
    return "://" not in source and not source.startswith(known) and not Path(source).is_absolute()


@pass_context
@_said
def run_hook(context: Context, name: str, moment: str) -> bool:
    """Run a hook of `hooks/`, unless Copier only pretends.

    It runs in Copier's process, because only that remembers what was rendered, and because starting
    another one takes longer than the work.

    Args:
        context: What templates know.
        name: The hook's file.
        moment: Its function.

    Returns:
        False, so that Copier starts no command.
    """
    if not context["_copier_conf"]["pretend"]:
        for note in getattr(_hook(name), moment)(_module, context):
            print(note, file=sys.stderr)
    return False


@functools.cache
def _hook(name: str) -> ModuleType:
    return _executed(f"{_alias()}_{name}", PACKAGE.parents[1] / "hooks" / f"{name}.py")


def _live(context: Context | Mapping[str, Any]) -> Any:
    return _read_context(_project(context))


@functools.lru_cache(maxsize=1)
def _read_context(project: Path) -> Any:
    return _module("context").read_context(project, starting=True)


class _Remembered(Template):
    """A template whose result is remembered until the end of an update."""

    def render(self, *args: Any, **context: Any) -> str:
        """Render as Copier asks for it."""
        text = super().render(*args, **context)
        if self.name and "_copier_conf" in context:
            renders, name = _module("update.renders"), PurePath(self.name).stem
            place = _project(context), context.get("storage_id")
            renders.remember(*place, name, text)
            if name == "plan.md":
                keys = _module("component.track").build(context).task_keys
                renders.remember(*place, renders.TASKS, json.dumps(keys))
        return text


class StorageConductor(Extension):
    """Offers the functions above as globals, and the package's text filters."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.template_class = _Remembered
        _module("disk.cache").remember_compiled(environment, "template")
        # Copier compiles each expression of the questionnaire anew wherever it is used, which
        # takes longer than all the rest of a copy.
        environment.from_string = functools.cache(environment.from_string)  # type: ignore[assignment, method-assign]
        for function in (
            check_given,
            broken_rule,
            id_problem,
            default_storage_type,
            backend_choices,
            default_backend,
            default_backends,
            hosting_choices,
            default_hosting,
            as_documented,
            reserve_id,
            claim,
            project_snapshot,
            check_model,
            track,
            run_hook,
            works_only_here,
        ):
            environment.globals[function.__name__] = function
        environment.filters.update(_module("wording").FILTERS)
