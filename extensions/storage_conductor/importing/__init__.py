"""From a store that exists to the answers of a track, and what the answers cannot say of it.

Each kind of source has a module that reads it into `found`; `language` turns that into `entities`,
and `compare` tells how two schemas differ. The libraries behind it come with the extra `engines`
and are imported where they are used. Nothing here writes to a store or knows of tracks.
"""
