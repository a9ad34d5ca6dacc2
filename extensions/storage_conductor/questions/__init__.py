"""The questions: the rule of each answer, and what the project's documents say for it.

Here raw answers become typed ones or a message that names the rule. Nothing here computes what
follows from an answer.
"""
