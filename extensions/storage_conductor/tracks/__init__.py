"""What makes a folder a track: its id, its metadata, its row in the registry.

Here ids are reserved and rows are written. Nothing here knows what a specification says.
"""
