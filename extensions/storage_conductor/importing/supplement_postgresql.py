"""What the catalog of PostgreSQL tells beyond SQLAlchemy's inspector."""

from __future__ import annotations

import re

from .endings import with_storage
from .found import domain_check
from .supplement import Supplement

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


_CHAINS = """
    WITH RECURSIVE chain AS (
      SELECT oid AS top, oid AS domain, typbasetype AS base, typtypmod AS mod
      FROM pg_type WHERE typtype = 'd'
      UNION ALL SELECT top, t.oid, t.typbasetype, t.typtypmod
      FROM chain JOIN pg_type t ON t.oid = base AND t.typtype = 'd')
    SELECT c.relname, a.attname, {wanted}
    FROM chain JOIN pg_attribute a ON a.atttypid = top AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
    {joined} WHERE pg_table_is_visible(c.oid) ORDER BY 1, a.attnum, 3
"""
"""Domains of columns, each with those that it is made of."""
_CHECKED = re.compile(r"CHECK \((.*)\)(?: NOT VALID)?", re.DOTALL)
_RULE = re.compile(r"(?:UNIQUE|PRIMARY KEY)\s*([^(]*)\([^)]*\)(.*)", re.DOTALL)


class PostgresqlSupplement(Supplement):
    """What its catalog tells beyond the inspector."""

    def look(self) -> None:
        """Ask."""
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
        self._look_at_types()
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

    def _look_at_types(self) -> None:
        below = _CHAINS.format(
            wanted="format_type(base, mod), format_type(top, NULL)",
            joined="JOIN pg_type t ON t.oid = base AND t.typtype NOT IN ('d', 'e')",
        )
        for table, name, text, domain in self.rows(below):
            self.types[table, name] = text
            self.declared[table, name] = domain
        checks = _CHAINS.format(
            wanted="n.conname, pg_get_constraintdef(n.oid)",
            joined="JOIN pg_constraint n ON n.contypid = domain AND n.contype = 'c'",
        )
        for table, column, name, text in self.rows(checks):
            told = _CHECKED.fullmatch(text)
            if told and (table, column) in self.declared:
                self.of_types.setdefault(table, []).append(domain_check(name, told[1], column))

    def _look_at_rules(self) -> None:
        rules = (
            "SELECT c.relname, n.conname, n.contype, pg_get_constraintdef(n.oid)"
            " FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid"
            " WHERE n.contype IN ('p', 'u') AND pg_table_is_visible(c.oid)"
        )
        for table, name, kind, text in self.rows(rules):
            told = _RULE.fullmatch(text)
            words = " ".join(f"{told[1]} {told[2]}".split()) if told else ""
            if words and kind == "p":
                self.fragile[table] = (*self.fragile.get(table, ()), f"PRIMARY KEY {words}")
            elif words:
                self.unique_words[table, name] = words

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
        self._look_at_rules()
