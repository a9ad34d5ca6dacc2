"""Which checks prove which tasks of a track, and what their evidence still says.

Evidence counts as long as what it covers has the digest that it had then. Nothing here runs a
check, asks a store or writes.
"""
