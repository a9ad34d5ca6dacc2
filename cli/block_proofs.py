"""Proves building blocks, records that in the catalog and writes the table of docs/blocks.md.

Usage: python -m storage_conductor_cli.block_proofs [BLOCK ...] [STORE=URL ...]

Without names all blocks are proven. PostgreSQL and SQLite are started; other stores are proven
where their address is given, and keep the record that they have otherwise.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from storage_conductor.catalog import loading
from storage_conductor.catalog.building_blocks import (
    ProvenBlock,
    block_headings,
    load_block,
    proven,
)
from storage_conductor.catalog.reading import CATALOG
from storage_conductor.disk import writing
from storage_conductor.proof.blocks import places
from storage_conductor.proof.blocks.prove import BlockProof, digest, provable, prove

RECORD = CATALOG / "proven.yml"
PAGE = Path(__file__).resolve().parents[1] / "docs" / "blocks.md"
_BEGIN, _END = "<!-- proofs -->\n", "<!-- end of proofs -->\n"
_HEAD = "# Proofs that were run; written by `python -m storage_conductor_cli.block_proofs`.\n"
# How much of a version is recorded: the engine behaves the same within it.
_MAJOR = {"postgresql": 1}


def recorded(proof: BlockProof) -> ProvenBlock:
    """Return what is recorded of a proof."""
    name, _, version = proof.version.rpartition(" ")
    parts = version.split(".")[: _MAJOR.get(proof.store, 2)]
    return ProvenBlock(
        block=proof.block,
        store=proof.store,
        version=f"{name} {'.'.join(parts)}",
        mutants=len(proof.mutants),
        digest=digest(load_block(proof.block), proof.store),
    )


def record(proofs: Sequence[ProvenBlock]) -> str:
    """Return the text of the record."""
    order = [heading.key for heading in block_headings()]
    found = sorted(proofs, key=lambda item: (order.index(item.block), item.store))
    data = {"proofs": [item.values() for item in found]}
    return _HEAD + yaml.safe_dump(data, sort_keys=False, width=120)


def table(proofs: Sequence[ProvenBlock]) -> str:
    """Return the table of all proofs, with what was not run."""
    lines = ["| Block | Store | Run on | Mutants noticed |", "| --- | --- | --- | --- |"]
    by_key = {(item.block, item.store): item for item in proofs}
    for heading in block_headings():
        for made in load_block(heading.key).realisations:
            for store in made.stores:
                found = by_key.get((heading.key, store))
                ran, count = (found.version, f"all {found.mutants}") if found else ("not run", "—")
                name = loading.load(store).name
                lines.append(f"| {heading.name} | {name} | {ran} | {count} |")
    return "\n".join(lines) + "\n"


def page(text: str, proofs: Sequence[ProvenBlock]) -> str:
    """Return the page with its table as it follows from the proofs."""
    pattern = re.compile(rf"(?<={re.escape(_BEGIN)}).*?(?={re.escape(_END)})", re.DOTALL)
    return pattern.sub(lambda _: f"\n{table(proofs)}\n", text)


def run(names: Sequence[str], urls: Mapping[str, str]) -> list[BlockProof]:
    """Prove blocks on the stores that can be had."""
    found = []
    for name in names:
        block = load_block(name)
        for store in provable(block):
            if store in places.STARTED or store in urls:
                proof = prove(block, store, urls.get(store, ""), lambda _: None)
                print(f"{name} on {proof.version}: {proof.summary()}", flush=True)
                for survivor in (*proof.violations, *proof.survivors):
                    print(f"  NOT: {survivor}", flush=True)
                found.append(proof)
    return found


def main(arguments: Sequence[str]) -> int:
    """Prove, record and write the table; 1 where something did not hold."""
    urls = dict(item.split("=", 1) for item in arguments if "=" in item)
    names = [item for item in arguments if "=" not in item]
    proofs = run(names or [heading.key for heading in block_headings()], urls)
    kept = {(item.block, item.store): item for item in proven()}
    kept |= {(item.block, item.store): recorded(item) for item in proofs if item.passed}
    writing.write_atomic(RECORD, record(tuple(kept.values())))
    writing.write_atomic(PAGE, page(PAGE.read_text(encoding="utf-8"), tuple(kept.values())))
    return 0 if all(item.passed for item in proofs) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
