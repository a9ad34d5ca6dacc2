"""What the documentation site shows: files of the repository, and pages written from the catalog.

MkDocs calls the functions `on_*`. A file of the repository has the place on the site that it has
there, so that each of its links is one of the site and is checked as such.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from storage_conductor.catalog import facts, loading
from storage_conductor.catalog.backend import Backend
from storage_conductor.catalog.building_blocks import (
    BuildingBlock,
    block_headings,
    load_block,
    proven,
)
from storage_conductor.markdown import anchors, tables
from storage_conductor.proof.blocks.prove import intent, provable
from storage_conductor.report import diagrams
from storage_conductor.wording import sentence

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # while MkDocs reads this; it has the folder of this file alone

from website import gallery  # noqa: E402

EXAMPLES = "examples/project/storage-conductor"
# Pages that lie elsewhere than in docs/ and in the examples.
_OTHERS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "tests/engine_versions.md",
    "tests/python_versions.md",
)
_MAP = "docs/README.md"
_SHOWN = {".md", ".json", ".png"}
_STYLES = "extensions/storage_conductor/report/assets/report.css"


def on_config(config: MkDocsConfig) -> None:
    """Set the tabs, and the anchors of headings as GitHub gives them."""
    config.mdx_configs["toc"] = {"slugify": lambda text, _: anchors.slug(text, {})}
    guide, changing, decisions = _mapped()
    config.nav = [
        {"Start": ["README.md", _MAP, "CHANGELOG.md"]},
        {"Guide": guide},
        {"Reference": ["docs/command-line.md", "reference/answers.md"]},
        {"Catalog": ["catalog/index.md", *_kinds()]},
        {"Blocks": ["docs/blocks.md", *(f"blocks/{b.key}.md" for b in block_headings())]},
        {"Examples": ["examples/index.md", {"The project": _documents()}, *_tracks()]},
        {"Changing the template": [*changing, {"Decisions": decisions}, *_OTHERS[-2:]]},
    ]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Return the files of the theme's folder, of the repository, and those that are written."""
    for path in _repository():
        place = path.relative_to(ROOT).as_posix()
        files.append(File.generated(config, place, abs_src_path=str(path)))
    for place, text in _written():
        files.append(File.generated(config, place, content=text))
    for place, data in gallery.report():
        files.append(File.generated(config, place, content=data))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Return a page as the site's Markdown reads it: four spaces to a level of a list."""
    return _drawn(_indented(markdown), page.title or "")


def _kinds() -> list[dict[str, list[str]]]:
    return [
        {gallery.KINDS[kind]: [f"catalog/{backend.key}.md" for backend in backends]}
        for kind, backends in _by_kind().items()
    ]


def _by_kind() -> dict[str, list[Backend]]:
    """Return the backends by kind of storage, each in the order of their names."""
    backends = sorted((loading.load(each.key) for each in loading.headings()), key=_name)
    found = {
        kind: [each for each in backends if each.storage_type == kind] for kind in gallery.KINDS
    }
    return {kind: each for kind, each in found.items() if each}


def _name(backend: Backend) -> str:
    return backend.name.casefold()


def _mapped() -> Iterator[list[str]]:
    """Yield the pages of each part of the map that have no tab of their own."""
    text = (ROOT / _MAP).read_text(encoding="utf-8")
    elsewhere = {"docs/command-line.md", "docs/blocks.md"}
    seen = set(elsewhere)
    for part in text.split("\n## ")[1:]:
        found = []
        for link in re.findall(r"^(?:\||\d+\.) \[.+?\]\(([^)#]+\.md)", part, re.M):
            place = (ROOT / "docs" / link).resolve().relative_to(ROOT).as_posix()
            if place not in seen:
                seen.add(place)
                found.append(place)
        yield found


def _documents() -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / EXAMPLES).glob("*.md"))]


def _tracks() -> list[dict[str, list[str]]]:
    return [
        {_title(track): [f"{place}/spec.md", f"{place}/plan.md"]}
        for track in sorted((ROOT / EXAMPLES / "storages").iterdir())
        for place in [track.relative_to(ROOT).as_posix()]
    ]


