"""Runs the operations of this folder with sysbench, and compares the p99 of all with the limit.

    python run.py --seconds 60 --threads 8 --host db.example.org --user app --database scratch

The password is taken from MYSQL_PWD. The database should hold the schema and rows like those of
production, and be no production. Small tables named storage_load_... are made before the run and
removed after it; rows that operations insert stay. Exit code: 0 when the p99 kept its limit, 1 when
it did not, 2 when nothing was run. sysbench measures all operations together.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
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
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument(
        "--rate",
        type=float,
        default=settings["per_second"],
        help="operations per second together; 0 for as many as there can be; else as stated",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", default="3306")
    parser.add_argument("--socket", default="")
    parser.add_argument("--user", required=True)
    parser.add_argument("--database", required=True)
    asked = parser.parse_args()
    try:
        client(asked, (HERE / "prepare.sql").read_text(encoding="utf-8"))
        empty = [each["name"] for each in settings["operations"] if not rows(asked, each["table"])]
        if empty:
            print(f"No row is there for: {'; '.join(empty)}.", file=sys.stderr)
            return 2
        return 0 if measured(settings, asked) else 1
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"This cannot be run: {error}", file=sys.stderr)
        return 2
    finally:
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            client(asked, (HERE / "clean.sql").read_text(encoding="utf-8"))


def client(asked: argparse.Namespace, text: str) -> str:
    """Run statements, and return what they print."""
    command = ["mariadb", "--batch", "--skip-column-names", f"--user={asked.user}", asked.database]
    place = [f"--socket={asked.socket}"] if asked.socket else []
    place = place or [f"--host={asked.host}", f"--port={asked.port}"]
    done = subprocess.run(
        [*command[:3], *place, *command[3:]], input=text, check=True, capture_output=True, text=True
    )
    return done.stdout


def rows(asked: argparse.Namespace, table: str) -> int:
    """Count the samples of an operation."""
    return int(client(asked, f"SELECT count(*) FROM {table}"))  # noqa: S608


def measured(settings: dict[str, Any], asked: argparse.Namespace) -> bool:
    """Run sysbench, print what it measured, and say whether the p99 kept its limit."""
    options = {
        "db-driver": "mysql",
        "mysql-user": asked.user,
        "mysql-password": os.environ.get("MYSQL_PWD", ""),
        "mysql-db": asked.database,
        "threads": asked.threads,
        "time": asked.seconds,
        "rate": max(1, round(asked.rate)) if asked.rate else 0,  # which is as many as there can be
        "percentile": 99,
        **({"mysql-socket": asked.socket} if asked.socket else {}),
        **({} if asked.socket else {"mysql-host": asked.host, "mysql-port": asked.port}),
    }
    with tempfile.TemporaryDirectory() as folder:
        # A file that others cannot read, as the list of processes shows a command's arguments.
        path = Path(folder) / "options"
        path.touch(mode=0o600)
        path.write_text("".join(f"{name}={value}\n" for name, value in options.items()), "utf-8")
        command = ["sysbench", f"--config-file={path}", str(HERE / "operations.lua"), "run"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    print(done.stdout)
    if re.search(r"total number of events:\s+0\b", done.stdout):
        raise OSError(f"no operation ended in {asked.seconds} seconds")
    found = re.search(r"99th percentile:\s+([\d.]+)", done.stdout)
    limit = settings["p99_ms"]
    p99 = float(found[1]) if found else None
    good = p99 is not None and (limit is None or p99 <= limit)
    said = "no limit is stated" if limit is None else f"at most {limit:g} ms"
    print(f"{'ok  ' if good else 'FAIL'} all operations: p99 {p99} ms, {said}")
    return good


if __name__ == "__main__":
    sys.exit(main())
