"""One track in one reading: what is known, what is assumed, and what is to be decided.

What its answers, the project's documents and its own files say is put together for a person, or a
program, that is about to work on it. Nothing here writes a file or knows how the reading is shown.
"""
