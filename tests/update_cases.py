"""What templates and people do to the files of a track, drawn at random, and what must then hold.

A `Life` is a track with the render that it came from, the user's files, and the template's next
render. Edits work on the text, as people and templates do. Every piece of text that an edit adds
holds a word of its own: `u7` is the user's, `t7` the template's. A task is known by every wording
that it ever had.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from storage_conductor.update.conflicts import present
from storage_conductor.update.merge import Merged
from storage_conductor.update.merged_track import merge

BOX = re.compile(r"(?P<indent> *)- \[(?P<mark>[ xX])\] (?P<text>.*)")
TOKEN = re.compile(r"\b[ut][0-9]+\b")
MARKER = "<<<<<<< "


class Choose(Protocol):
    def __call__(self, options: Sequence[Any], /) -> Any: ...


def chooser(seed: int) -> Choose:
    """Return choices that the seed decides."""
    return random.Random(seed).choice  # noqa: S311 - nothing secret


@dataclass
class Life:
    """A track between two updates.

    Args:
        base: The texts of the last render.
        ours: The texts that the user has.
        theirs: The texts of the next render.
        tasks: The task that each wording belongs to.
        count: How many pieces of text were added so far.
    """

    base: dict[str, list[str]]
    ours: dict[str, list[str]]
    theirs: dict[str, list[str]]
    tasks: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def word(self, side: str) -> str:
        self.count += 1
        return f"{side}{self.count}"

    def texts(self) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
        first, second, third = (
            {name: "\n".join(lines) + "\n" for name, lines in files.items()}
            for files in (self.base, self.ours, self.theirs)
        )
        return first, second, third


def born(texts: dict[str, str]) -> Life:
    """Begin with the files of a fresh track."""
    files = {name: text.splitlines() for name, text in texts.items()}
    life = Life(files, copied(files), copied(files))
    wordings = [found["text"] for line in files["plan.md"] if (found := BOX.fullmatch(line))]
    for wording, times in Counter(wordings).items():
        if times == 1:
            life.tasks[wording] = len(life.tasks)
    return life


def copied(files: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: list(lines) for name, lines in files.items()}


# ─── Places in a file ────────────────────────────────────────────────────────────────────────────


def boxes(life: Life, lines: list[str], top: bool = False) -> list[int]:
    """Return the lines with a task whose wording is known."""
    found = ((at, BOX.fullmatch(line)) for at, line in enumerate(lines))
    return [
        at for at, box in found if box and box["text"] in life.tasks and not (top and box["indent"])
    ]


def block_end(lines: list[str], at: int) -> int:
    """Return the line behind a task and all that is indented under it."""
    end = at + 1
    while end < len(lines) and lines[end].startswith("  "):
        end += 1
    return end


def statements(lines: list[str]) -> list[int]:
    """Return the lines of paragraphs and lists, and the rows of tables other than decisions."""
    found = []
    is_code = is_body = False
    for at, line in enumerate(lines):
        is_code ^= line.startswith("```")
        is_body = line.startswith("|") and (is_body or line.startswith(("| --", "|--")))
        if is_code or line.startswith(("| --", "|--", "| D-")):
            continue
        if is_body or re.match(r"(?:- )?[A-Z`*].*[a-z.)]$", line):
            found.append(at)
    return found


def restate(lines: list[str], at: int, words: str) -> None:
    """Say more in a line, in a row in its last cell."""
    row = lines[at].startswith("|")
    lines[at] = f"{lines[at].removesuffix(' |')} {words} |" if row else f"{lines[at]} {words}"


def starting(lines: list[str], opening: str) -> list[int]:
    return [at for at, line in enumerate(lines) if line.startswith(opening)]


def worded(life: Life, lines: list[str], at: int, choose: Choose, side: str) -> None:
    """Word a task differently; it stays the same task."""
    box = BOX.fullmatch(lines[at])
    assert box
    head, _, rest = box["text"].partition(" ")
    word = life.word(side)
    text = choose([f"{box['text']} ({word})", f"{head} {word} {rest}", f"{word}: {box['text']}"])
    life.tasks[text] = life.tasks[box["text"]]
    lines[at] = f"{box['indent']}- [{box['mark']}] {text}"


def new_task(life: Life, side: str) -> str:
    text = f"Work that {life.word(side)} asks for"
    life.tasks[text] = max(life.tasks.values(), default=0) + 1
    return text


def moved(life: Life, lines: list[str], choose: Choose) -> None:
    """Move a task with all under it behind another one, in any phase."""
    if len(starts := boxes(life, lines, top=True)) > 1:
        at = choose(starts)
        block = lines[at : block_end(lines, at)]
        del lines[at : at + len(block)]
        goal = block_end(lines, choose(boxes(life, lines, top=True)))
        lines[goal:goal] = block


# ─── Edits ───────────────────────────────────────────────────────────────────────────────────────

Edit = Callable[[Life, Choose], None]


def tick(life: Life, choose: Choose) -> None:
    lines = life.ours["plan.md"]
    if found := [at for at in boxes(life, lines) if "- [ ]" in lines[at]]:
        at = choose(found)
        lines[at] = lines[at].replace("- [ ]", "- [x]", 1)


def user_subtask(life: Life, choose: Choose) -> None:
    lines = life.ours["plan.md"]
    if found := boxes(life, lines, top=True):
        end = block_end(lines, choose(found))
        lines.insert(end, f"  - [ ] {new_task(life, 'u')}")


def user_note(life: Life, choose: Choose) -> None:
    lines = life.ours["plan.md"]
    if found := boxes(life, lines):
        at = choose(found)
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines.insert(at + 1, f"{indent}  See https://example.org/{life.word('u')}")


def user_task(life: Life, choose: Choose) -> None:
    lines = life.ours["plan.md"]
    if found := boxes(life, lines, top=True):
        lines.insert(block_end(lines, choose(found)), f"- [ ] {new_task(life, 'u')}")


def user_rewords(life: Life, choose: Choose) -> None:
    lines = life.ours["plan.md"]
    if found := boxes(life, lines):
        worded(life, lines, choose(found), choose, "u")


def user_deletes(life: Life, choose: Choose) -> None:
    lines = life.ours["plan.md"]
    if found := boxes(life, lines, top=True):
        at = choose(found)
        del lines[at : block_end(lines, at)]


def user_moves(life: Life, choose: Choose) -> None:
    moved(life, life.ours["plan.md"], choose)


def user_sets_status(life: Life, choose: Choose) -> None:
    lines = life.ours["plan.md"]
    if found := starting(lines, "**Status**"):
        lines[choose(found)] = f"**Status**: {choose(['In Progress', 'Completed'])}"


def user_section(life: Life, choose: Choose) -> None:
    lines = life.ours[choose(["plan.md", "spec.md"])]
    if found := starting(lines, "## "):
        at = choose(found)
        lines[at:at] = [f"## Ours {life.word('u')}", "", f"Written by hand, {life.word('u')}.", ""]


def user_paragraph(life: Life, choose: Choose) -> None:
    lines = life.ours["spec.md"]
    if found := starting(lines, "## "):
        at = choose(found) + 1
        lines[at:at] = ["", f"Measured in the pilot, {life.word('u')}."]


def user_rewrites(life: Life, choose: Choose) -> None:
    lines = life.ours["spec.md"]
    if found := statements(lines):
        restate(lines, choose(found), f"So says {life.word('u')}.")


def user_decides(life: Life, choose: Choose) -> None:
    lines = life.ours["spec.md"]
    if found := [at for at in starting(lines, "| D-") if lines[at].endswith("| open |")]:
        at = choose(found)
        lines[at] = lines[at].removesuffix("| open |") + "| decided |"


def template_task(life: Life, choose: Choose) -> None:
    lines = life.theirs["plan.md"]
    if found := boxes(life, lines, top=True):
        lines.insert(block_end(lines, choose(found)), f"- [ ] {new_task(life, 't')}")


def template_rewords(life: Life, choose: Choose) -> None:
    lines = life.theirs["plan.md"]
    if found := boxes(life, lines):
        worded(life, lines, choose(found), choose, "t")


def template_removes(life: Life, choose: Choose) -> None:
    lines = life.theirs["plan.md"]
    if len(found := boxes(life, lines, top=True)) > 1:
        at = choose(found)
        del lines[at : block_end(lines, at)]


def template_moves(life: Life, choose: Choose) -> None:
    moved(life, life.theirs["plan.md"], choose)


def template_gate(life: Life, choose: Choose) -> None:
    lines = life.theirs["plan.md"]
    if found := starting(lines, "**Gate**"):
        lines[choose(found)] += f" Seen by {life.word('t')}."


def template_paragraph(life: Life, choose: Choose) -> None:
    lines = life.theirs["spec.md"]
    if found := starting(lines, "## "):
        at = choose(found)
        lines[at:at] = [f"The new version knows {life.word('t')}.", ""]


def template_number(life: Life, choose: Choose) -> None:
    lines = life.theirs["spec.md"]
    if found := statements(lines):
        restate(lines, choose(found), f"That is {life.word('t')}.")


def template_finding(life: Life, choose: Choose) -> None:
    lines = life.theirs["spec.md"]
    if found := starting(lines, "| D-"):
        word = life.word("t")
        row = f"| D-{word} | **Risk.** Something. | Nothing. | Team | 2 | open |"
        lines.insert(choose(found) + 1, row)


def template_settles(life: Life, choose: Choose) -> None:
    lines = life.theirs["spec.md"]
    if len(found := starting(lines, "| D-")) > 1:
        del lines[choose(found)]


# Of thirty things that a person does, sixteen are ticks and four are decisions.
USER_EDITS: list[Edit] = [
    *[tick] * 16,
    *[user_decides] * 4,
    *[user_subtask, user_note, user_task, user_rewords, user_deletes, user_moves],
    *[user_sets_status, user_section, user_paragraph, user_rewrites],
]
TEMPLATE_EDITS: list[Edit] = [
    *[template_task, template_rewords, template_removes, template_moves, template_gate],
    *[template_paragraph, template_number, template_finding, template_settles],
]


def live(life: Life, choose: Choose) -> None:
    """Let a person work for a while, and the template get a new version."""
    for _ in range(choose(range(21))):
        choose(USER_EDITS)(life, choose)
    for _ in range(choose(range(1, 7))):
        choose(TEMPLATE_EDITS)(life, choose)


# ─── Updates, and what must hold after each ──────────────────────────────────────────────────────


@dataclass(frozen=True)
class Boxes:
    """The tasks of a plan: how often each is there, and which are done."""

    times: Counter[int]
    done: set[int]


def read_boxes(life: Life, lines: list[str]) -> Boxes:
    times: Counter[int] = Counter()
    done = set()
    for line in lines:
        box = BOX.fullmatch(line)
        if box and box["text"] in life.tasks:
            times[life.tasks[box["text"]]] += 1
            if box["mark"] != " ":
                done.add(life.tasks[box["text"]])
    return Boxes(times, done)


def losses(life: Life, merged: dict[str, str]) -> list[str]:
    """Name what a merge lost, invented or doubled; conflicts must have been taken out before."""
    found = []
    base, ours, theirs = (
        read_boxes(life, files["plan.md"]) for files in (life.base, life.ours, life.theirs)
    )
    result = read_boxes(life, merged["plan.md"].splitlines())
    for task in sorted(ours.times.keys() | theirs.times.keys() | result.times.keys()):
        wanted = 1
        if task in theirs.times and task in base.times and task not in ours.times:
            wanted = 0
        elif task not in theirs.times and task in base.times:
            wanted = 1 if task in ours.done else result.times[task]
        if result.times[task] != wanted:
            found.append(f"task {task} is there {result.times[task]} times, not {wanted}")
    found += [f"the tick of task {task} is lost" for task in sorted(ours.done - result.done)]
    found += [f"task {task} was never done" for task in sorted(result.done - ours.done)]
    for name in ("plan.md", "spec.md"):
        found += _lost_words(name, life, merged[name])
    return found


def _lost_words(name: str, life: Life, merged: str) -> list[str]:
    there = Counter(TOKEN.findall(merged))
    wrong = []
    for word in TOKEN.findall("\n".join(life.ours[name])):
        if word.startswith("u") and there[word] != 1:
            wrong.append(f"the user's {word} is in {name} {there[word]} times")
    return wrong


def update(life: Life) -> dict[str, Merged]:
    """Merge as the template does."""
    return merge(*life.texts())


def users_side(merged: dict[str, Merged]) -> dict[str, str]:
    """Return the texts after every conflict was decided for the user."""
    return {name: present(name, each, reject=True).text for name, each in merged.items()}


def go_on(life: Life, texts: dict[str, str]) -> None:
    """Let the result of an update be what the next one starts from."""
    life.base = copied(life.theirs)
    life.ours = {name: text.splitlines() for name, text in texts.items()}


def read_texts(track: Path) -> dict[str, str]:
    """Return the files of a track as text."""
    names = ("spec.md", "plan.md", "metadata.json")
    return {name: (track / name).read_text(encoding="utf-8") for name in names}
