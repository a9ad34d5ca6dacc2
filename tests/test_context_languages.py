"""Kinds of statement that unseen documents in eight languages brought up, each in a small form."""

from __future__ import annotations

from typing import Any

import pytest

from storage_conductor.context.language import names
from tests.context_support import NOTHING, product, stack, standards, workflow


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # A full-width colon needs no space after it.
        (
            "- 数据库：PostgreSQL 16\n- 語言：Go",
            {"languages": ["Go"], "primary_database": "PostgreSQL 16"},
        ),
        # A row that begins with a number names its product in the next cell.
        (
            "## Frontend\n\n| 구분 | 기술 | 버전 | 역할 |\n|---|---|---|---|\n"
            "| 1 | **React** | 19 | 화면 |\n"
            "| 2 | **TypeScript** | 5 | 정적 타입 |\n| 3 | **Zod** | 3 | 입력 검증 |",
            {"languages": ["TypeScript 5"], "validation_library": "Zod 3"},
        ),
        # A listed product in the first cell, below a heading of its kind or beside its purpose.
        (
            "## Base de datos\n\n| Componente | Versión |\n|---|---|\n| MariaDB | 11 (Docker) |\n"
            "| Puerto | 3306 |\n| Usuario | caja |",
            {"primary_database": "MariaDB"},
        ),
        (
            "## AWS 服務\n\n| 服務 | 用途 |\n|---|---|\n| Cognito | 登入 |\n"
            "| DynamoDB | 資料層 |\n| S3 | 音檔 |",
            {"primary_database": "DynamoDB", "object_storage": "Amazon S3"},
        ),
        # What was before is not in use.
        (
            "## 変更点\n\n| 分類 | 前回 | 今回 |\n|---|---|---|\n| 言語 | Java | Ruby |\n"
            "| データベース | MySQL | SQLite |",
            {"languages": ["Ruby"], "primary_database": "SQLite"},
        ),
        # What somebody can call is not in use either.
        (
            "## Skills\n\n| Skill | Usage |\n|---|---|\n| `redis` | caching |\n"
            "| `pytest` | tests |",
            NOTHING,
        ),
        # A paragraph can be the list itself.
        (
            "## Tech-Stack\n\nNext.js 16 · TypeScript 6 · Prisma 7 · PostgreSQL · Redis",
            {
                "languages": ["TypeScript 6"],
                "primary_database": "PostgreSQL",
                "cache": "Redis",
                "orm": "Prisma 7",
            },
        ),
        # Label and value are bold together.
        ("- **Base de données : SQLite** (un fichier)", {"primary_database": "SQLite"}),
        # A store's label with a mapper behind it.
        ("- **Persistence:** Spring Data JPA", {"orm": "Spring Data JPA"}),
        # A remark on development that also says what serves in production.
        (
            "- **Database**: SQL Server (LocalDB for development, SQL Server for production)",
            {"primary_database": "SQL Server"},
        ),
        (
            "- **Database**: SQLite (for development; PostgreSQL for production)",
            NOTHING,
        ),
        (
            "### Banco de dados\n- **PostgreSQL (Produção)**: dados\n"
            "- **SQLite (Desenvolvimento)**: local",
            {"primary_database": "PostgreSQL"},
        ),
        # Tests are tests by a word of their heading; a word that only begins as backups do is none.
        (
            "## Test\n- **Test unitaire**:\n  - JUnit 5\n  - MockK\n"
            "- **Test d'instrumentation**:\n  - Espresso",
            {"test_tools": ["JUnit 5", "MockK", "Espresso"]},
        ),
        ("## Tests\n- **JUnit**: um die Qualität sicherzustellen", {"test_tools": ["JUnit"]}),
        ("### Testing\n- `go test` による単体テスト", {"test_tools": ["go test"]}),
        # An entry below a label of its kind goes on as a sentence.
        ("- Validation:\n  - Zod at all trust boundaries", {"validation_library": "Zod"}),
        # Where it runs is the platform, not the sentence around it.
        (
            "- **Deployment**: Optimised for Fly.io with one machine",
            {"hosting": "Fly.io"},
        ),
        ("## Stack\n- Infrastructure: Deploy on Vercel, npm", {"hosting": "Vercel"}),
        ("- **Cloud**: Google Cloud\n- **Compute**: Cloud Run", {"hosting": "Cloud Run"}),
        # A platform that runs one engine names the database.
        (
            "### Backend\n- **Supabase**: PostgreSQL + auth",
            {"primary_database": "PostgreSQL", "hosting": "Supabase"},
        ),
        ("- **Database**: MongoDB Atlas", {"primary_database": "MongoDB"}),
        # What serves beside a database is not the primary one.
        (
            "- **DB**: PostgreSQL\n- **Vector DB**: Qdrant\n- **Search engine**: Typesense",
            {"primary_database": "PostgreSQL", "additional_databases": ["Qdrant", "Typesense"]},
        ),
        # Parts of one mapper do not contradict each other.
        (
            "### Backend\n- Spring Data JPA\n- Spring Data Redis\n\nORM은 JPA입니다.",
            {"orm": "Spring Data JPA", "cache": "Redis"},
        ),
        # A quick reference states; a reference is looked up.
        (
            "## Quick reference\n\n| Aspekt | Wert |\n|---|---|\n| Sprache | PHP 8.3 |",
            {"languages": ["PHP 8.3"]},
        ),
        ("## Reference\n- **Database**: MySQL", NOTHING),
        # A class of the code is no product.
        (
            "## Stack\n\n| Library | Purpose |\n|---|---|\n"
            "| PictureAgent | Draws with retry, caching |",
            NOTHING,
        ),
        ("## Stack\n- Frontend: shadcn/ui com `base` — usar a prop `render`, não `as`", NOTHING),
        ("- **Database**: @acme/base-js", NOTHING),
    ],
)
def test_what_the_stack_says(text: str, found: dict[str, Any]) -> None:
    assert stack(text) == found


