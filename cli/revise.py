"""`storage-conductor revise`: a track is brought to other answers, by an update."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from plumbum import cli

from storage_conductor.disk import files, scratch
from storage_conductor.disk.places import ANSWERS, WRITTEN
from storage_conductor.errors import ConductorError
from storage_conductor.questions import answers, form, given, rules
from storage_conductor.review.track_checks import TrackProblem
from storage_conductor.update import many_tracks

from . import FINDINGS, FINE, editing
from .command import Command, json_switch, line, one_track, print_json
from .command import shown as places_shown
from .new import given_answers, plain_errors
from .refresh import print_remarks, require_committed, uncommitted
from .trust import Trust

# What is settled when a track starts.
SETTLED = ("storage_id", "created_at", "project_context", "id_scheme")

Answers = dict[str, Any]


class ReviseCommand(Command):
    """Changes the answers of a track."""

    DESCRIPTION = "Changes answers of a track, and brings its files to what follows from them."
    DETAILS = """
An update with other answers, by the version of the template that the track is on, or by the one of
the switch --to. Ticks, status, decisions and whatever a person wrote stay, as in any update; only a
line that both sides changed differently is left as a conflict. The result stays in the working tree
as one change to review; nothing is committed. An answer without a value (`--data retention=`, or
`retention: null` in a file) is taken back; what is not named stays. ID is the track's id, or its
folder; a project with one track needs none.

With --edit all answers stand in one commented YAML form. It is checked as a whole when it is saved
and closed; mistakes are shown in it, and it opens again. A form that is left as it is, or emptied,
changes nothing. Of a store with migrations, or that was imported, a model is refused to which no
safe step leads. The template's code runs, so it has to be one that you trust, as for `refresh`.
"""
    EXAMPLES = (
        "storage-conductor revise storage-001 --edit",
        "storage-conductor revise storage-001 -d rto_minutes=60 -d rpo_minutes=5",
        "storage-conductor revise storage-001 --data-file model.yml --dry-run",
    )
    USAGE = "    {progname} [SWITCHES] [ID] [PATH]\n"
    EXIT_CODES = "0 when the track is as answered, 1 with conflicts, 2 when nothing was done."

    data = cli.SwitchAttr(
        ["--data", "-d"], list=True, argname="NAME=VALUE", help="Change an answer"
    )
    data_file = cli.SwitchAttr(
        ["--data-file"],
        argname="FILE",
        help="Read changed answers from a YAML file; --data goes first",
    )
    edit = cli.Flag(
        ["--edit", "-e"], help="Change the answers in one form, in the editor of VISUAL or EDITOR"
    )
    to = cli.SwitchAttr(
        ["--to"],
        argname="VERSION",
        help="Tag, branch or commit of the template; else the one that the track is on",
    )
    trust = cli.Flag(["--trust"], help="Run the code of the template that the track names")
    dry_run = cli.Flag(["--dry-run", "-n"], help="Show what would change and change nothing")
    json = json_switch()

    def main(self, *id_or_path: str) -> int:
        """Revise the track and print what became of it."""
        said = given_answers(self.data_file, self.data)
        project, storage_id = one_track(id_or_path)
        if not (said or self.edit):
            raise ConductorError(
                "No answer is given.", remedy="Give one by --data or --data-file, or use --edit."
            )
        if not self.dry_run:
            for name in many_tracks.go_back(project, [storage_id]):
                print(f"{name}: went back to before an update that was killed.", file=sys.stderr)
        track = many_tracks.read(project, storage_id)
        revision = Revision(track.answers)
        if not self.edit:
            revision.require(said)
            return self._revise(track, revision.changes(said))
        begun = {**revision.recorded, **_without_settled(said)}
        text = form.written(begun, left_out=SETTLED)
        with editing.answered(text, revision.mistakes_of_form) as filled:
            if filled is None:
                return self._unchanged(track, "the form was left as it was or emptied")
            return self._revise(track, revision.changes(revision.emptied(filled)))

    def _unchanged(self, track: many_tracks.RecordedTrack, why: str) -> int:
        if self.json:
            print_json(_data(track, {}, (), (), ()))
        else:
            print(f"{line(track.storage_id)}: {why}; no change.")
        return FINE

    def _revise(self, track: many_tracks.RecordedTrack, changes: Answers) -> int:
        shown = line(track.storage_id)
        if not changes and self.to is None:
            return self._unchanged(track, "these are its answers already")
        from . import versions

        with scratch.folder() as folder, plain_errors():
            to = self.to or track.commit
            renderer = versions.Renderer(track.project, to, folder, Trust(given=self.trust))
            change, version = renderer.change(track, changes)
            touched = () if change is None else change.touched
            conflicts = () if change is None else change.conflicts
            require_committed(
                track.project, touched, uncommitted(track.project, [track.storage_id]), "revise"
            )
            if change is not None:
                _require_steps(track, change)
            notes = many_tracks.apply(change) if change and touched and not self.dry_run else []
        if self.json:
            print_json(_data(track, changes, touched, conflicts, notes))
            return FINDINGS if conflicts else FINE
        for source, reason in renderer.trusted.items():
            print(f"Template {line(source)} is trusted, since {reason}.")
        _print(shown, changes, touched, (track.commit, version), dry_run=self.dry_run)
        print_remarks(track.project, conflicts, notes)
        return FINDINGS if conflicts else FINE


def _require_steps(track: many_tracks.RecordedTrack, change: many_tracks.TrackChange) -> None:
    """Make sure that a step leads from each store that is there to the revised model.

    Raises:
        ConductorError: A step that could be written, or was none, would be refused now.
    """
    text = change.written.get(ANSWERS)
    if text is None or not (track.answers.get("existing") or (track.folder / WRITTEN).exists()):
        return
    after = files.parse_yaml(text.decode("utf-8"))
    # What was written as migrations is recorded by this update.
    before = {**track.answers, "project_context": after.get("project_context")}
    known = set(_unwritable(before))
    problems = [each for each in _unwritable(after) if each not in known]
    if problems:
        raise ConductorError(
            "\n".join(problems),
            remedy="Nothing was changed. Reach it by another model; or change the store by hand and"
            f" read it again: `storage-conductor import SOURCE --into {track.storage_id}`.",
        )


def _unwritable(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield why the step to the model cannot be written, for each store of which that holds."""
    from storage_conductor.component import track

    yield from (step.problem for step in track.build(found).schema_steps if step.problem)


