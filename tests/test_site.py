"""The documentation site: it is built strictly, is whole, and asks nothing of anybody else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from examples import render

from storage_conductor.catalog import facts, loading
from storage_conductor.catalog.building_blocks import block_headings, proven
from tests import report_support as support
from tests.conftest import ROOT

EXAMPLES = Path("examples/project/storage-conductor/storages")
KINDS = (
    "index",
    "docs/index",
    "docs/architecture",
    "docs/command-line",
    "reference/answers",
    "catalog/index",
    "catalog/redis",
    "blocks/hold",
    "examples/index",
    f"{EXAMPLES}/ledger-postgresql/spec",
    f"{EXAMPLES}/ledger-postgresql/plan",
)
TRACKS = sorted(path.name for path in (ROOT / EXAMPLES).iterdir())


MKDOCS = (sys.executable, "-m", "mkdocs")


def build(
    root: Path, target: Path, mkdocs: Sequence[str] = MKDOCS
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *mkdocs,
            "build",
            "--strict",
            "-f",
            str(root / "website" / "mkdocs.yml"),
            "-d",
            str(target),
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUTF8": "1"},
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    done = build(ROOT, target)
    assert done.returncode == 0, done.stderr
    return target


def text(page: Path) -> str:
    """Return the text of a page's article."""
    article = page.read_text(encoding="utf-8").partition("<article")[2].partition("</article")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", article).split())


@pytest.mark.parametrize("key", [heading.key for heading in loading.headings()])
def test_every_backend_has_its_facts_with_source_and_age(site: Path, key: str) -> None:
    page = (site / "catalog" / f"{key}.html").read_text(encoding="utf-8")
    told = set()
    for variant in loading.load(key).hosting:
        assert f"--hosting {variant.key}" in page
        for topic, items in facts.known(key, hosting=variant.key).topics.items():
            for item in items:
                told.add((topic, str(item)))
                assert f'href="{item.source.url}"'.replace("&", "&amp;") in page
                assert f"as of {item.source.dated}, checked {item.source.checked}" in page
    assert page.count(", checked ") == len(told)


@pytest.mark.parametrize("key", [heading.key for heading in block_headings()])
def test_every_block_has_its_proofs_and_steps(site: Path, key: str) -> None:
    page = text(site / "blocks" / f"{key}.html")
    ran = [item for item in proven() if item.block == key]
    assert ran
    for item in ran:
        name = loading.load(item.store).name
        assert f"{name} {item.version} all {item.mutants}" in page
        assert f"Steps on {name}" in page


@pytest.mark.parametrize("name", TRACKS)
def test_every_example_is_rendered_with_its_lists(site: Path, name: str) -> None:
    for file in ("spec", "plan"):
        page = (site / EXAMPLES / name / f"{file}.html").read_text(encoding="utf-8")
        source = (ROOT / EXAMPLES / name / f"{file}.md").read_text(encoding="utf-8")
        assert page.count('class="drawing"') == source.count("```mermaid")
        assert page.count('type="checkbox" disabled') == len(
            re.findall(r"^ *- \[[ x]\]", source, re.M)
        )
        nested = re.findall(r'<li class="task-list-item">(?:(?!</li>).)*?<ul', page, re.S)
        assert len(nested) == len(re.findall(r"^- \[.*\n  - \[", source, re.M))


def test_the_gallery_shows_each_example_and_leads_to_its_pages(site: Path) -> None:
    seen = support.Seen()
    with support.browser() as browser, support.context(browser) as window:
        page = window.new_page()
        seen.watch(page)
        page.goto((site / "examples" / "index.html").as_uri())
        cards = page.locator(".example")
        assert cards.count() == len(TRACKS)
        shown = {}
        for card in cards.all():
            assert card.locator(".figures").inner_text().endswith(" boxes")
            assert card.locator(".first").inner_text().startswith("The first of its decisions: ")
            links = {link.inner_text(): link for link in card.locator(".links a").all()}
            assert [*links] == ["Report", "Specification", "Plan"]
            for link in links.values():
                address = f"{link.evaluate('link => link.href')}"
                assert Path(url2pathname(urlsplit(address).path)).is_file(), address
            name = f"{links['Plan'].get_attribute('href')}".split("/")[-2]
            shown[name] = card.locator(".drawing svg").count()
        drawn = {
            name: int("```mermaid" in (ROOT / EXAMPLES / name / "spec.md").read_text("utf-8"))
            for name in TRACKS
        }
        assert shown == drawn
        headings = page.locator("article h2").all_inner_texts()
        assert headings[:2] == ["Databases", "Object storage"]
        picture = page.get_by_role("img", name="The board of the report")
        assert picture.evaluate("image => image.naturalWidth") > 1_000
        ledger = page.locator(".example", has_text="Payments ledger")
        boxes = ledger.locator(".figures").inner_text().rpartition(", ")[2]
        ledger.get_by_text("Report").click()
        assert page.locator("h1").inner_text() == "Payments ledger"
        assert page.locator(".progress-line .figures").inner_text() == f"0 of {boxes} ticked"
        assert page.locator("#sizing svg").count() > 1
        assert page.locator(".notice").count() == 0
    assert seen.said == []


