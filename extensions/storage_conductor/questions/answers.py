"""The answers of the questionnaire: their rules, one function a kind, and their typed form.

Every rule is a function from a raw value to the typed one that raises `ValueError` naming the rule.
The questionnaire's validators, the check of `--data` and the typed `Answers` all use these.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from ..catalog import loading
from ..errors import ConductorError
from ..tracks import ids

STORAGE_TYPES = ("database", "object_storage", "cache", "file_system", "hybrid")
SCHEMES = ("timestamp", "sequential", "typed")
SENSITIVE = ("none", "pii", "phi", "pci", "secrets")
CONSISTENCY = ("strong", "read-your-writes", "eventual")
OTHER = "Other"
TITLE_LENGTH = 500
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Answers:
    """What a person said about the component; None or empty where nothing was said.

    Rates are per second, sizes in bytes, volumes in GB (10^9 bytes), times as their names say.
    """

    title: str
    description: str
    storage_type: str = "database"
    backend: str = ""
    other_backend: str = ""
    backends: tuple[str, ...] = ()
    use_cases: tuple[str, ...] = ()
    detail: str = "quick"
    id_scheme: str = "timestamp"
    reads_per_second: float | None = None
    writes_per_second: float | None = None
    peak_factor: float | None = None
    latency_p99_ms: float | None = None
    average_item_bytes: int | None = None
    largest_item_bytes: int | None = None
    initial_data_gb: float | None = None
    growth_gb_per_month: float | None = None
    scalability: str = ""
    availability_percent: float | None = None
    rpo_minutes: float | None = None
    rto_minutes: float | None = None
    consistency: str = ""
    retention: str = ""
    sensitive_data: tuple[str, ...] = ()
    entities: Mapping[str, Any] = field(default_factory=dict)
    access_patterns: Sequence[Any] = ()
    hosting: str = ""
    language: str = ""
    migration_tool: str = ""
    test_driven: bool | None = None
    schema_first: bool | None = None
    depends_on: tuple[str, ...] = ()
    affected_users: str = ""

    @property
    def retention_days(self) -> float | None:
        """Return the retention in days where the text states one duration, else None."""
        return duration_days(self.retention)

    @property
    def personal(self) -> bool:
        """Tell whether the component holds data about people or other protected data."""
        return bool(set(self.sensitive_data) - {"none"})

    @property
    def erasure(self) -> bool:
        """Tell whether people may ask for the erasure of what is stored about them."""
        return bool({"pii", "phi"} & set(self.sensitive_data))


def text(value: Any) -> str:
    """Return text without control characters and with line feeds as line ends."""
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        raise ValueError("must be text")
    return _CONTROL.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n")).strip()


def required_text(value: Any) -> str:
    """Return text that must not be empty."""
    if not (found := text(value)):
        raise ValueError("must not be empty")
    return found


def title(value: Any) -> str:
    """Return a one-line title of at most 500 characters."""
    found = " ".join(required_text(value).split())
    if len(found) > TITLE_LENGTH:
        raise ValueError(f"must have at most {TITLE_LENGTH} characters, has {len(found)}")
    return found


def number(value: Any, *, above: float | None = None, most: float = math.inf) -> float | None:
    """Return a finite number of at least 0 (or above `above`) and at most `most`; empty is None."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        if isinstance(value, bool):
            raise TypeError
        found = float(str(value).strip().replace("_", ""))
    except (TypeError, ValueError):
        raise ValueError(f"must be a number, not {_short(value)}") from None
    if not math.isfinite(found):
        raise ValueError(f"must be a finite number, not {_short(value)}")
    if above is not None and found <= above:
        raise ValueError(f"must be above {above:g}, not {found:g}")
    if found < 0:
        raise ValueError(f"must not be negative, not {found:g}")
    if found > most:
        raise ValueError(f"must be at most {most:g}, not {found:g}")
    return found


def whole(value: Any) -> int | None:
    """Return a whole number of at least 1; empty is None."""
    found = number(value, above=0)
    if found is None:
        return None
    if found != int(found):
        raise ValueError(f"must be a whole number, not {found:g}")
    return int(found)


def factor(value: Any) -> float | None:
    """Return a factor of at least 1; empty is None."""
    found = number(value)
    if found is not None and found < 1:
        raise ValueError(f"must be at least 1, not {found:g}")
    return found


def percent(value: Any) -> float | None:
    """Return a percentage above 0 and at most 100; empty is None."""
    return number(value, above=0, most=100)


