from __future__ import annotations

from typing import Any

import pytest

from .context_support import NOTHING, read, stack

POSTGRES = {"primary_database": "PostgreSQL 16"}


@pytest.mark.parametrize(
    "text",
    [
        "- **Database**: PostgreSQL 16",
        "- **Database:** PostgreSQL 16",
        "- __Database__: PostgreSQL 16",
        "* Database: PostgreSQL 16",
        "Database - PostgreSQL 16",
        "Database — PostgreSQL 16",
        "Database => PostgreSQL 16",
        "- 🗄️ **Database**: PostgreSQL 16",
        "- **Database**: **PostgreSQL** 16",
        "- **Database**: `PostgreSQL 16`",
        "- **Database**: postgres v16",
        "- **Database**: PostgreSQL (version 16)",
        "- **Database**: [PostgreSQL](https://www.postgresql.org/docs) 16",
        "- **Database**: [PostgreSQL] 16\n\n[PostgreSQL]: https://example.org",
        "- **Database**: PostgreSQL 16[^1]\n\n[^1]: since 2024",
        "- **Database**: ![logo](p.png) PostgreSQL 16",
        "- **Database**: PostgreSQL&nbsp;16",
        "- **Database**: ~~MySQL~~ PostgreSQL 16",
        "- **Database**: <del>MySQL</del> PostgreSQL 16",
        "- **Database**: PostgreSQL 16 <!-- or MySQL -->",
        "- **Database**: PostgreSQL 16 <!-- or\n  MySQL -->",
        "- **Database**: PostgreSQL 16 (no extensions)",
        "- **Database**: PostgreSQL 16, not MySQL",
        "- **Database**: PostgreSQL 16 - because of its JSON support",
        "- **Database**: Amazon RDS for PostgreSQL 16",
        "- **Database**: we use PostgreSQL 16",
        "- [x] **Database**: PostgreSQL 16\n- [ ] **Database**: MySQL",
        "**Database**: PostgreSQL 16  \n**Team**: Data",
        "Database: PostgreSQL 16\nTeam: Data",
        "> **Database**: PostgreSQL 16",
        "1. Database: PostgreSQL 16",
        "## Database\n\nPostgreSQL 16",
        "## 1. Database 🗄️\n\n- PostgreSQL 16",
        "Database\n--------\n\nPostgreSQL 16.",
        "### Our Database\n- PostgreSQL 16 (all services)",
        "## Database: PostgreSQL 16",
        "## Databases\n### PostgreSQL 16\nHolds the orders.",
        "### Database\n- **Tool**: PostgreSQL 16",
        "### Database\n- **Database**: PostgreSQL\n- **Version**: 16\n- **Rationale**: JSON",
        "- **Databases**:\n  - PostgreSQL 16",
        "**Database**\n\n- PostgreSQL 16",
        "Databases:\n\n* PostgreSQL 16",
        "# Tech Stack\n- PostgreSQL 16",
        "Our stack: PostgreSQL 16",
        "| Component | Technology |\n|---|---|\n| Database | PostgreSQL 16 |",
        "| Database | PostgreSQL 16 |\n|---|---|\n| Team | Data |",
        "| Database | Version |\n|---|---|\n| PostgreSQL | 16 |",
        "| Layer | Options | Choice |\n|---|---|---|\n| Database | MySQL, X | PostgreSQL 16 |",
        "| Service | Database |\n|---|---|\n| billing | PostgreSQL 16 |",
        "We use PostgreSQL 16.",
        "We use\nPostgreSQL 16.",
        "Instead of MySQL we use PostgreSQL 16.",
        "We use PostgreSQL 16 instead of MySQL or MariaDB.",
        "We migrated from MySQL to PostgreSQL 16.",
        "We chose PostgreSQL 16 over MySQL.",
        "PostgreSQL 16 is our primary database.",
        "The database is PostgreSQL 16.",
        "All data is stored in PostgreSQL 16; nobody likes files.",
        "The service runs on PostgreSQL 16.",
        "MySQL was our database until 2020. Today we use PostgreSQL 16.",
        "We use PostgreSQL 16 because our customers know MySQL.",
        "## Storage layer\n- **PostgreSQL 16**: orders and payments",
        "## Storage layer\n- **PostgreSQL:** 16",
        "- **Database**: Neon (PostgreSQL 16)",
        "## Datenbank\n- PostgreSQL 16",
        "Wir verwenden PostgreSQL 16.",
        "- **Base de données** : PostgreSQL 16",
        "Nous utilisons PostgreSQL 16.",
        "- **Base de datos**: PostgreSQL 16",
        "- **Banco de dados**: PostgreSQL 16",
        "- **Основная БД**: PostgreSQL 16",
        "- **数据库**：PostgreSQL 16",
        "我们使用PostgreSQL 16作为数据库",
        "- **データベース**：PostgreSQL 16",
        "データベースはPostgreSQL 16を使用しています。",
    ],
)
def test_a_database_is_read_in_any_of_the_ways_people_state_it(text: str) -> None:
    assert stack(text) == POSTGRES
    assert stack("\ufeff" + text.replace("\n", "\r\n")) == POSTGRES


