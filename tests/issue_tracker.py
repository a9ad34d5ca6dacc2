"""A tracker on this machine that speaks the REST of GitHub and GitLab, and their programs.

A stand-in takes the arguments of `gh api` or `glab api` and nothing else, fills in the repository,
and sends the request, page by page.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PER_PAGE = 4  # at most, so that few issues take several pages

STAND_IN = """\
#!{python} -IS
import argparse, http.client, sys
parser = argparse.ArgumentParser(allow_abbrev=False)
parser.add_argument("api", choices=["api"])
parser.add_argument("path")
parser.add_argument("--paginate", action="store_true")
parser.add_argument("--method", default="GET")
parser.add_argument("--input", choices=["-"])
parser.add_argument("--header", action="append", default=[])
asked = parser.parse_args()
path = asked.path.replace("{{owner}}/{{repo}}", "ann/shop").replace(":id", "7")
data = sys.stdin.buffer.read() if asked.input else None
page = 1
while page:
    url = "/{name}/" + path + (f"&page={{page}}" if asked.paginate else "")
    headers = dict(each.split(": ") for each in asked.header)
    if "{name}" == "gh":
        headers["Content-Type"] = "application/json"
    server = http.client.HTTPConnection("{host}")
    server.request(asked.method, url, data, headers)
    answer = server.getresponse()
    text = answer.read().decode("utf-8")
    if answer.status >= 400:
        sys.exit(f"HTTP {{answer.status}}: {{text}}")
    sys.stdout.write(text)
    page = int(answer.headers["X-Next-Page"] or 0) if asked.paginate else 0
"""


class Tracker:
    """Issues of one repository, and the requests that changed them."""

    def __init__(self) -> None:
        self.issues: list[dict[str, Any]] = []
        self.changes: list[tuple[str, str]] = []
        self.broken = False

    def issue(self, title: str) -> dict[str, Any]:
        """Return the one issue of a title."""
        (found,) = [each for each in self.issues if each["title"] == title]
        return found


class _Server(ThreadingHTTPServer):
    tracker: Tracker


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path, query = self._asked()
        assert path in ("repos/ann/shop/issues", "projects/7/issues"), path
        assert query["labels"] == ["storage-conductor"]
        assert int(query["per_page"][0]) <= 100
        mine = self.server.tracker.issues
        if "/gh/" in self.path and query.get("state") != ["all"]:
            mine = [each for each in mine if each["state"] == "open"]
        page = int(query["page"][0])
        shown = mine[(page - 1) * PER_PAGE : page * PER_PAGE]
        self._answer(shown, following=page + 1 if page * PER_PAGE < len(mine) else 0)

    def do_POST(self) -> None:
        data = self._given("POST")
        is_github = "/gh/" in self.path
        labels = data["labels"]
        assert labels == (["storage-conductor"] if is_github else "storage-conductor")
        assert data["title"].strip()
        assert len(data["title"]) <= 255
        text = "body" if is_github else "description"
        number = len(self.server.tracker.issues) + 1
        new = {"title": data["title"], text: data[text], "number": number, "iid": number}
        self.server.tracker.issues.append({**new, "state": "open" if is_github else "opened"})
        self._answer(new)

    def do_PATCH(self) -> None:
        data = self._given("PATCH")
        assert "/gh/" in self.path
        self._changed(data)

    def do_PUT(self) -> None:
        data = self._given("PUT")
        assert "/glab/" in self.path
        if data.pop("state_event", "") == "close":
            data["state"] = "closed"
        self._changed(data)

    def _changed(self, data: dict[str, Any]) -> None:
        assert data
        assert set(data) <= {"title", "state", "state_reason"}
        number = int(urlsplit(self.path).path.rpartition("/")[2])
        self.server.tracker.issues[number - 1] |= data
        self._answer({})

    def _asked(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        return parts.path.split("/", 2)[2], parse_qs(parts.query)

    def _given(self, method: str) -> dict[str, Any]:
        assert self.headers["Content-Type"] == "application/json"
        data: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.tracker.changes.append((method, str(data.get("title"))))
        return data

    def _answer(self, data: object, following: int = 0) -> None:
        status = 502 if self.server.tracker.broken else 200
        text = json.dumps(data).encode("utf-8")
        self.send_response(status)
        self.send_header("X-Next-Page", str(following or ""))
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@contextmanager
def tracker(folder: Path) -> Iterator[Tracker]:
    """Run a tracker, with `gh` and `glab` that speak to it in a folder."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.tracker = Tracker()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_port}"
    for name in ("gh", "glab"):
        path = folder / name
        path.write_text(STAND_IN.format(python=sys.executable, host=host, name=name), "utf-8")
        path.chmod(0o755)
    try:
        yield server.tracker
    finally:
        server.shutdown()
        server.server_close()
