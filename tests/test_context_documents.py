from __future__ import annotations

from typing import Any

import pytest

from .context_support import NOTHING, product, read, standards, workflow


@pytest.mark.parametrize(
    "text",
    [
        "We practise TDD.",
        "We practice test-driven development for all services.",
        "- **Approach**: Test-driven development",
        "- **Methodology**: TDD (red, green, refactor)",
        "- **TDD**: yes",
        "- **Test-Driven Development**: Write unit tests before implementing functionality",
        "TDD is mandatory.",
        "TDD is not optional.",
        "Tests are written first.",
        "Write the failing test first, then the code.",
        "Never write code without a failing test.",
        "1. **Write Failing Tests (Red Phase):** Create a new test file",
        "Red, green, refactor.",
        "Wir arbeiten testgetrieben.",
        "Nous pratiquons le TDD.",
        "Practicamos TDD.",
        "我们采用测试驱动开发",
        "テスト駆動開発を採用しています。",
    ],
)
def test_test_driven_where_it_is_practised(text: str) -> None:
    assert workflow(text) == {"testing": "test-driven"}
    assert read(workflow=text).test_driven is True


@pytest.mark.parametrize(
    "text",
    [
        "We do not practise TDD.",
        "We don’t practise TDD yet.",
        "No TDD.",
        "- **TDD**: no",
        "- **TDD**: No, tests follow the implementation",
        "- **Test-Driven Development**: Not practised",
        "- **Methodology**: not TDD",
        "Tests are written after the implementation.",
        "Wir arbeiten nicht testgetrieben.",
        "Nous ne pratiquons pas le TDD.",
        "No practicamos TDD.",
        "我们不采用测试驱动开发",
    ],
)
def test_not_test_driven_where_it_is_denied(text: str) -> None:
    assert workflow(text) == {"testing": "not test-driven"}
    assert read(workflow=text).test_driven is False


@pytest.mark.parametrize(
    "text",
    [
        "TDD",
        "TDD is encouraged.",
        "We prefer TDD.",
        "We may adopt TDD later.",
        "We do not only practise TDD.",
        "- **TDD**: [yes or no]",
        "- **TDD**: tak",
        "- **Not used**: TDD",
        "- [ ] Write failing tests first",
        "## Considered\n- **Methodology**: TDD",
        "## Test-Driven Development\nWe tried it and gave it up.",
        "Write tests before merging.",
        "Clean up test data after tests.",
        "Do not skip the failing test.",
        "- **Primary Approach**: comprehensive testing",
        "Nie stosujemy TDD.",
        "Мы не используем TDD.",
        "TDD kullanmıyoruz.",
        "- **TDD**: ei käytetä",
        "- **TDD**: tests must not depend on each other",
    ],
)
def test_unknown_where_neither_is_clear(text: str) -> None:
    assert workflow(text) == NOTHING
    assert read(workflow=text).test_driven is None


def test_both_at_once_is_a_contradiction_and_unknown() -> None:
    context = read(workflow="We practise TDD in services.\n\nWe do not practise TDD in scripts.")
    assert context.test_driven is None
    assert context.contradictions == (
        "workflow.md disagrees with itself on whether tests are written first",
    )


@pytest.mark.parametrize(
    ("text", "schema_first"),
    [
        ("- **Primary Approach**: Schema-first development with comprehensive testing", True),
        ("We follow a schema-first approach.", True),
        ("- Schema-first: yes", True),
        ("- **Primary Approach**: Versioned migrations (schema-first)", True),
        ("- **Primary Approach**: Code-first", False),
        ("We work code-first, not schema-first.", False),
        ("Consider both schema-first and code-first approaches.", None),
        ("- **Approach**: [schema-first or code-first]", None),
        ("- **Approach**: schema-first or code-first", None),
        ("Schema-first was tried in 2020.", None),
    ],
)
def test_schema_or_code_first(text: str, schema_first: bool | None) -> None:
    assert read(workflow=text).schema_first is schema_first


