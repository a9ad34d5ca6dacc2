"""What a track gives to its repository: migrations, a load script, scripts of blocks.

Files are written once and belong to the project then. Nothing here reaches a store.
"""
