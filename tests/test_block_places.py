"""Files, buckets and servers to prove on: what is empty is used, and what is not is left alone."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.catalog.building_blocks import BlockStep, load_block
from storage_conductor.errors import ConductorError
from storage_conductor.proof.blocks import places, prove, servers
from storage_conductor.proof.blocks.files import FileSession
from storage_conductor.proof.blocks.memcached import MemcachedSession
from storage_conductor.proof.blocks.objects import ObjectSession
from storage_conductor.proof.blocks.sessions import StoreSession
from storage_conductor.schema.block_statements import ReadyStep
from tests.command_runner import call
from tests.test_catalog_commands_stores import memcached

Capture = pytest.CaptureFixture[str]
NEW = "open(d/a, O_CREAT|O_EXCL|O_WRONLY)\nwrite(d/a, <content>)"
KEPT = f"{NEW}\nfsync(d/a)\nfsync(d)"


@pytest.fixture
def files(tmp_path: Path) -> Iterator[FileSession]:
    (tmp_path / "d").mkdir()
    session = FileSession(tmp_path)
    yield session
    session.reset()


def take(session: StoreSession, run: str, /, none: str = "", **values: Any) -> list[dict[str, Any]]:
    """Take a step that is made of its text alone."""
    step = BlockStep(key="step", run=run, none=none, gives="content", dies="x", without="x")
    return session.take(ReadyStep(step, run, ()), values)


def left(session: StoreSession, loss: str) -> dict[str, str]:
    """Return what a power loss leaves, by name."""
    session.look(f"power_loss(d, {loss})", {})
    names = [row["value"] for row in session.look("list(d)", {})]
    return {name: session.look(f"read(d/{name})", {})[0]["value"] for name in names}


@pytest.mark.parametrize(
    ("steps", "kept", "lost"),
    [
        (NEW, {"a": ""}, {}),
        (f"{NEW}\nfsync(d/a)", {"a": "text"}, {}),
        (f"{NEW}\nfsync(d)", {"a": ""}, {"a": ""}),
        (KEPT, {"a": "text"}, {"a": "text"}),
        (f"{KEPT}\nlink(d/a, d/b)", {"a": "text", "b": "text"}, {"a": "text"}),
        (f"{KEPT}\nlink(d/a, d/b)\nunlink(d/a)", {"b": "text"}, {"a": "text"}),
        (
            f"{KEPT}\nlink(d/a, d/b)\nfsync(d)\nunlink(d/a)",
            {"b": "text"},
            dict.fromkeys("ab", "text"),
        ),
    ],
)
def test_a_power_loss_leaves_what_was_flushed(
    files: FileSession, steps: str, kept: dict[str, str], lost: dict[str, str]
) -> None:
    take(files, steps, content="text")
    files.reset()
    assert left(files, "kept") == kept
    for path in (row["value"] for row in files.look("list(d)", {})):
        take(files, f"unlink(d/{path})")
    take(files, "fsync(d)")
    take(files, steps, content="text")
    files.reset()
    assert left(files, "lost") == lost
    assert left(files, "lost") == lost


def test_a_name_that_is_there_ends_a_step_with_its_word(files: FileSession) -> None:
    take(files, NEW, content="text")
    assert take(files, NEW, none="taken", content="other") == []
    with pytest.raises(FileExistsError):
        take(files, NEW, content="other")
    assert files.look("read(d/none)", {}) == []
    with pytest.raises(ValueError, match="is not a call"):
        files.look("rm -rf d", {})


def test_a_directory_with_something_in_it_is_refused(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "mine").write_text("1")
    address = tmp_path.as_uri()
    assert places.store_at(address) == "local-posix"
    done = call(capsys, "prove", "--block", "atomic-publish", "--store", "nfs", "--url", address)
    assert done.code == 2
    assert "not there, or not empty" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_empty_directory_is_used_and_left_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def looks(trial: Any, numbers: Any) -> Iterator[str]:
        trial.do("publish", name="a", token="t", content="text")  # noqa: S106 - no password
        seen.append(sorted(path.name for path in tmp_path.iterdir()))
        yield "stop"

    monkeypatch.setattr(prove, "case_of", lambda _: looks)
    found = prove.prove(load_block("atomic-publish"), "nfs", tmp_path.as_uri(), lambda _: None)
    assert found.violations == ("stop",)
    assert seen == [[".disk", "file"]]
    assert list(tmp_path.iterdir()) == []


def test_entries_of_others_are_left_alone() -> None:
    with (
        memcached() as port,
        contextlib.closing(MemcachedSession(f"memcached://127.0.0.1:{port}")) as session,
    ):
        take(session, "set mine 0 0\n1")
        with (
            pytest.raises(ConductorError, match="not empty"),
            servers.memcached(f"memcached://127.0.0.1:{port}"),
        ):
            pass
        assert session.look("get mine", {}) == [{"value": "1"}]


@pytest.mark.parametrize("url", ["memcached://127.0.0.1:{port}", "http://127.0.0.1:{port}/bucket"])
def test_what_does_not_answer_is_one_message(capsys: Capture, url: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = url.format(port=probe.getsockname()[1])
    block = "cache-aside" if address.startswith("memcached") else "quarantine-publish"
    done = call(capsys, "prove", "--block", block, "--url", address)
    assert done.code == 2
    assert "does not answer, or refuses" in done.err
    assert "Traceback" not in done.err


@pytest.mark.skipif(sys.platform != "linux", reason="SeaweedFS is installed on Linux alone")
def test_a_bucket_answers_by_conditions_whatever_keys_are_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    with servers.bucket("") as (url, version), contextlib.closing(ObjectSession(url)) as session:
        assert version.startswith("SeaweedFS ")
        put = "PUT a/<id>\nIf-None-Match: *\n\n<content>"
        first = take(session, put, none="taken", id="ä 1", content="text")
        assert take(session, put, none="taken", id="ä 1", content="other") == []
        read = take(session, "GET a/<id>", id="ä 1")
        assert (read[0]["content"], read[0]["etag"]) == ("text", first[0]["etag"])
        with pytest.raises(OSError, match="412"):
            take(session, put, id="ä 1", content="other")
        with pytest.raises(ConductorError, match="not empty"), servers.bucket(url):
            pass


def test_requests_with_a_key_are_signed() -> None:
    pytest.importorskip("botocore")
    session = ObjectSession("http://KEY:SECRET@127.0.0.1:9/bucket")
    headers = session._signed("GET", "/bucket/a", {"If-Match": "x"}, b"")
    assert headers["If-Match"] == "x"
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=KEY/")
    assert "SECRET" not in str(headers)
    assert ObjectSession("http://127.0.0.1:9/bucket")._signed("GET", "/", {}, b"") == {}
