"""Reading Markdown: blocks, outlines, tables and anchors.

Here text becomes structure, for reviews and merges. Nothing here knows of tracks, and nothing
touches a disk.
"""
