"""`storage-conductor drift`: where a live schema left the model of a track."""

from __future__ import annotations

import sys
from dataclasses import asdict

from plumbum import cli

from . import FINDINGS, FINE
from .command import (
    Command,
    json_switch,
    line,
    one_track,
    print_json,
    store_switch,
    timeout_switch,
)


class DriftCommand(Command):
    """Compares a live schema with a track."""

    DESCRIPTION = "Compares the live schema and settings of a store with a track."
    DETAILS = """
Reads only the track's own tables, and writes nothing: a read-only role is enough. Tables, columns,
types, defaults, keys, rules, references with their actions and indexes with order and condition are
compared by what they mean; another name alone is no difference. Of a store that was imported, what
was left as it is and has gone is one, such as a trigger. Compared are also the settings that the
specification or the plan promises, such as encrypted connections, checksums and the archive of the
log, where the server tells them; of Redis and Valkey, which have no schema, they alone. With
`--schema-only`, as for a scratch database, they are left out. The libraries come with the extra
`engines`. ID may be left out in a track's folder, and `--url env:NAME` takes the address from the
environment.
"""
    EXAMPLES = (
        "storage-conductor drift storage-001 --url env:DATABASE_URL",
        "storage-conductor drift storage-001 --url sqlite:///app.db --json",
    )
    USAGE = "    {progname} --url URL [SWITCHES] ID [PATH]\n"
    EXIT_CODES = "0 when nothing differs, 1 with differences, 2 when the store cannot be read."

    url = cli.SwitchAttr(
        ["--url"], argname="URL", mandatory=True, help="Address of the database, or env:NAME"
    )
    schema_only = cli.Flag(["--schema-only"], help="Leave the settings of the server out")
    store = store_switch()
    timeout = timeout_switch(30)
    json = json_switch()

    def main(self, *id_or_path: str) -> int:
        """Compare."""
        from storage_conductor.proof.drift import drift
        from storage_conductor.proof.settings import lines
        from storage_conductor.proof.subject import subject

        project, storage_id = one_track(id_or_path)
        looked_at = subject(project, storage_id, self.store)
        found = drift(looked_at, self.url, self.timeout, settings=not self.schema_only)
        if found.other_version:
            print(f"Note: {line(found.other_version)}.", file=sys.stderr)
        if found.uncompared:
            print(line(f"not compared: {'; '.join(found.uncompared)}"), file=sys.stderr)
        for text in lines(found.untold):
            print(line(text), file=sys.stderr)
        if self.json:
            print_json([asdict(difference) for difference in found.differences])
        else:
            for difference in found.differences:
                print(line(str(difference)))
            print(found.summary())
        return FINDINGS if found.differences else FINE
