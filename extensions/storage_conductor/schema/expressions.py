"""The small language of `check(...)`: parsed, never passed on as text.

Grammar, lowest binding first:

    expression  = and { "or" and }
    and         = not { "and" not }
    not         = "not" not | "(" expression ")" | predicate
    predicate   = operand ( comparison operand
                          | ["not"] "between" operand "and" operand
                          | ["not"] "in" "(" literal { "," literal } ")"
                          | "is" ["not"] "null" )
    operand     = field | "length" "(" field ")" | number | 'text' | "true" | "false"

Negation is pushed into the predicates while parsing, which three-valued logic allows, so an
expression is made of predicates joined by `and` and `or` alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as Words

from .types import Family, FieldType

Operator = Words["=", "<>", "<", "<=", ">", ">="]
Value = Decimal | str | bool

_OPPOSITE: dict[Operator, Operator] = {
    "=": "<>",
    "<>": "=",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
}
_OPERATORS: dict[str, Operator] = {"==": "=", "!=": "<>", **{word: word for word in _OPPOSITE}}
_COMPARE: dict[Operator, Callable[[Value, Value], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}
_RESERVED = {"and", "or", "not", "in", "between", "is", "null", "true", "false", "length"}
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d{1,38}(?:\.\d{1,38})?)(?!\w)"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<sign><=|>=|<>|!=|==|[=<>(),]))",
    re.ASCII,
)


class ExpressionError(ValueError):
    """A check that is not in the grammar, or compares what cannot be compared."""


@dataclass(frozen=True)
class ColumnValue:
    """The value of a column, or the number of characters in it."""

    column: str
    type: FieldType
    length: bool = False

    @property
    def family(self) -> Family:
        """What it can be compared with."""
        return "number" if self.length else self.type.family

    @property
    def zoned(self) -> bool:
        """Whether its values are moments, with an offset."""
        return self.family == "timestamptz"

    def __str__(self) -> str:
        return f"length({self.column})" if self.length else self.column


@dataclass(frozen=True)
class Constant:
    """A number, a text or a truth value."""

    value: Value

    def __str__(self) -> str:
        if isinstance(self.value, bool):
            return str(self.value).lower()
        if isinstance(self.value, str):
            return "'" + self.value.replace("'", "''") + "'"
        return f"{self.value:f}"


Operand = ColumnValue | Constant


@dataclass(frozen=True)
class Compare:
    """`left operator right`."""

    left: Operand
    operator: Operator
    right: Operand

    def columns(self) -> set[str]:
        """Columns it mentions."""
        return {side.column for side in (self.left, self.right) if isinstance(side, ColumnValue)}

    def holds(self, row: Mapping[str, Value | None]) -> bool | None:
        """Evaluate for a row; `None` is unknown, as in SQL."""
        left, right = _value(self.left, row), _value(self.right, row)
        return None if left is None or right is None else _COMPARE[self.operator](left, right)

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


@dataclass(frozen=True)
class OneOf:
    """`operand [not] in (constants)`."""

    operand: ColumnValue
    values: tuple[Constant, ...]
    negated: bool = False

    def columns(self) -> set[str]:
        """Columns it mentions."""
        return {self.operand.column}

    def holds(self, row: Mapping[str, Value | None]) -> bool | None:
        """Evaluate for a row; `None` is unknown, as in SQL."""
        value = _value(self.operand, row)
        if value is None:
            return None
        return (value in [constant.value for constant in self.values]) is not self.negated

    def __str__(self) -> str:
        values = ", ".join(map(str, self.values))
        return f"{self.operand} {'not ' if self.negated else ''}in ({values})"


@dataclass(frozen=True)
class Missing:
    """`column is [not] null`."""

    column: str
    negated: bool = False

    def columns(self) -> set[str]:
        """Columns it mentions."""
        return {self.column}

    def holds(self, row: Mapping[str, Value | None]) -> bool:
        """Evaluate for a row."""
        return (row.get(self.column) is None) is not self.negated

    def __str__(self) -> str:
        return f"{self.column} is {'not ' if self.negated else ''}null"


@dataclass(frozen=True)
class Joined:
    """Expressions joined by one word."""

    word: Words["and", "or"]
    parts: tuple[Expression, ...]

    def columns(self) -> set[str]:
        """Columns it mentions."""
        return set().union(*(part.columns() for part in self.parts))

    def holds(self, row: Mapping[str, Value | None]) -> bool | None:
        """Evaluate for a row; `None` is unknown, as in SQL."""
        results = [part.holds(row) for part in self.parts]
        decisive = self.word == "or"
        if decisive in results:
            return decisive
        return None if None in results else not decisive

    def __str__(self) -> str:
        return f" {self.word} ".join(
            f"({part})" if isinstance(part, Joined) else str(part) for part in self.parts
        )


Expression = Compare | OneOf | Missing | Joined


def _value(operand: Operand, row: Mapping[str, Value | None]) -> Value | None:
    if isinstance(operand, Constant):
        return operand.value
    value = row.get(operand.column)
    return Decimal(len(value)) if operand.length and isinstance(value, str) else value


def constants(rule: Expression) -> Iterator[tuple[ColumnValue, Constant]]:
    """Pairs of a column and a constant that it is compared with."""
    match rule:
        case Joined():
            for part in rule.parts:
                yield from constants(part)
        case OneOf():
            yield from ((rule.operand, value) for value in rule.values)
        case Compare(ColumnValue() as column, _, Constant() as constant):
            yield column, constant
        case Compare(Constant() as constant, _, ColumnValue() as column):
            yield column, constant


def default_value(kind: FieldType, text: str) -> Value:
    """A literal default of a type, as checks see it."""
    if kind.family == "bool":
        return text == "true"
    return Decimal(text) if kind.family == "number" else text


def parse_check(text: str, column: Callable[[str], ColumnValue]) -> Expression:
    """Parse a check.

    Args:
        text: What stands between the parentheses of `check(...)`.
        column: Finds a field by name; raises `ExpressionError` for one that cannot be used.

    Raises:
        ExpressionError: With the reason, for anything outside the grammar.
    """
    return _Parser(text, column).parse()


class _Parser:
    def __init__(self, text: str, column: Callable[[str], ColumnValue]) -> None:
        self._tokens = list(_tokens(text))
        self._place = 0
        self._depth = 0
        self._column = column

    def parse(self) -> Expression:
        rule = self._joined("or", negated=False)
        if self._place < len(self._tokens):
            raise ExpressionError(f"`{self._peek()}` is not expected there")
        return rule

    def _peek(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def _take(self, *words: str) -> bool:
        if self._peek().lower() in words and self._peek():
            self._place += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise ExpressionError(f"`{word}` is expected {self._where()}")

    def _where(self) -> str:
        return f"before `{self._peek()}`" if self._peek() else "at the end"

    def _joined(self, word: Words["and", "or"], *, negated: bool) -> Expression:
        part = self._negation if word == "and" else self._conjunction
        parts = [part(negated=negated)]
        while self._take(word):
            parts.append(part(negated=negated))
        if len(parts) == 1:
            return parts[0]
        joiner = word if not negated else ("or" if word == "and" else "and")
        return Joined(joiner, tuple(parts))

    def _conjunction(self, *, negated: bool) -> Expression:
        return self._joined("and", negated=negated)

    def _negation(self, *, negated: bool) -> Expression:
        self._depth += 1
        if self._depth > 50:
            raise ExpressionError("it is nested too deeply")
        try:
            if self._take("not"):
                return self._negation(negated=not negated)
            if self._take("("):
                rule = self._joined("or", negated=negated)
                self._expect(")")
                return rule
            return self._predicate(negated=negated)
        finally:
            self._depth -= 1

    def _predicate(self, *, negated: bool) -> Expression:
        left = self._operand()
        if self._take("is"):
            inverted = self._take("not")
            self._expect("null")
            if not isinstance(left, ColumnValue) or left.length:
                raise ExpressionError("only a field can be null")
            return Missing(left.column, negated=inverted is not negated)
        if self._peek() in _OPERATORS:
            operator = _OPERATORS[self._tokens[self._place]]
            self._place += 1
            return _compare(left, _OPPOSITE[operator] if negated else operator, self._operand())
        inverted = self._take("not") is not negated
        if self._take("between"):
            return self._between(left, negated=inverted)
        if self._take("in"):
            return self._one_of(left, negated=inverted)
        raise ExpressionError(
            f"a comparison (=, <>, <, <=, >, >=, between, in, is null) is expected {self._where()}"
        )

    def _between(self, left: Operand, *, negated: bool) -> Expression:
        low = self._operand()
        self._expect("and")
        high = self._operand()
        if negated:
            return Joined("or", (_compare(left, "<", low), _compare(left, ">", high)))
        return Joined("and", (_compare(left, ">=", low), _compare(left, "<=", high)))

    def _one_of(self, left: Operand, *, negated: bool) -> Expression:
        if not isinstance(left, ColumnValue):
            raise ExpressionError("`in` needs a field before it")
        self._expect("(")
        values: list[Constant] = []
        while not values or self._take(","):
            value = self._operand()
            if not isinstance(value, Constant):
                raise ExpressionError("`in (...)` takes numbers and texts only")
            _compare(left, "=", value)
            values.append(value if left.length else _read(left, value, exact=True))
        self._expect(")")
        return OneOf(left, tuple(values), negated)

    def _operand(self) -> Operand:
        token = self._peek()
        if not token or token[0] in "(),=<>!":
            raise ExpressionError(f"a field, a number or a 'text' is expected {self._where()}")
        self._place += 1
        if token[0] == "'":
            return Constant(token[1:-1].replace("''", "'"))
        if token[0].isdigit() or token[0] == "-":
            return Constant(Decimal(token))
        word = token.lower()
        if word in {"true", "false"}:
            return Constant(word == "true")
        if word == "length" and self._take("("):
            column = self._column(self._peek())
            self._place += 1
            self._expect(")")
            if column.family != "text":
                raise ExpressionError(f"length() needs a text field, and `{column}` is none")
            return ColumnValue(column.column, column.type, length=True)
        if word in _RESERVED - {"length"}:
            raise ExpressionError(f"`{token}` is not expected there")
        return self._column(token)


def _tokens(text: str) -> Iterator[str]:
    place = 0
    text = text.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise ExpressionError(f"`{text[place:].strip()[:20]}` cannot be read there")
        yield found.group().strip() if found["text"] is None else found["text"]
        place = found.end()


def _compare(left: Operand, operator: Operator, right: Operand) -> Compare:
    columns = [side for side in (left, right) if isinstance(side, ColumnValue)]
    if not columns:
        raise ExpressionError(f"`{left} {operator} {right}` has no field")
    family = columns[0].family
    if family == "opaque" or (family in {"bool", "uuid"} and operator not in {"=", "<>"}):
        raise ExpressionError(f"`{columns[0]}` cannot be compared with {operator}")
    if columns[-1].family != family:
        raise ExpressionError(f"`{columns[0]}` and `{columns[1]}` are of different types")
    exact = operator in {"=", "<>"}
    return Compare(
        left if isinstance(left, ColumnValue) else _read(columns[0], left, exact=exact),
        operator,
        right if isinstance(right, ColumnValue) else _read(columns[0], right, exact=exact),
    )


def _read(column: ColumnValue, constant: Constant, *, exact: bool) -> Constant:
    """Check that a constant is of a column's type; times are brought into one form."""
    kinds = {"number": Decimal, "bool": bool}
    if not isinstance(constant.value, kinds.get(column.family, str)):
        raise ExpressionError(f"`{column}` cannot be compared with {constant}")
    if not isinstance(constant.value, str):
        return constant
    if column.family == "uuid":
        raise ExpressionError(f"`{column}` can only be compared with another field")
    # A text may be compared with a longer one, and a list's value with one that is not in it.
    kind = FieldType(column.type.name, values=column.type.values if exact else ())
    try:
        return Constant(kind.read(constant.value))
    except ValueError as error:
        raise ExpressionError(f"{constant} {error}") from None
