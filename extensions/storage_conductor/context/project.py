"""The whole of what a project's documents state, and its form in an answers file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from ..disk.places import DOCUMENTS, PRODUCT, STANDARDS, TECH_STACK, WORKFLOW
from ..markdown.anchors import slug
from .model import (
    STATES,
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
from .topics import topics

Data = dict[str, Any]
"""Plain mappings, lists and scalars, as YAML and JSON have them."""

Group = TypeVar("Group", Product, TechStack, Standards, Workflow)


class ProjectContext(NamedTuple):
    """What the five documents of a project state; what was not found is None or empty.

    `ruled_out` are products that must not be assumed; `nearest` are the lines that come nearest to
    each question without an answer, by the key of the assumption that is made instead.
    """

    documents: tuple[Document, ...] = tuple(map(Document, DOCUMENTS))
    product: Product = Product()
    tech_stack: TechStack = TechStack()
    standards: Standards = Standards()
    patterns: tuple[CodePattern, ...] = ()
    workflow: Workflow = Workflow()
    unsafe: tuple[Unsafe, ...] = ()
    contradictions: tuple[str, ...] = ()
    ruled_out: tuple[Stated, ...] = ()
    nearest: Mapping[str, tuple[Stated, ...]] = {}

    @property
    def test_driven(self) -> bool | None:
        """Whether tests are written first; None when it is not stated."""
        stated = self.workflow.testing
        return None if stated is None else stated.value == "test-driven"

    @property
    def schema_first(self) -> bool | None:
        """Whether the schema comes before the code; False is code-first, None not stated."""
        stated = self.workflow.approach or self.tech_stack.approach
        return None if stated is None else stated.value == "schema-first"

    @property
    def migration_naming(self) -> Stated | None:
        """How migration files are named, by the workflow, else the standards, else the stack."""
        return (
            self.workflow.migration_naming
            or self.standards.migration_naming
            or self.tech_stack.migration_naming
        )

    @property
    def warnings(self) -> list[str]:
        """Plain sentences on documents that could not be read, are unfinished or disagree."""
        found = [sentence for document in self.documents for sentence in document.warnings]
        return [*found, *self.contradictions]

    def to_data(self) -> Data:
        """Only what was found, in a fixed order, without line numbers."""
        data: Data = {
            "documents": {
                each.name: f"{each.state}: {each.reason}" if each.reason else each.state
                for each in self.documents
            }
        }
        groups: Data = {
            "unfilled": [each.name for each in self.documents if each.unfilled],
            "product": _group_data(self.product),
            "tech_stack": _group_data(self.tech_stack),
            "standards": _group_data(self.standards),
            "patterns": [_topic_data(each) for each in self.patterns],
            "workflow": _group_data(self.workflow),
            "unsafe": [
                _place_data(each, key=each.key, document=each.document) for each in self.unsafe
            ],
            "contradictions": list(self.contradictions),
            "ruled_out": [_stated_data(each) for each in self.ruled_out],
            "nearest": {
                key: [_stated_data(each) for each in lines] for key, lines in self.nearest.items()
            },
        }
        return data | {key: value for key, value in groups.items() if value}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> ProjectContext:
        """The context of a snapshot; what is missing, unknown or of another form is left out."""
        states = _mapping(data.get("documents"))
        unfilled = _texts(data.get("unfilled"))
        return cls(
            documents=tuple(
                _document(name, _text(states.get(name)), unfilled=name in unfilled)
                for name in DOCUMENTS
            ),
            product=_group(Product, data.get("product"), PRODUCT),
            tech_stack=_group(TechStack, data.get("tech_stack"), TECH_STACK),
            standards=_group(Standards, data.get("standards"), STANDARDS),
            patterns=tuple(
                CodePattern(_text(each.get("heading")), _anchor(each), _topics(each))
                for each in _mappings(data.get("patterns"))
            ),
            workflow=_group(Workflow, data.get("workflow"), WORKFLOW),
            unsafe=tuple(
                Unsafe(
                    _text(each.get("key")),
                    _text(each.get("document")),
                    _text(each.get("heading")),
                    _anchor(each),
                )
                for each in _mappings(data.get("unsafe"))
            ),
            contradictions=_texts(data.get("contradictions")),
            ruled_out=_all_stated(_mappings(data.get("ruled_out")), TECH_STACK),
            nearest={
                str(key): _all_stated(_mappings(lines), "")
                for key, lines in _mapping(data.get("nearest")).items()
            },
        )


def _group_data(group: Product | TechStack | Standards | Workflow) -> Data:
    data: Data = {}
    for name, value in group._asdict().items():
        if isinstance(value, Stated):
            data[name] = _stated_data(value)
        elif value:
            data[name] = [
                _stated_data(item)
                if isinstance(item, Stated)
                else _topic_data(item) | {"rules": list(item.rules)}
                for item in value
            ]
    return data


def _stated_data(stated: Stated) -> Data:
    """A statement with its place; a document of the project's own folder follows from the group."""
    neighbour = {"document": stated.document} if stated.neighbour else {}
    return {"value": stated.value} | neighbour | _place_data(stated)


def _place_data(place: Stated | Section | CodePattern | Unsafe, **more: object) -> Data:
    """Where it stands; an anchor that follows from the heading is not repeated."""
    data: Data = {key: value for key, value in more.items() if value}
    if place.heading:
        data["heading"] = place.heading
    if place.anchor != slug(place.heading, {}):
        data["anchor"] = place.anchor
    return data


def _topic_data(item: Section | CodePattern) -> Data:
    """Where it stands, and its topics where the heading does not tell them."""
    own = item.topics != topics(item.heading)
    return _place_data(item) | ({"topics": list(item.topics)} if own else {})


def _topics(data: Mapping[str, Any]) -> tuple[str, ...]:
    return _texts(data.get("topics")) or topics(_text(data.get("heading")))


def _group(kind: type[Group], data: object, document: str) -> Group:
    recorded = _mapping(data)
    values: dict[str, Any] = {}
    for name, default in kind._field_defaults.items():
        found = recorded.get(name)
        if name == "sections":
            values[name] = tuple(
                Section(
                    _text(item.get("heading")),
                    _anchor(item),
                    _topics(item),
                    _texts(item.get("rules")),
                )
                for item in _mappings(found)
            )
        elif default is None:
            values[name] = next(iter(_all_stated([found], document)), None)
        else:
            values[name] = _all_stated(found if isinstance(found, list) else [], document)
    return kind(**values)


def _all_stated(found: Iterable[object], document: str) -> tuple[Stated, ...]:
    return tuple(
        Stated(
            _text(item["value"]),
            _text(item.get("document")) or document,
            _text(item.get("heading")),
            _anchor(item),
        )
        for item in map(_mapping, found)
        if _text(item.get("value"))
    )


def _document(name: str, recorded: str, *, unfilled: bool) -> Document:
    state, _, reason = recorded.partition(": ")
    return Document(name, state if state in STATES else "missing", reason, unfilled)


def _anchor(data: Mapping[str, Any]) -> str:
    return _text(data.get("anchor")) or slug(_text(data.get("heading")), {})


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(filter(None, map(_text, value))) if isinstance(value, list) else ()
