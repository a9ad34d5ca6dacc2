"""What is imported of a file is bounded: it takes time in proportion, or is refused in words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from storage_conductor.errors import ConductorError
from storage_conductor.importing.answers import answers
from storage_conductor.importing.sources import SourceOptions, read

MOST = 10.0  # seconds of CPU, several times what is taken


def made(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    started = time.process_time()
    try:
        answers(read(str(path), SourceOptions()))
    finally:
        assert time.process_time() - started < MOST


def several(part: str, number: int) -> str:
    """Return a text so often, with the number in place of each #."""
    return "".join(part.replace("#", str(each)) for each in range(number))


def sql(columns: str) -> str:
    return f"CREATE TABLE t (id bigint primary key, a int{columns});\n"


def dbml(columns: str) -> str:
    return f"Table t {{\n  id bigint [pk]\n{columns}}}\n"


def listed(number: int) -> str:
    return sql(", s varchar(9) CHECK (s IN (" + several("'v#',", number) + "''))")


CHAIN = several("CREATE TABLE t1# (id bigint primary key, p bigint references t1);\n", 1000)
LARGE = {
    "chain.sql": CHAIN.replace("references t1)", "references t10)"),
    "rows.sql": sql("") + several("INSERT INTO t VALUES (#, 1);\n", 20_000),
    "semicolons.sql": sql("") + ";" * 500_000,
    "indexes.sql": sql("") + several("CREATE INDEX i# ON t (a);\n", 900),
    "checks.sql": sql(several(", CHECK (a > #)", 199)),
    "values.sql": listed(1500),
    "tables.dbml": several(dbml("").replace("Table t", "Table t#"), 900),
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_large_takes_time_in_proportion(tmp_path: Path, name: str) -> None:
    made(tmp_path, name, LARGE[name])


REFUSED = {
    "columns.sql": (sql(several(", c# int", 5000)), "t has 5,002 columns; at most 4,096"),
    "tables.sql": (several("CREATE TABLE t# (a int);", 1001), "has 1,001 tables; at most 1,000"),
    "values.sql": (listed(60_000), "t: a check has 588,8"),
    "checks.sql": (sql(several(", CHECK (a > #)", 9000)), "9,000 checks; at most 200"),
    "columns.dbml": (dbml(several("  c# int\n", 20_000)), "lines of DBML; at most 8,000"),
    "tables.dbml": (several("Table t# {\n a int\n}\n", 2000), "tables of DBML; at most 1,500"),
    "refs.dbml": (dbml("") + several("Ref: t.id > t.id\n", 5000), "references of DBML; at most"),
    "notes.dbml": (dbml("") + "'''" * 90_000, "characters of DBML; at most 250,000"),
    "empty.dbml": ("", "holds no table"),
    "empty.json": ('{"tables": []}', "holds no table"),
    "a.json": ('{"tables": [\n{"a": }]}', "a.json:2: is not JSON: a value is expected (column 7)"),
    "b.json": ('{"tables": [{"name": "t"}]}', "the table 't' lacks 'columns'"),
    "c.json": ('{"tables": [{"name": "t", "columns": 7}]}', "the table 't' holds another kind"),
    "d.json": ('{"Table": {"TableName": "t", "KeySchema": [{}]}}', "the table 't' lacks 'KeyType'"),
    "e.json": ('[{"name": "t", "indexes": [], "options": 7}]', "the collection 't' holds another"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_too_large_empty_or_malformed_is_refused_in_words(
    tmp_path: Path, name: str
) -> None:
    text, said = REFUSED[name]
    with pytest.raises(ConductorError) as refused:
        made(tmp_path, name, text)
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"{tmp_path.as_posix()}/{name}:")
    assert refused.value.remedy
    assert "Error" not in str(refused.value)
