"""Files as `mariadb-dump`, `mysqldump` and `pg_dump` write them: all of the schema, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage_conductor.errors import ConductorError
from storage_conductor.importing.compare import told_alike

from .test_importing_sources import imported, written

MARIADB = r"""/*M!999999\- enable the sandbox mode */
-- Host: localhost    Database: it's a shop
/*!40101 SET NAMES utf8mb4 */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
DROP TABLE IF EXISTS `audit`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
CREATE TABLE `audit` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `at` date NOT NULL,
  `what` text DEFAULT NULL,
  PRIMARY KEY (`id`,`at`)
) ENGINE=InnoDB AUTO_INCREMENT=12 DEFAULT CHARSET=latin1
 COLLATE=latin1_swedish_ci COMMENT='who; did ''it'''
 PARTITION BY RANGE (year(`at`))
(PARTITION `p2025` VALUES LESS THAN (2026) ENGINE = InnoDB,
 PARTITION `pmax` VALUES LESS THAN MAXVALUE ENGINE = InnoDB);
LOCK TABLES `audit` WRITE;
/*!40000 ALTER TABLE `audit` DISABLE KEYS */;
INSERT INTO `audit` VALUES
(1,'2026-01-01','a; /*!50001 CREATE VIEW `no` */ \'b');
/*!40000 ALTER TABLE `audit` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `stamp` BEFORE INSERT
 ON `audit` FOR EACH ROW BEGIN
  SET NEW.at = CURDATE();
END */;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50001 DROP VIEW IF EXISTS `seen`*/;
/*!50001 CREATE VIEW `seen` AS SELECT
 NULL AS `id` */;
