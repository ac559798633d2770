"""A still to show for the video: the most striking scene, darkened towards the bottom, with the title on it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.domain.text import one_line
from reelwright.domain.video import RenderPlan

from .fonts import BOLD, drawable
from .layout import LAYOUTS, Layout
from .stills import cover, open_still
from .text import AMBER, Canvas, Placed, Style, draw_text
from .timeline import build_timeline, ease
from .titles import break_title
from .trouble import writing
from .yuv import F32, U8

MAX_BYTES = 2_000_000
_QUALITIES = (92, 88, 82, 74, 64, 50)
_CANDIDATES = 8
"""At most so many scenes are looked at, spread over the video."""
_BOTTOM = {VideoFormat.WIDE: 0.87, VideoFormat.TALL: 0.74, VideoFormat.SQUARE: 0.88}
"""Where the title ends, as a share of the height: above the platforms' time stamps and buttons."""


def make_thumbnail(
    plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path], scratch: Path, workdir: Path
) -> Path:
    """Writes `thumbnail-<format>.jpg` of the format's size, at most 2 MB."""
    width, height = format.size
    rgb = _best_still(plan, files, width, height)
    title = drawable(one_line(plan.material.story.title))
    if title:
        _draw_title(rgb, title, LAYOUTS[format], round(height * _BOTTOM[format]))
    target = workdir / f"thumbnail-{format.slug}.jpg"
    with writing(workdir, "writing the thumbnail"):
        made = scratch / target.name
        made.write_bytes(_jpeg(rgb))
        made.replace(target)
    return target


def _best_still(plan: RenderPlan, files: Mapping[str, Path], width: int, height: int) -> U8:
    scenes = build_timeline(plan).scenes
    step = max(len(scenes) // _CANDIDATES, 1)
    best: tuple[float, U8] | None = None
    for scene in scenes[::step][:_CANDIDATES]:
        path = files.get(scene.picture.sha256)
        if path is None:
            raise RenderFailed(
                f"the picture of scene {scene.scene} was not handed over",
                field=f"material.pictures[{scene.scene}].image",
                remedy="fetch it before making the thumbnail",
            )
        rgb = cover(open_still(path, scene=scene.scene), width, height)
        score = striking(rgb)
        if best is None or score > best[0]:
            best = score, rgb
    assert best is not None  # a timeline has scenes
    return best[1].copy()


def striking(rgb: U8) -> float:
    """How much a picture catches the eye: contrast of its luma plus its colourfulness.

    Colourfulness: D. Hasler and S. Süsstrunk, "Measuring colourfulness in natural images", SPIE 5007 (2003), eq. 4.
    """
    small = cv2.resize(rgb, (160, 160), interpolation=cv2.INTER_AREA).astype(np.float32)
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    across, along = red - green, 0.5 * (red + green) - blue
    spread = np.hypot(across.std(), along.std())
    colourful = spread + 0.3 * np.hypot(across.mean(), along.mean())
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return float(luma.std() + 0.6 * colourful)


def _draw_title(rgb: U8, title: str, layout: Layout, bottom: int) -> None:
    """Shades the picture and draws the title into it, in place; the last line ends at `bottom`."""
    size = round(layout.title_size * 1.35)
    style = Style(size, BOLD, outline=size * 0.02, shadow=size * 0.1, shade=0.7)
    lines, style = break_title(title, style, layout.text_width)
    block = len(lines) * style.line_height
    top = bottom - block
    shade = _scrim(layout.height, top - 2 * style.size, bottom)
    canvas = Canvas(layout.width, layout.height)
    canvas.paint(np.repeat(shade[:, None], layout.width, axis=1), (0, 0, 0))
    bar = max(round(style.size * 0.08), 4)
    canvas.paint(np.ones((bar, round(style.size * 1.3)), np.float32), AMBER, layout.margin, top - 2 * bar)
    runs = [Placed(layout.margin, top + row * style.line_height + style.ascent, line) for row, line in enumerate(lines)]
    draw_text(canvas, runs, style)
    rgb[:] = np.clip(rgb * (1.0 - canvas.alpha[..., None]) + canvas.colour, 0, 255).astype(np.uint8)


def _scrim(height: int, begin: int, full: int) -> F32:
    """How dark each row becomes, 0..1: nothing above `begin`, most from `full` down."""
    return np.array([0.78 * ease((row - begin) / max(full - begin, 1)) for row in range(height)], np.float32)


def _jpeg(rgb: U8) -> bytes:
    image = Image.fromarray(rgb)
    data = b""
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        data = buffer.getvalue()
        if len(data) <= MAX_BYTES:
            break
    return data
