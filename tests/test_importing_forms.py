"""What is none of the forms that are read: the remedy names them, and the one that fits."""

from __future__ import annotations

import contextlib
import re
import shlex
import sqlite3
from pathlib import Path

import pytest

from .command_runner import Done, call, run

Capture = pytest.CaptureFixture[str]
FORMS = (
    "address of a SQL database",
    "DDL, DBML or JSON",
    "tbls out",
    "describe-table",
    "getCollectionInfos",
    "MODULE:ATTRIBUTE",
)
TABLE = '__tablename__ = "item"\n    id: Mapped[int] = mapped_column(primary_key=True)\n'
MODELS = {
    "a class": (
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n"
        f"class Root(DeclarativeBase):\n    pass\nclass Item(Root):\n    {TABLE}",
        "shop.models:Root",
    ),
    "a call": (
        "import sqlalchemy as sa\nnames = sa.MetaData()\n"
        'sa.Table("item", names, sa.Column("id", sa.Integer, primary_key=True))\n',
        "shop.models:names",
    ),
    "elsewhere": (
        "from .base import Tables\nfrom sqlalchemy.orm import Mapped, mapped_column\n"
        f"class Item(Tables):\n    {TABLE}",
        "shop.models:Tables",
    ),
}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a package to write files into, in the working directory."""
    folder = tmp_path / "shop"
    folder.mkdir()
    base = "from sqlalchemy.orm import DeclarativeBase\nclass Tables(DeclarativeBase):\n    pass\n"
    (folder / "base.py").write_text(base, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def refused(capsys: Capture, source: str) -> str:
    """Return what is said of a source that cannot be read, in which all forms are named."""
    done = call(capsys, "import", source)
    assert (done.code, done.out) == (2, "")
    said = " ".join(done.err.split())
    assert [form for form in FORMS if form not in said] == []
    return said


@pytest.mark.parametrize("kind", MODELS)
def test_models_of_sqlalchemy_are_named_by_module_and_attribute(
    shop: Path, capsys: Capture, kind: str
) -> None:
    text, named = MODELS[kind]
    (shop / "models.py").write_text(text, encoding="utf-8")
    said = refused(capsys, "shop/models.py")
    assert said.startswith("shop/models.py: is Python")
    assert f"`{named}`, with --run-code" in said
    done: Done = run(shop.parent, "import", named, "--run-code")
    assert (done.code, "Item:" in done.out) == (0, True), done


def test_the_form_that_fits_is_named(shop: Path, capsys: Capture) -> None:
    with contextlib.closing(sqlite3.connect(shop / "app.db")) as store, store:
        store.execute("CREATE TABLE item (id INTEGER PRIMARY KEY)")
    said = refused(capsys, "shop/app.db")
    address = re.search(r"sqlite:///\S+\.db", said)
    assert address
    done = call(capsys, *shlex.split(f"import {address[0]}"))
    assert (done.code, "Item:" in done.out) == (0, True), done

    files = {
        "django.py": ("from django.db import models\n", "manage.py sqlmigrate"),
        "other.py": ("import peewee\n", "pg_dump --schema-only"),
        "broken.py": ("def (", "pg_dump --schema-only"),
        "models.go": ("package shop\n\ntype Item struct { ID int64 }\n", "pg_dump --schema-only"),
        "schema.prisma": ("model Item { id Int @id }\n", "pg_dump --schema-only"),
        "notes.txt": ("We keep items.\n", "--dialect"),
        "a.sql": ("SELECT 1;\n", "--dialect"),
        "empty.json": ("{}", ""),
    }
    for name, (text, fitting) in files.items():
        (shop / name).write_text(text, encoding="utf-8")
        assert fitting in refused(capsys, f"shop/{name}"), name
    assert "is a folder" in refused(capsys, "shop")
    assert "is neither a file" in refused(capsys, "gone.sql")
    said = refused(capsys, "mongodb://hugo:hunter2@host/db")
    assert "hunter2" not in said
    assert "Of MongoDB give the JSON" in said
