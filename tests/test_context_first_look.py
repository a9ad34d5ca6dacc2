"""Ways of saying things that documents of strangers had at first look, one test for each kind."""

from typing import Any

import pytest

from .context_support import NOTHING, product, read, stack, standards, workflow


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# Stack tecnológico\n\n## 1. Nest\n\nEl marco.\n\n## 2. PostgreSQL 17\n\nLos datos.\n",
            {"primary_database": "PostgreSQL 17"},
        ),
        ("# Stack\n\n## Backend\n\n### 🐘 MariaDB\n", {"primary_database": "MariaDB"}),
        ("# Stack\n\n- ✅ TypeScript\n", {"languages": ["TypeScript"]}),
    ],
)
def test_a_number_or_a_picture_before_a_product(text: str, expected: Any) -> None:
    assert stack(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## Datenbank & ORM\n\nMariaDB 11. Ein Abbild im Betrieb. SQLAlchemy 2.0 async mit"
            " asyncmy.\n",
            {"primary_database": "MariaDB 11", "orm": "SQLAlchemy 2.0"},
        ),
        (
            "## CI/CD\n\nGitLab CI. Stages: lint, then build. Deploys by a playbook.\n",
            {"ci": "GitLab CI"},
        ),
        (
            "## Deployment platform\n\nOpenShift SNO at `https://x.internal`. Routes by it.\n",
            {"hosting": "OpenShift"},
        ),
        ("## Database\n\nMySQL was too slow. MongoDB would be next.\n", NOTHING),
        ("## Database\n\nSQLite locally.\n", NOTHING),
    ],
)
def test_sentences_below_a_heading_that_begin_with_the_product(text: str, expected: Any) -> None:
    assert stack(text) == expected


def test_a_heading_that_lists_the_stack_after_a_colon() -> None:
    text = "# 技术选型\n\n### 1. 后端技术栈：FastAPI (Python) + MySQL\n\n说明。\n"
    assert stack(text) == {"languages": ["Python"], "primary_database": "MySQL"}


def test_a_reason_that_takes_something_into_account_leaves_nothing_open() -> None:
    text = "## 数据库\n\n- **MySQL**: 选择 MySQL 作为数据库，并考虑其稳定性。\n"
    assert stack(text) == {"primary_database": "MySQL"}
    assert stack("## 数据库\n\n- 考虑使用 MySQL。\n") == NOTHING


def test_a_package_with_its_scope_is_its_product() -> None:
    text = "## Testing\n\n- **@testing-library/react 16.x** - components\n- `@playwright/test`\n"
    assert stack(text) == {"test_tools": ["React Testing Library 16.x", "Playwright"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In `Prisma 7` the address is not declared in the schema.", []),
        ("Prisma writes SQL that no other tool can.", []),
        ("Do not use Prisma, TypeORM or Knex.", ["Prisma", "TypeORM", "Knex"]),
        ("MongoDB is not allowed.", ["MongoDB"]),
        ("禁止使用 Prisma。", ["Prisma"]),
        ("Wir nutzen kein Prisma.", ["Prisma"]),
        ("Prisma wird nicht verwendet.", ["Prisma"]),
        ("No se usa Prisma.", ["Prisma"]),
        ("MongoDB は使用しない。", ["MongoDB"]),
    ],
)
def test_what_is_denied_of_something_else_rules_no_product_out(text: str, expected: Any) -> None:
    assert [each.value for each in read(tech_stack=text).ruled_out] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Deployment\n\n- Kubernetes on our AWS account\n- AWS\n", "AWS"),
        (
            "## Infra\n\n- **Kubernetes (kind):** local cluster\n- **AWS (EKS):** production\n",
            "AWS",
        ),
        ("- **実行環境:** Google Cloud Functions（第2世代）\n", "Google Cloud Functions"),
        ("- **运行环境**: Alibaba Cloud\n", "Alibaba Cloud"),
        ("- **Orchestration**: Kubernetes + Helm\n", "Kubernetes"),
        ("Die Anwendung wird auf Hetzner gehostet.\n", "Hetzner"),
        ("L'API est déployée sur Scaleway.\n", "Scaleway"),
        ("La API está desplegada en Fly.io.\n", "Fly.io"),
        ("O backend é hospedado na DigitalOcean.\n", "DigitalOcean"),
        ("Бэкенд развёрнут на Hetzner.\n", "Hetzner"),
        ("バックエンドは Fly.io にデプロイする。\n", "Fly.io"),
        ("后端部署在 Fly.io。\n", "Fly.io"),
        ("- AWS, Google Cloud\n", None),
    ],
)
def test_where_it_runs(text: str, expected: str | None) -> None:
    found = stack(text).get("hosting")
    assert (found or "").split(" (")[0].split("（")[0].startswith(expected or ""), found
    assert bool(found) == bool(expected)


