"""What callers do with each building block, and what must then hold; a module for each.

Each has a `case`. Nothing of it depends on the store: the same case runs on every engine.
"""
