"""The tasks of a plan in an issue tracker: one issue each, known by a key that stays.

The plan leads: issues are made for its open tasks and closed for what is done or dropped. What
people write in an issue is theirs. Nothing of a track is written here.
"""