def items(value: Any) -> tuple[str, ...]:
    """Return a list of texts, given as a list or separated by commas or line ends."""
    if value is None:
        return ()
    if isinstance(value, str):
        stripped = value.strip()
        parsed = _yaml(stripped) if stripped.startswith(("[", "- ")) else None
        value = parsed if isinstance(parsed, list) else re.split(r"[,\n]", stripped)
    if not isinstance(value, (list, tuple)):
        value = [value]
    return tuple(" ".join(found.split()) for item in value if (found := text(item)))


def choice(*allowed: str, optional: bool = False) -> Callable[[Any], str]:
    """Make a rule that accepts one of the words exactly; a near miss is named."""

    def rule(value: Any) -> str:
        wanted = text(value)
        if not wanted and optional:
            return ""
        return _word(wanted, allowed)

    return rule


def _word(wanted: str, allowed: Sequence[str]) -> str:
    if wanted in allowed:
        return wanted
    folded = {word.casefold().replace("_", "-"): word for word in allowed}
    close = difflib.get_close_matches(wanted.casefold().replace("_", "-"), folded, n=1)
    hint = f" (did you mean {folded[close[0]]!r}?)" if close else ""
    raise ValueError(f"must be one of {', '.join(allowed)}, not {_short(wanted)}{hint}")


def sensitive(value: Any) -> tuple[str, ...]:
    """Return the kinds of sensitive data; `none` excludes the others; empty means not said."""
    found = tuple(dict.fromkeys(_word(item, SENSITIVE) for item in items(value)))
    if "none" in found and len(found) > 1:
        raise ValueError("'none' cannot stand beside other kinds")
    return found


def tri_state(value: Any) -> bool | None:
    """Return yes, no, or None for `auto` (as the project's workflow document says)."""
    if isinstance(value, bool):
        return value
    word = _word(text(value) or "auto", ("auto", "true", "false", "yes", "no"))
    return None if word == "auto" else word in ("true", "yes")


