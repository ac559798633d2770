"""The opening title, the scenes' headings, the lower third, the watermark and the logo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from reelwright.domain.content.picturing import PictureCard
from reelwright.domain.content.style import RenderStyle
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.text.incoming import one_line

from ..picture.colour import Palette, palette_of
from ..picture.overlay import Overlay, make_overlay
from ..picture.yuv import F32, U8, Planes
from ..plan.layout import Layout
from ..plan.timeline import SceneSpan, Timeline, ease
from .bitmaps import AMBER, Canvas, Colour, Placed, Style, draw_text
from .card_art import card_parts
from .fonts import BOLD, SEMIBOLD, drawable
from .shaping import reads_right_to_left
from .title_breaks import break_title, cut_line

TITLE_S, HEADING_S, LOWER_THIRD_S = 2.2, 2.0, 4.0
HEADING_DELAY_S = 0.3
"""After a scene is first seen: the heading comes when its picture stands over the old one."""
LEAST_S = 1.0
"""What would be seen for less is left out."""
FADE_S, SLIDE_S = 0.3, 0.5


@dataclass(frozen=True)
class Shown:
    """An overlay from frame `first` to `last` (exclusive), coming and going in `soft` frames (0: at once), by fading
    or, if it `slides`, from behind its own left edge (`mirrored`: right); what `grows` so only fades when it goes. Its
    bitmap is made when first needed."""

    make: Callable[[], Overlay | None]
    first: int
    last: int
    soft: int = 0
    slides: bool = False
    mirrored: bool = False
    grows: bool = False

    @cached_property
    def overlay(self) -> Overlay:
        """The bitmap."""
        made = self.make()
        assert made is not None  # what has nothing to draw is never shown
        return made

    def weight(self, frame: int) -> float:
        """How much of it is there, 0..1; 0 outside its time."""
        if not self.first <= frame < self.last:
            return 0.0
        if not self.soft:
            return 1.0
        return ease(min((frame - self.first + 1) / self.soft, (self.last - frame) / self.soft, 1.0))

    def blend(self, planes: Planes, frame: int) -> None:
        """Draws it as it is at a frame; outside its time it lets go of its bitmap."""
        weight = self.weight(frame)
        if weight <= 0.0:
            self.__dict__.pop("overlay", None)
        elif self.slides:
            # A bar that shrank at its end would show other figures than its own.
            out = self.grows and frame - self.first > self.last - frame
            behind = 0 if out else 2 * round(self.overlay.width * (1 - weight) / 2)
            self.overlay.blend(planes, min(3.0 * weight, 1.0), behind, mirrored=self.mirrored)
        else:
            self.overlay.blend(planes, weight)


def still_overlays(plan: RenderPlan, timeline: Timeline, layout: Layout, logo: U8 | None = None) -> tuple[Shown, ...]:
    """Everything but the captions that is laid over the scenes' pictures.

    `logo` is the watermark's, straight alpha. Titles, headings and the lower third lie wholly in frames that show
    one scene only. Where the story reads from right to left, headings and the lower third stand right and the watermark
    left.
    """
    brand = plan.style.brand
    mirrored = reads_right_to_left(plan.material.story.text, plan.material.story.language)
    palette = palette_of(brand)
    shown: list[Shown] = []
    for scene in timeline.scenes:
        shown += _scene_overlays(plan, scene, timeline, layout, palette, mirrored=mirrored)
    mark = watermark_overlay(brand.watermark, layout, logo, mirrored=mirrored)
    if mark:
        soft = timeline.pace.frames(FADE_S) if timeline.cards or timeline.ends else 0
        shown.append(Shown(lambda: mark, timeline.scenes[0].first, timeline.scenes[-1].last, soft))
    label = label_overlay(plan.style, layout, logo, mirrored=mirrored)
    if label:
        # At full strength from the first frame: it is to be seen at first sight.
        shown.append(Shown(lambda: label, timeline.scenes[0].first, timeline.scenes[-1].last, 0))
    return tuple(shown)


def _scene_overlays(
    plan: RenderPlan, scene: SceneSpan, timeline: Timeline, layout: Layout, palette: Palette, *, mirrored: bool
) -> list[Shown]:
    pace, language = timeline.pace, plan.material.story.language
    begin = scene.first + scene.transition_in
    following = [span.first for span in timeline.spans if span.first > scene.first]
    # Nothing stands over the transition to what follows.
    end = following[0] if following else scene.last
    shown: list[Shown] = []

    def show(
        text: str, make: Callable[[], Overlay | None], first: int, seconds: float, *, slides: bool = False
    ) -> None:
        last = min(first + pace.frames(seconds), end)
        if drawable(one_line(text), layout.fonts) and last - first >= pace.frames(LEAST_S):
            soft = pace.frames(SLIDE_S if slides else FADE_S)
            shown.append(Shown(make, first, last, soft, slides, mirrored))

    if scene.card is not None:
        # After the title, which is enough text at a time.
        card_at = begin + pace.frames(TITLE_S if scene.position == 0 and plan.material.story.title else 0.0)
        plated = scene.position == 0 and bool(plan.style.brand.lower_third)
        shown += _card_overlays(scene.card, card_at, end, timeline, layout, palette, language, plated, mirrored)
    heading_at = scene.first + pace.frames(HEADING_DELAY_S)
    if scene.position == 0:
        title, third = plan.material.story.title, plan.style.brand.lower_third
        show(title, lambda: title_overlay(title, layout, palette.accent, language=language), begin, TITLE_S)
        heading_at = begin + pace.frames(TITLE_S)
        # After the title where there is time for both, or with it.
        third_at = max(min(heading_at, end - pace.frames(LOWER_THIRD_S)), begin)

        def plate(part: int) -> Overlay | None:
            return lower_third_overlays(third, layout, palette, mirrored=mirrored)[part]

        show(third, lambda: plate(0), third_at, LOWER_THIRD_S, slides=True)
        show(third, lambda: plate(1), third_at, LOWER_THIRD_S)

    def heading() -> Overlay | None:
        return heading_overlay(scene.heading, layout, palette.accent, language=language, mirrored=mirrored)

    show(scene.heading, heading, heading_at, HEADING_S)
    return shown


def _card_overlays(
    card: PictureCard,
    first: int,
    end: int,
    timeline: Timeline,
    layout: Layout,
    palette: Palette,
    language: str,
    plated: bool,
    mirrored: bool,
) -> list[Shown]:
    """The parts of a scene's card, one after the other; all of them within the first half of its time."""
    pace = timeline.pace
    if end - first < pace.frames(LEAST_S):
        return []
    parts = card_parts(card, layout, palette, language=language, plate=plated)
    longest = max((part.delay_s for part in parts), default=0.0)
    share = min(1.0, (end - first) / pace.fps * 0.5 / longest) if longest else 1.0
    return [
        Shown(
            part.make,
            first + pace.frames(part.delay_s * share),
            end,
            pace.frames(SLIDE_S if part.slides else FADE_S),
            part.slides,
            mirrored,
            grows=part.slides,
        )
        for part in parts
    ]


