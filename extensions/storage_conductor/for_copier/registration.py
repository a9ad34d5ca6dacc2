"""What an environment of Copier is given: functions, filters, hooks, a memory of renders."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from types import CodeType
from typing import Any

import yaml
from jinja2 import Environment, Template, pass_context
from jinja2.runtime import Context

from .. import wording
from ..component.track import build
from ..disk import cache, files, places
from ..update import renders
from . import hooks as steps
from .hooks import Hooks
from .plain import plain
from .questionnaire import FUNCTIONS, project_of

_QUESTIONS = Path(__file__).resolve().parents[3] / "copier.yml"
# What `template/` names the answers file, because a project may name it otherwise.
_ANSWERS = "{{ _copier_conf.answers_file }}"


class Remembered(Template):
    """A template whose result is remembered until the end of an update."""

    def render(self, *args: Any, **context: Any) -> str:
        """Render as Copier asks for it."""
        text = super().render(*args, **context)
        if self.name and "_copier_conf" in context:
            project, storage_id = project_of(context), str(context.get("storage_id"))
            name = PurePath(self.name).stem
            steps.expect(project, places.ANSWERS if name == _ANSWERS else name, text)
            renders.remember(project, storage_id, name, text)
            if name == places.PLAN:
                keys = json.dumps(build(context).task_keys)
                renders.remember(project, storage_id, renders.TASKS, keys)
        return text


class PlainText:
    """A text in which nothing is to be rendered, with the one method that Copier calls."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render(self, *_: Any, **__: Any) -> str:
        """Return the text."""
        return self._text


def _templates(environment: Environment) -> Callable[[str], Template | PlainText]:
    """Return what makes a template of a text of the questionnaire, wherever Copier asks for it.

    Compiling each anew, and rendering those that say the same in every context, would take longer
    than all the rest of a copy.
    """
    codes = functools.cache(functools.partial(_compiled_questions, environment))
    otherwise = environment.from_string

    @functools.cache
    def template(source: str) -> Template | PlainText:
        if isinstance(source, str) and "{" not in source and "\r" not in source:
            return PlainText(source)
        if source in codes():
            made = environment.make_globals(None)
            return environment.template_class.from_code(environment, codes()[source], made)
        return otherwise(source)

    return template


def _compiled_questions(environment: Environment) -> dict[str, CodeType]:
    try:
        document = _QUESTIONS.read_text(encoding="utf-8")
    except (OSError, ValueError):  # a fork may have several files in its place
        return {}
    return cache.compiled(environment, "template", document, lambda: _texts(document))


def _texts(document: str) -> Iterator[str]:
    """Yield every text of YAML that may be a template."""
    with contextlib.suppress(yaml.YAMLError):
        waiting = [files.parse_yaml(document)]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                waiting += [*value, *value.values()]
            elif isinstance(value, list):
                waiting += value
            elif isinstance(value, str) and "{" in value:
                yield value


def register(environment: Environment, hooks: Hooks) -> None:
    """Offer everything to an environment.

    Args:
        environment: The environment.
        hooks: The functions of the template's folder `hooks`.
    """
    environment.template_class = Remembered
    cache.remember_compiled(environment, "template")
    environment.from_string = _templates(environment)  # type: ignore[assignment,method-assign]

    @pass_context
    @plain
    def on_copy(context: Context) -> bool:
        return steps.run(hooks.after_copy, context)

    @pass_context
    @plain
    def on_update(context: Context, stage: str) -> bool:
        return steps.run(hooks.before_update if stage == "before" else hooks.after_update, context)

    for function in (*FUNCTIONS, on_copy, on_update):
        environment.globals[function.__name__] = function
    environment.filters.update(wording.FILTERS)
