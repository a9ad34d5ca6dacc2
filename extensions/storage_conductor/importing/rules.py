"""Expressions of SQL in one form, so that two ways of writing the same are equal.

A store gives a check back in its own words: PostgreSQL writes `IN` as `= ANY (ARRAY[...])` with
casts, MySQL adds character sets. What both forms mean becomes nested tuples:

    ("and" | "or", part, ...)          sorted parts
    ("compare", operator, side, side)  a column before a constant
    ("in" | "not in", side, constant, ...)
    ("null" | "not null", side)
    ("column", name), ("length", name), ("constant", value), ("sql", text) for anything else
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from ..schema.sqltypes import NEW_UUID
from .extra import need
from .found import SQLGLOT_DIALECTS

Rule = tuple[Any, ...]

_TURNED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def read(text: str, store: str, families: Mapping[str, str]) -> Rule:
    """Read a condition.

    Args:
        text: The expression, in the dialect of the store.
        store: Catalog key of the store.
        families: What the values of each column are compared as, by its name in lower case.
    """
    parsed = _parsed(text, store)
    return ("sql", text.strip()) if parsed is None else _Reader(store, families).rule(parsed)


def read_value(text: str, store: str, family: str) -> Rule:
    """Read the expression of a default: a constant, or `("sql", text)`."""
    parsed = _parsed(text, store)
    if parsed is None:
        return ("sql", text.strip())
    side = _Reader(store, {}).side(parsed)
    if side[0] != "constant":
        return side
    return ("constant", as_family(side[1], "" if _as_text(store, family) else family))


def _as_text(store: str, family: str) -> bool:
    """Whether a store keeps values as the text that was written; SQLite does with all times."""
    return store == "sqlite" and family not in {"number", "bool"}


def made(value: Rule, store: str) -> str:
    """Return `now` or `uuid` for a default that makes one, and nothing for any other."""
    words = "".join(str(value[-1]).lower().split()) if value[0] == "sql" else ""
    if words in _NOW:
        return "now"
    own = NEW_UUID.get(store)
    return "uuid" if words in _UUID or (own and value == read_value(own, store, "")) else ""


_DIGITS = ("", *(f"({digits})" for digits in range(7)), "()")
_NOW = frozenset(
    (
        *(
            f"{word}{digits}"
            for word in ("current_timestamp", "utc_timestamp")
            for digits in _DIGITS
        ),
        *("current_date", "utc_date()", "date('now')", "localtimestamp", "now()", "getdate()"),
        *(
            "getutcdate()",
            "sysutcdatetime()",
            "sysdatetimeoffset()",
            "cast(sysutcdatetime()asdate)",
        ),
        *("current_timestampattimezone'utc'", "cast(current_timestampattimezone'utc'asdate)"),
        *("strftime('%y-%m-%dt%h:%m:%f','now')", "strftime('%y-%m-%dt%h:%m:%fz','now')"),
        *("current_date()", "current_dateattimezone'utc'", "datetime('now')"),
    )
)
_UUID = frozenset(
    ("gen_random_uuid()", "uuid()", "uuid_generate_v4()", "newid()", "uuid_to_bin(uuid())")
)


@functools.lru_cache(maxsize=512)  # each is read for what was found, and for what is drafted
def _parsed(text: str, store: str) -> Any:
    sqlglot = need("sqlglot")
    try:
        return sqlglot.parse_one(
            text, dialect=SQLGLOT_DIALECTS.get(store), into=sqlglot.exp.Condition
        )
    except (sqlglot.errors.SqlglotError, RecursionError):
        return None


class _Reader:
    def __init__(self, store: str, families: Mapping[str, str]) -> None:
        self._exp = need("sqlglot").exp
        self._store = store
        self._families = families

    def rule(self, node: Any, *, negated: bool = False) -> Rule:
        """Read a condition; negation moves into its parts."""
        exp = self._exp
        node = self._bare(node)
        found: Rule
        match node:
            case exp.Not():
                found = self.rule(node.this, negated=not negated)
            case exp.And() | exp.Or():
                word = "and" if isinstance(node, exp.And) is not negated else "or"
                found = self._joined(word, node, negated=negated)
            case exp.Between():
                low = self._compare(">=", node.this, node.args["low"], negated=negated)
                high = self._compare("<=", node.this, node.args["high"], negated=negated)
                found = ("or" if negated else "and", *sorted((low, high), key=repr))
            case exp.Is() if isinstance(node.expression, exp.Null):
                # IS NOT NULL is a negation around IS NULL, or says so in itself: as sqlglot has it.
                missing = bool(node.args.get("negate")) is negated
                found = ("null" if missing else "not null", self.side(node.this))
            case exp.In() if node.expressions:
                found = self._one_of(node.this, node.expressions, negated=negated)
            case _:
                found = self._comparison(node, negated=negated)
        return found

    def _joined(self, word: str, node: Any, *, negated: bool) -> Rule:
        # A chain of hundreds leans to one side, too deep for a call of each.
        parts = [self.rule(part, negated=negated) for part in node.flatten(unnest=False)]
        flat = [p for part in parts for p in (part[1:] if part[0] == word else (part,))]
        return (word, *sorted(dict.fromkeys(flat), key=repr))

    def _comparison(self, node: Any, *, negated: bool) -> Rule:
        exp = self._exp
        operators: dict[Any, str] = {
            exp.EQ: "=",
            exp.NEQ: "<>",
            exp.LT: "<",
            exp.LTE: "<=",
            exp.GT: ">",
            exp.GTE: ">=",
        }
        operator = operators.get(type(node))
        if operator is None:
            return self._truth(node, negated=negated)
        values = self._array(node.expression)
        if values is not None and operator in {"=", "<>"}:
            return self._one_of(node.this, values, negated=(operator == "<>") is not negated)
        return self._compare(operator, node.this, node.expression, negated=negated)

    def _truth(self, node: Any, *, negated: bool) -> Rule:
        """A column that is a condition itself, or anything that is read as it stands."""
        side = self.side(node)
        if side[0] == "column" and self._families.get(side[1].lower()) == "bool":
            return ("compare", "=", side, ("constant", not negated))
        return ("not", side) if negated else side

    def _array(self, node: Any) -> list[Any] | None:
        """The values of `ANY (ARRAY[...])` and `ALL (ARRAY[...])`, which is how lists come back."""
        exp = self._exp
        inner = None
        if isinstance(node, exp.Any):
            inner = node.this
        elif isinstance(node, exp.Anonymous) and str(node.this).upper() == "ALL":
            inner = node.expressions[0]
        elif isinstance(node, exp.All):
            inner = node.this
        found = None if inner is None else self._bare(inner)
        return list(found.expressions) if isinstance(found, exp.Array) else None

    def _compare(self, operator: str, left: Any, right: Any, *, negated: bool) -> Rule:
        sides = [self.side(left), self.side(right)]
        if negated:
            operator = _OPPOSITE[operator]
        if sides[0][0] == "constant" or (sides[1][0] != "constant" and sides[0] > sides[1]):
            sides.reverse()
            operator = _TURNED[operator]
        return ("compare", operator, sides[0], self._typed(sides[1], sides[0]))

    def _one_of(self, node: Any, values: list[Any], *, negated: bool) -> Rule:
        side = self.side(node)
        constants = {self._typed(self.side(value), side) for value in values}
        if len(constants) == 1:
            return ("compare", "<>" if negated else "=", side, constants.pop())
        return ("not in" if negated else "in", side, *sorted(constants, key=repr))

    def _typed(self, side: Rule, beside: Rule) -> Rule:
        if side[0] != "constant":
            return side
        family = self._families.get(str(beside[-1]).lower(), "")
        if beside[0] == "length":
            family = "number"
        return ("constant", as_family(side[1], "" if _as_text(self._store, family) else family))

    def side(self, node: Any) -> Rule:
        """Read a side of a comparison."""
        exp = self._exp
        node = self._bare(node)
        constant = self._constant(node)
        if constant is not None:
            return ("constant", constant)
        if isinstance(node, exp.Column):
            return ("column", node.name)
        if isinstance(node, exp.Length) and isinstance(self._bare(node.this), exp.Column):
            return ("length", self._bare(node.this).name)
        return ("sql", self._plain(node))

    def _constant(self, node: Any) -> Any:
        exp = self._exp
        match node:
            case exp.Literal():
                return node.this if node.is_string else Decimal(node.this)
            case exp.National() | exp.RawString():
                return str(node.this)
            case exp.Boolean():
                return bool(node.this)
            case exp.Neg():  # MySQL gives -5 back as -(5)
                inner = self._constant(self._bare(node.this))
                return -inner if isinstance(inner, Decimal) else None
        return None

    def _plain(self, node: Any) -> str:
        """Return an expression without parentheses, quotes and casts of constants."""
        exp = self._exp

        def bared(part: Any) -> Any:
            part = self._bare(part)
            if isinstance(part, exp.Identifier):
                return exp.to_identifier(part.name.lower())
            if isinstance(part, exp.Anonymous) and str(part.this).lower() == "timezone":
                zone, moment = part.expressions
                return exp.AtTimeZone(this=moment, zone=zone)
            return part

        while (changed := node.copy().transform(bared)) != node:
            node = changed
        text = str(node.sql(SQLGLOT_DIALECTS.get(self._store)))
        return text.replace("_TIMESTAMP(0)", "_TIMESTAMP()")  # no digits of a second, both ways

    def _bare(self, node: Any) -> Any:
        """Take off parentheses, character sets, and casts that change nothing."""
        exp = self._exp
        while True:
            if isinstance(node, exp.Paren | exp.Introducer):
                node = node.expression if isinstance(node, exp.Introducer) else node.this
            elif isinstance(node, exp.Cast) and not isinstance(node, exp.TryCast):
                inner = self._bare(node.this)
                if not isinstance(inner, exp.Literal | exp.Array | exp.Column | exp.Neg):
                    return node
                if isinstance(inner, exp.Column) and not node.to.is_type(*exp.DataType.TEXT_TYPES):
                    return node
                node = inner
            else:
                return node


def as_family(value: Any, family: str) -> Any:
    """Return a constant as the values of a column are compared; as it is where that fails."""
    try:
        return _FAMILIES[family](value)
    except (KeyError, ValueError, InvalidOperation, TypeError):
        return value


def _truth(value: Any) -> bool:
    words = {"1": True, "0": False, "true": True, "false": False, "t": True, "f": False}
    return value if isinstance(value, bool) else words[str(value).lower().strip("b'")]


def _local(value: str) -> str:
    moment = datetime.datetime.fromisoformat(value)
    return value if moment.tzinfo is not None else moment.isoformat()


def _moment(value: str) -> str:
    """A moment in UTC, which is the zone of the session that wrote one without an offset."""
    moment = datetime.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment.astimezone(datetime.UTC).isoformat()


_FAMILIES: dict[str, Callable[[Any], Any]] = {
    "number": lambda value: Decimal(str(value)).normalize() + 0,
    "text": str,
    "bool": _truth,
    "date": lambda value: datetime.date.fromisoformat(value).isoformat(),
    "time": lambda value: datetime.time.fromisoformat(value).isoformat(),
    "timestamp": _local,
    "timestamptz": _moment,
    "uuid": lambda value: str(value).lower(),
}
"""How the constants of each family are read; others stay as they were written."""
