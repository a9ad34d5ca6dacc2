"""Files of JSON that a tool wrote: what is wrong with one, in words and with the place."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from ..disk import files
from ..errors import ConductorError

WRONG = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What reading JSON of another form raises."""


def loaded(text: str) -> Any:
    """Parse JSON.

    Raises:
        ConductorError: It is none.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ConductorError(
            f"is not JSON: {files.json_fault(error)}",
            line=error.lineno,
            remedy="Write the file by its tool anew, or correct it there.",
        ) from error
    except (ValueError, RecursionError) as error:  # `int` refuses thousands of digits
        raise ConductorError(
            "is nested too deeply, or holds a number that is too long",
            remedy="Write the file by its tool anew.",
        ) from error


@contextlib.contextmanager
def part(what: str, name: object) -> Iterator[None]:
    """Tell by the name of a part of the JSON that it has another form than is read.

    Args:
        what: What the part is, such as a table.
        name: Its name, or whatever stands in its place.

    Raises:
        ConductorError: It has.
    """
    try:
        yield
    except WRONG as error:
        named = f" {name[:80]!r}" if isinstance(name, str) else ""
        raise malformed(f"{what}{named}", error) from error


def malformed(where: str, error: Exception) -> ConductorError:
    """Return the error about JSON that has another form than is read.

    Args:
        where: Which part has it.
        error: What reading it raised.
    """
    said = "holds another kind of value than its tool writes"
    if isinstance(error, KeyError):
        said = f"lacks {str(error.args[0])[:80]!r}"
    return ConductorError(f"{where} {said}", remedy="Write the file by its tool anew.")
