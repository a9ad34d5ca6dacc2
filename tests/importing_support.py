"""Real databases for what reads and compares them, each empty when a test starts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage_conductor.catalog import loading
from storage_conductor.catalog.backend import Backend
from storage_conductor.importing import live
from storage_conductor.importing.compare import Difference, differences
from storage_conductor.importing.draft import drafted
from storage_conductor.importing.found import FoundSchema
from storage_conductor.schema.model import DataModel
from tests.schema_support import design

from . import schema_servers as servers

ENGINES = ("postgresql", *servers.INNODB_HERE, "sqlite")


@dataclass
class Database:
    """One database of a store.

    Args:
        store: Catalog key.
        url: Its address, where it has one for other connections.
        connection: A connection to it.
    """

    store: str
    url: str
    connection: sa.Connection

    @property
    def backend(self) -> Backend:
        return loading.load(self.store).at("self-managed")

    def empty(self) -> None:
        if self.store == "postgresql":
            self.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        elif self.store in servers.INNODB:
            self.run("DROP DATABASE IF EXISTS kinds; CREATE DATABASE kinds; USE kinds")
        else:
            self.run("PRAGMA foreign_keys = OFF")
            there = sa.inspect(self.connection)
            self.run("".join(f'DROP VIEW "{name}";' for name in there.get_view_names()))
            self.run("".join(f'DROP TABLE IF EXISTS "{name}";' for name in there.get_table_names()))

    def run(self, statements: str) -> None:
        raw: Any = self.connection.connection.driver_connection
        if self.store == "sqlite":
            raw.executescript(statements)
            return
        with contextlib.closing(raw.cursor()) as cursor:
            cursor.execute(statements)
            while cursor.nextset():
                pass

    def load(self, model: DataModel, changed: Callable[[str], str] = str) -> None:
        """Empty it and load the draft of a model, or what it was changed into."""
        self.empty()
        result = design(model, self.store)
        self.run(changed(next(i.text for i in result.artifacts if i.kind == "schema")))

    def found(self) -> FoundSchema:
        return live.read(self.connection)

    def drift(self, model: DataModel) -> list[Difference]:
        return differences(drafted(model, self.backend), self.found())


@contextlib.contextmanager
def database(store: str) -> Iterator[Database]:
    """Start a server, or open a file, and connect to an empty database of it."""
    with _address(store) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield Database(store, url, connection)
        engine.dispose()


@contextlib.contextmanager
def _address(store: str) -> Iterator[str]:
    if store == "sqlite":
        with servers.folder() as place:
            yield f"sqlite:///{(place / 'a.db').as_posix()}"
    elif store == "postgresql":
        with servers.postgresql() as raw:
            raw.execute("CREATE DATABASE scratch")
            info = raw.info
            yield (
                f"postgresql+psycopg://{info.user}@/scratch?host={info.host}&port={info.port}"
                "&options=-ctimezone%3DUTC"
            )
    else:
        with servers.empty_database(store, "kinds") as address:
            url = sa.make_url(address).update_query_dict({"client_flag": "65536"})
            yield url.render_as_string(hide_password=False)
