"""The machine below: files, the cache, git, and every path of a project.

Here is everything that touches a disk or starts a process, written so that a kill loses nothing.
Nothing here knows what the files mean.
"""
