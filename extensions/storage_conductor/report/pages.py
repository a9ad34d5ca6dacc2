"""Pages from templates: every value is text in them, and a policy lets nothing else in."""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from ..component.decisions import LABELS
from ..component.relevance import Relevant
from ..component.store import Store
from ..disk import cache, places
from ..findings.recovery import FAILURE_TEXT
from ..markdown.outline import plain
from ..review.progress import DecisionRow
from ..review.status import Advice
from ..sizing.headroom import NEAR, REQUESTS
from ..tracks.registry_read import GIVEN_UP
from ..units import duration, number
from ..wording import sentence
from . import diagrams, figures, flow, prose
from .board import Board
from .edition import Edition
from .links import Links, narrowed
from .track_page import TrackPage

_HERE = Path(__file__).parent
STYLE, SCRIPT = "report.css", "report.js"


@dataclass(frozen=True)
class Page:
    """What frames a page.

    Args:
        title: What a browser calls it, before the project's name.
        edition: What the report is of.
        policy: Its content security policy.
        root: The way from it to the folder of the site.
        style: The style sheet, where it stands in the page itself.
        script: The script, likewise.
        inert: Other pages that stand in it, by name, as raw deflate that nothing takes apart until
            it is asked for.
    """

    title: str
    edition: Edition
    policy: str = (
        "default-src 'none'; style-src 'self'; script-src 'self';"
        " base-uri 'none'; form-action 'none'"
    )
    root: str = ""
    style: Markup | None = None
    script: Markup | None = None
    inert: Sequence[tuple[str, bytes]] = ()


def whole(title: str, edition: Edition, inert: Sequence[tuple[str, bytes]]) -> Page:
    """Return the frame of a page that everything stands in; the policy lets just that run."""
    style, script = style_sheet(edition), asset(SCRIPT)
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}';"
        " base-uri 'none'; form-action 'none'"
    )
    own = Markup(style), Markup(script)  # noqa: S704 - with the edition as escapes alone
    return Page(title, edition, policy, "", *own, inert)


def asset(name: str) -> str:
    """Return the text of the style sheet or the script."""
    return (_HERE / "assets" / name).read_text(encoding="utf-8")


def style_sheet(edition: Edition) -> str:
    """Return the style sheet, by which the edition stands at the top of each printed page."""
    said = ": ".join(filter(None, edition))
    text = "".join(c if c.isalnum() and c.isascii() else f"\\{ord(c):x} " for c in said)
    return f'{asset(STYLE)}@page {{ @top-left {{ content: "{text}"; }} }}\n'


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@functools.cache
def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "inline": prose.inline,
        "text": plain,
        "coded": _coded,
        "sentence": sentence,
        "number": number,
        "duration": duration,
        "statements": _statements,
        "base64": lambda data: base64.b64encode(data).decode(),
    }
    cache.remember_compiled(found, "report")
    found.globals |= {"labels": LABELS, "failure_text": FAILURE_TEXT, "narrowed": narrowed}
    found.globals["kinds"] = figures.KINDS
    return found


_CODE = re.compile(r"`([^`]+)`")


