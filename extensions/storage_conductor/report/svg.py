"""Drawings as part of a page: a few elements that are allowed, and the page's own colours."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from markupsafe import Markup

_SVG = "{http://www.w3.org/2000/svg}"
_DRAWN = frozenset(
    ("svg", "g", "path", "rect", "circle", "ellipse", "line", "polygon", "polyline")
) | frozenset(("text", "tspan", "defs", "marker", "clipPath"))
_KEPT = re.compile(
    r"class|c[xy]|clip-path|d|d[xy]|dominant-baseline|fill(-opacity)?|font-(size|weight)|height|id"
    r"|marker(-end|-start|Height|Units|Width)|opacity|orient|points|r|ref[XY]|r[xy]"
    r"|stroke(-dasharray|-linecap|-opacity|-width)?|text-anchor|transform|viewBox|width|[xy][12]?"
)
_POINTS = frozenset(("d", "points", "transform", "x", "y", "width", "height", "viewBox"))
_SMALL = 600.0
# More than a tenth of a pixel is not seen.
_FINE = re.compile(r"(?<=\.\d)\d+")
_REFERRED = re.compile(r"url\(#([^)]+)\)")


def embedded(drawing: str, label: str, prefix: str, kind: str) -> Markup:
    """Return a drawing as an image of a page, which a reader of screens calls by its label.

    Args:
        drawing: SVG, as a library drew it.
        label: What it shows, in a sentence.
        prefix: What its ids begin with, so that they are unique on a page.
        kind: The class that the style sheet knows it by.

    Raises:
        ValueError: It is no SVG.
    """
    try:
        root = ET.fromstring(drawing)  # noqa: S314 - written by a library, no entities in it
    except ET.ParseError as error:
        raise ValueError(f"not an SVG: {error}") from error
    used = {name for element in root.iter() for name in _references(element)}
    _prune(root)
    _rename(root, used, prefix)
    kind = f"{kind} {root.get('class', '')}".strip()
    box = [float(part) for part in root.get("viewBox", "0 0 0 0").split()]
    root.attrib = {
        "viewBox": root.get("viewBox", ""),
        "class": kind if box[2] > _SMALL else f"{kind} small",
        "role": "img",
        "aria-label": label,
        "width": f"{box[2]:.0f}",
        "height": f"{box[3]:.0f}",
    }
    ET.register_namespace("", _SVG.strip("{}"))
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - only what is allowed


def _references(element: ET.Element) -> Iterator[str]:
    for value in element.attrib.values():
        if "url(" in value:
            yield from _REFERRED.findall(value)


def _prune(element: ET.Element) -> None:
    for child in list(element):
        name = child.tag.removeprefix(_SVG) if isinstance(child.tag, str) else ""
        if name not in _DRAWN or child.get("display") == "none":
            element.remove(child)
        else:
            _prune(child)
    kept = {name: value for name, value in element.attrib.items() if _is_kept(name)}
    element.attrib = {
        name: _FINE.sub("", value) if name in _POINTS else value for name, value in kept.items()
    }


@functools.cache
def _is_kept(name: str) -> bool:
    return _KEPT.fullmatch(name) is not None


def _rename(root: ET.Element, used: set[str], prefix: str) -> None:
    """Name the ids that something refers to in their order, and drop the others with their markers.

    A library counts on from one drawing to the next; a page is the same whatever was drawn before.
    """
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{_SVG}marker" and child.get("id") not in used:
                parent.remove(child)
    held = [name for element in root.iter() if (name := element.get("id", "")) in used]
    named = {name: f"{prefix}-{at}" for at, name in enumerate(held)}
    for element in root.iter():
        name = element.attrib.pop("id", "")
        if name in named:
            element.set("id", named[name])
        for key, value in element.attrib.items():
            if "url(" in value:
                shown = _REFERRED.sub(lambda it: f"url(#{named.get(it[1], prefix)})", value)
                element.set(key, shown)
