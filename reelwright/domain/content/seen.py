"""What of the material is looked at before a reviewer is asked: pictures, and frames of clips."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ..assets import AssetRef
from ..base import Model
from .finished import FinishedMaterial
from .media import SceneClip
from .story import Material, ModerationFinding, ModerationVerdict

MOMENTS = ("first frame", "middle", "last frame")


class SeenPicture(Model):
    """A picture and the name of its place. `drawn`: by our own illustrator, whose pictures are alike by design."""

    place: str
    file: AssetRef
    drawn: bool = False


class SeenClip(Model):
    """A clip, the name of its place, and from when to when it is looked at, in seconds."""

    place: str
    file: AssetRef
    start_s: float
    end_s: float


class SeenFindings(Model):
    """What was found on the material, or in the texts of its posts."""

    findings: tuple[ModerationFinding, ...] = ()

    @property
    def decision(self) -> Literal["allow", "review", "block"]:
        """What is to be done about it."""
        return "block" if self.blocks else "review" if self.findings else "allow"

    @property
    def blocks(self) -> bool:
        """Whether one of them blocks."""
        return any(finding.decision == "block" for finding in self.findings)

    @property
    def reasons(self) -> tuple[str, ...]:
        """A line each, the gravest first."""
        ordered = sorted(self.findings, key=lambda finding: finding.decision != "block")
        return tuple(dict.fromkeys(f"{finding.reason}: {finding.cure}" for finding in ordered))


def joined(verdict: ModerationVerdict, found: SeenFindings) -> ModerationVerdict:
    """The verdict with what was found besides, none of which blocks."""
    if not found.findings:
        return verdict
    reasons = tuple(dict.fromkeys((*verdict.reasons, *found.reasons)))
    return verdict.model_copy(
        update={"decision": "review", "reasons": reasons, "findings": (*verdict.findings, *found.findings)}
    )


def pictures_of(material: Material | FinishedMaterial) -> tuple[SeenPicture, ...]:
    """Each picture that is shown or posted. Those of clips are their frames."""
    if isinstance(material, FinishedMaterial):
        return ()
    scenes = (
        SeenPicture(
            place=f"the picture of scene {picture.scene + 1}", file=picture.image, drawn=picture.reading is not None
        )
        for picture in material.pictures
        if picture.clip is None
    )
    posts = (
        SeenPicture(place=f"{platform.value} picture {number}", file=picture.file)
        for platform, pictures in material.post_pictures.items()
        for number, picture in enumerate(pictures, 1)
    )
    return (*scenes, *posts)


def clips_of(material: Material | FinishedMaterial) -> tuple[SeenClip, ...]:
    """Each clip, and each finished video."""
    if isinstance(material, FinishedMaterial):
        return tuple(
            SeenClip(place=f"video {video.format}", file=video.file, start_s=0, end_s=video.duration_s)
            for video in material.rendered.videos
        )
    return tuple(
        SeenClip(place=place, file=clip.file, start_s=clip.start_s, end_s=clip.facts.duration_s)
        for place, clip in _clips(material)
    )


def _clips(material: Material) -> Iterator[tuple[str, SceneClip]]:
    if material.intro is not None:
        yield "the intro", material.intro
    for picture in material.pictures:
        if picture.clip is not None:
            yield f"the clip of scene {picture.scene + 1}", picture.clip
    if material.outro is not None:
        yield "the outro", material.outro
