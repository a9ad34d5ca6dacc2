"""What an environment of Copier is given: functions, filters, hooks, a memory of renders."""

from __future__ import annotations

import functools
import json
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


def register(environment: Environment, hooks: Hooks) -> None:
    """Offer everything to an environment.

    Args:
        environment: The environment.
        hooks: The functions of the template's folder `hooks`.
    """
    environment.template_class = Remembered
    cache.remember_compiled(environment, "template")
    # Copier compiles each expression of the questionnaire anew wherever it is used, which takes
    # longer than all the rest of a copy.
    environment.from_string = functools.cache(environment.from_string)  # type: ignore[assignment,method-assign]

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
