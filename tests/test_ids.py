import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage_conductor.disk import places
from storage_conductor.errors import ConductorError
from storage_conductor.tracks import ids

from .conftest import EPOCH, commit, git
from .test_registry_file import unprivileged_folder

NOW = datetime(2026, 1, 31, 9, 10, 0, tzinfo=UTC)
FIRST = {
    "timestamp": "storage-20260131-091000",
    "sequential": "storage-001",
    "typed": "storage-object-storage-001",
}
SECOND = {
    "timestamp": "storage-20260131-091001",
    "sequential": "storage-002",
    "typed": "storage-object-storage-002",
}
SCHEMES = list(FIRST)
PROGRAM = """
import sys, time
from pathlib import Path
from storage_conductor.tracks import ids
print("ready", flush=True)
sys.stdin.readline()
new = ids.reserve(Path(sys.argv[1]), sys.argv[2], "object_storage", ids.clock())
(Path(sys.argv[1]) / "storage-conductor/storages" / new / "spec.md").write_text("x")
print(new)
"""


@pytest.fixture(autouse=True)
def _released() -> None:
    """Keep one test's reservations out of the next."""
    ids.release()


def storages(project: Path) -> Path:
    return project / "storage-conductor" / "storages"


def add(project: Path, *names: str) -> None:
    for name in names:
        (storages(project) / name).mkdir(parents=True)
        (storages(project) / name / "spec.md").write_text("x", encoding="utf-8")


def reserve(project: Path, scheme: str, now: datetime = NOW) -> str:
    return ids.reserve(project, scheme, "object_storage", now)


