"""A store that was there: imported, its model changed, and taken there and back with its rows."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storage_conductor.errors import ConductorError
from storage_conductor.importing import ddl
from storage_conductor.importing.answers import answers
from storage_conductor.importing.compare import Difference, differences
from storage_conductor.importing.draft import drafted
from storage_conductor.proof.drift import unexpected
from storage_conductor.proof.kept import Beside, kept
from storage_conductor.steps.renames import NOTHING_RENAMED, stated
from storage_conductor.steps.step import MigrationStep, between
from storage_conductor.steps.written import WrittenSchema, from_data, standing

from .importing_support import Database, database
from .step_support import Steps, model_of, parts

SHOP = Path(__file__).parent / "fixtures" / "existing"
TABLES = ("customer", "product", "purchase", "item", "audit")


@pytest.fixture(scope="module", params=["postgresql", "mariadb", "sqlite"])
def store(request: pytest.FixtureRequest) -> Iterator[Database]:
    with database(request.param) as found:
        yield found


class Shop:
    """A store that is there with rows, and its import."""

    def __init__(
        self, store: Database, more: str = "", *, of_file: bool = False, own: str = ""
    ) -> None:
        self.store = store
        store.empty()
        text = own or (SHOP / f"{store.store}.sql").read_text(encoding="utf-8")
        rows = "" if own else (SHOP / "rows.sql").read_text(encoding="utf-8")
        for statements in filter(None, (text, rows, more)):
            store.run(statements)
        self.imported = answers(ddl.read(text, store.store) if of_file else store.found())
        self.entities: dict[str, Any] = copy.deepcopy(self.imported.values["entities"])
        self.base: WrittenSchema = standing({}, self.imported.values["existing"])[store.store]

    def step(self, entities: Mapping[str, Any]) -> MigrationStep:
        model = model_of(dict(entities))
        renames = stated(model, self.base.schema)
        schema, readings = self.base.target(parts(model, self.store.backend), renames)
        return between(self.base.schema, schema, renames, readings)

    def take_as_written(self, entities: Mapping[str, Any]) -> None:
        """Begin where a step to a model ends, as `files.json` tells it."""
        drafted = parts(model_of(dict(entities)), self.store.backend)
        schema, readings = self.base.target(drafted, NOTHING_RENAMED)
        written = replace(self.base, schema=schema, readings=readings)
        self.base = from_data({self.store.store: written.to_data()})[self.store.store]

    def drift(self, entities: Mapping[str, Any]) -> list[Difference]:
        model = model_of(dict(entities))
        expected = drafted(model, self.store.backend)
        found = self.store.found()
        there = differences(expected, found)
        recorded = self.imported.values["existing"][self.store.store].get("beside", ())
        beside = Beside(tuple(recorded), found.unsaid)
        stays = kept(self.base.readings, expected, found, there, beside)
        return [
            *unexpected(self.store.store, self.base.readings, expected, there),
            *stays.lost,
        ]

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        found = {}
        for table in TABLES:
            there = self.store.found().table(table)
            names = sorted(c.name for c in there.columns) if there else []
            kept = [n for n in names if n not in ("legacy_code", "priority", "since")]
            text = f"SELECT {', '.join(kept)} FROM {table}"  # noqa: S608  (of this file)
            rows = self.store.connection.exec_driver_sql(text)
            found[table] = sorted(map(tuple, rows), key=repr)
        return found


def revised(entities: dict[str, Any]) -> dict[str, Any]:
    """What a person makes of the model."""
    entities["Product"]["priority"] = "int not null default 0"
    del entities["Product"]["legacy_code"]
    entities["Purchase"]["shipped_on"] += " not null"
    entities["Item"]["amount"] = entities["Item"]["amount"].replace("smallint", "int")
    entities["Customer"]["since"] = "date"
    entities["Audit"]["_indexes"] = [["at"]]
    entities["Review"] = {"id": "bigint pk", "product": "ref Product not null", "text": "text"}
    return entities


def test_a_model_that_is_as_it_was_imported_has_no_step_but_for_indexes(store: Database) -> None:
    step = (shop := Shop(store)).step(shop.entities)
    assert [change.kind for change in step.changes] == ["add-index"] * (store.store != "mariadb")
    assert store.store == "mariadb" or step.words == ("index `ix_item_product_id` is new",)


def test_a_changed_model_is_reached_and_left_again_with_the_rows_that_were_there(
    store: Database,
) -> None:
    shop, there = Shop(store), Steps(store)
    before, rows = store.found(), shop.rows()
    entities = revised(copy.deepcopy(shop.entities))
    step = shop.step(entities)
    for again in (False, True):
        there.up(step, "expand", "fill", "enforce", "contract")
        assert shop.drift(entities) == []
        assert shop.rows() == rows
        if not again:
            there.down(step, "contract", "fill", "enforce")
            there.down(step, "expand")
            assert differences(before, store.found()) == []
            assert shop.rows() == rows


@pytest.mark.parametrize("of_file", [False, True])
def test_what_is_new_fits_the_tables_that_were_there(store: Database, *, of_file: bool) -> None:
    number, ending = ("integer", "")
    if store.store == "mariadb":
        number, ending = "int(10) unsigned", "DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci"
    text = (
        f"CREATE TABLE owner (id {number} NOT NULL PRIMARY KEY, tag varchar(9) NOT NULL UNIQUE)"
        f" {ending};"
    )
    shop, there = Shop(store, own=text, of_file=of_file), Steps(store)
    entities = copy.deepcopy(shop.entities)
    entities["Owner"]["name"] = "varchar(20)"
    entities["Pet"] = {"id": "bigint pk", "owner": "ref Owner not null", "of": "ref Owner(tag)"}
    entities["Toy"] = {"id": "bigint pk", "pet": "ref Pet", "owner": "ref Owner"}
    there.up(shop.step(entities), "expand", "fill", "enforce", "contract")
    assert shop.drift(entities) == []


def test_a_type_of_the_store_goes_with_what_the_model_said_of_it(store: Database) -> None:
    shop, there = Shop(store, "DROP VIEW open_purchase"), Steps(store)
    before, rows = store.found(), shop.rows()
    entities = copy.deepcopy(shop.entities)
    purchase = entities["Purchase"]
    if store.store == "sqlite":
        entities["Product"]["sku"] = entities["Product"]["sku"].replace("12", "9")
        wanted = {("change-type", "sku"), ("add-check", "ck_product_sku_length")}
    else:
        purchase["state"] = purchase["state"].replace("new, paid", "paid, new")
        wanted = {("change-type", "state"), ("add-check", "ck_purchase_state")}
    step = shop.step(entities)
    found = {(change.kind, change.name) for change in step.changes}
    assert found - {("add-index", "ix_item_product_id")} == wanted
    there.up(step, "expand", "fill", "enforce", "contract")
    assert shop.rows() == rows
    there.down(step, "contract", "fill", "enforce", "expand")
    assert differences(before, store.found()) == []
    assert shop.rows() == rows


def _with_values(entities: Mapping[str, Any], values: str) -> dict[str, Any]:
    changed = copy.deepcopy(dict(entities))
    changed["Purchase"]["state"] = f"enum({values}) not null default 'new'"
    return changed


def test_an_enum_of_the_store_takes_the_values_that_the_model_adds(store: Database) -> None:
    shop, there = Shop(store), Steps(store)
    for values in ("new, paid, sent, lost, gone", "new, found, paid, sent, lost, gone"):
        entities = _with_values(shop.entities, values)
        step = shop.step(entities)
        if store.store != "sqlite":  # which has no such type, and makes the table anew at the end
            assert {c.kind for c in step.changes} - {"add-index"} == {"add-value"}
            there.up(step, "expand")
            store.run(f"UPDATE purchase SET state = '{values.split(', ')[-2]}'")  # noqa: S608
            store.run("UPDATE purchase SET state = 'sent'")
            there.up(step, "fill", "enforce", "contract")
        else:
            there.up(step, "expand", "fill", "enforce", "contract")
        store.run("UPDATE purchase SET state = 'lost'")
        shop.take_as_written(entities)
        assert shop.drift(entities) == []
        assert shop.step(entities).changes == ()
    there.down(step, "contract", "fill", "enforce", "expand")
    there.up(step, "expand", "fill", "enforce", "contract")
    assert shop.drift(entities) == []


def test_what_an_index_of_the_store_needs_is_not_dropped(store: Database) -> None:
    shop = Shop(store)
    entities = copy.deepcopy(shop.entities)
    field = "note" if store.store == "mariadb" else "phone"
    del entities["Customer"][field]
    with pytest.raises(ConductorError, match=rf"`customer.{field}` goes: .*(note_words|lower)"):
        shop.step(entities)
    if store.store == "postgresql":
        entities = copy.deepcopy(shop.entities)
        entities["Purchase"]["state"] = "enum(new, paid) not null default 'new'"
        with pytest.raises(ConductorError, match=r"`open_purchase` \(a view\)"):
            shop.step(entities)


def test_a_file_of_its_statements_leads_to_the_same_tables(store: Database) -> None:
    shop, there = Shop(store, of_file=True), Steps(store)
    before, rows = store.found(), shop.rows()
    entities = revised(copy.deepcopy(shop.entities))
    entities["Product"]["sku"] = "varchar(12) not null"
    entities["Product"]["price_cents"] = "int not null"
    entities["Item"]["product"] = "ref Product pk on delete cascade"
    step = shop.step(entities)
    there.up(step, "expand", "fill", "enforce", "contract")
    there.down(step, "contract", "fill", "enforce", "expand")
    assert differences(before, store.found()) == []
    assert shop.rows() == rows
    if store.store == "sqlite":
        entities["Customer"]["phone"] += " not null"
        with pytest.raises(ConductorError, match="trigger customer_kept"):
            shop.step(entities)
