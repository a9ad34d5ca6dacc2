"""From the answers about data to a schema that loads.

`parse.parse_model` reads the answers and `design.design` derives everything from them. Import them
from there, where they are used: most quick starts have no entities yet and need none of it.
Nothing here knows of answers about load, of documents or of tracks.
"""
