"""Reading what a person wrote about one field: `bigint not null check(amount > 0) -- in cents`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from .model import Action
from .tokens import MistakeError, Word, nearest, split_words
from .types import WHOLE, FieldType
from .typewords import take_type

FLAGS = (
    "pk",
    "unique",
    "not null",
    "null",
    "indexed",
    "assigned",
    "default",
    "check",
    "ref",
    "on delete",
    "on update",
    "as",
    "was",
)
ALIASES = {
    "primary key": "pk",
    "references": "ref",
    "index": "indexed",
    "nullable": "null",
    "auto_increment": "serial",
    "autoincrement": "serial",
    "identity": "serial",
}
"""Words of SQL's dialects for flags of this language; `serial` is said by a type here."""
ACTIONS = ("restrict", "cascade", "set null", "no action")


@dataclass
class FieldWords:
    """One field, taken apart but not yet seen beside the other fields.

    Args:
        name: As the person wrote it.
        target: The entity that it points to, and by which of its fields where that is not the key.
        stored: The stored names that were given for it.
        was: The name that it had before.
        numbered: As in `Column`.
    """

    name: str
    type: FieldType | None = None
    flags: set[str] = field(default_factory=set)
    default: Word | None = None
    checks: list[str] = field(default_factory=list)
    target: str | None = None
    target_fields: tuple[str, ...] = ()
    on_delete: Action | None = None
    on_update: Action | None = None
    stored: tuple[str, ...] = ()
    was: str = ""
    numbered: bool | None = None
    note: str = ""


def parse_field(name: str, text: str) -> FieldWords:
    """Take one field apart.

    Raises:
        MistakeError: An unknown word, a flag twice, or flags that contradict each other.
    """
    words, note = split_words(text)
    result = FieldWords(name, note=note)
    if not words:
        raise MistakeError("a type is missing")
    queue = list(reversed(words))
    if words[0].low not in {"ref", "references"}:
        result.type, counted = take_type(queue)
        result.numbered = counted or None
    while queue:
        _take_flag(queue, result)
    _check_flags(result)
    return result


def _take_flag(queue: list[Word], result: FieldWords) -> None:
    word = queue.pop()
    following = queue[-1].low if queue else ""
    flag = word.low
    if f"{flag} {following}" in (*FLAGS, *ALIASES):
        word = _bare(queue.pop())
        flag = f"{flag} {following}"
    flag = ALIASES.get(flag, flag)
    if flag == "serial":
        result.numbered = True
        return
    if flag not in FLAGS or word.array:
        raise MistakeError(f"unknown word `{word.text}`{_known(word)}")
    if flag in result.flags and flag != "check":
        raise MistakeError(f"`{flag}` is there twice")
    if word.argument is not None and flag not in {"check", "as"}:
        raise MistakeError(f"`{flag}` takes nothing in parentheses")
    result.flags.add(flag)
    _take_value(flag, word, queue, result)


def _take_value(flag: str, word: Word, queue: list[Word], result: FieldWords) -> None:
    """Read what comes with a flag."""
    match flag:
        case "check":
            if not word.argument:
                raise MistakeError("`check` needs a rule, as in `check(amount > 0)`")
            result.checks.append(word.argument)
        case "default":
            result.default = _next(queue, "`default` needs a value")
        case "ref":
            target = _next(queue, "`ref` needs an entity")
            result.target, result.target_fields = target.text, _names(target.argument)
        case "on delete":
            result.on_delete = _take_action(flag, queue)
        case "on update":
            result.on_update = _take_action(flag, queue)
        case "as":
            missing = "`as` needs the stored name, as in `as account_no`"
            result.stored = _names(word.argument or _bare(_next(queue, missing)).text)
        case "was":
            missing = "`was` needs the name that the field had before, as in `was mail`"
            result.was = _bare(_next(queue, missing)).text
        case "assigned":
            result.numbered = False


def _next(queue: list[Word], missing: str) -> Word:
    if not queue:
        raise MistakeError(missing)
    return queue.pop()


def _known(word: Word) -> str:
    if word.low == "unsigned":
        return ": write a larger whole number with `check(FIELD >= 0)`"
    found = nearest(word.text, [*FLAGS, *ALIASES], least=0.6)
    return found if "nearest" in found else nearest("", FLAGS)


def _bare(word: Word) -> Word:
    """A word after which no parentheses may stand."""
    if word.argument is not None or word.array:
        raise MistakeError(f"`{word.text}` takes nothing in parentheses")
    return word


def _names(argument: str | None) -> tuple[str, ...]:
    if argument is None:
        return ()
    names = tuple(part.strip() for part in argument.split(","))
    if not all(names):
        raise MistakeError("a name is missing in the parentheses")
    return names


def _take_action(flag: str, queue: list[Word]) -> Action:
    first = _next(queue, f"`{flag}` needs one of {', '.join(ACTIONS)}")
    action = _bare(first).low
    if action in {"set", "no"} and queue:
        action = f"{action} {_bare(queue.pop()).low}"
    if action not in ACTIONS:
        raise MistakeError(f"unknown word `{action}` after `{flag}`{nearest(action, ACTIONS)}")
    return cast("Action", action)


def _check_flags(result: FieldWords) -> None:
    flags = result.flags
    if {"null", "not null"} <= flags:
        raise MistakeError("`null` and `not null` contradict each other")
    if {"null", "pk"} <= flags:
        raise MistakeError("`null` and `pk` contradict each other: a key has a value")
    if result.type is not None and "ref" in flags:
        raise MistakeError("a reference takes the type of the key it points to: leave the type out")
    for flag in ("on delete", "on update"):
        if flag in flags and "ref" not in flags:
            raise MistakeError(f"`{flag}` needs `ref`")
    if "ref" in flags and flags & {"default", "check"}:
        raise MistakeError("a reference takes neither `default` nor `check`")
    for flag, action in (("on delete", result.on_delete), ("on update", result.on_update)):
        if action == "set null" and flags & {"pk", "not null"}:
            raise MistakeError(f"`{flag} set null` needs a field that may be null")
    _check_numbering(result)
    # A place has no order, and an index of its own all the same.
    place = result.type is not None and str(result.type) == "point"
    keyed = flags & {"pk", "unique", *([] if place else ["indexed"])}
    if result.type is not None and keyed and not result.type.orderable:
        raise MistakeError(f"`{result.type}` has no order and cannot be {sorted(keyed)[0]}")


def _check_numbering(result: FieldWords) -> None:
    flags = result.flags
    whole = result.type is not None and result.type.name in WHOLE
    if "assigned" in flags and not (whole and "pk" in flags):
        raise MistakeError("`assigned` is for a whole-number key, which the store would count")
    if result.numbered and not whole:
        raise MistakeError("the store counts whole numbers alone: write `serial` or `bigserial`")
    if result.numbered and flags & {"null", "default"}:
        raise MistakeError("a `serial` is counted by the store: it has no default and no null")
