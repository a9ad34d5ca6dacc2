"""Security and privacy: the measures that the stated kinds of sensitive data ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..catalog.backend import Backend
from ..catalog.rulebook import MeasureKind
from ..catalog.rulebook import privacy as privacy_texts
from ..catalog.statements import Citation
from ..questions.answers import Answers
from ..units import listed, number
from ..wording import fill, inline
from .model import FeasibilityCase, general_limit


class Measure(NamedTuple):
    """Something that protects sensitive data.

    Args:
        key: The same in every render.
        kind: What it is about; measures of a kind stand together.
        title: A few words.
        text: What is done, as Markdown.
        source: The rule that asks for it, if one does.
    """

    key: str
    kind: MeasureKind
    title: str
    text: str
    source: Citation | None


def privacy(
    answers: Answers, backends: Sequence[Backend], *, expires: bool = False, own: bool = False
) -> tuple[Measure, ...]:
    """Return the measures that apply; none where no sensitive data was stated.

    The stores' own settings are in the catalog (`Backend.security`).

    Args:
        answers: What was said.
        backends: The stores, as they are run.
        expires: Whether the draft gives each entry a lifetime, after which its store removes it.
        own: Whether an entity has a time of its own.
    """
    case, book = FeasibilityCase(answers, tuple(backends)), privacy_texts()
    copies = [backend.name for backend in case.backends if not case.keeps(backend)]
    served = [backend for backend in case.backends if not backend.embedded]
    mounted = [backend for backend in served if backend.storage_type == "file_system"]
    holds = {
        "retention": bool(answers.common_retention) and not answers.kept_for_ever,
        "several": case.hybrid,
        "cached": bool(copies),
    }
    values = {
        "stores": inline(listed([backend.name for backend in case.backends])),
        "reached": inline(listed([item.name for item in served if item not in mounted])),
        "mounted": inline(listed([item.name for item in mounted])),
        "cache": inline(listed(copies)),
        "retention": inline(answers.common_retention),
        "own": "yes" if own else "",
        "regions": inline(listed([region.name for region in answers.regions])),
        "expires": "yes"
        if expires or all(item.storage_type == "cache" for item in case.keepers)
        else "",
        "deadline": number(general_limit("erasure_deadline_days").value),
    }
    return tuple(
        Measure(
            item.key,
            item.kind,
            fill(item.title, values),
            fill(item.text, values),
            book.sources[item.source] if item.source else None,
        )
        for item in book.measures
        if set(item.data) & set(answers.sensitive_data) and all(holds[name] for name in item.when)
    )