def run(project: Path, scheme: str) -> subprocess.Popen[str]:
    package = Path(ids.__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(project), scheme],
        env={**os.environ, "PYTHONPATH": str(package)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


# Form


@pytest.mark.parametrize(
    "storage_id", ["a", "storage-001", "orders-db", "a1-2-b", "x" * 64, "com", "console", "com10"]
)
def test_well_formed_ids_have_no_problem(storage_id: str) -> None:
    assert ids.problem(storage_id) is None


@pytest.mark.parametrize(
    ("storage_id", "rule"),
    [
        ("", "empty"),
        ("x" * 65, "longer than 64"),
        ("../../x", "'.' is not"),
        ("a/b", "'/' is not"),
        ("a\\b", r"'\\' is not"),
        ("a b", "' ' is not"),
        ("Orders", "'O' is not"),
        ("CON", "'C' is not"),
        ("a_b", "'_' is not"),
        ("a\n", r"'\n' is not"),
        ("ä", r"'\xe4' is not"),
        ("\u202egnp", r"'\u202e' is not"),
        ("{{ x }}", "'{' is not"),
        ("1a", "start with a letter"),
        ("-a", "start with a letter"),
        ("a-", "hyphen"),
        ("a--b", "hyphen"),
        ("con", "device"),
        ("lpt1", "device"),
    ],
)
def test_the_message_names_the_rule_that_was_broken(storage_id: str, rule: str) -> None:
    message = ids.problem(storage_id)
    assert message
    assert rule in message
    assert message.isascii()
    assert len(message) < 200


@given(st.text())
def test_an_id_without_a_problem_is_one_safe_folder_name(storage_id: str) -> None:
    if ids.problem(storage_id) is None:
        assert Path(storage_id).name == storage_id == storage_id.casefold()


# Clock


def test_the_clock_is_fixed_by_source_date_epoch() -> None:
    assert ids.clock() == NOW == datetime.fromtimestamp(int(EPOCH), UTC)


@pytest.mark.parametrize("value", [None, ""])
def test_without_source_date_epoch_the_clock_is_now_in_utc(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is None:
        monkeypatch.delenv("SOURCE_DATE_EPOCH")
    else:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    now = ids.clock()
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)
    assert (now.utcoffset(), now.microsecond) == (timedelta(0), 0)


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", "1e9", "9" * 12, "9" * 40, "١٢", " 1"])
def test_a_wrong_source_date_epoch_is_an_error(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    with pytest.raises(ConductorError, match="SOURCE_DATE_EPOCH") as caught:
        ids.clock()
    assert caught.value.remedy


# The next free id


@pytest.mark.parametrize("scheme", SCHEMES)
def test_ids_follow_one_another(tmp_path: Path, scheme: str) -> None:
    assert ids.propose(tmp_path, scheme, "object_storage", NOW) == FIRST[scheme]
    assert not any(tmp_path.iterdir())
    assert reserve(tmp_path, scheme) == FIRST[scheme]
    assert reserve(tmp_path, scheme) == SECOND[scheme]
    assert ids.problem(FIRST[scheme]) is None


def test_the_timestamp_is_in_utc(tmp_path: Path) -> None:
    local = NOW.astimezone(timezone(timedelta(hours=-9)))
    assert reserve(tmp_path, "timestamp", local) == FIRST["timestamp"]


def test_numbers_follow_the_highest_and_holes_stay(tmp_path: Path) -> None:
    add(
        tmp_path, "storage-002", "storage-007", "storage-20260131-091000", "storage-20250131", "x-9"
    )
    assert reserve(tmp_path, "sequential") == "storage-008"
    add(tmp_path, "storage-999")
    assert reserve(tmp_path, "sequential") == "storage-1000"
    assert reserve(tmp_path, "sequential") == "storage-1001"


def test_each_type_is_numbered_for_itself(tmp_path: Path) -> None:
    add(tmp_path, "storage-cache-004", "storage-009")
    assert ids.reserve(tmp_path, "typed", "cache", NOW) == "storage-cache-005"
    assert ids.reserve(tmp_path, "typed", "file_system", NOW) == "storage-file-system-001"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_ids_in_folders_and_registry_are_avoided_in_any_case(tmp_path: Path, scheme: str) -> None:
    add(tmp_path, FIRST[scheme].upper())
    assert reserve(tmp_path, scheme) == SECOND[scheme]
    registry = tmp_path / "storage-conductor" / "tracks.md"
    ids.release()
    third = f"{SECOND[scheme][:-1]}2" if scheme != "timestamp" else SECOND[scheme]
    registry.write_text(f"| {third.upper()} | broken\n| [{third}](x)\n", encoding="utf-8")
    assert reserve(tmp_path, scheme) not in {FIRST[scheme], third}


@given(
    st.sampled_from(SCHEMES),
    st.lists(st.from_regex(r"(?i)storage-(object-storage-)?[0-9]{3,4}", fullmatch=True)),
)
def test_a_new_id_never_meets_one_in_use(scheme: str, known: list[str]) -> None:
    used = {name.casefold() for name in known} | {FIRST[scheme]}
    found = ids._candidates(scheme, "object_storage", NOW, used)
    new = next(name for name in found if name not in used)
    assert ids.problem(new) is None
    assert new == new.casefold()


@pytest.mark.parametrize("content", [b"\xff\x00| storage-003 |", b"<<<<<<<\nstorage-003\n"])
def test_a_broken_registry_is_read_as_far_as_possible(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "storage-conductor").mkdir()
    (tmp_path / "storage-conductor" / "tracks.md").write_bytes(content)
    assert reserve(tmp_path, "sequential") == "storage-004"


def test_a_registry_that_is_no_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "storage-conductor" / "tracks.md").mkdir(parents=True)
    assert reserve(tmp_path, "sequential") == "storage-001"


# Branches


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a clone with ids on local, remote-tracking and current branches."""
    origin, clone = tmp_path / "origin", tmp_path / "my clone"
    origin.mkdir()
    commit(origin)
    for branch, number in (("main", "001"), ("feature/a", "005"), ("feature/b", "003")):
        git(origin, "checkout", "--quiet", "-B", branch, "main")
        add(origin, f"storage-{number}")
        add(origin / "services" / "my shop", f"storage-object-storage-{number}")
        commit(origin)
    git(origin, "checkout", "--quiet", "main")
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    git(clone, "checkout", "--quiet", "-b", "mine")
    add(clone, "storage-004")
    commit(clone)
    git(clone, "checkout", "--quiet", "main")
    return clone


def test_ids_on_all_branches_are_taken(repository: Path) -> None:
    numbers = {f"storage-00{n}" for n in (1, 3, 4, 5)}
    assert ids.taken(repository) == numbers
    assert reserve(repository, "sequential") == "storage-006"


def test_a_project_in_a_sub_folder_sees_its_own_ids_on_the_branches(repository: Path) -> None:
    project = repository / "services" / "my shop"
    assert ids.taken(project) == {f"storage-object-storage-00{n}" for n in (1, 3, 5)}


def test_a_given_id_on_another_branch_is_refused_with_the_branch(repository: Path) -> None:
    with pytest.raises(ConductorError, match="taken on the branch mine"):
        ids.claim(repository, "storage-004")
    with pytest.raises(ConductorError, match="taken on the branch origin/feature/a"):
        ids.claim(repository, "storage-005")


def test_git_variables_of_another_repository_do_not_matter(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "origin" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert "storage-004" in ids.taken(repository)


def test_ids_are_found_from_a_worktree_and_a_detached_head(repository: Path) -> None:
    other = repository.parent / "worktree"
    git(repository, "worktree", "add", "--quiet", "--detach", str(other))
    assert ids.taken(other) == {f"storage-00{n}" for n in (1, 3, 4, 5)}


def test_what_is_not_committed_in_another_worktree_is_taken(repository: Path) -> None:
    one, other = repository.parent / "one", repository.parent / "other"
    for tree in (one, other):
        git(repository, "worktree", "add", "--quiet", "--detach", str(tree))
    assert reserve(one, "sequential") == "storage-006"
    assert reserve(other, "sequential") == "storage-007"
    assert reserve(repository, "sequential") == "storage-008"
    inner = other / "services" / "my shop"
    assert "storage-006" not in ids.taken(inner)
    with pytest.raises(ConductorError, match=r"taken in the worktree .*one"):
        ids.claim(other, "storage-006")


def test_a_worktree_that_is_gone_does_not_matter(repository: Path) -> None:
    gone = repository.parent / "gone"
    git(repository, "worktree", "add", "--quiet", "--detach", str(gone))
    shutil.rmtree(gone)
    assert reserve(repository, "sequential") == "storage-006"


def test_a_number_is_not_given_out_while_branches_cannot_be_read(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / ".git" / "HEAD").write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(ConductorError, match="The branches may hold") as raised:
        reserve(repository, "sequential")
    assert "id_scheme=timestamp" in str(raised.value)
    assert reserve(repository, "timestamp").startswith("storage-2")


def test_ids_in_the_archive_are_taken(tmp_path: Path) -> None:
    (tmp_path / "storage-conductor" / "archive" / "storage-007").mkdir(parents=True)
    assert reserve(tmp_path, "sequential") == "storage-008"


def test_reading_the_branches_changes_nothing(repository: Path) -> None:
    def state() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in sorted(repository.rglob("*"))}

    before = state()
    ids.taken(repository)
    assert state() == before


def test_no_commit_no_repository_and_no_git_are_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(tmp_path, "storage-001")
    assert ids.taken(tmp_path) == {"storage-001"}
    assert ids.taken(tmp_path / "missing") == set()
    git(tmp_path, "init", "--quiet")
    assert ids.taken(tmp_path) == {"storage-001"}
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ids.taken(tmp_path) == {"storage-001"}


def test_odd_things_on_branches_are_passed_over(tmp_path: Path) -> None:
    for branch, make in (
        ("file", lambda: (tmp_path / "storage-conductor").write_text("x", encoding="utf-8")),
        ("inner-file", lambda: add_file(tmp_path / "storage-conductor" / "storages")),
        ("good", lambda: add(tmp_path, "storage-002", "Ärger ü")),
    ):
        git(tmp_path, "init", "--quiet")
        git(tmp_path, "checkout", "--quiet", "--orphan", branch)
        make()
        commit(tmp_path)
        git(tmp_path, "rm", "-r", "--quiet", "--ignore-unmatch", ".")
    git(tmp_path, "checkout", "--quiet", "--orphan", "new")
    assert ids.taken(tmp_path) == {"storage-002", "ärger ü"}


def add_file(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("x", encoding="utf-8")


# Reserving


@pytest.mark.parametrize("scheme", SCHEMES)
def test_twenty_runs_at_once_get_twenty_ids(tmp_path: Path, scheme: str) -> None:
    runs = [run(tmp_path, scheme) for _ in range(20)]
    for process in runs:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in runs:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    found = [process.communicate()[0].strip() for process in runs]
    assert [process.returncode for process in runs] == [0] * 20
    assert len(set(found)) == 20
    assert sorted(path.name for path in storages(tmp_path).iterdir()) == sorted(found)
    assert sorted(found)[:2] == [FIRST[scheme], SECOND[scheme]]


def test_a_run_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    project = tmp_path / "new" / "project"
    reserve(project, "sequential")
    ids.claim(project, "orders-db")
    assert storages(project).is_dir()
    ids.release()
    assert not (tmp_path / "new").exists()


def test_a_process_that_ends_gives_back_what_is_empty(tmp_path: Path) -> None:
    program = PROGRAM.replace(".write_text", ".exists() or print")
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path), "sequential"],
        env={**os.environ, "PYTHONPATH": str(Path(ids.__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.communicate("\n")[0].split()[-1] == "storage-001"
    assert not any(tmp_path.iterdir())


def test_only_empty_folders_of_this_run_are_given_back(tmp_path: Path) -> None:
    (tmp_path / "storage-conductor").mkdir()
    kept = storages(tmp_path) / reserve(tmp_path, "sequential")
    (kept / "spec.md").write_text("x", encoding="utf-8")
    given_back = storages(tmp_path) / reserve(tmp_path, "sequential")
    ids.release()
    assert kept.is_dir()
    assert not given_back.exists()


def test_an_existing_empty_folder_is_not_given_back(tmp_path: Path) -> None:
    storages(tmp_path).mkdir(parents=True)
    reserve(tmp_path, "sequential")
    ids.release()
    assert storages(tmp_path).is_dir()


def test_a_given_id_can_be_claimed_again_by_the_same_run(tmp_path: Path) -> None:
    ids.claim(tmp_path, "orders-db")
    ids.claim(tmp_path, "orders-db")
    ids.claim(tmp_path, reserve(tmp_path, "sequential"))
    assert (storages(tmp_path) / "orders-db").is_dir()


def test_a_given_id_in_use_is_refused_with_the_place(tmp_path: Path) -> None:
    add(tmp_path, "Orders-DB")
    with pytest.raises(ConductorError, match="taken by storage-conductor/storages/Orders-DB"):
        ids.claim(tmp_path, "orders-db")
    registry = tmp_path / "storage-conductor" / "tracks.md"
    registry.write_text("| ID | Title | Status |\n|-|-|-|\n| users-db |\n", encoding="utf-8")
    with pytest.raises(ConductorError, match=r"taken in storage-conductor/tracks\.md"):
        ids.claim(tmp_path, "users-db")
    with pytest.raises(ConductorError, match="malformed"):
        ids.claim(tmp_path, "../../x")
    assert [path.name for path in storages(tmp_path).iterdir()] == ["Orders-DB"]


@pytest.mark.parametrize("place", ["storage-conductor", "storage-conductor/storages"])
@pytest.mark.parametrize("link", [False, True])
def test_a_file_or_broken_link_in_place_of_a_folder_is_an_error(
    tmp_path: Path, place: str, link: bool
) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    if link:
        (tmp_path / place).symlink_to("missing")
    else:
        (tmp_path / place).write_text("x", encoding="utf-8")
    for refused in (lambda: reserve(tmp_path, "typed"), lambda: ids.claim(tmp_path, "a")):
        with pytest.raises(ConductorError, match="is not a folder") as caught:
            refused()
        assert caught.value.path == tmp_path / place


def test_a_read_only_project_is_an_error() -> None:
    with unprivileged_folder() as folder:
        (folder / "storage-conductor").chmod(0o500)
        with pytest.raises(ConductorError, match="cannot be created: Permission denied"):
            reserve(folder, "sequential")


def test_an_id_whose_folder_is_gone_can_be_claimed_again(tmp_path: Path) -> None:
    ids.claim(tmp_path, "ledger")
    (tmp_path / places.home("ledger")).rmdir()
    ids.claim(tmp_path, "ledger")
    assert (tmp_path / places.home("ledger")).is_dir()
    ids.release()
