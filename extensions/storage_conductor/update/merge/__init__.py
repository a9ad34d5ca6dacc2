"""Three-way merge of the files of a track: pure functions from three texts to one.

The user's work is never lost and never undone; the template's changes arrive beside it. Only a
line that both changed differently is a conflict. Nothing here touches a disk.
"""

from .match import TaskKeys
from .metadata import merge_metadata
from .plan import merge_plan
from .spec import merge_spec
from .text import Conflict, Merged

__all__ = ["Conflict", "Merged", "TaskKeys", "merge_metadata", "merge_plan", "merge_spec"]
