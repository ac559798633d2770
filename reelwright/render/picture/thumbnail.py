"""Stills to show for the video, three to choose from: the strongest picture alone (`frame`), the same with the title
over it (`text`), and a card in the brand's colours with title and picture (`brand`)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from reelwright.domain.content.video import VARIANTS, RenderPlan, ThumbnailVariant
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ids import seed_of
from reelwright.domain.text.incoming import one_line

from ..plan.layout import LAYOUTS, Layout
from ..plan.timeline import SceneSpan, build_timeline, ease
from ..process.trouble import writing
from ..text.bitmaps import Canvas, Placed, Style, draw_text, glyph_mask
from ..text.fonts import BOLD, drawable
from ..text.shaping import reads_right_to_left
from ..text.title_breaks import break_title
from ..text.titles import watermark
from .cards import ground
from .colour import READABLE, Palette, contrast, luminance, palette_of
from .pictures import Pictures
from .saliency import focus, saliency_map
from .stills import Framed
from .yuv import F32, U8

MAX_BYTES = 2_000_000
_QUALITIES = (92, 88, 82, 74, 64, 50)
_CANDIDATES = 8
"""At most so many scenes are looked at, spread over the video."""
_BOTTOM, _BOTTOM_TALL = 0.87, 0.74
"""Where the title ends, as a share of the height: above the platforms' time stamps and buttons."""
_SHADES = (0.62, 0.7, 0.78, 0.85, 0.91, 0.96)
"""How dark the ground behind a title is made: the first that lets it be read."""
_PICTURE, _MELT, _TITLE = 0.54, 0.2, 0.48
"""In shares of a brand card's longer side: its picture's part, over how much that goes over into the ground, and how
far a title reaches into a wide card."""


def draw_thumbnails(
    plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path], scratch: Path, workdir: Path
) -> dict[ThumbnailVariant, Path]:
    """Writes `thumbnail-<format>-<variant>.jpg` of the format's size for each variant, each at most 2 MB.

    Raises `RenderFailed` naming the scene or the field that cannot be used, `OutOfSpace` naming `workdir`.
    """
    desk = _Desk(plan, format, files)
    made: dict[ThumbnailVariant, Path] = {}
    with writing(workdir, "writing the thumbnails"):
        for variant in VARIANTS:
            part = scratch / f"thumbnail-{format.slug}-{variant}.jpg"
            part.write_bytes(_jpeg(desk.draw(variant)))
            made[variant] = part.replace(workdir / part.name)
    return made


def striking(rgb: U8) -> float:
    """How much a picture catches the eye: contrast of its luma, its colourfulness, its sharpness, and how much of what
    stands out in it lies together.

    Colourfulness: D. Hasler and S. Süsstrunk, "Measuring colourfulness in natural images", SPIE 5007 (2003), eq. 4.
    Sharpness: the variance of the Laplacian (J. Pech-Pacheco et al., ICPR 2000). The weights are ours: each part
    ranges over about 60 between dull and strong pictures.
    """
    small = cv2.resize(rgb, (160, 160), interpolation=cv2.INTER_AREA).astype(np.float32)
    red, green, blue = small[..., 0], small[..., 1], small[..., 2]
    across, along = red - green, 0.5 * (red + green) - blue
    spread = np.hypot(across.std(), along.std())
    colourful = spread + 0.3 * np.hypot(across.mean(), along.mean())
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    sharp = np.log1p(float(cv2.Laplacian(luma, cv2.CV_32F).var()))
    region = focus(saliency_map(rgb))
    together = 1.0 - (region.right - region.left) * (region.bottom - region.top)
    return float(luma.std() + 0.6 * colourful + 6.0 * sharp + 25.0 * together)