def structure(value: Any) -> Any:
    """Return nested data, given as data or as YAML text; empty is None."""
    return (_yaml(value) if value.strip() else None) if isinstance(value, str) else value


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping, given as data or as YAML text."""
    found = structure(value)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise ValueError("must map each entity to its fields")
    return found


def sequence(value: Any) -> Sequence[Any]:
    """Return a list, given as data or as YAML text."""
    found = structure(value)
    if found is None:
        return ()
    if not isinstance(found, (list, tuple)):
        raise ValueError("must be a list of access patterns")
    return found


def backend(value: Any) -> str:
    """Return a backend of the catalog by its name, or `Other`."""
    return _word(required_text(value), [*(item.name for item in loading.headings()), OTHER])


def backends(value: Any) -> tuple[str, ...]:
    """Return the backends of a hybrid component, each once."""
    return tuple(dict.fromkeys(backend(item) for item in items(value)))


def _yaml(value: str) -> Any:
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        raise ValueError(f"{place}not valid YAML: {getattr(error, 'problem', error)}") from None


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"


_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25, "hour": 1 / 24}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*-?\s*(hour|day|week|month|year)s?\b", re.IGNORECASE)


def durations_days(value: str) -> list[float]:
    """Return the durations that a text states, such as `7 years`, in days."""
    return [float(amount) * _DAYS[unit.lower()] for amount, unit in _DURATION.findall(value)]


def duration_days(value: str) -> float | None:
    """Return the days of a text that states exactly one duration; else None."""
    found = durations_days(value)
    return found[0] if len(found) == 1 else None


RULES: dict[str, Callable[[Any], Any]] = {
    "title": title,
    "description": required_text,
    "storage_type": choice(*STORAGE_TYPES),
    "backend": backend,
    "other_backend": title,
    "backends": backends,
    "use_cases": items,
    "detail": choice("quick", "full"),
    "id_scheme": choice(*SCHEMES),
    "reads_per_second": number,
    "writes_per_second": number,
    "peak_factor": factor,
    "latency_p99_ms": lambda value: number(value, above=0),
    "average_item_bytes": whole,
    "largest_item_bytes": whole,
    "initial_data_gb": number,
    "growth_gb_per_month": number,
    "scalability": text,
    "availability_percent": percent,
    "rpo_minutes": number,
    "rto_minutes": number,
    "consistency": choice(*CONSISTENCY, optional=True),
    "retention": text,
    "sensitive_data": sensitive,
    "entities": mapping,
    "access_patterns": sequence,
    "hosting": text,
    "language": text,
    "migration_tool": text,
    "test_driven": tri_state,
    "schema_first": tri_state,
    "depends_on": items,
    "affected_users": text,
}

RECORDED = ("storage_id", "created_at", "project_context")
OPTIONAL_TEXT = ("other_backend", "backend", "backends", "use_cases")


def broken_rule(name: str, value: Any) -> str:
    """Return what is wrong with one answer, or an empty text."""
    try:
        RULES[name](value)
    except ValueError as error:
        return str(error)
    return ""


def parse(raw: Mapping[str, Any]) -> Answers:
    """Turn the answers of a whole questionnaire into typed ones; unknown names are ignored.

    Raises:
        ConductorError: One or more answers break a rule; the message names each with its rule.
    """
    return Answers(**check(raw, required=("title", "description")))


def check(
    given: Mapping[str, Any], required: Sequence[str] = (), *, closed: bool = False
) -> dict[str, Any]:
    """Check answers, some or all of them, each alone and against each other.

    Args:
        given: Raw answers by name.
        required: Names that must be there.
        closed: Whether a name that is no question is a mistake; otherwise it is ignored.

    Returns:
        The typed values of the answers that were given.

    Raises:
        ConductorError: One or more answers break a rule; the message names each with its rule.
    """
    values: dict[str, Any] = {}
    problems = [f"{name}: is required" for name in required if given.get(name) is None]
    problems += _unknown_names(given) if closed else []
    for name, rule in RULES.items():
        if given.get(name) is None or (name in OPTIONAL_TEXT and given[name] == ""):
            continue
        try:
            values[name] = rule(given[name])
        except ValueError as error:
            problems.append(f"{name}: {error}")
    if given.get("storage_id") is not None and (malformed := ids.problem(str(given["storage_id"]))):
        problems.append(f"storage_id: {malformed}")
    problems = problems or _together(values)
    if problems:
        raise ConductorError(
            "These answers cannot be used:\n  - " + "\n  - ".join(problems),
            remedy="Correct them and run the same command again; nothing was written.",
        )
    return values


def _unknown_names(given: Mapping[str, Any]) -> list[str]:
    """List the names that are no question, each with the nearest question name."""
    found = []
    for name in sorted(set(given) - set(RULES) - set(RECORDED)):
        close = difflib.get_close_matches(name, RULES, n=1)
        found.append(f"{name}: is no question" + (f"; did you mean {close[0]}?" if close else ""))
    return found


def _together(values: Mapping[str, Any]) -> list[str]:
    """Check the rules that concern several answers at once."""
    kind = values.get("storage_type") or implied_type(values.get("backend", ""))
    if kind == "hybrid":
        named = values.get("backends", ())
        if "backends" in values and len(named) < 2:
            return ["backends: a hybrid component combines two or more backends"]
    else:
        named = (values["backend"],) if "backend" in values else ()
        if problem := _unfitting(named[0], kind) if named else "":
            return [problem]
    if OTHER in named and not values.get("other_backend"):
        return ["other_backend: must name the backend when the backend is Other"]
    return [*_unknown_hosting(named, values.get("hosting", "")), *_model_mistakes(values)]


def _unknown_hosting(named: Sequence[str], hosting: str) -> list[str]:
    names = hosting_names(named)
    if not hosting or not named or hosting in names:
        return []
    return [f"hosting: must be one of {', '.join(names)}, not {_short(hosting)}"]


def hosting_names(backends: Sequence[str]) -> list[str]:
    """List the ways in which these backends can be run, each once."""
    headings = [loading.find(name) for name in backends if name != OTHER]
    loaded = [loading.load(found.key) for found in headings if found]
    names = [variant.name for backend in loaded for variant in backend.hosting]
    return list(dict.fromkeys(names)) or ["self-managed"]


def _model_mistakes(values: Mapping[str, Any]) -> list[str]:
    entities, patterns = values.get("entities"), values.get("access_patterns")
    if not entities and not patterns:
        return []
    from ..schema.parse import parse_model

    try:
        parse_model(entities, list(patterns or ()))
    except ConductorError as error:
        return [error.message]
    return []


def implied_type(name: str) -> str:
    """Return the storage type of a backend; a database where the catalog does not know it."""
    heading = loading.find(name)
    return heading.storage_type if heading else "database"


def _unfitting(name: str, kind: str) -> str:
    heading = loading.find(name)
    if heading is None or heading.storage_type == kind:
        return ""
    fitting = [item.name for item in loading.headings() if item.storage_type == kind]
    return (
        f"backend: {name} is of storage_type {heading.storage_type}, not {kind};"
        f" for {kind} choose {', '.join(fitting)} or {OTHER}"
    )