@pytest.mark.parametrize(
    ("text", "naming", "migrations"),
    [
        (
            "## 2. 命名规范\n\n### 2.1 表名\n\n- 使用 `snake_case`\n\n### 2.2 字段名\n\n"
            "- 外键 `{table}_id`\n\n"
            "## 6. 迁移\n\n### 6.1 迁移文件命名\n\n格式：`{date}_{no}_{what}.py`",
            ["使用 snake_case", "外键 {table}_id"],
            "{date}_{no}_{what}.py",
        ),
        (
            "## Table Naming Rules\n- Plural nouns\n\n## Column Naming Rules\n"
            "- Booleans begin with `is_`\n\n"
            "## Branch naming\n- `feature/x`",
            ["Plural nouns", "Booleans begin with is_"],
            None,
        ),
        (
            "## Migration file naming\n\n"
            "1. Migration files are named `{sequence}.{table}.sql` in order.",
            [],
            "{sequence}.{table}.sql",
        ),
    ],
)
def test_names_are_read_below_every_heading_on_them(
    text: str, naming: list[str], migrations: str | None
) -> None:
    found = standards(text)
    assert found.get("naming", []) == naming
    assert found.get("migration_naming") == migrations


@pytest.mark.parametrize(
    "sentence",
    ["备份保留 30 天", "バックアップは30日保持", "Backups werden 30 Tage aufbewahrt"],
)
def test_how_long_backups_are_kept_needs_no_label(sentence: str) -> None:
    assert standards(f"## 9. A\n\n- {sentence}")["backup_retention"] == [sentence]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "1. **Commit Policy:** Commit changes after the successful completion of every task.",
            {"commit_frequency": ("Commit changes after the successful completion of every task.")},
        ),
        (
            "- **コミット粒度**: タスク単位でコミットする",
            {"commit_frequency": "タスク単位でコミットする"},
        ),
        ("- **覆盖率目标**: 85%", {"coverage_percent": "85"}),
        ("- **Покрытие тестами**: 75%", {"coverage_percent": "75"}),
        ("- 100%のカバレッジを目指すよりも重要な経路を優先する", NOTHING),
        (
            "| Skill | Use |\n|---|---|\n| `tdd` | write tests first (red-green-refactor) |",
            NOTHING,
        ),
    ],
)
def test_what_the_workflow_says(text: str, found: dict[str, Any]) -> None:
    assert workflow(text) == found


