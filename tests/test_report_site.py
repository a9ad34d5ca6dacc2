"""The report as people see it: in a browser, at all widths, by keyboard, on paper, offline."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import copier
import pypdf
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from storage_conductor.disk import places
from storage_conductor.evidence import standing
from storage_conductor.evidence.coverage import PERSON, TaskCheck
from storage_conductor.report import edition
from storage_conductor.report import site as report
from storage_conductor.review import status
from storage_conductor.tracks import evidence
from storage_conductor.tracks.evidence import Evidence
from tests import report_support as support
from tests.conftest import EPOCH, ROOT
from tests.track_builder import write_track

MODELLED = ("ledger-postgresql", "crane-slots-hybrid", "gate-access-dynamodb")
HOSTILE = "<script>alert('t')</script> \"><img src=x onerror=alert(1)> {{ 7*7 }} </title>"
TURNED = f"{HOSTILE} {'W' * 120} \u202e"
RATED: dict[str, object] = {
    "title": "Rates alone",
    "storage_id": "rated",
    "description": "-",
    "storage_type": "cache",
    "backend": "Redis",
    "reads_per_second": 40,
    "writes_per_second": 4,
}
MOST_SEEN = (
    "index.html",
    "tracks/ledger-postgresql/index.html",
    "tracks/crane-slots-hybrid/index.html",
)
TRACKS = 6
CRUMBS = "[...document.querySelectorAll('.crumbs > *')].map(e => e.getBoundingClientRect().left)"
WIDEST_TITLE = """Math.max(0, ...[...document.querySelectorAll("#tracks tbody th")].map(
  each => each.getBoundingClientRect().width))"""
MANY = 1_000
# Whether each corner of an element is seen.
IN_FRONT = """each => {
  const { left, right, top, bottom } = each.getBoundingClientRect();
  return [left + 5, right - 5].every(x => [top + 5, bottom - 5].every(
    y => document.elementFromPoint(x, y) === each));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with support.browser() as found:
        yield found


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Path:
    """Return a project of several kinds of tracks: one is hostile, one has no answers."""
    target = tmp_path_factory.mktemp("report") / "project"
    documents = ROOT / "examples" / "project" / "storage-conductor"
    for document in places.DOCUMENTS:
        (target / "storage-conductor").mkdir(parents=True, exist_ok=True)
        shutil.copy2(documents / document, target / "storage-conductor" / document)
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = EPOCH
    try:
        made: dict[str, dict[str, object]] = {"hostile": hostile(), "rated": RATED}
        for name in (*MODELLED, *made):
            data = made.get(name) or answers(name)
            if name == MODELLED[0]:
                data["blocks"] = ["idempotency-key"]
            copier.run_copy(str(folder), target, data=data, defaults=True, quiet=True, unsafe=True)
    finally:
        if before is not None:
            os.environ["SOURCE_DATE_EPOCH"] = before
    spec = target / "storage-conductor/storages/hostile/spec.md"
    spec.write_text(spec.read_text(encoding="utf-8") + HOSTILE_MARKDOWN, encoding="utf-8")
    tick(target / "storage-conductor/storages/ledger-postgresql", 11)
    prove(target, "ledger-postgresql")
    write_track(
        target,
        "storage-900",
        title="Written by hand",
        status="Blocked",
        done={1: 4, 2: 1},
        decisions=[("D-b", 6, "decided"), ("D-c", 4, "open"), ("D-a", 1, "open")],
    )
    return target


def answers(name: str) -> dict[str, object]:
    found = yaml.safe_load((ROOT / f"examples/answers/{name}.yml").read_text(encoding="utf-8"))
    return dict(found)


def hostile() -> dict[str, object]:
    return {
        "storage_id": "hostile",
        "title": TURNED,
        "description": f"{TURNED}\n\n[x](javascript:alert(2)) ![p](https://example.org/p.png)",
        "backend": "PostgreSQL",
        "depends_on": [HOSTILE, 'a"]; click callers "javascript:alert(3)"'],
        "entities": {"Evil": {"id": "uuid pk -- <img src=x onerror=alert(4)>"}},
        "access_patterns": [
            {"name": HOSTILE, "entity": "Evil", "filter": ["id"], "kind": "read", "per_second": 5}
        ],
    }


HOSTILE_MARKDOWN = """
## Notes <b>of others</b>

<script>alert(5)</script> <a href="javascript:alert(6)">raw</a>

[a](javascript:alert(7)) [b](JaVaScRiPt:alert(8)) [c](data:text/html,<script>alert(9)</script>)
[d](vbscript:x) [e](file:///etc/passwd) ![f](https://example.org/pixel.png) [g](//example.org/h)

```mermaid
flowchart LR
  a["<img src=x onerror=alert(10)>"] --> b
  click a "javascript:alert(11)"
```
"""


def tick(track: Path, boxes: int) -> None:
    plan = (track / "plan.md").read_text(encoding="utf-8")
    (track / "plan.md").write_text(plan.replace("- [ ]", "- [x]", boxes), encoding="utf-8")
    data = json.loads((track / "metadata.json").read_text(encoding="utf-8"))
    data["status"] = "In Progress"
    (track / "metadata.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


def prove(project: Path, storage_id: str) -> None:
    """Let a person vouch for the first task, and a check fail for the second."""
    found = standing.read(project, storage_id)
    first, second, *_ = [task.key for task in found.plan.tasks]
    covers = found.covered(first, TaskCheck("person", PERSON))
    at = "2026-02-01T10:00:00+00:00"
    word = Evidence(at, "passed", covers, says="read it with the auditors", by="Ada <b>L</b>")
    broken = Evidence(at, "failed", says="two columns are missing")
    compared = next(
        key for key, checks in found.checks.items() if "drift postgresql" in names(checks)
    )
    evidence.record(
        project,
        storage_id,
        {first: {PERSON: word}, second: {PERSON: broken}, compared: {"drift postgresql": broken}},
    )


def names(checks: Sequence[TaskCheck]) -> list[str]:
    return [check.name for check in checks]


@pytest.fixture(scope="module")
def pages(project: Path) -> Path:
    """Return the folder of the report of that project."""
    return report.write(project, project.parent / "site", set()).parent


@pytest.fixture(scope="module")
def single(project: Path) -> Path:
    """Return the same report as one file."""
    return report.write(project, project.parent / "single", set(), single=True)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with support.context(browser) as window:
        yield window.new_page()


def test_no_page_says_or_asks_for_anything(browser: Browser, pages: Path) -> None:
    seen = support.Seen()
    found = support.files(pages)
    assert len(found) == 1 + 2 * TRACKS
    for width, scheme in ((390, "dark"), (820, "light"), (1440, "dark")):
        with support.context(browser, width, scheme) as window:
            shown = window.new_page()
            seen.watch(shown)
            for each in found:
                shown.goto(each.as_uri())
                wider = "document.documentElement.scrollWidth - innerWidth"
                assert shown.evaluate(wider) <= 0, (each.parent.name, each.name, width)
    assert seen.said == []
    assert {url for url in seen.asked if not url.startswith(pages.as_uri())} == set()


def test_axe_finds_nothing(browser: Browser, pages: Path) -> None:
    """Each kind of page is looked at narrow or wide, those that people see most in both."""
    found = {}
    for width, scheme, names in (
        (390, "dark", (*MOST_SEEN, "tracks/hostile/index.html", "tracks/rated/spec.html")),
        (1440, "light", (*MOST_SEEN, "tracks/hostile/spec.html", "tracks/storage-900/index.html")),
    ):
        with support.context(browser, width, scheme) as window:
            shown = window.new_page()
            for name in names:
                shown.goto((pages / name).as_uri())
                shown.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                if wrong := support.violations(shown):
                    found[name, width] = wrong
    assert found == {}


def test_search_and_filters_narrow_the_board(page: Page, pages: Path) -> None:
    page.goto((pages / "index.html").as_uri())
    rows = page.locator("#tracks tbody tr:visible")
    expect(rows).to_have_count(TRACKS)
    page.get_by_label("Search").fill("CRANE redis")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Crane slots")
    expect(page.locator("#count")).to_have_text(f"1 of {TRACKS} shown")
    page.get_by_label("Search").fill("nothing has this")
    expect(rows).to_have_count(0)
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(TRACKS)
    page.get_by_label("Status", exact=True).select_option("Blocked")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Written by hand")
    page.get_by_label("Status", exact=True).select_option("")
    page.get_by_label("Who decides", exact=True).select_option("Storage engineer")
    assert 0 < rows.count() < TRACKS


def test_a_column_sorts_both_ways_by_keyboard(page: Page, pages: Path) -> None:
    page.goto((pages / "index.html").as_uri())
    button = page.get_by_role("button", name="Component")
    titles = page.locator("#tracks tbody th a")
    button.focus()
    page.keyboard.press("Enter")
    upward = titles.all_inner_texts()
    page.keyboard.press("Enter")
    assert titles.all_inner_texts() == upward[::-1]
    assert upward.index("Crane slots") < upward.index("Payments ledger")
    head = page.locator("thead th").first
    assert head.get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="Open decisions").click()
    cells = page.locator("#tracks tbody tr td:nth-of-type(4)").all()
    counts = [int(cell.get_attribute("data-sort") or 0) for cell in cells]
    assert counts == sorted(counts)


def test_a_track_shows_decisions_drawings_and_boxes(page: Page, pages: Path) -> None:
    page.goto((pages / "index.html").as_uri())
    page.locator("#tracks").get_by_role("link", name="Payments ledger").click()
    first = page.locator("main section").first
    expect(first.get_by_role("heading").first).to_have_text("Decisions")
    expect(first.locator(".decision").first).to_contain_text("before phase")
    for name in ("Entities of", "The way of a request", "Volume of", "Cost of"):
        drawing = page.get_by_role("img", name=name)
        expect(drawing).to_be_visible()
        assert drawing.locator("text").count() > 3
    expect(page.locator("#model svg")).to_contain_text("guest_ref")
    expect(page.get_by_role("img", name="Volume of")).to_contain_text("70.4 TB, hard limit")
    room = page.locator(".capacities tr").filter(has_text="Largest item")
    expect(room.locator("meter")).to_be_visible()
    expect(room).to_contain_text("1 GiB")
    expect(page.locator("#recovery tbody tr")).to_have_count(6)
    expect(page.locator("#blocks tbody tr")).to_have_count(1)
    expect(page.locator("#blocks tbody tr")).to_contain_text("PostgreSQL")
    expect(page.locator("#blocks tbody tr")).to_contain_text("begin → claim → effect → answer")
    expect(page.locator("#requests svg")).to_contain_text("Idempotency")
    expect(page.locator("#requests tbody td[data-label='Goes through']").first).to_have_text(
        "PostgreSQL"
    )
    expect(page.locator("#plan .phase")).to_have_count(8)
    assert page.locator("#plan li.done").count() == 11
    fact = page.locator("#facts .cited a").first
    tip = page.locator("#facts .cited .tip").first
    expect(tip).to_be_hidden()
    fact.hover()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("checked 20")
    page.mouse.move(0, 0)
    last = page.locator("#facts .cited").last
    last.locator("a").focus()
    expect(tip).to_be_hidden()
    expect(last.locator(".tip")).to_be_visible()
    assert last.locator(".tip").evaluate(IN_FRONT)
    page.keyboard.press("Escape")
    expect(last.locator(".tip")).to_be_hidden()
    last.hover()
    assert last.locator(".tip").evaluate(IN_FRONT)
    page.keyboard.press("Escape")
    expect(last.locator(".tip")).to_be_hidden()
    page.get_by_role("link", name="Specification").first.click()
    expect(page.get_by_role("heading", name="Acceptance Criteria")).to_be_attached()
    page.get_by_role("link", name="plan.md").first.click()
    expect(page.locator("#plan")).to_be_attached()


def test_what_a_number_lacks_is_said(page: Page, pages: Path) -> None:
    page.goto((pages / "tracks/rated/index.html").as_uri())
    sizing = page.locator("#sizing")
    expect(sizing).to_contain_text("40 reads/s and 4 writes/s")
    expect(sizing).not_to_contain_text("No rate")
    expect(sizing.locator("dl div").nth(1)).to_have_text(re.compile("Sizes\\s*not stated"))
    expect(sizing.locator(".capacities tbody tr")).to_have_count(1)
    expect(sizing).to_contain_text("the hosting is not stated; list prices are known for Amazon")
    expect(sizing).to_contain_text('revise rated --data "hosting=Amazon ElastiCache"')
    page.goto((pages / "tracks/crane-slots-hybrid/index.html").as_uri())
    told = page.locator(".capacities tr").filter(has_text="Volume, Redis")
    expect(told).to_contain_text("its entities need sizes and counts")
    told = page.locator(".capacities tr").filter(has_text="Requests, PostgreSQL")
    expect(told).to_contain_text("The capacity of PostgreSQL is not known: a load test tells")
    expect(page.locator(".capacities meter")).to_have_count(2)


def test_evidence_stands_on_the_board_and_beside_the_task(page: Page, pages: Path) -> None:
    page.goto((pages / "index.html").as_uri())
    row = page.locator("#tracks tbody tr").filter(has_text="Payments ledger")
    expect(row).to_contain_text("1 proven")
    expect(row).to_contain_text("2 failed")
    expect(row).to_contain_text("drifted")
    row.get_by_role("link").click()
    expect(page.locator(".badges")).to_contain_text("drifted 2 failed")
    expect(page.locator("#plan li").nth(0).locator(".badge")).to_have_text("proven")
    expect(page.locator("#plan .phase > summary").nth(0).locator(".badge")).to_have_text("1 failed")
    expect(page.locator("#plan .gate").nth(0).locator(".badge")).to_have_text("without evidence")
    told = page.locator("#evidence tbody tr")
    expect(told.nth(0)).to_contain_text("Ada <b>L</b>")
    expect(told.nth(1)).to_contain_text("two columns are missing")


def test_a_track_without_answers_is_shown_by_its_files(page: Page, pages: Path) -> None:
    page.goto((pages / "tracks/storage-900/index.html").as_uri())
    expect(page.locator(".notice").first).to_contain_text("left out")
    keys = page.locator(".decision h3").all_inner_texts()
    assert keys == ["D-a", "D-c"]  # as they are due, and so what is overdue first
    band = page.locator(".next-task")
    expect(band).to_have_text(re.compile("^Next 1 decision is overdue, then: "))
    expect(band.get_by_role("link")).to_have_attribute("href", re.compile("#decisions$"))
    expect(page.locator("#plan .phase")).to_have_count(8)
    assert page.locator("svg").count() == 0


def test_what_is_hostile_stays_text(browser: Browser, pages: Path, single: Path) -> None:
    seen = support.Seen()
    places_of = [pages / "index.html", *sorted((pages / "tracks/hostile").iterdir())]
    addresses = [each.as_uri() for each in places_of]
    addresses += [f"{single.as_uri()}#/{kind}/hostile" for kind in ("track", "spec")]
    for address in addresses:
        with support.context(browser) as window:
            shown = window.new_page()
            seen.watch(shown)
            shown.goto(address)
            expect(shown.locator("main").first).to_contain_text("<script>alert('t')</script>")
            links = shown.evaluate("[...document.links].map(a => a.protocol)")
            assert set(links) <= {"file:", "https:"}, address
            assert shown.locator("main img, main script, main iframe").count() == 0
            lefts = shown.evaluate(CRUMBS)
            assert lefts == sorted(lefts), address
            assert shown.evaluate(WIDEST_TITLE) < 320, address
            own = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
            names = set(shown.evaluate(own))
            assert not [name for name in names if name.startswith("on") or name == "style"]
    assert seen.said == []
    shown_links = (pages / "tracks/hostile/spec.html").read_text(encoding="utf-8")
    for never in ('href="javascript', 'href="file', 'href="data', 'href="//', "<img"):
        assert never not in shown_links.replace("&quot;", "").casefold(), never


def test_one_file_holds_every_page(browser: Browser, single: Path, tmp_path: Path) -> None:
    moved = shutil.copy2(single, tmp_path / "mail.html")
    seen = support.Seen()
    with support.context(browser) as window:
        page = window.new_page()
        seen.watch(page)
        page.goto(Path(moved).as_uri())
        expect(page.locator("#tracks tbody tr")).to_have_count(TRACKS)
        assert page.locator(".decision").count() == 0
        page.get_by_role("link", name="Payments ledger").first.click()
        expect(page.locator("h1")).to_have_text("Payments ledger")
        page.locator(".contents").get_by_role("link", name="Recovery").click()
        expect(page.locator("#recovery")).to_be_in_viewport()
        page.locator(".contents").get_by_role("link", name="Specification").click()
        expect(page.get_by_role("heading", name="Acceptance Criteria")).to_be_attached()
        assert support.violations(page) == []
        page.go_back()
        page.go_back()
        page.go_back()
        expect(page.locator("#tracks tbody tr")).to_have_count(TRACKS)
        page.get_by_label("Search").fill("gate")
        expect(page.locator("#tracks tbody tr:visible")).to_have_count(1)
    assert seen.said == []
    assert [url for url in seen.asked if not url.startswith("file:")] == []
    assert {url.partition("#")[0] for url in seen.asked} == {Path(moved).as_uri()}


def test_the_reader_chooses_light_or_dark(browser: Browser, pages: Path) -> None:
    with support.context(browser, scheme="light") as window:
        page = window.new_page()
        page.goto((pages / "index.html").as_uri())
        ground = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(ground)
        button = page.get_by_role("button", name="Theme")
        button.click()
        button.click()
        expect(button).to_contain_text("dark")
        assert page.evaluate(ground) != light


def test_an_age_is_shown_by_the_clock_of_the_reader_and_a_date_on_paper(
    page: Page, pages: Path
) -> None:
    page.clock.set_fixed_time("2026-12-10T08:00:00Z")
    page.goto((pages / "index.html").as_uri())
    age = page.locator("#tracks tbody tr").filter(has_text="Written by hand").locator(".age time")
    expect(age).to_have_text("2026-01-01 11 months ago")
    expect(age.locator(".date")).to_be_hidden()
    page.emulate_media(media="print")
    expect(age.locator(".date")).to_be_visible()
    expect(age.locator(".ago")).to_be_hidden()
    page.emulate_media(media="screen")
    page.goto((pages / "tracks/storage-900/index.html").as_uri())
    told = page.locator(".facts-line time").first
    expect(told).to_have_text("2026-01-01 11 months ago")
    page.emulate_media(media="print")
    expect(told.locator(".ago")).to_be_hidden()
    expect(told.locator(".date")).to_be_visible()


def test_what_a_component_costs_stands_on_the_board_and_by_part(page: Page, pages: Path) -> None:
    page.goto((pages / "index.html").as_uri())
    expect(page.locator(".lead")).to_contain_text(
        re.compile(r"\d of the components together cost ")
    )
    expect(page.locator(".lead")).to_contain_text("by list prices of US East (N. Virginia)")
    page.get_by_role("button", name="Cost a month").click()
    page.get_by_role("button", name="Cost a month").click()
    cells = page.locator("#tracks tbody td.cost")
    lows = [float(each.get_attribute("data-sort") or 0) for each in cells.all()]
    assert lows == sorted(lows, reverse=True)
    expect(cells.first).to_contain_text("USD")
    page.goto((pages / "tracks/gate-access-dynamodb/index.html").as_uri())
    chart = page.get_by_role("img", name="Cost of DynamoDB")
    expect(chart).to_contain_text("Storage")
    expect(page.locator("figure", has=chart)).to_contain_text("the oldest of 20")
    table = page.get_by_role("region", name="Cost of DynamoDB")
    page.get_by_text("DynamoDB: cost in numbers").click()
    expect(table).to_contain_text("× 0.25 USD")
    table.locator(".cited").first.hover()
    expect(table.locator(".tip").first).to_contain_text("checked 20")


def test_evidence_and_drift_can_be_filtered(page: Page, pages: Path) -> None:
    page.goto((pages / "index.html").as_uri())
    rows = page.locator("#tracks tbody tr:visible")
    page.get_by_label("Evidence", exact=True).select_option("drifted")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("Payments ledger")
    expect(rows.first.locator(".badge", has_text="drifted")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    told = page.locator(".tile", has_text="failed proof")
    expect(told).to_have_text(re.compile(r"^2\s*failed proofs$"))
    told.click()
    expect(rows).to_have_count(1)


def test_what_waits_is_one_step_away(page: Page, pages: Path) -> None:
    page.goto((pages / "index.html").as_uri())
    page.locator(".tile", has_text="overdue").click()
    needed = page.locator("#advice-title")
    expect(needed).to_be_in_viewport()
    page.locator(".advice a", has_text="Written by hand").click()
    page.locator("ul.notice").get_by_role("link", name="D-a").click()
    expect(page.locator("#D-a")).to_be_in_viewport()


@pytest.mark.parametrize("width", [390, 820, 1_440])
def test_a_heading_that_is_led_to_lies_below_the_bar(
    browser: Browser, pages: Path, single: Path, width: int
) -> None:
    at_top = """(heading => {
      const { left, top } = heading.getBoundingClientRect();
      return top < innerHeight / 2 && document.elementFromPoint(left + 4, top + 2) === heading;
    })(document.getElementById("%s"))"""
    with support.context(browser, width) as window:
        page = window.new_page()
        for address, of_file, anchor in (
            ("spec.html", "spec", "backup-and-recovery"),
            ("index.html", "track", "recovery-title"),
        ):
            page.goto((pages / f"tracks/ledger-postgresql/{address}").as_uri() + f"#{anchor}")
            assert page.evaluate(at_top % anchor), address
            page.goto(f"{single.as_uri()}#/{of_file}/ledger-postgresql/{anchor}")
            page.wait_for_function(at_top % anchor)


def test_nothing_is_cut_on_paper_and_all_of_it_is_light(browser: Browser, pages: Path) -> None:
    """The widths are those of A4 between its margins, upright and for the board across."""
    with support.context(browser, scheme="dark") as window:
        page = window.new_page()
        page.emulate_media(media="print")
        for each in support.files(pages):
            width = 1017 if each.parent == pages else 688
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(each.as_uri())
            page.evaluate("dispatchEvent(new Event('beforeprint'))")
            assert page.locator("details:not([open])").count() == 0
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, each
            ink = "getComputedStyle(document.body).color"
            assert page.evaluate(ink) == "rgb(27, 35, 48)"
            head = "getComputedStyle(document.querySelector('thead')).display"
            if page.locator("thead").count():
                assert page.evaluate(head) == "table-header-group"
            expect(page.locator(".top")).to_be_hidden()


def test_a_page_prints_with_its_sources_and_their_addresses(
    page: Page, pages: Path, tmp_path: Path
) -> None:
    page.goto((pages / "tracks/ledger-postgresql/index.html").as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    (tmp_path / "page.pdf").write_bytes(printed)
    assert printed.startswith(b"%PDF-")
    assert b"/URI (https://" in printed
    page.emulate_media(media="print")
    expect(page.locator("#facts .tip").first).to_be_visible()
    after = "getComputedStyle(document.querySelector('#facts .cited a'), '::after').content"
    assert "https://" in page.evaluate(after)


def test_no_name_is_broken_on_paper(page: Page, pages: Path) -> None:
    """The text of the PDF has each name of the page as one word, and no age."""
    names = "[...document.querySelectorAll('th code, td code')].map(e => e.textContent)"
    for name in ("ledger-postgresql", "gate-access-dynamodb"):
        for file in ("index.html", "spec.html"):
            page.goto((pages / "tracks" / name / file).as_uri())
            printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
            texts = [each.extract_text() for each in printed.pages]
            words = set(re.split(r"[\s,;()]+", "\n".join(texts)))
            told = {text for text in page.evaluate(names) if re.fullmatch(r"\w+", text)}
            assert told
            assert told - words == set(), (name, file)
            assert all("Harbourline" in text for text in texts)
            assert not re.search(r"\d{4}-\d\d-\d\d\s+(·|\d+ \w+ ago|today)", "\n".join(texts))


def test_a_page_says_what_it_is_of(page: Page, pages: Path, single: Path) -> None:
    page.goto((pages / "tracks/rated/index.html").as_uri())
    expect(page).to_have_title("Rates alone · Harbourline")
    expect(page.locator("header .brand")).to_have_text("Harbourline")
    said = "Storage components of Harbourline last changed 2026-"
    expect(page.locator("footer")).to_contain_text(said)
    page.goto((pages / "index.html").as_uri())
    expect(page).to_have_title("Storage components · Harbourline")
    page.goto(f"{single.as_uri()}#/spec/rated")
    expect(page).to_have_title("Rates alone, specification · Harbourline")
    expect(page.locator("footer")).to_have_count(1)
    page.goto(f"{single.as_uri()}#/track/rated")
    expect(page).to_have_title("Rates alone · Harbourline")
    page.goto(f"{single.as_uri()}#/")
    expect(page).to_have_title("Storage components · Harbourline")


def test_without_javascript_one_file_promises_no_pages(
    browser: Browser, pages: Path, single: Path
) -> None:
    with browser.new_context(java_script_enabled=False, offline=True) as window:
        page = window.new_page()
        page.goto(single.as_uri())
        expect(page.get_by_text("without JavaScript only the board can be read")).to_be_visible()
        expect(page.get_by_text("the links work without it")).to_have_count(0)
        page.goto((pages / "index.html").as_uri())
        expect(page.get_by_text("the links work without it")).to_be_visible()
        page.locator("#tracks").get_by_role("link", name="Rates alone").click()
        expect(page.locator("h1")).to_have_text("Rates alone")
    with support.context(browser) as window:
        page = window.new_page()
        page.goto(single.as_uri())
        expect(page.locator("#count")).to_contain_text("shown")
        expect(page.get_by_text("without JavaScript")).to_have_count(0)


def test_a_track_that_cannot_be_read_says_where_and_makes_nothing_up(
    page: Page, tmp_path: Path
) -> None:
    track = write_track(tmp_path, "storage-001", title="Ledger")
    (track / places.METADATA).write_text('{\n "id": broken', encoding="utf-8")
    (track / places.SPEC).write_bytes(b"\xff\xfe")
    folder = report.write(tmp_path, tmp_path / "site", set()).parent
    page.goto((folder / "index.html").as_uri())
    row = page.locator("#tracks tbody tr")
    expect(row).to_contain_text(
        "metadata.json:2: is not JSON: a value is expected (column 8). Correct the JSON."
    )
    expect(row.locator("time")).to_have_count(0)
    row.get_by_role("link").click()
    expect(page.locator("ul.notice")).to_contain_text("metadata.json:2: is not JSON")
    expect(page.locator("ul.notice")).to_contain_text("storage-001/spec.md:1: ")
    expect(page.locator("#decisions")).to_contain_text("The specification cannot be read")
    expect(page.locator(".badges")).to_have_text("Unknown")
    expect(page.locator(".facts-line dt")).to_have_text(["Template", "Documents"])


def test_a_verdict_of_recovery_says_what_it_is_about(page: Page, pages: Path) -> None:
    page.goto((pages / "tracks/ledger-postgresql/index.html").as_uri())
    cell = page.locator("#recovery tr").filter(has_text="the loss of a region").locator("dl div")
    expect(cell.nth(0)).to_have_text(re.compile(r"Loses\s*amount not known"))
    expect(cell.nth(1)).to_have_text(re.compile(r"Is back\s*to be measured"))


def test_the_board_of_a_thousand_tracks_opens_at_once(browser: Browser, tmp_path: Path) -> None:
    for number in range(MANY):
        write_track(
            tmp_path,
            f"storage-{number:03}",
            title=f"Component {number}",
            done={1: number % 5},
            decisions=[("D-a", 1, "open")],
        )
    folder = tmp_path / "site"
    folder.mkdir()
    view = status.overview(tmp_path)
    report._many(view, edition.read(tmp_path, view.standings), [], folder)
    seen = support.Seen()
    with support.context(browser) as window:
        page = window.new_page()
        seen.watch(page)
        page.goto((folder / "index.html").as_uri())
        expect(page.locator("#count")).to_have_text("All 1000 shown")
        page.locator("#search").fill("component 777")
        expect(page.locator("#tracks tbody tr:visible")).to_have_count(1)
    loaded = {Path(url).name for url in seen.asked}
    assert loaded == {"index.html", "report.css", "report.js"}
    assert seen.said == []
