# ruff: noqa: S608 - drafts for a reader; nothing here runs them
"""Statements that keep what is added up of other entries. Imports SQLAlchemy: load it late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .adding import KeptTotal, totals
from .guards_sql import quoted_names
from .model import DataModel, Entity, Summary


def upkeep(model: DataModel, store: str) -> str:
    """Return the statements that keep each summary of a model; empty where it has none.

    Args:
        model: The part of the model that the store holds.
        store: Key of a SQL store.
    """
    found = (
        _Upkeep(model.entity(entity.summary.source), entity, entity.summary, store).text()
        for entity in model.entities
        if entity.summary is not None and entity.summary.source in model
    )
    return "\n".join(found)


class _Upkeep:
    def __init__(self, source: Entity, kept: Entity, summary: Summary, store: str) -> None:
        self._source, self._kept, self._store = source, kept, store
        self._summary = summary
        self._totals = totals(source, summary.aggregates)
        self._group = summary.patterns[0].equal
        self._rules = [str(rule) for rule in summary.patterns[0].conditions]
        nullable = [name for name in self._group if source.column(name).nullable]
        self._rules += [f"{self._name(name)} IS NOT NULL" for name in nullable]
        self._slots = summary.slots > 1

    def _name(self, name: str) -> str:
        return quoted_names(self._store, [name])[0]

    def _names(self, names: Sequence[str]) -> str:
        return ", ".join(quoted_names(self._store, names))

    def _value(self, name: str) -> str:
        return f"@{name}" if self._store == "sql-server" else f":{name}"

    def text(self) -> str:
        """Return everything about one summary."""
        lines = []
        if self._summary.way == "recomputed":
            lines += ["-- By a job, in one transaction: all of it anew.", self._emptied()]
            lines += [self._fill()]
        else:
            rules = " and ".join(self._rules)
            which = f" that meets {rules}" if rules else ""
            lines += [f"-- With each new row of {self._source.table}{which}, last in its"]
            lines += ["-- transaction; several in the order of their key, so that none waits in a"]
            lines += ["-- circle."]
            if self._slots:
                last = self._summary.slots - 1
                lines += [f"-- Each draws {self._value('slot')} from 0 to {last} by chance."]
            lines += [*self._changed("+")]
            again = " or meets that no more" if rules else ""
            lines += [f"-- With each row that goes{again}; a change is one that goes and one new."]
            lines += [*self._changed("-")]
            lines += ["-- Once, after the first load, before others write:", self._fill()]
        lines += ["-- Read:", self._read()]
        if self._summary.way != "recomputed":
            lines += ["-- Each row is an error; look every day:", self._wrong()]
        return "\n".join(lines) + "\n"

    def _key(self) -> str:
        pairs = [f"{self._name(c)} = {self._value(c)}" for c in self._kept.key]
        return " AND ".join(pairs)

    def _each(self, total: KeptTotal) -> str:
        """What one row of the source brings."""
        if not total.column:
            return "1"
        value = self._value(total.column)
        nullable = self._source.column(total.column).nullable
        if total.summed:
            return f"COALESCE({value}, 0)" if nullable else value
        return f"CASE WHEN {value} IS NULL THEN 0 ELSE 1 END"

    def _moved(self, sign: str, prefix: str = "") -> str:
        return ", ".join(
            f"{self._name(t.name)} = {prefix}{self._name(t.name)} {sign} {self._each(t)}"
            for t in self._totals
        )

    def _changed(self, sign: str) -> Iterator[str]:
        """Yield what adds a row of the source, or takes one away."""
        table = self._name(self._kept.table)
        moved = self._moved(sign)
        if sign == "-" and not self._slots:
            yield f"UPDATE {table} SET {moved} WHERE {self._key()};"
            return
        columns = [*self._kept.key, *(t.name for t in self._totals)]
        each = [f"{'-' if sign == '-' else ''}{self._each(t)}" for t in self._totals]
        values = ", ".join([*map(self._value, self._kept.key), *each])
        insert = f"INSERT INTO {table} ({self._names(columns)}) VALUES ({values})"
        if self._store in ("mysql", "mariadb"):
            yield f"{insert}\nON DUPLICATE KEY UPDATE {moved};"
        elif self._store == "sql-server":
            yield f"UPDATE {table} WITH (UPDLOCK, HOLDLOCK) SET {moved} WHERE {self._key()};"
            yield f"IF @@ROWCOUNT = 0 {insert};"
        else:
            keys = self._names(self._kept.key)
            moved = self._moved(sign, f"{table}.")
            yield f"{insert}\nON CONFLICT ({keys}) DO UPDATE SET {moved};"

    def _emptied(self) -> str:
        return f"DELETE FROM {self._name(self._kept.table)};"

    def _sums(self) -> list[str]:
        """The totals as the source has them now."""
        found = []
        for total in self._totals:
            column = self._name(total.column) if total.column else "*"
            found.append(f"COALESCE(SUM({column}), 0)" if total.summed else f"COUNT({column})")
        return found

    def _grouped(self, sign: str = "", *, slot: bool = False) -> str:
        """The totals of each group of the source."""
        group = self._names(self._group)
        where = f" WHERE {' AND '.join(self._rules)}" if self._rules else ""
        totals = ", ".join(f"{sign}{text}" for text in self._sums())
        table = self._name(self._source.table)
        return (
            f"SELECT {group}{', 0' if slot else ''}, {totals} FROM {table}{where} GROUP BY {group}"
        )

    def _fill(self) -> str:
        columns = self._names([*self._kept.key, *(t.name for t in self._totals)])
        rows = self._grouped(slot=self._slots)
        return f"INSERT INTO {self._name(self._kept.table)} ({columns})\n{rows};"

    def _read(self) -> str:
        where = " AND ".join(f"{self._name(c)} = {self._value(c)}" for c in self._group)
        answers = []
        for item in self._summary.aggregates:
            needed = [self._name(t.name) for t in totals(self._source, [item])]
            parts = [f"SUM({name})" for name in needed] if self._slots else needed
            if item.function == "average":
                name = self._name(f"average_{item.column}")
                parts = [f"{parts[1]} * 1.0 / NULLIF({parts[0]}, 0) AS {name}"]
            elif self._slots:
                parts = [f"{parts[-1]} AS {needed[-1]}"]
            answers += parts
        table = self._name(self._kept.table)
        return f"SELECT {', '.join(dict.fromkeys(answers))} FROM {table} WHERE {where};"

    def _wrong(self) -> str:
        """Groups whose kept totals and those of the source differ, of either side."""
        group, table = self._names(self._group), self._name(self._kept.table)
        names = [self._name(t.name) for t in self._totals]
        differ = " OR ".join(f"SUM({name}) <> 0" for name in names)
        return (
            f"SELECT {group} FROM (SELECT {group}, {', '.join(names)} FROM {table}\n"
            f"UNION ALL {self._grouped('-')}) both_sides\n"
            f"GROUP BY {group} HAVING {differ};"
        )
