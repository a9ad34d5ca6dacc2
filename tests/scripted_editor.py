"""An editor for tests: a person in a terminal tells it what to do with the file, line by line.

`name=value` writes an answer, `-name` empties one, `all=` empties the file, `+text` adds a line,
`save` ends, `quit N` ends with an exit code.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def main() -> int:
    path = Path(sys.argv[-1])
    assert sys.stdin.isatty()
    shown = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:2] == "#!"]
    print(f"EDITING {path.name}", *shown, sep="\n")
    while True:
        command = input("edit> ")
        if command == "save":
            return 0
        if command.startswith("quit "):
            return int(command.removeprefix("quit "))
        text = path.read_text(encoding="utf-8")
        name, equals, value = command.partition("=")
        if command == "all=":
            text = ""
        elif command.startswith("+"):
            text += f"{command[1:]}\n"
        elif equals:
            text = re.sub(rf"^{name}:.*$", f"{name}: {value}", text, count=1, flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
