"""Ways of saying things that real documents have, one test for each kind."""

from typing import Any

import pytest

from .context_support import NOTHING, facts, product, read, stack, workflow


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## Service\n\n| Technology | Version | Purpose |\n|---|---|---|\n"
            "| Go | 1.24 | Language |\n| MariaDB | 11.4 | Primary database |\n"
            "| goose | 3 | Schema migrations |\n| RabbitMQ | 4 | Message queue |",
            {
                "languages": ["Go 1.24"],
                "primary_database": "MariaDB 11.4",
                "migration_tool": "Goose 3",
            },
        ),
        (
            "## Backend\n\n| Technologie | Zweck | Version |\n|---|---|---|\n"
            "| Kotlin | Programmiersprache | 2.2 |\n| Tarantool | Datenbank | 3 |",
            {"languages": ["Kotlin 2.2"], "primary_database": "Tarantool 3"},
        ),
        (
            "## Bases de données\n\n| Outil | Type | Statut |\n|---|---|---|\n"
            "| PostgreSQL | relationnelle | oui |\n| Redis | clé-valeur | en suspens |",
            {"primary_database": "PostgreSQL"},
        ),
        (
            "## Testing\n\n| Part | Framework | Command |\n|---|---|---|\n"
            "| API | pytest | `make api` |\n| App | Jest | `npm test` |",
            {"test_tools": ["pytest", "Jest"]},
        ),
        (
            "| Layer | Technology |\n|---|---|\n| Backend | Quarkus (Java 21), REST |",
            {"languages": ["Java 21"]},
        ),
    ],
)
def test_products_in_the_first_column_and_their_purpose_in_another(
    text: str, expected: Any
) -> None:
    assert stack(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## Data store\n- **Production**: MySQL 8.4\n- **Staging**: SQLite",
            {"primary_database": "MySQL 8.4"},
        ),
        ("- **DB ORM**: Ktorm", {"orm": "Ktorm"}),
        ("## Database ORM\n- Prisma", {"orm": "Prisma"}),
        ("- **Backend language**: Elixir 1.18", {"languages": ["Elixir 1.18"]}),
        ("- **Type checking**: TypeScript", {"languages": ["TypeScript"]}),
        ("- **Entwicklungssprache**: Deutsch", NOTHING),
        ("- **언어**: Kotlin\n- **데이터베이스**: MySQL 8", {"primary_database": "MySQL 8"}),
        ("- **后端语言**：Go 1.24", {"languages": ["Go 1.24"]}),
        ("- **Язык**: Python 3.13", {"languages": ["Python 3.13"]}),
        ("- **Persistencia**: PostgreSQL 17", {"primary_database": "PostgreSQL 17"}),
        ("- **Frontend Testing**: Vitest", {"test_tools": ["Vitest"]}),
        ("- **Backend**: Python 3.13+ with FastAPI", {"languages": ["Python 3.13+"]}),
        (
            "## Stack\n- Next.js 16, TypeScript, PostgreSQL + Drizzle ORM",
            {"languages": ["TypeScript"], "primary_database": "PostgreSQL", "orm": "Drizzle ORM"},
        ),
        ("- **Test data**: Faker", NOTHING),
        ("## M1 stack\n- Shared logic: TypeScript package", {"languages": ["TypeScript"]}),
        ("## M1 stack\n- Not for us: MongoDB", NOTHING),
        ("## Database\n- Supabase PostgreSQL with RLS", {"primary_database": "PostgreSQL"}),
        ("# 技術\n- **ストレージ**: 端末内のSQLite", {"primary_database": "SQLite"}),
        (
            "## Testing\n- **Unit**: `pytest`, `pytest-cov`",
            {"test_tools": ["pytest", "pytest-cov"]},
        ),
        ("## Testing\n- **Pattern**: AAA", NOTHING),
        ("- **Database**: SQLite (dev), MySQL (prod)", {"primary_database": "MySQL"}),
        ("- **Database**: MySQL (all data), SQLite (tests)", {"primary_database": "MySQL"}),
        ("## Database\n- **Goose (`pressly/goose`)**: the schema", {"migration_tool": "Goose"}),
        ("## Testing\nTo be added later:\n\n- pytest", NOTHING),
        ("## Testing\n- jqwik 1.9 for properties", {"test_tools": ["jqwik 1.9"]}),
        ("# Stack of Paper-todo\n- PostgreSQL", {"primary_database": "PostgreSQL"}),
        ("# Old stack\n- PostgreSQL", NOTHING),
        ("# Stack\n## TODO\n- PostgreSQL", NOTHING),
        ("# Stack\n- **Node.js/TypeScript**: the services", {"languages": ["TypeScript"]}),
        ("# Stack\n- **Flutter (Dart)**: the app", {"languages": ["Dart"]}),
        ("# Stack\n- DuckDB with SQLite fallback", {"primary_database": "DuckDB"}),
        ("- **Form handling**: React Hook Form with Zod validation", {"validation_library": "Zod"}),
        ("## Testing\n- **Current State**: No tests yet\n- Happy Path\n- Edge Cases", NOTHING),
        ("## Testing\n- **CI**: GitHub Actions\n- **Database**: SQLite", {"ci": "GitHub Actions"}),
    ],
)
def test_labels_in_other_words_and_languages(text: str, expected: Any) -> None:
    found = stack(text)
    assert {key: found.get(key) for key in expected} == expected
    assert bool(found) == bool(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# Guía del producto: Faro\n\n## Visión del producto\n\nFaro avisa a tiempo.\n\n"
            "## Usuarios objetivo\n- Patrones de barco\n\n## Objetivos clave\n- Menos averías",
            {
                "name": "Faro",
                "vision": "Faro avisa a tiempo.",
                "target_users": ["Patrones de barco"],
                "goals": ["Menos averías"],
            },
        ),
        (
            "# Маяк — описание продукта\n\n## Целевая аудитория\n- Капитаны\n\n"
            "## Цели проекта\n- Покой",
            {"name": "Маяк", "target_users": ["Капитаны"], "goals": ["Покой"]},
        ),
        ("## ミッション\n\n船を守る。", {"vision": "船を守る。"}),
        ("Key goals:\n\n- Fewer calls", {"goals": ["Fewer calls"]}),
        ("The tool has three parts. Its main goals are:\n\n- Calm", NOTHING),
        (
            "## Target audience\n\nSkippers of small boats.",
            {"target_users": ["Skippers of small boats."]},
        ),
        ("- **Target user**: harbour masters", {"target_users": ["harbour masters"]}),
        ("## Non-goals\n- Weather", NOTHING),
        ("# Faro Product Definition\n\nAn alarm.", {"name": "Faro"}),
        ("## Target personas\n- Skippers", {"target_users": ["Skippers"]}),
        ("# Faro - Alarms for boats\n\nFaro is an alarm.", {"name": "Faro"}),
        ("# Alarms - A study\n\nFaro is an alarm.", NOTHING),
    ],
)
def test_the_product_in_other_words_and_languages(text: str, expected: Any) -> None:
    assert product(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## Target users\n### Primary\n- **Skippers**: sail\n### Secondary segment\n- Owners\n"
            "### Their pain points\n- Fog\n### How they work\n- At night",
            {"target_users": ["Skippers", "Owners"]},
        ),
        (
            "## Target users\n### Skippers\n- Sail alone\n### Owners\nPay.",
            {"target_users": ["Skippers", "Owners"]},
        ),
        (
            "## Target users\n- **Primary**: skippers of small boats\n- **Secondary**: owners",
            {"target_users": ["skippers of small boats", "owners"]},
        ),
        (
            "## Success metrics\n### By the summer\n- 40 harbours\n"
            "### Within three years\n- 90 harbours",
            {"success_metrics": ["40 harbours", "90 harbours"]},
        ),
        ("## Goals\n### Technical\n- Offline use", {"goals": ["Offline use"]}),
        ("## Goals\n### Risks\n- Storms", NOTHING),
    ],
)
def test_sub_headings_below_a_known_heading(text: str, expected: Any) -> None:
    assert product(text) == expected


