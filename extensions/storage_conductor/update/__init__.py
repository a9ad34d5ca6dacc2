"""Landing new tracks and bringing older ones up to date without losing what people wrote.

Here renders, files and registry come together, for one track or for many. Nothing here knows what
the questions mean.
"""
