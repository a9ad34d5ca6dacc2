"""What an environment of Copier is given: functions, filters, hooks, a memory of renders."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from jinja2 import Environment, Template, pass_context
from jinja2.runtime import Context

from .. import wording
from ..component.track import build
from ..disk import cache, places
from ..update import renders
from . import hooks as steps
from .hooks import Hooks
from .plain import plain
from .questionnaire import FUNCTIONS, project_of

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


def _template(compiled: Callable[[str], Template], source: str) -> Template | PlainText:
    """Return a template for a text of the questionnaire; Copier asks for it wherever it is used.

    Compiling each anew, and rendering those that say the same in every context, would take longer
    than all the rest of a copy.
    """
    if not isinstance(source, str) or "{" in source or "\r" in source:
        return compiled(source)
    return PlainText(source)


def register(environment: Environment, hooks: Hooks) -> None:
    """Offer everything to an environment.

    Args:
        environment: The environment.
        hooks: The functions of the template's folder `hooks`.
    """
    environment.template_class = Remembered
    cache.remember_compiled(environment, "template")
    environment.from_string = functools.cache(  # type: ignore[assignment,method-assign]
        functools.partial(_template, environment.from_string)
    )

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