def test_what_stands_below_a_sub_heading_of_the_stack() -> None:
    text = "## Testing\n\n### Backend\n- JUnit 5 (Jupiter)\n- ArchUnit\n- Unit Tests\n"
    assert stack(text) == {"test_tools": ["JUnit 5", "ArchUnit"]}


@pytest.mark.parametrize(
    ("text", "testing"),
    [
        ("## TDD\n\n**Mandatory** - no exceptions.", "test-driven"),
        ("### IV. Test-Driven Development (NON-NEGOTIABLE)\n\nAll of it.", "test-driven"),
        ("- **TDD policy**: strict", "test-driven"),
        ("- **TDD policy**: moderate", "not test-driven"),
        ("## Test-Driven Development\n\nOptional for small fixes.", "not test-driven"),
        ("Tests are required prior to implementation.", "test-driven"),
        ("Pruebas obligatorias antes de implementar la lógica.", "test-driven"),
        ("Les tests sont écrits avant le code.", "test-driven"),
        ("先写测试，再写代码。", "test-driven"),
        ("1. **Umsetzung (TDD)**: in kleinen Schritten", "test-driven"),
        ("- *Rouge* : un test qui échoue\n- *Vert* : le code", "test-driven"),
        ("All work MUST follow the TDD cycle.", "test-driven"),
        ("Tests are not required before implementation.", None),
        ("All tests must pass before implementation continues.", None),
        ("Run the tests before coding ends.", None),
        ("## TDD\n\nSee the handbook.", None),
        ("- **Red**: errors and warnings", None),
    ],
)
def test_policies_in_a_heading_a_label_or_one_word(text: str, testing: Any) -> None:
    assert workflow(text).get("testing") == testing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- **Database**: Room (SQLite), one file per user", {"primary_database": "SQLite"}),
        ("- **Database**: Tarantool", {"primary_database": "Tarantool"}),
        ("- **Database**: SurrealDB via Ktorm", {"primary_database": "SurrealDB", "orm": "Ktorm"}),
        ("- **Migrations**: Sparrow Shift", {"migration_tool": "Sparrow Shift"}),
        (
            "- **Validation**: go-playground/validator",
            {"validation_library": "go-playground/validator"},
        ),
        ("- **golang-migrate**: schema changes", {"migration_tool": "golang-migrate"}),
        ("- **Tests**: Vitest + fast-check", {"test_tools": ["Vitest", "fast-check"]}),
        ("- **Database**: Managed", NOTHING),
        ("- **Database**: Encrypted, replicated", NOTHING),
        ("- **Tests**: Unit and Integration", NOTHING),
        ("- **Tests**: Validate with care", NOTHING),
        ("- **Test API**: `app/api/test/route.ts`", NOTHING),
        ("- **Database**: see `docs/db.md`", NOTHING),
    ],
)
def test_products_that_no_list_knows(text: str, expected: Any) -> None:
    assert stack(text) == expected


