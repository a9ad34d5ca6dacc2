"""What keeps an operation, run by many callers at once on real servers, whole and in part."""

from __future__ import annotations

import contextlib
import random
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlglot

from tests import schema_servers as servers
from tests.guard_support import ALLOWED, CALLERS, callers, guarded, mutated, schema

Connect = Callable[[], Any]
Caller = Callable[[int, Callable[[], object]], bool]
_NAMED = re.compile(r"(?<![:\w]):(\w+)")
_COUNT = {"take": "SELECT count(*) FROM enrolment", "book": "SELECT count(*) FROM booking"}


class Server:
    """A server of one kind, and how its driver spells things."""

    def __init__(self, key: str, connect: Connect, again: tuple[type[Exception], ...]) -> None:
        self.key = key
        self.connect = connect
        self.again = again

    def spelled(self, text: str) -> str:
        """Return statements with the driver's placeholders."""
        if self.key == "sqlite":
            return text
        return _NAMED.sub(r"%(\1)s", text)

    def execute(self, connection: Any, text: str, values: dict[str, Any] | None = None) -> Any:
        """Run one statement."""
        cursor = connection.cursor()
        given = {name: servers.identifier(self.key, v) for name, v in (values or {}).items()}
        cursor.execute(self.spelled(text), given)
        return cursor