def test_the_approach_of_the_stack_counts_where_the_workflow_is_silent() -> None:
    text = "- **Migration Strategy**: versioned, code-first"
    assert read(tech_stack=text).schema_first is False
    assert read(tech_stack=text, workflow="We work schema-first.").schema_first is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- **Target Coverage**: 90%+", {"coverage_percent": "90"}),
        ("- **Test coverage**: at least 87.5 %", {"coverage_percent": "87.5"}),
        ("### Test Coverage\n- 95%", {"coverage_percent": "95"}),
        ("Aim for >80% code coverage for all modules.", {"coverage_percent": "80"}),
        (
            "### Coverage\n- **Target**: 80%\n- **Critical Areas**:\n  - Repositories: 100%",
            {"coverage_percent": "80"},
        ),
        ("- **Current coverage**: 45%", NOTHING),
        ("We have 45% coverage today.", NOTHING),
        ("- **Coverage**: [e.g., 80%]", NOTHING),
        ("We do not ask for 100% coverage.", NOTHING),
        ("- **Coverage**: 800%", NOTHING),
        ("- **Format**: Conventional Commits", NOTHING),
        (
            "## Commits\n- **Format**: Conventional Commits",
            {"commit_convention": "Conventional Commits"},
        ),
        ("## Commits\n### Types\n- `style`: spaces and semicolons", NOTHING),
        ("We follow Conventional Commits.", {"commit_convention": "Conventional Commits"}),
        ("We don't use Conventional Commits.", NOTHING),
        (
            "- **Commit message format**: `type(scope): subject`",
            {"commit_convention": "type(scope): subject"},
        ),
        ("- **Commit Frequency**: after each task", {"commit_frequency": "after each task"}),
        ("Commit after every task.", {"commit_frequency": "Commit after every task."}),
        ("- **Reviewers**: two maintainers", {"review": ["Reviewers: two maintainers"]}),
        (
            "## Code Review\n- **Required for**: all PRs\n- **Response time**: a day",
            {"review": ["Required for: all PRs"]},
        ),
        (
            "No migration is merged without review by the data team.",
            {"review": ["No migration is merged without review by the data team."]},
        ),
        ("Reviews are optional.", NOTHING),
        ("- **Reviewers**: [who]", NOTHING),
        (
            "## Phase Verification Protocol\n1. **Tests**: `make test`\n2. [e.g., ask]\n   - now",
            {"verification": ["Tests: make test"]},
        ),
        ("## Definition of Done\n- [ ] Docs are written", {"verification": ["Docs are written"]}),
        (
            "### Migration Naming\n- **Format**: `YYYYMMDDHHMMSS_description.sql` or `version_x`",
            {"migration_naming": "YYYYMMDDHHMMSS_description.sql"},
        ),
        ("Migrations are named `V1__init.sql`.", {"migration_naming": "V1__init.sql"}),
        ("### Branch Naming\n- **Format**: `storage/x_1`", NOTHING),
    ],
)
def test_the_other_rules_of_a_workflow(text: str, expected: dict[str, Any]) -> None:
    assert workflow(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- **RTO**: 4 hours", {"rto_minutes": "240"}),
        ("RTO: 1 h / RPO: 15 minutes", {"rto_minutes": "60", "rpo_minutes": "15"}),
        ("The recovery point objective is 30 seconds.", {"rpo_minutes": "0.5"}),
        ("- **RTO**: 4 Stunden", {"rto_minutes": "240"}),
        (
            "| Tier | RTO | RPO |\n|---|---|---|\n| a | 1 day | 1 h |",
            {"rto_minutes": "1440", "rpo_minutes": "60"},
        ),
        ("- **Recovery Time Objective (RTO)**: target time to restore service", NOTHING),
        ("- **RTO**: [e.g., 1 hour]", NOTHING),
        ("- RTO (e.g. 4 hours)", NOTHING),
        ("We have no RTO of 4 hours.", NOTHING),
        ("Log slow queries (>100ms or configurable threshold).", {"slow_query_ms": "100"}),
        ("- **Slow query threshold**: 0.5 s", {"slow_query_ms": "500"}),
        ("Log every query slower than 250 ms.", {"slow_query_ms": "250"}),
        ("Do not log slow queries above 100 ms.", NOTHING),
        ("- **Max connections**: 20", {"pool_maximum": "20"}),
        ("- **Pool size**: 5-20", NOTHING),
        ("| Rule | Value |\n|---|---|\n| Maximum pool size | 25 |", {"pool_maximum": "25"}),
        (
            "- **Backup retention policy**:\n  - daily: 30 days\n  - [e.g., weekly: 3 months]",
            {"backup_retention": ["daily: 30 days"]},
        ),
        ("## Backups\n- **Retention**: 1 year", {"backup_retention": ["1 year"]}),
        ("## Logs\n- **Retention**: 14 days", NOTHING),
        ("We keep no backups for 30 days.", NOTHING),
        ("- **Table names**: singular", {"naming": ["Table names: singular"]}),
        ("## Naming Conventions\n- **Keys**: [e.g., id]", NOTHING),
        ("## Migrations\n- **Naming convention**: 0001_x.sql", {"migration_naming": "0001_x.sql"}),
        (
            "- Each migration runs in one transaction.",
            {"single_transaction_migrations": "Each migration runs in one transaction."},
        ),
        ("We don't run each migration as a single transaction.", NOTHING),
    ],
)
def test_the_numbers_of_the_standards(text: str, expected: dict[str, Any]) -> None:
    assert standards(text) == expected


