"""Every path: what a project's folder holds, what a track's does, and the starters to copy.

Paths of a project are texts with forward slashes, as messages show them; `project / REGISTRY` is
the file. `copier.yml` spells its own, because Copier reads it before any code.
"""

from __future__ import annotations

from pathlib import Path

HOME = "storage-conductor"
STORAGES = f"{HOME}/storages"
REGISTRY = f"{HOME}/tracks.md"
# Where Conductor's commands move a track that is done with.
ARCHIVE = f"{HOME}/archive"

PRODUCT = "product.md"
TECH_STACK = "tech-stack.md"
STANDARDS = "storage-standards.md"
TEMPLATE = "storage-template.md"
WORKFLOW = "workflow.md"
# What a project says of itself, beside the registry.
DOCUMENTS = (PRODUCT, TECH_STACK, STANDARDS, TEMPLATE, WORKFLOW)
# What else lies beside the registry.
ATTRIBUTES = ".gitattributes"
SCHEMA = "metadata.schema.json"
# Which files of coding assistants were installed.
ASSISTANTS = f"{HOME}/assistants.json"
# Checks of the project's own.
OWN_CHECKS = f"{HOME}/verify.yml"
_BESIDE = frozenset(
    (
        *DOCUMENTS,
        ATTRIBUTES,
        SCHEMA,
        *(Path(p).name for p in (STORAGES, REGISTRY, ARCHIVE, ASSISTANTS, OWN_CHECKS)),
    )
)

SPEC = "spec.md"
PLAN = "plan.md"
METADATA = "metadata.json"
ANSWERS = ".copier-answers.yml"
# What a proof writes where that was asked for.
PROOF = "proof.md"
# Where the report is written, from the project, unless another folder is named.
REPORT = "storage-conductor-report"
# What showed that tasks are done.
EVIDENCE = "evidence.json"
# What was written as migrations, and the folder of what is written where no other is named.
WRITTEN = "files.json"
FILES = "files"
# What marks a track that is not whole yet.
UNFINISHED = ".unfinished"
# What a template renders for a track and an update merges.
RENDERED = (SPEC, PLAN, METADATA)

_STARTERS = Path(__file__).parents[1] / "starters"


def home(storage_id: str) -> str:
    """Return the folder of a track, from the project."""
    return f"{STORAGES}/{storage_id}"


def of_track(storage_id: str, name: str) -> str:
    """Return a file of a track, from the project."""
    return f"{STORAGES}/{storage_id}/{name}"


def project_of(path: Path) -> Path | None:
    """Return the project of one of its paths here, or of one below; None for any other path."""
    parts = path.parts
    found = [at for at, part in enumerate(parts) if part == HOME and _is_here(parts[at + 1 :])]
    return Path(*parts[: found[-1]]) if found else None


def _is_here(inner: tuple[str, ...]) -> bool:
    return not inner or inner[0] in _BESIDE


def starter(name: str) -> Path:
    """Return what a new project gets for the registry, a document or `ATTRIBUTES`.

    Args:
        name: One of these, or a path that ends in one.
    """
    # Under its own name it would be an attributes file of this repository.
    return _STARTERS / name.rpartition("/")[2].removeprefix(".")