def _coded(text: str) -> Markup:
    """Return plain text, of which what stands between backticks is shown as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


def _advised(message: str, keys: Collection[str], links: Links, storage_id: str) -> Markup:
    """Return what is to be done about a track as a sentence, in which decisions are links.

    Args:
        message: What is to be done, as plain text.
        keys: The decisions that have a place on the track's page.
        links: Where the pages are.
        storage_id: The track.
    """
    parts = re.split(r"(D-[\w-]+)", sentence(message))
    shown = (
        _LINK.format(links.section("track", storage_id, part), part)
        if part in keys
        else _coded(part)
        for part in parts
    )
    return Markup("").join(shown)


_LINK = Markup('<a href="{}">{}</a>')


def board(found: Board, page: Page, links: Links) -> Iterator[str]:
    """Render the board, part by part."""
    template = _environment().get_template("board.html.jinja")
    return template.generate(board=found, page=page, links=links)


def track(found: TrackPage, page: Page, links: Links, advice: Sequence[Advice]) -> str:
    """Render the page of a track."""
    rows = found.rows
    given_up = found.standing.status in GIVEN_UP
    overdue = set() if given_up else {row.key for row in found.standing.track.overdue()}
    open_keys = {row.key for row in rows if row.is_open}
    component = found.track.component if found.track else None
    phase = found.standing.phase
    values: dict[str, Any] = {
        "rows": rows,
        "open": sorted((row for row in rows if row.is_open), key=_when_due),
        "what": {row.key: _unlabelled(row.what) for row in rows},
        "decided": [row for row in rows if not row.is_open],
        "overdue": overdue,
        "choices": {choice.key: choice for choice in found.choices},
        "er": None,
        "way": None,
        "through": {},
        "guards": {},
        "owners": {},
        "sizing": found.sizing,
        "figures": [],
        "near": NEAR,
        "requests": REQUESTS,
        "times": found.times,
        "phases": list(found.phases),
        "current": phase.number if phase else 0,
    }
    if component is not None:
        title = found.standing.title
        values["figures"] = list(figures.drawn(found.sizing, title)) if found.sizing else []
        if component.design and component.design.diagram:
            says = f"Entities of {title} and how they refer to each other"
            values["er"] = diagrams.draw(component.design.diagram, says, "er")
        source = flow.diagram(component, component.answers.depends_on)
        values["through"] = flow.through(component)
        names = {item.backend.key: item.name for item in component.stores}
        tables = component.design.entities if component.design else ()
        values["owners"] = {item.entity: names[item.store] for item in tables}
        values["guards"] = {item.name: item.guard for item in component.operations if item.guard}
        values["way"] = diagrams.draw(source, f"The way of a request through {title}", "way")
    return (
        _environment()
        .get_template("track.html.jinja")
        .render(
            track=found,
            page=page,
            links=links,
            advice=[_advised(item.message, open_keys, links, found.id) for item in advice],
            sections=_sections(found, values),
            **values,
        )
    )


def _when_due(row: DecisionRow) -> float:
    """Return before which phase a decision is due; so those that are overdue come first."""
    return math.inf if row.phase is None else row.phase


def _unlabelled(what: str) -> str:
    """Return what a decision is about without its kind, which a badge shows."""
    text = what.strip()
    labels = (f"**{label}.** " for label in LABELS.values())
    return next((text.removeprefix(label) for label in labels if text.startswith(label)), text)


def _sections(found: TrackPage, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    modelled = found.track is not None
    listed = (
        ("decisions", "Decisions", True),
        ("model", "Data model", values["er"] is not None),
        ("requests", "Way of a request", modelled),
        ("blocks", "Building blocks", bool(found.track and found.track.component.blocks)),
        ("sizing", "Sizing", modelled),
        ("recovery", "Recovery", bool(found.recovery)),
        ("plan", "Plan", True),
        ("evidence", "Evidence", bool(found.proven)),
        ("facts", "Facts", modelled),
    )
    return ((anchor, label) for anchor, label, there in listed if there)


def spec(found: TrackPage, page: Page, links: Links, known: frozenset[str]) -> str:
    """Render the specification of a track.

    Args:
        found: The track.
        page: The frame.
        links: Where the pages are.
        known: The tracks that have a page.
    """
    numbers = itertools.count()

    def draw(source: str) -> Markup | None:
        at = next(numbers)
        drawing = diagrams.draw(source, "Diagram of the specification", f"d{at}")
        if drawing is None:
            return None
        return _SCROLL.format(at + 1, drawing)

    def target(href: str) -> str:
        return _target(href, found.id, links, known)

    content, sections = prose.document(found.spec, target, draw)
    return (
        _environment()
        .get_template("spec.html.jinja")
        .render(track=found, page=page, links=links, content=content, sections=sections)
    )


def _target(href: str, storage_id: str, links: Links, known: frozenset[str]) -> str:
    """Return the page that a relative link of a specification leads to; empty if it has none."""
    path, _, anchor = href.partition("#")
    if not path:
        return links.section("spec", storage_id, unquote(anchor)) if anchor else ""
    found = _FILE.fullmatch(unquote(path))
    if found is None or (found["id"] or storage_id) not in known:
        return ""
    to = links.spec if found["name"] == places.SPEC else links.track
    return to(found["id"] or storage_id)


# A file of this track, or of one beside it.
_FILE = re.compile(
    rf"(?:\.\./(?P<id>[^/]+)/)?(?P<name>{'|'.join(map(re.escape, places.RENDERED))})"
)


_SCROLL = Markup('<div class="scroll" tabindex="0" role="region" aria-label="Diagram {}">{}</div>')


def _statements(store: Store, held: Relevant) -> list[tuple[str, str, Any, str]]:
    """List what a specification rests on: title and text as Markdown, the source, what goes on."""
    sources = store.backend.sources
    rows: list[tuple[str, str, Any, str]] = [
        (
            fact.label,
            f"{store.text(fact)}, {figures.KINDS.get(fact.kind, fact.kind)}",
            sources[fact.source],
            fact.applies_to,
        )
        for fact in held.limits
    ]
    rows += [
        (
            item.key.replace("_", " ").capitalize(),
            f"{item.value}: {item.note}",
            sources[item.source],
            "",
        )
        for item in held.guarantees
    ]
    rows += [
        (point.title, point.text, sources[point.source], "")
        for point in (*held.settings, *held.security)
    ]
    rows += [
        (change.change, f"{change.hazard} {change.safe_way}", sources[change.source], "")
        for change in held.changes
    ]
    rows += [(each.name, each.rpo_note, sources[each.source], "") for each in held.backup]
    return rows


def _title(key: str) -> str:
    return key.replace("_", " ").capitalize()