def test_numbers_that_differ_are_a_contradiction() -> None:
    context = read(standards="| Tier | RTO |\n|---|---|\n| gold | 1 h |\n| silver | 4 h |")
    assert context.standards.rto_minutes is None
    assert context.contradictions == (
        "storage-standards.md gives several recovery time objectives, in minutes (60, 240);"
        " none was taken",
    )


def test_the_sections_of_the_standards_with_topics_and_rules() -> None:
    text = (
        "# Standards\n\n## Backup Strategies\n\n### Rhythm\n\n- **Full Backup**: everything\n"
        "- **Weekly**: on Sunday\n- **Keep Some**: 12 of them\n- [e.g., more]\n\n"
        "## Indexes\n\nAll foreign keys must have one. They are nice.\n\n"
        "## Empty\n\n## History\n\n- Old rule\n\n## Contents\n\n- [Indexes](#indexes)\n"
    )
    sections = read(standards=text).standards.sections
    assert [(each.anchor, each.topics, each.rules) for each in sections] == [
        ("rhythm", ("backup",), ("Full Backup", "Weekly: on Sunday", "Keep Some: 12 of them")),
        ("indexes", ("indexing",), ("All foreign keys must have one.",)),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Ledgerly\n\nLedgerly is a ledger for shops.", {"name": "Ledgerly"}),
        ("# Ledgerly – Product Context", {"name": "Ledgerly"}),
        ("# Product Context: Ledgerly", {"name": "Ledgerly"}),
        ("- **Product name**: Ledgerly", {"name": "Ledgerly"}),
        ("# Product\n## Product Name\nLedgerly", {"name": "Ledgerly"}),
        ("# Product Context", NOTHING),
        ("# Produktkontext\n\nText.", NOTHING),
        ("- **Name**: [Your product]", NOTHING),
        ("## Vision\nShops see their money.", {"vision": "Shops see their money."}),
        ("**Vision**: Shops see their money.", {"vision": "Shops see their money."}),
        ("## Vision\n[Describe it]", NOTHING),
        (
            "## Goals\n1. **Speed**: fast\n2. [e.g., goal]\n3. Cheap",
            {"goals": ["Speed: fast", "Cheap"]},
        ),
        ("Goals:\n\n- A\n- B", {"goals": ["A", "B"]}),
        ("## Non-Goals\n- Trading", NOTHING),
        (
            "## Success Metrics\n- Happy users\n- 95% of queries execute in <100ms",
            {"success_metrics": ["Happy users", "95% of queries execute in <100ms"]},
        ),
        (
            "## KPIs\n| Metric | Current | Target |\n|---|---|---|\n| p99 | 300 ms | 100 ms |",
            {"success_metrics": ["p99: 100 ms"]},
        ),
        (
            "## Target Users\n- **Merchants**: shops\n  - Goals: speed\n- Accountants",
            {"target_users": ["Merchants", "Accountants"]},
        ),
        (
            "## Target Users\n### Merchants\nShops.\n### Primary Users\n- [who]",
            {"target_users": ["Merchants"]},
        ),
        (
            "## Zielgruppe\n- Händler\n## Ziele\n- Schnell",
            {"goals": ["Schnell"], "target_users": ["Händler"]},
        ),
        ("## 目标用户\n- 商户", {"target_users": ["商户"]}),
    ],
)
def test_the_product(text: str, expected: dict[str, Any]) -> None:
    assert product(text) == expected


