"""The board in a browser: search and filters together, what the address keeps, narrow windows."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from storage_conductor.report import site as report
from tests import report_support as support
from tests.track_builder import Decision, replace, write_track

LAWYER = 'Law & "order" <b>team</b>, EU/EEA + UK'
# Who decides before which phase; each track has both people, and phases 1 and 6.
TRACKS: dict[str, tuple[str, dict[str, tuple[str, int]]]] = {
    "storage-001": ("Blocked", {"D-a": ("Team", 1), "D-b": (LAWYER, 6)}),
    "storage-002": ("Blocked", {"D-a": (LAWYER, 1), "D-b": ("Team", 6), "D-c": ("Team", 6)}),
    "storage-003": ("In Progress", {"D-a": ("Team", 6), "D-b": (LAWYER, 1)}),
    "storage-004": ("Planning", {}),
}

# Name, left and right edge of what has the focus.
FOCUSED = """(each => {
  const box = each.getBoundingClientRect();
  return [each.name || each.textContent.trim() || each.tagName, box.left, box.right];
})(document.activeElement)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with support.browser() as found:
        yield found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("board") / "project"
    for at, (name, (status, asked)) in enumerate(TRACKS.items()):
        decisions: list[Decision] = [(key, phase, "open") for key, (_, phase) in asked.items()]
        folder = write_track(
            target,
            name,
            title=f"Component {at + 1}",
            status=status,
            backend="Redis" if at == 1 else "PostgreSQL",
            decisions=decisions,
        )
        for key, (who, _) in asked.items():
            replace(folder / "spec.md", f"| {key} | W | D | Team", f"| {key} | W | D | {who}")
    return target


@pytest.fixture(scope="module")
def board(project: Path) -> Path:
    """Return the board of that project."""
    return report.write(project, project.parent / "site", set())


@pytest.fixture(scope="module")
def single(project: Path) -> Path:
    """Return the same report as one file."""
    return report.write(project, project.parent / "single", set(), single=True)


@pytest.fixture
def page(browser: Browser, board: Path) -> Iterator[Page]:
    with support.context(browser) as window:
        found = window.new_page()
        found.goto(board.as_uri())
        yield found


def shown(page: Page) -> list[str]:
    """Return the ids of the tracks that are shown, in their order."""
    return page.locator("#tracks tbody tr:visible th .id").all_inner_texts()


def choose(page: Page, **filters: str) -> None:
    for name, value in filters.items():
        page.locator(f"[name={name}]").select_option(value)


def test_one_decision_fits_both_who_decides_and_when_it_is_due(page: Page) -> None:
    choose(page, decides="Team", due="before phase 1")
    assert shown(page) == ["storage-001"]
    expect(page.locator("#count")).to_have_text("1 of 4 shown, 1 decision as filtered")
    choose(page, due="before phase 6")
    assert shown(page) == ["storage-003", "storage-002"]
    expect(page.locator("#count")).to_have_text("2 of 4 shown, 3 decisions as filtered")
    row = page.locator("#tracks tbody tr").filter(has_text="storage-002")
    expect(row.locator(".asked")).to_have_text("2 as filtered")
    choose(page, due="")
    assert shown(page) == ["storage-003", "storage-001", "storage-002"]


def test_search_and_every_filter_hold_together(page: Page) -> None:
    choose(page, status="Blocked", decides="Team", due="before phase 6")
    assert shown(page) == ["storage-002"]
    page.get_by_label("Search").fill("redis d-C")
    assert shown(page) == ["storage-002"]
    choose(page, backend="PostgreSQL")
    assert shown(page) == []
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#tracks tbody tr:visible")).to_have_count(4)
    expect(page.locator(".asked:visible")).to_have_count(0)


def test_each_number_leads_to_the_components_that_it_counts(page: Page, board: Path) -> None:
    links = page.locator(".matrix a")
    assert links.count() == 2 + 2 * 3
    for at in range(links.count()):
        page.goto(board.as_uri())
        link = links.nth(at)
        count = link.inner_text()
        link.click()
        expect(page.get_by_role("heading", name="Components", exact=True)).to_be_focused()
        marks = page.locator("#tracks tbody tr:visible .asked").all_inner_texts()
        told = sum(int(mark.split()[0]) for mark in marks)
        assert told > 0
        if count.isdigit():
            assert told == int(count)
        assert f", {told} decision" in page.locator("#count").inner_text()
    page.go_back()
    expect(page.locator("#count")).to_have_text("All 4 shown")
    page.locator(".tile", has_text="Blocked").click()
    expect(page.locator("#count")).to_have_text("2 of 4 shown")
    assert shown(page) == ["storage-001", "storage-002"]