def test_an_arrow_in_a_metric_stays_an_arrow() -> None:
    found = product("# A\n\n## 성공 지표\n\n1. 신고 → 접수가 하루 안에 끝난다\n2. 오류 없음")
    assert found["success_metrics"] == ["신고 → 접수가 하루 안에 끝난다", "오류 없음"]


def test_a_label_is_taken_apart_in_each_script() -> None:
    assert {"数据库", "缓存"} <= set(names("数据库和缓存"))
    assert {"언어", "런타임"} <= set(names("언어 및 런타임"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # A name is not the end or the middle of another word.
        ("## Technologien\n\n- **Express** für APIs\n- Karten: R&D, Übersicht", NOTHING),
        ("## Tests\n\n- **Detox**: mobile, R&D", {"test_tools": ["Detox"]}),
        ("### Unit tests\n- **Vitest**\n  - DOM操作の抽象化", {"test_tools": ["Vitest"]}),
        # A driven browser is no test where it gathers data.
        ("## Browser automation & web scraping\n- **Selenium**: pages", NOTHING),
        ("| 役割 | 技術 |\n|---|---|\n| スクレイピング | Playwright |", NOTHING),
        # Brackets without a space before them.
        (
            "## 技术栈\n- **后端**：Rust + SQLx（异步 SQLite）+ Tokio",
            {"languages": ["Rust"], "orm": "sqlx"},
        ),
        # Labels that say on which side a language is.
        (
            "| 項目 | 技術 |\n|---|---|\n| バックエンド ランタイム | Java |\n"
            "| フロントエンド言語 | TypeScript |",
            {"languages": ["Java", "TypeScript"]},
        ),
        # A text below a heading on one kind that names one product of it.
        (
            "# Tecnologias\n\n## Linguagem de programação\n\nFoi desenvolvido em Go.\n\n"
            "## ORM\n\nO ORM utilizado é o GORM.",
            {"languages": ["Go"], "orm": "GORM"},
        ),
        ("# A\n\n## Database\n\nMySQL or PostgreSQL, to be decided.", NOTHING),
        ("# A\n\n## Database\n\nWe do not use MySQL here.", NOTHING),
        # Tables of products and versions, somewhere below a heading on the stack.
        (
            "# 后端技术栈\n\n## 基础环境\n\n| 技术 | 版本 |\n|---|---|\n| Java | 21 |\n"
            "| Maven | 3.9 |\n\n"
            "## 依赖\n\n| 组件 | 说明 |\n|---|---|\n| spring-boot-starter-data-jpa | ORM |",
            {"languages": ["Java 21"], "orm": "Spring Data JPA"},
        ),
        # A language listed below a framework.
        (
            "## Technologies\n- **Next.js** (App Router)\n  - TypeScript",
            {"languages": ["TypeScript"]},
        ),
        # Prose in other languages than English.
        (
            "Проект написан на Python, мы используем PostgreSQL.",
            {"languages": ["Python"], "primary_database": "PostgreSQL"},
        ),
        ("데이터는 PostgreSQL을 사용한다.", {"primary_database": "PostgreSQL"}),
    ],
)
def test_what_more_the_stack_says(text: str, found: dict[str, Any]) -> None:
    assert stack(text) == found


def test_coverage_is_read_by_its_word_in_each_language() -> None:
    assert workflow("- Unit tests: 70% de cobertura mínima — rápidos, sin red") == {
        "coverage_percent": "70"
    }
    assert workflow("- Die Testabdeckung liegt bei mindestens 85 %.") == {"coverage_percent": "85"}


def test_layers_of_users_are_users() -> None:
    found = product(
        "# A\n\n## User layers\n\n### Learner\n- View modules\n\n### Instructor\n- Review"
    )
    assert found["target_users"] == ["Learner", "Instructor"]
    assert product("# A\n\n## Functional goals\n- Fast search")["goals"] == ["Fast search"]


