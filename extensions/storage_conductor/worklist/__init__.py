"""The tasks of a plan as it stands, each known by a key that stays whatever its words become.

What the template planned is found again by its text; a task of a person has a key made of its own.
Nothing here writes, or knows what a task is good for.
"""
