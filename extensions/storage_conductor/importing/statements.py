"""The statements of a file, as the client that it is written for would send them to the store."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterator

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
_INDEX = re.compile(
    r"CREATE\s+(?P<kind>UNIQUE\s|FULLTEXT\s|SPATIAL\s)?\s*INDEX\s+(?P<name>`[^`]+`|\w+)"
    r"(?:\s+USING\s+\w+)?\s+ON\s+(?P<table>(?:(?:`[^`]+`|\w+)\.)?(?:`[^`]+`|\w+))\s*(?P<rest>\(.*)",
    re.IGNORECASE | re.DOTALL,
)
_HIDDEN = re.compile(r"(\)(?:\s+USING\s+\w+)?)\s+IGNORED\b", re.IGNORECASE)
_UNENFORCED = re.compile(r"(\))\s+NOT\s+ENFORCED\b", re.IGNORECASE)
_NAME = r"(?:(?:\"[^\"]+\"|`[^`]+`|\w+)\.)?(\"[^\"]+\"|`[^`]+`|\w+)"
_DROPPED = re.compile(rf"DROP\s+(?:TABLE|VIEW)\s+(?:IF\s+EXISTS\s+)?{_NAME}", re.IGNORECASE)
_MAKING = re.compile(r"(?:CREATE|ALTER|COMMENT\s+ON)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"(?:CREATE|ALTER)\s+(?:OR\s+REPLACE\s+)?(?:DATABASE|SERVER|USER|ROLE|GROUP|FOREIGN|POLICY"
    r"|PUBLICATION|SUBSCRIPTION|EVENT|DEFAULT\s+PRIVILEGES|TABLESPACE)\b"
    r"|COMMENT\s+ON\s+(?:DATABASE|EXTENSION|POLICY|SCHEMA)\b|ALTER\s[^;]*\sOWNER\s+TO\s"
    r"|ALTER\s+TABLE\s+\S+\s+(?:DIS|EN)ABLE\s+KEYS\b",
    re.IGNORECASE,
)
_ROUTINE = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:DEFINER\s*=\s*\S+\s+)?(?:(?:AGGREGATE\s+)?FUNCTION|PROCEDURE"
    r"|EVENT|TRIGGER\b.*\bFOR\s+EACH\s+ROW\s(?:.*\s)?BEGIN)\b",
    re.IGNORECASE | re.DOTALL,
)
_DEFINER = re.compile(r"\s*\bDEFINER\s*=\s*(?:`[^`]*`@`[^`]*`|\S+)", re.IGNORECASE)
"""Who made a view or a trigger: a user that another server may not have."""
_COUNTER = re.compile(r"(\)[^()]*?) AUTO_INCREMENT=\d+", re.IGNORECASE)
_BEGUN = re.compile(r"(CREATE)\s+(\S)", re.IGNORECASE)
_CONCURRENTLY = re.compile(r"(CREATE\s+(?:UNIQUE\s+)?INDEX)\s+CONCURRENTLY\b", re.IGNORECASE)
_SCHEMA = re.compile(r"(CREATE\s+SCHEMA)\s+(?!IF\s)", re.IGNORECASE)
_ATOMIC = re.compile(r"CREATE\s[^;]*\bBEGIN\s+ATOMIC\b", re.IGNORECASE)
_ENDED = re.compile(r";\s*END\s*;$", re.IGNORECASE)
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
        yield from _divided(_CLIENT.sub(";", _DATA.sub("", text)), store)
        return
    before, *blocks = _DELIMITER.split(run(text))
    yield from _divided(_CLIENT.sub(";", before), store)
    for delimiter, block in zip(blocks[::2], blocks[1::2], strict=True):
        if delimiter == ";":
            yield from _divided(_CLIENT.sub(";", block), store)
        else:
            yield from (part.strip() for part in block.split(delimiter) if part.strip())


def readable(statement: str, store: str) -> str:
    """Return a statement in the words that the grammar knows."""
    if store == "postgresql":
        return _VIRTUAL.sub(") STORED", statement)
    if store == "sqlite":
        return _typed(statement)
    if store not in MY_STORES:
        return statement
    if made := _INDEX.match(statement):
        kind = (made["kind"] or "").strip()
        statement = f"ALTER TABLE {made['table']} ADD {kind} KEY {made['name']} {made['rest']}"
    plain = _HIDDEN.sub(r"\1 INVISIBLE", _UNENFORCED.sub(r"\1 /*!80016 NOT ENFORCED */", statement))
    return _POINT.sub(r"\1 GEOMETRY(POINT)", _ON_EARTH.sub("", plain))


def makes(statement: str, store: str, made: Collection[str]) -> str:
    """Return a statement as a baseline has it; empty for what makes no part of a schema.

    Owners, rights, policies and servers elsewhere name what an empty store may not have, and each
    client marks the end of a routine of MySQL in its own way.

    Args:
        statement: As a file has it.
        store: Catalog key of the store.
        made: Names of tables and views that were made before it: what drops one belongs to it.
    """
    if gone := _DROPPED.match(statement):
        return statement if gone[1].strip('"`') in made else ""
    if not _MAKING.match(statement) or _ELSEWHERE.match(statement):
        return ""
    if store in MY_STORES:
        own = _COUNTER.sub(r"\1", _DEFINER.sub("", statement))
        return "" if _ROUTINE.match(statement) else _BEGUN.sub(r"\1 \2", own).strip()
    if store == "postgresql":
        return _SCHEMA.sub(r"\1 IF NOT EXISTS ", _CONCURRENTLY.sub(r"\1", statement))
    return statement


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
            if start is not None and not _goes_on(text[start : token.end + 1], store):
                yield text[start : token.start]
                start = None
        elif start is None:
            start = token.start
    if start is not None:
        yield text[start:]


def _goes_on(text: str, store: str) -> bool:
    """Tell whether a semicolon stands within a trigger of SQLite, or a body of PostgreSQL."""
    if store == "sqlite":
        return not sqlite3.complete_statement(text)
    body = _ATOMIC.search(text) if store == "postgresql" else None
    return body is not None and not _ENDED.search(text, body.end())


def _typed(statement: str) -> str:
    """Return a statement of SQLite with the `ANY` of this module where a column has that type."""
    tokens = need("sqlglot").tokenize(statement, dialect=SQLGLOT_DIALECTS["sqlite"])
    for place in reversed(range(2, len(tokens))):
        token, before = tokens[place], tokens[place - 2].text.upper()
        if token.token_type.name == "ANY" and before in {"(", ",", "ADD", "COLUMN"}:
            statement = f"{statement[: token.start]}{ANY}{statement[token.end + 1 :]}"
    return statement
