"""The catalog: what is known of each backend, as YAML with sources, and its typed reading.

Here lie the facts and their wordings, the models that validate them and the functions that load
them. Nothing here knows of a track, an answer or a project.
"""
