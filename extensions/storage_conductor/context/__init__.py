"""What a project's own documents state about its product, stack, standards and workflow.

Nothing is guessed: what is not stated is None or empty, and a document that cannot be read is a
state with a warning, not an error.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..disk.places import DOCUMENTS, HOME, TECH_STACK
from ..markdown.anchors import slug
from .model import (
    CodePattern,
    Document,
    Product,
    Section,
    Standards,
    Stated,
    TechStack,
    Unsafe,
    Workflow,
)
from .project import ProjectContext
from .questions import companion, unread_document

__all__ = [
    "DOCUMENTS",
    "CodePattern",
    "Document",
    "Product",
    "ProjectContext",
    "Section",
    "Standards",
    "Stated",
    "TechStack",
    "Unsafe",
    "Workflow",
    "companion",
    "read_context",
    "slug",
    "unread_document",
]

if TYPE_CHECKING:
    from .reading import Source


def read_context(project: Path, *, starting: bool = False) -> ProjectContext:
    """What the documents in a project's `storage-conductor` folder state. Never raises.

    Where they say nothing of the stack, other files of the project are asked.

    Args:
        project: The root of the project.
        starting: Whether a starter is about to be written for each document that is missing; it is
            then as good as there, and states nothing.
    """
    home = project / HOME
    missing = [name for name in DOCUMENTS if starting and not os.path.lexists(home / name)]
    started = {name: Document(name, "present", "", True, 1) for name in missing}
    if len(missing) == len(DOCUMENTS):
        from .neighbours import read_neighbours

        beside = read_neighbours(project)
        return ProjectContext(documents=tuple(started.values()), tech_stack=beside)
    return read_with_sources(project, started)[0]


def read_with_sources(
    project: Path, started: dict[str, Document]
) -> tuple[ProjectContext, list[Source]]:
    """What the documents state, and the documents as they were taken apart. Never raises.

    Args:
        project: The root of the project.
        started: The documents that are not looked for, by name.
    """
    # Most runs take the recorded snapshot, and a check needs no more than the anchors.
    from .documents import read_document
    from .forbidden import ruled_out
    from .hazards import find_unsafe
    from .neighbours import read_neighbours
    from .patterns import read_patterns
    from .product import read_product
    from .reading import Source, several
    from .standards import read_standards
    from .tech import read_tech_stack
    from .unread import nearest
    from .workflow import read_workflow

    home = project / HOME
    read = [
        (started[name], Source.of(name, ())) if name in started else read_document(home, name)
        for name in DOCUMENTS
    ]
    sources = [source for _, source in read]
    product, tech, standards, template, workflow = sources
    stack, in_stack = read_tech_stack(tech)
    document = read[DOCUMENTS.index(TECH_STACK)][0]
    silent = stack == TechStack() and not in_stack
    if silent and (document.state in {"missing", "empty"} or document.unfilled):
        stack = read_neighbours(project)
    rules, in_rules = read_standards(standards)
    flow, in_flow = read_workflow(workflow)
    one_transaction = (rules.single_transaction_migrations, flow.single_transaction_migrations)
    context = ProjectContext(
        documents=tuple(document for document, _ in read),
        product=read_product(product),
        tech_stack=stack,
        standards=rules,
        patterns=read_patterns(template),
        workflow=flow,
        unsafe=find_unsafe(sources, [rule for rule in one_transaction if rule is not None]),
        contradictions=(*in_stack, *in_rules, *in_flow),
        ruled_out=several(ruled_out(tech, stack.chosen)),
        nearest=nearest(sources, stack, rules, flow),
    )
    return context, sources
