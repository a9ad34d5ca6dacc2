"""The answers of the questionnaire in their typed form, each with its rule, and their checks.

The questionnaire's validators and the check of `--data` use the same rules. A new question is a
field here and an entry in copier.yml.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple, get_type_hints

from ..catalog import loading
from ..errors import ConductorError
from ..tracks import ids
from . import hosting as hosting_of
from . import rules, several
from .store_objectives import key_of, store_objectives


class Answers(NamedTuple):
    """What a person said about the component; None or empty where nothing was said.

    Each field is a question of copier.yml, with the rule that turns a raw answer into its value.

    Rates are per second, sizes in bytes, volumes in GB (10^9 bytes), throughput in MB (10^6 bytes)
    a second, times as their names say.
    """

    title: Annotated[str, rules.title]
    description: Annotated[str, rules.required_text]
    storage_type: Annotated[str, rules.choice(*rules.STORAGE_TYPES)] = "database"
    backend: Annotated[str, rules.backend, rules.BLANK] = ""
    other_backend: Annotated[str, rules.title, rules.BLANK] = ""
    backends: Annotated[tuple[str, ...], rules.backends, rules.BLANK] = ()
    use_cases: Annotated[tuple[str, ...], rules.items, rules.BLANK] = ()
    detail: Annotated[str, rules.choice("quick", "full")] = "quick"
    id_scheme: Annotated[str, rules.choice(*rules.SCHEMES)] = "timestamp"
    reads_per_second: Annotated[float | None, rules.rate] = None
    writes_per_second: Annotated[float | None, rules.rate] = None
    peak_factor: Annotated[float | None, rules.factor] = None
    peak_reads_per_second: Annotated[float | None, rules.rate] = None
    peak_writes_per_second: Annotated[float | None, rules.rate] = None
    latency_p99_ms: Annotated[float | None, rules.positive] = None
    throughput_mb_per_second: Annotated[float | None, rules.positive] = None
    metadata_operations_per_second: Annotated[float | None, rules.positive] = None
    client_count: Annotated[int | None, rules.whole] = None
    average_item_bytes: Annotated[int | None, rules.whole] = None
    largest_item_bytes: Annotated[int | None, rules.whole] = None
    item_count: Annotated[int | None, rules.whole] = None
    initial_data_gb: Annotated[float | None, rules.number] = None
    growth_gb_per_month: Annotated[float | None, rules.number] = None
    scalability: Annotated[str, rules.text] = ""
    availability_percent: Annotated[float | None, rules.percent] = None
    rpo_minutes: Annotated[float | None, rules.number] = None
    rto_minutes: Annotated[float | None, rules.number] = None
    consistency: Annotated[str, rules.choice(*rules.CONSISTENCY, optional=True)] = ""
    retention: Annotated[str, rules.text] = ""
    sensitive_data: Annotated[tuple[str, ...], rules.sensitive] = ()
    entities: Annotated[Mapping[str, Any], rules.mapping] = {}
    access_patterns: Annotated[Sequence[Any], rules.sequence] = ()
    blocks: Annotated[tuple[str, ...], rules.blocks, rules.BLANK] = ()
    store_objectives: Annotated[Mapping[str, Mapping[str, Any]], store_objectives] = {}
    hosting: Annotated[str, hosting_of.hosting] = ""
    regions: Annotated[tuple[several.Region, ...], several.regions] = ()
    topology: Annotated[str, rules.text] = ""
    platform: Annotated[str, rules.text] = ""
    infrastructure_code: Annotated[str, rules.text] = ""
    client_library: Annotated[str, rules.text] = ""
    language: Annotated[str, rules.text] = ""
    migration_tool: Annotated[str, rules.text] = ""
    test_driven: Annotated[bool | None, rules.tri_state] = None
    schema_first: Annotated[bool | None, rules.tri_state] = None
    depends_on: Annotated[tuple[str, ...], rules.items] = ()
    affected_users: Annotated[str, rules.text] = ""
    alternatives: Annotated[Mapping[str, tuple[str, ...]], several.alternatives] = {}
    notes: Annotated[tuple[several.Note, ...], several.notes] = ()
    decisions: Annotated[Mapping[str, str], several.decisions] = {}
    existing: Annotated[Mapping[str, Any], rules.existing] = {}

    def own(self, key: str, name: str) -> Mapping[str, Any]:
        """Return the objectives that were stated of one store alone, by its key or name."""
        return self.store_objectives.get(key) or self.store_objectives.get(name.casefold(), {})

    def of_store(self, key: str, name: str) -> Answers:
        """Return the answers with a store's own objectives in place of the component's."""
        return self._replace(**self.own(key, name))

    @property
    def common_retention(self) -> str:
        """Return the retention of what it does not name: parts that name entities are theirs."""
        if not self.retention or not self.entities:
            return self.retention
        from ..schema.retentions import of_the_rest

        return of_the_rest(self.retention, tuple(map(str, self.entities)))

    @property
    def retention_days(self) -> float | None:
        """Return the common retention in days where the text states one duration, else None."""
        return rules.duration_days(self.common_retention)

    @property
    def kept_for_ever(self) -> bool:
        """Tell whether the common retention says that nothing is ever removed."""
        if not self.common_retention or self.retention_days is not None:
            return False
        from ..schema.durations import for_ever

        return for_ever(self.common_retention)

    @property
    def backup_days(self) -> float:
        """Return for how many days backups are kept where nothing else says it.

        A week leaves time of the month in which an erasure is due.
        """
        usual = 7.0 if self.erasure else 30.0
        return min(usual, self.retention_days or usual)

    @property
    def personal(self) -> bool:
        """Tell whether the component holds data about people or other protected data."""
        return bool(set(self.sensitive_data) - {"none"})

    def options(self, name: str) -> tuple[str, ...]:
        """Return what an answer is open between, the chosen one first; one where it is not open.

        Args:
            name: One of `several.OPEN_ANSWERS`.
        """
        chosen = getattr(self, name)
        chosen = self.other_backend if chosen == rules.OTHER else chosen
        first = several.options(chosen, commas=False) if name == "topology" else (chosen,)
        return tuple(dict.fromkeys(filter(None, (*first, *self.alternatives.get(name, ())))))

    @property
    def erasure(self) -> bool:
        """Tell whether people may ask for the erasure of what is stored about them."""
        return bool({"pii", "phi"} & set(self.sensitive_data))


_FIELDS = {
    name: hint.__metadata__ for name, hint in get_type_hints(Answers, include_extras=True).items()
}
RULES: dict[str, Callable[[Any], Any]] = {name: marks[0] for name, marks in _FIELDS.items()}
_BLANK = {name for name, marks in _FIELDS.items() if rules.BLANK in marks}

RECORDED = ("storage_id", "created_at", "project_context")


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
    values, problems = examine(given, required, closed=closed)
    if problems:
        raise ConductorError(
            "These answers cannot be used:\n  - " + "\n  - ".join(problems),
            remedy="Correct them and run the same command again; nothing was written.",
        )
    return values


def examine(
    given: Mapping[str, Any], required: Sequence[str] = (), *, closed: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Check answers as `check` does; return the typed values and what is wrong, a line for each."""
    values: dict[str, Any] = {}
    problems = [f"{name}: is required" for name in required if given.get(name) is None]
    problems += _unknown_names(given) if closed else []
    for name, rule in RULES.items():
        if given.get(name) is None or (name in _BLANK and given[name] == ""):
            continue
        try:
            values[name] = rule(given[name])
        except ValueError as error:
            problems.append(f"{name}: {error}")
    problems += _broken_records(given)
    return values, problems or _together(values, closed=closed)


