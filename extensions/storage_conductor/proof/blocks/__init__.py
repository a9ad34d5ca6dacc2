"""Proofs of building blocks: their statements on an engine, by many processes, killed and mutated.

A case for each block says what callers do and what must then hold. Nothing here holds a statement:
they are those of the catalog, as a specification shows them.
"""
