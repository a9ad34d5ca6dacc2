"""What a project's own documents state about its product, stack, standards and workflow.

Nothing is guessed: what is not stated is None or empty, and a document that cannot be read is a
state with a warning, not an error.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..disk.places import DOCUMENTS, HOME
from ..markdown.anchors import slug
from .model import (
    Document,
    Pattern,
    Product,
    Section,
    Standards,
    Stated,
    TechStack,
    Unsafe,
    Workflow,
)
from .project import ProjectContext

__all__ = [
    "DOCUMENTS",
    "Document",
    "Pattern",
    "Product",
    "ProjectContext",
    "Section",
    "Standards",
    "Stated",
    "TechStack",
    "Unsafe",
    "Workflow",
    "read_context",
    "slug",
]


def read_context(project: Path, *, starting: bool = False) -> ProjectContext:
    """What the documents in a project's `storage-conductor` folder state. Never raises.

    Args:
        project: The root of the project.
        starting: Whether a starter is about to be written for each document that is missing; it is
            then as good as there, and states nothing.
    """
    home = project / HOME
    missing = [name for name in DOCUMENTS if starting and not os.path.lexists(home / name)]
    started = {name: Document(name, "present", "", True, 1) for name in missing}
    if len(missing) == len(DOCUMENTS):
        return ProjectContext(documents=tuple(started.values()))
    # Most runs take the recorded snapshot, and a check needs no more than the anchors.
    from .documents import read_document
    from .hazards import find_unsafe
    from .patterns import read_patterns
    from .product import read_product
    from .reading import Source
    from .standards import read_standards
    from .tech import read_tech_stack
    from .workflow import read_workflow

    read = [
        (started[name], Source.of(name, ())) if name in started else read_document(home, name)
        for name in DOCUMENTS
    ]
    sources = [source for _, source in read]
    product, tech, standards, template, workflow = sources
    stack, in_stack = read_tech_stack(tech)
    rules, in_rules = read_standards(standards)
    flow, in_flow = read_workflow(workflow)
    one_transaction = (rules.single_transaction_migrations, flow.single_transaction_migrations)
    return ProjectContext(
        documents=tuple(document for document, _ in read),
        product=read_product(product),
        tech_stack=stack,
        standards=rules,
        patterns=read_patterns(template),
        workflow=flow,
        unsafe=find_unsafe(sources, [rule for rule in one_transaction if rule is not None]),
        contradictions=(*in_stack, *in_rules, *in_flow),
    )
