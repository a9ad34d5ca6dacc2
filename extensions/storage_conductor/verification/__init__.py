"""Running the checks of a track, and writing down what they saw.

What a project brings is run only after a person allowed it. Nothing here knows of terminals, or
decides what a check proves.
"""
