"""The typed model of one storage component, from which templates print.

Here answers, documents and catalog become what a specification and a plan say: stores, decisions,
links, tasks. Nothing here reads or writes a file of a project.
"""
