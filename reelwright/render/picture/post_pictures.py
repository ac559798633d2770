"""The pictures of a picture post: scenes' pictures cut to one shape, with the text of a card, and a user's own ones.

Baseline JPEGs in sRGB, since some platforms take no others. How they were made is said when they are signed
(`activities.rendering`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import VideoFormat

from ..plan.layout import LAYOUTS
from ..plan.timeline import SceneSpan, build_timeline
from ..process.trouble import writing
from ..text.card_art import CAPTION_ROOM, card_area, card_parts
from ..text.preferred import preferred_faces
from ..text.titles import ai_label, watermark
from .colour import palette_of
from .grounds import lay_over
from .pictures import Opened, Pictures, Shelf
from .stills import frame_picture, open_own
from .yuv import F32, U8, Planes, planes_of

_QUALITIES = (92, 88, 82, 74, 64, 50, 35)


def draw_pictures(
    plan: RenderPlan,
    format: VideoFormat,
    scenes: Sequence[int],
    own: Sequence[str],
    files: Mapping[str, Path],
    scratch: Path,
    workdir: Path,
    *,
    most_bytes: int,
) -> list[Path]:
    """Writes `picture-<number>.jpg` of the format's size for each of the `scenes` (by index), then for each of the
    user's `own` pictures (by sha256), each of at most `most_bytes`.

    Raises `RenderFailed` naming the scene or the picture that cannot be used, `OutOfSpace` naming `workdir`.
    """
    cv2.setNumThreads(1)
    maker = _PictureMaker(plan, format, files)
    made: list[Path] = []
    with writing(workdir, "writing the pictures"):
        wanted: list[int | str] = [*scenes, *own]
        for number, one in enumerate(wanted):
            rgb = maker.own(one) if isinstance(one, str) else maker.scene(one)
            part = scratch / f"picture-{number}.jpg"
            part.write_bytes(_jpeg(rgb, most_bytes))
            made.append(part.replace(workdir / part.name))
    return made


class _PictureMaker:
    """One plan's pictures in one format."""

    def __init__(self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path]) -> None:
        self._pictures = Pictures(plan, files, Shelf())
        self._files = files
        self._size = format.size
        layout = replace(LAYOUTS[format], fonts=preferred_faces(plan.style, files))
        # No captions come below a card here: it stands in the middle.
        free = card_area(layout).top - round(CAPTION_ROOM * layout.caption_size)
        self._layout = replace(layout, caption_y=layout.height - free)
        self._palette = palette_of(plan.style.brand)
        self._language = plan.material.story.language
        logo = self._pictures.logo()
        marks = watermark(plan.style.brand.watermark, self._layout, logo), ai_label(plan.style, self._layout, logo)
        self._marks = [mark for mark in marks if mark is not None]
        self._spans = {span.scene: span for span in build_timeline(plan).scenes}

    def scene(self, index: int) -> U8:
        """A scene's picture, with its card's whole text and the brand's mark."""
        span = self._spans.get(index)
        if span is None:
            raise RenderFailed(f"there is no scene {index + 1}", field="posts.scenes", remedy="name others")
        rgb = self._pictures.framed(span, *self._size, heads=True).rgb
        rgb = self._with_card(rgb, span) if span.card else rgb.copy()
        for canvas, x, y in self._marks:
            lay_over(rgb, canvas, x, y)
        return rgb

    def _with_card(self, rgb: U8, span: SceneSpan) -> U8:
        planes = planes_of(rgb)
        assert span.card is not None
        for part in card_parts(span.card, self._layout, self._palette, language=self._language):
            if (overlay := part.make()) is not None:
                overlay.blend(planes)
        return _rgb_of(planes)

    def own(self, sha256: str) -> U8:
        """A picture of the user's own: only cut to the shape."""
        path = self._files.get(sha256)
        if path is None:
            raise RenderFailed("the picture was not handed over", field="posts.pictures", remedy="store it first")
        opened = Opened(open_own(path))
        return frame_picture(opened.rgb, opened.region, *self._size).rgb


def _rgb_of(planes: Planes) -> U8:
    """BT.709, limited range, back to R'G'B'."""
    height, width = planes.y.shape
    luma = (planes.y.astype(np.float32) - 16.0) * (255.0 / 219.0)
    blue, red = (_wide(plane, width, height) for plane in (planes.u, planes.v))
    channels = (luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue)
    return np.asarray(np.rint(np.clip(np.dstack(channels), 0, 255)), np.uint8)


def _wide(plane: U8, width: int, height: int) -> F32:
    whole = cv2.resize(plane.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray((whole - 128.0) * (255.0 / 224.0), np.float32)


def _jpeg(rgb: U8, most_bytes: int) -> bytes:
    image = Image.fromarray(rgb)
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=False)
        if buffer.tell() <= most_bytes:
            return buffer.getvalue()
    raise RenderFailed(f"no JPEG of it has at most {most_bytes:,} bytes", field="posts.pictures", remedy="give another")
