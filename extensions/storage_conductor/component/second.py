"""Whether a component has a second server beside the one that takes its writes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..catalog.statements import SecondServer
from ..findings import FeasibilityFinding, RecoveryRow, describe
from ..questions.answers import Answers

_READER = r"(read[- ])?replicas?|replicat\w+|followers?|readers?|secondar(y|ies)"
_WORDS: dict[SecondServer, re.Pattern[str]] = {
    "reader": re.compile(rf"\b({_READER})\b", re.I),
    "standby": re.compile(rf"\b({_READER}|stand-?bys?|multi-az|high(ly)?[- ]availab\w+)\b", re.I),
    "region": re.compile(
        r"\b(global (tables?|datastores?|databases?)|(multi|cross|dual)[- ]region|geo-?replicat\w+"
        r"|replicat\w+ (to|into|in) (another|a second|a further|the second|the other) region)\b",
        re.I,
    ),
}


def second_servers(
    stated: Answers,
    store: str,
    findings: Sequence[FeasibilityFinding],
    recovery: Sequence[RecoveryRow],
) -> frozenset[SecondServer]:
    """Return what second servers of a store there are: somebody spoke of one, or one follows.

    It follows from several regions, from the default of a decision, or from what brings the data
    back after a failure.
    """
    if len(stated.regions) > 1:
        return frozenset(_WORDS)
    texts = [
        *(stated.description, stated.topology, stated.hosting, stated.scalability),
        *stated.use_cases,
        *(note.text for note in stated.notes),
        *(describe(item, stated).default for item in findings if item.backend in (None, store)),
        *(row.mechanism for row in recovery if row.backend == store),
    ]
    return frozenset(kind for kind, words in _WORDS.items() if any(map(words.search, texts)))
