"""Products, standards and ways of working in documents of strangers at first look, kind by kind."""

from typing import Any

import pytest

from .context_support import NOTHING, product, stack, standards, workflow


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


def test_a_package_with_its_scope_is_its_product() -> None:
    text = "## Testing\n\n- **@testing-library/react 16.x** - components\n- `@playwright/test`\n"
    assert stack(text) == {"test_tools": ["React Testing Library 16.x", "Playwright"]}


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


def test_a_label_on_verification() -> None:
    text = "## Quality\n\n- **Verification Checkpoints**: Track completion, by hand.\n"
    assert workflow(text)["verification"] == [
        "Verification Checkpoints: Track completion, by hand."
    ]


def test_a_title_with_a_translation_in_brackets() -> None:
    text = "# Quay System (نظام)\n\nQuay System is a desk for harbours.\n"
    assert product(text)["name"] == "Quay System"


def test_a_review_that_is_required_as_a_paragraph() -> None:
    text = "## Code Review\n\n**Required for non-trivial changes.** The rest is free.\n"
    assert workflow(text)["review"] == ["Required for non-trivial changes. The rest is free."]
