"""What a review's artifact is made of: a digest of each thing that is shown, so that a person can see which changed."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ..base import Grown, Model
from ..ids import sha256_of


class ReviewManifest(Grown, Model):
    """The sha256 of everything that a reviewer is shown, by its name. An approval names the sha256 of the whole.

    `material` is that of the story, its sound and its pictures. `texts` are those of the posts, by platform and
    accounts. `videos` and `thumbnails` are files that exist before the review, by format. `findings` is that of the
    list of reasons for a review. `timeline_sha256` names the plan that a preview was rendered of; `files` are rendered
    files that were shown, by name.
    """

    added: ClassVar[frozenset[str]] = frozenset({"timeline_sha256", "files"})

    material: str
    texts: dict[str, str] = Field(default_factory=dict)
    videos: dict[str, str] = Field(default_factory=dict)
    thumbnails: dict[str, str] = Field(default_factory=dict)
    findings: str = ""
    timeline_sha256: str = ""
    files: dict[str, str] = Field(default={})  # not a factory: `Grown` compares with the default

    @property
    def sha256(self) -> str:
        """What an approval binds."""
        return sha256_of(self)

    def changed_from(self, shown: ReviewManifest) -> tuple[str, ...]:
        """The names of what is not as it was shown: `material`, `texts youtube (default)`."""
        mine, its = self.model_dump(), shown.model_dump()
        names: list[str] = []
        for field in type(self).model_fields:
            now, then = mine.get(field), its.get(field)
            if isinstance(now, dict) and isinstance(then, dict):
                names += [f"{field} {name}" for name in sorted(now | then) if now.get(name) != then.get(name)]
            elif now != then:
                names.append(field)
        return tuple(names)
