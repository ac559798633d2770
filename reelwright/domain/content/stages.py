"""The stages of a content. A module of its own, since a list needs nothing else of its status."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where a content is, in the order of the process; the final ones come last.

    `incomplete` has all its files, but not every requested post. `parked` is a review that nobody has answered for as
    long as the policy says: it waits on.
    """

    ACCEPTED = "accepted"
    WRITING = "writing"
    MODERATION = "moderation"
    MATERIAL = "material"
    REVIEW = "review"
    PARKED = "parked"
    RENDERING = "rendering"
    PUBLISHING = "publishing"
    DONE = "done"
    INCOMPLETE = "incomplete"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return list(Stage).index(self) >= list(Stage).index(Stage.DONE)
