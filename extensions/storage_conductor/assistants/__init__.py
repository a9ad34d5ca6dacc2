"""What a coding assistant is told about storage tracks, in the form that each assistant reads.

The commands are written once, in `commands/`; here they become skills, commands and prompts in a
project, and a short block in the file that an assistant always reads. What a person changed is
theirs. Nothing here knows what is in a track.
"""