class _Desk:
    """One format's thumbnails in the making; the strongest scene is looked for once."""

    def __init__(self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path]) -> None:
        self._pictures = Pictures(plan, files)
        self._palette = palette_of(plan.style.brand)
        self._layout = LAYOUTS[format]
        self._title, self._language = drawable(one_line(plan.material.story.title)), plan.material.story.language
        self._mark = plan.style.brand.watermark
        self._seed = seed_of(plan.seed, "thumbnail")
        self._scene, self._best = self._strongest(build_timeline(plan).scenes)

    def draw(self, variant: ThumbnailVariant) -> U8:
        """height x width x 3."""
        if variant == "brand":
            return self._brand()
        rgb = self._best.rgb.copy()
        if variant == "text" and self._title:
            share = _BOTTOM_TALL if self._layout.height > 1.3 * self._layout.width else _BOTTOM
            bottom = round(self._layout.height * share)
            draw_title(rgb, self._title, self._layout, self._palette, bottom, language=self._language)
        return rgb

    def _strongest(self, scenes: tuple[SceneSpan, ...]) -> tuple[SceneSpan, Framed]:
        # The ground of a card shows nothing; it is taken only where there is nothing else.
        scenes = tuple(scene for scene in scenes if scene.card is None) or scenes
        step = max(len(scenes) // _CANDIDATES, 1)
        best: tuple[float, SceneSpan, Framed] | None = None
        for scene in scenes[::step][:_CANDIDATES]:
            framed = self._pictures.framed(scene, self._layout.width, self._layout.height)
            score = striking(framed.rgb)
            if best is None or score > best[0]:
                best = score, scene, framed
        assert best is not None  # a timeline has scenes
        return best[1], best[2]

    def _brand(self) -> U8:
        """Title on one side (in a tall format below), the picture melting into the ground beside it."""
        layout, palette = self._layout, self._palette
        width, height = layout.width, layout.height
        rgb = ground(palette, width, height, self._seed).astype(np.float32)
        beside = width > 1.3 * height
        # The picture's own part of the card, and how much of each pixel of it is seen.
        room = round(width * _PICTURE) if beside else round(height * (_PICTURE + 0.12))
        size = (room, height) if beside else (width, room)
        picture = self._pictures.framed(self._scene, size[0], size[1]).rgb
        melt = np.array([ease((place + 0.5) / (_MELT * max(width, height))) for place in range(room)], np.float32)
        if not beside:
            part, mask = rgb[:room], melt[::-1, None, None]
        elif reads_right_to_left(self._title, self._language):
            part, mask = rgb[:, :room], melt[None, ::-1, None]
        else:
            part, mask = rgb[:, width - room :], melt[None, :, None]
        part[:] = part * (1.0 - mask) + picture * mask
        card = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
        if self._title:
            self._brand_title(card, beside)
        mark = watermark(self._mark, layout, self._pictures.logo())
        if mark:
            canvas, x, y = mark
            _lay_over(card[y : y + canvas.height, x : x + canvas.width], canvas)
        return card

    def _brand_title(self, card: U8, beside: bool) -> None:
        layout = self._layout
        size = round(layout.title_size * 1.15)
        style = Style(size, BOLD, self._palette.text, shadow=size * 0.1, shade=0.4, language=self._language)
        room = layout.width * _TITLE - layout.margin if beside else layout.text_width
        lines, style = break_title(self._title, style, room, lines=4 if beside else 3)
        block = len(lines) * style.line_height
        top = (layout.height - block) // 2 if beside else round(layout.height * (_PICTURE + 0.12))
        top = min(top, layout.bottom - block)
        _write_title(card, lines, style, layout, top, self._palette)


def draw_title(rgb: U8, title: str, layout: Layout, palette: Palette, bottom: int, *, language: str = "") -> float:
    """Shades the picture and draws the title into it, in place; the last line ends at `bottom`.

    The shade is the first of a few at which what is really behind and around the letters is dark enough to read them.
    Answers the contrast that was measured (WCAG's ratio).
    """
    size = round(layout.title_size * 1.35)
    style = Style(size, BOLD, palette.text, outline=size * 0.02, shadow=size * 0.1, shade=0.7, language=language)
    lines, style = break_title(title, style, layout.text_width)
    block = len(lines) * style.line_height
    top = bottom - block
    near = _near_letters(lines, style, layout, top)
    shaded, reached = rgb, 0.0
    for most in _SHADES:
        shade = _scrim(layout.height, top - 2 * style.size, top, most)
        shaded = np.rint(rgb * (1.0 - shade[:, None, None])).astype(np.uint8)
        reached = behind_text(shaded, near, palette)
        if reached >= READABLE:
            break
    rgb[:] = shaded
    _write_title(rgb, lines, style, layout, top, palette)
    return reached


def behind_text(rgb: U8, near: U8, palette: Palette) -> float:
    """The contrast of the text's colour against the worst of what is behind it, but for the worst 2 per cent."""
    behind = np.sort(luminance(rgb[near > 0]))
    if not behind.size:
        return 21.0
    text = float(luminance(np.array(palette.text, np.uint8)))
    low, high = behind[int(0.02 * (behind.size - 1))], behind[int(0.98 * (behind.size - 1))]
    return min(contrast(text, float(low)), contrast(text, float(high)))


def _runs(lines: list[str], style: Style, layout: Layout, top: int) -> list[Placed]:
    # A right-to-left title is set flush right.
    def left(line: str) -> float:
        rtl = reads_right_to_left(line, style.language)
        return layout.width - layout.margin - style.measure(line) if rtl else layout.margin

    return [Placed(left(line), top + row * style.line_height + style.ascent, line) for row, line in enumerate(lines)]


def _near_letters(lines: list[str], style: Style, layout: Layout, top: int) -> U8:
    """Where the letters are, and a little around them."""
    mask = glyph_mask(layout.width, layout.height, _runs(lines, style, layout, top), style)
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * (style.size // 12) + 1,) * 2)
    return np.asarray(cv2.dilate((mask > 0.3).astype(np.uint8), around), np.uint8)


def _write_title(rgb: U8, lines: list[str], style: Style, layout: Layout, top: int, palette: Palette) -> None:
    canvas = Canvas(layout.width, layout.height)
    thick = max(round(style.size * 0.08), 4)
    runs = _runs(lines, style, layout, top)
    wide = round(style.size * 1.3)
    flush_right = runs[0].x > layout.margin + 1
    left = layout.width - layout.margin - wide if flush_right else layout.margin
    canvas.paint(np.ones((thick, wide), np.float32), palette.accent, left, max(top - 2 * thick, 0))
    draw_text(canvas, runs, style)
    _lay_over(rgb, canvas)


def _lay_over(rgb: U8, canvas: Canvas) -> None:
    """In place; what stands out at the right or below is cut off."""
    height, width = rgb.shape[:2]
    alpha, colour = canvas.alpha[:height, :width, None], canvas.colour[:height, :width]
    rgb[:] = np.clip(rgb * (1.0 - alpha) + colour, 0, 255).astype(np.uint8)


def _scrim(height: int, begin: int, full: int, most: float) -> F32:
    """How dark each row becomes, 0..1: nothing above `begin`, `most` from `full` down."""
    return np.array([most * ease((row - begin) / max(full - begin, 1)) for row in range(height)], np.float32)


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
