"""The addresses elsewhere that the site leads to, asked for at a server of the tests' own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from website import external_links


class Elsewhere(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        path = self.path.partition("?")[0]
        codes = {"/fine": 200, "/moved": 301, "/shy": 405 if self.command == "HEAD" else 200}
        self.send_response(codes.get(path, 404))
        if path == "/moved":
            self.send_header("Location", "/fine")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_what_is_gone_or_moved_is_named_once(
    tmp_path: Path, elsewhere: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (
        f'<a href="{elsewhere}/fine?a=1&amp;b=2#part">x</a> <a class=x href={elsewhere}/moved>x</a>'
        f'<a href="{elsewhere}/gone">x</a> <a href="{elsewhere}/shy">x</a>'
        '<a href="http://127.0.0.1:9/">x</a> <a href="other.html">x</a> <a href="mailto:a@b">x</a>'
    )
    (tmp_path / "sub").mkdir()
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    (tmp_path / "sub" / "index.html").write_text(page, encoding="utf-8")
    assert external_links.main([str(tmp_path)]) == 1
    first, _, *table = capsys.readouterr().out.splitlines()
    assert first.endswith("for 5 addresses; 3 to look at.")
    rows = {row.split("|")[1].strip(): row for row in table[2:]}
    assert {*rows} == {"<http://127.0.0.1:9/>", f"<{elsewhere}/gone>", f"<{elsewhere}/moved>"}
    assert "404" in rows[f"<{elsewhere}/gone>"]
    assert f"moved to {elsewhere}/fine" in rows[f"<{elsewhere}/moved>"]
    assert "index.html and 1 more" in rows[f"<{elsewhere}/gone>"]
    assert "no answer" in rows["<http://127.0.0.1:9/>"]


def test_nothing_to_look_at_is_a_success(
    tmp_path: Path, elsewhere: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "index.html").write_text(f'<a href="{elsewhere}/fine">x</a>', encoding="utf-8")
    assert external_links.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith("for 1 addresses; 0 to look at.\n")


def test_a_machine_without_a_way_to_any_server_has_checked_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = '<a href="http://127.0.0.1:9/">x</a> <a href="http://no-such-name.invalid/">x</a>'
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    assert external_links.main([str(tmp_path)]) == 2
    said = capsys.readouterr().out
    assert said.startswith("None of 2 addresses was reached, such as http://127.0.0.1:9/:")
    assert "nothing was checked" in said