def test_patterns_are_the_headings_with_something_below_them() -> None:
    text = (
        "# Database Schema Templates\n\n"
        "## Schema (`schema.py`)\n\n```sql\nCREATE TABLE t ();\n```\n\n"
        "## Repository and Transactions\n\n### Reading (`tests/x.py`)\n\nSee `repository.py`.\n\n"
        "## Migration\n\n[e.g., a migration]\n\n## Errors\n\n```\n[e.g., an error]\n```\n\n"
        "## Notes\n\nText.\n\n```markdown\n## Backup\ntext\n```\n"
    )
    assert [(each.anchor, each.topics) for each in read(template=text).patterns] == [
        ("schema-schemapy", ("schema",)),
        ("repository-and-transactions", ("repository", "transactions")),
    ]


CONCURRENTLY = "BEGIN;\n\nCREATE INDEX CONCURRENTLY i ON t (a);\n\nCOMMIT;"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (f"```sql\n{CONCURRENTLY}\n```", ["concurrent-index-in-transaction"]),
        (
            "```sql\nstart transaction;\ndrop index concurrently i;\ncommit;\n```",
            ["concurrent-index-in-transaction"],
        ),
        ("```sql\nBEGIN;\nCOMMIT;\nCREATE INDEX CONCURRENTLY i ON t (a);\n```", []),
        ("```sql\n-- BEGIN;\nCREATE INDEX CONCURRENTLY i ON t (a);\n-- COMMIT;\n```", []),
        (f"This fails:\n\n```sql\n{CONCURRENTLY}\n```", []),
        (f"## Never do this\n\n```sql\n{CONCURRENTLY}\n```", []),
        ("```sql\n-- Bad: fails\nBEGIN;\nCREATE INDEX CONCURRENTLY i ON t (a);\nCOMMIT;\n```", []),
        (
            "```js\nconst c = `PGPASSWORD=${pw} pg_dump db`;\n```",
            ["password-on-command-line"],
        ),
        ('```bash\nmysqldump -u root -p"$PW" db\n```', ["password-on-command-line"]),
        ('```bash\nPGPASSWORD="$PW" pg_dump db\n```', []),
        ("```bash\nmysql -u root -p db\n```", []),
        ('```yaml\nenvironment:\n  - "PGPASSWORD=${PW}"\n```', []),
        ('```python\nos.system(f"pg_dump {name}")\n```', ["interpolated-shell-command"]),
        (
            '```js\nconst { exec } = require("child_process");\n'
            "const c = `pg_dump ${name}`;\nexec(c);\n```",
            ["interpolated-shell-command"],
        ),
        ('```python\nsubprocess.run(["pg_dump", name], check=True)\n```', []),
        ("```js\nconst m = /a/.exec(`${x}`); // child_process\n```", []),
        ("```js\nssl: { rejectUnauthorized: false }\n```", ["tls-verification-off"]),
        ("- Each migration should be a single transaction", []),
        (
            "- Each migration should be a single transaction\n\n"
            "```sql\nCREATE INDEX CONCURRENTLY i ON t (a);\n```",
            ["one-transaction-rule"],
        ),
    ],
)
def test_only_what_is_surely_unsafe_is_reported(text: str, keys: list[str]) -> None:
    assert [each.key for each in read(standards=text).unsafe] == keys


def test_an_unsafe_example_is_reported_with_its_place() -> None:
    (unsafe,) = read(template=f"# A\n\n## Migration Pattern:\n\n```sql\n{CONCURRENTLY}\n```").unsafe
    assert (unsafe.document, unsafe.heading, unsafe.anchor) == (
        "storage-template.md",
        "Migration Pattern:",
        "migration-pattern",
    )
