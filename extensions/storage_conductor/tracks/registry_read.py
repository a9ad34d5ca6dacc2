"""Reading the registry `tracks.md`, whatever people and merges made of it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import combinations, islice
from typing import NamedTuple

from ..errors import ConductorError
from ..markdown.tables import MarkdownTable, Scan, cells, clean, plain, scan, split_lines, unescape

STATUSES = ("Planning", "In Progress", "Completed", "Blocked", "Cancelled", "Reverted")
# Nobody works on these any more; a command that reverts a track removes its folder.
GIVEN_UP = ("Cancelled", "Reverted")

# Titles of rows with one id that are compared and named: with more, a file is broken in other ways.
_TITLES = 50
# So many names are looked for in each row faster than the row is read.
_FEW = 8

# Field of a row to the names that its column goes by in real files; the first is what we write.
COLUMNS = {
    "id": ("Storage ID", "Storage Component ID", "Component ID", "Track ID", "ID"),
    "title": ("Title", "Name", "Storage Title", "Storage Component", "Component", "Track"),
    "storage_type": ("Storage Type",),
    "backend": ("Backend", "Storage Backend"),
    "type": ("Type",),
    "status": ("Status", "State"),
    "created": ("Created Date", "Created", "Created On", "Created At", "Date Created"),
    "updated": ("Updated Date", "Updated", "Updated On", "Updated At", "Last Updated"),
}
_STATUSES = {status.casefold(): status for status in STATUSES}
# A tool that keeps a list of tracks marks them so; some write that into our column.
_BOX = re.compile(r"\[([ ~/xX])\]")
_BOXES = {" ": "Planning", "~": "In Progress", "/": "In Progress", "x": "Completed"}
_FIELDS = {name.casefold(): field for field, names in COLUMNS.items() for name in names}
_GENERATED_ID = re.compile(r"storage-[0-9a-z-]*[0-9]")
BYTE_ORDER_MARK = "\ufeff"
# What may stand before each conflict marker of git; "" is outside of a conflict.
_MARKER_FOLLOWS = {"<": ("",), "|": ("<",), "=": ("<", "|"), ">": ("=",)}
_MISREAD = "registry-row"  # rule of a row whose cells are not those of the header
_TWICE = "registry-duplicate-id"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_USE_SYNC = "Run `storage-conductor sync`, or keep one row by hand."
NEW_ID = (
    "Give one of the two tracks a new id: bring its files from its branch into a folder of that"
    " name, and change the id in all of them and in its row."
)


class RegistryEntry(NamedTuple):
    """A row as it stands in the file.

    Args:
        line: 1-based line number.
        values: Field of `RegistryRow`, or header text of a team's own column, to the text of the
            cell. The id is without link and emphasis. Columns that the file has not are missing.
    """

    line: int
    values: Mapping[str, str]


class RegistryProblem(NamedTuple):
    """Something wrong in the registry.

    Args:
        rule: A short name of what is wrong.
        line: 1-based line number.
        message: What is wrong.
        remedy: What to do about it.
    """

    rule: str
    line: int
    message: str
    remedy: str

    def error(self) -> ConductorError:
        """Return the problem as an exception."""
        return ConductorError(self.message, line=self.line, remedy=self.remedy)


class Registry(NamedTuple):
    """A registry as it was read; line indices are 0-based.

    Args:
        lines: The lines with their endings, without byte order mark.
        table: The track table, or None.
        columns: For each column the field of `RegistryRow`, or the header's text.
        ids: Storage id in lower case to the line of its first row.
        faults: What makes it impossible to edit the table, in order of lines.
        place: Where a table goes in a file that has none.
    """

    lines: list[str]
    table: MarkdownTable | None
    columns: list[str]
    ids: dict[str, int]
    faults: list[RegistryProblem]
    place: int

    def entries(self) -> list[RegistryEntry]:
        """Return all rows that are not blank, whatever else is wrong with the file."""
        rows = self.table.all_rows() if self.table else []
        return [entry for entry in map(self._entry, rows) if any(entry.values.values())]

    def first_entries(self, ids: Iterable[str]) -> list[RegistryEntry]:
        """Return the first row of each of some tracks that have one, by ids in lower case."""
        return [self._entry(self.ids[name]) for name in ids if name in self.ids]

    def row_id(self, index: int) -> str:
        """Return the storage id in the row of a line, in lower case; empty if it has none."""
        return self._entry(index).values.get("id", "").casefold()

    def _entry(self, index: int) -> RegistryEntry:
        return RegistryEntry(index + 1, self._values(self.lines[index]))

    def _values(self, line: str) -> dict[str, str]:
        texts = cells(line, len(self.columns))
        read = unescape if "\\" in line or "&" in line else str.strip
        values = dict(zip(self.columns, map(read, texts), strict=False))
        if "id" in values:
            values["id"] = _id(texts[self.columns.index("id")])
        return values

    def misread(self) -> set[int]:
        """Return the 1-based lines of rows whose cells cannot be told apart."""
        return {fault.line for fault in self.faults if fault.rule == _MISREAD}

    def shared(self) -> dict[str, str]:
        """Return the ids that two tracks share, in lower case, with what is said of each."""
        twice = {self.row_id(f.line - 1) for f in self.faults if f.rule == _TWICE}
        return _strangers(self, twice)

    def problems_of(self, ids: Set[str]) -> list[RegistryProblem]:
        """Return what is wrong with the rows of some tracks, by ids in lower case."""
        of_rows = (problem for problem in _told_apart(self) if problem.rule in (_MISREAD, _TWICE))
        return [problem for problem in of_rows if self.row_id(problem.line - 1) in ids]

    def titles(self, rows: Iterable[str]) -> list[str]:
        """Return the different titles in some lines of the table."""
        return list(dict.fromkeys(self._values(row).get("title", "") for row in rows))

    def are_given_up(self, rows: Iterable[str]) -> bool:
        """Tell whether all rows say that nobody works on the track any more."""
        return all(known_status(self._values(row).get("status", "")) in GIVEN_UP for row in rows)

    def are_strangers(self, rows: Iterable[str]) -> bool:
        """Tell whether rows with one id are those of two tracks, made on two branches.

        A row that one branch edited differs in its title or in its kind of storage; only rows of
        two tracks differ in both, or in all words of the title.
        """
        return _are_strangers(map(self._values, rows))

    def is_of_another(self, rows: Iterable[str], track: Mapping[str, str]) -> bool:
        """Tell whether all rows of an id are of another track than the one of that id.

        Args:
            rows: Lines of the table.
            track: The fields of `RegistryRow`, as its metadata says.
        """
        found = list(map(self._values, rows))
        days = {plain(values.get("created", "")) for values in found}
        later = all(map(_DAY.fullmatch, days)) and track["created"] not in days
        return later and all(_are_strangers([values, track]) for values in found)

    def problems(self) -> list[RegistryProblem]:
        """Return everything that is wrong with the file, in order of lines."""
        found = [*_told_apart(self), *self._warnings()]
        return sorted(found, key=lambda problem: problem.line)

    def _warnings(self) -> Iterator[RegistryProblem]:
        if self.table is None:
            if not self.faults:
                yield RegistryProblem(
                    "registry-no-table", 1, "has no track table", "Run `storage-conductor sync`."
                )
            return
        for index in self.table.cut_off:
            yield RegistryProblem(
                "registry-cut-off-row",
                index + 1,
                "row does not belong to the table: a blank line or comment stands between",
                "Move the row up to the table, or run `storage-conductor sync`.",
            )
        misread = self.misread()
        for entry in self.entries():
            storage_id = entry.values.get("id")
            if entry.line in misread:
                continue
            if not storage_id:
                yield RegistryProblem(
                    "registry-no-id",
                    entry.line,
                    "row has no storage id",
                    "Put the id of the track into the row, or delete the row.",
                )
            elif (status := entry.values.get("status")) and not known_status(status):
                yield RegistryProblem(
                    "registry-status",
                    entry.line,
                    f"{storage_id[:64]} has the unknown status {clean(status)[:40]!r}",
                    f"Use one of {', '.join(STATUSES)}.",
                )


def _id(cell: str) -> str:
    """Read a storage id; a row of dashes, as in a delimiter row, is none."""
    return plain(cell).strip("-:")


@functools.lru_cache(maxsize=64)  # few words, in very many rows
def known_status(text: str) -> str | None:
    """Return the status that a text names in whatever spelling, or by a box; None for others."""
    if match := _BOX.fullmatch(text.strip(" *`")):
        return _BOXES[match[1].lower()]
    return _STATUSES.get(spelling(text))


def ids(text: str) -> set[str]:
    """Return all storage ids that a registry names, in lower case, however broken it is."""
    return {*parse(text).ids, *_GENERATED_ID.findall(text)}


# One run reads the same text for the ids, for the checks before it and for the row.
@functools.lru_cache(maxsize=1)
def parse(text: str) -> Registry:
    """Read a registry; what is wrong with it is collected, never raised."""
    return _parse(text, frozenset())


def parse_for(text: str, names: Set[str]) -> Registry:
    """Read of a registry the rows of some tracks; all of it where one of them has none as written.

    Args:
        text: The registry.
        names: Storage ids in lower case.
    """
    if len(names) > _FEW:
        return parse(text)
    found = _parse(text, names)
    return found if names <= found.ids.keys() else parse(text)


def _parse(text: str, names: Set[str]) -> Registry:
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        fault = RegistryProblem(
            "registry-binary", line, "holds a NUL byte", "Restore the file as text."
        )
        return Registry([], None, [], {}, [fault], 0)
    lines = split_lines(text.removeprefix(BYTE_ORDER_MARK))
    found = scan(lines)
    place = len(lines) if found.section is None else found.section
    ranked = [(_rank(columns := _columns(lines[t.header])), t, columns) for t in found.tables]
    best = max((rank for rank, _, _ in ranked), default=0)
    if not best:
        return Registry(lines, None, [], {}, _why_no_table(lines, found, place), place)
    (table, columns), *others = [
        (table, columns) for rank, table, columns in ranked if rank == best
    ]
    known, faults = _rows_by_id(lines, table, columns, names)
    faults += [_second_table(table, other) for other, _ in others]
    return Registry(lines, table, columns, known, sorted(faults, key=lambda f: f.line), place)


def _columns(header: str) -> list[str]:
    """Name the columns of a header row; a name is never given twice."""
    names: list[str] = []
    for number, cell in enumerate(cells(header), 1):
        text = plain(cell)
        name = _FIELDS.get(spelling(text), text)
        taken = name in names or (name in COLUMNS and spelling(text) not in _FIELDS)
        names.append(f"{text} ({number})" if taken else name)
    return names


def spelling(text: str) -> str:
    """Reduce a text to its letters and digits in lower case, words apart by one space."""
    return " ".join(re.sub(r"[\W_]+", " ", text).split()).casefold()


def _rank(columns: list[str]) -> int:
    """Tell how much a table looks like the track table; 0 means not at all."""
    known = len(COLUMNS.keys() & set(columns))
    return known if "id" in columns and known > 2 else 0


def _why_no_table(lines: list[str], found: Scan, place: int) -> list[RegistryProblem]:
    """Find what stops us from adding a table: one that is nearly right, or an open block."""
    faults = []
    for index, line in enumerate(lines):
        if "|" not in line or index in found.hidden or line.startswith(("    ", "\t")):
            continue
        columns = _columns(line)
        if _rank(columns):
            faults.append(
                RegistryProblem(
                    "registry-no-delimiter",
                    index + 1,
                    f"header of the track table without a delimiter row of {len(columns)} columns",
                    f"Put `|{' --- |' * len(columns)}` into the line below.",
                )
            )
    faults += [
        RegistryProblem(
            "registry-no-id-column",
            table.header + 1,
            "track table without a column for the storage id",
            "Add a column `Storage ID`.",
        )
        for table in found.tables
        if {"title", "backend", "status"} <= set(_columns(lines[table.header]))
    ]
    if found.unclosed is not None and found.unclosed < place:
        faults.append(
            RegistryProblem(
                "registry-unclosed-block",
                found.unclosed + 1,
                "code fence or HTML block is never closed, and no track table stands before it",
                "Close it.",
            )
        )
    return faults


def _rows_by_id(
    lines: list[str], table: MarkdownTable, columns: list[str], names: Set[str]
) -> tuple[dict[str, int], list[RegistryProblem]]:
    """Return the first row of each id and what is wrong; if there are names, of rows with one."""
    known: dict[str, int] = {}
    faults = []
    twice = []
    width, id_column = len(columns), columns.index("id")
    for index in table.all_rows():
        if names and not any(map(lines[index].casefold().__contains__, names)):
            continue
        texts = cells(lines[index], width)
        if len(texts) > width and any(map(str.strip, texts[width:])):
            faults.append(
                RegistryProblem(
                    _MISREAD,
                    index + 1,
                    f"row of {len(texts)} cells under a header of {width}",
                    r"Write a pipe that belongs to a text as `\|`; delete a cell without a header.",
                )
            )
        name = _id(texts[id_column]) if len(texts) > id_column else ""
        if name and (first := known.setdefault(name.casefold(), index)) != index:
            twice.append(_duplicate(name, first, index))
    return known, faults + ([_conflict(lines, table)] if table.markers else twice)


def _conflict(lines: list[str], table: MarkdownTable) -> RegistryProblem:
    """Tell of the conflict markers in a table; `sync` can resolve what is whole in it."""
    opened, before = 0, ""
    for index in table.markers:
        marker = lines[index][0]
        if before not in _MARKER_FOLLOWS[marker]:
            return _half_conflict(index)
        opened, before = index, "" if marker == ">" else marker
    if before:
        return _half_conflict(opened)
    return RegistryProblem(
        "registry-conflict",
        table.markers[0] + 1,
        "conflict marker of a merge in the track table",
        "Run `storage-conductor sync`, or resolve the conflict by hand.",
    )


def _half_conflict(index: int) -> RegistryProblem:
    return RegistryProblem(
        "registry-half-conflict",
        index + 1,
        "half of a merge's conflict: its other markers are missing, or outside of the track table",
        "Decide between the two sides and delete all markers.",
    )


def _duplicate(name: str, first: int, second: int) -> RegistryProblem:
    message = f"{name[:64]} has a row here and in line {first + 1}"
    return RegistryProblem(_TWICE, second + 1, message, _USE_SYNC)


def _told_apart(registry: Registry) -> Iterator[RegistryProblem]:
    """Yield the faults, those of two tracks with one id with their titles and remedy."""
    strangers = registry.shared()
    for fault in registry.faults:
        message = ""
        if fault.rule == _TWICE:
            message = strangers.get(registry.row_id(fault.line - 1), "")
        yield fault._replace(message=message, remedy=NEW_ID) if message else fault


def _strangers(registry: Registry, several: Set[str]) -> dict[str, str]:
    """Return what is said of the ids, of those that have several rows, that two tracks share."""
    rows: dict[str, list[str]] = {}
    for at in registry.table.all_rows() if registry.table and several else ():
        if (storage_id := registry.row_id(at)) in several:
            rows.setdefault(storage_id, []).append(registry.lines[at])
    said = {}
    for storage_id, lines in rows.items():
        if registry.are_strangers(lines):
            found = registry.titles(lines)[:_TITLES]
            titles = " and ".join(repr(clean(title)[:80]) for title in found)
            said[storage_id] = f"{storage_id[:64]} is the id of two tracks, {titles}"
    return said


def _are_strangers(rows: Iterable[Mapping[str, str]]) -> bool:
    kinds: dict[str, set[str]] = {}
    for values in rows:
        kind = f"{values.get('storage_type', '')} {values.get('backend', '')}"
        kinds.setdefault(spelling(values.get("title", "")), set()).add(spelling(kind))
    words = [set(title.split()) for title in islice(filter(None, kinds), _TITLES)]
    apart = any(one.isdisjoint(other) for one, other in combinations(words, 2))
    return len(words) > 1 and (apart or len(set().union(*kinds.values())) > 1)


def _second_table(first: MarkdownTable, second: MarkdownTable) -> RegistryProblem:
    return RegistryProblem(
        "registry-two-tables",
        second.header + 1,
        f"second track table beside that of line {first.header + 1}",
        "Move the rows into one table, or rename the id column of the other.",
    )