def _broken_records(given: Mapping[str, Any]) -> list[str]:
    """Check what is recorded without being asked, where it is given."""
    found = []
    storage_id, created, context = (given.get(name) for name in RECORDED)
    if storage_id is not None and (malformed := ids.problem(str(storage_id)[:200])):
        found.append(f"storage_id: {malformed}")
    if created is not None and not (isinstance(created, str) and _is_time(created)):
        found.append(f"created_at: must be a time in quotes, not {rules.short(created)}")
    if context is not None and not isinstance(context, Mapping):
        found.append("project_context: is read from the project's documents; leave it out")
    return found


def _is_time(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _unknown_names(given: Mapping[str, Any]) -> list[str]:
    """List the names that are no question, each with the nearest one; once with all, if none is."""
    found, every = [], f"; the questions are {', '.join(RULES)}"
    for name in sorted(map(str, set(given) - set(RULES) - set(RECORDED))):
        close = difflib.get_close_matches(name[:60], RULES, n=1)
        hint, every = (f"; did you mean {close[0]}?", every) if close else (every, "")
        found.append(f"{name[:60]}: is no question{hint}")
    return found


def misplaced(values: Mapping[str, Any]) -> list[str]:
    """List the answers that the others leave without effect, each with what to change.

    A specification lists them as such; where somebody gives one to change a track, it is a mistake.
    """
    kind = storage_type_of(values)
    single = values.get("backend", "")
    if kind == "hybrid" and single:
        return [f"backend: a hybrid component has `backends`; name {single} there, or leave it out"]
    if kind != "hybrid" and values.get("backends"):
        return [f"backends: goes with storage_type hybrid; {kind} takes one `backend`"]
    named = values.get("backends", ()) if kind == "hybrid" else (single,)
    if values.get("other_backend") and any(named) and rules.OTHER not in named:
        return [f"other_backend: goes with a backend {rules.OTHER!r}; choose that, or leave it out"]
    return []


def _together(values: Mapping[str, Any], *, closed: bool) -> list[str]:
    """Check the rules that concern several answers at once."""
    kind = storage_type_of(values)
    if kind == "hybrid":
        named = values.get("backends", ())
        if "backends" in values and len(named) < 2:
            return ["backends: a hybrid component combines two or more backends"]
    else:
        named = (values["backend"],) if "backend" in values else ()
        if problem := _unfitting(named[0], kind) if named else "":
            return [problem]
    if rules.OTHER in named and not values.get("other_backend"):
        return ["other_backend: must name the backend when the backend is Other"]
    return [
        *hosting_of.mistakes(_chosen(values, named), values.get("hosting", "")),
        *_unknown_stores(values, named),
        *(_unknown_owners(values, named) if closed else ()),
        *_model_mistakes(values),
        *_base_mistakes(values, _chosen(values, named)),
    ]


def _unknown_stores(values: Mapping[str, Any], named: Sequence[str]) -> list[str]:
    """List the stores that have objectives and are not among the chosen ones."""
    chosen = _chosen(values, named)
    return [
        f"store_objectives: {rules.short(key)} is not among {', '.join(chosen)}"
        for key in values.get("store_objectives", {})
        if named and key not in map(key_of, chosen)
    ]


def _unknown_owners(values: Mapping[str, Any], named: Sequence[str]) -> list[str]:
    """List the entities that are given to a store that is not among the chosen ones."""
    chosen = _chosen(values, (*named, *values.get("alternatives", {}).get("backend", ())))
    owners = {
        str(name): fields["_store"]
        for name, fields in values.get("entities", {}).items()
        if isinstance(fields, Mapping) and isinstance(fields.get("_store"), str)
    }
    return [
        f"entities.{name}._store: {rules.short(store)} is not among {', '.join(chosen)}"
        for name, store in owners.items()
        if named and key_of(store) not in map(key_of, chosen)
    ]


def _chosen(values: Mapping[str, Any], named: Sequence[str]) -> list[str]:
    """Return the names of stores, that of another one as it was given."""
    return [values.get("other_backend", "") if name == rules.OTHER else name for name in named]


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


def _base_mistakes(values: Mapping[str, Any], chosen: Sequence[str]) -> list[str]:
    """List what is wrong with the stores that are there: their form, and those not chosen."""
    there = values.get("existing")
    if not there:
        return []
    from ..steps.written import standing

    try:
        standing({}, there)
    except (AttributeError, TypeError, ValueError) as error:
        return [f"existing: must be what `storage-conductor import` wrote; it is {error}"]
    known = [heading.key for name in chosen if (heading := loading.find(name))]
    return [
        f"existing: {rules.short(store)} is not among {', '.join(chosen)}; leave it out"
        for store in there
        if chosen and store not in known
    ]


def storage_type_of(given: Mapping[str, Any]) -> str:
    """Return the storage type that answers state or imply: several backends make it hybrid."""
    if stated := given.get("storage_type"):
        return str(stated)
    several_stores = given.get("backends") and not given.get("backend")
    return "hybrid" if several_stores else implied_type(given.get("backend", ""))


def implied_type(name: object) -> str:
    """Return the storage type of a backend; a database where the catalog does not know it."""
    heading = loading.find(name) if isinstance(name, str) else None
    return heading.storage_type if heading else "database"


def _unfitting(name: str, kind: str) -> str:
    heading = loading.find(name)
    if heading is None or heading.storage_type == kind:
        return ""
    fitting = [item.name for item in loading.headings() if item.storage_type == kind]
    return (
        f"backend: {name} is of storage_type {heading.storage_type}, not {kind};"
        f" for {kind} choose {', '.join(fitting)} or {rules.OTHER}"
    )
