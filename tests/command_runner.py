"""Runs the `storage-conductor` command: in this process where that is enough, else in its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from plumbum import colors

from cli import main

COMMAND = [sys.executable, "-m", "storage_conductor_cli"]


class Done(NamedTuple):
    """What a run of the command left behind."""

    code: int
    out: str
    err: str


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> Done:
    """Run the command in this process, without colours even where the tests have a terminal."""
    colors.use_color = 0
    capsys.readouterr()
    code = main(arguments)
    out, err = capsys.readouterr()
    return Done(code, out, err)


def run(folder: Path, *arguments: str, **environment: str) -> Done:
    """Run the command in a process and folder of its own."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