def _data(
    track: many_tracks.RecordedTrack,
    changes: Answers,
    touched: Iterable[str],
    conflicts: Iterable[TrackProblem],
    notes: Iterable[str],
) -> Answers:
    """Return what became of a track as JSON has it."""
    return {
        "id": track.storage_id,
        "answers": list(changes),
        "taken_back": _taken_back(changes),
        "touched": [places_shown(track.project, path) for path in touched],
        "conflicts": [
            asdict(item) | {"path": places_shown(track.project, item.path)} for item in conflicts
        ],
        "notes": list(notes),
    }


class Revision:
    """The recorded answers of a track, and what others mean beside them.

    Args:
        found: What is recorded.
    """

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._fixed = {name: found[name] for name in SETTLED if name in found}
        self._found = {name: found[name] for name in answers.RULES if name in found}
        # What the template assumed is no answer, until somebody gives it.
        context = found.get("project_context")
        self._assumed = (context.get("assumed") or ()) if isinstance(context, dict) else ()
        self.recorded = {
            name: value
            for name, value in self._found.items()
            if not _blank(value) and name not in self._assumed
        }

    def require(self, said: Mapping[str, Any]) -> None:
        """Make sure that answers can be taken, beside those that they leave as they are.

        Raises:
            ConductorError: They cannot.
        """
        if mistakes := [*self._settled(said), *self._mistakes(said)]:
            raise ConductorError(
                "These answers cannot be used:\n  - " + "\n  - ".join(mistakes),
                remedy="Correct them and run the same command again; nothing was changed.",
            )

    def mistakes_of_form(self, filled: Mapping[str, Any]) -> Sequence[str]:
        """Return what is wrong with a form of all answers."""
        return [*self._settled(filled), *self._mistakes(self.emptied(filled))]

    def emptied(self, filled: Mapping[str, Any]) -> Answers:
        """Return the answers of a form, in which one that is not there is taken back."""
        gone = {name: None for name in self.recorded if name not in SETTLED}
        return {**gone, **filled}

    def changes(self, said: Mapping[str, Any]) -> Answers:
        """Return what differs from what is recorded; None for an answer that is taken back."""
        after = given.tidy(self._together(said))
        names = [name for name in answers.RULES if name in {**self._found, **after}]
        return {
            name: None if _blank(after.get(name)) else given.as_recorded(name, after[name])
            for name in names
            if not _same(name, self._found.get(name), after.get(name))
            or (name in self._assumed and not _blank(said.get(name)))
        }

    def _together(self, said: Mapping[str, Any]) -> Answers:
        found = {**self._applying(said), **_without_settled(said)}
        if "alternatives" not in said:
            found["alternatives"] = given.left_open(said, self._found)
        return {name: value for name, value in found.items() if not _blank(value)}

    def _applying(self, said: Mapping[str, Any]) -> Answers:
        """Return what is recorded without the stores of another type of component."""
        stores = _stores(said) or _stores(self._found)
        gone = {"backend", "backends"} - {stores}
        if rules.OTHER not in str(said.get(stores, self._found.get(stores))):
            gone.add("other_backend")
        return {name: value for name, value in self._found.items() if name not in gone}

    def _mistakes(self, said: Mapping[str, Any]) -> Sequence[str]:
        required = ["title", "description"]
        if _stores(said) not in ("", _stores(self._found)):
            required.append(_stores(said))  # there is no telling which of the old ones is meant
        together = given.tidy(self._together(said))
        # A name that is no question is told, also where nothing stands behind it.
        named = {**dict.fromkeys(said), **together}
        values, problems = answers.examine(named, required, closed=True)
        return problems or answers.misplaced(values)

    def _settled(self, said: Mapping[str, Any]) -> Sequence[str]:
        return [
            f"{name}: is settled when a track starts; leave it out"
            for name in SETTLED
            if name in said and said[name] != self._fixed.get(name)
        ]


