"""What is read from other files of a project where its own documents say nothing of the stack."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.context import ProjectContext, read_context

from .conftest import ROOT
from .context_support import NOTHING, facts

STARTER = ROOT / "extensions/storage_conductor/starters/tech-stack.md"
POM = """<project><properties><java.version>21</java.version></properties><dependencies>
<dependency><groupId>org.postgresql</groupId><artifactId>postgresql</artifactId></dependency>
<dependency><groupId>org.flywaydb</groupId><artifactId>flyway-core</artifactId></dependency>
</dependencies></project>"""


def write(project: Path, path: str, text: str | bytes) -> None:
    place = project / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "conductor/tech-stack.md",
            "# Stack\n- **Language**: Go 1.24\n- **Database**: MariaDB 11\n- **Cache**: Valkey",
            {"languages": ["Go 1.24"], "primary_database": "MariaDB 11"},
        ),
        (
            ".kiro/steering/tech.md",
            "---\ninclusion: always\n---\n## Testing\n- pytest",
            {"test_tools": ["pytest"]},
        ),
        ("openspec/project.md", "## Tech Stack\n- ORM: Prisma", {"orm": "Prisma"}),
        (
            ".specify/memory/constitution.md",
            "## Stack\n- **Migrations**: Alembic",
            {"migration_tool": "Alembic"},
        ),
        ("AGENTS.md", "## Stack\n- **Database**: SQLite", {"primary_database": "SQLite"}),
        ("CLAUDE.md", "## Stack\n- **Database**: SQLite", {"primary_database": "SQLite"}),
        (
            "pyproject.toml",
            '[project]\nrequires-python = ">=3.12"\ndependencies = ["SQLAlchemy>=2", "asyncpg"]\n'
            '[dependency-groups]\ndev = ["pytest", "alembic ; python_version > \'3\'"]\n',
            {
                "languages": ["Python 3.12+"],
                "primary_database": "PostgreSQL",
                "orm": "SQLAlchemy",
                "migration_tool": "Alembic",
                "test_tools": ["pytest"],
            },
        ),
        (
            "package.json",
            '{"dependencies": {"@prisma/client": "6", "pg": "8"},'
            ' "devDependencies": {"typescript": "5", "vitest": "3"}}',
            {
                "languages": ["TypeScript"],
                "primary_database": "PostgreSQL",
                "orm": "Prisma",
                "test_tools": ["Vitest"],
            },
        ),
        (
            "pom.xml",
            POM,
            {
                "languages": ["Java 21"],
                "primary_database": "PostgreSQL",
                "migration_tool": "Flyway",
            },
        ),
        (
            "build.gradle.kts",
            'plugins { kotlin("jvm") version "2.2" }\ndependencies {\n'
            '  implementation("org.jetbrains.exposed:exposed-core:0.60")\n'
            '  runtimeOnly("com.mysql:mysql-connector-j:9.0")\n}',
            {"languages": ["Kotlin"], "primary_database": "MySQL", "orm": "Exposed ORM"},
        ),
        (
            "go.mod",
            "module x\n\ngo 1.24.1\n\nrequire (\n\tgorm.io/gorm v1.30.0\n"
            "\tgithub.com/jackc/pgx/v5 v5.7.0\n)\n",
            {"languages": ["Go 1.24"], "primary_database": "PostgreSQL", "orm": "GORM"},
        ),
        (
            "Gemfile",
            "gem 'rails', '~> 8'\ngem \"mysql2\"\n# gem 'pg'\n",
            {"languages": ["Ruby"], "primary_database": "MySQL", "orm": "ActiveRecord"},
        ),
        (
            "composer.json",
            '{"require": {"php": "^8.3", "doctrine/orm": "3"},'
            ' "require-dev": {"pestphp/pest": "3"}}',
            {"languages": ["PHP 8.3+"], "orm": "Doctrine", "test_tools": ["Pest"]},
        ),
        (
            "Cargo.toml",
            '[dependencies]\nsea-orm = "1"\ntokio-postgres = { version = "0.7" }\n',
            {"languages": ["Rust"], "primary_database": "PostgreSQL", "orm": "SeaORM"},
        ),
        (
            "compose.yaml",
            "services:\n  db:\n    image: postgres:17-alpine\n  queue:\n    image: rabbitmq:4\n",
            {"primary_database": "PostgreSQL 17"},
        ),
        (
            "prisma/schema.prisma",
            'datasource db {\n  provider = "mysql"\n  url = env("URL")\n}\n'
            'generator client {\n  provider = "prisma-client-js"\n}\n',
            {"primary_database": "MySQL", "orm": "Prisma"},
        ),
        ("alembic.ini", "[alembic]\n", {"migration_tool": "Alembic"}),
        ("flyway.conf", "", {"migration_tool": "Flyway"}),
        (
            "compose.yaml",
            "services:\n  a:\n    image: postgres:17\n  b:\n    image: mongo:8\n",
            {"additional_databases": ["PostgreSQL 17", "MongoDB 8"]},
        ),
    ],
)
def test_each_neighbour_is_read(tmp_path: Path, path: str, text: str, expected: Any) -> None:
    write(tmp_path, path, text)
    for starting in (False, True):
        stack = read_context(tmp_path, starting=starting).tech_stack
        assert facts(stack) == expected
        documents = {each.document for each in (*stack.chosen, *stack.languages, *stack.test_tools)}
        assert documents == {f"../{path}"}


def test_a_statement_keeps_its_file_and_line_through_a_snapshot(tmp_path: Path) -> None:
    write(tmp_path, "compose.yaml", "services:\n  db:\n    image: mariadb:11.4\n")
    context = read_context(tmp_path)
    stated = context.tech_stack.primary_database
    assert stated is not None
    assert (stated.file, stated.link, stated.line) == ("compose.yaml", "../compose.yaml", 3)
    again = ProjectContext.from_data(context.to_data()).tech_stack.primary_database
    assert again is not None
    assert (again.value, again.document) == ("MariaDB 11.4", "../compose.yaml")


def test_the_first_neighbour_that_tells_something_tells_it_alone(tmp_path: Path) -> None:
    write(tmp_path, "AGENTS.md", "## Stack\n- **Database**: MySQL 8")
    write(tmp_path, "compose.yaml", "services:\n  db:\n    image: postgres:17\n")
    write(tmp_path, "go.mod", "module x\n\ngo 1.24\n")
    assert facts(read_context(tmp_path).tech_stack) == {
        "languages": ["Go 1.24"],
        "primary_database": "MySQL 8",
    }


def test_the_own_document_stands_above_and_a_starter_says_nothing(tmp_path: Path) -> None:
    write(tmp_path, "compose.yaml", "services:\n  db:\n    image: postgres:17\n")
    own = "storage-conductor/tech-stack.md"
    for text, expected in (
        (STARTER.read_bytes(), {"primary_database": "PostgreSQL 17"}),
        (b"# Stack\n- **Cache**: Valkey", {"cache": "Valkey"}),
        (b"# Stack\n\nWe keep it simple.", NOTHING),
        (b"# Stack\n- **ORM**: Prisma\n\n## More\n- **ORM**: Ktorm\n- **A**: [e.g., b]", NOTHING),
    ):
        write(tmp_path, own, text)
        assert facts(read_context(tmp_path).tech_stack) == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", "{" * 50_000),
        ("package.json", "[" * 900_000),
        ("package.json", '{"dependencies": ["pg"]}'),
        ("package.json", "null"),
        ("pyproject.toml", "a = " + "[" * 50_000),
        ("pyproject.toml", "[project\n"),
        ("pyproject.toml", "project = 1\ntool = []\n"),
        ("compose.yaml", "a: &a [x]\n" + "b: [*a, *a]\n" * 50_000),
        ("compose.yaml", "image: " + "a/" * 400_000),
        ("pom.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]>" + "<artifactId>" * 70_000),
        ("build.gradle", "'a:" * 300_000),
        ("go.mod", "require " + "a" * 900_000),
        ("AGENTS.md", "- Database: " * 80_000),
        ("AGENTS.md", "| a " * 240_000),
        ("compose.yaml", "services:\n  db:\n    image: postgres:17\n" + "#" * 1_000_000),
        ("AGENTS.md", "- **Database**: MySQL\n" + "\n" * 20_001),
        ("AGENTS.md", b"- **Database**: MySQL \xff"),
    ],
)
def test_a_hostile_neighbour_says_nothing_in_bounded_time(
    tmp_path: Path, path: str, text: str
) -> None:
    write(tmp_path, path, text)
    begun = time.perf_counter()
    stack = read_context(tmp_path).tech_stack
    assert time.perf_counter() - begun < 10
    assert not stack.databases


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights and pipes are other things")
def test_nothing_is_read_through_links_or_from_pipes(tmp_path: Path) -> None:
    outside, project = tmp_path / "outside", tmp_path / "project"
    write(outside, "tech-stack.md", "- **Database**: MySQL")
    write(outside, "compose.yaml", "services:\n  db:\n    image: postgres:17\n")
    project.mkdir()
    (project / "conductor").symlink_to(outside)
    (project / "compose.yaml").symlink_to(outside / "compose.yaml")
    (project / "AGENTS.md").mkdir()
    os.mkfifo(project / "CLAUDE.md")
    os.mkfifo(project / "package.json")
    assert facts(read_context(project).tech_stack) == NOTHING
