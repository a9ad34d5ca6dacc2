"""Runs the operations of this folder with pgbench, and compares the p99 of each with its limit.

    python run.py --seconds 60 --clients 8

The database is named as for psql: by PGHOST, PGPORT, PGUSER, PGDATABASE and PGPASSWORD, or a
service. It should hold the schema and rows like those of production, and be no production. Small
tables named storage_load_... are made before the run and removed after it; rows that operations
insert stay. Exit code: 0 when each p99 kept its limit, 1 when one did not, 2 when nothing was run.
An operation that is too rare to have run in that time counts neither way, and is named.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run and report."""
    settings = json.loads((HERE / "operations.json").read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument(
        "--rate",
        type=float,
        default=settings["per_second"],
        help="operations per second together; 0 for as many as there can be; else as stated",
    )
    asked = parser.parse_args()
    try:
        psql("prepare.sql")
        empty = [each["name"] for each in settings["operations"] if not rows(each["table"])]
        if empty:
            print(f"No row is there for: {'; '.join(empty)}.", file=sys.stderr)
            return 2
        return 0 if measured(settings["operations"], settings["mode"], asked) else 1
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"This cannot be run: {error}", file=sys.stderr)
        return 2
    finally:
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            psql("clean.sql")


def psql(name: str) -> None:
    """Run a file of this folder."""
    command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=terse"]
    command += ["-c", "SET client_min_messages = warning", "-f", str(HERE / name)]
    subprocess.run(command, check=True)


def rows(table: str) -> int:
    """Count the samples of an operation."""
    command = ["psql", "-X", "-At", "-c", f"SELECT count(*) FROM {table}"]  # noqa: S608
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measured(operations: list[dict[str, Any]], mode: str, asked: argparse.Namespace) -> bool:
    """Run pgbench, print a line for each operation, and say whether all kept their limits."""
    command = ["pgbench", "-n", "-M", mode, "-l", "-T", str(asked.seconds)]
    command += ["-c", str(asked.clients), "-j", str(min(asked.clients, 4))]
    if asked.rate:
        command.append(f"--rate={asked.rate}")
    for each in operations:
        command += ["-f", f"{HERE / each['file']}@{each['weight']}"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*command, f"--log-prefix={folder}/log"], check=True)
        found: list[list[float]] = [[] for _ in operations]
        for path in Path(folder).iterdir():
            for line in path.read_text(encoding="utf-8").splitlines():
                words = line.split()
                if words[2].isdigit():
                    found[int(words[3])].append(int(words[2]) / 1000)
    if not any(found):
        raise OSError(f"no operation ended in {asked.seconds} seconds")
    whole = sum(each["weight"] for each in operations)
    kept = True
    for each, times in zip(operations, found, strict=True):
        if not times:
            rate = each["weight"] / whole * asked.rate
            longer = f": --seconds {math.ceil(100 / rate)} lets it run 100 times" if rate else ""
            print(f"none {each['name']}: too rare to run in {asked.seconds} seconds{longer}")
            continue
        times.sort()
        p99 = times[min(len(times) - 1, len(times) * 99 // 100)]
        limit = each["p99_ms"]
        good = limit is None or p99 <= limit
        kept = kept and good
        said = "no limit is stated" if limit is None else f"at most {limit:g} ms"
        seen = f"{len(times)} runs, p99 {p99:.2f} ms"
        print(f"{'ok  ' if good else 'FAIL'} {each['name']}: {seen}, {said}")
    return kept


if __name__ == "__main__":
    sys.exit(main())
