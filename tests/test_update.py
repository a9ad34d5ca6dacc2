"""`copier update` from end to end: what arrives, what stays, and how it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from storage_conductor.markdown import outline
from tests.conftest import EPOCH, REQUIRED, commit, git
from tests.update_support import (
    ADDED,
    GATE,
    MOVED,
    NEW,
    OLD,
    PARAGRAPH,
    RECAST,
    REMOVED,
    REWORDED,
    SENTENCE,
    answers_file,
    command_line,
    edit,
    first_release,
    line_with,
    new_helper,
    new_sizing,
    new_tasks,
    release,
    start,
    status,
    texts,
    update,
    wording,
)

LATER = str(int(EPOCH) + 3 * 86_400)
LATER_DAY = "2026-02-03"


@pytest.fixture(scope="module")
def newer(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the template with a second version."""
    target = first_release(template, tmp_path_factory.mktemp("newer") / "template")
    return release(target, new_tasks, new_sizing, new_helper)


@pytest.fixture
def track(newer: Path, project: Path) -> Path:
    """Return a committed track of the old version."""
    return start(newer, project)


def recorded(track: Path) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load((track / ".copier-answers.yml").read_text("utf-8"))
    return found


def box(track: Path, words: str) -> outline.Box:
    """Return the one box of the plan that holds some words."""
    found = outline.read((track / "plan.md").read_text(encoding="utf-8")).boxes
    (wanted,) = [each for each in found if words in each.text]
    return wanted


