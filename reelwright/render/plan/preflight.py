"""Checks all pictures, words and texts of a plan before time is spent on them.

Unusable material raises here and not in the middle of a render; every repair becomes a note for people.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, JpegImagePlugin

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.story import Narration
from reelwright.domain.content.style import RenderStyle
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import RenderFailed
from reelwright.domain.ports.rendering import Progress
from reelwright.domain.text.incoming import one_line

from ..captions.burn import caption_cues, caption_notes
from ..captions.cues import CueWord
from ..picture.colour import read_cube
from ..picture.colours import colours_of
from ..picture.decoding import ClipFrames
from ..picture.footage import upright
from ..picture.stills import need_size, open_logo, open_still
from ..text.font_files import check_font
from ..text.fonts import Faces, undrawable
from ..text.preferred import preferred_faces
from .layout import LAYOUTS
from .timeline import ClipSpan, SceneSpan, Timeline, build_timeline

SLACK_S = 0.05
"""A word's time may be off by this much before a note is made: voices round."""
SMALL_SIDE = 480
"""A picture with a shorter side is enlarged more than twice in the smallest standard format, and looks soft."""
_UPRIGHT = 1
_ORIENTATION = 0x0112


def look_over(plan: RenderPlan, files: Mapping[str, Path], progress: Progress) -> list[str]:
    """Opens every picture, lays out every word and reads every text: a line for each thing that is mended.

    Raises `InvalidInput` or `RenderFailed` naming the scene and the field of what cannot be used.
    """
    timeline = build_timeline(plan)
    check_style(plan.style, files)
    fonts = preferred_faces(plan.style, files)
    notes = word_notes(plan.material.narrations) + caption_notes(plan, timeline, fonts)
    notes += _broken_words(plan, timeline, fonts) + shortened_notes(plan, timeline, fonts) + text_notes(plan, fonts)
    for scene in timeline.scenes:
        field = f"material.pictures[{scene.scene}].image"
        path = _file(files, scene.picture, f"the picture of scene {scene.scene + 1}", field)
        rgb = open_still(path, scene=scene.scene)
        if scene.clip is None:
            notes += [f"scene {scene.scene + 1}: {told}" for told in picture_notes(path, rgb.shape[1], rgb.shape[0])]
        progress((scene.position + 1) / len(timeline.scenes))
    for span in timeline.clips:
        what, field = clip_name(span)
        assert span.clip is not None
        told = clip_notes(_file(files, span.clip.file, f"the clip of {what}", field), span, timeline.fps)
        notes += [f"{what}: {line}" for line in told]
    return notes


def check_style(style: RenderStyle, files: Mapping[str, Path]) -> None:
    """Opens the files a style names, and looks for its font families. Raises `RenderFailed` (fields `style.lut`,
    `style.brand.logo`, `style.fonts`) or `InvalidInput` for a family that is not installed."""
    if style.lut is not None:
        read_cube(_file(files, style.lut, "the look-up table", "style.lut"))
    if style.brand.logo is not None:
        need_size(open_logo(_file(files, style.brand.logo, "the logo", "style.brand.logo")))
    for font in style.font_files:
        check_font(_file(files, font, "the font", "style.fonts").read_bytes())
    preferred_faces(style, files)


def _file(files: Mapping[str, Path], ref: AssetRef, what: str, field: str) -> Path:
    if ref.sha256 not in files:
        raise RenderFailed(f"{what} was not handed over", field=field, remedy="fetch it before rendering")
    return files[ref.sha256]


def word_notes(narrations: Iterable[Narration]) -> list[str]:
    """A line for each scene whose words' times are not in order inside its recording. `timeline` and `words` mend
    them; captions then follow the voice less closely there."""
    notes = []
    for narration in narrations:
        words, length = narration.words, narration.duration_s
        if not words:
            notes.append(
                f"scene {narration.scene + 1}: the voice gave no times; words are spread over it by their length"
            )
            continue
        wrong = {
            "backwards": sum(word.end < word.start - SLACK_S for word in words)
            + sum(after.start < before.start - SLACK_S for before, after in pairwise(words)),
            "overlapping": sum(before.start <= after.start < before.end - SLACK_S for before, after in pairwise(words)),
            "outside the recording": sum(word.start < -SLACK_S or word.end > length + SLACK_S for word in words),
        }
        told = ", ".join(f"{count} {how}" for how, count in wrong.items() if count)
        if told and all(math.isfinite(word.start) and math.isfinite(word.end) for word in words):
            notes.append(f"scene {narration.scene + 1}: times of words were put in order ({told})")
    return notes


def _broken_words(plan: RenderPlan, timeline: Timeline, fonts: Faces) -> list[str]:
    """A line for each scene with a word that is wider than a line of captions."""
    scenes = dict.fromkeys(scene for scene, word in _caption_words(plan, timeline, fonts) if word.cut == "broken")
    return [f"scene {scene + 1}: a word is too long for a line of captions and is broken" for scene in scenes]


def shortened_notes(plan: RenderPlan, timeline: Timeline, fonts: Faces = ()) -> list[str]:
    """A line for each address or string of signs that the captions in the picture do not show whole."""
    cut = dict.fromkeys(
        (scene, word.shown) for scene, word in _caption_words(plan, timeline, fonts) if word.cut == "shortened"
    )
    return [f"scene {scene + 1}: what is too long for a line of captions is shortened: {shown}" for scene, shown in cut]