PERSONAS = """# Product Mission

## Pitch

Berth is a booking desk for small harbours that shows free places.

## Users

### Primary Customers

- **Harbour masters**: people who run a harbour

### User Personas

**Ada, the skipper** (30-50)
- **Role:** Owner of a boat
- **Context:** Sails on weekends
- **Pain Points:** Full harbours
- **Goals:** A place before she arrives

**Bo, the clerk**
- **Role:** Office worker

## Key Features

### Advanced
- **User Profiles:** keep boats and badges
"""


def test_personas_with_what_is_told_of_them_and_a_pitch() -> None:
    found = product(PERSONAS)
    assert found["target_users"] == ["Harbour masters", "Ada, the skipper (30-50)", "Bo, the clerk"]
    assert found["vision"].startswith("Berth is a booking desk")
    assert "goals" not in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('# Projektbeschreibung "Hafenblick"\n\nText.\n', "Hafenblick"),
        ("# Proyecto «Muelle»\n\nTexto.\n", "Muelle"),
        ('# The "best" product of all\n\nText.\n', None),
    ],
)
def test_the_name_in_a_title_in_quotes(text: str, expected: str | None) -> None:
    assert product(text).get("name") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## レビュー\n\n1. コードレビューを経て、Pull Request をマージする。\n", "コードレビュー"),
        ("- Um mantenedor irá revisar o seu PR antes do merge.\n", "mantenedor"),
        ("- Jeder Pull Request muss von einer zweiten Person geprüft werden.\n", "Pull Request"),
        ("- Toute PR doit être relue par un pair.\n", "PR doit"),
        ("- Cada PR debe ser aprobado por dos personas.\n", "PR debe"),
        ("- 所有 PR 必须经过代码评审后才能合并。\n", "必须经过"),
        ("- 모든 PR은 리뷰 승인 후 병합한다.\n", "리뷰 승인"),
        ("- Каждый PR должен пройти ревью.\n", "пройти ревью"),
        ("- Merging unreviewed PRs is fine.\n", None),
    ],
)
def test_rules_on_reviews_in_other_languages(text: str, expected: str | None) -> None:
    found = workflow(text).get("review", [])
    assert (expected in found[0]) if expected else not found, found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## Commit Conventions\n- `feat:` for new things\n- `fix:` for mended things\n"
            "- `chore:` for the rest\n",
            "feat:, fix:, chore:",
        ),
        (
            "## PRs\n\n- The title follows `@commitlint/config-conventional`.\n",
            "Conventional Commits",
        ),
        ("## Branches\n- `feat/x` for new things\n- `fix/x` for mended things\n", None),
    ],
)
def test_commits_by_their_types_or_by_the_linter(text: str, expected: str | None) -> None:
    assert workflow(text).get("commit_convention") == expected


def _rules(text: str) -> list[str]:
    sections = read(standards=text).standards.sections
    return [rule for section in sections for rule in section.rules]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Keys\n\n**Benefits:**\n- Fast to sort\n- No clash\n", []),
        ("## Layers\n\n### Why this split\n\n- **Speed**: reads are free of writes\n", []),
        (
            "## Work\n\nUse these:\n\n- make db-up\n- npx prisma migrate dev\n- sqlx migrate run\n",
            [],
        ),
        (
            "## Work\n\n- make sure that each table has a key\n",
            ["make sure that each table has a key"],
        ),
        ("## Tables\n\n| Group | Tables |\n|---|---|\n| Sales | `orders`, `lines` |\n", []),
        (
            "## Keys\n\n| Rule | Tables |\n|---|---|\n| Keys are UUIDs | all |\n",
            ["Keys are UUIDs"],
        ),
        ("## Logs\n\nRequired for:\n\n- Deletions of users\n", ["Deletions of users"]),
        ("## Aturan\n\nSetiap tabel wajib punya kunci.\n", ["Setiap tabel wajib punya kunci."]),
    ],
)
def test_commands_reasons_and_lists_of_tables_are_no_rules(text: str, expected: Any) -> None:
    assert _rules(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## Naming\n\n### Columns\n- Keys: `{table}_id` (e.g., `ship_id`)\n",
            ["Keys: {table}_id (e.g., ship_id)"],
        ),
        (
            "## Naming\n- Columns are snake_case. Examples: `ship_id`.\n",
            ["Columns are snake_case. Examples: ship_id."],
        ),
        ("## Penamaan\n- Tabel: jamak\n", ["Tabel: jamak"]),
        ("## Naming\n- e.g., `ship_id`\n", None),
    ],
)
def test_names_with_examples(text: str, expected: Any) -> None:
    assert standards(text).get("naming") == expected


