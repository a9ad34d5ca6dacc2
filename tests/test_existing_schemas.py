"""Public schemas of real applications, their facts re-written: import, copy, prove, drift.

What they have and where it is particular was looked up in the repositories of Pagila and Sakila
(film rental), Chinook (music shop), WordPress and Mastodon.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from storage_conductor.importing.compare import differences
from storage_conductor.importing.draft import drafted
from storage_conductor.schema.parse import parse_model

from . import schema_servers as servers
from .command_runner import call
from .importing_support import Database, database

Capture = pytest.CaptureFixture[str]
RENTAL = """
CREATE TYPE mpaa AS ENUM ('G', 'PG', 'R');
CREATE TABLE language (language_id serial PRIMARY KEY, name char(20) NOT NULL,
  last_update timestamptz DEFAULT now() NOT NULL);
CREATE TABLE film (film_id serial PRIMARY KEY, title text NOT NULL, description text,
  release_year int CHECK (release_year >= 1901 AND release_year <= 2155),
  language_id int NOT NULL REFERENCES language ON UPDATE CASCADE ON DELETE RESTRICT,
  original_language_id int REFERENCES language ON UPDATE CASCADE ON DELETE RESTRICT,
  rental_duration smallint DEFAULT 3 NOT NULL, rental_rate numeric(4,2) DEFAULT 4.99 NOT NULL,
  rating mpaa DEFAULT 'G'::mpaa, special_features text[], fulltext tsvector NOT NULL,
  hours numeric(4,2) GENERATED ALWAYS AS (rental_duration / 60.0) STORED);
CREATE INDEX film_fulltext_idx ON film USING gist (fulltext);
CREATE INDEX idx_title ON film (title);
CREATE TABLE actor (actor_id serial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL);
CREATE INDEX idx_actor_last_name ON actor (last_name);
CREATE TABLE film_actor (actor_id int NOT NULL REFERENCES actor,
  film_id int NOT NULL REFERENCES film, PRIMARY KEY (actor_id, film_id));
CREATE TABLE inventory (inventory_id serial PRIMARY KEY, film_id int NOT NULL REFERENCES film,
  store_id int NOT NULL);
CREATE TABLE rental (rental_id serial PRIMARY KEY, rental_date timestamptz NOT NULL,
  inventory_id int NOT NULL REFERENCES inventory ON DELETE RESTRICT, customer_id int NOT NULL,
  return_date timestamptz);
CREATE UNIQUE INDEX once ON rental (rental_date, inventory_id, customer_id);
CREATE VIEW film_list AS SELECT film_id, title FROM film;
"""
SOCIAL = """
CREATE TABLE accounts (id bigserial PRIMARY KEY, username varchar DEFAULT '' NOT NULL,
  domain varchar, locked boolean DEFAULT false NOT NULL, fields jsonb, aliases varchar[],
  created_at timestamp NOT NULL);
CREATE UNIQUE INDEX by_handle ON accounts (lower(username), COALESCE(lower(domain), ''));
CREATE TABLE statuses (id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts
  ON DELETE CASCADE, in_reply_to_id bigint REFERENCES statuses ON DELETE SET NULL,
  reblog_of_id bigint REFERENCES statuses ON DELETE CASCADE, text text DEFAULT '' NOT NULL,
  visibility int DEFAULT 0 NOT NULL, deleted_at timestamp, created_at timestamp NOT NULL);
CREATE INDEX by_account ON statuses (account_id, id DESC, visibility) WHERE deleted_at IS NULL;
CREATE INDEX reblogs ON statuses (reblog_of_id) WHERE reblog_of_id IS NOT NULL;
CREATE TABLE follows (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts
  ON DELETE CASCADE, target_account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  uri varchar);
