"""Text for Markdown, JSON and YAML: what a person typed is shown as typed, whatever is in it."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from . import units
from .disk import cache
from .errors import printable

# Where Markdown would read a character as markup. An underscore inside a word is not.
_MARKUP = re.compile(
    r"""[\\`*<>]            # escapes, code, emphasis, HTML
    |(?<![A-Za-z0-9])_      # emphasis that opens
    |_(?![A-Za-z0-9])       # emphasis that closes
    |\[|\]                  # links
    |~(?=~)                 # strike-through
    |&(?=\#?[A-Za-z0-9]+;)  # entities
    """,
    re.VERBOSE,
)
_NAMED = re.compile(r"\{\{ (\w+) \}\}")
_LINE_END = re.compile(r"(?<![ \t])[ \t]++$", re.MULTILINE)
_LINE_START = re.compile(r"^([^\S\n]*)([#+\-=|]|\d+(?=[.)]\s))", re.MULTILINE)


def inline(value: object) -> str:
    """Return text on one line, with everything escaped that Markdown would take for markup."""
    text = " ".join(str(value).split())
    text = _MARKUP.sub(lambda match: "\\" + match[0], text)
    return _LINE_START.sub(_escaped_start, text)


def _escaped_start(match: re.Match[str]) -> str:
    marker = match[2]
    return f"{match[1]}\\{marker}" if not marker[0].isdigit() else f"{match[1]}{marker}\\"


def cell(value: object) -> str:
    """Return text for one cell of a Markdown table."""
    return inline(value).replace("|", "\\|")


def table(value: object) -> str:
    """Return Markdown that is ours, such as a catalog text, for one cell of a table."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(str(value).split()))


def key(value: object) -> str:
    """Return a short key of lower-case words joined by hyphens, the same for the same text."""
    words = re.findall(r"\w+", str(value).casefold())
    return "-".join(words)[:48].strip("-") or "item"


def passage(value: object) -> str:
    """Return text of several lines and paragraphs as a quotation, its markup escaped."""
    lines = [inline(line) for line in str(value).splitlines()]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def code(value: object) -> str:
    """Return text as a code span, with a fence longer than any run of backticks inside."""
    text = " ".join(str(value).split())
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def pretty_json(value: object) -> str:
    """Return JSON with two-space indent, in which every script stays readable."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def sentence(value: str) -> str:
    """Return text that begins with a capital letter, unless with a name, and ends with a stop."""
    text = value.strip()
    if re.match(r"[a-z]+(?:[\s,;:'-]|$)", text):
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def tidy(value: str) -> str:
    """Return a document with single blank lines and no white space at the end of lines."""
    lines = _LINE_END.sub("", value)
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def yaml_line(item: Mapping[str, Any]) -> str:
    """Return a mapping as YAML on one line, however long it is, for a list that people edit."""
    text = yaml.safe_dump(
        dict(item),
        default_flow_style=True,
        sort_keys=False,
        width=float("inf"),
        allow_unicode=True,
    )
    return text.strip()


FILTERS: dict[str, Callable[..., str]] = {
    "inline": inline,
    "cell": cell,
    "table": table,
    "key": key,
    "passage": passage,
    "code": code,
    "pretty_json": pretty_json,
    "sentence": sentence,
    "tidy": tidy,
    "printable": printable,
    "listed": units.listed,
    "counted": units.counted,
    "days_text": units.days_text,
    "number": units.number,
    "percent": units.percent,
    "size_text": units.size_text,
    "volume_text": units.volume_text,
    "duration": units.duration,
}


@functools.cache
def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.filters.update(FILTERS)
    environment.globals.update(FILTERS)
    cache.remember_compiled(environment, "catalog")
    return environment


@functools.cache
def _template(text: str) -> Template:
    return _environment().from_string(text)


def fill_lines(text: str, values: Mapping[str, Any]) -> str:
    """Fill a catalog text of several lines, such as a statement, and keep its lines."""
    return _template(text).render(values).strip() if "{" in text else text.strip()


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Fill a catalog text with values; a text without braces is returned as it is."""
    if "{" not in text:
        return text
    named = _NAMED.findall(text)
    if _NAMED.sub("", text).count("{") == 0 and all(name in values for name in named):
        # Most texts need no more than this, and compiling a template takes half a millisecond.
        return " ".join(_NAMED.sub(lambda match: str(values[match[1]]), text).split())
    return " ".join(_template(text).render(values).split())
