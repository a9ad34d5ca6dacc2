"""The rules of answers, one function a kind.

Every rule is a function from a raw value to the typed one that raises `ValueError` naming the rule.
"""

from __future__ import annotations

import datetime
import difflib
import functools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from ..catalog import loading
from ..catalog.building_blocks import NONE, block_headings
from ..disk import files
from ..schema import durations
from ..schema.tokens import TEXT_LENGTH
from .speech import vocabulary

STORAGE_TYPES = ("database", "object_storage", "cache", "file_system", "hybrid")
SCHEMES = ("timestamp", "sequential", "typed")
SENSITIVE = ("none", "pii", "phi", "pci", "secrets", "confidential")
CONSISTENCY = ("strong", "read-your-writes", "eventual")
OTHER = "Other"
# Marks an answer that may be left blank though its rule wants a text.
BLANK = "blank"
TITLE_LENGTH = 500
MODEL_LENGTH = 500_000
LARGEST = 1e15  # of any number: far above what is built, and far below what overflows
# Nested data: what a large model has, many times over.
_VALUES, _DEPTH = 50_000, 30
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def text(value: Any) -> str:
    """Return text without control characters and with line feeds as line ends."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"must be text, in quotes where YAML reads another value: {short(value)}")
    return _plain(str(value))


def _plain(value: str) -> str:
    if len(value) > TEXT_LENGTH:
        raise ValueError(f"must have at most {TEXT_LENGTH} characters, has {len(value)}")
    if not_unicode := _SURROGATE.search(value):
        raise ValueError(f"holds what is no character: {not_unicode[0]!r}")
    return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def required_text(value: Any) -> str:
    """Return text that must not be empty."""
    if not (found := text(value)):
        raise ValueError("must not be empty")
    return found


def title(value: Any) -> str:
    """Return a one-line title of at most 500 characters."""
    found = " ".join(required_text(value).split())
    if len(found) > TITLE_LENGTH:
        raise ValueError(f"must have at most {TITLE_LENGTH} characters, has {len(found)}")
    return found


def number(value: Any, *, above: float | None = None, most: float = LARGEST) -> float | None:
    """Return a finite number of at least 0 (or above `above`) and at most `most`; empty is None."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        if isinstance(value, bool):
            raise TypeError
        found = float(str(value).strip().replace("_", "") if isinstance(value, str) else value)
    except (OverflowError, TypeError, ValueError):
        raise ValueError(f"must be a number, not {short(value)}") from None
    if not math.isfinite(found):
        raise ValueError(f"must be a finite number, not {short(value)}")
    if above is not None and found <= above:
        raise ValueError(f"must be above {above:g}, not {found:g}")
    if found < 0:
        raise ValueError(f"must not be negative, not {found:g}")
    if found > most:
        raise ValueError(f"must be at most {most:g}, not {found:g}")
    return found


def rate(value: Any) -> float | None:
    """Return how often something happens a second, from a number or a text such as `400 a day`."""
    timed = durations.rate_over_time(value)
    return number(value) if timed is None else timed


def whole(value: Any) -> int | None:
    """Return a whole number of at least 1; empty is None."""
    found = number(value, above=0)
    if found is None:
        return None
    if found != int(found):
        raise ValueError(f"must be a whole number, not {found:g}")
    return int(found)


def factor(value: Any) -> float | None:
    """Return a factor of at least 1; empty is None."""
    found = number(value)
    if found is not None and found < 1:
        raise ValueError(f"must be at least 1, not {found:g}")
    return found


def positive(value: Any) -> float | None:
    """Return a number above 0; empty is None."""
    return number(value, above=0)


def percent(value: Any) -> float | None:
    """Return a percentage above 0 and at most 100; empty is None."""
    return number(value, above=0, most=100)


