"""Parse every `aws`, `az` and `gcloud` line of the catalog with the vendors' own parsers.

Run on request, since the three programs are large and none belongs to the development set:

    python -m tests.vendor_cli --aws <python> --az <python> --gcloud <sdk folder> --write

`<python>` is an interpreter with `awscli` and `azure-cli` from PyPI in a virtual environment apart;
the SDK folder is that of the package `google-cloud-cli`, with its bundled Python. What is left out
counts as not checked. `--write` renews `tests/vendor_cli.md`. Ends with 1 when a line was refused.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .catalog_commands import PLACEHOLDER, Command, commands

HERE = Path(__file__).parent
REPORT = HERE / "vendor_cli.md"
VENDORS = {"aws": "awscli", "az": "azure-cli", "gcloud": "google-cloud-cli"}
# Command groups that come as an extension, which PyPI does not have.
EXTENSIONS = (("az", "dataprotection"), ("az", "redisenterprise"))
# What stands for a placeholder, and the words in one that is a number.
_NAME = "name-7"
_NUMBER = re.compile(r"\b(days|hours|seconds|gb|gib|iops|count|size|[nrw])\b")
# What a parser says of a command that a text names without all of its arguments.
_INCOMPLETE = ("are required", "is required", "ust be specified", "Missing required", "expected")


@dataclass(frozen=True)
class Line:
    """One command line of a vendor's program, with placeholders bound."""

    command: Command
    arguments: tuple[str, ...]

    @property
    def vendor(self) -> str:
        return self.arguments[0]

    @property
    def shown(self) -> str:
        return f"{self.command.place}: `{self.command.text}`"


def lines() -> Iterator[Line]:
    """Yield each line of a vendor's program, also from the midst of a longer command."""
    for command in commands():
        if any(re.search(rf"\b{vendor}\b", command.text) for vendor in VENDORS):
            for words in split(command.text):
                if words and words[0] in VENDORS:
                    yield Line(command, tuple(words))


def split(text: str) -> list[list[str]]:
    """Split a command line into the words of its simple commands, with placeholders bound.

    A placeholder becomes a number, a time or a name, by what it is called.
    """
    lexer = shlex.shlex(PLACEHOLDER.sub(_value, text), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in lexer:
        if word and set(word) <= set("&|;"):
            found.append([])
        else:
            found[-1].append(word)
    return found


def _value(placeholder: re.Match[str]) -> str:
    name = placeholder[1].casefold()
    if ":" in name:
        return "01:00"
    if "time" in name:
        return "2026-01-31T00:00:00Z"
    return "7" if _NUMBER.search(name) else _NAME


def parsed(vendor: str, python: str, found: Sequence[Line]) -> tuple[str, list[str]]:
    """Return the version of the program and what its parser said of each line."""
    done = subprocess.run(
        [python, str(HERE / "vendor_parsers.py"), vendor],
        input=json.dumps([line.arguments for line in found]),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    result = json.loads(done.stdout)
    return result["version"], result["said"]


def refused(line: Line, said: str) -> bool:
    """Tell whether the parser refused what stands there.

    What is left out of a text is no fault, nor is a word in the place of one of several choices.
    """
    incomplete = line.command.quoted and any(word in said for word in _INCOMPLETE)
    choice = f"'{_NAME}'" in said and ("nvalid choice" in said or "not a valid value" in said)
    return bool(said) and not incomplete and not choice


def report(pythons: dict[str, str]) -> tuple[str, bool]:
    """Return the report in Markdown, and whether any line was refused."""
    every = list(lines())
    parts, bad = [], False
    for vendor, package in VENDORS.items():
        mine = [line for line in every if line.vendor == vendor]
        outside = [line for line in mine if line.arguments[:2] in EXTENSIONS]
        checked = [line for line in mine if line not in outside]
        python = pythons.get(vendor)
        if python is None:
            parts.append(f"## {vendor}\n\nNot checked: `{package}` was not at hand.\n")
            continue
        version, answers = parsed(vendor, python, checked)
        wrong = [
            f"- {line.shown}\n  {said}"
            for line, said in zip(checked, answers, strict=True)
            if refused(line, said)
        ]
        bad = bad or bool(wrong)
        parts.append(
            f"## {vendor}\n\n`{package}` {version}: {len(checked)} lines parsed,"
            f" {len(wrong)} refused.\n"
        )
        if wrong:
            parts.append("\n".join(wrong) + "\n")
        if outside:
            shown = "\n".join(f"- {line.shown}" for line in outside)
            parts.append(f"Not checked, since they belong to an extension:\n\n{shown}\n")
        every_line = "\n".join(sorted({f"- `{line.command.text}`" for line in checked}))
        parts.append(f"<details><summary>All lines</summary>\n\n{every_line}\n\n</details>\n")
    today = dt.datetime.now(tz=dt.UTC).date()
    head = (
        "# The catalog's cloud commands, parsed by the vendors' own programs\n\n"
        f"Written by `python -m tests.vendor_cli --write` on {today}.\n"
    )
    return "\n".join([head, *parts]), bad


def main() -> int:
    """Parse the lines, print or write the report, and return the exit code."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--aws", metavar="PYTHON")
    options.add_argument("--az", metavar="PYTHON")
    options.add_argument("--gcloud", metavar="FOLDER", help="folder of the Google Cloud SDK")
    options.add_argument("--write", action="store_true", help=f"renew {REPORT.name}")
    chosen = options.parse_args()
    pythons = {name: value for name in ("aws", "az") if (value := getattr(chosen, name))}
    if chosen.gcloud:
        os.environ["CLOUDSDK_ROOT"] = chosen.gcloud
        bundled = Path(chosen.gcloud) / "platform" / "bundledpythonunix" / "bin" / "python3"
        pythons["gcloud"] = str(bundled)
    text, bad = report(pythons)
    if chosen.write:
        REPORT.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
