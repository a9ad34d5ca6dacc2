"""Drawn lives of a track: whatever a person and the template do, an update loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import copier
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from benchmarks.updates import plain_merge
from tests import update_cases
from tests.conftest import commit
from tests.update_cases import TEMPLATE_EDITS, USER_EDITS, Choose, Life, born, chooser, losses
from tests.update_support import NEW, first_release, release, start, update

EDITS = {
    "user": list(dict.fromkeys(USER_EDITS)),
    "template": list(dict.fromkeys(TEMPLATE_EDITS)),
}


@pytest.fixture(scope="module")
def renders(template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """Return the files of fresh tracks."""
    folder = tmp_path_factory.mktemp("renders")
    kinds: list[dict[str, Any]] = [
        {"backend": "PostgreSQL"},
        {"storage_type": "cache", "backend": "Redis"},
    ]
    return [
        update_cases.read_texts(start(template, folder / str(number), **answers))
        for number, answers in enumerate(kinds)
    ]


def drawn(data: st.DataObject) -> Choose:
    return lambda options: data.draw(st.sampled_from(options))


def test_whatever_happens_between_updates_nothing_is_lost(renders: list[dict[str, str]]) -> None:
    class Lives(RuleBasedStateMachine):
        life: Life

        @initialize(number=st.sampled_from(range(len(renders))))
        def begin(self, number: int) -> None:
            self.life = born(renders[number])

        @rule(data=st.data(), edits=st.lists(st.sampled_from(EDITS["user"]), max_size=6))
        def person_works(self, data: st.DataObject, edits: list[update_cases.Edit]) -> None:
            for edit in edits:
                edit(self.life, drawn(data))

        @rule(data=st.data(), edits=st.lists(st.sampled_from(EDITS["template"]), max_size=6))
        def template_changes(self, data: st.DataObject, edits: list[update_cases.Edit]) -> None:
            for edit in edits:
                edit(self.life, drawn(data))

        @rule()
        def update(self) -> None:
            merged = update_cases.update(self.life)
            decided = update_cases.users_side(merged)
            assert losses(self.life, decided) == []
            update_cases.go_on(self.life, decided)
            again = update_cases.update(self.life)
            assert {name: each.text for name, each in again.items()} == decided
            assert not any(each.conflicts for each in again.values())

    run_state_machine_as_test(
        Lives, settings=settings(max_examples=12, stateful_step_count=12, deadline=None)
    )


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10)
def test_what_nobody_touched_becomes_what_the_template_renders(
    renders: list[dict[str, str]], seed: int
) -> None:
    choose = chooser(seed)
    life = born(choose(renders))
    for _ in range(6):
        choose(TEMPLATE_EDITS)(life, choose)
    merged = update_cases.update(life)
    assert {name: each.text for name, each in merged.items()} == life.texts()[2]


def test_the_simulator_notices_what_is_lost(renders: list[dict[str, str]]) -> None:
    choose = chooser(1)
    life = born(renders[0])
    for edit in (update_cases.tick, update_cases.user_task, update_cases.template_task):
        edit(life, choose)
    _, ours, theirs = life.texts()
    assert any("tick" in each for each in losses(life, theirs))
    assert any("the user's" in each for each in losses(life, theirs))
    assert any("0 times, not 1" in each for each in losses(life, ours))
    doubled = {**ours, "plan.md": ours["plan.md"] + ours["plan.md"]}
    assert any("2 times" in each for each in losses(life, doubled))


def test_a_merge_of_text_alone_would_bring_back_what_the_user_deleted(
    renders: list[dict[str, str]],
) -> None:
    life = born(renders[0])
    first = update_cases.boxes(life, life.ours["plan.md"], top=True)[1]
    last = update_cases.boxes(life, life.ours["plan.md"], top=True)[-1]
    block = life.ours["plan.md"][first : update_cases.block_end(life.ours["plan.md"], first)]
    del life.ours["plan.md"][first : first + len(block)]
    life.theirs["plan.md"][last:last] = block
    del life.theirs["plan.md"][first : first + len(block)]
    base, ours, theirs = (texts["plan.md"] for texts in life.texts())

    plain = plain_merge(base, ours, theirs)

    assert update_cases.MARKER not in plain
    assert block[0] in plain
    assert block[0] not in update_cases.update(life)["plan.md"].text


@pytest.mark.parametrize("seed", range(4))
def test_the_imitation_of_plain_copier_is_faithful(
    renders: list[dict[str, str]], tmp_path: Path, seed: int
) -> None:
    choose = chooser(seed)
    life = born(renders[0])
    update_cases.live(life, choose)
    base, ours, theirs = life.texts()
    template, project = tmp_path / "template", tmp_path / "project"
    template.mkdir()
    (template / "copier.yml").write_text("{}\n", encoding="utf-8")
    answers = "{{ _copier_answers | to_nice_yaml }}"
    (template / "{{ _copier_conf.answers_file }}.jinja").write_text(answers, encoding="utf-8")
    for tag, files in (("v1.0.0", base), (NEW, theirs)):
        write(template, files)
        commit(template, tag, tag)
    copier.run_copy(str(template), project, vcs_ref="v1.0.0", defaults=True, quiet=True)
    commit(project, "start")
    write(project, ours)
    commit(project, "work")

    copier.run_update(project, defaults=True, overwrite=True, quiet=True)

    for name in base:
        real = (project / name).read_text(encoding="utf-8")
        assert real == plain_merge(base[name], ours[name], theirs[name])


@pytest.mark.parametrize("seed", range(2))
def test_a_drawn_life_ends_in_copier_as_in_the_simulator(
    template: Path, renders: list[dict[str, str]], tmp_path: Path, seed: int
) -> None:
    choose = chooser(100 + seed)
    life = born(renders[0])
    update_cases.live(life, choose)
    base, ours, theirs = life.texts()
    source = first_release(template, tmp_path / "template")
    literal(source, base)
    commit(source, "literal", "v1.0.1")
    release(source, lambda folder: literal(folder, theirs))
    track = start(source, tmp_path / "project", ref="v1.0.1")
    for name in ("plan.md", "spec.md"):
        (track / name).write_text(ours[name], encoding="utf-8", newline="")
    commit(tmp_path / "project", "work")

    update(track)

    merged = update_cases.update(life)
    for name in ("plan.md", "spec.md"):
        assert (track / name).read_text(encoding="utf-8") == merged[name].text


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")


def literal(template: Path, files: dict[str, str]) -> None:
    """Make a template render these very texts."""
    folder = template / "template" / "storage-conductor" / "storages" / "{{ storage_id }}"
    write(
        folder,
        {
            f"{name}.jinja": f"{{% raw %}}{files[name]}{{% endraw %}}"
            for name in ("plan.md", "spec.md")
        },
    )