def test_backends_are_listed_by_kind_and_name(site: Path) -> None:
    page = (site / "catalog" / "index.html").read_text(encoding="utf-8").partition("<article")[2]
    listed: dict[str, list[str]] = {}
    for heading, name in re.findall(r'<h2 id="[^"]+">([^<]+)|<td><a href="[^"]+">([^<]+)', page):
        if heading:
            listed[heading] = []
        else:
            listed[[*listed][-1]].append(name)
    assert [*listed] == ["Databases", "Object storage", "Caches", "File systems"]
    assert sorted(name for names in listed.values() for name in names) == sorted(
        each.name for each in loading.headings()
    )
    for names in listed.values():
        assert names == sorted(names, key=str.casefold)


def test_every_page_of_the_documentation_is_there(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        name = "index" if page.stem == "README" else page.stem
        assert (site / page.relative_to(ROOT).parent / f"{name}.html").is_file()


def test_nothing_is_left_that_is_markdown(site: Path) -> None:
    for page in site.rglob("*.html"):
        whole = page.read_text(encoding="utf-8")
        inside = "main" if (site / "report") in page.parents else "article"
        article = whole.partition(f"<{inside}")[2].partition(f"</{inside}")[0]
        assert article or page.name == "404.html"
        assert r"\|" not in "".join(re.findall(r"<td\b[^>]*>.*?</td>", article, re.S)), page
        prose = re.sub(r"<(pre|code)\b.*?</\1>|<[^>]+>", "", article, flags=re.S)
        assert not re.search(r"`|\*\*|\]\(|^- |^\|", prose, re.M), page


# The report takes most of the time of a build, and no link is checked in it.
WITHOUT_REPORT = """
import sys
root, names, *arguments = sys.argv[1:]
sys.path[:0] = [root]
from website import gallery
gallery.report = lambda: ((name, b"") for name in names.split())
from mkdocs.__main__ import cli
cli(arguments)
"""


def test_a_link_that_leads_nowhere_fails_the_build(site: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    by_hand = ("tests/engine_versions.md", "tests/python_versions.md")
    for name in ("docs", "website", "examples", *render.TEMPLATE, *by_hand):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            (root / name).parent.mkdir(exist_ok=True)
            shutil.copy2(source, root / name)
    for page in ROOT.glob("*.md"):
        shutil.copy2(page, root / page.name)
    with (root / "docs" / "report.md").open("a", encoding="utf-8") as file:
        file.write("\n[one](answers.md#no-such-heading) [two](no-such-page.md)\n")
    written = [page.relative_to(site).as_posix() for page in (site / "report").rglob("*.*")]
    command = [sys.executable, "-c", WITHOUT_REPORT, str(root), " ".join(written)]
    done = build(root, tmp_path / "site", command)
    assert done.returncode == 1
    assert "no-such-heading" in done.stderr
    assert "no-such-page.md" in done.stderr
    assert "Aborted with 2 warnings" in done.stderr + done.stdout


def test_pages_ask_nothing_of_anybody_else_and_can_be_searched_from_a_folder(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    loaded = re.compile(r"<(?:script|img|iframe|link)\b[^>]*(?:src|href)=\"?https?://", re.I)
    assert [page for page in pages if loaded.search(page.read_text(encoding="utf-8"))] == []
    seen = support.Seen()
    with support.browser() as browser, support.context(browser) as window:
        page = window.new_page()
        seen.watch(page)
        for name in KINDS:
            page.goto((site / f"{name}.html").as_uri())
        page.goto((site / EXAMPLES / "ledger-postgresql" / "spec.html").as_uri())
        assert page.locator(".drawing svg").first.bounding_box()
        page.get_by_role("textbox", name="Search").first.fill("idempotency")
        page.locator(".md-search-result__item").first.wait_for()
    assert [url for url in seen.asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert seen.said == []


def test_each_kind_of_page_can_be_read_by_all(site: Path) -> None:
    """No page is cut at any width; each is looked at by axe in one of them, their frame in all."""
    found = {}
    views = (390, "dark"), (820, "light"), (1440, "light")
    with support.browser() as browser:
        for at, (width, scheme) in enumerate(views):
            with support.context(browser, width, scheme) as window:
                page = window.new_page()
                for name in KINDS[at :: len(views)]:
                    page.goto((site / f"{name}.html").as_uri())
                    wrong = support.violations(page)
                    for other in (390, 820, 1440):
                        page.set_viewport_size({"width": other, "height": 900})
                        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                        wrong += [f"cut at {other}"] * (over > 0)
                    page.set_viewport_size({"width": width, "height": 900})
                    if wrong:
                        found[name, width] = wrong
    assert found == {}
