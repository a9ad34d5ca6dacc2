"""The command `storage-conductor`: check, show, repair and start storage component tracks."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence

PROGRAM = "storage-conductor"
FINE, FINDINGS, UNUSABLE = 0, 1, 2
INTERRUPTED = 130  # 128 + SIGINT, as shells report it
CLOSED = 141  # 128 + SIGPIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: What follows the program's name; `sys.argv` when None.
    """
    for stream in (sys.stdout, sys.stderr):
        _make_safe(stream)
    from storage_conductor.disk.git import leave_hook
    from storage_conductor.errors import ConductorError, printable

    leave_hook()
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except ConductorError as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whatever is still buffered has no reader either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED
    except OSError as error:
        said = f"{error.filename or PROGRAM}: {error.strerror or error}"
        print(printable(said), file=sys.stderr)
        return UNUSABLE


def _make_safe(stream: object) -> None:
    """Make a stream take any text: UTF-8 to files and pipes, what it has on a terminal."""
    if isinstance(stream, io.TextIOWrapper):
        encoding = stream.encoding if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="replace", newline="\n")


def _run(arguments: Sequence[str]) -> int:
    # Imported before the output is caught: it looks whether there is a terminal for colours.
    from plumbum import colors

    from storage_conductor.errors import printable

    from .app import ConductorCommand

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        _, code = ConductorCommand.run([PROGRAM, *arguments], exit=False)
    stream = sys.stderr if code == UNUSABLE else sys.stdout
    stream.write(printable(said.getvalue(), coloured=bool(colors.use_color)))
    stream.flush()
    return code
