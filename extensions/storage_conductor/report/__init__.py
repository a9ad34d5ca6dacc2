"""The tracks of a project as a static site: a board, and two pages for each track.

Everything is drawn while the site is written, so that a page needs no server and asks for nothing
from elsewhere. What is shown is read and computed in the rooms below: nothing here derives a
number, and nothing that people wrote reaches a page but as text.
"""