CREATE UNIQUE INDEX follow_once ON follows (account_id, target_account_id);
COMMENT ON COLUMN statuses.visibility IS 'public, unlisted, private or direct';
"""
BLOG = """
CREATE TABLE wp_users (ID bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  user_login varchar(60) NOT NULL DEFAULT '', user_email varchar(100) NOT NULL DEFAULT '',
  user_status int(11) NOT NULL DEFAULT 0, PRIMARY KEY (ID), KEY user_login_key (user_login));
CREATE TABLE wp_posts (ID bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  post_author bigint(20) unsigned NOT NULL DEFAULT 0, post_date datetime NOT NULL DEFAULT now(),
  post_content longtext NOT NULL, post_title text NOT NULL,
  post_status varchar(20) NOT NULL DEFAULT 'publish', post_name varchar(200) NOT NULL DEFAULT '',
  post_parent bigint(20) unsigned NOT NULL DEFAULT 0, menu_order int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (ID), KEY post_name (post_name(191)), KEY type_status (post_status, post_date, ID),
  KEY post_parent (post_parent)) COLLATE utf8mb4_unicode_520_ci;
CREATE TABLE wp_postmeta (meta_id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  post_id bigint(20) unsigned NOT NULL DEFAULT 0, meta_key varchar(255) DEFAULT NULL,
  meta_value longtext, PRIMARY KEY (meta_id), KEY post_id (post_id), KEY meta_key (meta_key(191)));
CREATE TABLE wp_term_relationships (object_id bigint(20) unsigned NOT NULL DEFAULT 0,
  term_taxonomy_id bigint(20) unsigned NOT NULL DEFAULT 0, term_order int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (object_id, term_taxonomy_id), KEY term_taxonomy_id (term_taxonomy_id));
"""
STORES = """
SET foreign_key_checks = 0;
CREATE TABLE address (address_id int unsigned NOT NULL AUTO_INCREMENT, address varchar(50) NOT NULL,
  phone varchar(20) NOT NULL, last_update timestamp NOT NULL DEFAULT current_timestamp()
  ON UPDATE current_timestamp(), PRIMARY KEY (address_id));
CREATE TABLE staff (staff_id int unsigned NOT NULL AUTO_INCREMENT, last_name varchar(45) NOT NULL,
  address_id int unsigned NOT NULL, picture mediumblob, store_id int unsigned NOT NULL,
  active boolean NOT NULL DEFAULT TRUE, username varchar(16) NOT NULL, PRIMARY KEY (staff_id),
  CONSTRAINT staff_store FOREIGN KEY (store_id) REFERENCES store (store_id) ON UPDATE CASCADE,
  CONSTRAINT staff_address FOREIGN KEY (address_id) REFERENCES address (address_id));
CREATE TABLE store (store_id int unsigned NOT NULL AUTO_INCREMENT,
  manager_staff_id int unsigned NOT NULL, address_id int unsigned NOT NULL,
  PRIMARY KEY (store_id), UNIQUE KEY idx_unique_manager (manager_staff_id),
  CONSTRAINT store_staff FOREIGN KEY (manager_staff_id) REFERENCES staff (staff_id),
  CONSTRAINT store_address FOREIGN KEY (address_id) REFERENCES address (address_id));
CREATE TABLE film (film_id int unsigned NOT NULL AUTO_INCREMENT, title varchar(255) NOT NULL,
  release_year year, rental_rate decimal(4,2) NOT NULL DEFAULT 4.99,
  rating enum('G','PG','PG-13','R','NC-17') DEFAULT 'G', features set('Trailers','Scenes'),
  PRIMARY KEY (film_id), KEY idx_title (title));
SET foreign_key_checks = 1;
"""
MUSIC = """
CREATE TABLE [Artist] ([ArtistId] INTEGER NOT NULL, [Name] NVARCHAR(120),
  CONSTRAINT [PK_Artist] PRIMARY KEY ([ArtistId]));
