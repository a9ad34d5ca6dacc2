"""What the catalog of a store tells beyond SQLAlchemy's inspector."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from .endings import ending, my_options, parted
from .found import IGNORED, FoundColumn, FoundIndex
from .statements import run
from .supplement import Supplement
from .supplement_postgresql import PostgresqlSupplement
from .supplement_sqlite import SqliteSupplement

_UPDATED = re.compile(r"on update current_timestamp(\(\d*\))?", re.IGNORECASE)


class _Innodb(Supplement):
    def look(self) -> None:
        falling = (
            "SELECT TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX - 1 FROM information_schema.STATISTICS"
            " WHERE TABLE_SCHEMA = DATABASE() AND COLLATION = 'D'"
        )
        for table, index, place in self.rows(falling):
            known = self.falling.get((table, index), frozenset())
            self.falling[table, index] = known | {int(place)}
        self._look_at_ignored()
        columns = (
            "SELECT TABLE_NAME, COLUMN_NAME, COLLATION_NAME FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME IS NOT NULL"
        )
        self.collations = {(table, name): text for table, name, text in self.rows(columns)}
        shapes = (
            "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND DATA_TYPE IN ('point', 'geometry')"
        )
        self.types |= {(table, name): text for table, name, text in self.rows(shapes)}
        tables = (
            "SELECT TABLE_NAME, ENGINE, TABLE_COLLATION, CREATE_OPTIONS FROM"
            " information_schema.TABLES"
            " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_COLLATION IS NOT NULL"
        )
        usual = {}
        for table, engine, collation, options in list(self.rows(tables)):
            usual[table] = collation
            more = self._more_options(table) if options else ""
            self.options[table] = f"ENGINE={engine} COLLATE={collation} {more}".rstrip()
        more_of_columns = (
            "SELECT TABLE_NAME, COLUMN_NAME, COLLATION_NAME, EXTRA, COLUMN_COMMENT"
            " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
        )
        for table, name, collation, extra, comment in self.rows(more_of_columns):
            own = collation and collation != usual.get(table)
            update = _UPDATED.search(extra)
            words = (
                *([update[0].upper()] if update else []),
                *(["INVISIBLE"] if "INVISIBLE" in extra.upper() else []),
            )
            self.attributes[table, name] = words
            self.endings[table, name] = ending(collation if own else "", *words, comment=comment)

    def _look_at_ignored(self) -> None:
        """Find the indexes that no query uses, some of which the inspector skips."""
        # MariaDB and MySQL say so in a column of their own, where they know such indexes.
        found: dict[tuple[str, str], list[Any]] = {}
        for row in self.rows(
            "SELECT TABLE_NAME AS of_table, s.* FROM information_schema.STATISTICS s"
            " WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"
        ):
            told = row._mapping
            if told.get("IGNORED") == "YES" or told.get("IS_VISIBLE") == "NO":
                found.setdefault((told["TABLE_NAME"], told["INDEX_NAME"]), []).append(told)
        for (table, index), parts in found.items():
            self.remark(table, index, IGNORED)
            columns = tuple(
                (each["COLUMN_NAME"] or "", "desc" if each["COLLATION"] == "D" else "asc")
                for each in parts
            )
            lengths = [
                f"length {p['SUB_PART']} of {p['COLUMN_NAME']}" for p in parts if p["SUB_PART"]
            ]
            special = "; ".join(sorted((IGNORED, *lengths)))
            unique = not parts[0]["NON_UNIQUE"]
            self.indexes.setdefault(table, []).append(
                FoundIndex(index, columns, unique, special=special)
            )

    def _more_options(self, table: str) -> str:
        """Ask for the statement of a table of which more is told than engine and collation."""
        quoted = table.replace("`", "``")
        statement = self.connection.exec_driver_sql(f"SHOW CREATE TABLE `{quoted}`").one()[1]
        whole = parted(run(statement), "mysql")
        return my_options(whole.ending).more if whole else ""


class _Mariadb(_Innodb):
    def look(self) -> None:
        super().look()
        checks = (
            "SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE FROM"
            " information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()"
        )
        defaults = (
            "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_DEFAULT FROM information_schema.COLUMNS"
            " WHERE TABLE_SCHEMA = DATABASE() AND COLUMN_DEFAULT <> 'NULL'"
        )
        # A sequence that it asks is named with its database.
        here = f"`{self.connection.engine.url.database}`."
        self.defaults = {
            (table, name): text.replace(here, "") for table, name, text in self.rows(defaults)
        }
        self.checks = {name: [] for name in self.names}
        for table, name, text in self.rows(checks):
            # A column of JSON is a LONGTEXT with this check: https://mariadb.com/kb/en/json/
            if text == f"json_valid(`{name}`)":
                self.documents[table] = self.documents.get(table, frozenset()) | {name}
            else:
                self.checks[table].append({"name": name, "sqltext": text})

    def keyed(
        self, column: FoundColumn, key: tuple[str, ...], documents: frozenset[str]
    ) -> FoundColumn:
        del key
        if column.name not in documents:
            return column
        return replace(column, type="JSON", collation="")


SUPPLEMENTS: dict[str, type[Supplement]] = {
    "postgresql": PostgresqlSupplement,
    "mysql": _Innodb,
    "mariadb": _Mariadb,
    "sqlite": SqliteSupplement,
}
"""By store."""
