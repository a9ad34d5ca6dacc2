from __future__ import annotations

import pytest

from storage_conductor.markdown import headings
from storage_conductor.markdown.anchors import slug


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Overview", "overview"),
        ("Test Coverage", "test-coverage"),
        ("Backup & Recovery", "backup--recovery"),
        ("CI/CD", "cicd"),
        ("Schema Definition (`schema.ts`)", "schema-definition-schemats"),
        ("What's new?", "whats-new"),
        ("a - b", "a---b"),
        ("snake_case and kebab-case", "snake_case-and-kebab-case"),
        ("1. First step", "1-first-step"),
        ("C++ / C#", "c--c"),
        ("🚀 Start", "-start"),
        ("Start 🚀", "start-"),
        ("⚙️ Setup", "\ufe0f-setup"),  # the variation selector is a mark: GitHub keeps it
        ("Größe der Daten", "größe-der-daten"),
        ("数据库 设计", "数据库-设计"),
        ("データベース", "データベース"),
        ("Миграции", "миграции"),
        ("half ½ and ²", "half--and-"),
        ("№ Ⅳ ④ Ⓐ", "-ⅳ--ⓐ"),
        ("em—dash and en–dash", "emdash-and-endash"),
        ("tab\there", "tabhere"),
        ("İstanbul", "i̇stanbul"),
        ("", ""),
    ],
)
def test_a_heading_has_the_anchor_that_github_gives_it(heading: str, anchor: str) -> None:
    assert slug(heading, {}) == anchor


def test_repeated_headings_get_numbers_that_no_other_heading_has() -> None:
    seen: dict[str, int] = {}
    given = [slug(text, seen) for text in ("Echo", "echo", "Echo 1", "echo-1", "Echo", "Foo")]
    assert given == ["echo", "echo-1", "echo-1-1", "echo-1-2", "echo-2", "foo"]


def test_a_number_that_a_heading_already_has_is_left_out() -> None:
    seen: dict[str, int] = {}
    assert [slug(text, seen) for text in ("a-1", "a", "a")] == ["a-1", "a", "a-2"]


def test_anchors_come_with_text_and_line_in_any_style_of_heading() -> None:
    text = (
        "\ufeff---\r\ntitle: x\r\n---\r\n# One `two` ##\r\n\r\nThree\r\n-----\r\n\r\n"
        "> ## [Link](https://example.org/a-b) *and* **more**\r\n\r\n- ### In a list\r\n"
        "## ~~Gone~~ &amp; \\*star\\*\r\n"
    )
    found = headings.read(text)
    assert [(each.anchor, each.text, each.line) for each in found] == [
        ("one-two", "One two", 4),
        ("three", "Three", 6),
        ("link-and-more", "Link and more", 9),
        ("in-a-list", "In a list", 11),
        ("gone--star", "Gone & *star*", 12),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "```markdown\n# Not\n```",
        "~~~\n# Not\n~~~",
        "````\n```\n# Not\n```\n````",
        "    # Not",
        "<!--\n# Not\n-->",
        "<div>\n# Not\n</div>",
        "\\# Not",
        "#Not",
        "```\n# Never closed",
    ],
)
def test_what_only_looks_like_a_heading_has_no_anchor(text: str) -> None:
    assert headings.read(text) == []


def test_lines_after_a_carriage_return_alone_are_counted() -> None:
    assert headings.read("text\r\r# A\r") == [("A", "a", 1, 3)]
