"""The JSON that tbls writes of a database: https://github.com/k1LoW/tbls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from . import ddl
from .found import FoundCheck, FoundColumn, FoundIndex, FoundReference, FoundSchema, FoundTable

_STORES = {
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mariadb",
    "sqlite": "sqlite",
    "sqlserver": "sql-server",
}
_ACTION = re.compile(r"ON (DELETE|UPDATE) (CASCADE|SET NULL|SET DEFAULT|RESTRICT|NO ACTION)", re.I)
_KEYED = re.compile(r"\(([^()]*)\)")


def read(data: Mapping[str, Any], store: str) -> FoundSchema:
    """Read a schema.

    Args:
        data: The JSON.
        store: Catalog key of the store where the JSON names none.
    """
    driver = str((data.get("driver") or {}).get("name", "")).lower()
    reader = _Reader(_STORES.get(driver, store))
    whole = [table for table in data["tables"] if "VIEW" not in str(table.get("type")).upper()]
    unsaid = [f"view {t['name']}" for t in data["tables"] if t not in whole]
    if whole and all(str(table.get("def", "")).startswith("CREATE TABLE") for table in whole):
        # Where the statement of a table is there, it says more than the rest: actions, for one.
        stated = ddl.read(";\n".join(str(table["def"]) for table in whole), reader.store)
        for table in whole:
            reader.unsaid += [f"trigger {t['name']}" for t in table.get("triggers") or ()]
        return replace(stated, unsaid=(*stated.unsaid, *unsaid, *reader.unsaid))
    tables = tuple(map(reader.table, whole))
    return FoundSchema(reader.store, tables, unsaid=(*unsaid, *reader.unsaid)).with_uniques_merged()


class _Reader:
    def __init__(self, store: str) -> None:
        self.store = store
        self.unsaid: list[str] = []

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
            type=data["type"],
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