def _without_settled(said: Mapping[str, Any]) -> Answers:
    return {name: value for name, value in said.items() if name not in SETTLED}


def _stores(found: Mapping[str, Any]) -> str:
    """Return the question by which the stores are named; empty where no storage type is said."""
    kind = found.get("storage_type")
    return "" if kind is None else "backends" if kind == "hybrid" else "backend"


def _taken_back(changes: Answers) -> list[str]:
    return [name for name, value in changes.items() if value is None]


def _blank(value: Any) -> bool:
    return value in (None, "", [], {}, ())


def _same(name: str, one: Any, other: Any) -> bool:
    """Tell whether two answers say the same, in whatever form."""
    if _blank(one) or _blank(other):
        return _blank(one) and _blank(other)
    try:
        return bool(answers.RULES[name](one) == answers.RULES[name](other))
    except ValueError:
        return bool(one == other)


def _print(
    shown: str,
    changes: Answers,
    touched: Sequence[str],
    versions: tuple[str, str],
    *,
    dry_run: bool,
) -> None:
    before, after = map(line, versions)
    gone = _taken_back(changes)
    what = [f"{name} (taken back)" if name in gone else name for name in changes]
    what += [f"{before} -> {after}"] if before != after else []
    would = "would be revised" if dry_run else "revised"
    if touched:
        print(f"{would} {shown}: {', '.join(what)}")
        for path in touched:
            print(f"  {line(path)}")
    else:
        print(f"{shown}: nothing in its files follows from {', '.join(what)}.")
