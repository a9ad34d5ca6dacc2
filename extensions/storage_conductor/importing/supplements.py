"""What the catalog of a store tells beyond SQLAlchemy's inspector."""

from __future__ import annotations

import re
from dataclasses import replace

from .endings import my_options, parted, with_storage
from .found import FoundColumn
from .statements import run
from .supplement import Supplement
from .supplement_sqlite import SqliteSupplement

_UPDATED = re.compile(r"on update current_timestamp(\(\d*\))?", re.IGNORECASE)

# What reads a column by the rules of pg_depend; PostgreSQL neither drops such a column nor changes
# its type: https://www.postgresql.org/docs/current/ddl-depend.html
_READERS = """
    SELECT DISTINCT t.relname, coalesce(v.relname, g.tgname, p.polname, f.proname),
      CASE WHEN v.oid IS NOT NULL THEN 'a view' WHEN g.oid IS NOT NULL THEN 'a trigger'
      WHEN p.oid IS NOT NULL THEN 'a policy' ELSE 'a function' END, a.attname
    FROM pg_depend d
    JOIN pg_class t ON t.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    LEFT JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
    LEFT JOIN pg_class v ON v.oid = r.ev_class AND v.oid <> t.oid
    LEFT JOIN pg_trigger g ON g.oid = d.objid AND d.classid = 'pg_trigger'::regclass
    LEFT JOIN pg_policy p ON p.oid = d.objid AND d.classid = 'pg_policy'::regclass
    LEFT JOIN pg_proc f ON f.oid = d.objid AND d.classid = 'pg_proc'::regclass
    WHERE coalesce(v.oid, g.oid, p.oid, f.oid) IS NOT NULL AND pg_table_is_visible(t.oid)
    ORDER BY 1, 2, 3, 4
"""


class _Postgresql(Supplement):
    def look(self) -> None:
        columns = (
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), t.typtype,"
            " CASE WHEN a.attcollation <> t.typcollation THEN l.collname END"
            " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_type t ON t.oid = a.atttypid"
            " LEFT JOIN pg_collation l ON l.oid = a.attcollation"
            " WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')"
            " AND pg_table_is_visible(c.oid)"
        )
        for table, name, text, kind, collation in self.rows(columns):
            (self.declared if kind == "e" else self.types)[table, name] = text
            if collation:
                self.collations[table, name] = collation
        invalid = (
            "SELECT t.relname, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " JOIN pg_class t ON t.oid = i.indrelid WHERE NOT i.indisvalid"
            " AND pg_table_is_visible(t.oid)"
        )
        self.remarks = dict.fromkeys(self.rows(invalid), ("invalid",))
        compared = (
            "SELECT t.relname, c.relname, l.collname, a.attname FROM pg_index i"
            " CROSS JOIN unnest(i.indkey::int2[], i.indcollation::oid[]) AS k (place, compared)"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.place"
            " JOIN pg_collation l ON l.oid = k.compared AND l.oid <> a.attcollation"
            " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid"
            " WHERE pg_table_is_visible(t.oid) ORDER BY 1, 2, 4"
        )
        for table, index, collation, column in self.rows(compared):
            self.remark(table, index, f"collate {collation} of {column}")
        for table, reader, words, column in self.rows(_READERS):
            self.readers.setdefault(table, {}).setdefault((reader, words), []).append(column)
        self._look_at_tables()

    def _look_at_tables(self) -> None:
        endings = (
            "SELECT c.relname, c.relpersistence, c.reloptions,"
            " CASE c.relkind WHEN 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(c.oid) END,"
            " (SELECT string_agg(p.inhparent::regclass::text, ', ') FROM pg_inherits p"
            "  WHERE p.inhrelid = c.oid AND NOT c.relispartition)"
            " FROM pg_class c WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)"
        )
        for table, persistence, storage, partition, parents in self.rows(endings):
            pairs = [each.partition("=") for each in storage or ()]
            words = (partition, with_storage(pairs) if pairs else "")
            self.options[table] = " ".join(filter(None, words))
            lost = (
                *(["UNLOGGED"] if persistence == "u" else []),
                *([f"INHERITS ({parents})"] if parents else []),
            )
            if lost:
                self.fragile[table] = lost


class _Innodb(Supplement):
    def look(self) -> None:
        falling = (
            "SELECT TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX - 1 FROM information_schema.STATISTICS"
            " WHERE TABLE_SCHEMA = DATABASE() AND COLLATION = 'D'"
        )
        for table, index, place in self.rows(falling):
            known = self.falling.get((table, index), frozenset())
            self.falling[table, index] = known | {int(place)}
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


def ending(collation: str, *words: str, comment: str) -> str:
    """Return what MariaDB and MySQL have behind a column, and forget where it is written again."""
    told = f"COMMENT {_literal(comment)}" if comment else ""
    return " ".join(filter(None, (f"COLLATE {collation}" if collation else "", *words, told)))


def _literal(text: str) -> str:
    """Write a text as MariaDB and MySQL take it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


SUPPLEMENTS: dict[str, type[Supplement]] = {
    "postgresql": _Postgresql,
    "mysql": _Innodb,
    "mariadb": _Mariadb,
    "sqlite": SqliteSupplement,
}
"""By store."""