def items(value: Any) -> tuple[str, ...]:
    """Return a list of texts, given as a list or separated by commas or line ends.

    A text may have brackets around the whole list, quotes around an item that holds a comma, and
    a hyphen and a space before the item of a line. Where it has semicolons and no brackets, they
    separate instead of the commas, which then belong to an item.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        value = _separated(_plain(value))
    if not isinstance(value, (list, tuple)):
        value = [value]
    return tuple(" ".join(found.split()) for each in value if (found := item(each)))


def item(value: Any) -> str:
    """Return an item as text; an older record may hold what YAML made of it."""
    return _plain(str(value)) if isinstance(value, (bool, datetime.date)) else text(value)


def _separated(value: str) -> list[str]:
    inner = value[1:-1] if value.startswith("[") and value.endswith("]") else "["
    if "[" not in inner and "]" not in inner:
        inner = " ".join(inner.split())
        return [_unquoted(part) for part in _COMMA.findall(inner)]
    lines = value.split("\n")
    if all(line.lstrip().startswith("- ") for line in lines if line.strip()):
        return [_unquoted(line.lstrip()[2:]) for line in lines if line.strip()]
    return re.split(r"[;\n]" if ";" in value else r"[,\n]", value)


# An item in quotes, or up to the next comma.
_COMMA = re.compile(r""" ?(?:"[^"]*"(?= ?(?:,|$))|'[^']*'(?= ?(?:,|$))|[^,]+)""")


def _unquoted(part: str) -> str:
    found = part.strip()
    quoted = len(found) > 1 and found[0] == found[-1] and found[0] in "'\""
    return found[1:-1] if quoted else found


def choice(*allowed: str, optional: bool = False) -> Callable[[Any], str]:
    """Make a rule that accepts one of the words exactly; a near miss is named."""

    def rule(value: Any) -> str:
        wanted = text(value)
        if not wanted and optional:
            return ""
        return word(wanted, allowed)

    return rule


def word(wanted: str, allowed: Sequence[str]) -> str:
    """Return one of the allowed words as it is; a near miss is named."""
    if wanted in allowed:
        return wanted
    folded = {word.casefold().replace("_", "-"): word for word in allowed}
    close = difflib.get_close_matches(wanted.casefold().replace("_", "-"), folded, n=1)
    hint = f" (did you mean {folded[close[0]]!r}?)" if close else ""
    raise ValueError(f"must be one of {', '.join(allowed)}, not {short(wanted)}{hint}")


def sensitive(value: Any) -> tuple[str, ...]:
    """Return the kinds of sensitive data; `none` excludes the others; empty means not said."""
    found = tuple(dict.fromkeys(word(item, SENSITIVE) for item in items(value)))
    if "none" in found and len(found) > 1:
        raise ValueError("'none' cannot stand beside other kinds")
    return found


def tri_state(value: Any) -> bool | None:
    """Return yes, no, or None for `auto` (as the project's workflow document says)."""
    if isinstance(value, bool):
        return value
    said = word(text(value) or "auto", ("auto", "true", "false", "yes", "no"))
    return None if said == "auto" else said in ("true", "yes")


def structure(value: Any) -> Any:
    """Return nested data, given as data or as YAML text; empty is None.

    It holds few enough values to work with, however often an alias of YAML repeats one.
    """
    if isinstance(value, str):
        value = _yaml(_plain_yaml(value)) if value.strip() else None
    measure(value)
    return value


def measure(value: Any) -> None:
    """Make sure that nested data is plain, and small enough to work with.

    Raises:
        ValueError: It holds too many values, counting each as often as it is repeated, is nested
            too deeply, or holds what no answer can be.
    """
    _measure(value, [_VALUES], _DEPTH)


def _plain_yaml(value: str) -> str:
    if len(value) > MODEL_LENGTH:
        raise ValueError(f"must have at most {MODEL_LENGTH} characters, has {len(value)}")
    return value