def test_all_migrations_of_a_kind_in_a_single_transaction() -> None:
    text = "## Migrations\n\n- All DDL migrations run inside a single transaction.\n"
    assert standards(text)["single_transaction_migrations"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## Storage\n\n- **Primary DB** MariaDB 11 (Alpine)\n- **ORM** Doctrine\n"
            "- **Language** PHP 8.4\n",
            {"languages": ["PHP 8.4"], "primary_database": "MariaDB 11", "orm": "Doctrine"},
        ),
        ("## Testing & quality\n\n- **PHPUnit** 12\n- **Formatting** Prettier 3\n",
         {"test_tools": ["PHPUnit 12"]}),
        ("## Notes\n\n- **Clean** code and PostgreSQL users\n", NOTHING),
    ],
)  # fmt: skip
def test_a_bold_label_without_a_sign(text: str, expected: Any) -> None:
    assert stack(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## Database\n\n| Technology | Version | Purpose |\n|---|---|---|\n"
            "| SQLite | 3 | Development database |\n| MariaDB | 11 | Production database |\n",
            {"primary_database": "MariaDB 11"},
        ),
        (
            "- **Development database**: SQLite\n- **Database**: MySQL\n",
            {"primary_database": "MySQL"},
        ),
        ("## 数据库\n\n- 开发阶段采用 SQLite\n", NOTHING),
        (
            "## Database\n\n- **Neon DB:** serverless Postgres\n",
            {"primary_database": "PostgreSQL", "hosting": "Neon"},
        ),
        (
            "## Bibliotecas\n\nUsamos:\n\n* No backend:\n  * MariaDB, um banco de dados\n"
            "  * Pest, um framework de testes\n",
            {"primary_database": "MariaDB", "test_tools": ["Pest"]},
        ),
    ],
)
def test_stores_of_developers_and_of_the_backend(text: str, expected: Any) -> None:
    assert stack(text) == expected
    assert not read(tech_stack=text).ruled_out


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        (
            "## Commits\n\n```\n<type>(<scope>): <text>\n```\n\n- `feat`: new\n- `fix`: mended\n",
            "commit_convention",
            "<type>(<scope>): <text>",
        ),
        (
            "- **Commit after each phase** (a group of tasks), not after every task\n",
            "commit_frequency",
            "Commit after each phase (a group of tasks), not after every task",
        ),
        (
            "All pull requests will be reviewed by a maintainer.\n",
            "review",
            ["All pull requests will be reviewed by a maintainer."],
        ),
        (
            "- PRs serão revisados por mantenedores\n",
            "review",
            ["PRs serão revisados por mantenedores"],
        ),
        (
            "## Flyway migrations\n\n### Naming\n\n- Format: `V<N>__<text>.sql`\n",
            "migration_naming",
            "V<N>__<text>.sql",
        ),
    ],
)
def test_ways_of_working_by_their_form(text: str, key: str, expected: Any) -> None:
    assert workflow(text).get(key) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Project Context for Berth/Desk\n\n## Features\n", "Berth/Desk"),
        ("# Contexto do produto para Cais\n\nTexto.\n", "Cais"),
        ("# Product Vision & Features - Berth Desk\n\n## Vision\nText.\n", "Berth Desk"),
        ("# Product guide for new people\n\nText.\n", None),
    ],
)
def test_the_name_after_what_the_title_says(text: str, expected: str | None) -> None:
    assert product(text).get("name") == expected