def _caption_words(plan: RenderPlan, timeline: Timeline, fonts: Faces) -> Iterator[tuple[int, CueWord]]:
    """Every word of the captions in every format, with its scene's index."""
    for format in plan.formats if plan.style.captions.burn_in else ():
        layout = replace(LAYOUTS[plan.canvas(format)], fonts=fonts)
        for cue in caption_cues(timeline, layout, language=plan.material.story.language):
            for word in cue.words:
                begun = [s.scene for s in timeline.scenes if s.speech_first / timeline.fps <= word.start + SLACK_S]
                yield (begun[-1] if begun else 0), word


def text_notes(plan: RenderPlan, fonts: Faces = ()) -> list[str]:
    """A line for each text besides the narration that has signs no font can draw."""
    story, brand = plan.material.story, plan.style.brand
    texts = {
        "the title": story.title,
        **{f"scene {scene.index + 1}, heading": scene.heading for scene in story.scenes},
        "style.brand.watermark": brand.watermark,
        "style.ai_label": plan.style.ai_label,
        "style.brand.intro": brand.intro,
        "style.brand.outro": brand.outro,
        "style.brand.lower_third": brand.lower_third,
    }
    notes = []
    for name, text in texts.items():
        missing = undrawable(one_line(text), fonts)
        if missing:
            codes = ", ".join("+".join(f"U+{ord(c):04X}" for c in cluster) for cluster in missing[:5])
            notes.append(f"{name}: signs no font has are left out of the picture: {codes}")
    return notes


def picture_notes(path: Path, width: int, height: int) -> list[str]:
    """What is done to a picture that `open_still` opens as `width` x `height`."""
    with _header(path) as image:
        size, mode, turned = image.size, image.mode, image.getexif().get(_ORIENTATION, _UPRIGHT) != _UPRIGHT
        frames, transparent = getattr(image, "n_frames", 1), _is_transparent(image)
    notes = []
    if frames > 1:
        notes.append(f"the picture is an animation of {frames} frames; its first one is shown")
    if mode == "CMYK":
        notes.append("the picture is made for print (CMYK); its colours were converted")
    if mode.startswith("I") or mode == "F":
        notes.append("the picture has 16 bits a colour; it was converted to 8")
    if turned:
        notes.append("the picture was turned upright, as its camera noted")
    if transparent:
        notes.append("the picture is transparent in places; they were filled")
    if width * height * 2 < size[0] * size[1]:
        notes.append(f"the picture of {size[0]}x{size[1]} pixels was made smaller ({width}x{height})")
    if min(width, height) < SMALL_SIDE:
        notes.append(f"the picture has only {size[0]}x{size[1]} pixels and will look soft")
    return notes


def clip_notes(path: Path, span: SceneSpan | ClipSpan, fps: int) -> list[str]:
    """What is done to a clip on its way into its span. Raises `RenderFailed` where its first picture, or the one at its
    start, cannot be decoded."""
    assert span.clip is not None and span.playing is not None
    playing, seconds = span.playing, span.frames / fps
    what, field = clip_name(span)
    frames = ClipFrames(path, f"the clip of {what}", field)
    try:
        frame = frames.at(playing.start_s)
        frames.at(playing.at(min(seconds, playing.available_s / playing.speed) - 0.5 / fps))
        how = upright(frame, frames.aspect)
    finally:
        frames.close()
    notes = []
    length = f"the clip of {playing.available_s:.1f} s"
    if playing.speed < 1.0:
        notes.append(f"{length} is played at {playing.speed:.0%} of its speed to fill {seconds:.1f} s")
    if playing.loops:
        notes.append(f"{length} begins again to fill {seconds:.1f} s")
    elif playing.at(seconds) - playing.at(0.0) < seconds * playing.speed - 0.05:
        notes.append(f"{length} ends before its scene of {seconds:.1f} s; its last picture stands")
    if how.turn:
        notes.append("the clip was turned upright, as its camera noted")
    colours = colours_of(frame)
    if colours.transfer != "sdr" and not frame.format.is_rgb:
        notes.append(f"the clip has a high dynamic range ({colours.transfer.upper()}); it was brought to BT.709")
    if frame.interlaced_frame:
        notes.append("the clip is interlaced; what moves fast shows combs")
    if min(how.wide, how.tall) < SMALL_SIDE:
        notes.append(f"the clip has only {how.wide}x{how.tall} pixels and will look soft")
    return notes


def clip_name(span: SceneSpan | ClipSpan) -> tuple[str, str]:
    """What people call the place of a clip, and its field."""
    if isinstance(span, ClipSpan):
        return f"the {span.kind}", f"material.{span.kind}"
    return f"scene {span.scene + 1}", f"material.pictures[{span.scene}].clip"


def _header(path: Path) -> Image.Image:
    """A picture that `open_still` has opened; its pixels are not decoded yet."""
    with path.open("rb") as file:
        jpeg = file.read(3) == b"\xff\xd8\xff"
    # By its own class, as there: `Image.open` refuses by size what is decoded smaller.
    return JpegImagePlugin.JpegImageFile(path) if jpeg else Image.open(path)


def _is_transparent(image: Image.Image) -> bool:
    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return False
    return bool(np.asarray(image.convert("RGBA").getchannel("A")).min() < 255)