@pytest.mark.parametrize(
    ("remark", "taken"),
    [
        ("(the app is local-first)", True),
        ("(made for fast development)", True),
        ("(for local development)", False),
        ("(開発環境)", False),
        ("(solo en desarrollo)", False),
        ("- not used any more", False),
        ("- 未使用", False),
    ],
)
def test_remarks_that_confine_a_product_and_such_that_do_not(remark: str, taken: bool) -> None:
    assert stack(f"- **Database**: SQLite {remark}") == (
        {"primary_database": "SQLite"} if taken else NOTHING
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. Commit every finished step.", {"commit_frequency": "Commit every finished step."}),
        ("One commit per logical change.", {"commit_frequency": "One commit per logical change."}),
        (
            "Every task ends with a git commit.",
            {"commit_frequency": "Every task ends with a git commit."},
        ),
        (
            "MUST use conventional commits for all commits.",
            {"commit_convention": "Conventional Commits"},
        ),
        (
            "## Commits\n- **Conventional Commits**: `type(scope): text`",
            {"commit_convention": "Conventional Commits"},
        ),
        (
            "## Commits\n\n### Format\n\n```\n<type>: <text>\n\n[body]\n```",
            {"commit_convention": "<type>: <text>"},
        ),
        ("## Commits\n\n### Examples\n\n```\ntype: text\n```", NOTHING),
        ("## Commits\n\n```bash\ngit commit -m x\n```", NOTHING),
        ("- **提交信息**：使用中文", {"commit_convention": "使用中文"}),
        ("## 커밋 메시지\n- 형식: `태그: 요약`", {"commit_convention": "태그: 요약"}),
        ("We looked at Conventional Commits and decided against them.", NOTHING),
        ("## Verification\n\nBy hand, at the end.", {"verification": ["By hand, at the end."]}),
    ],
)
def test_commit_rules_as_steps_labels_and_fences(text: str, expected: Any) -> None:
    assert workflow(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## KPIs\n- Crews trust the alarm\n- 3 of 4 renew",
            ["Crews trust the alarm", "3 of 4 renew"],
        ),
        ("## Success criteria\n\nCrews trust the alarm.", ["Crews trust the alarm."]),
        ("## Success criteria\n- [e.g., a number]", None),
    ],
)
def test_metrics_without_digits(text: str, expected: Any) -> None:
    assert product(text).get("success_metrics") == expected


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("## Backup\n\n### Types of backup\n- **Full**: everything\n- **Log**: changes", []),
        ("## Transactions\n\n### Isolation levels\n- **Snapshot**: one moment", []),
        (
            "## Transactions\n\n### Isolation levels\n- **Snapshot**: must be used for reports",
            ["Snapshot: must be used for reports"],
        ),
        ("## Backup\n\n- **Full**: on Sunday", ["Full: on Sunday"]),
    ],
)
def test_options_and_definitions_are_not_demands(text: str, rules: Any) -> None:
    sections = read(standards=text).standards.sections
    assert [rule for section in sections for rule in section.rules] == rules


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- **ORM**: Ktorm\n\n## Do not add\n\nPrisma, Flyway", ["Prisma", "Flyway"]),
        ("We use no Prisma.", ["Prisma"]),
        ("## Verboten\n\n| Produkt | Ersatz |\n|---|---|\n| MongoDB | PostgreSQL |", ["MongoDB"]),
        ("We use Prisma instead of TypeORM.", []),
        ("- **ORM**: Prisma", []),
    ],
)
def test_products_that_are_ruled_out(text: str, expected: Any) -> None:
    context = read(tech_stack=text)
    assert [each.value for each in context.ruled_out] == expected
    assert "prisma" not in str(facts(context.tech_stack)).casefold() or not expected


def test_a_sentence_that_goes_on_below_with_a_colon_is_one_sentence() -> None:
    text = "# W\n\n## Work\n\nWe work test-first: the test is first. For stores we\n"
    text += "work schema-first: the schema is merged before its code.\n"
    assert workflow(text)["approach"] == "schema-first"