def test_headings_below_users_and_something_else_name_no_users() -> None:
    text = (
        "# Vision\n\n## 👥 Proposition de valeur & Personas\n\n### 🎯 Personas cibles\n\n"
        "#### 👥 Cercles privés\n\n- **Besoin** : garder le lien\n\n"
        "### 🧩 Classification\n\n- un tag\n"
    )
    assert product(text)["target_users"] == ["👥 Cercles privés"]


def test_the_purpose_where_no_vision_is_stated() -> None:
    text = "# Berth Product Vision\n\n## Purpose\n\nBerth shows free places in small harbours.\n"
    assert product(text)["vision"] == "Berth shows free places in small harbours."
    told = text.replace("Berth shows", "This document shows")
    assert "vision" not in product(told)
    both = f"{text}\n## Vision\n\nEvery harbour is open.\n"
    assert product(both)["vision"] == "Every harbour is open."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Tests\n\n- **Validation**: by hand (Zod in phase 2)\n", NOTHING),
        ("| 項目 | 採用技術 |\n|---|---|\n| テスト | （Phase3 で Playwright） |\n", NOTHING),
        ("## App\n\n**Flutter (Dart)**\n\n- Mobile first\n", {"languages": ["Dart"]}),
        (
            "| 層 | 技術 |\n|---|---|\n| 前端 | Flutter（Dart SDK `>=3.4.0 <4.0.0`） |\n",
            {"languages": ["Dart 3.4.0+"]},
        ),
        ("## Deployment y CI/CD\n\n### GitHub Actions Pipeline\n", {"ci": "GitHub Actions"}),
    ],
)
def test_later_phases_languages_in_brackets_and_pipelines(text: str, expected: Any) -> None:
    assert stack(text) == expected


def test_a_heading_on_what_is_not_adopted_rules_out() -> None:
    text = "## 採用しない技術と理由\n\n| 候補 | 理由 |\n|---|---|\n| Redis | 不要 |\n"
    assert [each.value for each in read(tech_stack=text).ruled_out] == ["Redis"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## 红线\n\n禁止跨环境共用数据库\n", ["禁止跨环境共用数据库"]),
        ("## Правила\n\nТаблицы должны иметь ключ.\n", ["Таблицы должны иметь ключ."]),
        ("## 規約\n\n外部キーを必ず付けること。\n", ["外部キーを必ず付けること。"]),
        ("## Stack\n\n- **Database**: MariaDB\n- **ORM**: Doctrine (not Eloquent)\n", []),
        ("## Target\n\n- Host: 10.0.0.3\n- Port: 5432\n- User: desk_user\n", []),
        ("## Work\n\n- Run: `rake db:migrate` (all)\n", []),
        (
            "## Data Type Standards\n\n| Type | Holds |\n|---|---|\n| `uuid` | keys |\n",
            ["uuid: keys"],
        ),
        ("## Keys\n\n**Required keys:**\n\n- Foreign keys\n", ["Foreign keys"]),
    ],
)
def test_demands_in_more_languages_and_settings_that_are_none(text: str, expected: Any) -> None:
    assert _rules(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Index Policy\n\n**Index Naming:**\n\n- Key: `pk_{table}`\n", ["Key: pk_{table}"]),
        (
            "## Column Naming Rules\n\n- Booleans should begin with `is_`\n",
            ["Booleans should begin with is_"],
        ),
    ],
)
def test_names_below_a_lead_in_and_with_should(text: str, expected: Any) -> None:
    assert standards(text)["naming"] == expected


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        (
            "- Since commits are per-phase, do not record a hash yet.\n",
            "commit_frequency",
            "Since commits are per-phase, do not record a hash yet.",
        ),
        (
            '- Run the commit script with message: `"<type>(<scope>): <text>"`.\n',
            "commit_convention",
            "<type>(<scope>): <text>",
        ),
        (
            "## Migration File Conventions\n\n- Filename format: `YYYYMMDD_text.rb`\n",
            "migration_naming",
            "YYYYMMDD_text.rb",
        ),
    ],
)
def test_more_ways_of_working_by_their_form(text: str, key: str, expected: Any) -> None:
    assert workflow(text).get(key) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Vision du produit Quai Libre\n\nTexte.\n", "Quai Libre"),
        ("# Product Vision Document\n\nText.\n", None),
        ("# Projektbeschreibung Hafenblick\n\nText.\n", "Hafenblick"),
        ("# Vision & Concept\n\nText.\n", None),
    ],
)
def test_the_name_right_after_what_the_title_says(text: str, expected: str | None) -> None:
    assert product(text).get("name") == expected