@pytest.mark.parametrize(
    "text",
    [
        "- **Database**: [e.g., PostgreSQL, MySQL, MongoDB]",
        "- **Database**: [PostgreSQL or MySQL]",
        "- **Database**: `[e.g., PostgreSQL]`",
        "- **[Database]**: PostgreSQL",
        "- **Database**: <your database>",
        "- **Database**: {{ database }}",
        "- **Database**: ${DATABASE}",
        "- **Database**: TBD",
        "- **Database**: TBD (PostgreSQL)",
        "- **Database**: TODO PostgreSQL",
        "- **Database**: N/A",
        "- **Database**: None yet",
        "- **Database**: ...",
        "- **Database**: …",
        "- **Database**: ___",
        "- **Database**:",
        "- **Database**: e.g. PostgreSQL",
        "- **Database**: your database here",
        "- **Database**: to be decided",
        "- **Database**: *待定*",
    ],
)
def test_a_placeholder_is_not_a_fact(text: str) -> None:
    assert stack(text) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "We do not use Redis.",
        "We don’t use Redis.",
        "We use no cache such as Redis.",
        "No Redis.",
        "- No Redis",
        "We no longer use Redis.",
        "We used Redis until 2022.",
        "Redis is not used.",
        "- **Cache**: Redis is not used",
        "- **Cache**: not Redis",
        "- **Cache**: none, PostgreSQL is fast enough",
        "- **Cache**: Redis (deprecated)",
        "- **Cache**: Redis - no longer used",
        "- ~~**Cache**: Redis~~",
        "## Databases we do not use\n- Oracle Database\n- **Database**: MySQL",
        "## Without a cache\n- Redis",
        "## Alternatives\n- **Database**: MySQL",
        "## Considered\n### Database\n- MySQL",
        "- **Not used**: Redis",
        "| Component | Technology | Status |\n|---|---|---|\n| Cache | Redis | deprecated |",
        "Wir verwenden kein Redis.",
        "Nous n'utilisons pas Redis.",
        "No usamos Redis.",
        "Não usamos Redis.",
        "我们不使用Redis",
        "Redisは使用していません。",
        "Nie używamy Redis.",
        "Мы не используем Redis.",
        "Redis kullanmıyoruz.",
    ],
)
def test_a_denial_is_not_a_fact(text: str) -> None:
    assert stack(text) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "We might use Redis later.",
        "We will migrate from MySQL to PostgreSQL.",
        "We are migrating from MySQL to PostgreSQL.",
        "We use PostgreSQL or MySQL.",
        "- **Database**: PostgreSQL or MySQL",
        "- **Database**: PostgreSQL?",
        "- **Database**: PostgreSQL (planned)",
        "- **Database**: MySQL → PostgreSQL",
        "- [ ] **Database**: PostgreSQL",
        "Consider Redis for caching.",
        "Use a database such as PostgreSQL.",
        "## Future\n- **Cache**: Redis",
        "## Options\n| Database | Why |\n|---|---|\n| PostgreSQL | JSON |",
        "| Layer | Options |\n|---|---|\n| Database | MySQL, PostgreSQL |",
        "| Component | Technology | Status |\n|---|---|---|\n| Cache | Redis | planned |",
    ],
)
def test_what_is_weighed_or_planned_is_not_a_fact(text: str) -> None:
    assert stack(text) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "Our customers use MySQL.",
        "## Supported databases\n- **MySQL**: 8 and up",
        "## Libraries\n- **Redis**: if caching is needed",
        "## Libraries\n- **SQLite**: for tests",
        "- **Database**: Aiven (PostgreSQL compatible)",
        "Redis is an in-memory store.",
        "We use a PostgreSQL-compatible store.",
        "Read https://redis.io/docs and we use my-redis.",
        "We run tests against SQLite.",
        "Backups are stored in Amazon S3.",
        "We use Redis as a job queue.",
        "We use Go for speed.",
        "## Testing\n- **Database**: SQLite in memory",
        "- **Test database**: SQLite",
        "## Local development\n- **Database**: SQLite",
        "- **ORM**: Critical for data access",
        "- **Database**: Relational",
        "- **Cache**: Required",
        "- **ORM**: Ja",
        "- **Sprachen**: Deutsch, Englisch",
        "- **Languages**: English and German",
        "```yaml\ndatabase: MySQL\n```",
        "    Database: MySQL",
        "<!-- - **Database**: MySQL -->",
        "<div>\nDatabase: MySQL\n</div>",
        "---\ndatabase: MySQL\n---\n",
        "## Formatting\n- **Tool**: Flyway",
        "| Tool | Status |\n|---|---|\n| Database | MySQL |",
    ],
)
def test_a_name_in_passing_is_not_a_fact(text: str) -> None:
    assert stack(text) == NOTHING


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "We use PostgreSQL 16 with Alembic for migrations.",
            {"primary_database": "PostgreSQL 16", "migration_tool": "Alembic"},
        ),
        (
            "PostgreSQL 16 is our primary database, Valkey 8 serves as cache.",
            {"primary_database": "PostgreSQL 16", "cache": "Valkey 8"},
        ),
        ("We use Redis as our primary database.", {"primary_database": "Redis"}),
        ("We use Redis.", {"cache": "Redis"}),
        (
            "## Data\n- MongoDB >= 7\n- Mongoose ^8.4\n- Azure Blob Storage",
            {
                "primary_database": "MongoDB 7+",
                "orm": "Mongoose 8.4",
                "object_storage": "Azure Blob Storage",
            },
        ),
        (
            "- **Languages**: TypeScript 5, Go and Rust",
            {"languages": ["TypeScript 5", "Go", "Rust"]},
        ),
        ("The service is written in Python 3.12.", {"languages": ["Python 3.12"]}),
        ("- **Database**: TigerBeetle 0.16", {"primary_database": "TigerBeetle 0.16"}),
        ("- **Database**: MongoDB, 3 nodes", {"primary_database": "MongoDB"}),
        ("- **Database**: PostgreSQL [Version number]", {"primary_database": "PostgreSQL"}),
        (
            "- **Primary Database**: PostgreSQL, **Cache**: Redis",
            {"primary_database": "PostgreSQL"},
        ),
        (
            "- **Primary Database**: MySQL 8\n- **Additional Databases**: ClickHouse 24, Redis",
            {"primary_database": "MySQL 8", "additional_databases": ["ClickHouse 24", "Redis"]},
        ),
        (
            "### Additional Databases\n- **Redis**: 7.2 - session store",
            {"additional_databases": ["Redis 7.2"]},
        ),
        (
            "| Database | Role |\n|---|---|\n| MariaDB 11 | primary |\n| SQLite | edge |",
            {"primary_database": "MariaDB 11", "additional_databases": ["SQLite"]},
        ),
        (
            "### Migration Tool\n- **Tool**: Flyway\n- **Version**: 10.2",
            {"migration_tool": "Flyway 10.2"},
        ),
        ("- **CI/CD**: GitHub Actions (tests and builds)", {"ci": "GitHub Actions"}),
        (
            "## Frontend\n- **Language**: TypeScript\n- **Validation**: Zod\n"
            "## Backend\n- **Language**: Python 3.13+\n- **Validation**: Pydantic v2",
            {"languages": ["Python 3.13+", "TypeScript"], "validation_library": "Pydantic 2"},
        ),
        ("## Frontend\n- **Language**: TypeScript", {"languages": ["TypeScript"]}),
        (
            "## Libraries\n- **GORM**: mapper for PostgreSQL\n- **MySQL/MariaDB**: all data",
            {"orm": "GORM", "additional_databases": ["MySQL", "MariaDB"]},
        ),
        ("- **Hosting**: AWS RDS, Multi-AZ", {"hosting": "AWS RDS, Multi-AZ"}),
        ("- **Test Tools**: pytest, Testcontainers", {"test_tools": ["pytest", "Testcontainers"]}),
        ("- **Backup**: pg_dump nightly to S3", {"backup_tools": ["pg_dump"]}),
        ("- **Validation Library**: Zod", {"validation_library": "Zod"}),
        (
            "### Migration Strategy\n- **Approach**: Versioned migrations, code-first\n"
            "- **Naming Convention**: V{n}__name.sql",
            {
                "migration_approach": "Versioned migrations, code-first",
                "approach": "code-first",
                "migration_naming": "V{n}__name.sql",
            },
        ),
    ],
)
def test_each_product_is_taken_for_what_it_is_used_for(text: str, expected: dict[str, Any]) -> None:
    assert stack(text) == expected


def test_of_several_databases_none_is_made_the_primary_one() -> None:
    expected = {"additional_databases": ["PostgreSQL 16", "MongoDB 7"]}
    assert stack("## Databases\n- PostgreSQL 16\n- MongoDB 7") == expected


def test_a_label_counts_for_more_than_prose() -> None:
    text = "We use Sequelize.\n\n- **ORM**: Prisma"
    assert stack(text) == {"orm": "Prisma"}


def test_two_that_are_equally_well_stated_are_a_contradiction() -> None:
    context = read(tech_stack="## A\n- **ORM**: Prisma\n\n## B\n- **ORM**: SQLAlchemy 2")
    assert context.tech_stack.orm is None
    assert context.warnings[-1] == (
        "tech-stack.md names several ORMs (Prisma, SQLAlchemy 2); none was taken"
    )


def test_a_statement_says_where_it_was_read() -> None:
    stated = read(tech_stack="# Stack\n\n## Data & Caches\n\n- Cache: Redis\n").tech_stack.cache
    assert stated is not None
    assert (stated.heading, stated.anchor, stated.line) == ("Data & Caches", "data--caches", 5)
    assert stated.link == "tech-stack.md#data--caches"
