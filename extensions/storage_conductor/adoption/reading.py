"""Reads answers from what a person or a command wrote, each with its line; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..catalog import loading
from ..disk import files, places
from ..errors import ConductorError
from ..markdown.outline import Outline, OutlineHeading, plain, read
from ..questions import mentions, rules
from ..questions.answers import Answers, broken_rule
from ..tracks import metadata
from ..tracks.registry_read import spelling
from .sections import unclosed

_LABEL = re.compile(r"\s*(?:[-*+]\s+)?\*\*([^*:]+?):?\*\*\s*:?\s*(\S.*)")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?:\[.\]\s+)?(\S.*)")
_PREFIX = re.compile(
    r"(?:(?:track|storage|component|feature)\s+)*(?:spec|specification|track)\s*[:–—-]\s*",
    re.IGNORECASE,
)
_TYPE_LABELS = ("storage type", "type of storage")
_BACKEND_LABELS = ("storage backend", "backend", "database", "store")
_DESCRIBED = ("description", "overview", "summary", "purpose", "goal", "context")
_USED = ("use cases", "use case", "used for")
_RULED_OUT = re.compile(
    r"\b(?:no|not|never|without|instead|unlike|from|replaces?|old)\b", re.IGNORECASE
)
_DESCRIPTION_LENGTH, _LINE_LENGTH = 1_000, 500
_MOST_LINES = 5_000


@dataclass(frozen=True)
class ReadAnswer:
    """An answer that was read.

    Args:
        name: The question.
        value: The answer.
        file: The file, by its name in the track's folder.
        line: 1-based line in it.
    """

    name: str
    value: Any
    file: str
    line: int


@dataclass
class Handwritten:
    """A track that was written by hand.

    Args:
        texts: The texts of its Markdown files, by name; one that is missing has none.
        data: What its metadata says.
        answers: What was read as answers.
        unclear: What several lines say differently, as people read it.
    """

    texts: dict[str, str]
    data: Mapping[str, Any]
    answers: list[ReadAnswer] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)

    def values(self) -> dict[str, Any]:
        """Return the answers by name."""
        return {item.name: item.value for item in self.answers}


def read_track(folder: Path, root: Path) -> Handwritten:
    """Read a track that was written by hand.

    Args:
        folder: The folder of the track.
        root: The folder that no link may lead out of.

    Raises:
        ConductorError: It has no specification, or a file cannot be read or continued.
    """
    texts = {
        name: files.read_text(folder / name, root=root)
        for name in (places.SPEC, places.PLAN)
        if (folder / name).exists()
    }
    if places.SPEC not in texts:
        raise ConductorError(
            "holds no spec.md", path=folder, remedy="Name the folder of a track that has one."
        )
    for name, text in texts.items():
        if line := unclosed(text):
            raise ConductorError(
                "a code fence or comment opens here and never closes",
                path=folder / name,
                line=line,
                remedy="Close it, then adopt the track again.",
            )
    path, data = folder / places.METADATA, {}
    if path.exists():
        data = metadata.parse(files.read_text(path, root=root), path)
    found = Handwritten(texts, data)
    spec = read(texts[places.SPEC])
    for name, answers in _named(spec, data):
        _take(found, name, answers)
    _take_mentions(found, spec)
    return found


def _named(spec: Outline, data: Mapping[str, Any]) -> Iterator[tuple[str, list[ReadAnswer]]]:
    """Yield what labels, sections and metadata say, each question with all that answer it."""
    yield "title", [*_of_data(data, "title"), *_title(spec)][:1]
    yield "description", [*_of_data(data, "description"), *_description(spec)][:1]
    backends = [
        ReadAnswer("backend", heading.name, item.file, item.line)
        for item in (*_of_data(data, "backend"), *_labelled(spec, _BACKEND_LABELS))
        for heading in _headings(str(item.value))
    ] or list(_only_named(spec))
    names = list(dict.fromkeys(item.value for item in backends))
    if len(names) > 1:
        first = backends[0]
        yield "storage_type", [ReadAnswer("storage_type", "hybrid", first.file, first.line)]
        yield "backends", [ReadAnswer("backends", names, first.file, first.line)]
    else:
        yield "backend", backends[:1]
        types = [*_of_data(data, "storage_type"), *_labelled(spec, _TYPE_LABELS)]
        yield "storage_type", list(_types(types, backends))
    yield "use_cases", _use_cases(spec)


def _only_named(spec: Outline) -> Iterator[ReadAnswer]:
    """Yield the backend that the text names, if it names one alone and does not rule it out."""
    found = [
        (heading.name, number, line)
        for number, line in _lines(spec)
        for heading in _headings(plain(line)[:_LINE_LENGTH])
    ]
    if len({name for name, _, _ in found}) == 1:
        name, number, _ = found[0]
        if not any(_RULED_OUT.search(line) for _, _, line in found):
            yield ReadAnswer("backend", name, places.SPEC, number)


def _types(said: list[ReadAnswer], backends: list[ReadAnswer]) -> Iterator[ReadAnswer]:
    """Yield the storage type: that of a backend that the catalog knows, else what is said."""
    for item in backends[:1]:
        heading = loading.find(item.value)
        if heading is not None:
            yield ReadAnswer("storage_type", heading.storage_type, item.file, item.line)
            return
    for item in said:
        value = spelling(str(item.value)).replace(" ", "_")
        if value in rules.STORAGE_TYPES:
            yield ReadAnswer("storage_type", value, item.file, item.line)
            return


def _headings(text: str) -> list[loading.BackendHeading]:
    """Return the backends of the catalog that a text names, in its order."""
    found: list[tuple[int, loading.BackendHeading]] = []
    rest = text.casefold()
    for heading in sorted(loading.headings(), key=lambda item: -len(item.name)):
        match = re.search(rf"(?<!\w){re.escape(heading.name.casefold())}(?!\w)", rest)
        if match:
            found.append((match.start(), heading))
            rest = rest[: match.start()] + " " * len(match[0]) + rest[match.end() :]
    return [heading for _, heading in sorted(found, key=lambda item: item[0])]


def _of_data(data: Mapping[str, Any], key: str) -> Iterator[ReadAnswer]:
    value = data.get(key)
    if isinstance(value, str) and value.strip():
        yield ReadAnswer(key, value.strip(), places.METADATA, 1)


def _title(spec: Outline) -> Iterator[ReadAnswer]:
    for heading in spec.headings:
        if heading.level == 1 and heading.title:
            title = _PREFIX.sub("", heading.title, count=1).strip() or heading.title
            yield ReadAnswer("title", title, places.SPEC, heading.line)


def _sections(spec: Outline, names: tuple[str, ...]) -> Iterator[OutlineHeading]:
    for name in names:
        for heading in spec.headings:
            if re.sub(r"^[\d.]+\s+", "", heading.name).casefold() == name:
                yield heading


def _description(spec: Outline) -> Iterator[ReadAnswer]:
    """Yield the text of the section that describes it, up to its first sub-section."""
    for heading in _sections(spec, _DESCRIBED):
        lines = []
        for number, line in spec.body(heading):
            if line.lstrip().startswith("#"):
                break
            if number - 1 not in spec.literal:
                lines.append(plain(line.lstrip("> ")))
        text = " ".join(filter(None, lines))
        if text:
            yield ReadAnswer(
                "description", text[:_DESCRIPTION_LENGTH].strip(), places.SPEC, heading.line
            )


def _labelled(spec: Outline, labels: tuple[str, ...]) -> Iterator[ReadAnswer]:
    """Yield what stands behind a label, `**Storage Type**: database`, or under such a heading."""
    for number, line in _lines(spec):
        match = _LABEL.fullmatch(line)
        if match and match[1].strip().casefold() in labels:
            yield ReadAnswer("", plain(match[2]), places.SPEC, number)
    for heading in _sections(spec, labels):
        for number, line in spec.body(heading):
            if line.strip():
                yield ReadAnswer("", plain(line), places.SPEC, number)
                break


def _use_cases(spec: Outline) -> list[ReadAnswer]:
    for heading in _sections(spec, _USED):
        items = [(number, _ITEM.fullmatch(line)) for number, line in spec.body(heading)]
        texts = [plain(match[1]).replace(",", ";") for _, match in items if match]
        if texts:
            return [ReadAnswer("use_cases", texts, places.SPEC, heading.line)]
    return []


def _take_mentions(found: Handwritten, spec: Outline) -> None:
    """Take the values that the specification states in words, such as `RPO: 5 minutes`."""
    values, said = found.values(), {item.name for item in found.answers}
    told = Answers(
        title="-",
        description="",
        storage_type=values.get("storage_type", "database"),
        backend=values.get("backend", ""),
        backends=tuple(values.get("backends", ())),
    )
    spoken: dict[str, list[ReadAnswer]] = {}
    is_open: list[tuple[mentions.Mention, int]] = []
    for number, line in _lines(spec):
        # A colon would end the clause that the value belongs to.
        label = _LABEL.fullmatch(line)
        text = plain(f"{label[1]} {label[2]}" if label else line)[:_LINE_LENGTH]
        for item in mentions.found_in(mentions.about(told, text)):
            if item.answer in said:
                continue
            if item.value is None:
                is_open.append((item, number))
                continue
            value = list(item.value) if isinstance(item.value, tuple) else item.value
            answer = ReadAnswer(item.answer, value, places.SPEC, number)
            spoken.setdefault(item.answer, []).append(answer)
    for name, answers in spoken.items():
        _take(found, name, answers)
    known = {item.name for item in found.answers}
    for item, number in is_open:
        if names := [name for name in (item.answer, *item.also) if name not in known]:
            where = f"{places.SPEC}:{number}"
            found.unclear.append(f"{', '.join(names)}: {item.quote} ({where}): {item.reason}")


def _take(found: Handwritten, name: str, answers: list[ReadAnswer]) -> None:
    """Take an answer that all lines agree on and that its rule accepts."""
    usable = [item for item in answers if not broken_rule(name, item.value)]
    kinds = {str(item.value) for item in usable}
    if len(kinds) > 1:
        places_said = ", ".join(f"{item.value} ({item.file}:{item.line})" for item in usable)
        found.unclear.append(f"{name}: {places_said}")
    elif usable:
        first = usable[0]
        found.answers.append(ReadAnswer(name, first.value, first.file, first.line))


def _lines(spec: Outline) -> Iterator[tuple[int, str]]:
    """Yield the lines that are no code."""
    for number, line in enumerate(spec.lines[:_MOST_LINES], start=1):
        if line.strip() and number - 1 not in spec.literal:
            yield number, line
