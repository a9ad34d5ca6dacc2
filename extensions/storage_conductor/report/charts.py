"""Charts by Vega-Lite, drawn while a page is written; their colours are the style sheet's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from ..disk import cache
from ..importing.extra import need
from . import svg
from .diagrams import EXTRA

_VERSION = "5.20"
_INK, _LINE, _ACCENT = "var(--muted)", "var(--line)", "var(--accent)"
_CONFIG: dict[str, Any] = {
    "background": None,
    "padding": {"left": 24, "right": 16, "top": 8, "bottom": 8},
    "view": {"stroke": None},
    "font": "sans-serif",
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "gridColor": _LINE,
        "domainColor": _LINE,
        "tickColor": _LINE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "text": {"fontSize": 12},
}
_WIDTH = 380


class LimitLine(NamedTuple):
    """A limit in a chart: where it lies, and what it is called."""

    value: float
    name: str


def over_time(
    points: Sequence[tuple[float, float]],
    limits: Sequence[LimitLine],
    unit: str,
    says: str,
    prefix: str,
) -> Markup:
    """Draw a quantity over months, with its limits.

    A limit that would leave nothing to see of the quantity stands above the drawing, with how many
    times as much it is.

    Args:
        points: Months and quantity, ascending.
        limits: Limits.
        unit: The unit of the quantity and of the limits.
        says: What the chart shows, in a sentence.
        prefix: What its ids begin with, unique on its page.
    """
    most = max(value for _, value in points)
    near = [limit for limit in limits if limit.value <= most * _NEAR]
    far = [limit for limit in limits if limit not in near]
    x = {
        "field": "month",
        "type": "quantitative",
        "title": "months from the start",
        "axis": {"values": [month for month, _ in points if month == int(month)], "grid": False},
    }
    top = max(most, *(limit.value for limit in near), 0) * (1.15 if limits else 1)
    y = {
        "field": "value",
        "type": "quantitative",
        "title": unit,
        "axis": {"tickCount": 4},
        "scale": {"domain": [0, top], "nice": not limits},
    }
    area = {"type": "area", "color": _ACCENT, "opacity": 0.14}
    line = {"color": _ACCENT, "strokeWidth": 2}
    dots = {"type": "point", "filled": True, "size": 50, "color": _ACCENT, "opacity": 1}
    data = {"values": [{"month": month, "value": value} for month, value in points]}
    encoding = {"x": x, "y": y}
    layers: list[Any] = [
        {"data": data, "mark": {**area, "line": line}, "encoding": encoding},
        {"data": data, "mark": dots, "encoding": encoding},
    ]
    for limit in near:
        at = {"datum": limit.value, "type": "quantitative"}
        layers.append({"data": _ONCE, "mark": _RULE, "encoding": {"y": at}})
        text = {**_NOTE, "dy": -7, "text": limit.name}
        layers.append({"data": _ONCE, "mark": text, "encoding": {"y": at, "x": {"value": 4}}})
    for number, limit in enumerate(far):
        text = {**_NOTE, "text": f"↑ {limit.name}, {limit.value / most:,.0f} times as much"}
        place = {"x": {"value": 4}, "y": {"value": -8 - 16 * (len(far) - 1 - number)}}
        layers.append({"data": _ONCE, "mark": text, "encoding": place})
    return _drawn({"width": _WIDTH, "height": 200, "layer": layers}, says, prefix)


# A limit of more times the quantity is not drawn to scale.
_NEAR = 4.0
# A layer that shows one thing still asks for a row of data.
_ONCE: dict[str, Any] = {"values": [{}]}
_RULE = {"type": "rule", "color": "var(--bad)", "strokeDash": [5, 4], "strokeWidth": 1.5}
_NOTE = {"type": "text", "align": "left", "color": "var(--bad)"}


def ranges(
    rows: Sequence[tuple[str, float, float | None, str]], unit: str, says: str, prefix: str
) -> Markup:
    """Draw quantities of one unit beside each other, each from its least to its most.

    Without an upper bound, a bar is broken up from its least to beyond the most of all.

    Args:
        rows: Name, least, most (None where there is no upper bound), and both in words.
        unit: The unit.
        says: What the chart shows, in a sentence.
        prefix: What its ids begin with, unique on its page.
    """
    most = max(max(low, high or 0.0) for _, low, high, _ in rows)
    far = most * 1.45
    values = [
        {
            "what": name,
            "start": 0,
            "low": low,
            "high": most * 1.1 if high is None else high,
            "open": high is None,
            "text": text,
        }
        for name, low, high, text in rows
    ]
    y = {
        "field": "what",
        "type": "nominal",
        "sort": [name for name, *_ in rows],
        "title": None,
        "axis": {"labelLimit": 190, "domain": False, "ticks": False, "labelPadding": 8},
    }
    x = {
        "field": "low",
        "type": "quantitative",
        "title": unit,
        "axis": {"tickCount": 4},
        "scale": {"domain": [0, far]},
    }
    bar = {"type": "bar", "height": 14, "color": _ACCENT}
    beyond = {"x": x, "x2": {"field": "high"}, "y": y}
    layers = [
        {**_only("!datum.open"), "mark": {**bar, "opacity": 0.35}, "encoding": beyond},
        {**_only("datum.open"), "mark": _BROKEN, "encoding": beyond},
        {"mark": bar, "encoding": {"x": {**x, "field": "start"}, "x2": {"field": "low"}, "y": y}},
        {
            "mark": {"type": "text", "align": "left", "dx": 5, "color": "var(--ink)"},
            "encoding": {"x": {**x, "field": "high"}, "y": y, "text": {"field": "text"}},
        },
    ]
    spec = {"width": 240, "height": {"step": 30}, "data": {"values": values}, "layer": layers}
    return _drawn(spec, says, prefix)


_BROKEN = {
    "type": "rule",
    "color": _ACCENT,
    "opacity": 0.35,
    "strokeWidth": 14,
    "strokeDash": [3, 3],
}


def _only(test: str) -> dict[str, Any]:
    return {"transform": [{"filter": test}]}


def _drawn(spec: Mapping[str, Any], says: str, prefix: str) -> Markup:
    library: Any = need("vl_convert", EXTRA)
    schema = "https://vega.github.io/schema/vega-lite/v5.json"
    text = json.dumps({"$schema": schema, "config": _CONFIG, **spec})

    def draw() -> str:
        return str(library.vegalite_to_svg(text, vl_version=_VERSION, allowed_base_urls=[]))

    kept = cache.objects((library.__version__, _VERSION, text), draw)
    return svg.embedded(kept, says, prefix, "chart")
