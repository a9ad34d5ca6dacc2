"""Ways of telling a stack that documents of strangers had at first look, one test for each kind."""

from typing import Any

import pytest

from .context_support import NOTHING, read, stack


def test_a_heading_that_lists_the_stack_after_a_colon() -> None:
    text = "# 技术选型\n\n### 1. 后端技术栈：FastAPI (Python) + MySQL\n\n说明。\n"
    assert stack(text) == {"languages": ["Python"], "primary_database": "MySQL"}


def test_a_reason_that_takes_something_into_account_leaves_nothing_open() -> None:
    text = "## 数据库\n\n- **MySQL**: 选择 MySQL 作为数据库，并考虑其稳定性。\n"
    assert stack(text) == {"primary_database": "MySQL"}
    assert stack("## 数据库\n\n- 考虑使用 MySQL。\n") == NOTHING


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


def test_a_demand_that_leads_in_a_list_in_a_script_without_spaces() -> None:
    assert _rules("## 表\n\n每张业务表必须包含以下字段：\n\n```sql\nid\n```\n") == [
        "每张业务表必须包含以下字段："
    ]
