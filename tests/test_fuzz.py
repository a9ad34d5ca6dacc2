"""Whatever is put into answers, data files and project files ends in success or in a message.

More than 10,000 inputs a run, through the real entry points, none slower than `MOST` and, where the
system tells it, none that takes more memory than `MOST_MEMORY`.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from copier.errors import UserMessageError
from hypothesis import given, settings
from hypothesis import strategies as st

from storage_conductor.catalog import loading
from storage_conductor.component.track import build
from storage_conductor.context import read_context
from storage_conductor.disk import files, places
from storage_conductor.errors import ConductorError
from storage_conductor.questions import answers
from storage_conductor.questions import given as beforehand
from storage_conductor.review import project_checks, status
from storage_conductor.schema.tokens import TEXT_LENGTH
from storage_conductor.tracks import registry_edit, registry_read
from storage_conductor.update import recorded_answers
from tests import fuzz_inputs as inputs
from tests.conftest import REQUIRED, tracks
from tests.track_builder import STARTER, write_registry, write_track

# What is drawn may be long; hypothesis only warns that to print it would take long, too.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

MOST = 5.0  # seconds of CPU
MOST_MEMORY = 500_000  # kB, beside what the tests themselves have taken
DRAWN = {
    "answer": 5000,
    "answers": 500,
    "data file": 2000,
    "model": 200,
    "documents": 2000,
    "registry": 1500,
    "project file": 500,
    "record": 500,
    "copy": 200,
}
TEXTS = ("description", "use_cases", "scalability", "affected_users", "retention")
RECORD = {"storage_id": "storage-001", "created_at": "2026-01-31T09:10:00+00:00"}


@contextlib.contextmanager
def _mannered() -> Iterator[None]:
    """Let only messages pass, and nothing that takes long."""
    before, started = _kilobytes("VmRSS"), time.process_time()
    is_counted = _count_peak_from_here()
    with contextlib.suppress(ConductorError, UserMessageError):
        yield
    assert time.process_time() - started < MOST
    assert not is_counted or _kilobytes("VmHWM") - before < MOST_MEMORY


def _count_peak_from_here() -> bool:
    """Forget the most memory that this process had; False where the system cannot (proc(5))."""
    with contextlib.suppress(OSError):
        return Path("/proc/self/clear_refs").write_bytes(b"5") > 0
    return False


def _kilobytes(name: str) -> int:
    """Return a size of this process, in kB; 0 where the system does not tell it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0


def test_inputs_are_enough() -> None:
    assert sum(DRAWN.values()) >= 10_000


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape" if "\udcff" in text else "replace"))


@settings(max_examples=DRAWN["answer"])
@given(st.sampled_from(sorted(answers.RULES)), inputs.values)
def test_single_answers(name: str, value: Any) -> None:
    with _mannered():
        answers.check(beforehand.tidy({name: value}), closed=True)
        answers.broken_rule(name, value)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("piece", inputs.REPEATED, ids=ascii)
def test_long_texts(name: str, piece: str) -> None:
    """A text as long as answers may be takes no longer because it says the same again and again."""
    text = (piece * TEXT_LENGTH)[:TEXT_LENGTH]
    raw = {"title": "x", "description": "y", "backend": "PostgreSQL", **RECORD, name: text}
    with _mannered():
        answers.check(raw)
        build({"storage_type": "database", **raw}).complete()


@settings(max_examples=DRAWN["answers"])
@given(inputs.given_answers)
def test_given_answers(drawn: dict[str, Any]) -> None:
    with _mannered():
        answers.check(beforehand.tidy(drawn), required=tuple(REQUIRED), closed=True)


@settings(max_examples=DRAWN["data file"])
@given(inputs.texts | st.lists(inputs.texts, max_size=4).map("\ntitle: ".join))
def test_data_files(text: str) -> None:
    with contextlib.suppress(yaml.YAMLError), _mannered():
        found = beforehand.from_yaml(text)
        if isinstance(found, dict):
            answers.check(beforehand.tidy(found), closed=True)


@settings(max_examples=DRAWN["model"])
@given(inputs.sound_answers, inputs.models, inputs.snapshots | inputs.values)
def test_models(drawn: dict[str, Any], model: dict[str, Any], context: Any) -> None:
    raw = beforehand.tidy({**drawn, "entities": model, "project_context": context, **RECORD})
    heading = loading.find(str(raw.get("backend", "")))
    raw["storage_type"] = heading.storage_type if heading else "database"
    with _mannered():
        answers.check(raw)
        build({"backend": "PostgreSQL", **raw}).complete()


@settings(max_examples=DRAWN["documents"])
@given(st.dictionaries(st.sampled_from(places.DOCUMENTS), inputs.texts, min_size=1))
def test_documents(tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, str]) -> None:
    project = tmp_path_factory.getbasetemp() / "documents"
    shutil.rmtree(project, ignore_errors=True)
    for name, text in drawn.items():
        _put(project / places.HOME / name, f"# Storage\n\n{text}\n")
    with _mannered():
        read_context(project, starting=True)


@settings(max_examples=DRAWN["registry"])
@given(inputs.texts, inputs.texts)
def test_registries(before: str, after: str) -> None:
    for text in (
        before,
        STARTER + before,
        f"{before}\n| Storage ID | Title |\n|---|---|\n| {after} |",
    ):
        with _mannered():
            registry_read.parse(text).problems()
            registry_edit.rows(text)


@settings(max_examples=DRAWN["project file"])
@given(
    st.sampled_from([*places.RENDERED, places.ANSWERS, "tracks.md"]), inputs.texts, st.booleans()
)
def test_project_files(
    tmp_path_factory: pytest.TempPathFactory, name: str, text: str, whole: bool
) -> None:
    project = tmp_path_factory.getbasetemp() / "files"
    shutil.rmtree(project, ignore_errors=True)
    track = write_track(project)
    write_registry(project)
    path = track / name if name != "tracks.md" else project / places.REGISTRY
    old = path.read_text(encoding="utf-8")
    middle = len(old) // 2
    _put(path, text if whole else old[:middle] + text + old[middle:])
    with _mannered():
        project_checks.survey(project)
    with _mannered():
        status.overview(project)


@settings(max_examples=DRAWN["record"])
@given(
    st.dictionaries(st.sampled_from([*answers.RULES, "project_context"]), inputs.values)
    | inputs.snapshots.map(lambda found: {"project_context": found})
)
def test_recorded_answers(tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, Any]) -> None:
    project = tmp_path_factory.getbasetemp() / "recorded"
    path = project / places.of_track("storage-001", places.ANSWERS)
    try:
        text = yaml.safe_dump({**RECORD, **drawn})
    except ValueError:  # a number of thousands of digits
        return
    _put(path, text)
    with _mannered():
        recorded_answers.renew(project, path, recorded_answers.read(path), {})
    assert files.read_text(path)


@settings(max_examples=DRAWN["copy"])
@given(inputs.sound_answers | inputs.given_answers)
def test_copies(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, Any]
) -> None:
    project = tmp_path_factory.getbasetemp() / "copies"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    with _mannered():
        copier.run_copy(str(folder), project, drawn, defaults=True, quiet=True, unsafe=True)
        (track,) = tracks(project)
        assert (track / places.PLAN).is_file()
