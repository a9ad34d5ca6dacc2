"""`storage-conductor facts`: what is known, in full and with sources, and errors that help."""

from __future__ import annotations

import json

import pytest

from storage_conductor.catalog import facts, loading

from .command_runner import call

Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize("heading", loading.headings(), ids=lambda item: item.key)
def test_everything_that_the_catalog_says_is_printed(
    heading: loading.BackendHeading, capsys: Capture
) -> None:
    for variant in loading.load(heading.key).hosting:
        held = loading.load(heading.key).at(variant.key)
        done = call(capsys, "facts", heading.key, "--hosting", variant.key, "--json")
        assert (done.code, done.err) == (0, "")
        topics = json.loads(done.out)["topics"]
        for topic, name in facts.TOPICS.items():
            stated = getattr(variant if name == "notes" else held, name)
            assert len(topics.get(topic, [])) == len(stated)
        for item in (item for items in topics.values() for item in items):
            assert item["title"]
            assert item["says"]
            assert item["source"]["url"].startswith("https://")
            assert item["source"]["checked"]


def test_a_fact_says_value_kind_and_where_it_was_read(capsys: Capture) -> None:
    done = call(capsys, "facts", "postgresql", "limits", "--hosting", "Amazon RDS")
    assert done.out.startswith("PostgreSQL, Amazon RDS\n")
    assert "\n  Columns in a table\n    value: 1,600\n    kind: hard\n" in done.out
    assert (
        "source: PostgreSQL documentation, appendix K: limits, as of 2026-05, checked" in done.out
    )
    assert "guarantees" not in done.out


def test_a_command_stays_on_its_line(capsys: Capture) -> None:
    done = call(capsys, "facts", "postgresql", "backup", "--hosting", "amazon-rds")
    (line,) = (line for line in done.out.splitlines() if "restore-db-instance-to-point" in line)
    assert line.endswith("--vpc-security-group-ids <sg>")


@pytest.mark.parametrize(
    ("arguments", "wrong", "meant"),
    [
        (["Postgres"], "backend: 'Postgres'", "'postgresql'"),
        (["amazon s3x"], "backend: 'amazon s3x'", "'amazon-s3'"),
        (["redis", "backups"], "topic: 'backups'", "'backup'"),
        (["redis", "--hosting", "elasticache"], "hosting of Redis: 'elasticache'", "'amazon-ela"),
    ],
)
def test_a_name_that_nothing_has_gets_the_nearest(
    arguments: list[str], wrong: str, meant: str, capsys: Capture
) -> None:
    done = call(capsys, "facts", *arguments)
    assert (done.code, done.out) == (2, "")
    assert f"unknown {wrong}" in done.err
    assert f"Did you mean {meant}" in done.err


def test_a_name_that_is_near_to_none_gets_the_list(capsys: Capture) -> None:
    done = call(capsys, "facts", "zzz")
    assert "Did you mean" not in done.err
    assert "There are amazon-s3, " in done.err


def test_a_topic_of_which_nothing_is_known_says_so(capsys: Capture) -> None:
    done = call(capsys, "facts", "memcached", "backup")
    assert done.code == 0
    assert done.out.endswith("Nothing is known on this.\n")