CREATE TABLE `kept` (
  `token` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `short` char(2) CHARACTER SET ascii DEFAULT NULL,
  `body` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`body`)),
  `changed` datetime NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  `hidden` int(11) /*!80023 INVISIBLE */ DEFAULT NULL,
  PRIMARY KEY (`token`), FULLTEXT KEY `words` (`short`)
) /*!50100 TABLESPACE `ts` */ ENGINE=MyISAM DEFAULT CHARSET=utf8mb3 ROW_FORMAT=COMPRESSED;
/*!50001 DROP VIEW IF EXISTS `seen`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `seen` AS select `audit`.`id` AS `id` from `audit` */;
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` PROCEDURE `tidy`()
BEGIN
  DELETE FROM audit;
END ;;
DELIMITER ;
"""


def test_a_dump_of_mariadb_says_all_of_its_tables_and_no_preamble(tmp_path: Path) -> None:
    result = imported(written(tmp_path, "dump.sql", MARIADB), dialect="mariadb")
    assert result.values["entities"]["Audit"]["_note"] == "who; did 'it'"
    assert result.values["entities"]["Kept"]["body"] == "json"
    of_no_table = [line for line in result.unsaid if ": " not in line]
    assert of_no_table == ["trigger stamp on audit", "view seen", "procedure tidy"]
    draft = "becomes ENGINE=InnoDB COLLATE=utf8mb4_nopad_bin"
    parts = (
        "PARTITION BY RANGE (year(`at`)) (PARTITION `p2025` VALUES LESS THAN (2026)"
        " ENGINE = InnoDB, PARTITION `pmax` VALUES LESS THAN MAXVALUE ENGINE = InnoDB)"
    )
    became = "changed by the draft"
    kept = "ENGINE=MyISAM CHARSET=utf8mb3 TABLESPACE=`ts` ROW_FORMAT=COMPRESSED"
    for line in (
        f"Audit: {became}: options: ENGINE=InnoDB COLLATE=latin1_swedish_ci {parts} {draft}",
        f"Audit: {became}: collation of what: latin1_swedish_ci becomes utf8mb4_nopad_bin",
        f"Kept: {became}: options: {kept} {draft}",
        f"Kept: {became}: collation of token: ascii_bin becomes utf8mb4_nopad_bin",
        "Kept: not said: attribute of short: CHARACTER SET ascii",
        "Kept: not said: attribute of changed: ON UPDATE CURRENT_TIMESTAMP()",
        "Kept: not said: attribute of hidden: INVISIBLE",
        "Kept: not said: index of words: on short (prefix FULLTEXT)",
    ):
        assert line in result.unsaid, "\n".join(result.unsaid)
    audit = result.values["existing"]["mariadb"]["tables"]["audit"]
    assert audit["options"] == f"ENGINE=InnoDB COLLATE=latin1_swedish_ci {parts}"


POSTGRESQL = r"""SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
COMMENT ON EXTENSION citext IS 'data type for case-insensitive character strings';
CREATE TYPE public.mood AS ENUM (
    'sad',
    'fine'
);
ALTER TYPE public.mood OWNER TO shop;
CREATE FUNCTION public.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN NEW.at := now(); RETURN NEW; END $$;
CREATE TABLE public.audit (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL
)
PARTITION BY RANGE (at);
ALTER TABLE public.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_id_seq
    START WITH 1
);
CREATE TABLE public.audit_2026 (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE UNLOGGED TABLE public.account (
    id integer NOT NULL,
    email public.citext NOT NULL,
    mood public.mood
)
WITH (fillfactor='70');
CREATE SEQUENCE public.account_id_seq
    AS integer
    START WITH 1;
ALTER SEQUENCE public.account_id_seq OWNED BY public.account.id;
CREATE SEQUENCE public.invoice_number;
CREATE VIEW public.seen AS
 SELECT id FROM public.account;
CREATE MATERIALIZED VIEW public.counted AS
 SELECT count(*) AS count FROM public.account
  WITH NO DATA;
ALTER TABLE ONLY public.audit ATTACH PARTITION public.audit_2026
    FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
ALTER TABLE ONLY public.account ALTER COLUMN id SET DEFAULT
    nextval('public.account_id_seq'::regclass);
COPY public.account (id, email, mood) FROM stdin;
1	a;b	fine
\.
SELECT pg_catalog.setval('public.account_id_seq', 1, false);
ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);
ALTER INDEX public.audit_pkey ATTACH PARTITION public.audit_2026_pkey;
CREATE STATISTICS public.together ON email, mood FROM public.account;
CREATE TRIGGER stamp BEFORE UPDATE ON public.account FOR EACH ROW EXECUTE FUNCTION public.touch();
ALTER TABLE public.account ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.account USING (true);
GRANT SELECT ON TABLE public.account TO app;
REFRESH MATERIALIZED VIEW public.counted;
"""


def test_a_dump_of_postgresql_says_all_of_its_tables_and_no_preamble(tmp_path: Path) -> None:
    result = imported(written(tmp_path, "dump.sql", POSTGRESQL))
    assert set(result.values["entities"]) == {"Audit", "Account"}
    of_no_table = {line for line in result.unsaid if ": " not in line}
    assert of_no_table == {
        *("type mood", "extension citext", "function touch", "sequence invoice_number"),
        *("view seen", "materialized view counted", "partition audit_2026", "statistics together"),
        *("trigger stamp on account", "row policy own on account", "1 statement GRANT"),
        "statement ALTER TABLE public.account ENABLE ROW LEVEL SECURITY",
    }
    for line in (
        "Audit: changed by the draft: numbering of id:"
        " always counted by the store becomes counted by the store",
        "Audit: not in the draft: options: PARTITION BY RANGE (at)",
        "Account: not said: attribute: UNLOGGED",
        "Account: not in the draft: options: WITH (fillfactor = 70)",
        "Account: changed by the draft: type of email: citext becomes TEXT",
    ):
        assert line in result.unsaid, "\n".join(result.unsaid)
    audit = result.values["existing"]["postgresql"]["tables"]["audit"]
    assert audit["columns"]["id"]["counted"] == "GENERATED ALWAYS AS IDENTITY"


SQLITE = """PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT NOT NULL, weight REAL) STRICT;
INSERT INTO pet VALUES(1,'a;b',2.5);
CREATE TRIGGER kept AFTER INSERT ON pet BEGIN UPDATE pet SET weight = 1; SELECT 1; END;
CREATE INDEX caseless ON pet (name COLLATE NOCASE);
COMMIT;
"""


def test_a_dump_of_sqlite_says_all_of_its_tables_and_no_preamble(tmp_path: Path) -> None:
    result = imported(written(tmp_path, "dump.sql", SQLITE), dialect="sqlite")
    index = "Pet: not said: index of caseless: on name (collate NOCASE of name)"
    assert result.unsaid == ("trigger kept on pet", index)


def test_a_unique_rule_of_how_values_begin_is_none_of_whole_values(tmp_path: Path) -> None:
    text = "CREATE TABLE a (id int PRIMARY KEY, b text, UNIQUE KEY u (b(20)));"
    result = imported(written(tmp_path, "a.sql", text), dialect="mysql")
    assert result.values["entities"]["A"]["b"] == "text"
    assert "A: not said: index of u: unique on b (length 20 of b)" in result.unsaid


def test_a_table_that_a_file_takes_away_again_is_told(tmp_path: Path) -> None:
    text = "DROP TABLE IF EXISTS a; CREATE TABLE a (id int PRIMARY KEY); DROP TABLE a;"
    assert "statement DROP TABLE a" in imported(written(tmp_path, "a.sql", text)).unsaid


@pytest.mark.parametrize(
    ("store", "kind", "one", "other", "alike"),
    [
        ("mariadb", "type", "INT(10) UNSIGNED", "INTEGER(10) UNSIGNED", True),
        ("mariadb", "type", "INT(10) UNSIGNED", "BIGINT(20) UNSIGNED", False),
        ("mariadb", "computed", "LOWER(`sku`)", "(lcase(`sku`))", True),
        ("mariadb", "collation", "the usual one", "latin1_swedish_ci", True),
        ("mariadb", "collation", "ascii_bin", "latin1_swedish_ci", False),
        ("postgresql", "default", "CAST('{}' AS TEXT[])", "'{}'::text[]", True),
        ("postgresql", "default", "'{}'::text[]", "'{a}'::text[]", False),
        ("postgresql", "index", "(LOWER(city))", "(lower(city))", True),
    ],
)
def test_what_stays_is_known_again_in_the_words_of_the_store(
    store: str, kind: str, one: str, other: str, *, alike: bool
) -> None:
    assert told_alike(store, kind, one, other) is alike


def test_a_chain_of_hundreds_is_read_and_what_is_nested_so_is_named(tmp_path: Path) -> None:
    chain = " OR ".join(f"x = {number}" for number in range(600))
    text = f"\ufeffCREATE TABLE t (id int PRIMARY KEY, x int CHECK ({chain}));"
    assert "x = 599" in imported(written(tmp_path, "chain.sql", text)).text
    nested = "NOT (" * 300 + "x > 1" + ")" * 300
    text = f"CREATE TABLE t (id int PRIMARY KEY, x int CHECK ({nested}));"
    with pytest.raises(ConductorError, match="table t cannot be read: it is nested"):
        imported(written(tmp_path, "nested.sql", text))


def test_a_table_that_is_made_twice_keeps_its_first_columns(tmp_path: Path) -> None:
    twice = "CREATE TABLE {} t (id int PRIMARY KEY, {});"
    text = "\n".join(twice.format("IF NOT EXISTS", each) for each in ("amount int", "note text"))
    found = imported(written(tmp_path, "twice.sql", text))
    assert [*found.values["entities"]["T"]] == ["id", "amount"]
    assert "a second table t" in found.text
    dropped = text.replace("\n", "\nDROP TABLE t;\n").replace("IF NOT EXISTS", "")
    found = imported(written(tmp_path, "dropped.sql", dropped))
    assert [*found.values["entities"]["T"]] == ["id", "note"]
