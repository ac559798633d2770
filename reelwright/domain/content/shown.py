"""What is shown to a reviewer of an open question, from what was made."""

from __future__ import annotations

from collections.abc import Sequence

from ..assets import AssetRef
from ..publishing.posting import PublishTask
from ..publishing.texts import PlatformText
from .finished import FinishedMaterial
from .material_lines import pictures_told
from .moderated import ModerationFinding, ModerationVerdict
from .shown_answer import ShownBefore as ShownBefore
from .shown_answer import ShownMaterial as ShownMaterial
from .shown_answer import ShownScene as ShownScene
from .shown_answer import ShownText as ShownText
from .shown_answer import Shows as Shows
from .story import Material, Story


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
