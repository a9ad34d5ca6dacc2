"""Answers given beforehand: text stays text, blank lines are unknown, mistakes are messages."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from copier.errors import UserMessageError

from storage_conductor import wording
from storage_conductor.errors import ConductorError
from storage_conductor.questions import answers, rules
from storage_conductor.review import project_checks
from storage_conductor.update import recorded_answers
from tests.command_runner import call
from tests.conftest import REQUIRED, tracks
from tests.test_copy import cli, contents, copy_arguments

Start = Callable[..., Path]

# To YAML another value, or no value at all.
TEXTS = [
    *(
        "007",
        "yes",
        "null",
        "1e3",
        "12:30",
        "a: b",
        "@home",
        "`code`",
        "'quoted'",
        '"said"',
        "*all",
    ),
    *("%d", "orders #1", "2026-01-31", "{a}", "Größe", "~", "- x", "0x1F", "1_000", "a: [b", "&a"),
]


def recorded(track: Path) -> dict[str, Any]:
    found = yaml.safe_load((track / ".copier-answers.yml").read_text(encoding="utf-8"))
    return dict(found)


def test_texts_stay_as_given(start: Start) -> None:
    lines = [text for text in TEXTS if text != "- x"]
    for name in ("use_cases", "depends_on"):
        joined = ", ".join(lines)
        track = start(**{name: joined}, title="null", retention="007", language="1e3")
        assert recorded(track)[name] == joined
        assert (recorded(track)["title"], recorded(track)["retention"]) == ("null", "007")
        assert recorded(track)["language"] == "1e3"


@pytest.mark.parametrize("text", TEXTS)
def test_a_single_text_stays_as_given(folder: Path, project: Path, text: str) -> None:
    found = rules.items(text)
    assert [text.removeprefix("- ")] == list(found)


def test_texts_are_recorded_and_shown(start: Start) -> None:
    track = start(use_cases="orders #1, orders #2", depends_on="12:30", sensitive_data="pii, phi")
    assert recorded(track)["use_cases"] == "orders #1, orders #2"
    assert recorded(track)["depends_on"] == "12:30"
    assert recorded(track)["sensitive_data"] == "pii, phi"
    spec = (track / "spec.md").read_text(encoding="utf-8")
    assert "orders #2" in spec
    assert "12:30" in spec


def test_a_number_is_what_the_rule_reads(start: Start) -> None:
    track = start(reads_per_second="900", rto_minutes="010", writes_per_second="1e3")
    assert recorded(track)["reads_per_second"] == 900
    assert answers.parse({**REQUIRED, **recorded(track)}).rto_minutes == 10
    assert answers.parse({**REQUIRED, **recorded(track)}).writes_per_second == 1000


@pytest.mark.parametrize(
    ("given", "items"),
    [
        ("[a, b]", ("a", "b")),
        ('["a, b", c]', ("a, b", "c")),
        ("- a\n- b: c", ("a", "b: c")),
        ("[draft] a, b", ("[draft] a", "b")),
        ("a\nb,, c", ("a", "b", "c")),
        ([True, 750, "x"], ("True", "750", "x")),
        (750, ("750",)),
        (None, ()),
    ],
)
def test_lists_are_read_by_one_rule(given: object, items: tuple[str, ...]) -> None:
    assert rules.items(given) == items


def test_lists_and_mappings_of_a_data_file_are_taken(start: Start) -> None:
    track = start(use_cases=["a, b", "c"], entities={"A": {"id": "uuid pk"}})
    assert recorded(track)["use_cases"] == ["a, b", "c"]
    assert recorded(track)["entities"] == {"A": {"id": "uuid pk"}}


def test_blank_lines_of_a_data_file_mean_unknown(folder: Path, project: Path) -> None:
    names = [name for name in answers.RULES if name not in REQUIRED]
    data = project.parent / "answers.yml"
    text = "\n".join(f"{name}: {value}" for name, value in REQUIRED.items())
    data.write_text(text + "\n" + "".join(f"{name}:\n" for name in names), encoding="utf-8")
    done = cli(project, "copy", "--trust", "--defaults", "--data-file", str(data), str(folder), ".")
    assert done.returncode == 0, done.stderr
    (track,) = tracks(project)
    assert recorded(track)["backend"] == "PostgreSQL"


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({"backend": "Redis "}, "backend", "Redis"),
        (
            {"storage_type": "hybrid", "backends": "PostgreSQL, Redis"},
            "backends",
            ["PostgreSQL", "Redis"],
        ),
        ({"backend": "amazon-s3"}, "backend", "Amazon S3"),
        ({"backends": "redis, amazon-s3"}, "backends", ["Amazon S3", "Redis"]),
        ({"backends": "redis, amazon-s3"}, "storage_type", "hybrid"),
        ({"backend": "redis or valkey"}, "backend", "Redis"),
        ({"hosting": " self-managed"}, "hosting", "self-managed"),
    ],
)
def test_choices_are_taken_as_people_write_them(
    start: Start, given: dict[str, object], name: str, value: object
) -> None:
    assert recorded(start(**given))[name] == value


BOMB = "\n".join(
    [
        "a0: &a0 {x: text, y: text}",
        *(f"a{n}: &a{n} {{x: *a{n - 1}, y: *a{n - 1}, z: *a{n - 1}}}" for n in range(1, 30)),
    ]
)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"storage_type": "hybrid"}, "backends"),
        ({"storage_type": "hybrid", "backends": "Redis"}, "two or more"),
        ({"storage_type": "hybrid", "backends": "Redis,Nothing"}, "Nothing"),
        ({"backend": "Redis", "entities": {"A": {"id": "uuid pk", "_store": "S3"}}}, "A._store"),
        ({"rpo_minutes": "1e308"}, "at most"),
        ({"rpo_minutes": 1e308}, "at most"),
        ({"rpo_minutes": 10**400}, "number"),
        ({"rpo_minutes": "9" * 5000}, "rpo_minutes"),
        ({"rpo_minutes": "12:30"}, "must be a number"),
        ({"project_context": "x"}, "project_context"),
        ({"created_at": "then"}, "created_at"),
        ({"entities": "[" * 5000}, "entities"),
        ({"entities": "{" * 5000}, "entities"),
        ({"entities": "A: {id: " + "9" * 5000 + "}"}, "entities"),
        ({"entities": "A: 2026-13-45"}, "entities"),
        ({"entities": "A: !!bool x"}, "entities"),
        ({"entities": "2026-01-31: {a: text}"}, "names"),
        ({"access_patterns": "[{name: a, items: 38,000}]"}, "a comma ends a value"),
        ({"reads_per_second": "many a day"}, "reads_per_second"),
        ({"entities": BOMB}, "values"),
        ({"access_patterns": "- " * 5000}, "access_patterns"),
        ({"storage_type": []}, "storage_type"),
        ({"storage_type": {"a": 1}}, "storage_type"),
        ({"backend": []}, "backend"),
        ({"backend": {"a": 1}, "hosting": "self-managed"}, "backend"),
        ({"title": "a\udcff"}, "title"),
        ({"title": True}, "quotes"),
        ({"retention": [1]}, "retention"),
        ({"description": "x" * 100_000}, "description"),
        ({"consistency": ["strong"]}, "consistency"),
        ({"test_driven": "no: ["}, "test_driven"),
        ({"notes": {"backup": {"a": 1}}}, "notes: must be text"),
        ({"notes": {"x" * 5000: "a"}}, "notes: must be one of"),
        ({"notes": ["x" * 30_000]}, "notes: must have at most"),
        ({"regions": {"a": {"b": 1}}}, "regions: must be text"),
        ({"regions": [[["a"]]]}, "regions: must be text"),
        ({"alternatives": "x" * 5000}, "alternatives: must say what is open"),
        ({"alternatives": {"backend": [{"a": 1}]}}, "alternatives: must be text"),
        ({"backend": "Redis or " + "x" * 30_000}, "at most"),
        ({"x" * 100_000: 1}, "no question"),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, dict) else "",
)
def test_a_hostile_answer_ends_in_a_message(
    folder: Path, project: Path, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(UserMessageError, match=words) as raised:
        copier.run_copy(
            str(folder), project, {**REQUIRED, **given}, defaults=True, quiet=True, unsafe=True
        )
    assert len(str(raised.value)) < 1000
    assert contents(project) == {}


def test_yaml_that_names_itself_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["A"] = endless
    assert "nested" in answers.broken_rule("entities", endless)


def test_a_title_in_a_plain_locale(folder: Path, project: Path) -> None:
    for extra in ({}, {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        done = cli(project, *copy_arguments(folder, title="Größe"), env={"LC_ALL": "C", **extra})
        assert "Traceback" not in done.stderr
        assert done.returncode == 0, done.stderr


def test_answers_of_another_template_are_nobodys(folder: Path, project: Path) -> None:
    (project / ".copier-answers.yml").write_text(
        "_src_path: gh:someone/service\nlanguage: en\nretention: 14\nstorage_type: cache\n",
        encoding="utf-8",
    )
    for extra in ({}, {"storage_id": "ledger"}):
        copier.run_copy(
            str(folder), project, {**REQUIRED, **extra}, defaults=True, quiet=True, unsafe=True
        )
    for track in tracks(project):
        assert recorded(track)["language"] == ""
        assert recorded(track)["storage_type"] == "database"


@pytest.mark.parametrize(
    "spoilt", [{"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}, {"PATH": os.devnull}], ids=repr
)
def test_a_template_whose_version_git_does_not_tell(
    template: Path, project: Path, spoilt: dict[str, str]
) -> None:
    done = cli(project, *copy_arguments(template, "--vcs-ref", "v1.0.0"), env=spoilt)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "no update could follow" in done.stderr
    assert "Remedy" in done.stderr
    assert contents(project) == {}


def test_a_plain_folder_has_no_version(folder: Path, project: Path) -> None:
    with pytest.raises(UserMessageError, match="no version 'v9'"):
        copier.run_copy(
            str(folder), project, REQUIRED, defaults=True, quiet=True, unsafe=True, vcs_ref="v9"
        )


def test_new_reads_texts_of_a_data_file_as_they_stand(
    folder: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = project.parent / "answers.yml"
    data.write_text(
        "title: 007\ndescription: yes\nretention: 2026-01-31\nuse_cases: [12:30, no]\n"
        "reads_per_second: 900\nentities: {A: {id: uuid pk}}\nhosting:\n",
        encoding="utf-8",
    )
    done = call(
        capsys,
        "new",
        "--template",
        str(folder),
        "--defaults",
        "--data-file",
        str(data),
        str(project),
    )
    assert done.code == 0, done.err
    (track,) = tracks(project)
    found = recorded(track)
    assert (found["title"], found["description"]) == ("007", "yes")
    assert found["retention"] == "2026-01-31"
    assert found["use_cases"] == ["12:30", "no"]
    assert found["reads_per_second"] == 900


@pytest.mark.parametrize("name", ["[a](b)", "<b>x</b>", "![a](b) <!-- c", "*a* `b`", "a | b"])
def test_another_backend_is_text_in_the_plan(start: Start, name: str) -> None:
    plan = (start(backend="Other", other_backend=name) / "plan.md").read_text(encoding="utf-8")
    assert wording.inline(name) in plan
    assert name == wording.inline(name) or name not in plan


def test_a_recorded_answer_of_another_kind_is_named(start: Start, project: Path) -> None:
    path = start() / ".copier-answers.yml"
    answers_file = {**recorded(path.parent), "depends_on": {}, "storage_type": []}
    path.write_text(yaml.safe_dump(answers_file), encoding="utf-8")
    with pytest.raises(ConductorError, match="depends_on: must be text"):
        recorded_answers.read(path)


def test_a_track_without_version_is_told(start: Start, project: Path) -> None:
    start()
    found = project_checks.survey(project).problems
    assert [(item.rule, item.message.split(",")[0]) for item in found] == [
        ("answers", "names no version of the template")
    ]
