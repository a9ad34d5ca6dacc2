"""Reader of tech-stack.md."""

from __future__ import annotations

from collections.abc import Iterable

from .lexicon import listed, tables
from .mentions import Found, used
from .model import Stated, TechStack
from .practice import read_approach, read_migration_naming
from .reading import Source, first, several, under
from .run_on import read_run_on
from .vocabulary import ProductKind

_BUILDS_ON = frozenset(listed(tables("products")["builds_on"]))
_BESIDE = listed(tables("products")["beside"])
_MIGRATION_APPROACH = listed(tables("stack")["migration_approach"])
_APPROACH = listed(tables("stack")["approach"])


def read_tech_stack(source: Source) -> tuple[TechStack, list[str]]:
    """What tech-stack.md states, and in which points it contradicts itself."""
    found = list(used(source))
    contradictions: list[str] = []

    def only(kind: ProductKind, what: str) -> Stated | None:
        return _only([each for each in found if each.kind == kind], what, source, contradictions)

    def all_of(kind: ProductKind) -> tuple[Stated, ...]:
        ordered = sorted(_distinct(found, kind), key=lambda each: each.strength == 0)
        return several(each.stated for each in ordered)

    primary, additional = _databases(found, source, contradictions)
    stack = TechStack(
        languages=all_of("language"),
        primary_database=primary,
        additional_databases=additional,
        object_storage=only("object_storage", "object stores"),
        cache=only("cache", "caches"),
        orm=only("orm", "ORMs"),
        migration_tool=only("migration_tool", "migration tools"),
        migration_approach=_migration_approach(source),
        migration_naming=read_migration_naming(source),
        approach=read_approach(source, contradictions),
        validation_library=only("validation", "validation libraries"),
        test_tools=all_of("test"),
        backup_tools=all_of("backup"),
        hosting=only("hosting", "hosting platforms"),
        ci=only("ci", "CI systems"),
        run_on=read_run_on(source, found),
    )
    return stack, contradictions


def _migration_approach(source: Source) -> Stated | None:
    near = under(*_MIGRATION_APPROACH, "migrations")
    found = source.labelled(_MIGRATION_APPROACH, generic=_APPROACH, under=near)
    return first(source.stated(value, block) for value, block in found)


def _databases(
    found: list[Found], source: Source, contradictions: list[str]
) -> tuple[Stated | None, tuple[Stated, ...]]:
    """The primary database if it is clear which one that is, and the others."""
    databases = _distinct(found, "database")
    called = [each for each in databases if each.primary]
    if len(called) > 1:
        contradictions.append(_several_sentence(source, "primary databases", called))
    free = [each for each in databases if each.primary is None]
    candidates = called or [each for each in free if each.name not in _BESIDE] or free
    strength = max((each.strength for each in candidates), default=0)
    surest = [each for each in candidates if each.strength == strength]
    primary = surest[0] if len(surest) == 1 else None
    return primary and primary.stated, several(each.stated for each in databases if each != primary)


def _distinct(found: list[Found], kind: ProductKind) -> list[Found]:
    """One entry a product: the strongest, with a version if any of its kind has one."""
    best: dict[str, Found] = {}
    for each in found:
        if each.kind != kind:
            continue
        known = best.setdefault(each.name.casefold(), each)
        rank = each.strength, each.stated.value != each.name
        if rank > (known.strength, known.stated.value != known.name):
            best[each.name.casefold()] = each._replace(primary=each.primary or known.primary)
        elif each.primary and not known.primary:
            best[each.name.casefold()] = known._replace(primary=True)
    return list(best.values())


def _only(
    found: list[Found], what: str, source: Source, contradictions: list[str]
) -> Stated | None:
    """The one product of a kind; of several that are equally well stated, none."""
    if not found:
        return None
    strength = max(each.strength for each in found)
    best = _distinct([each for each in found if each.strength == strength], found[0].kind)
    named = {each.name for each in best}
    bases = {name for name in named for other in named if f"{other}={name}" in _BUILDS_ON}
    best = [each for each in best if each.name not in bases]
    if len(best) == 1:
        return best[0].stated
    contradictions.append(_several_sentence(source, what, best))
    return None


def _several_sentence(source: Source, what: str, found: Iterable[Found]) -> str:
    named = ", ".join(each.stated.value for each in found)
    return f"{source.document} names several {what} ({named}); none was taken"
