"""Stills to show for the video, three to choose from, each composed in its own way.

`text`: the strongest picture, its subject large on one side, the title on the other over a soft shade; this one goes
with posts. `frame`: a close-up of that subject with only the title's stressed word or number, on a label. `brand`:
another strong picture beside a slanted panel in the brand's accent that holds the title and covers less than a third.
Without a title they differ by their cut, and the last has a frame in the accent.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from reelwright.domain.content.video import VARIANTS, RenderPlan, ThumbnailVariant
from reelwright.domain.formats import VideoFormat
from reelwright.domain.text.incoming import one_line

from ..plan.covers import cover_of
from ..plan.layout import LAYOUTS, Box
from ..plan.timeline import SceneSpan, build_timeline
from ..process.trouble import writing
from ..text.bitmaps import Style
from ..text.blocks import HEAVY, Block, set_block
from ..text.fonts import drawable
from ..text.headlines import Headline, headline
from ..text.preferred import preferred_faces
from ..text.shaping import reads_right_to_left
from ..text.titles import watermark
from .colour import Rgb, palette_of
from .grounds import (
    around,
    fall_from,
    grown,
    ink_on,
    invert_stressed,
    lay,
    lay_over,
    lit,
    measured,
    polygon,
    recoloured,
    shade_behind,
    write,
)
from .panels import Panel, Setter, sizes_of
from .pictures import SQUARISH, Pictures, Shelf
from .saliency import focus, saliency_map
from .yuv import F32, U8

MAX_BYTES = 2_000_000
_QUALITIES = (92, 88, 82, 74, 64, 50)
_CANDIDATES = 8
"""At most so many scenes are looked at, spread over the video."""
_SECOND = 0.86
"""The brand's thumbnail shows another scene if that one is at least this strong beside the strongest."""
_PAD = 0.26
"""The room around the words of a label, in type sizes."""
_NEAREST = {"text": (1.12, 1.55), "frame": (1.45, 2.1), "brand": (1.12, 1.5)}
"""How much larger than a whole picture a variant shows its subject, at least and at most."""


@dataclass(frozen=True)
class Sheet:
    """A thumbnail and what was measured on it: the title's block, the worst contrast of its letters (WCAG's ratio), and
    the share of the picture under a panel or a shade that hides it."""

    rgb: U8
    block: Block | None = None
    contrast: float = 21.0
    covered: float = 0.0


def draw_thumbnails(
    plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path], scratch: Path, workdir: Path
) -> dict[ThumbnailVariant, Path]:
    """Writes `thumbnail-<format>-<variant>.jpg` of the format's size for each variant, each at most 2 MB.

    Raises `RenderFailed` naming the scene or the field that cannot be used, `OutOfSpace` naming `workdir`.
    """
    maker = ThumbnailMaker(plan, format, files)
    made: dict[ThumbnailVariant, Path] = {}
    with writing(workdir, "writing the thumbnails"):
        for variant in VARIANTS:
            part = scratch / f"thumbnail-{format.slug}-{variant}.jpg"
            part.write_bytes(jpeg(maker.draw(variant).rgb))
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


