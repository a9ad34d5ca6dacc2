"""What a track gives to its repository: migrations for a tool, and a load script.

Files are written once and belong to the project then. Nothing here reaches a store.
"""
