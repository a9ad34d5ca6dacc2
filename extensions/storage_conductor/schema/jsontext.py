"""JSON that people read: what fits on a line stands on one."""

from __future__ import annotations

import json
from typing import Any

_WIDTH = 100


def readable(value: Any, indent: str = "") -> str:
    """Write JSON, breaking only what is longer than a line.

    Args:
        value: Anything that JSON can hold.
        indent: What the lines after the first begin with.
    """
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= _WIDTH or not isinstance(value, dict | list):
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        items = [
            f"{json.dumps(key, ensure_ascii=False)}: {readable(item, deeper)}"
            for key, item in value.items()
        ]
        opening, closing = "{}"
    else:
        items = [readable(item, deeper) for item in value]
        opening, closing = "[]"
    body = ",\n".join(deeper + item for item in items)
    return f"{opening}\n{body}\n{indent}{closing}"