class ThumbnailMaker:
    """One format's thumbnails in the making; the strongest scenes are looked for once."""

    def __init__(self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path]) -> None:
        self._pictures = Pictures(plan, files, Shelf())
        self._palette = palette_of(plan.style.brand)
        self._accent = lit(self._palette.accent, self._palette.ground)
        self._layout = replace(LAYOUTS[format], fonts=preferred_faces(plan.style, files))
        self._cover = cover_of(self._layout)
        self._language = plan.material.story.language
        title = drawable(one_line(plan.material.story.title), self._layout.fonts)
        self._words = headline(title, self._language) if title else None
        self._rtl = reads_right_to_left(title, self._language)
        self._mark = plan.style.brand.watermark
        self._plain, self._best, self._second = self._strongest(build_timeline(plan).scenes)

    def draw(self, variant: ThumbnailVariant) -> Sheet:
        """One of the three."""
        make = {"text": self._text, "frame": self._close_up, "brand": self._brand}
        return make[variant]()

    def _strongest(self, scenes: tuple[SceneSpan, ...]) -> tuple[bool, SceneSpan, SceneSpan]:
        """Whether there are only the grounds of cards, which show nothing; the strongest scene, and another one."""
        drawn = tuple(scene for scene in scenes if scene.card is None)
        some = drawn or scenes
        step = max(len(some) // _CANDIDATES, 1)
        scores: dict[str, tuple[float, SceneSpan]] = {}
        for scene in some[::step][:_CANDIDATES]:
            if scene.picture.sha256 not in scores:
                rgb = self._pictures.framed(scene, self._cover.width // 2, self._cover.height // 2).rgb
                scores[scene.picture.sha256] = striking(rgb), scene
        ranked = sorted(scores.values(), key=lambda one: (-one[0], one[1].position))
        best, other = ranked[0], ranked[min(1, len(ranked) - 1)]
        return not drawn, best[1], other[1] if other[0] >= _SECOND * best[0] else best[1]

    # --- the three -----------------------------------------------------------------------------------------------

    def _text(self) -> Sheet:
        cover, words = self._cover, self._words
        wide = cover.shape == "wide"
        if words is None:
            return Sheet(self._cut(self._best, "brand", (0.6, 0.5)))
        side = ("right" if self._rtl else "left") if wide else "bottom"
        aims = {"left": (0.71, 0.5), "right": (0.29, 0.5), "bottom": (0.5, 0.36)}
        rgb = self._melted(side) if wide and self._tall_photo(self._best) else self._cut(self._best, "text", aims[side])
        box = cover.safe if self._plain and not wide else self._column(side)
        sizes = sizes_of(cover, words, 0.17, 0.36) if wide else sizes_of(cover, words, 0.13, 0.3)
        block = set_block(words, self._style(), box.right - box.left, box.bottom - box.top, sizes)
        block = block.within(box, "right" if self._rtl else "left", "middle" if wide else "bottom")
        reach = 0.74 if wide else (cover.height - block.box.top + 0.12 * cover.height) / cover.height
        fall = fall_from(side, cover.width, cover.height, reach)
        reached, covered = shade_behind(rgb, block, fall, self._palette, self._accent)
        write(rgb, block, self._accent)
        return Sheet(rgb, block, reached, covered)

    def _close_up(self) -> Sheet:
        cover, words = self._cover, self._words
        # A tall cut shows what is above and below the subject: the label stands there, but never on a person's head.
        above = cover.shape == "tall" and self._best.centred
        rgb = self._cut(self._best, "frame", (0.5, 0.66 if above else 0.36 if cover.shape == "tall" else 0.42))
        if words is None:
            return Sheet(rgb)
        colour, ink = ink_on(self._accent)
        block = self._hook(words, ink, "top" if above else "bottom")
        pad = round(block.size * _PAD)
        label = grown(block.box, pad)
        # Its sides lean as a panel's do.
        lean, slack = 0.12 * (label.bottom - label.top), pad * 0.3
        corners = [
            (label.left + lean - slack, label.top),
            (label.right + lean, label.top),
            (label.right - lean + slack, label.bottom),
            (label.left - lean, label.bottom),
        ]
        mask = polygon(cover.width, cover.height, corners)
        lay(rgb, _shifted(mask, round(slack)) * np.float32(0.45), (0, 0, 0))
        lay(rgb, mask, colour)
        reached = measured(rgb, around(block, cover.width, cover.height), ink)
        write(rgb, block, ink)
        return Sheet(rgb, block, reached, float(mask.mean()))

    def _hook(self, words: Headline, ink: Rgb, down: str) -> Block:
        """The close-up's words in their place. On the ground of a card, which shows nothing, they are all there is."""
        cover, safe, rtl = self._cover, self._cover.safe, self._rtl
        hook, most = Headline(words.hook, "", ""), 0.42 if self._plain else 0.26
        room = (safe.right - safe.left) * (0.62 if cover.shape == "wide" else 0.86)
        sizes = sizes_of(cover, hook, most, most, min(len(words.hook.split()), 3))
        block = set_block(
            hook,
            replace(self._style(), colour=ink),
            room,
            cover.unit * (0.34 if cover.shape == "square" else 0.42),
            sizes,
        )
        pad = round(block.size * _PAD)
        inner = Box(safe.left + pad, safe.top + 2 * pad, safe.right - pad, safe.bottom - 2 * pad)
        if self._plain:
            block = block.within(inner, "left", "middle")
            return block.moved((inner.left + inner.right - block.box.left - block.box.right) / 2, 0)
        block = block.within(inner, "right" if rtl else "left", down)
        label, stamp = grown(block.box, pad), cover.stamp
        if label.right > stamp.left and label.bottom > stamp.top:
            return block.moved(0, stamp.top - label.bottom)
        return block

    def _brand(self) -> Sheet:
        cover, words = self._cover, self._words
        if words is None:
            rgb = self._cut(self._second, "brand", (0.5, 0.5))
            edge = round(cover.unit * 0.022)
            for part in (rgb[:edge], rgb[-edge:], rgb[:, :edge], rgb[:, -edge:]):
                part[:] = self._palette.accent
            self._watermark(rgb)
            return Sheet(rgb, covered=1 - (1 - 2 * edge / cover.width) * (1 - 2 * edge / cover.height))
        colour, ink = ink_on(self._palette.accent)
        setter = Setter(cover, self._style(), self._rtl)
        panel = setter.panel(words)
        if cover.shape == "wide" and not self._tall_photo(self._second):
            bar = setter.bar(words)
            panel = bar if bar.block.least > 1.1 * panel.block.least else panel
        rgb = self._behind(panel)
        mask = polygon(cover.width, cover.height, panel.corners)
        lay(rgb, polygon(cover.width, cover.height, panel.stripe), self._palette.ground)
        lay(rgb, mask, colour)
        block = recoloured(panel.block, ink)
        reached = measured(rgb, around(block, cover.width, cover.height), ink)
        invert_stressed(rgb, block, ink, colour)
        self._watermark(rgb, mask)
        return Sheet(rgb, block, reached, float(mask.mean()))

    # --- places --------------------------------------------------------------------------------------------------

    def _column(self, side: str) -> Box:
        """Where the title of `text` stands."""
        safe, cover = self._cover.safe, self._cover
        across = round(cover.width * (0.74 if self._plain else 0.5))
        if side == "left":
            return Box(safe.left, safe.top, safe.left + across, safe.bottom)
        if side == "right":
            return Box(safe.right - across, safe.top, safe.right, min(safe.bottom, cover.stamp.top))
        return Box(safe.left, safe.bottom - round(cover.unit * 0.52), safe.right, safe.bottom)

    def _behind(self, panel: Panel) -> U8:
        """The brand's picture: its subject in what the panel leaves clear, and what is there behind the panel."""
        cover, clear = self._cover, panel.clear
        across, down = clear.right - clear.left, clear.bottom - clear.top
        shown = self._near(self._second, across, down, "brand", panel.aim)
        canvas = cv2.copyMakeBorder(
            shown, clear.top, cover.height - clear.bottom, clear.left, cover.width - clear.right, cv2.BORDER_REFLECT
        )
        return np.asarray(canvas, np.uint8)

    def _melted(self, side: str) -> U8:
        """A tall photo whole at one side of a wide picture; at the other its own colours go on, blurred."""
        width, height = self._cover.width, self._cover.height
        room = round(width * 0.6)
        shown = self._pictures.framed(self._best, room, height, heads=True).rgb
        away = width - room
        pads = (away, 0) if side == "left" else (0, away)
        whole = cv2.copyMakeBorder(shown, 0, 0, *pads, cv2.BORDER_REFLECT)
        small = cv2.resize(whole, (max(width // 16, 1), max(height // 16, 1)), interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(small, (0, 0), max(width / 16 * 0.05, 0.8))
        ground = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32) * 0.62
        melt = fall_from(side, room, height, 0.3)[..., None]
        place = ground[:, away:] if side == "left" else ground[:, :room]
        place[:] = place * melt + shown * (1.0 - melt)
        return np.asarray(np.rint(np.clip(ground, 0, 255)), np.uint8)

    def _tall_photo(self, scene: SceneSpan) -> bool:
        """Whether a picture is so much taller than a wide thumbnail that a cut would lose most of it. The illustrator's
        are drawn to be cut."""
        return not scene.centred and self._pictures.aspect(scene) < SQUARISH

    def _cut(self, scene: SceneSpan, variant: ThumbnailVariant, aim: tuple[float, float]) -> U8:
        """A scene's picture over all of the thumbnail."""
        return self._near(scene, self._cover.width, self._cover.height, variant, aim)

    def _near(
        self, scene: SceneSpan, width: int, height: int, variant: ThumbnailVariant, aim: tuple[float, float]
    ) -> U8:
        """A scene's picture in a size with its subject large, and as near as can be to `aim` (in shares of it)."""
        region = self._pictures.framed(scene, max(width // 4, 1), max(height // 4, 1), heads=True).region
        near = self._plain or (self._cover.shape == "wide" and self._tall_photo(scene))
        least, most = (1.0, 1.2) if near else _NEAREST[variant]
        across = 0.62 if variant == "text" and self._cover.shape == "wide" else 0.92
        fits = min(across / max(region.right - region.left, 0.05), 0.92 / max(region.bottom - region.top, 0.05))
        zoom = min(max(fits, least), most)
        large = self._pictures.framed(scene, round(width * zoom), round(height * zoom), heads=True)
        tall, wide = large.rgb.shape[:2]
        x, y = large.region.centre
        left = min(max(round(x * wide - aim[0] * width), 0), wide - width)
        top = min(max(round(y * tall - aim[1] * height), 0), tall - height)
        return large.rgb[top : top + height, left : left + width].copy()

    def _style(self) -> Style:
        return Style(10, HEAVY, self._palette.text, language=self._language, fonts=self._layout.fonts)

    def _watermark(self, rgb: U8, panel: F32 | None = None) -> None:
        """The brand's mark in the first corner that the panel leaves free."""
        mark = watermark(self._mark, self._layout, self._pictures.logo())
        if mark is None:
            return
        canvas, x, y = mark
        left, low = self._cover.width - x - canvas.width, self._cover.height - y - canvas.height
        for at in ((x, y), (left, y), (left, low)):
            place = np.s_[max(at[1], 0) : at[1] + canvas.height, max(at[0], 0) : at[0] + canvas.width]
            if panel is None or not panel[place].any():
                lay_over(rgb, canvas, *at)
                return


def _shifted(mask: F32, by: int) -> F32:
    """A mask moved down and to the right."""
    moved = np.zeros_like(mask)
    moved[by:, by:] = mask[: mask.shape[0] - by, : mask.shape[1] - by]
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), max(by / 2, 0.8)), np.float32)


def jpeg(rgb: U8) -> bytes:
    """A JPEG of at most 2 MB."""
    image = Image.fromarray(rgb)
    data = b""
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        data = buffer.getvalue()
        if len(data) <= MAX_BYTES:
            break
    return data
