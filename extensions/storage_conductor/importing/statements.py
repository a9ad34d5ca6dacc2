"""The statements of a file, as the client that it is written for would send them to the store."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import ConductorError
from .extra import need
from .found import MY_STORES, SQLGLOT_DIALECTS

# What psql and dumps put between statements: data, and commands to the client.
_DATA = re.compile(
    r"^COPY\b[^;]*\bFROM\s+stdin;\n.*?^\\\.$", re.MULTILINE | re.DOTALL | re.IGNORECASE
)
_CLIENT = re.compile(r"^(?:\\.*|GO)$", re.MULTILINE | re.IGNORECASE)
_DELIMITER = re.compile(r"^DELIMITER[ \t]+(\S+)[ \t]*$", re.MULTILINE | re.IGNORECASE)
# MySQL and MariaDB run what stands in these comments, from the version on that they begin with:
# https://dev.mysql.com/doc/refman/8.4/en/comments.html. The others are passed over, as are texts.
_RUN = re.compile(
    r"/\*M?!(?P<version>\d*)(?P<run>.*?)\*/"
    r"|/\*.*?\*/|(?:--(?=\s)|#)[^\n]*"
    r"|'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`",
    re.DOTALL,
)
_UNREAD = re.compile(r"\s*(?:SRID (?!4326)|NOT ENFORCED|STORAGE |COLUMN_FORMAT )", re.IGNORECASE)
"""How those begin that say of a column or a check what the grammar does not know."""
_NO_VERSION = 999_999
"""Of a comment that no server runs, such as the first line of a dump of MariaDB."""
# The grammar knows one of the two kinds of computed columns.
_VIRTUAL = re.compile(r"\)\s+VIRTUAL\b", re.IGNORECASE)
ANY = "ANYTYPE"
"""In place of SQLite's type ANY, which sqlglot takes for the word before a list."""
# sqlglot knows neither the type nor the code of its coordinates, which the draft writes as well.
_POINT = re.compile(
    r"(`[^`\n]+`|\b\w+)\s+point(?=\s*(?:,|\)|\b(?:NOT|NULL|DEFAULT|COMMENT|GENERATED)\b))",
    re.IGNORECASE,
)
_ON_EARTH = re.compile(r"\bSRID 4326\b", re.IGNORECASE)


def statements(text: str, store: str) -> Iterator[str]:
    """Yield the statements of a file, without data and commands to the client.

    Args:
        text: The file.
        store: Catalog key of the store whose dialect it is in.

    Raises:
        ConductorError: It cannot be divided into words of that dialect.
    """
    if store not in MY_STORES:
        plain = _CLIENT.sub(";", _DATA.sub("", text))
        plain = _VIRTUAL.sub(") STORED", plain) if store == "postgresql" else plain
        divided = _divided(plain, store)
        yield from map(_typed, divided) if store == "sqlite" else divided
        return
    before, *blocks = _DELIMITER.split(run(text))
    yield from _divided(_readable(before), store)
    for delimiter, block in zip(blocks[::2], blocks[1::2], strict=True):
        if delimiter == ";":
            yield from _divided(_readable(block), store)
        else:
            yield from (part.strip() for part in block.split(delimiter) if part.strip())


def _readable(text: str) -> str:
    return _POINT.sub(r"\1 GEOMETRY(POINT)", _ON_EARTH.sub("", _CLIENT.sub(";", text)))


def run(text: str) -> str:
    """Return statements of MySQL or MariaDB with the comments that a server runs as its text."""
    return _RUN.sub(_as_run, text)


def _as_run(found: re.Match[str]) -> str:
    """Return a comment that is run as the server reads it, and everything else as it is."""
    inner = found["run"]
    if inner is None or _UNREAD.match(inner):
        return found[0]
    return "" if int(found["version"] or 0) >= _NO_VERSION else inner


def _divided(text: str, store: str) -> Iterator[str]:
    sqlglot = need("sqlglot")
    try:
        tokens = sqlglot.tokenize(text, dialect=SQLGLOT_DIALECTS[store])
    except sqlglot.errors.SqlglotError as error:
        raise ConductorError(
            f"The statements cannot be read: {str(error).splitlines()[0][:200]}",
            remedy="Name the dialect of the file with --dialect.",
        ) from error
    start = None
    for token in tokens:
        if token.token_type.name == "SEMICOLON":
            if start is not None:
                yield text[start : token.start]
            start = None
        elif start is None:
            start = token.start
    if start is not None:
        yield text[start:]


def _typed(statement: str) -> str:
    """Return a statement of SQLite with the `ANY` of this module where a column has that type."""
    tokens = need("sqlglot").tokenize(statement, dialect=SQLGLOT_DIALECTS["sqlite"])
    for place in reversed(range(2, len(tokens))):
        token, before = tokens[place], tokens[place - 2].text.upper()
        if token.token_type.name == "ANY" and before in {"(", ",", "ADD", "COLUMN"}:
            statement = f"{statement[: token.start]}{ANY}{statement[token.end + 1 :]}"
    return statement
