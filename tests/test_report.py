"""What the report is made of: its folder, drawings, links and shares of capacity."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from storage_conductor.catalog import loading
from storage_conductor.catalog.backend import Backend
from storage_conductor.component.decisions import LABELS
from storage_conductor.component.recovery_table import Timely
from storage_conductor.disk import cache as caching
from storage_conductor.disk import folders, places
from storage_conductor.errors import ConductorError
from storage_conductor.evidence.standing import ProofState
from storage_conductor.findings.recovery import Verdict
from storage_conductor.questions.answers import Answers
from storage_conductor.report import (
    charts,
    diagrams,
    drawing,
    edition,
    flow,
    pages,
    prose,
    site,
    svg,
)
from storage_conductor.report.board import Board, KnownCost, PageFacts
from storage_conductor.report.links import FileLinks
from storage_conductor.report.sizing_view import SizingView
from storage_conductor.review import status
from storage_conductor.schema.guards import Shape
from storage_conductor.schema.result import Cost
from storage_conductor.sizing import size
from storage_conductor.sizing.headroom import Headroom, Uncompared, headroom
from storage_conductor.sizing.model import Job
from storage_conductor.sizing.workload import Workload
from tests.command_runner import call
from tests.conftest import commit, git
from tests.spec_rendering import track_of
from tests.track_builder import Decision, write_track

Capture = pytest.CaptureFixture[str]
KNOWN = frozenset({"storage-001", "storage-002"})


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# ---------------------------------------------------------------------------------------------
# The command and its folder


def test_the_report_is_written_and_replaced(tmp_path: Path, capsys: Capture) -> None:
    write_track(tmp_path, "storage-001", title="Ledger")
    write_track(tmp_path, "storage-002", title="Sessions")
    done = call(capsys, "report")
    assert (done.code, done.out) == (0, f"{places.REPORT}/index.html\n")
    folder = tmp_path / places.REPORT
    assert (folder / "tracks/storage-002/spec.html").is_file()
    first = contents(folder)
    assert call(capsys, "report").code == 0
    assert contents(folder) == first
    assert call(capsys, "report", "storage-conductor/storages/storage-001").code == 0
    assert [each.name for each in (folder / "tracks").iterdir()] == ["storage-001"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["storage-conductor", places.REPORT]


def test_one_file_is_written_where_it_is_asked_for(tmp_path: Path, capsys: Capture) -> None:
    write_track(tmp_path)
    done = call(capsys, "report", "--single", "--out", "build/report")
    assert (done.code, done.out) == (0, "build/report/report.html\n")
    assert sorted(contents(tmp_path / "build/report")) == [".gitignore", "report.html"]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        each.relative_to(folder).as_posix(): each.read_bytes()
        for each in folder.rglob("*")
        if each.is_file()
    }


@pytest.mark.parametrize("kind", ["folder", "file", "ignored"])
def test_what_no_report_made_is_left_alone(tmp_path: Path, capsys: Capture, kind: str) -> None:
    write_track(tmp_path)
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine", encoding="utf-8")
    else:
        out.mkdir()
        (out / (folders.MARKER if kind == "ignored" else "mine.txt")).write_bytes(b"*\n")
    before = contents(tmp_path)
    done = call(capsys, "report", "--out", "out")
    assert (done.code, done.out) == (2, "")
    assert "out: is there and was not made by this command" in done.err
    assert "Remedy: Name a folder that is empty" in done.err
    assert contents(tmp_path) == before


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_neither_replaced_nor_written_through(
    tmp_path: Path, capsys: Capture, there: bool
) -> None:
    write_track(tmp_path)
    target = tmp_path / "pages"
    if there:
        target.mkdir()
    link = tmp_path / "link"
    link.symlink_to(target)
    before = sorted(path.name for path in tmp_path.iterdir())
    done = call(capsys, "report", str(tmp_path), "--out", str(link))
    assert done.code == 2
    assert "is a symbolic link" in done.err
    assert f"Name the folder itself, {target}." in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert link.is_symlink()
    assert not there or not any(target.iterdir())


def test_a_failure_leaves_the_report_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with folders.replaced(folder) as new:
        (new / "page").write_text("old", encoding="utf-8")
    with pytest.raises(ConductorError, match="cannot be written: No space left"):
        _fail_in(folder)
    assert (folder / "page").read_text(encoding="utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def _fail_in(folder: Path) -> None:
    with folders.replaced(folder) as new:
        (new / "page").write_text("new", encoding="utf-8")
        raise OSError(28, "No space left on device")


def test_two_runs_do_not_write_into_each_other(tmp_path: Path) -> None:
    with (
        folders.replaced(tmp_path / "out"),
        pytest.raises(ConductorError, match="written by another run"),
        folders.replaced(tmp_path / "out"),
    ):
        pass
    assert (tmp_path / "out").is_dir()


def test_a_missing_library_is_named(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_track(tmp_path)
    monkeypatch.setitem(sys.modules, "mmdr", None)
    done = call(capsys, "report")
    assert done.code == 2
    assert done.err == (
        "This needs the Python package mmdr, which is not installed.\n"
        '  Remedy: Install "storage-conductor[report]" in place of "storage-conductor".\n'
    )
    assert not (tmp_path / places.REPORT).exists()


def test_many_tracks_in_several_processes_are_the_same_as_in_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        write_track(tmp_path, f"storage-{number:03}")
    monkeypatch.setattr(site, "_FEW", 1)
    site.write(tmp_path, tmp_path / "several", set())
    monkeypatch.setattr(site, "_FEW", 100)
    site.write(tmp_path, tmp_path / "one", set())
    assert contents(tmp_path / "several") == contents(tmp_path / "one")


def test_the_board_counts_who_decides_before_which_phase(tmp_path: Path) -> None:
    write_track(tmp_path, "storage-001", decisions=[("D-a", 1, "open"), ("D-b", 6, "open")])
    write_track(tmp_path, "storage-002", decisions=[("D-a", 1, "open"), ("D-c", 1, "decided")])
    board = Board(status.overview(tmp_path), {})
    assert board.matrix.due == [
        ("before phase 1", "1 Schema Design"),
        ("before phase 6", "6 Backup & Recovery"),
    ]
    assert board.matrix.deciders == [("Team", [2, 1], 3)]
    assert (board.open, board.shows_cost) == (3, False)
    assert "D-b" in board.rows[0].text


def test_a_filter_is_offered_where_it_tells_tracks_apart(tmp_path: Path) -> None:
    write_track(tmp_path, "storage-001", decisions=[("D-a", 1, "open"), ("D-b", 6, "open")])
    write_track(tmp_path, "storage-002", decisions=[("D-a", 1, "open"), ("D-b", 6, "open")])
    both = Board(status.overview(tmp_path), {})
    assert [(item.name, len(item.values)) for item in both.filters] == [("due", 2)]
    write_track(tmp_path, "storage-003")
    one_without = Board(status.overview(tmp_path), {})
    assert [item.name for item in one_without.filters] == ["decides", "due"]


def test_a_track_that_was_given_up_waits_for_no_decision(tmp_path: Path) -> None:
    asked: list[Decision] = [("D-a", 1, "open")]
    for name, state in (("storage-001", "Cancelled"), ("storage-002", "Completed")):
        write_track(tmp_path, name, status=state, done={1: 1}, decisions=asked)
    board = Board(status.overview(tmp_path), {})
    told = {row.status: (len(row.decisions), row.overdue) for row in board.rows}
    assert told == {"Completed": (1, 1), "Cancelled": (0, 0)}
    assert board.open == 1
    folder = site.write(tmp_path, tmp_path / "site", set()).parent / "tracks"
    marked = {each.name for each in folder.iterdir() if "overdue" in page_of(each)}
    assert marked == {"storage-002"}


def page_of(track: Path) -> str:
    return (track / "index.html").read_text(encoding="utf-8")


def test_what_needs_attention_stands_once_for_each_track(tmp_path: Path) -> None:
    asked: list[Decision] = [("D-a", 1, "open")]
    write_track(tmp_path, "storage-001", done={1: 4}, decisions=asked)
    write_track(tmp_path, "storage-002", status="In Progress")
    found = Board(status.overview(tmp_path), {}).advice
    told = {row.id: [item.rule for item in items] for row, items in found.items()}
    assert told == {
        "storage-001": ["status", "phase-status", "overdue-decision"],
        "storage-002": ["status"],
    }


@pytest.mark.parametrize(
    ("costs", "together"),
    [
        ([(1.0, 2.0), (10.0, 20.0)], "11 to 22"),
        ([(1.0, 2.0), (10.0, None)], "from 11"),
        ([(1.0, 1.0)], "1"),
    ],
)
def test_costs_are_added_as_ranges(
    tmp_path: Path, costs: list[tuple[float, float | None]], together: str
) -> None:
    known = {}
    for at, (low, high) in enumerate([*costs, (500.0, 500.0)]):
        given_up = at == len(costs)
        write_track(tmp_path, f"storage-{at:03}", status="Cancelled" if given_up else "Planning")
        known[f"storage-{at:03}"] = PageFacts(KnownCost(low, high, ("Paris",), f"2026-0{9 - at}"))
    board = Board(status.overview(tmp_path), known)
    assert board.cost is not None
    assert (board.cost.shown, board.priced) == (together, len(costs))
    assert (board.cost.regions, board.cost.dated) == (("Paris",), f"2026-0{10 - len(costs)}")


def test_a_cost_without_an_upper_bound_is_drawn_to_the_end() -> None:
    rows = [("Storage <b>", 5.0, None, "from 5"), ("Requests", 1.0, 2.0, "1 to 2")]
    drawn = charts.ranges(rows, "USD a month", "Cost", "c")
    assert "Storage &lt;b&gt;" in drawn
    ends = [
        float(left) + float(width)
        for left, width in re.findall(r'd="M([\d.]+),\d+h([\d.]+)v14', drawn)
    ]
    ranged, most_of_it, least = ends
    broken = re.findall(
        r'<line transform="translate\(([\d.]+),\d+\)" x2="([\d.]+)"[^>]*dash', drawn
    )
    ((left, width),) = broken
    assert float(left) == most_of_it
    assert float(left) + float(width) == pytest.approx(most_of_it * 1.1, rel=0.01)
    assert ranged == pytest.approx(2 * least, rel=0.01)
    assert drawn.index(">Storage") < drawn.index(">Requests")
    assert "dasharray" not in charts.ranges(rows[1:], "USD a month", "Cost", "c")


# ---------------------------------------------------------------------------------------------
# Pages that were drawn before


def drawings(monkeypatch: pytest.MonkeyPatch, cache: Path) -> list[str]:
    """Start with an empty cache, and return the tracks that are drawn from now on."""
    made: list[str] = []
    draw = drawing._draw

    def counted(job: drawing.TrackDrawing) -> drawing.DrawnTrack:
        made.append(job.standing.track.id)
        return draw(job)

    cache.mkdir()
    monkeypatch.setattr(caching, "folder", lambda: cache)
    monkeypatch.setattr(drawing, "_draw", counted)
    return made


def test_what_did_not_change_is_not_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    for number in range(3):
        write_track(project, f"storage-{number:03}")
    made = drawings(monkeypatch, tmp_path / "cache")
    site.write(project, tmp_path / "one", set())
    assert len(made) == 3
    site.write(project, tmp_path / "two", set())
    assert len(made) == 3
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    plan = project / places.of_track("storage-001", places.PLAN)
    plan.write_text(plan.read_text().replace("- [ ]", "- [x]", 1))
    site.write(project, tmp_path / "two", set())
    assert made[3:] == ["storage-001"]
    changed = contents(tmp_path / "two")["tracks/storage-001/index.html"]
    assert changed != contents(tmp_path / "one")["tracks/storage-001/index.html"]


def test_a_link_to_a_track_that_came_later_is_not_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    spec = write_track(project, "storage-001") / places.SPEC
    spec.write_text(spec.read_text() + "\n[other](%2e%2e/storage\\-00&#50;/spec.md)\n")
    made = drawings(monkeypatch, tmp_path / "cache")
    site.write(project, tmp_path / "out", set())
    write_track(project, "storage-002")
    write_track(project, "storage-003")
    site.write(project, tmp_path / "out", set())
    assert made == ["storage-001", "storage-001", "storage-002", "storage-003"]
    page = (tmp_path / "out/tracks/storage-001/spec.html").read_text()
    assert 'href="../../tracks/storage-002/spec.html">other' in page


def test_damage_in_what_is_kept_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    write_track(project)
    made = drawings(monkeypatch, tmp_path / "cache")
    site.write(project, tmp_path / "one", set())
    for path in (tmp_path / "cache").iterdir():
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    site.write(project, tmp_path / "two", set())
    assert len(made) == 2
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_same_tracks_give_the_same_pages_on_another_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_track(tmp_path / "p", status="Blocked", done={1: 1})
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1770000000")
    site.write(tmp_path / "p", tmp_path / "one", set())
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780000000")
    site.write(tmp_path / "p", tmp_path / "two", set())
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.parametrize("broken", [places.EVIDENCE, places.OWN_CHECKS])
def test_evidence_that_cannot_be_read_is_named(
    tmp_path: Path, capsys: Capture, broken: str
) -> None:
    track = write_track(tmp_path, "storage-001")
    (track / places.EVIDENCE).write_text('{"version": 1}', encoding="utf-8")
    path = track / broken if broken == places.EVIDENCE else tmp_path / broken
    path.write_text("{", encoding="utf-8")
    site.write(tmp_path, tmp_path / "out", set())
    page = (tmp_path / "out/tracks/storage-001/index.html").read_text("utf-8")
    named = path.relative_to(tmp_path).as_posix()
    assert re.search(rf'<p class="notice">What is proven cannot be told: {named}:\d+: ', page)
    board = (tmp_path / "out/index.html").read_text("utf-8")
    assert 'data-evidence="cannot be read"' in board
    assert "unreadable evidence file<" in board
    assert f"storage-001: {named}:" in call(capsys, "status").out


def test_a_track_with_checks_of_the_projects_own_is_drawn_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    for number in range(2):
        write_track(project, f"storage-{number:03}")
    (project / places.OWN_CHECKS).write_text(
        "checks: {lint: {track: storage-001, tasks: [a], command: [x], covers: [src/**]}}\n"
    )
    made = drawings(monkeypatch, tmp_path / "cache")
    site.write(project, tmp_path / "one", set())
    site.write(project, tmp_path / "two", set())
    assert made == ["storage-000", "storage-001", "storage-001"]


def test_the_pages_have_words_for_all_that_is_found() -> None:
    words = pages._environment().get_template("macros.html.jinja").module
    told = (("verdicts", Verdict), ("costs", Cost), ("times", Timely), ("kept", Shape))
    for name, kinds in told:
        assert set(getattr(words, name)) == set(get_args(kinds)) - {""}
    assert set(words.proofs) == {state.value for state in ProofState}  # type: ignore[attr-defined]
    assert set(words.tones) == set(LABELS)  # type: ignore[attr-defined]


def test_advice_is_a_sentence_with_its_decisions_as_links() -> None:
    told = pages._advised("go on without D-a, D-b-<i> and `x`", {"D-a", "D-b"}, FileLinks(), "s")
    assert told == ('Go on without <a href="#D-a">D-a</a>, D-b-&lt;i&gt; and <code>x</code>.')


# ---------------------------------------------------------------------------------------------
# What a report is of


def test_a_report_is_of_the_last_commit_of_the_tracks(tmp_path: Path) -> None:
    project = tmp_path / "marina"
    write_track(project, updated="2026-03-14T09:00:00+00:00")
    standings = status.overview(project).standings
    assert edition.read(project, standings) == ("marina", "last changed 2026-03-14")
    commit(project)
    asked = git(project, "log", "-1", "--format=%cs, commit %h").strip()
    (project / "other.txt").write_text("-", encoding="utf-8")
    assert edition.read(project, standings) == ("marina", f"as of {asked}")
    document = project / "storage-conductor" / places.PRODUCT
    document.write_text("# Product\n\n- **Product name**: Harbourline\n", encoding="utf-8")
    told = ("Harbourline", f"as of {asked} and changes that are not committed")
    assert edition.read(project, standings) == told


def test_a_hostile_name_is_text_in_pages_and_in_the_style_sheet(tmp_path: Path) -> None:
    of = edition.Edition('</style><script>x()</script>"; } * { color: red', "as of 2026")
    page = edition.put(of, b"<p><!--project--> <!--state--></p>")
    assert page.startswith(b"<p>&lt;/style&gt;&lt;script&gt;x()")
    sheet = pages.style_sheet(of).removeprefix(pages.asset(pages.STYLE))
    assert not set(sheet) & set("<>'")
    assert sheet.count("{") == sheet.count("}") == 2


def test_a_report_of_another_commit_draws_no_track_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    write_track(project)
    made = drawings(monkeypatch, tmp_path / "cache")
    site.write(project, tmp_path / "one", set())
    commit(project)
    site.write(project, tmp_path / "two", set())
    assert made == ["storage-001"]
    assert ", commit " in (tmp_path / "two/tracks/storage-001/index.html").read_text("utf-8")


# ---------------------------------------------------------------------------------------------
# Drawings


def test_a_drawing_keeps_only_what_is_allowed() -> None:
    drawn = svg.embedded(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10.123456 5" onload="x()">'
        "<style>*{}</style><script>x()</script><foreignObject/>"
        '<marker id="used"/><marker id="idle"/>'
        '<path d="M0.123456 1" marker-end="url(#used)" style="a:b" onclick="x()" data-a="b"/>'
        '<a href="javascript:x()"><text>in a link</text></a>'
        '<text fill="red">&lt;b&gt;</text></svg>',
        'Says "this" & that',
        "p",
        "chart",
    )
    for gone in ("style", "script", "foreignObject", "onload", "onclick", "data-", "href", "idle"):
        assert gone not in drawn
    assert 'id="p-0"' in drawn
    assert "url(#p-0)" in drawn
    assert 'd="M0.1 1"' in drawn
    assert "&lt;b&gt;" in drawn
    assert 'aria-label="Says &quot;this&quot; &amp; that"' in drawn


@pytest.mark.parametrize(
    "text",
    [
        'a "quoted" one',
        "`code` **bold**",
        "a\\nb",
        "#quot; #60;",
        "end",
        "x[(y)]|z|{w}",
        "日本語",
        "%%",
    ],
)
def test_a_label_shows_its_text_whatever_is_in_it(text: str) -> None:
    label = diagrams.label(text)
    drawn = diagrams.draw(f'flowchart LR\n  a["{label}"] -->|"{label}"| b["ok"]\n', "-", "x")
    assert drawn is not None
    shown = "".join(part.partition(">")[2] for part in str(drawn).split("<"))
    assert "ok" in shown
    words = [word for word in text.replace("\\", " ").split() if word.isalnum()]
    assert all(word in shown.replace(" ", "") for word in words), shown


def test_a_drawing_is_the_same_whatever_was_drawn_before() -> None:
    points = [(0.0, 4.0), (12.0, 9.0)]
    first = charts.over_time(points, [], "GB", "-", "c")
    charts.over_time([(0.0, 5.0), (6.0, 7.0)], [], "GB", "-", "c")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caching, "folder", lambda: None)
        assert charts.over_time(points, [], "GB", "-", "c") == first


def test_the_way_of_a_request_goes_through_its_blocks() -> None:
    component = track_of(SEATS).component
    assert flow.through(component) == {
        "free seats": (),
        "hold a seat": ("Hold with expiry",),
        "confirm": ("Idempotency key", "Hold with expiry"),
    }
    source = flow.diagram(component, [])
    for arrow in (
        'callers -->|"1 read, 200/s"| entity0',
        'callers -->|"Seat: 1 update, 20/s"| block0',
        'callers -->|"Booking: 1 write, 10/s"| block1',
        "block1 --> block0",
        "block0 --> entity1",
        'entity1 ---|"together"| entity0',
        "callers --> block2 --> store0",
    ):
        assert f"  {arrow}\n" in source
    drawn = diagrams.draw(source, "-", "w")
    assert drawn is not None
    assert all(f">{word}<" in drawn for word in ("Idempotency", "Seat", "PostgreSQL"))


def test_what_a_store_cannot_keep_is_in_nobodys_way() -> None:
    said: dict[str, Any] = {"storage_type": "cache", "backend": "Memcached", "blocks": ["hold"]}
    component = track_of(said).component
    assert component.blocks[0].why_not
    assert "block0" not in flow.diagram(component, [])


SEATS: dict[str, Any] = {
    "backend": "PostgreSQL",
    "blocks": ["hold", "idempotency-key", "rate-limit"],
    "entities": {
        "Seat": {"id": "bigint pk", "holder": "text null", "held_until": "timestamptz null"},
        "Booking": {"id": "bigint pk", "seat": "ref Seat not null", "holder": "text not null"},
    },
    "access_patterns": [
        {"name": "free seats", "entity": "Seat", "kind": "read", "per_second": 200},
        {
            "name": "hold a seat",
            "entity": "Seat",
            "filter": ["id"],
            "kind": "update",
            "per_second": 20,
        },
        {
            "name": "confirm",
            "entity": "Booking",
            "kind": "write",
            "per_second": 10,
            "atomic": ["Booking", "Seat"],
            "invariant": "a seat is sold once",
        },
    ],
}


def test_what_cannot_be_drawn_is_not_drawn() -> None:
    assert diagrams.draw("no diagram at all", "-", "x") is None


def test_a_chart_shows_its_limits_near_or_far() -> None:
    limits = [
        charts.LimitLine(64, "64 GB: <b>hard</b>"),
        charts.LimitLine(6_000, "6 TB, hard limit"),
    ]
    drawn = charts.over_time([(0, 1), (12, 60)], limits, "GB", "Volume", "v")
    assert "64 GB: &lt;b&gt;hard&lt;/b&gt;" in drawn
    assert "stroke-dasharray" in drawn
    assert "↑ 6 TB, hard limit, 100 times as much" in drawn
    assert "<b>" not in drawn
    (height,) = re.findall(r'viewBox="0 0 [\d.]+ ([\d.]+)"', drawn)
    assert float(height) < 400


# ---------------------------------------------------------------------------------------------
# Documents


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("#sizing", "#sizing"),
        ("plan.md", "tracks/storage-001/index.html"),
        ("../storage-002/spec.md#sizing", "tracks/storage-002/spec.html"),
        ("../storage-009/spec.md", None),
        ("../../product.md", None),
        ("//example.org", None),
        ("/etc/passwd", None),
        ("https:evil", "https:evil"),
    ],
)
def test_a_link_leads_to_the_web_or_to_a_page(href: str, address: str | None) -> None:
    def target(found: str) -> str:
        return pages._target(found, "storage-001", FileLinks(), KNOWN)

    shown = prose.inline(f"[text]({href})", target)
    assert "text" in shown
    wanted = f'href="{address}"' if address and not address.startswith("https:e") else None
    assert (wanted in shown) if wanted else ("href" not in shown)


def test_html_in_markdown_is_text() -> None:
    shown, sections = prose.document(
        "## A <i>b</i>\n\n<script>x()</script>\n\n![p](https://example.org/p.png)\n",
        prose.nowhere,
        lambda _: None,
    )
    assert "&lt;script&gt;" in shown
    assert "<img" not in shown
    assert sections == [("a-ibi", "A <i>b</i>")]


# ---------------------------------------------------------------------------------------------
# Load against capacity


def compared(
    backend: str, hosting: str | None = None, **answers: object
) -> dict[str, Headroom | Uncompared]:
    store: Backend = loading.load(backend).at(hosting)
    said = Answers(title="-", description="-", **answers)  # type: ignore[arg-type]
    load = Workload(said)
    estimates = {item.key: item.result for item in size(said, [store])}
    return {item.label: item for item in headroom(Job(load, store, None, True), estimates, load)}


def test_load_is_compared_with_what_the_store_offers() -> None:
    found = compared(
        "redis",
        reads_per_second=7_000,
        writes_per_second=0,
        peak_factor=5,
        largest_item_bytes=2**29,
    )
    node, item = found["Requests to one node"], found["Largest item"]
    assert isinstance(node, Headroom)
    assert (node.taken_text, node.capacity_text, node.percent) == ("35,000/s", "70,000/s", 50)
    assert node.source is not None
    assert isinstance(item, Headroom)
    assert item.percent == 100


def test_a_load_is_compared_or_its_capacity_is_said_to_be_no_number() -> None:
    given: dict[str, Any] = {"reads_per_second": 100, "writes_per_second": 1, "latency_p99_ms": 50}
    assert isinstance(compared("mariadb", **given)["Connections in flight"], Headroom)
    rds = compared("postgresql", "amazon-rds", **given)
    assert rds["Requests"] == Uncompared("Requests", "PostgreSQL", "101/s at peak")
    told = rds["Connections in flight"]
    assert isinstance(told, Uncompared)
    assert "memory in bytes" in told.said
    s3 = compared("amazon-s3", initial_data_gb=1_000, **given)
    assert isinstance(s3["Reads under one prefix"], Headroom)
    assert s3["Volume"] == Uncompared("Volume", "Amazon S3", "1 TB after 12 months")
    assert "Requests" not in s3
    neon = compared("postgresql", "neon", initial_data_gb=1)["Volume"]
    assert isinstance(neon, Uncompared)
    assert "no hard limit" in neon.said
    assert compared("redis") == {}


def test_a_load_of_several_stores_is_compared_by_what_falls_to_each() -> None:
    entities = {
        "Order": {"id": "bigint pk", "_count": 1_000_000, "_size": 1_000},
        "Seen": {"id": "bigint pk", "_store": "Redis"},
    }
    read = {"name": "seen", "entity": "Seen", "filter": ["id"], "kind": "read", "per_second": 700}
    said = {
        "storage_type": "hybrid",
        "backends": ["PostgreSQL", "Redis"],
        "reads_per_second": 900,
        "entities": entities,
        "access_patterns": [read],
    }
    view = SizingView(track_of(said).component)
    told = {(item.backend, item.label): item.taken_text for item in view.capacities}
    assert told["Redis", "Requests to one node"] == "700/s"
    left = {(item.backend, item.label): item.taken_text for item in view.uncompared}
    assert left["PostgreSQL", "Requests"] == ""
    assert left["PostgreSQL", "Volume"] == "1.19 GB after 12 months"
    assert view.rooms == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, {}),
        ({"reads_per_second": 40}, {"Rates": "40 reads/s"}),
        (
            {"reads_per_second": 40, "writes_per_second": 4, "peak_factor": 3},
            {"Rates": "40 reads/s (120/s at peak) and 4 writes/s (12/s at peak)"},
        ),
        ({"peak_writes_per_second": 9}, {"Rates": "writes (9/s at peak)"}),
        ({"throughput_mb_per_second": 12.5}, {"Rates": "12.5 MB/s"}),
        ({"largest_item_bytes": 2**20}, {"Sizes": "1 MiB at most"}),
        ({"growth_gb_per_month": 2}, {"Volume": "2 GB more a month"}),
        ({"item_count": 1_000}, {"Volume": "1,000 items"}),
    ],
)
def test_what_is_stated_of_the_load_is_shown(said: dict[str, Any], told: dict[str, str]) -> None:
    component = track_of({"backend": "PostgreSQL", **said}).component
    found = {about: text for about, text in SizingView(component).stated if text}
    assert found == told
    assert bool(component.sized_by[0]) == bool(told)


@pytest.mark.parametrize(
    ("said", "asked", "hosting", "offered"),
    [
        ({"backend": "PostgreSQL"}, (), "", "Amazon RDS"),
        ({"backend": "PostgreSQL", "hosting": "self-managed"}, (), "self-managed", "Amazon RDS"),
        (
            {"backend": "Amazon S3", "storage_type": "object_storage"},
            ("the volume",),
            None,
            None,
        ),
        ({"backend": "Other", "other_backend": "Meilisearch"}, (), None, ""),
    ],
)
def test_a_cost_that_is_not_known_says_what_is_missing(
    said: dict[str, Any], asked: tuple[str, ...], hosting: str | None, offered: str | None
) -> None:
    view = SizingView(track_of(said).component)
    assert view.costs == ()
    (found,) = view.unpriced
    assert found.asked == asked
    assert hosting is None or found.hosting == hosting
    assert offered is None or (offered in found.offered if offered else found.offered == ())


def test_a_title_that_is_no_unicode_is_drawn(tmp_path: Path, capsys: Capture) -> None:
    path = write_track(tmp_path) / "metadata.json"
    text = path.read_text(encoding="utf-8").replace("Payments ledger", "\\ud800 ledger")
    path.write_text(text, encoding="utf-8")
    for single in ([], ["--single"]):
        done = call(capsys, "report", str(tmp_path), "--out", "out", *single)
        assert (done.code, done.err) == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
def test_a_folder_whose_name_is_no_utf_8_is_drawn(tmp_path: Path, capsys: Capture) -> None:
    track = write_track(tmp_path)
    track.rename(track.with_name(os.fsdecode(b"ledger\xff")))
    for single in ([], ["--single"]):
        done = call(capsys, "report", str(tmp_path), "--out", "out", *single)
        assert (done.code, done.err) == (0, "")
