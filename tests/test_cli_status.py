import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cli.command import columns, fit
from cli.screen import screen, short
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
    assert "blocked for 10 days;" in messages["2", "blocked"]
    assert "blocked for 20 days, longest of all;" in messages["3", "blocked"]
    assert "phases 1, 2, 3, 4, 5, 6, 7, 8 are" in messages["1", "phase-status"]


@pytest.mark.parametrize(
    ("state", "done", "expected"),
    [
        ("Planning", {1: 2}, "in Planning with 2 of 32 boxes ticked; set it to In Progress"),
        ("Completed", {1: 4}, "Completed with 28 of 32 boxes open"),
        ("In Progress", all_done(), "all boxes are ticked; set it to Completed"),
        ("Reverted", {1: 4}, None),
        ("Paused", {}, "no valid status; run `storage-conductor check`"),
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
        "In Progress (2)",
        "  Component 4 [..........]    0/32 phase 1: Draw up 1.1, see the schema",
        "  Component 5 [#.........]    5/32 phase 2: Draw up 2.1, see the schema",
        "Blocked (2)",
        "  Component 2 [..........]    0/32 phase 1: Draw up 1.1, see the schema",
        "  Component 3 [..........]    0/32 phase 1: Draw up 1.1, see the schema",
        "Planning (1)",
        "  Component 6 [..........]    0/32 phase 1: Draw up 1.1, see the schema",
        "Completed (1)",
        "  Component 1 [##########]   32/32",
        "Cancelled (1)",
        "  Component 7 [#.........]    4/32",
        "7 tracks, 41 of 224 boxes ticked",
        "Recommendations",
        "  storage-004: In Progress with no box ticked; tick what is done",
        "  storage-005: all boxes of phase 1 are ticked; set the Status line to Completed",
        "  storage-005: the work has gone on without deciding D-a",
        "  and 3 more: storage-conductor status --long",
    ]


@pytest.mark.parametrize("most", [60, 80, 120, 200])
def test_twenty_tracks_fit_a_screen(
    project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    titles = [
        "Payments ledger",
        "支払い台帳 決済基盤 👩‍👩‍👧",
        "<b>a</b> | \x1b[31m",
        "مرحبا",
        "x" * 90,
    ]
    states = ["In Progress", "Blocked", "Planning", "Completed", "Cancelled"]
    asked = [(f"D-a-long-name-of-a-decision-{at}", 1, "open") for at in range(9)]
    for at in range(20):
        write_track(
            project,
            f"storage-{at:03}",
            title=titles[at % 5],
            status=states[at // 4],
            done={1: at % 5},
            decisions=asked,
        )
    monkeypatch.chdir(project)
    monkeypatch.setenv("COLUMNS", str(most))
    lines = call(capsys, "status").out.splitlines()
    assert len(lines) == 20 + len(states) + 1 + 1 + 3 + 1
    assert max(map(columns, lines)) <= min(most, 160)
    bars = [line for line in lines if "/32" in line]
    assert len({columns(line.partition("[")[0]) for line in bars if "31m" not in line}) == 1


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
    assert done.out.startswith("Planning (1)\n")
    assert "\n1 track, 0 of 32 boxes ticked\n" in done.out
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
        assert max(map(columns, short(view).splitlines())) <= min(most, 160)


@given(st.text(), st.integers(3, 60))
def test_a_text_is_cut_only_where_it_does_not_fit(text: str, most: int) -> None:
    cut = fit(text, most)
    assert columns(cut) <= most
    if columns(text) <= most:
        assert cut == text
    else:
        assert text.startswith(cut.removesuffix("..."))
