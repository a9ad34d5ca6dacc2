"""What a track says, against a store: its live schema, or a scratch database that is thrown away.

The draft of a track is loaded, filled and asked, and every promise of it is looked at. Only a
scratch database is ever written to. Nothing here knows of terminals; `importing` tells how stores
are read.
"""