def _title(track: Path) -> str:
    return f"{json.loads((track / 'metadata.json').read_text(encoding='utf-8'))['title']}"


def _repository() -> Iterator[Path]:
    yield from (ROOT / name for name in _OTHERS)
    for folder in ("docs", EXAMPLES):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in _SHOWN and path.is_file():
                yield path


def _written() -> Iterator[tuple[str, str]]:
    backends = [loading.load(heading.key) for heading in loading.headings()]
    yield "catalog/index.md", "".join(_catalog())
    for backend in backends:
        yield f"catalog/{backend.key}.md", "".join(_backend(backend))
    for heading in block_headings():
        yield f"blocks/{heading.key}.md", "".join(_block(load_block(heading.key), backends))
    yield "examples/index.md", "".join(gallery.page(_plain))
    yield "reference/answers.md", "".join(_answers())
    styles = (ROOT / _STYLES).read_text(encoding="utf-8").splitlines()
    yield "diagrams.css", "\n".join(line for line in styles if line.startswith(".diagram"))


def _row(*cells: str) -> str:
    """Return a row of a table; a bar within code ends no cell."""
    shown = (
        re.sub(r"(`+)(.+?)(\1)|\|", lambda bar: bar[0] if bar[1] else r"\|", tables.clean(cell))
        for cell in cells
    )
    return f"| {' | '.join(shown)} |\n"


def _head(*cells: str) -> str:
    return f"\n{_row(*cells)}{_row(*(['---'] * len(cells)))}"


