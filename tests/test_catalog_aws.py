"""The `aws rds` commands of the catalog against the description of the service, by botocore."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator

import pytest

from storage_conductor.catalog import loading

from .test_catalog import models

botocore_session = pytest.importorskip("botocore.session")
xform_name = pytest.importorskip("botocore").xform_name
# Options of the command line itself; `--source-region` signs the address of a snapshot elsewhere.
OF_THE_TOOL = {"--query", "--region", "--output", "--source-region"}
RELATIONAL = [
    heading.key
    for heading in loading.headings()
    if loading.load(heading.key).family == "relational"
]


def commands(key: str) -> Iterator[tuple[str, bool]]:
    """Yield the commands of a backend, and whether each stands there to be run as a whole."""
    backend = loading.load(key)
    for way in backend.backup:
        for text in (way.backup, way.restore):
            for part in text.split(" && "):
                if part.startswith("aws rds "):
                    yield part, True
    for item in models(backend):
        for value in item.values().values():
            if isinstance(value, str):
                for part in re.findall(r"`(aws rds [^`]+)`", value):
                    yield part, False


def test_every_option_of_the_relational_database_service_exists() -> None:
    service = botocore_session.get_session().get_service_model("rds")
    operations = {
        xform_name(name, "-"): service.operation_model(name) for name in service.operation_names
    }
    found = {item for key in RELATIONAL for item in commands(key)}
    assert len(found) > 10
    for text, whole in sorted(found):
        _, _, name, *rest = shlex.split(text)
        shape = operations[name].input_shape
        members = {"--" + xform_name(member, "-"): member for member in shape.members}
        options = {word for word in rest if word.startswith("--")}
        positive = {re.sub(r"^--no-", "--", option) for option in options - OF_THE_TOOL}
        assert positive <= set(members), f"{text}: {sorted(positive - set(members))}"
        missing = {"--" + xform_name(member, "-") for member in shape.required_members} - positive
        assert not (whole and missing), f"{text}: {sorted(missing)}"
        for option, value in itertools.pairwise(rest):
            allowed = getattr(shape.members.get(members.get(option, "")), "enum", [])
            assert not allowed or value.startswith("<") or value in allowed, f"{text}: {value}"
