"""A table whose statements are read one by one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .found import FoundCheck, FoundColumn, FoundIndex, FoundReference, FoundTable, row_number


@dataclass
class FileTable:
    """What was read of a table so far; the parts are those of `FoundTable`."""

    name: str
    columns: dict[str, FoundColumn] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    uniques: list[tuple[str, ...]] = field(default_factory=list)
    checks: list[FoundCheck] = field(default_factory=list)
    references: list[FoundReference] = field(default_factory=list)
    indexes: list[FoundIndex] = field(default_factory=list)
    comment: str = ""
    key_name: str = ""
    unique_names: dict[tuple[str, ...], str] = field(default_factory=dict)
    unique_words: dict[tuple[str, ...], str] = field(default_factory=dict)
    options: str | None = None
    fragile: list[str] = field(default_factory=list)
    beside: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    def found(self, store: str) -> FoundTable:
        """Return it as it was found."""
        columns = []
        for column in self.columns.values():
            keyed = column.name in self.key
            numbered = column.numbered or (store == "sqlite" and row_number(column, self.key))
            fixed = keyed or numbered
            columns.append(
                replace(column, nullable=column.nullable and not fixed, numbered=numbered)
            )
        return FoundTable(
            self.name,
            tuple(columns),
            self.key,
            tuple(dict.fromkeys(self.uniques)),
            tuple(self.checks),
            tuple(self.references),
            tuple(self.indexes),
            self.comment,
            key_name=self.key_name,
            unique_names=self.unique_names,
            unique_words=self.unique_words,
            options=self.options,
            fragile=tuple(self.fragile),
            beside=tuple(self.beside),
        )