def _plain(text: str) -> str:
    """Return text of the catalog so that none of it but `code` is read as Markdown."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(p if p.startswith("`") else re.sub(r"([\\*_\[\]<>])", r"\\\1", p) for p in parts)


def _catalog() -> Iterator[str]:
    yield "# Catalog\n\nWhat is known of each backend, with the source of each\n"
    yield "statement, the date of that source and the day on which somebody last compared both.\n"
    for kind, backends in _by_kind().items():
        yield f"\n## {gallery.KINDS[kind]}\n"
        yield _head("Backend", "Run as", "Sources", "Checked")
        for backend in backends:
            days = sorted(f"{source.checked}" for source in backend.sources.values())
            first, last = (f'<span class="date">{day}</span>' for day in (days[0], days[-1]))
            yield _row(
                f"[{backend.name}]({backend.key}.md)",
                ", ".join(item.name for item in backend.hosting),
                str(len(days)),
                first if first == last else f"{first} to {last}",
            )


def _backend(backend: Backend) -> Iterator[str]:
    yield f"# {backend.name}\n\n{_plain(backend.summary)}\n"
    yield _head("Run as", "The same in a terminal")
    held: dict[str, dict[str, tuple[facts.Statement, list[str]]]] = {}
    for variant in backend.hosting:
        yield _row(variant.name, f"`storage-conductor facts {backend.key} --hosting {variant.key}`")
        for topic, items in facts.known(backend.key, hosting=variant.key).topics.items():
            for item in items:
                held.setdefault(topic, {}).setdefault(str(item), (item, []))[1].append(variant.name)
    for topic in filter(held.__contains__, facts.TOPICS):
        yield f"\n## {topic.replace('-', ' ').capitalize()}\n"
        yield _head("What", "Statement", "Run as", "Source")
        for item, names in held[topic].values():
            yield _row(
                _plain(item.title),
                "; ".join(_said(item)),
                _where(names, [variant.name for variant in backend.hosting]),
                f"[{_plain(item.source.title)}]({item.source.url}), as of {item.source.dated}, "
                f"checked {item.source.checked}",
            )


def _where(names: Sequence[str], every: Sequence[str]) -> str:
    """Return as what a backend is run, told by those left out where they are few."""
    left = [name for name in every if name not in names]
    if not left:
        return "all"
    few = len(left) < len(names) - 1
    return f"all but {', '.join(left)}" if few else ", ".join(names)


def _said(item: facts.Statement) -> Iterator[str]:
    for name, text in item.says.items():
        shown = f"`` {text} ``" if name in facts.COMMANDS else _plain(text)
        yield shown if name in {"value", "text"} else f"{name.replace('_', ' ')}: {shown}"


def _block(block: BuildingBlock, backends: Sequence[Backend]) -> Iterator[str]:
    yield f"# {block.name}\n\n{_plain(block.purpose)}\n\n{sentence(_plain(block.avoid))}\n"
    yield "\n## What it keeps\n\n"
    yield from (f"- {_plain(item)}\n" for item in block.invariants)
    yield f"\nIts test: {_plain(block.test)}.\n\n## Who plays which part\n"
    yield _head("Role", "Proposed entity", "Fields")
    for role in block.roles:
        fields = ", ".join(f"`{name}: {said}`" for name, said in role.fields.items())
        yield _row(_plain(role.what), f"`{role.entity}`", fields)
    yield "\nDescribed in "
    yield ", ".join(f"[{_plain(item.title)}]({item.url})" for item in block.sources)
    yield ".\n\n## Proofs\n\n"
    yield "[How a proof is made](../docs/blocks.md), and how you run it yourself.\n"
    yield _head("Store", "Run on", "Mutants noticed")
    ran = {item.store: item for item in proven() if item.block == block.key}
    for store in _stores(block):
        found = ran.get(store)
        said = (found.version, f"all {found.mutants}") if found else ("not run", "—")
        yield _row(loading.load(store).name, *said)
    for unkept in block.unkept:
        without = [item.name for item in backends if {item.key, item.family} & {*unkept.stores}]
        yield f"\nNot to be had on {', '.join(without)}: {_plain(unkept.why)}.\n"
    for store in _stores(block):
        if store in provable(block):
            yield f"\n## Steps on {loading.load(store).name}\n\n"
            yield f"```text\n{intent(block, store)}\n```\n"


def _stores(block: BuildingBlock) -> list[str]:
    return [store for made in block.realisations for store in made.stores]


def _answers() -> Iterator[str]:
    schema = json.loads((ROOT / "docs/schema/answers.schema.json").read_text(encoding="utf-8"))
    yield "# Answers\n\nEvery answer that a track can be given, as the [JSON Schema]"
    yield "(../docs/schema/answers.schema.json) of\nan answers file has them; "
    yield "[how to give them](../docs/answers.md).\n"
    yield _head("Answer", "What it is", "Asked")
    for name, item in schema["properties"].items():
        yield _row(f"`{name}`", _plain(item.get("description", "")), item.get("x-group", ""))


def _indented(text: str) -> str:
    """Return Markdown whose lists have four spaces a level, after an empty line."""
    lines = text.split("\n")
    added, parted = [0] * len(lines), set()
    before = 0  # where the item before begins
    for token in MarkdownIt().parse(text):
        if token.map and token.type.endswith("list_open") and token.level == 0:
            before = token.map[0]
            parted.add(before)
        elif token.map and token.type == "list_item_open":
            first, end = token.map
            if token.level == 1:
                parted |= {first} if "" in lines[before:first] else set()
                before = first
            marker = re.match(r"\s*((?:[-*+]|\d+[.)])\s+)", lines[first])
            width = len(marker[1]) if marker else 4
            for number in range(first + 1, end):
                added[number] += 4 - width
    return "\n".join(
        ("\n" if number in parted else "") + (" " * added[number] if line else "") + line
        for number, line in enumerate(lines)
    )


def _drawn(text: str, title: str) -> str:
    """Return Markdown in which diagrams are drawings."""

    def drawing(found: re.Match[str]) -> str:
        says = f"Diagram of {title}"
        drawn = diagrams.draw(found[1], says, f"d{found.start()}")
        return found[0] if drawn is None else f'<div class="drawing">{drawn}</div>\n'

    return re.sub(r"^```mermaid\n(.+?)^```$", drawing, text, flags=re.M | re.S)