def test_an_ambition_targets_and_a_kpi_in_french() -> None:
    text = (
        "# Produit\n\n## Ambition\n\nQue chaque quai soit libre.\n\n## Cibles utilisateurs\n\n"
        "| Persona | Besoin |\n|---|---|\n| Capitaine | une place |\n\n## KPI success\n\n"
        "- NPS > 55.\n"
    )
    assert product(text) == {
        "vision": "Que chaque quai soit libre.",
        "target_users": ["Capitaine"],
        "success_metrics": ["NPS > 55."],
    }


def test_a_sentence_leads_in_the_metrics() -> None:
    text = (
        "## Success Criteria\n\nBerth will be considered successful when:\n\n1. Harbours are full\n"
    )
    assert product(text)["success_metrics"] == ["Harbours are full"]
    assert "target_users" not in product("## Users\n\nWhat annoys them:\n\n- Full harbours\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "| 범위 | 기술 스택 | 상세 | 버전 |\n|---|---|---|---|\n"
            "| **BackEnd** | DB | MySQL | 5.7 |\n|  | ORM | MyBatis | 3 |\n"
            "| **FrontEnd** | TypeScript | | |\n| **DevOps** | CI/CD | Docker | |\n"
            "|  | CI/CD | Jenkins | |\n",
            {
                "languages": ["TypeScript"],
                "primary_database": "MySQL 5.7",
                "orm": "MyBatis 3",
                "ci": "Jenkins",
            },
        ),
        (
            "## Base de datos\n\n- **Motor**: MariaDB 11 (servidor propio)\n",
            {"primary_database": "MariaDB 11"},
        ),
        ("## Deploy\n\n- App-Service in the same project\n", NOTHING),
    ],
)
def test_tables_with_merged_cells_and_engines(text: str, expected: Any) -> None:
    assert stack(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## Model Conventions\n\n### Field types\n\n- Long text: `TextField`\n",
            ["Long text"],
        ),
        ("## Queries\n\nPlace them in a separate file.\n", ["Place them in a separate file."]),
        ("## Queries\n\nThey should be short.\n", ["They should be short."]),
        ("## Anfragen\n\nVerwende nur gebundene Werte.\n", ["Verwende nur gebundene Werte."]),
        ("## Queries\n\nThe use of joins is old.\n", []),
        ("## Queries\n\nUse these commands during development:\n\n- make db-up\n", []),
    ],
)
def test_demands_as_an_order_or_with_should(text: str, expected: Any) -> None:
    assert _rules(text) == expected


def test_a_label_on_verification() -> None:
    text = "## Quality\n\n- **Verification Checkpoints**: Track completion, by hand.\n"
    assert workflow(text)["verification"] == [
        "Verification Checkpoints: Track completion, by hand."
    ]


def test_a_title_with_a_translation_in_brackets() -> None:
    text = "# Quay System (نظام)\n\nQuay System is a desk for harbours.\n"
    assert product(text)["name"] == "Quay System"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "## Key Dependencies\n\n### Python\n\n- `pytest` + `pytest-cov` — testing\n",
            {"languages": ["Python"], "test_tools": ["pytest", "pytest-cov"]},
        ),
        ("## 인프라\n\n- 컴퓨트: **ECS Fargate** (API)\n", {"hosting": "ECS Fargate"}),
    ],
)
def test_a_language_heads_a_list_and_computes(text: str, expected: Any) -> None:
    found = stack(text)
    found["hosting"] = found.get("hosting", "").split(" (")[0]
    assert {key: value for key, value in found.items() if value} == expected


def test_a_review_that_is_required_as_a_paragraph() -> None:
    text = "## Code Review\n\n**Required for non-trivial changes.** The rest is free.\n"
    assert workflow(text)["review"] == ["Required for non-trivial changes. The rest is free."]


def test_a_demand_that_leads_in_a_list_in_a_script_without_spaces() -> None:
    assert _rules("## 表\n\n每张业务表必须包含以下字段：\n\n```sql\nid\n```\n") == [
        "每张业务表必须包含以下字段："
    ]
