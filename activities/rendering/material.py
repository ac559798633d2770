"""Which files of a plan's material a step needs, and what of them decides its result."""

from __future__ import annotations

from collections.abc import Iterable

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.video import RenderPlan, Segment


def parts_of(plan: RenderPlan) -> tuple[str, ...]:
    """The sha256 of all that a plan's videos are made of: pictures or clips, narrations, music."""
    material = plan.material
    shown = [picture.clip.file if picture.clip else picture.image for picture in material.pictures]
    ends = [clip.file for clip in (material.intro, material.outro) if clip]
    heard = [*(narration.audio for narration in material.narrations), material.music.audio]
    return tuple(dict.fromkeys(file.sha256 for file in (*shown, *ends, *heard)))


def pictures_of(plan: RenderPlan, segments: Iterable[Segment] | None = None) -> list[AssetRef]:
    """The pictures and clips that are seen in these segments, or in all of the plan, and what lies over all of them."""
    material, chosen = plan.material, None if segments is None else tuple(segments)
    seen = None if chosen is None else {scene for segment in chosen for scene in segment.scenes}
    ends = None if chosen is None else {end for segment in chosen for end in segment.ends}
    pictures = [picture for picture in material.pictures if seen is None or picture.scene in seen]
    around = {"intro": material.intro, "outro": material.outro}
    clips = [picture.clip for picture in pictures]
    clips += [clip for end, clip in around.items() if ends is None or end in ends]
    return [
        *(picture.image for picture in pictures),
        *(clip.file for clip in clips if clip),
        *plan.style.files,
    ]


def stills_of(plan: RenderPlan) -> list[AssetRef]:
    """What thumbnails are made from: the pictures, of clips their stills, and what lies over them."""
    return [*(picture.image for picture in plan.material.pictures), *plan.style.files]


def sounds_of(plan: RenderPlan) -> list[AssetRef]:
    """What is heard: narrations, music, and clips with their sound."""
    material = plan.material
    clips = [*(picture.clip for picture in material.pictures), material.intro, material.outro]
    heard = [clip.file for clip in clips if clip and clip.facts.has_sound and clip.sound != "mute"]
    return [n.audio for n in material.narrations] + [material.music.audio, *heard]


def clips_heard(plan: RenderPlan) -> list[object]:
    """What of clips decides the mix: nothing where there are none, so that a mix of an earlier release is found."""
    material = plan.material
    clips = [(str(picture.scene), picture.clip) for picture in material.pictures]
    clips = [(name, clip) for name, clip in clips if clip and clip.facts.has_sound and clip.sound != "mute"]
    # The clips at the ends take time even where nothing is heard of them.
    clips += [(name, clip) for name, clip in (("intro", material.intro), ("outro", material.outro)) if clip]
    return [[name, clip.model_dump(mode="json")] for name, clip in clips if clip]