def test_edits_beside_changes_of_the_template_merge_without_a_conflict(
    track: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(
        track / "plan.md",
        (f"- [ ] {REWORDED[0]}", f"- [x] {REWORDED[0]}\n  - [ ] Ask Ann about the nightly export"),
        (f"- [ ] {REMOVED}", f"- [x] {REMOVED}"),
        (f"- [ ] {MOVED}", f"- [x] {MOVED}"),
        ("**Status**: Not Started", "**Status**: In Progress"),
        ("## Phase 8", "## Our follow-up\n\n- [ ] Tell support\n\n## Phase 8"),
    )
    edit(track / "spec.md", ("## Sizing\n", "## Sizing\n\nWe measured 40 GB in the pilot.\n"))
    commit(project, "work")

    update(track)

    plan = (track / "plan.md").read_text(encoding="utf-8")
    assert line_with(plan, REWORDED[1]) == f"- [x] {REWORDED[1]}"
    assert line_with(plan, ADDED) == f"- [ ] {ADDED}"
    assert line_with(plan, REMOVED).startswith("- [x] "), "what was done stays on record"
    assert line_with(plan, MOVED).startswith("- [x] ")
    assert plan.index("## Phase 8") < plan.index(MOVED)
    assert plan.index(REWORDED[1]) < plan.index("Ask Ann") < plan.index(wording("model-relational"))
    assert "**Status**: In Progress" in plan
    assert "## Our follow-up\n\n- [ ] Tell support" in plan
    assert GATE.casefold() in plan.casefold()
    spec = (track / "spec.md").read_text(encoding="utf-8")
    assert "We measured 40 GB in the pilot." in spec
    assert PARAGRAPH in spec
    assert sorted(status(project)) == sorted(
        f" M {(track / name).relative_to(project).as_posix()}"
        for name in (".copier-answers.yml", "spec.md", "plan.md")
    )
    # Copier's own, where git refuses an option that its versions before 2.55 took.
    said = capsys.readouterr().err.replace(
        "Make sure Git >= 2.24 is installed to improve updates.\n", ""
    )
    assert said == ""


def test_a_task_in_new_words_and_another_phase_is_known_by_its_key(
    track: Path, project: Path
) -> None:
    whole = line_with((track / "plan.md").read_text(encoding="utf-8"), RECAST[0])
    done = whole.replace("- [ ]", "- [x]", 1)
    edit(track / "plan.md", (whole, f"{done}\n  - [ ] Tell Ann how long it took"))
    commit(project, "work")
    update(track)
    plan = (track / "plan.md").read_text(encoding="utf-8")
    note = f"- [x] {RECAST[1]}\n  - [ ] Tell Ann how long it took\n"
    assert plan.index("## Phase 7") < plan.index(note) < plan.index("## Phase 8")
    assert RECAST[0] not in plan


def test_a_note_under_a_moved_task_moves_with_it(track: Path, project: Path) -> None:
    whole = line_with((track / "plan.md").read_text(encoding="utf-8"), MOVED)
    edit(track / "plan.md", (whole, f"{whole}\n  - [ ] Agree on the hour with Ben"))
    commit(project, "work")
    update(track)
    lines = (track / "plan.md").read_text(encoding="utf-8").splitlines()
    at = lines.index("  - [ ] Agree on the hour with Ben")
    assert MOVED in lines[at - 1]
    assert lines.index("## Phase 8: Documentation") < at


def test_without_changes_an_update_changes_nothing(track: Path, project: Path) -> None:
    edit(track / "plan.md", ("- [ ] ", "- [x] "))
    edit(track / "spec.md", ("## Description\n", "## Description\n\nOurs.\n"))
    commit(project, "work")
    update(track, vcs_ref=OLD)
    assert status(project) == []


def test_a_second_update_changes_nothing(
    track: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(track / "plan.md", ("- [ ] ", "- [x] "))
    commit(project, "work")
    update(track)
    commit(project, "updated")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", LATER)
    update(track)
    assert status(project) == []


def test_a_track_that_nobody_changed_becomes_a_fresh_copy(
    track: Path, newer: Path, tmp_path: Path
) -> None:
    update(track)
    fresh = start(newer, tmp_path / "fresh", ref=NEW, storage_id=track.name)
    assert texts(track) == texts(fresh)
    assert recorded(track) == recorded(fresh)


def test_old_and_new_version_each_run_their_own_code_and_catalog(
    track: Path, project: Path
) -> None:
    # If the new code rendered the old version, the lines below would count as changed by the user.
    edit(track / "plan.md", ("- [ ] ", "- [x] "))
    commit(project, "work")
    update(track)
    plan = (track / "plan.md").read_text(encoding="utf-8")
    assert SENTENCE[1] in plan
    assert SENTENCE[0] not in plan
    assert REWORDED[1] in plan


def test_id_and_creation_stay_and_the_time_of_the_change_is_noted(
    track: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(track / "metadata.json", ('"Planning"', '"In Progress"'))
    registry = project / "storage-conductor" / "tracks.md"
    edit(registry, ("| Planning |", "| In Progress |"))
    edit(registry, ("# Storage", "# Our Storage"), ("## Status", "Written by hand.\n\n## Status"))
    commit(project, "work")
    before, old = registry.read_text(encoding="utf-8"), recorded(track)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", LATER)

    update(track)

    data = json.loads((track / "metadata.json").read_text(encoding="utf-8"))
    assert data["id"] == track.name
    assert data["created"] == old["created_at"] == recorded(track)["created_at"]
    assert data["updated"].startswith(LATER_DAY)
    assert data["status"] == "In Progress"
    head, _, tail = line_with(before, track.name).rpartition(data["created"][:10])
    expected = before.replace(line_with(before, track.name), f"{head}{LATER_DAY}{tail}")
    assert registry.read_text(encoding="utf-8") == expected


def test_a_status_that_only_one_place_has_is_kept_and_named(
    track: Path, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(track / "metadata.json", ('"Planning"', '"Blocked"'))
    commit(project, "work")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", LATER)
    update(track)
    registry = (project / "storage-conductor" / "tracks.md").read_text(encoding="utf-8")
    assert "| Planning |" in line_with(registry, track.name)
    said = capsys.readouterr().err
    assert "'Planning'" in said
    assert "'Blocked'" in said


def test_other_tracks_and_starter_documents_stay_as_they_are(
    track: Path, newer: Path, project: Path
) -> None:
    other = start(newer, project, title="Sessions")
    home = project / "storage-conductor"
    (home / "product.md").unlink()
    edit(home / "workflow.md", ("# Workflow", "# How we work"))
    commit(project, "work")
    before = texts(other)
    update(track)
    assert not (home / "product.md").exists()
    assert (home / "workflow.md").read_text(encoding="utf-8").startswith("# How we work")
    assert texts(other) == before
    changed = {line[3:].rpartition("/")[0] for line in status(project)}
    assert changed == {track.relative_to(project).as_posix()}


@pytest.mark.parametrize("skip_answered", [False, True])
def test_a_changed_standard_arrives_and_the_users_text_stays(
    track: Path, project: Path, skip_answered: bool
) -> None:
    standards = project / "storage-conductor" / "storage-standards.md"
    standards.write_text("# Standards\n\n- **Slow query threshold**: 200 ms\n", encoding="utf-8")
    edit(track / "spec.md", ("## Description\n", "## Description\n\nOurs.\n"))
    commit(project, "standards")
    update(track, vcs_ref=OLD, skip_answered=skip_answered)
    assert "slower than 200 ms" in (track / "plan.md").read_text(encoding="utf-8")
    commit(project, "updated")

    edit(standards, ("200 ms", "350 ms"))
    commit(project, "another standard")
    update(track, vcs_ref=OLD, skip_answered=skip_answered)

    plan = (track / "plan.md").read_text(encoding="utf-8")
    assert "slower than 350 ms" in plan
    assert "200 ms" not in plan
    assert "\nOurs.\n" in (track / "spec.md").read_text(encoding="utf-8")


def test_an_assumed_backend_stays_an_assumption_when_documents_name_another(
    track: Path, project: Path
) -> None:
    stack = project / "storage-conductor" / "tech-stack.md"
    stack.write_text("# Stack\n\n- **Primary Database**: MySQL 8\n", encoding="utf-8")
    commit(project, "stack")
    update(track, vcs_ref=OLD)
    assert "backend" in recorded(track)["project_context"]["assumed"]  # type: ignore[index]
    commit(project, "updated")
    stack.write_text("# Stack\n\n- **Primary Database**: PostgreSQL 16\n", encoding="utf-8")
    commit(project, "stack again")
    update(track, vcs_ref=OLD)
    assert "assumed" not in recorded(track)["project_context"]  # type: ignore[operator]


def test_a_new_answer_arrives_everywhere(track: Path, project: Path) -> None:
    edit(track / "plan.md", ("- [ ] ", "- [x] "))
    commit(project, "work")
    update(track, vcs_ref=OLD, data={"title": "Ledger of payments"})
    data = json.loads((track / "metadata.json").read_text(encoding="utf-8"))
    assert data["title"] == "Ledger of payments"
    assert (track / "spec.md").read_text(encoding="utf-8").startswith("# Ledger of payments\n")
    registry = (project / "storage-conductor" / "tracks.md").read_text(encoding="utf-8")
    assert "| Ledger of payments |" in line_with(registry, track.name)


def test_a_changed_schema_is_told_once_work_has_begun(
    newer: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = {"Order": {"id": "uuid pk", "status": "enum(open, paid) not null"}}
    track = start(newer, project, entities=model)
    model["Order"]["status"] = "enum(open, paid, cancelled) not null"
    capsys.readouterr()
    update(track, vcs_ref=OLD, data={"entities": model})
    assert "draft" not in capsys.readouterr().err
    commit(project, "more")
    edit(track / "plan.md", ("- [ ] ", "- [x] "))
    commit(project, "ticked")
    model["Order"]["status"] = "enum(open, paid, cancelled, lost) not null"
    update(track, vcs_ref=OLD, data={"entities": model})
    assert "spec.md: the draft under 'Schema Design' changed" in capsys.readouterr().err


def test_keys_that_a_team_added_to_the_metadata_stay(track: Path, project: Path) -> None:
    edit(track / "metadata.json", ('"status"', '"owner": "Ann",\n  "status"'))
    commit(project, "work")
    update(track)
    data = json.loads((track / "metadata.json").read_text(encoding="utf-8"))
    assert data["owner"] == "Ann"


def test_a_file_that_the_user_deleted_stays_deleted(track: Path, project: Path) -> None:
    (track / "plan.md").unlink()
    commit(project, "no plan")
    update(track)
    assert not (track / "plan.md").exists()
    assert PARAGRAPH in (track / "spec.md").read_text(encoding="utf-8")


def test_line_ends_and_byte_order_mark_of_the_user_stay(track: Path, project: Path) -> None:
    path = track / "plan.md"
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n").replace("[ ]", "[x]", 1)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    commit(project, "another editor")
    update(track)
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf#")
    assert data.count(b"\n") == data.count(b"\r\n")
    assert ADDED.encode() in data


MIGRATION = '''\
"""From 1.0 to 1.1: an empty `retention` becomes `for ever`.

Old shape: `retention: ''`. New shape: `retention: for ever`. Any other value stays.

Usage: v1_1_0.py ANSWERS_FILE, with the project as working directory.
"""

import sys
from pathlib import Path

path = Path(sys.argv[1])
text = path.read_text(encoding="utf-8")
path.write_text(text.replace("retention: \'\'\\n", "retention: for ever\\n"), encoding="utf-8")
'''


def new_shape(template: Path) -> None:
    """Change the shape of an answer, with a migration for recorded ones."""
    script = template / "hooks" / "migrations" / "v1_1_0.py"
    script.parent.mkdir()
    script.write_text(MIGRATION, encoding="utf-8")
    path = template / "copier.yml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    source = "{{ _copier_conf.src_path }}/hooks/migrations/v1_1_0.py"
    migration = {
        "version": NEW,
        "when": "{{ _stage == 'before' }}",
        "command": ["{{ _copier_python }}", source, "{{ _copier_conf.answers_file }}"],
    }
    config["_migrations"].insert(0, migration)
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def test_recorded_answers_of_an_older_shape_are_migrated(
    template: Path, tmp_path: Path, project: Path
) -> None:
    source = first_release(template, tmp_path / "template")
    release(source, new_shape)
    track = start(source, project)
    edit(track / "plan.md", ("- [ ] ", "- [x] "))
    commit(project, "work")
    update(track)
    assert recorded(track)["retention"] == "for ever"
    assert "for ever" in (track / "spec.md").read_text(encoding="utf-8")
    assert "- [x] " in (track / "plan.md").read_text(encoding="utf-8")


# ─── Ways to call it ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("prefix", ["", "git+file://"])
def test_as_renovate_calls_it_in_a_folder_of_a_repository(
    newer: Path, tmp_path: Path, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    source = f"{prefix}{newer.as_posix()}"
    repository = tmp_path / "repository"
    service = repository / "services" / "pay"
    service.mkdir(parents=True)
    (repository / "README.md").write_text("# All services\n", encoding="utf-8")
    commit(repository, "start")
    done = command_line(
        service,
        *("copy", "--trust", "--defaults", "--vcs-ref", OLD),
        *(f"--data={name}={value}" for name, value in REQUIRED.items()),
        *(source, "."),
    )
    assert done.returncode == 0, done.stderr
    (track,) = (service / "storage-conductor" / "storages").iterdir()
    edit(track / "plan.md", (f"- [ ] {REWORDED[0]}", f"- [x] {REWORDED[0]}"))
    commit(repository, "work")

    done = command_line(
        service,
        *("update", "--skip-answered", "--defaults", "--trust"),
        *("--answers-file", answers_file(track).as_posix(), "--vcs-ref", NEW),
    )

    assert done.returncode == 0, done.stderr
    assert f"- [x] {REWORDED[1]}" in (track / "plan.md").read_text(encoding="utf-8")
    assert recorded(track)["_commit"] == NEW
    assert git(repository, "ls-files", "--unmerged") == ""
    assert all(line.startswith(" M services/pay/") for line in status(repository))


def test_a_template_without_tags_updates_to_its_newest_commit(
    template: Path, tmp_path: Path, project: Path
) -> None:
    source = first_release(template, tmp_path / "template")
    git(source, "tag", "--delete", OLD)
    track = start(source, project, ref=None)
    edit(track / "plan.md", (f"- [ ] {REWORDED[0]}", f"- [x] {REWORDED[0]}"))
    commit(project, "work")
    release(source, new_tasks, tag=None)
    update(track)
    assert f"- [x] {REWORDED[1]}" in (track / "plan.md").read_text(encoding="utf-8")


def test_a_trial_run_changes_nothing(track: Path, project: Path) -> None:
    before = texts(track)
    update(track, pretend=True)
    assert texts(track) == before
    assert status(project) == []