CREATE TABLE [Album] ([AlbumId] INTEGER NOT NULL, [Title] NVARCHAR(160) NOT NULL,
  [ArtistId] INTEGER NOT NULL, CONSTRAINT [PK_Album] PRIMARY KEY ([AlbumId]),
  FOREIGN KEY ([ArtistId]) REFERENCES [Artist] ([ArtistId]) ON DELETE NO ACTION);
CREATE TABLE [Employee] ([EmployeeId] INTEGER PRIMARY KEY AUTOINCREMENT,
  [LastName] NVARCHAR(20) NOT NULL, [ReportsTo] INTEGER REFERENCES [Employee] ([EmployeeId]),
  [BirthDate] DATETIME);
CREATE TABLE [Track] ([TrackId] INTEGER NOT NULL, [Name] NVARCHAR(200) NOT NULL,
  [AlbumId] INTEGER REFERENCES [Album] ([AlbumId]), [Milliseconds] INTEGER NOT NULL,
  [UnitPrice] NUMERIC(10,2) NOT NULL, CONSTRAINT [PK_Track] PRIMARY KEY ([TrackId]));
CREATE TABLE [Playlist] ([PlaylistId] INTEGER NOT NULL PRIMARY KEY, [Name] NVARCHAR(120));
CREATE TABLE [PlaylistTrack] ([PlaylistId] INTEGER NOT NULL, [TrackId] INTEGER NOT NULL,
  CONSTRAINT [PK_PlaylistTrack] PRIMARY KEY ([PlaylistId], [TrackId]),
  FOREIGN KEY ([PlaylistId]) REFERENCES [Playlist] ([PlaylistId]),
  FOREIGN KEY ([TrackId]) REFERENCES [Track] ([TrackId]));
CREATE INDEX [IFK_AlbumArtistId] ON [Album] ([ArtistId]);
"""
SCHEMAS = {
    "rental": ("postgresql", RENTAL, "fulltext tsvector film_list"),
    "social": ("postgresql", SOCIAL, "by_handle"),
    **{f"blog on {store}": (store, BLOG, "post_name") for store in servers.INNODB_HERE},
    **{f"stores on {store}": (store, STORES, "features") for store in servers.INNODB_HERE},
    "music": ("sqlite", MUSIC, "Track"),
}


@pytest.fixture(scope="module")
def databases() -> Iterator[Callable[[str], Database]]:
    with contextlib.ExitStack() as held:
        opened: dict[str, Database] = {}

        def of(store: str) -> Database:
            if store not in opened:
                opened[store] = held.enter_context(database(store))
            return opened[store]

        yield of


@pytest.mark.parametrize("name", SCHEMAS)
def test_import_copy_prove_drift(
    name: str,
    databases: Callable[[str], Database],
    start: Callable[..., Path],
    project: Path,
    capsys: Capture,
) -> None:
    store, text, particular = SCHEMAS[name]
    live = databases(store)
    live.empty()
    live.run(text)

    done = call(capsys, "import", live.url)
    assert done.code == 0, done.err
    assert all(part in done.err for part in particular.split())
    values = yaml.safe_load(done.out)
    assert values["backend"] == live.backend.name

    track = start(**values)
    model = parse_model(values["entities"], [])
    assert model is not None

    # Where the store has what the list does not name, the draft is the same.
    for found in differences(drafted(model, live.backend), live.found()):
        assert found.subject in done.err, found

    live.empty()
    url = [] if store == "sqlite" else ["--url", live.url]
    done = call(capsys, "prove", track.name, str(project), "--rows", "60", *url)
    assert done.code == 0, done.out + done.err
    arguments = ("drift", track.name, str(project), "--url", live.url, "--schema-only")
    live.load(model)
    done = call(capsys, *arguments)
    assert done.err == ""
    assert all("the import kept" in line for line in done.out.splitlines()[:-1]), done.out
    live.empty()
    live.run(text)
    done = call(capsys, *arguments)
    assert (done.err, "the import kept" in done.out) == ("", False), done.out
