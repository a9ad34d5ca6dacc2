"""`storage-conductor import`: the answers of a track from a store that exists."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from plumbum import cli

from . import FINE
from .command import Command, line, one_track, timeout_switch

_DESIGN = "The tables are taken as there already; of a design that no store has yet, say --design."


class ImportCommand(Command):
    """Writes what exists as answers."""

    DESCRIPTION = "Writes the tables of something that exists as answers for a track."
    DETAILS = """
SOURCE is the address of a database, which is only read; a file of DDL, DBML or JSON (of tbls, of a
DynamoDB table description, or of a MongoDB collection's validator and indexes); or MODULE:ATTRIBUTE
with SQLAlchemy's tables. The answers go to standard output as YAML, what they do not say to
standard error, one line each. No address, user or password is printed or recorded; `env:NAME` takes
the address from the environment. Needs the extra `engines`.

What is there is part of the answers: the track then specifies the change from it, and its first
migration is the step to the model instead of all tables. Of a design that no store has yet, say
--design. With --into, facts and notes stay with the entities and fields that are still there, and
what the source lacks of the track's model is listed first.
"""
    EXAMPLES = (
        "storage-conductor import env:DATABASE_URL > answers.yml",
        "storage-conductor import schema.sql --dialect mysql > answers.yml",
        "storage-conductor import schema.dbml --into storage-001",
        "storage-conductor import app.models:Base --run-code --new",
    )
    USAGE = "    {progname} [SWITCHES] SOURCE\n"
    EXIT_CODES = "0 when the answers were written, 2 when the source cannot be read."

    dialect = cli.SwitchAttr(
        ["--dialect"],
        argname="STORE",
        default="",
        help="postgresql, mysql, mariadb, sqlite or sql-server: what a file or module is written"
        " for; else postgresql",
    )
    run_code = cli.Flag(["--run-code"], help="Import the Python module of SOURCE, which runs it")
    design = cli.Flag(
        ["--design"],
        help="The tables of SOURCE are in no store yet, so that the first migration makes them",
    )
    statistics = cli.Flag(
        ["--statistics"], help="Add access patterns with their rates from the server's statistics"
    )
    timeout = timeout_switch(30, "one statement of the server")
    into = cli.SwitchAttr(
        ["--into"],
        argname="ID",
        excludes=["--new"],
        help="Revise a track to the entities and access patterns, instead of printing them",
    )
    trust = cli.Flag(
        ["--trust"],
        requires=["--into"],
        help="With --into: run the code of the template that the track names",
    )
    dry_run = cli.Flag(
        ["--dry-run", "-n"],
        requires=["--into"],
        help="With --into: show what would change and change nothing",
    )
    new = cli.Flag(["--new"], help="Start a track with the answers, instead of printing them")
    data = cli.SwitchAttr(
        ["--data", "-d"],
        list=True,
        argname="NAME=VALUE",
        requires=["--new"],
        help="With --new: answer a question beforehand",
    )
    defaults = cli.Flag(
        ["--defaults"], requires=["--new"], help="With --new: take the default of what is not given"
    )
    source_of_template = cli.SwitchAttr(
        ["--template"],
        argname="URL",
        requires=["--new"],
        help="With --new: address or folder of the template",
    )
    vcs_ref = cli.SwitchAttr(
        ["--vcs-ref"],
        argname="REF",
        requires=["--new"],
        help="With --new: tag, branch or commit of the template",
    )

    def main(self, source: str) -> int:
        """Read the source."""
        from storage_conductor.importing.answers import answers
        from storage_conductor.importing.naming import NONE_GIVEN, given_names
        from storage_conductor.importing.sources import SourceOptions, read
        from storage_conductor.schema.parse import parse_model

        track, said = _said(self.into) if self.into else ("", {})
        model = parse_model(said.get("entities"), [])
        reading = SourceOptions(self.dialect, self.run_code, self.statistics, self.timeout)
        given = given_names(model) if model else NONE_GIVEN
        imported = answers(read(source, reading), there=not self.design, given=given)
        for text in imported.unsaid:
            print(line(text), file=sys.stderr)
        if source.lower().endswith(".dbml") and not self.design:
            print(_DESIGN, file=sys.stderr)
        if self.into:
            return self._revise(track, said, imported.values)
        if not self.new:
            print(imported.text, end="")
            return FINE
        from . import new, template

        begun = {**imported.values, **new.from_switches(self.data)}
        chosen = template.find(self.source_of_template, self.vcs_ref)
        new.start(chosen, begun, defaults=self.defaults)
        return FINE

    def _revise(self, track: str, said: Mapping[str, Any], values: Mapping[str, Any]) -> int:
        """Give the data model to a track; its store stays the one that was chosen."""
        import yaml

        from storage_conductor.disk import scratch
        from storage_conductor.importing.carried import carried

        from .revise import ReviseCommand

        names = ("entities", "access_patterns", "existing")
        model = {name: values[name] for name in names if name in values}
        if other := _elsewhere(track, said, model.get("existing", {})):
            del model["existing"]
            print(line(other), file=sys.stderr)
        kept = carried(said.get("entities") or {}, model["entities"], values["backend"])
        model["entities"] = kept.entities
        place = "design" if self.design else "store"
        for gone in kept.gone:
            print(line(f"not in the {place}, and no longer planned: {gone}"), file=sys.stderr)
        with scratch.folder() as folder:
            path = folder / "model.yml"
            path.write_text(yaml.safe_dump(model, sort_keys=False), encoding="utf-8", newline="\n")
            # plumbum before 2.0 takes a switch that is named as one that is set, also as False.
            switches = {"trust": self.trust, "dry_run": self.dry_run}
            is_set = {name: True for name, value in switches.items() if value}
            _, code = ReviseCommand.invoke(self.into, data_file=str(path), **is_set)
        return int(code)


def _said(storage_id: str) -> tuple[str, Mapping[str, Any]]:
    """Return the id of a track, and its answers."""
    from storage_conductor.update import many_tracks

    project, chosen = one_track([storage_id])
    return chosen, many_tracks.read(project, chosen).answers


def _elsewhere(chosen: str, said: Mapping[str, Any], existing: Iterable[str]) -> str:
    """Return what is to be said where the tables are of another store than the track's."""
    from storage_conductor.catalog import loading
    from storage_conductor.questions import rules

    names = rules.items(said.get("backends") or said.get("backend"))
    known = [heading.key for name in names if (heading := loading.find(name))]
    others = [loading.load(store).name for store in existing if store not in known]
    if not others:
        return ""
    return (
        f"The tables are of {', '.join(others)}, and {chosen} is on {', '.join(names)}:"
        " its first migration makes them there."
    )
