"""Reads answers from what a person or a command wrote, each with its line; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
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
from . import statuses
from .sections import cut, unclosed
from .statements import ITEM, LABEL, TextStatement, lines, statements
from .statuses import TrackStatus

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
_REQUIRED = ("title", "description")
# What a paragraph does not begin with: a heading, an item, a table, a quote, a link alone, HTML.
_NO_PROSE = re.compile(
    r"\s*(?:[#>|<]|[-*+]\s|\d+[.)]\s|---|===|!?\[[^\]]*\]\([^)]*\)\s*$|\*\*[^*]+\*\*\s*:?)"
)


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
        notes: Lines that state an amount and are no answer, each with its number.
        status: How far it is; None where nothing says so.
    """

    texts: dict[str, str]
    data: Mapping[str, Any]
    answers: list[ReadAnswer] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)
    status: TrackStatus | None = None

    def values(self) -> dict[str, Any]:
        """Return the answers by name, with what fits none as notes."""
        values = {item.name: item.value for item in self.answers}
        notes = [text for _, text in self.notes]
        return {**values, "notes": notes} if notes and not broken_rule("notes", notes) else values

    def missing(self, given: Collection[str]) -> list[str]:
        """Return the answers that a track needs and that neither the text nor a person gives."""
        there = {*given, *(item.name for item in self.answers)}
        return [name for name in _REQUIRED if name not in there]


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
    found = Handwritten(texts, data, status=statuses.read(folder, root, data))
    spec = read(texts[places.SPEC])
    for name, answers in _named(spec, data):
        _take(found, name, answers)
    _take_mentions(found, spec)
    return found


def _named(spec: Outline, data: Mapping[str, Any]) -> Iterator[tuple[str, list[ReadAnswer]]]:
    """Yield what labels, sections and metadata say, each question with all that answer it."""
    yield "title", [*_of_data(data, "title"), *_title(spec)][:1]
    described = (*_of_data(data, "description"), *_description(spec), *_first_paragraph(spec))
    yield "description", list(described[:1])
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
        for number, line in lines(spec)
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


def _first_paragraph(spec: Outline) -> Iterator[ReadAnswer]:
    """Yield the first prose above all sections."""
    title = next((heading for heading in spec.headings if heading.level == 1), None)
    start = title.line if title else _front_lines(spec)
    end = next((h.line for h in spec.headings if h.line > start), len(spec.lines) + 1)
    found: list[tuple[int, str]] = []
    for number in range(start + 1, end):
        line = spec.lines[number - 1]
        is_prose = line.strip() and number - 1 not in spec.literal and not _NO_PROSE.match(line)
        if is_prose:
            found.append((number, plain(line)))
        elif found:
            break
    if text := " ".join(text.strip() for _, text in found):
        yield ReadAnswer(
            "description", text[:_DESCRIPTION_LENGTH].strip(), places.SPEC, found[0][0]
        )


def _front_lines(spec: Outline) -> int:
    """Return the number of lines of YAML that some tools write at the top."""
    return len(cut("\n".join(spec.lines)).front)


def _labelled(spec: Outline, labels: tuple[str, ...]) -> Iterator[ReadAnswer]:
    """Yield what stands behind a label, `**Storage Type**: database`, or under such a heading."""
    for number, line in lines(spec):
        match = LABEL.fullmatch(line)
        if match and match[1].strip().casefold() in labels:
            yield ReadAnswer("", plain(match[2]), places.SPEC, number)
    for heading in _sections(spec, labels):
        for number, line in spec.body(heading):
            if line.strip():
                yield ReadAnswer("", plain(line), places.SPEC, number)
                break


def _use_cases(spec: Outline) -> list[ReadAnswer]:
    for heading in _sections(spec, _USED):
        items = [(number, ITEM.fullmatch(line)) for number, line in spec.body(heading)]
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
    counted: list[TextStatement] = []
    for each in statements(spec):
        if each.has_amount:
            counted.append(each)
        searched = (mentions.found_in(mentions.about(told, form)) for form in each.forms)
        for item in next(filter(None, searched), ()):
            if item.answer in said:
                continue
            if item.value is None:
                is_open.append((item, each.line))
                continue
            value = _plain(item.value)
            answer = ReadAnswer(item.answer, value, places.SPEC, each.line)
            spoken.setdefault(item.answer, []).append(answer)
    for name, answers in spoken.items():
        _take(found, name, answers)
    found.notes += _unread(found, counted, spoken)
    known = {item.name for item in found.answers}
    for item, number in is_open:
        if names := [name for name in (item.answer, *item.also) if name not in known]:
            where = f"{places.SPEC}:{number}"
            found.unclear.append(f"{', '.join(names)}: {item.quote} ({where}): {item.reason}")


def _plain(value: object) -> object:
    """Return a value as people write it in a file of answers."""
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unread(
    found: Handwritten, counted: list[TextStatement], spoken: Mapping[str, list[ReadAnswer]]
) -> Iterator[tuple[int, str]]:
    """Yield the statements with amounts that no answer holds."""
    taken = found.values()
    agreed = {
        item.line
        for name, answers in spoken.items()
        for item in answers
        if taken.get(name) == item.value
    }
    texts = [str(taken.get("title", "")), str(taken.get("description", ""))]
    texts += taken.get("use_cases", [])
    for each in counted:
        if each.line not in agreed and not any(each.text in text for text in texts):
            yield each.line, each.text


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
