"""What is shown to a reviewer of an open question: the answer of the content's query `shown`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ..assets import AssetRef
from ..base import Model
from ..formats import Platform
from ..publishing.posting import PublishTask
from ..publishing.texts import PlatformText
from .finished import FinishedMaterial
from .material_lines import pictures_told
from .story import Material, ModerationFinding, ModerationVerdict, Story
from .video import RenderedContent

Shows = Literal["material", "preview", "final"]
"""What a reviewer judges besides the texts: pictures and narrations, a fast draft of the videos, or the videos."""


class ShownScene(Model):
    """One scene. `told` says what its picture shows and how certain that is; `clip` is seen in place of the picture."""

    number: int
    text: str
    heading: str = ""
    picture: AssetRef | None = None
    clip: AssetRef | None = None
    narration: AssetRef | None = None
    told: str = ""


class ShownText(Model):
    """The texts of one post. `composed`: they are what is posted, word for word; otherwise the platform's own text is
    made of them."""

    platform: Platform
    account: str
    title: str = ""
    text: str = ""
    tags: tuple[str, ...] = ()
    first_comment: str = ""
    thread: tuple[str, ...] = ()
    link: str = ""
    composed: bool = False


class ShownBefore(Model):
    """The revision before: its words, and its pictures by the text of their scenes."""

    title: str
    scenes: tuple[str, ...]
    pictures: dict[str, AssetRef]


class ShownMaterial(Model):
    """All that an open question is about. `artifact_sha256` is the hash that a decision names. `before` is None for
    the first revision, and after a content was continued in a new run with the same words. `hooks` are a language
    model's opening lines, of which the first is the one that is spoken."""

    artifact_sha256: str
    revision: int
    shows: Shows = "material"
    title: str
    description: str
    language: str
    scenes: tuple[ShownScene, ...] = ()
    texts: tuple[ShownText, ...] = ()
    findings: tuple[ModerationFinding, ...] = ()
    before: ShownBefore | None = None
    rendered: RenderedContent | None = None
    timeline_sha256: str = ""
    hooks: tuple[str, ...] = ()


def scenes_of(material: Material | FinishedMaterial) -> tuple[ShownScene, ...]:
    """The scenes of the material, in order."""
    if isinstance(material, FinishedMaterial):
        return tuple(ShownScene(number=scene.index + 1, text=scene.text) for scene in material.story.scenes)
    pictures = {picture.scene: picture for picture in material.pictures}
    spoken = {narration.scene: narration.audio for narration in material.narrations}
    told = _told_by_scene(material)
    shown = []
    for scene in material.story.scenes:
        picture = pictures.get(scene.index)
        shown.append(
            ShownScene(
                number=scene.index + 1,
                text=scene.text,
                heading=scene.heading,
                picture=picture.image if picture else None,
                clip=picture.clip.file if picture and picture.clip else None,
                narration=spoken.get(scene.index),
                told=told.get(scene.index + 1, ""),
            )
        )
    return tuple(shown)


def _told_by_scene(material: Material) -> dict[int, str]:
    told = {}
    for line in pictures_told(material):
        place, _, said = line.partition(": ")
        if place.startswith("scene "):
            told[int(place.removeprefix("scene "))] = said
    return told


def before_of(material: Material | FinishedMaterial | None, story: Story | None) -> ShownBefore | None:
    """The revision before, as far as it is known: its material, or its words alone."""
    story = material.story if material else story
    if story is None:
        return None
    pictures: dict[str, AssetRef] = {}
    if isinstance(material, Material):
        texts = {scene.index: scene.text for scene in story.scenes}
        pictures = {texts[picture.scene]: picture.image for picture in material.pictures if picture.scene in texts}
    return ShownBefore(title=story.title, scenes=tuple(scene.text for scene in story.scenes), pictures=pictures)


def texts_of(tasks: Sequence[PublishTask]) -> tuple[ShownText, ...]:
    """The texts that the posts of a content are made of. A caption of the request's own is posted as it is."""
    return tuple(
        ShownText(
            platform=task.draft.platform,
            account=task.draft.account,
            title=task.draft.title,
            text=task.draft.caption or task.draft.description,
            tags=task.draft.tags,
            first_comment=task.draft.first_comment,
            thread=task.draft.thread,
            link=task.draft.link,
            composed=bool(task.draft.caption),
        )
        for task in tasks
    )


def composed_of(texts: Sequence[PlatformText]) -> tuple[ShownText, ...]:
    """The texts that were composed before the review, which are posted word for word, one for each account."""
    return tuple(
        ShownText(composed=True, account=account, **text.model_dump(exclude={"accounts"}))
        for text in texts
        for account in text.accounts
    )


def findings_of(verdict: ModerationVerdict | None) -> tuple[ModerationFinding, ...]:
    """The findings with their places; of a verdict without any, as older builds gave, its reasons."""
    if verdict is None:
        return ()
    if verdict.findings or verdict.decision == "allow":
        return verdict.findings
    return tuple(
        ModerationFinding(place="", rule="", decision="review", score=1.0, reason=reason) for reason in verdict.reasons
    )
