import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cli.command import chosen_tracks, columns, fit, line
from cli.screen import screen, short, short_ids
from storage_conductor.review import status
from storage_conductor.review.library import Library
from storage_conductor.review.status import Overview, overview
from storage_conductor.tracks import ids

from .command_runner import call, run
from .track_builder import all_done, replace, write_registry, write_track

Capture = pytest.CaptureFixture[str]
DRAWN = "Draw up 2.1, see [the schema](spec.md#schema-design)"
AGO = "2026-01-{:02}T09:10:00+00:00"  # the tests' clock stands at 2026-01-31T09:10:00Z


@pytest.fixture
def team(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a project with tracks of all kinds."""
    tracks: dict[str, dict[str, Any]] = {
        "storage-001": {"status": "Completed", "done": all_done(), "version": "v1.1.0"},
        "storage-002": {"status": "Blocked", "updated": AGO.format(21), "backend": "Redis"},
        "storage-003": {"status": "Blocked", "updated": AGO.format(11), "backend": "Redis"},
        "storage-004": {"status": "In Progress", "storage_type": "cache"},
        "storage-005": {"status": "In Progress", "done": {1: 4, 2: 1}},
        "storage-006": {"status": "Planning", "created": AGO.format(31)},
        "storage-007": {"status": "Cancelled", "done": {1: 4}, "version": "v0.1.0"},
    }
    for storage_id, keys in tracks.items():
        decisions = [("D-a", 1, "open"), ("D-b", 3, "open")] if storage_id == "storage-005" else []
        write_track(
            project,
            storage_id,
            decisions=decisions,
            **{"title": f"Component {storage_id[-1]}", "version": "v1.1.0", **keys},
        )
    write_registry(project)
    monkeypatch.chdir(project)
    return project


def advice(view: Overview) -> list[tuple[str, str]]:
    return [(item.id[-1], item.rule) for item in view.advice]


def test_tracks_stand_in_the_order_in_which_people_read_them(team: Path) -> None:
    groups = [
        (name, [item.track.id[-1] for item in group]) for name, group in overview(team).groups()
    ]
    assert groups == [
        ("In Progress", ["4", "5"]),
        ("Blocked", ["2", "3"]),
        ("Planning", ["6"]),
        ("Completed", ["1"]),
        ("Cancelled", ["7"]),
    ]


def test_json_holds_everything(team: Path, capsys: Capture) -> None:
    done = call(capsys, "status", "--json")
    assert (done.code, done.err) == (0, "")
    data = json.loads(done.out)
    track = next(item for item in data["tracks"] if item["id"] == "storage-005")
    assert track == {
        "id": "storage-005",
        "title": "Component 5",
        "storage_type": "database",
        "backend": "PostgreSQL",
        "status": "In Progress",
        "created": "2026-01-01T08:00:00+00:00",
        "updated": "2026-01-01T08:00:00+00:00",
        "age_days": 30,
        "idle_days": 30,
        "template_version": "v1.1.0",
        "done": 5,
        "total": 32,
        "phases": track["phases"],
        "in_progress": [],
        "next_task": "Draw up 2.1, see the schema",
        "next_phase": 2,
        "open_decisions": ["D-a", "D-b"],
        "proofs": [],
    }
    assert track["phases"][1] == {
        "number": 2,
        "name": "Migration Setup",
        "status": "Not Started",
        "done": 1,
        "total": 4,
    }
    assert data["totals"] == {
        "storage_type": {"database": 6, "cache": 1},
        "backend": {"PostgreSQL": 5, "Redis": 2},
        "status": {"In Progress": 2, "Blocked": 2, "Planning": 1, "Completed": 1, "Cancelled": 1},
    }
    assert data["recommendations"][0] == {
        "id": "storage-004",
        "rule": "status",
        "message": "In Progress with no box ticked; tick what is done",
    }


def test_recommendations_name_what_stopped_or_was_forgotten(team: Path) -> None:
    view = overview(team)
    assert advice(view) == [
        ("4", "status"),
        ("5", "phase-status"),
        ("5", "overdue-decision"),
        ("2", "blocked"),
        ("3", "blocked"),
        ("1", "phase-status"),
    ]
    messages = {(item.id[-1], item.rule): item.message for item in view.advice}
    assert "phase 1 are ticked" in messages["5", "phase-status"]
    assert messages["5", "overdue-decision"].endswith("deciding D-a")
    assert "blocked since 2026-01-21;" in messages["2", "blocked"]
    assert "blocked since 2026-01-11, longest of all;" in messages["3", "blocked"]
    assert "phases 1, 2, 3, 4, 5, 6, 7, 8 are" in messages["1", "phase-status"]


@pytest.mark.parametrize(
    ("state", "done", "expected"),
    [
        ("Planning", {1: 2}, "in Planning with 2 of 32 boxes ticked; set it to In Progress"),
        ("Completed", {1: 4}, "Completed with 28 of 32 boxes open"),
        ("In Progress", all_done(), "all boxes are ticked; set it to Completed"),
        ("Reverted", {1: 4}, None),
        (
            "Paused",
            {},
            "no valid status; set one of In Progress, Blocked, Planning, Completed, Reverted,"
            " Cancelled in metadata.json",
        ),
    ],
)
def test_a_status_that_the_boxes_contradict_is_named(
    project: Path, state: str, done: dict[int, int], expected: str | None
) -> None:
    finished = dict.fromkeys(range(1, 9), "Completed")
    write_track(project, status=state, done=done, phase_status=finished)
    assert [item.message for item in overview(project).advice] == ([expected] if expected else [])


def test_an_older_template_is_named_also_for_one_track(team: Path) -> None:
    write_track(team, "storage-008", version="v1.0.0")
    (item,) = overview(team, ["storage-008"]).advice
    assert (item.rule, item.message) == (
        "old-template",
        "made by template v1.0.0; update it to v1.1.0",
    )


def test_age_follows_the_clock_of_reproducible_builds(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_track(project, created="2026-01-01T23:00:00+14:00", updated="2026-01-05T00:00:00Z")
    for time, expected in (
        ("1767258000", (0, 0)),
        ("1767258001", (0, 0)),
        ("1769850600", (30, 26)),
    ):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", time)
        (item,) = overview(project).standings
        assert (item.age_days, item.idle_days) == expected


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"title": 3, "status": [], "created": "soon"}'])
def test_a_track_without_valid_metadata_is_still_shown(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    folder = write_track(project, done={1: 1})
    (folder / "metadata.json").write_text(text, encoding="utf-8")
    (folder / "spec.md").unlink()
    monkeypatch.chdir(project)
    (track,) = json.loads(call(capsys, "status", "--json").out)["tracks"]
    assert (track["title"], track["status"]) == ("storage-001", "Unknown")
    assert (track["done"], track["age_days"]) == (1, None)
    for form in ([], ["--markdown"]):
        done = call(capsys, "status", *form)
        assert (done.code, "storage-001" in done.out) == (0, True)


def test_a_line_for_each_track_and_what_is_next(team: Path, capsys: Capture) -> None:
    done = call(capsys, "status")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "Track       Title       Done         Status      Decide Next, by phase",
        "storage-004 Component 4 [.....]   0% In Progress        1: Draw up 1.1, see the schema",
        "storage-005 Component 5 [.....]  15% In Progress 1 late 2: Draw up 2.1, see the schema",
        "storage-002 Component 2 [.....]   0% Blocked            1: Draw up 1.1, see the schema",
        "storage-003 Component 3 [.....]   0% Blocked            1: Draw up 1.1, see the schema",
        "storage-006 Component 6 [.....]   0% Planning           1: Draw up 1.1, see the schema",
        "storage-001 Component 1 [#####] 100% Completed",
        "storage-007 Component 7 [.....]  12% Cancelled",
        "7 tracks, 41 of 224 boxes ticked, 6 recommendations:",
        "  storage-004: In Progress with no box ticked; tick what is done",
        "  storage-005: all boxes of phase 1 are ticked; set the Status line to Completed",
        "  storage-005: the work has gone on without deciding D-a",
        "  storage-002: blocked since 2026-01-21; settle what it waits for",
        "  storage-003: blocked since 2026-01-11, longest of all; settle what it waits for",
        "  storage-001: all boxes of phases 1, 2, 3, 4, 5, 6, 7, 8 are ticked;"
        " set the Status line to Completed",
    ]


TITLES = ("Payments ledger", "支払い台帳 決済基盤 👩‍👩‍👧", "<b>a</b> | \x1b[31m", "مرحبا", "x" * 90)
STATES = ("In Progress", "Blocked", "Planning", "Completed", "Cancelled")


@pytest.fixture
def twenty(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a project with twenty tracks of the longest ids that are given by themselves."""
    asked = [(f"D-a-long-name-of-a-decision-{at}", 1, "open") for at in range(9)]
    for at in range(20):
        folder = write_track(
            project,
            f"storage-202601{at + 1:02}-093000",
            title=TITLES[at % 5],
            status=STATES[at // 4],
            done={1: at % 5},
            decisions=asked,
        )
        replace(folder / "plan.md", "Draw up 1.1", f"Draw up 1.1 {'with everybody ' * 12}")
    monkeypatch.chdir(project)
    return project


@pytest.mark.parametrize("most", [60, 80, 110, 120, 200])
def test_twenty_tracks_fit_a_screen(
    twenty: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(most))
    lines = call(capsys, "status").out.splitlines()
    assert len(lines) <= 23
    assert max(map(columns, lines)) <= min(most, 160)
    heading, *rows = lines[:21]
    at = heading.index("Next, by phase")
    assert at <= most - (31 if most >= 80 else 19)
    assert (" 9 late " in rows[1]) is (most >= 80)
    bars = {columns(row.partition(" [")[0]) for row in rows if "31m" not in row}
    assert len(bars) == 1
    assert ("Title" in heading) is (most >= 110)
    assert lines[21].startswith("20 tracks, 40 of 640 boxes ticked, ")
    for row in rows:
        ending = row.split()[0]
        (named,) = chosen_tracks([ending])[1]
        assert named.endswith(ending)


def test_what_is_piped_is_whole(twenty: Path, capsys: Capture) -> None:
    told = json.loads(call(capsys, "status", "--json").out)
    for form in ([], ["--long"]):
        out = "".join(call(capsys, "status", *form).out.split())
        wanted = [text for track in told["tracks"] for text in map(track.get, ("id", "next_task"))]
        wanted += [line(track["title"]) for track in told["tracks"]]
        wanted += [f"{advice['id']}: {advice['message']}" for advice in told["recommendations"]]
        assert [text for text in wanted if "".join(text.split()) not in out] == []


@pytest.mark.parametrize(
    ("ids", "shown"),
    [
        (["ledger-a", "ledger-b"], ["ledger-a", "ledger-b"]),
        (
            ["storage-20260131-093000", "storage-20260201-093000"],
            ["20260131-093000", "20260201-093000"],
        ),
        (
            ["team-one-of-payments-ledger", "team-two-of-payments-ledger"],
            ["one-of-payments-ledger", "two-of-payments-ledger"],
        ),
        (
            ["ledger", "old-ledger-of-all-payments", "all-payments"],
            ["ledger", "of-all-payments", "all-payments"],
        ),
        (["x" * 30, "a-b"], ["x" * 30, "a-b"]),
    ],
)
def test_an_id_that_is_too_long_is_shown_by_an_ending_of_its_own(
    ids: list[str], shown: list[str]
) -> None:
    assert list(short_ids(ids, 20).values()) == shown


def test_all_that_is_known_of_each_track_on_request(team: Path, capsys: Capture) -> None:
    done = call(capsys, "status", "--long")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(
        "In Progress (2)\n"
        "\n"
        "  Component 4\n"
        "    storage-004, cache, PostgreSQL, 30 days old, template v1.1.0\n"
        "    [....................] 0/32 0 %\n"
        "    phases 0/4 0/4 0/4 0/4 0/4 0/4 0/4 0/4\n"
        "    phase 1: Draw up 1.1, see the schema\n"
        "\n"
        "  Component 5\n"
        "    storage-005, database, PostgreSQL, 30 days old, template v1.1.0\n"
        "    [###.................] 5/32 15 %\n"
    )
    assert (
        "\n  status: In Progress 2, Blocked 2, Planning 1, Completed 1, Cancelled 1\n" in done.out
    )
    assert "\n  boxes: 41 of 224 ticked\n" in done.out
    assert "\nRecommendations\n\n  storage-004: In Progress with no box ticked; tick" in done.out


def test_one_track_can_be_asked_for(team: Path, capsys: Capture) -> None:
    done = call(capsys, "status", "storage-conductor/storages/storage-006/plan.md")
    assert "\nstorage-006 " in done.out
    assert done.out.endswith("\n1 track, 0 of 32 boxes ticked\n")
    assert "storage-005" not in done.out


def test_markdown_is_a_page_with_a_table_for_each_status(team: Path, capsys: Capture) -> None:
    replace(team / "storage-conductor/storages/storage-005/plan.md", DRAWN, "Use `a | b`")
    done = call(capsys, "status", "--markdown")
    tokens = MarkdownIt("commonmark").enable("table").parse(done.out)
    headings = [b.content for a, b in pairwise(tokens) if a.type == "heading_open"]
    assert headings == [
        "Status of the storage components",
        "In Progress (2)",
        "Blocked (2)",
        "Planning (1)",
        "Completed (1)",
        "Cancelled (1)",
        "Totals",
        "Recommendations",
    ]
    rows = [line for line in done.out.splitlines() if "`storage-005` |" in line]
    assert rows == [
        "| Component 5 | `storage-005` | database, PostgreSQL | 5/32 |"
        " 4/4 1/4 0/4 0/4 0/4 0/4 0/4 0/4 | Use a \\| b | 30 days | v1.1.0 |"
    ]


def test_json_and_markdown_exclude_each_other(team: Path, capsys: Capture) -> None:
    assert call(capsys, "status", "--json", "--markdown").code == 2
    assert call(capsys, "status", "--json", "--long").code == 2


def test_control_characters_do_not_reach_the_terminal(project: Path) -> None:
    write_track(project, title="A\x1b[31mB\x07", backend="C\x9bD")
    runs = [
        "status",
        "status --long",
        "status --markdown",
        "status --json",
        "check",
        "sync --dry-run",
    ]
    for arguments in runs:
        done = run(project, *arguments.split())
        assert done.out
        assert not set("\x1b\x07\x9b") & set(done.out)


wide = st.text(st.sampled_from("aé漢🗄ｗ̈ -"), max_size=120)


@given(title=wide, backend=wide, task=wide, most=st.integers(40, 200))
def test_every_line_fits_the_width(
    tmp_path_factory: pytest.TempPathFactory, title: str, backend: str, task: str, most: int
) -> None:
    project = tmp_path_factory.mktemp("wide")
    folder = write_track(project, title=title, backend=backend, status="In Progress")
    replace(folder / "plan.md", "Draw up 1.1", task)
    view = Overview(
        [status._standing(Library(project), "storage-001", ids.clock())],
        [status.Advice("storage-001", "rule", f"do {task} " * 3)],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(most))
        assert max(map(columns, screen(view, {}).splitlines())) <= min(most, 100)
        size = os.terminal_size((most, 24))
        assert max(map(columns, short(view, ["storage-001"], size).splitlines())) <= min(most, 160)


@given(st.text(), st.integers(3, 60))
def test_a_text_is_cut_only_where_it_does_not_fit(text: str, most: int) -> None:
    cut = fit(text, most)
    assert columns(cut) <= most
    if columns(text) <= most:
        assert cut == text
    else:
        assert text.startswith(cut.removesuffix("..."))