def test_a_label_loses_its_qualifiers_in_any_order() -> None:
    """Which of two qualifiers goes first must not hang on the order of a set."""
    assert {"数据库", "关系型"} <= set(names("关系型数据库"))
    assert "语言" in names("后端主要语言")
    assert {"database", "primary database"} <= set(names("our primary database engine"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # What stands under its own label is surer than what another label holds.
        (
            "| Part | Technology |\n|---|---|\n| Database | SQLite |\n| Client | libsql |",
            {"primary_database": "SQLite", "additional_databases": ["libSQL"]},
        ),
        # A vector store alone is the database.
        (
            "## 向量数据库\n\n| 项目 | 选型 |\n|---|---|\n| 数据库 | ChromaDB |\n"
            "| 备用方案 | Milvus |",
            {"primary_database": "ChromaDB"},
        ),
        ("### データベース\n- **Supabase（PostgreSQL）**", {"primary_database": "PostgreSQL"}),
        # A version with the name in its label.
        ("| 项目 | 选型 |\n|---|---|\n| Python 版本 | 3.11+ |", {"languages": ["Python 3.11+"]}),
        ("- Java version: 21", {"languages": ["Java 21"]}),
        # Lines without marks are a list.
        (
            "node.js 22\nreact 19\ntypescript 5\ntailwindcss 4\nzod",
            {"languages": ["TypeScript 5"], "validation_library": "Zod"},
        ),
        ("## CI/CD\n\nGitHub Actions — two workflows", {"ci": "GitHub Actions"}),
        ("## Outils\n- **Vitest** (jsdom) : tests", {"test_tools": ["Vitest"]}),
        ("Tests MUST run via `pytest`.", {"test_tools": ["pytest"]}),
        # What is not used, or not yet.
        (
            "## 아직 쓰지 않는 것\n- **TypeScript**: 타입\n\n## 앞으로 할 일\n- Vercel: 배포",
            NOTHING,
        ),
        ("## 今後の検討\n- **データベース**: MySQL", NOTHING),
    ],
)
def test_what_else_the_stack_says(text: str, found: dict[str, Any]) -> None:
    assert stack(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "## Stack\n- **Framework**: Next.js API routes\n  - または Laravel (PHP)\n"
            "  - or Rails (Ruby)",
            NOTHING,
        ),
        ("- **データベース**: MySQL または PostgreSQL", NOTHING),
        (
            "## Linguagens\n- **Dart (97.7%)**: telas\n- **C++ (1%)**: módulos",
            {"languages": ["Dart", "C++"]},
        ),
        ("- **Hosting:** Render.com", {"hosting": "Render.com"}),
        (
            "## Testing\n- **Frontend tests:** React Native Testing Library",
            {"test_tools": ["React Native Testing Library"]},
        ),
    ],
)
def test_alternatives_shares_and_longer_names(text: str, found: dict[str, Any]) -> None:
    assert stack(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # What a decision record lists after its lead-in is decided; what it weighs is not.
        (
            "## Decision\nThe team will use the following technologies:\n\n"
            "- **Ruby** for the service\n- **MariaDB** as the database\n\n"
            "## Alternatives considered\n\n### MongoDB\n- Pros: flexible\n",
            {"languages": ["Ruby"], "primary_database": "MariaDB"},
        ),
        (
            "## Backend\nWir setzen folgende Werkzeuge ein:\n\n- **SQLite** als Datenbank\n",
            {"primary_database": "SQLite"},
        ),
        ("We will evaluate the following technologies:\n\n- **MariaDB** as database", NOTHING),
        ("In future we will use the following tools:\n\n- **MariaDB** as database", NOTHING),
        # Labels are also typed without their accents.
        (
            "- Hebergement : Vercel\n- Base de donnees : MariaDB",
            {"hosting": "Vercel", "primary_database": "MariaDB"},
        ),
        # One of three is none yet.
        ("## 存储\n- 对象存储：MinIO / Amazon S3 二选一", NOTHING),
        ("- データベース：MySQL、MariaDB のいずれか", NOTHING),
    ],
)
def test_decisions_lead_ins_and_accents(text: str, found: dict[str, Any]) -> None:
    assert stack(text) == found


def test_steps_that_follow_tdd_are_test_driven() -> None:
    told = "## Life of a task\n1. Write the spec.\n2. Build each part following TDD.\n"
    assert workflow(told) == {"testing": "test-driven"}