def _measure(value: Any, left: list[int], depth: int) -> None:
    """Count down the values that may be left, and refuse what is no plain data."""
    left[0] -= 1
    if left[0] < 0:
        raise ValueError(f"must hold at most {_VALUES} values; an alias counts as what it repeats")
    if depth < 0:
        raise ValueError(f"must be nested at most {_DEPTH} deep")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise ValueError(_no_name(key))
            _measure(key, left, depth - 1)
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for inner in value:
            _measure(inner, left, depth - 1)
    else:
        _scalar(value)


def _no_name(key: Any) -> str:
    said = f"must have text as names, not {short(key)}; put it in quotes"
    if isinstance(key, int):
        said += ". Within { } a comma ends a value: `items: 38,000` is written 38000 there"
    return said


def _scalar(value: Any) -> None:
    if isinstance(value, str):
        _plain(value)
    elif isinstance(value, int) and value.bit_length() > 128:
        raise ValueError("holds a number of more than 38 digits")
    elif value is not None and not isinstance(value, (int, float, datetime.date)):
        raise ValueError(f"must be plain data, not {short(value)}")


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping, given as data or as YAML text."""
    found = structure(value)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise ValueError("must map each entity to its fields")
    return found


def existing(value: Any) -> Mapping[str, Any]:
    """Return what an import found, by the keys of stores, given as data or as YAML text."""
    found = structure(value)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise ValueError("must be what `storage-conductor import` wrote")
    return found


def sequence(value: Any) -> Sequence[Any]:
    """Return a list, given as data or as YAML text."""
    found = structure(value)
    if found is None:
        return ()
    if not isinstance(found, (list, tuple)):
        raise ValueError("must be a list of access patterns")
    return found


def backend(value: Any) -> str:
    """Return a backend of the catalog, given by its name or key in any case, or `Other`."""
    wanted = required_text(value)
    if heading := loading.find(wanted):
        return heading.name
    return word(wanted, [*(item.name for item in loading.headings()), OTHER])


def backends(value: Any) -> tuple[str, ...]:
    """Return the backends of a hybrid component, each once, in the order of the catalog.

    Copier records what is chosen in the order of the choices, whatever order it is given in.
    """
    named = {backend(item) for item in items(value)}
    known = [*(item.name for item in loading.headings()), OTHER]
    return tuple(name for name in known if name in named)


def blocks(value: Any) -> tuple[str, ...]:
    """Return building blocks in the order of the catalog; `none` excludes all; empty: not said."""
    known = [*(item.key for item in block_headings()), NONE]
    named = {word(item, known) for item in items(value)}
    found = tuple(key for key in known if key in named)
    if NONE in found and len(found) > 1:
        raise ValueError(f"'{NONE}' cannot stand beside other blocks")
    return found


def _yaml(value: str) -> Any:
    try:
        return files.parse_yaml(value)
    except yaml.YAMLError as error:
        said, line = files.yaml_fault(error)
        place = f"line {line}: " if line else ""
        raise ValueError(f"{place}not valid YAML: {said}") from None


def short(value: Any) -> str:
    """Return a value as a message shows it."""
    try:
        shown = repr(value)
    except (RecursionError, ValueError):  # a number of thousands of digits, endless nesting
        shown = f"a value of the kind {type(value).__name__}"
    return shown if len(shown) <= 60 else f"{shown[:57]}…"


def _in_digits(value: str) -> str:
    """Return a text with digits in place of its number words; `every two years` tells no length."""
    numbers = vocabulary().numbers
    return _number_words().sub(lambda match: f"{numbers[match[0].lower()]:g}", value)


@functools.cache
def _number_words() -> re.Pattern[str]:
    words = (word for word in vocabulary().numbers if word.isalpha() and len(word) > 2)
    return re.compile(rf"(?<!every )(?<!each )(?<!per )\b(?:{'|'.join(words)})\b", re.IGNORECASE)


def duration_days(value: str) -> float | None:
    """Return the days of a text with exactly one duration, `10 years` or `ten years`; else None."""
    days = durations.stated_days
    found = days(value) or (days(_in_digits(value)) if value else [])
    return found[0] if len(found) == 1 else None