def title_overlay(text: str, layout: Layout, accent: Colour = AMBER, *, language: str = "") -> Overlay | None:
    """The story's title, large, above the middle, on a soft shade. `language` (BCP 47) picks regional letter forms."""
    text = drawable(one_line(text), layout.fonts)
    if not text:
        return None
    style = Style(
        layout.title_size, BOLD, shadow=layout.title_size * 0.12, shade=0.6, language=language, fonts=layout.fonts
    )
    lines, style = break_title(text, style, layout.text_width)
    block = len(lines) * style.line_height
    top = layout.title_y - block // 2
    shade = _shade(top + block + 3 * style.size, full=top)
    canvas = Canvas(layout.width, len(shade))
    canvas.paint(np.repeat(shade[:, None], layout.width, axis=1), (0, 0, 0))
    runs = [
        Placed((layout.width - style.measure(line)) / 2, top + row * style.line_height + style.ascent, line)
        for row, line in enumerate(lines)
    ]
    draw_text(canvas, runs, style)
    bar = round(style.size * 1.2), max(round(style.size * 0.075), 4)
    below = round(top + block + style.size * 0.22)
    canvas.paint(np.ones((bar[1], bar[0]), np.float32), accent, (layout.width - bar[0]) // 2, below)
    return make_overlay(canvas.rgba(), 0, 0, layout.width, layout.height)


def _shade(height: int, *, full: int) -> F32:
    """How dark each row from the top edge down is made, 0..1: most down to `full`, nothing at the end."""
    return np.array([0.58 * (1.0 - ease((row - full) / (height - full))) for row in range(height)], np.float32)


def heading_overlay(
    text: str, layout: Layout, accent: Colour = AMBER, *, language: str = "", mirrored: bool = False
) -> Overlay | None:
    """A scene's heading: small, top left, beside an accent bar; `mirrored` top right, the bar at its right."""
    text = drawable(text, layout.fonts)
    if not text:
        return None
    size, shadow = layout.heading_size, layout.heading_size * 0.16
    style = Style(size, SEMIBOLD, outline=1.0, shadow=shadow, language=language, fonts=layout.fonts)
    lines, style = break_title(text, style, layout.text_width * 0.72, lines=2)
    pad, bar = style.pad, max(layout.heading_size // 8, 4)
    left = pad + bar + round(style.size * 0.45)
    width = left + int(max(style.measure(line) for line in lines)) + pad + 2
    height = len(lines) * style.line_height + 2 * pad
    canvas = Canvas(width, height)

    def begin(line: str) -> float:
        return width - left - style.measure(line) if mirrored else left

    runs = [Placed(begin(line), pad + row * style.line_height + style.ascent, line) for row, line in enumerate(lines)]
    draw_text(canvas, runs, style)
    canvas.paint(np.ones((height - 2 * pad, bar), np.float32), accent, width - pad - bar if mirrored else pad, pad)
    x = layout.width - layout.margin - width + pad if mirrored else layout.margin - pad
    return make_overlay(canvas.rgba(), x, layout.top - pad, layout.width, layout.height)


def lower_third_overlays(
    text: str, layout: Layout, palette: Palette, *, mirrored: bool = False
) -> tuple[Overlay, Overlay] | tuple[None, None]:
    """A line on a plate in the brand's colours, left (`mirrored`: right), above the captions; and the bar from behind
    which it slides."""
    text = drawable(one_line(text), layout.fonts)
    if not text:
        return None, None
    style = Style(round(layout.heading_size * 1.1), SEMIBOLD, palette.text, fonts=layout.fonts)
    lines, style = break_title(text, style, layout.text_width * 0.8, lines=2)
    pad = round(style.size * 0.6)
    width = 2 * pad + int(max(style.measure(line) for line in lines)) + 1
    height = len(lines) * style.line_height + pad
    plate, bar = Canvas(width, height), Canvas(2 * max(layout.heading_size // 10, 3), height)
    plate.paint(np.full((height, width), 0.88, np.float32), palette.ground)
    bar.paint(np.ones((height, bar.width), np.float32), palette.accent)

    def begin(line: str) -> float:
        return width - pad - style.measure(line) if mirrored else pad

    runs = [
        Placed(begin(line), pad / 2 + row * style.line_height + style.ascent, line) for row, line in enumerate(lines)
    ]
    draw_text(plate, runs, style)
    # Clear of two lines of captions and their shadow.
    top = layout.caption_y - round(layout.caption_size * 2.1) - height
    left, edge_at = layout.margin + bar.width, layout.margin
    if mirrored:
        left, edge_at = (layout.width - at - part.width for at, part in ((left, plate), (edge_at, bar)))
    made = make_overlay(plate.rgba(), left, top, layout.width, layout.height)
    edge = make_overlay(bar.rgba(), edge_at, top, layout.width, layout.height)
    return (made, edge) if made and edge else (None, None)


def watermark_overlay(text: str, layout: Layout, logo: U8 | None = None, *, mirrored: bool = False) -> Overlay | None:
    """A small line in the top right corner (`mirrored`: left), half transparent, the logo beside it if there is one."""
    mark = watermark(text, layout, logo)
    if mark is None:
        return None
    canvas, right, y = mark
    x = layout.width - right - canvas.width if mirrored else right
    return make_overlay(canvas.rgba(), x, y, layout.width, layout.height)


def watermark(text: str, layout: Layout, logo: U8 | None = None) -> tuple[Canvas, int, int] | None:
    """The watermark as a bitmap, with its corner's place; None if there is nothing to draw."""
    text = drawable(one_line(text), layout.fonts)
    if not text and logo is None:
        return None
    size = layout.watermark_size
    style = Style(size, SEMIBOLD, outline=1.0, shadow=size * 0.12, fonts=layout.fonts)
    limit = layout.text_width * 0.25
    text = text if style.measure(text) <= limit else cut_line(text, style, limit)
    pad = style.pad
    art = None if logo is None else fit_logo(logo, limit * 0.7, style.size * 2.4)
    across, down = (0, 0) if art is None else (art.shape[1], art.shape[0])
    gap = round(style.size * 0.5) if art is not None and text else 0
    written = int(style.measure(text)) + 2 if text else 0
    width, height = written + gap + across + 2 * pad, max(style.line_height, down) + 2 * pad
    canvas = Canvas(width, height)
    if text:
        draw_text(canvas, [Placed(pad, (height - style.line_height) / 2 + style.ascent, text)], style)
        canvas.alpha *= 0.6
        canvas.colour *= 0.6
    if art is not None:
        art[..., 3] = (art[..., 3] * 0.85).astype(np.uint8)
        canvas.stamp(art, pad + written + gap, (height - down) // 2)
    x = layout.width - layout.margin - width + pad
    # A tall logo grows upwards and downwards from the line's own place, but not out of the safe area.
    y = max(layout.top - pad - (height - 2 * pad - style.line_height) // 2, layout.top // 2 - pad)
    return canvas, x, y


def label_overlay(
    style: RenderStyle, layout: Layout, logo: U8 | None = None, *, mirrored: bool = False
) -> Overlay | None:
    """The label of material made with AI, in the watermark's corner, below it if there is one."""
    label = ai_label(style, layout, logo)
    if label is None:
        return None
    canvas, right, y = label
    x = layout.width - right - canvas.width if mirrored else right
    return make_overlay(canvas.rgba(), x, y, layout.width, layout.height)


def ai_label(style: RenderStyle, layout: Layout, logo: U8 | None = None) -> tuple[Canvas, int, int] | None:
    """The label as a bitmap, with its corner's place; None if there is nothing to draw. Its text is never cut: it is
    set as small as it must be."""
    text = drawable(one_line(style.ai_label), layout.fonts)
    if not text:
        return None
    size, limit = layout.watermark_size, layout.text_width * 0.25

    def look(size: int) -> Style:
        return Style(size, SEMIBOLD, outline=1.0, shadow=size * 0.12, fonts=layout.fonts)

    if (wide := look(size).measure(text)) > limit:
        size = max(int(size * limit / wide), 1)
    letters = look(size)
    pad = letters.pad
    canvas = Canvas(int(letters.measure(text)) + 2 + 2 * pad, letters.line_height + 2 * pad)
    draw_text(canvas, [Placed(pad, pad + letters.ascent, text)], letters)
    x = layout.width - layout.margin - canvas.width + pad
    above = watermark(style.brand.watermark, layout, logo)
    y = above[2] + above[0].height - pad if above else layout.top - pad
    return canvas, x, y


def fit_logo(rgba: U8, width: float, height: float) -> U8:
    """A logo made to fit a box, its shape and its soft edges kept."""
    scale = min(width / rgba.shape[1], height / rgba.shape[0])
    size = max(round(rgba.shape[1] * scale), 1), max(round(rgba.shape[0] * scale), 1)
    how = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC
    # Pre-multiplied: the colour of transparent pixels must not bleed into the edges.
    alpha = rgba[..., 3:].astype(np.float32) / 255.0
    weighted = cv2.resize(np.dstack([rgba[..., :3] * alpha, alpha]), size, interpolation=how)
    safe = np.maximum(weighted[..., 3:], 1e-3)
    straight = np.dstack([weighted[..., :3] / safe, weighted[..., 3:] * 255.0])
    return np.clip(np.rint(straight), 0, 255).astype(np.uint8)