@pytest.mark.parametrize("form", ["board", "single"])
def test_what_is_chosen_stands_in_the_address_that_is_sent_on(
    browser: Browser, request: pytest.FixtureRequest, form: str, tmp_path: Path
) -> None:
    file: Path = request.getfixturevalue(form)
    seen = support.Seen()
    with support.context(browser) as window:
        page = window.new_page()
        seen.watch(page)
        page.goto(file.as_uri())
        page.get_by_label("Search").fill("component & 100%")
        page.get_by_label("Search").fill("component")
        choose(page, decides=LAWYER)
        page.get_by_role("button", name="Status").click()
        page.get_by_role("button", name="Status").click()
        wanted = shown(page)
        assert wanted == ["storage-001", "storage-002", "storage-003"]
        address = page.url
        page.locator("#tracks").get_by_role("link", name="Component 1").click()
        expect(page.locator("h1")).to_have_text("Component 1")
        page.go_back()
        expect(page.get_by_label("Search")).to_have_value("component")
        assert shown(page) == wanted
        page.evaluate("location.hash = '#tracks-title'")
        assert shown(page) == wanted
    elsewhere = tmp_path / "a folder" / "sent"
    shutil.copytree(file.parent, elsewhere)
    sent = (elsewhere / file.name).as_uri() + "#" + address.partition("#")[2]
    with support.context(browser) as window:
        other = window.new_page()
        seen.watch(other)
        other.goto(sent)
        assert shown(other) == wanted
        expect(other.get_by_label("Who decides", exact=True)).to_have_value(LAWYER)
        head = other.locator("thead th", has_text="Status")
        assert head.get_attribute("aria-sort") == "descending"
        other.locator(".brand").click()
        expect(other.locator("#tracks tbody tr:visible")).to_have_count(4)
    assert seen.said == []


def test_an_address_that_names_what_nothing_has_shows_nothing(page: Page, board: Path) -> None:
    gone = "<img src=x onerror=alert(1)>"
    page.goto(f"{board.as_uri()}#/?decides={quote(gone)}&order=-nothing&other=1")
    expect(page.locator("#count")).to_have_text("0 of 4 shown, 0 decisions as filtered")
    expect(page.get_by_label("Who decides", exact=True)).to_have_value(gone)
    assert page.locator("main img").count() == 0
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#count")).to_have_text("All 4 shown")


@pytest.mark.parametrize("width", [390, 820, 1_440])
def test_everything_is_reached_by_keyboard_and_seen_when_it_is(
    browser: Browser, board: Path, width: int
) -> None:
    with support.context(browser, width) as window:
        page = window.new_page()
        page.goto(board.as_uri())
        if width == 390:
            more = page.get_by_role("button", name="Filters")
            expect(page.locator("[name=status]")).to_be_hidden()
            more.press("Enter")
            expect(more).to_have_attribute("aria-expanded", "true")
            page.locator("body").evaluate("body => { body.tabIndex = -1; body.focus(); }")
        reached: list[str] = []
        for _ in range(60):
            page.keyboard.press("Tab")
            name, left, right = page.evaluate(FOCUSED)
            if name == "BODY" or (reached and name == reached[0]):
                break
            assert left >= 0, name
            assert left < width, name
            assert right > 0, name
            reached.append(name)
        for wanted in ("search", "status", "decides", "due", "Clear", "Component 1", "3"):
            assert wanted in reached, (wanted, reached)
        by_head, by_field = "Status" in reached, "order" in reached
        assert (by_head, by_field) == ((True, False) if width > 1_248 else (False, True))
        assert reached.index("search") < reached.index("status") < reached.index("Component 1")


def test_the_board_is_used_by_keyboard_alone(browser: Browser, board: Path) -> None:
    with support.context(browser, 820) as window:
        page = window.new_page()
        page.goto(board.as_uri())
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # skips to the content
        focused = "document.activeElement.name"
        while page.evaluate(focused) != "search":
            page.keyboard.press("Tab")
        page.keyboard.type("component")
        while page.evaluate(focused) != "status":
            page.keyboard.press("Tab")
        page.keyboard.type("Bl")
        assert shown(page) == ["storage-001", "storage-002"]
        while page.evaluate(focused) != "order":
            page.keyboard.press("Tab")
        page.keyboard.type("Component, d")
        assert shown(page) == ["storage-002", "storage-001"]
        while page.evaluate("document.activeElement.textContent") != "Component 2":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Component 2")


@pytest.mark.parametrize("width", [320, 390, 820, 1_100, 1_440])
def test_no_column_of_the_board_is_cut(browser: Browser, board: Path, width: int) -> None:
    with support.context(browser, width) as window:
        page = window.new_page()
        page.goto(board.as_uri())
        page.locator("#tracks tbody tr").first.wait_for()
        hidden = "(b => b.scrollWidth - b.clientWidth)(document.querySelector('.scroll'))"
        assert page.evaluate(hidden) <= 0
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_table_that_is_cut_says_on_which_side(browser: Browser, board: Path) -> None:
    with support.context(browser, 320) as window:
        page = window.new_page()
        page.goto(board.as_uri())
        box = page.get_by_role("region", name="Open decisions by who decides")
        expect(box).to_have_attribute("data-more", "right")
        assert "linear-gradient" in box.evaluate("e => getComputedStyle(e).maskImage")
        box.evaluate("e => e.scrollTo(e.scrollWidth, 0)")
        expect(box).to_have_attribute("data-more", "left")
        page.set_viewport_size({"width": 1_440, "height": 900})
        expect(box).not_to_have_attribute("data-more", re.compile("."))