@pytest.fixture(scope="module", params=["postgresql", *servers.INNODB_HERE, "sqlite"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    if request.param == "postgresql":
        import psycopg

        with servers.postgresql() as first:
            dsn = first.info.dsn
            again = (psycopg.errors.SerializationFailure,)
            yield Server("postgresql", lambda: psycopg.connect(dsn, autocommit=True), again)
    elif request.param in servers.INNODB:
        pymysql = pytest.importorskip("pymysql")
        with servers.empty_database(request.param, "guards") as url:
            again = (pymysql.err.OperationalError,)
            yield Server(request.param, lambda: servers.connected(url), again)
    else:
        place: Path = tmp_path_factory.mktemp("guards") / "data"

        def opened() -> sqlite3.Connection:
            found = sqlite3.connect(place, timeout=30, isolation_level=None)
            found.execute("PRAGMA journal_mode = WAL")
            return found

        yield Server("sqlite", opened, ())


def prepared(server: Server, name: str, hosting: str = "") -> str:
    """Create the tables of an operation anew and return what keeps it."""
    guard, made = guarded(server.key, name, hosting)
    connection = server.connect()
    for table in ("enrolment", "section", "booking", "night", "stay", "message"):
        server.execute(connection, f"DROP TABLE IF EXISTS {table}")
    for statement in schema(made).split(";\n"):
        lines = [line for line in statement.splitlines() if not line.startswith("--")]
        if "".join(lines).strip():
            connection.cursor().execute("\n".join(lines))
    server.execute(connection, "INSERT INTO section (id, capacity) VALUES (1, 3)")
    connection.close()
    return guard.text


def values(number: int, name: str) -> dict[str, Any]:
    uuid = f"00000000-0000-4000-8000-{number:012d}"
    each: dict[str, dict[str, Any]] = {
        "take": {"section_id": 1, "student": number},
        "book": {"id": uuid, "berth": 1},
        "stay": {"id": uuid, "guest": 7, "berth": 1, "day": 1, "stay_id": uuid},
    }
    return each[name]


def transact(server: Server, text: str, name: str) -> Caller:
    """Return what one caller does: the transaction, with the rule looked at where it says so."""

    def once(connection: Any, number: int) -> bool:
        for line in text.splitlines():
            if line.startswith("-- look again"):
                (count,) = server.execute(connection, _COUNT[name]).fetchone()
                time.sleep(0.005)  # a caller is never so fast that another cannot come in between
                if count >= ALLOWED:
                    server.execute(connection, "ROLLBACK")
                    return False
            elif not line.startswith("--"):
                bound = values(number, name) if ":" in line else None
                cursor = server.execute(connection, line.partition(" --")[0], bound)
                if cursor.description:
                    cursor.fetchall()
        return True

    def call(number: int, ready: Callable[[], object]) -> bool:
        connection = server.connect()
        try:
            ready()
            for attempt in range(60):
                try:
                    return once(connection, number)
                except server.again:
                    server.execute(connection, "ROLLBACK")
                    time.sleep(random.uniform(0, 0.02 * (attempt + 1)))  # noqa: S311 - a pause
            raise AssertionError("it never came to an end")
        finally:
            connection.close()

    return call


def counted(server: Server, text: str) -> int:
    connection = server.connect()
    (count,) = server.execute(connection, text).fetchone()
    connection.close()
    return int(count)


@pytest.mark.parametrize("name", ["take", "book"])
def test_a_rule_over_several_rows_holds(server: Server, name: str) -> None:
    text = prepared(server, name)
    assert callers(transact(server, text, name)) == ALLOWED
    assert counted(server, _COUNT[name]) == ALLOWED


NIGHTS = 9


def holding(server: Server, text: str) -> Caller:
    """Return a caller that holds three nights, of which the next caller wants two."""
    statements = [line.partition(" --") for line in text.splitlines()]

    def once(connection: Any, number: int) -> bool:
        first = number % (NIGHTS - 2)
        rows = f"berth = 1 AND day BETWEEN {first} AND {first + 2}"
        bound = {"id": f"00000000-0000-4000-8000-{number:012d}", "guest": number}
        for statement, _, remark in statements:
            filled = statement.replace("<night>", rows)
            cursor = server.execute(connection, filled, bound if ":" in filled else None)
            if cursor.description:
                cursor.fetchall()
            time.sleep(0.002)
            if "fewer rows" in remark and cursor.rowcount < 3:
                server.execute(connection, "ROLLBACK")
                return False
        return True

    def call(number: int, ready: Callable[[], object]) -> bool:
        connection = server.connect()
        try:
            ready()
            return once(connection, number)
        finally:
            connection.close()

    return call


def held(server: Server, text: str) -> tuple[int, int]:
    """Return how many callers were told that they hold their nights, and how many stays do."""
    connection = server.connect()
    for day in range(NIGHTS):
        server.execute(connection, "INSERT INTO night (berth, day) VALUES (1, :day)", {"day": day})
    connection.close()
    told = callers(holding(server, text))
    whole = "SELECT count(*) FROM (SELECT stay_id FROM night WHERE stay_id IS NOT NULL"
    return told, counted(server, f"{whole} GROUP BY stay_id HAVING count(*) = 3) AS held")


def test_rows_that_are_free_are_taken_once_and_whole(server: Server) -> None:
    told, whole = held(server, prepared(server, "hold"))
    assert told == whole > 0
    assert counted(server, "SELECT count(*) FROM stay") == told


def test_without_the_condition_rows_are_taken_twice(server: Server) -> None:
    text = mutated(prepared(server, "hold"), " AND stay_id IS NULL")
    told, whole = held(server, text)
    assert told == CALLERS > whole


LOCK = {
    "postgresql": "SELECT 1 FROM section WHERE id = :section_id FOR NO KEY UPDATE;\n",
    **dict.fromkeys(servers.INNODB, "SELECT 1 FROM section WHERE id = :section_id FOR UPDATE;\n"),
}
STRICT = {
    "postgresql": (" ISOLATION LEVEL SERIALIZABLE", ""),
    **dict.fromkeys(servers.INNODB, ("SERIALIZABLE", "READ COMMITTED")),
}


def test_without_the_lock_it_does_not_hold(server: Server) -> None:
    if server.key == "sqlite":
        text = mutated(prepared(server, "take"), " IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            callers(transact(server, text, "take"))
        return
    text = mutated(prepared(server, "take"), LOCK[server.key])
    callers(transact(server, text, "take"))
    assert counted(server, _COUNT["take"]) > ALLOWED


def test_without_serializable_it_does_not_hold(server: Server) -> None:
    if server.key == "sqlite":
        pytest.skip("one writer at a time needs no isolation level")
    text = mutated(prepared(server, "book"), *STRICT[server.key])
    callers(transact(server, text, "book"))
    assert counted(server, _COUNT["book"]) > ALLOWED


def changing(server: Server, text: str) -> Caller:
    """Return a caller of one statement, which takes a seat of a section where one is left."""
    filled = text.replace("<changes>", "capacity = capacity - 1")
    filled = filled.replace("<condition>", "capacity > 0").partition(";")[0]

    def call(_number: int, ready: Callable[[], object]) -> bool:
        connection = server.connect()
        try:
            ready()
            return bool(server.execute(connection, filled, {"id": 1}).rowcount == 1)
        finally:
            connection.close()

    return call


def test_a_condition_in_the_statement_holds_and_its_absence_shows(server: Server) -> None:
    text = prepared(server, "close")
    assert callers(changing(server, text)) == ALLOWED
    assert counted(server, "SELECT capacity FROM section") == 0
    prepared(server, "close")
    assert callers(changing(server, mutated(text, " AND <condition>"))) == CALLERS


def test_the_same_insert_is_there_once(server: Server) -> None:
    text = prepared(server, "enrol").partition(";")[0]
    double: tuple[type[Exception], ...] = ()
    refused: list[object] = []
    if server.key in servers.INNODB:
        import pymysql

        double = (pymysql.err.IntegrityError,)

    def call(_number: int, ready: Callable[[], object]) -> bool:
        connection = server.connect()
        ready()
        try:
            return bool(server.execute(connection, text, values(7, "take")).rowcount == 1)
        except double as error:
            refused.append(error.args[0])
            return False
        finally:
            connection.close()

    assert callers(call) == 1
    assert counted(server, _COUNT["take"]) == 1
    assert refused == ([1062] * (CALLERS - 1) if double else [])


def test_a_batch_carries_its_condition(server: Server) -> None:
    if server.key != "sqlite":
        pytest.skip("only SQLite is run where a transaction is one batch")
    text = prepared(server, "take", "cloudflare-d1")
    statement = "\n".join(line for line in text.splitlines() if not line.startswith("--"))

    def batch(condition: str) -> int:
        filled = statement.replace("<condition>", condition)

        def call(number: int, ready: Callable[[], object]) -> bool:
            connection = server.connect()
            try:
                ready()
                return bool(server.execute(connection, filled, values(number, "take")).rowcount)
            finally:
                connection.close()

        return callers(call)

    assert batch(f"({_COUNT['take']}) < {ALLOWED}") == ALLOWED
    prepared(server, "take", "cloudflare-d1")
    assert batch("true") == CALLERS


def killed(server: Server, text: str) -> tuple[int, int]:
    """Write a stay with its night, end before the commit, and count what is left of both."""
    lines = [line for line in text.splitlines() if not line.startswith("COMMIT")]
    night = "INSERT INTO night (berth, day, stay_id) VALUES (:berth, :day, :stay_id)"
    connection = server.connect()
    for line in lines:
        named = night if line == "-- and the changes of night" else line.partition(" --")[0]
        server.execute(connection, named, values(0, "stay") if ":" in named else None)
    connection.close()
    return counted(server, "SELECT count(*) FROM stay"), counted(
        server, "SELECT count(*) FROM night"
    )


def test_new_rows_come_together_or_not_at_all(server: Server) -> None:
    text = prepared(server, "stay")
    assert "-- and the changes of night" in text.splitlines()
    assert "SERIALIZABLE" not in text
    assert "look again" not in text
    assert killed(server, text) == (0, 0)
    begin = next(line for line in text.splitlines() if re.match(r"BEGIN|START", line))
    prepared(server, "stay")
    assert killed(server, mutated(text, f"{begin}\n")) == (1, 1)


def dropped(server: Server, text: str) -> tuple[int, int]:
    """Delete a section with its enrolments, and count what is left of both."""
    with contextlib.closing(server.connect()) as connection:
        if server.key == "sqlite":
            connection.execute("PRAGMA foreign_keys = ON")
        enrolled = "INSERT INTO enrolment (section_id, student) VALUES (1, 1), (1, 2)"
        server.execute(connection, enrolled)
        for line in text.splitlines():
            first = line.startswith("-- first the rows of enrolment")
            done = "DELETE FROM enrolment WHERE section_id = :id" if first else line
            if not done.startswith("--"):
                cursor = server.execute(connection, done, {"id": 1} if ":id" in done else None)
                if cursor.description:
                    cursor.fetchall()
    tables = ("section", "enrolment")
    left = [counted(server, f"SELECT count(*) FROM {table}") for table in tables]  # noqa: S608
    return left[0], left[1]


def test_what_refers_to_a_row_goes_before_it(server: Server) -> None:
    text = prepared(server, "drop")
    assert dropped(server, text) == (0, 0)
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("-- first the rows"))
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    text = prepared(server, "drop")
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        dropped(server, "\n".join(lines))
    if server.key == "postgresql":
        assert "FOR UPDATE;" in text


@pytest.mark.parametrize("name", ["take", "book", "hold", "stay", "enrol", "close"])
def test_statements_for_sql_server_are_its_language(name: str) -> None:
    text = guarded("sql-server", name)[0].text
    text = text.replace("<changes>", "capacity = 1").replace("<condition>", "capacity > 0")
    text = text.replace("<night>", "day = 1")
    assert all(sqlglot.parse(text, read="tsql"))
