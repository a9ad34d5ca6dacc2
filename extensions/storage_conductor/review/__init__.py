"""Reviewing tracks: what is broken or contradicts itself, how far each is, what comes next.

Here tracks are read as people left them. Nothing here writes.
"""
