"""A report in a real browser: Debian's Chromium by Playwright, with axe-core for accessibility."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import schema_servers

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


@dataclass
class Seen:
    """What a browser said and asked for while it showed pages."""

    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self.asked.append(request.url))


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium, or skip where it is not installed."""
    program = schema_servers.program("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield found
        finally:
            found.close()


def context(found: Browser, width: int = 1440, scheme: str = "light") -> BrowserContext:
    """Open a window of its own; nothing outside of files is reachable."""
    made = found.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        offline=True,
        reduced_motion="reduce",
    )
    made.set_default_timeout(30_000)
    return made


def violations(page: Page, tags: Sequence[str] = (*WCAG, "best-practice")) -> list[str]:
    """Return what axe finds on a page, each with the first place."""
    place = os.environ.get("STORAGE_CONDUCTOR_NODE")
    source = Path(place or "") / "node_modules" / "axe-core" / "axe.min.js"
    if not place or not source.is_file():
        schema_servers.missing("the npm package axe-core is not in STORAGE_CONDUCTOR_NODE")
    page.evaluate(source.read_text(encoding="utf-8"))
    only = {"type": "tag", "values": list(tags)}
    options = json.dumps({"runOnly": only, "preload": False})  # a folder gives no sheet to a script
    found: dict[str, Any] = page.evaluate(f"axe.run(document, {options})")
    assert found["passes"]
    return [
        f"{each['id']}: {each['help']}: {each['nodes'][0]['html'][:200]}"
        for each in found["violations"]
    ]


def files(site: Path) -> list[Path]:
    """Return the pages of a report."""
    found = sorted(site.rglob("*.html"))
    if not found:
        pytest.fail(f"no page in {site}")
    return found
