"""The JSON that tbls writes of a database: https://github.com/k1LoW/tbls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import ConductorError
from . import ddl
from .documents import part
from .found import FoundCheck, FoundColumn, FoundIndex, FoundReference, FoundSchema, FoundTable
from .virtual import tables_of

_STORES = {
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mariadb",
    "sqlite": "sqlite",
    "sqlserver": "sql-server",
}
_REMEDIES = {
    "dynamodb": "Import the JSON of `aws dynamodb describe-table`.",
    "mongodb": "Import the JSON of `db.getCollectionInfos()`, each with `getIndexes()` under"
    " `indexes`.",
}
_NEXT_NUMBER = re.compile(r" AUTO_INCREMENT=\[[^\]]*\]")
"""What tbls writes in place of a number that changes."""
_ACTION = re.compile(r"ON (DELETE|UPDATE) (CASCADE|SET NULL|SET DEFAULT|RESTRICT|NO ACTION)", re.I)
_KEYED = re.compile(r"\(([^()]*)\)")


def read(data: Mapping[str, Any], store: str) -> FoundSchema:
    """Read a schema.

    Args:
        data: The JSON.
        store: Catalog key of the store where the JSON names none.
    """
    driver = data.get("driver") or {}
    named = str(driver.get("name", "")).lower()
    if named and named not in _STORES:
        raise ConductorError(
            f"tbls read it from {named}, of whose JSON no tables can be read.",
            remedy=_REMEDIES.get(named, f"It is read of {', '.join(_STORES)}."),
        )
    reader = _Reader(_STORES.get(named, store), data.get("enums") or ())
    home = str((driver.get("meta") or {}).get("current_schema", ""))
    whole, unsaid = _tables(data["tables"], home)
    if whole and all(str(table.get("def", "")).startswith("CREATE TABLE") for table in whole):
        # Where the statement of a table is there, it says more than the rest: actions, for one.
        statements = ";\n".join(_NEXT_NUMBER.sub("", str(table["def"])) for table in whole)
        stated = ddl.read(statements, reader.store)
        for table in whole:
            reader.unsaid += [f"trigger {t['name']}" for t in table.get("triggers") or ()]
        return replace(stated, unsaid=(*stated.unsaid, *unsaid, *reader.unsaid))
    reader.taken = {named for each in whole for named in (each["name"], _bare(each["name"]))}
    tables = []
    for each in whole:
        with part("the table", each.get("name")):
            tables.append(reader.table(each))
    return FoundSchema(
        reader.store, tuple(tables), unsaid=(*unsaid, *reader.unsaid)
    ).with_uniques_merged()


def _tables(
    listed: Sequence[Mapping[str, Any]], home: str
) -> tuple[list[Mapping[str, Any]], list[str]]:
    """Return the tables, and a line for each of the rest.

    Args:
        listed: What the JSON lists as tables.
        home: The usual schema of the database, whose tables go first; empty where none is told.
    """
    whole: dict[str, Mapping[str, Any]] = {}
    rest = []
    virtual = {name for table in listed for name in tables_of(str(table.get("def", "")))}
    for table in sorted(listed, key=lambda each: not str(each["name"]).startswith(f"{home}.")):
        name, kind = str(table["name"]), str(table.get("type")).lower()
        if "view" in kind or "virtual" in kind:
            rest.append(f"{'view' if 'view' in kind else kind} {name}")
        elif name in virtual:
            continue
        elif _bare(name) in whole:
            rest.append(f"table {name}, whose name another schema has too")
        else:
            whole[_bare(name)] = table
    return [table for table in listed if table in whole.values()], rest


class _Reader:
    def __init__(self, store: str, enums: Iterable[Mapping[str, Any]]) -> None:
        self.store = store
        self.unsaid: list[str] = []
        self.taken: set[str] = set()
        self._enums: dict[str, str] = {}
        for each in enums:
            values = ", ".join("'" + value.replace("'", "''") + "'" for value in each["values"])
            self.unsaid.append(f"type {each['name']}")
            self._enums |= dict.fromkeys((each["name"], _bare(each["name"])), f"ENUM({values})")

    def table(self, data: Mapping[str, Any]) -> FoundTable:
        """Read one table."""
        name = _bare(data["name"])
        self.unsaid += [f"trigger {t['name']} on {name}" for t in data.get("triggers") or ()]
        key: tuple[str, ...] = ()
        uniques, checks, references = [], [], []
        named = set()
        for item in data.get("constraints") or ():
            columns = tuple(item.get("columns") or ())
            named.add(item["name"])
            match str(item["type"]).upper():
                case "PRIMARY KEY":
                    key = columns
                case "UNIQUE" | "UNIQUE KEY":
                    uniques.append(columns)
                case "FOREIGN KEY" if item["referenced_table"] not in self.taken:
                    self.unsaid.append(f"{name}: reference to {item['referenced_table']}")
                case "FOREIGN KEY":
                    references.append(self._reference(item, columns))
                case "CHECK":
                    text = re.sub(r"^\s*(?:CONSTRAINT\s+\S+\s+)?CHECK\s*", "", item["def"])
                    checks.append(FoundCheck(text, item["name"]))
                case kind:
                    self.unsaid.append(f"{name}: {kind.lower()} {item['name']}")
        return FoundTable(
            name=name,
            columns=tuple(self._column(column, key) for column in data["columns"]),
            key=key,
            uniques=tuple(uniques),
            checks=tuple(checks),
            references=tuple(references),
            indexes=tuple(self._indexes(data, named)),
            comment=data.get("comment") or "",
        )

    def _column(self, data: Mapping[str, Any], key: tuple[str, ...]) -> FoundColumn:
        default = str(data.get("default") or "")
        extra = str(data.get("extra_def") or "").lower()
        computed = "generated" in extra and "default_generated" not in extra
        if extra and not (computed or "auto_increment" in extra or "identity" in extra):
            self.unsaid.append(f"{data['name']}: {extra}")
        counted = "nextval(" in default or "auto_increment" in extra or "identity" in extra
        return FoundColumn(
            name=data["name"],
            type=self._enums.get(data["type"], data["type"]),
            declared=data["type"] if data["type"] in self._enums else "",
            nullable=bool(data.get("nullable")) and data["name"] not in key,
            default="" if counted else default,
            numbered=counted,
            computed=extra if computed else "",
            comment=data.get("comment") or "",
        )

    def _reference(self, item: Mapping[str, Any], columns: tuple[str, ...]) -> FoundReference:
        text = str(item.get("def", ""))
        actions = {event.lower(): action.lower() for event, action in _ACTION.findall(text)}
        if self.store in {"mysql", "mariadb"}:
            actions = {e: a.replace("restrict", "no action") for e, a in actions.items()}
        return FoundReference(
            columns,
            _bare(item["referenced_table"]),
            tuple(item["referenced_columns"]),
            actions.get("delete", "no action"),
            actions.get("update", "no action"),
            item["name"],
            "INITIALLY DEFERRED" in text.upper(),
        )

    def _indexes(self, data: Mapping[str, Any], named: set[str]) -> Iterator[FoundIndex]:
        for item in data.get("indexes") or ():
            text = str(item.get("def", ""))
            if item["name"] in named or item["name"] == "PRIMARY":
                continue
            columns = _ways(item.get("columns") or (), text)
            where = text.upper().find(" WHERE ")
            method = re.search(r"USING (\w+)", text, re.IGNORECASE)
            special = "" if not method or method[1].lower() == "btree" else f"using {method[1]}"
            yield FoundIndex(
                item["name"],
                columns,
                "UNIQUE" in text.upper().partition("(")[0],
                text[where + 7 :] if where >= 0 else "",
                special,
            )


def _ways(columns: Any, text: str) -> tuple[tuple[str, str], ...]:
    """The columns of an index with their directions, which stand in its definition alone."""
    listed = _KEYED.search(text)
    parts = listed[1].split(",") if listed else []
    falling = {part.split()[0].strip('"`') for part in parts if "DESC" in part.upper().split()}
    return tuple((name, "desc" if name in falling else "asc") for name in columns)


def _bare(name: str) -> str:
    """A table's name without the schema before it."""
    return name.rpartition(".")[2]
