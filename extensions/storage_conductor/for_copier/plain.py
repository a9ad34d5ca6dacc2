"""A person's mistake ends in Copier's plain message instead of a traceback."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from copier.errors import UserMessageError

from ..errors import ConductorError

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def plain(function: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Make what a function raises for a person's mistake an error that Copier shows as a text."""

    @functools.wraps(function)
    def wrapper(*args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        try:
            return function(*args, **kwargs)
        except ConductorError as error:
            raise UserMessageError(str(error)) from error
        except ModuleNotFoundError as error:
            raise UserMessageError(
                f"This template needs the Python package {error.name!r} beside Copier.\n"
                "  Remedy: install the template's own distribution into Copier's environment,"
                " as its README shows."
            ) from error

    return wrapper
