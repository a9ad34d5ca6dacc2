"""Ways of saying things that documents of strangers had at first look, one test for each kind."""

from typing import Any

import pytest

from .context_support import NOTHING, facts, product, read, stack, standards, workflow


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
