"""A plan as a structure, and what templates and people do to it.

Each edit takes a plan, a way to choose (`random.Random(...).choice`, or a hypothesis draw) and
changes the plan in place. Every task holds one word that no other task has (its `key`), so that a
test can say which task of one version is which of another, however it was worded since.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from hypothesis import strategies as st


class Choose(Protocol):
    def __call__(self, options: Sequence[Any], /) -> Any: ...


@dataclass
class Task:
    key: str
    text: str
    mark: str = " "
    notes: list[str] = field(default_factory=list)
    is_moved: bool = False
    is_reworded: bool = False
    subtasks: list[Task] = field(default_factory=list)


@dataclass
class Phase:
    """`items` holds tasks and, as strings, paragraphs between them."""

    key: str
    heading: str
    status: str | None = "Not started"
    intro: list[str] = field(default_factory=list)
    items: list[Task | str] = field(default_factory=list)
    gate: str | None = None
    after: list[str] = field(default_factory=list)

    @property
    def tasks(self) -> list[Task]:
        return [item for item in self.items if isinstance(item, Task)]


@dataclass
class Plan:
    title: str
    intro: list[str]
    phases: list[Phase]
    counter: int = 0

    def boxes(self) -> Iterator[Task]:
        for phase in self.phases:
            for task in phase.tasks:
                yield task
                yield from task.subtasks


def render(plan: Plan) -> str:
    parts = [f"# {plan.title}", *plan.intro]
    for phase in plan.phases:
        parts.append(f"## {phase.heading}")
        if phase.status is not None:
            parts.append(f"**Status**: {phase.status}")
        parts += phase.intro
        block: list[str] = []
        for item in phase.items:
            if isinstance(item, str):
                parts += ["\n".join(block)] if block else []
                parts.append(item)
                block = []
            else:
                block += _task_lines(item, "")
        parts += ["\n".join(block)] if block else []
        if phase.gate is not None:
            parts.append(f"**Gate**: {phase.gate}")
        parts += phase.after
    return "\n\n".join(parts) + "\n"


def _task_lines(task: Task, indent: str) -> list[str]:
    lines = [f"{indent}- [{task.mark}] {task.text}"]
    lines += [f"{indent}  {note}" for note in task.notes]
    for subtask in task.subtasks:
        lines += _task_lines(subtask, indent + "  ")
    return lines


# ---------------------------------------------------------------------------------------------
# Words


def _words(text: str) -> list[str]:
    return text.split()


# Lengths without a common factor: tasks that follow each other share hardly a word. Two tasks that
# differ in a word only cannot be told from one that was reworded, so none are drawn.
TOPICS = _words(
    "ledger account invoice refund payout merchant customer tariff currency dispute "
    "session cart catalog price stock order shipment carrier parcel address tax voucher "
    "coupon loyalty review rating image video thumbnail transcript message"
)
VERBS = _words("Write Review Draft Measure Agree Prepare Check Document List Try Compare")
NOUNS = _words(
    "table constraints rollback test threshold script index owner policy format "
    "limit budget schedule mapping retention naming checksum"
)
TAILS = [
    "with its rates",
    "and their names",
    "on a copy",
    "before release",
    "until green",
    "in both regions",
    "without downtime",
]
TEMPLATE_TAILS = [
    "each with a rate",
    "named by the standard",
    "timed on a copy",
    "by the [checklist](spec.md#checks)",
]
USER_TAILS = ["as we agreed on Monday", "together with Ann, see #12", "(not for staging)"]
PHASE_NAMES = ["Schema Design", "Migration Setup", "Core Storage", "Indexing", "Backup", "Testing"]
MARKS = ["x", "X", "~", "-"]


def new_key(plan: Plan, side: str) -> str:
    plan.counter += 1
    return f"{TOPICS[-plan.counter % len(TOPICS)]}{side}{plan.counter}"


def new_task(plan: Plan, side: str) -> Task:
    key = new_key(plan, side)
    verb, noun, topic, tail = (
        words[plan.counter % len(words)] for words in (VERBS, NOUNS, TOPICS, TAILS)
    )
    return Task(key, f"{verb} the {key} {noun} for each {topic} {tail}")


def _note(plan: Plan, choose: Choose, side: str) -> str:
    kinds = ["Note {}: ask the owner.", "See https://example.org/{}", "Uses `{}` for now."]
    kind: str = choose(kinds)
    return kind.format(new_key(plan, side))


def draw_plan(choose: Choose) -> Plan:
    """A first render: two to four phases with up to four tasks."""
    plan = Plan("Plan: Ledger entries", [], [])
    plan.intro = [_note(plan, choose, "t") for _ in range(choose([0, 1, 2]))]
    for number, name in enumerate(PHASE_NAMES[: choose([2, 3, 4])], start=1):
        key = new_key(plan, "p")
        phase = Phase(key, f"Phase {number}: {name} {key}")
        phase.gate = f"evidence {new_key(plan, 'g')} is there"
        for _ in range(choose([0, 1, 2, 3, 4])):
            task = new_task(plan, "t")
            task.notes = [_note(plan, choose, "t") for _ in range(choose([0, 0, 1]))]
            task.subtasks = [new_task(plan, "t") for _ in range(choose([0, 0, 1, 2]))]
            phase.items.append(task)
        plan.phases.append(phase)
    return plan


# ---------------------------------------------------------------------------------------------
# Edits

Edit = Callable[[Plan, Choose, str], None]


def _insert(items: list[Any], item: Any, choose: Choose) -> None:
    items.insert(choose(range(len(items) + 1)), item)


def _some_phase(plan: Plan, choose: Choose) -> Phase | None:
    return choose(plan.phases) if plan.phases else None


def _some_box(plan: Plan, choose: Choose) -> Task | None:
    boxes = list(plan.boxes())
    return choose(boxes) if boxes else None


def add_task(plan: Plan, choose: Choose, side: str) -> None:
    if phase := _some_phase(plan, choose):
        _insert(phase.items, new_task(plan, side), choose)


def add_subtask(plan: Plan, choose: Choose, side: str) -> None:
    tasks = [task for phase in plan.phases for task in phase.tasks]
    if tasks:
        _insert(choose(tasks).subtasks, new_task(plan, side), choose)


def reword_task(plan: Plan, choose: Choose, side: str) -> None:
    """Change the verb or the tail, or add to the end; what the task is about stays."""
    tasks = [task for task in plan.boxes() if not task.is_moved]
    if not tasks:
        return
    task = choose(tasks)
    task.is_reworded = True
    tail = f"{choose(USER_TAILS if side == 'u' else TEMPLATE_TAILS)} {plan.counter}"
    head, _, rest = task.text.partition(task.key)
    about = " ".join(rest.split()[:4])
    verb = "Sketch" if side == "u" else "Make"
    ways = [
        f"{head}{task.key} {about} {tail}",
        f"{task.text} {tail}",
        f"{verb} the {task.key}{rest}",
    ]
    task.text = choose(ways)


def remove_task(plan: Plan, choose: Choose, side: str) -> None:
    task = _some_box(plan, choose)
    for phase in plan.phases:
        phase.items = [item for item in phase.items if item is not task]
        for top in phase.tasks:
            top.subtasks = [item for item in top.subtasks if item is not task]


def move_task(plan: Plan, choose: Choose, side: str) -> None:
    """Move a top-level task to a place in any phase."""
    tasks = [task for phase in plan.phases for task in phase.tasks if not task.is_reworded]
    if tasks:
        task = choose(tasks)
        task.is_moved = True
        for phase in plan.phases:
            phase.items = [item for item in phase.items if item is not task]
        _insert(choose(plan.phases).items, task, choose)


def add_note(plan: Plan, choose: Choose, side: str) -> None:
    if task := _some_box(plan, choose):
        _insert(task.notes, _note(plan, choose, side), choose)


def change_note(plan: Plan, choose: Choose, side: str) -> None:
    tasks = [task for task in plan.boxes() if task.notes]
    if tasks:
        task = choose(tasks)
        index = choose(range(len(task.notes)))
        task.notes[index] += f" Changed by {side}{plan.counter}."


def add_paragraph(plan: Plan, choose: Choose, side: str) -> None:
    """Add text before the first phase, in a phase, between its tasks, or after its gate."""
    places: list[list[Any]] = [plan.intro]
    for phase in plan.phases:
        places += [phase.intro, phase.after, phase.items]
    _insert(choose(places), _note(plan, choose, side), choose)


def change_intro(plan: Plan, choose: Choose, side: str) -> None:
    if plan.intro:
        index = choose(range(len(plan.intro)))
        plan.intro[index] += f" Changed by {side}{plan.counter}."


def change_gate(plan: Plan, choose: Choose, side: str) -> None:
    phase = _some_phase(plan, choose)
    if phase is not None and phase.gate is not None:
        phase.gate += f", said {side}{plan.counter}"


def rename_phase(plan: Plan, choose: Choose, side: str) -> None:
    if phase := _some_phase(plan, choose):
        phase.heading += f" and {side}{plan.counter}"


def add_phase(plan: Plan, choose: Choose, side: str) -> None:
    key = new_key(plan, side)
    phase = Phase(key, f"Follow-up {key}", None)
    phase.items = [new_task(plan, side)]
    _insert(plan.phases, phase, choose)


def remove_phase(plan: Plan, choose: Choose, side: str) -> None:
    if len(plan.phases) > 1:
        plan.phases.remove(choose(plan.phases))


def tick(plan: Plan, choose: Choose, side: str) -> None:
    if task := _some_box(plan, choose):
        task.mark = choose(MARKS)


def set_status(plan: Plan, choose: Choose, side: str) -> None:
    phase = _some_phase(plan, choose)
    if phase is not None and phase.status is not None:
        phase.status = choose(["In Progress", "Completed", "Blocked by #7"])


_COMMON: list[Edit] = [add_task, add_subtask, reword_task, remove_task, move_task, add_note]
_COMMON += [change_note, add_paragraph, change_intro, change_gate, rename_phase, add_phase]
TEMPLATE_EDITS: list[Edit] = [*_COMMON, remove_phase]
USER_EDITS: list[Edit] = [*_COMMON, remove_phase, tick, tick, tick, set_status]


def edited(
    plan: Plan, edits: list[Edit], choose: Choose, side: str, counts: Sequence[int] = range(7)
) -> tuple[Plan, list[str]]:
    """Return a changed copy and the names of the edits that made it."""
    result = copy.deepcopy(plan)
    # Words of the two sides must differ.
    result.counter += 1013 if side == "u" else 2029
    chosen = [choose(edits) for _ in range(choose(counts))]
    for edit in chosen:
        edit(result, choose, side)
        result.counter += 1
    return result, [edit.__name__ for edit in chosen]


@dataclass
class Versions:
    """A plan as it was rendered, as the user has it, and as the new template renders it."""

    base: Plan
    ours: Plan
    theirs: Plan
    user_edits: list[str]
    template_edits: list[str]

    def texts(self) -> tuple[str, str, str]:
        return render(self.base), render(self.ours), render(self.theirs)


def draw_versions(choose: Choose) -> Versions:
    base = draw_plan(choose)
    ours, user_edits = edited(base, USER_EDITS, choose, "u")
    theirs, template_edits = edited(base, TEMPLATE_EDITS, choose, "t")
    return Versions(base, ours, theirs, user_edits, template_edits)


def _choose_by(draw: st.DrawFn) -> Choose:
    return lambda options: draw(st.sampled_from(options))


@st.composite
def versions(draw: st.DrawFn) -> Versions:
    return draw_versions(_choose_by(draw))


LINES = ["- [ ] mine {}", "  - [x] mine {}", "mine {}", "  see https://mine/{}", "## mine {}"]


@st.composite
def plan_histories(draw: st.DrawFn) -> tuple[str, list[tuple[list[str], str]]]:
    """A first render, and some updates: what the user does to the lines before, the next render.

    The user ticks (`3`, the third open box) and adds lines (`3:text`), but changes none.
    """
    choose = _choose_by(draw)
    plan = draw_plan(choose)
    first, updates = render(plan), []
    for number in range(choose([1, 2, 3])):
        edits = []
        for index in range(choose(range(5))):
            line = choose(["", *LINES]).format(f"{number}{index}")
            edits.append(f"{choose(range(60))}:{line}" if line else str(choose(range(9))))
        plan, _ = edited(plan, TEMPLATE_EDITS, choose, "t")
        updates.append((edits, render(plan)))
    return first, updates


# ---------------------------------------------------------------------------------------------
# Any Markdown at all

MARKDOWN_LINES = [
    *["", "", "# T", "## A", "## B", "### C", "## A ##", "text one", "text two", "  indented"],
    *[
        "    code",
        "- [ ] a",
        "- [x] b",
        "  - [ ] c",
        "\t- [ ] d",
        "    - [X] e",
        "* item",
        "1. num",
    ],
    *["   cont", "```", "```sql", "~~~", "<!-- c", "-->", "<div>", "</div>", "> q", "---", "==="],
    *["| a | b |", "|---|---|", "| x | 1 |", "| y \\| z | 2 |", "| k | 2 | 3 |", "- [] e", "- "],
    *["**Status**: Not started", "**Gate**: g", "**Note:** n", "[r]: http://x", "a\u2028b"],
    *["<<<<<<< before updating", "=======", ">>>>>>> after updating", "||||||| x", "- [ ] f\x0c"],
    *[
        "\x00",
        "  ",
        "1986. x",
        "- - [ ] z",
        "- ```",
        "  ```",
        "+ [~] w",
        "- [-] v",
        "\ttab",
        "a\rb",
    ],
]


def draw_markdown(choose: Choose) -> list[str]:
    return [choose(MARKDOWN_LINES) for _ in range(choose(range(25)))]


def draw_line_edits(lines: list[str], choose: Choose, side: str) -> list[str]:
    """Return changed lines; every new or changed one holds a word of that side."""
    lines = list(lines)
    for number in range(choose(range(5))):
        place = choose(range(len(lines) + 1))
        word = f"{side}{number}{choose('abcdefgh')}"
        new = choose(["", "- [ ] ", "  - [ ] ", "  ", "## ", "| "]) + word
        way = choose(["insert", "remove", "change", "tick", "move"])
        if way == "insert" or place == len(lines):
            lines.insert(place, new)
        elif way == "remove":
            del lines[place]
        elif way == "change":
            lines[place] += f" {word}"
        elif way == "tick":
            lines[place] = lines[place].replace("[ ]", "[x]")
        else:
            part = lines[place : place + 3]
            del lines[place : place + 3]
            target = choose(range(len(lines) + 1))
            lines[target:target] = part
    return lines


def joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


@st.composite
def markdown(draw: st.DrawFn) -> str:
    return joined(draw_markdown(_choose_by(draw)))


@st.composite
def markdown_versions(draw: st.DrawFn) -> tuple[str, str, str]:
    """Any base, and two sets of changes to its lines."""
    choose = _choose_by(draw)
    base = draw_markdown(choose)
    ours = draw_line_edits(base, choose, "u")
    theirs = draw_line_edits(base, choose, "t")
    return joined(base), joined(ours), joined(theirs)
