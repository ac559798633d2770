"""What lies behind a thumbnail's letters: a shade that is only as dark as they need it, panels with a slanted edge, and
the contrast that is really there, measured on the pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ..plan.layout import Box
from ..text.bitmaps import Canvas, Colour, shaped_mask
from ..text.blocks import Block, draw_block
from .colour import READABLE, Palette, Rgb, contrast, luminance
from .yuv import F32, U8

MOST_COVERED = 1 / 3
"""The largest share of a thumbnail that a flat panel or a shade that hides the picture may take."""
HIDDEN = 0.85
"""A shade from which on what is behind it cannot be made out."""
INK: Rgb = (14, 15, 20)
_WHITE: Rgb = (255, 255, 255)
_SHADES = (0.3, 0.42, 0.54, 0.64, 0.73, 0.8, 0.86, 0.91, 0.95, 0.98)
"""How dark it is made around the letters: the first that lets them be read."""
_WORST = 0.02
"""The share of the pixels around the letters that may be brighter or darker than what is measured."""


def shine(colour: Rgb | Colour) -> float:
    """A colour's relative luminance."""
    return float(luminance(np.array(colour, np.uint8)))


def lit(colour: Rgb, ground: Rgb, least: float = READABLE + 1.5) -> Rgb:
    """A colour that can be read on a dark ground: itself, or as much lighter as that takes."""
    for share in np.linspace(0.0, 1.0, 11):
        red, green, blue = (round(part + (255 - part) * float(share)) for part in colour)
        if contrast(shine((red, green, blue)), shine(ground)) >= least:
            return red, green, blue
    return _WHITE


def ink_on(colour: Rgb) -> tuple[Rgb, Rgb]:
    """A panel's colour and that of the letters on it: dark or white, whichever is read better. A colour on which
    neither is read well is made darker."""
    panel = np.array(colour, np.float32)
    while True:
        red, green, blue = (int(part) for part in panel)
        found = max((INK, _WHITE), key=lambda letters: contrast(shine(letters), shine((red, green, blue))))
        if contrast(shine(found), shine((red, green, blue))) >= READABLE + 0.4:
            return (red, green, blue), found
        panel *= 0.94


def around(block: Block, width: int, height: int, *, strong: bool | None = None) -> U8:
    """Where a block's letters are and a little around them; of the stressed part or the rest only if that is
    requested."""
    found = np.zeros((height, width), np.uint8)
    for line in block.lines:
        kinds = (True, False) if strong is None else (strong,)
        glyphs = [glyph for kind in kinds for glyph in line.glyphs(kind)]
        if glyphs:
            mask = (shaped_mask(width, height, glyphs, line.style) > 0.3).astype(np.uint8)
            reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * (line.style.size // 14) + 1,) * 2)
            found |= np.asarray(cv2.dilate(mask, reach), np.uint8)
    return found


def measured(rgb: U8, near: U8, letters: Rgb | Colour) -> float:
    """The contrast of a colour against the worst of what is near it (WCAG's ratio), but for the worst 2 per cent."""
    behind = np.sort(luminance(rgb[near > 0]))
    if not behind.size:
        return 21.0
    low, high = behind[int(_WORST * (behind.size - 1))], behind[int((1 - _WORST) * (behind.size - 1))]
    return min(contrast(shine(letters), float(low)), contrast(shine(letters), float(high)))


def shade_behind(rgb: U8, block: Block, fall: F32, palette: Palette, strong: Rgb) -> tuple[float, float]:
    """Darkens the picture in place along `fall` (0..1) and closely around the letters, as little as they need.

    Answers the contrast reached and the share of the picture that cannot be made out any more.
    """
    height, width = rgb.shape[:2]
    rest, loud = (around(block, width, height, strong=kind) for kind in (False, True))
    halo = _halo(rest | loud, block.size)
    tint = np.array(palette.ground, np.float32) * 0.45
    shaded, reached, shade = rgb, 0.0, np.zeros_like(halo)
    for most in _SHADES:
        shade = np.maximum(fall * min(most, 0.66), halo * most)
        shaded = np.rint(rgb * (1.0 - shade[..., None]) + tint * shade[..., None]).astype(np.uint8)
        reached = min(measured(shaded, rest, palette.text), measured(shaded, loud, strong))
        if reached >= READABLE:
            break
    rgb[:] = shaded
    return reached, float((shade >= HIDDEN).mean())


def _halo(near: U8, size: int) -> F32:
    """1 at the letters, softly 0 about a third of their size away. Blurred at a quarter of the size: it is soft."""
    height, width = near.shape
    small = cv2.resize(near.astype(np.float32), (max(width // 4, 1), max(height // 4, 1)), interpolation=cv2.INTER_AREA)
    reach = max(size // 48, 1)
    spread = cv2.dilate(small, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2))
    soft = cv2.GaussianBlur(spread, (0, 0), max(size / 4 * 0.16, 0.8))
    large = cv2.resize(np.minimum(soft * 1.35, 1.0), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.maximum(large, near.astype(np.float32)), np.float32)


def fall_from(side: str, width: int, height: int, reach: float) -> F32:
    """A shade that is 1 at a side (`left`, `right`, `top`, `bottom`) and 0 from `reach` of the way to the other on."""
    across = side in ("left", "right")
    length = width if across else height
    places = (np.arange(length, dtype=np.float32) + 0.5) / (length * reach)
    share = np.clip(1.0 - places, 0.0, 1.0)
    share = share * share * (3.0 - 2.0 * share)
    share = share[::-1] if side in ("right", "bottom") else share
    line = share[None, :] if across else share[:, None]
    return np.asarray(np.broadcast_to(line, (height, width)), np.float32)


def polygon(width: int, height: int, corners: Sequence[tuple[float, float]]) -> F32:
    """A filled shape with smooth edges, 0..1."""
    image = Image.new("L", (width * 2, height * 2), 0)
    ImageDraw.Draw(image).polygon([(x * 2, y * 2) for x, y in corners], fill=255)
    return np.asarray(image.resize((width, height), Image.Resampling.BOX), np.float32) / 255.0


def lay(rgb: U8, mask: F32, colour: Rgb) -> None:
    """Paints a colour through a mask, in place."""
    shown = rgb * (1.0 - mask[..., None]) + np.array(colour, np.float32) * mask[..., None]
    rgb[:] = np.rint(shown).astype(np.uint8)


def invert_stressed(rgb: U8, block: Block, ground: Rgb, panel: Rgb) -> None:
    """Writes a block whose stressed part stands on a box of the letters' colour, in the panel's, in place."""
    height, width = rgb.shape[:2]
    for line in block.lines:
        for box in line.stressed:
            by = round(block.least * 0.11)
            left, top = max(box.left - by, 0), max(box.top - by, 0)
            rgb[top : min(box.bottom + by, height), left : min(box.right + by, width)] = ground
    write(rgb, block, panel)


def write(rgb: U8, block: Block, strong: Rgb) -> None:
    """Draws a block's letters into the picture, in place."""
    height, width = rgb.shape[:2]
    canvas = Canvas(width, height)
    draw_block(canvas, block, strong)
    lay_over(rgb, canvas, 0, 0)


def lay_over(rgb: U8, canvas: Canvas, x: int, y: int) -> None:
    """Lays a bitmap over the picture, in place; what stands out at the right or below is cut off."""
    part = rgb[max(y, 0) : y + canvas.height, max(x, 0) : x + canvas.width]
    height, width = part.shape[:2]
    top, left = max(-y, 0), max(-x, 0)
    place = np.s_[top : top + height, left : left + width]
    alpha, colour = canvas.alpha[place][..., None], canvas.colour[place]
    part[:] = np.clip(part * (1.0 - alpha) + colour, 0, 255).astype(np.uint8)


def grown(box: Box, by: int) -> Box:
    """A box larger on all sides."""
    return Box(box.left - by, box.top - by, box.right + by, box.bottom + by)


def recoloured(block: Block, colour: Colour) -> Block:
    """A block whose rest is in another colour."""
    return Block(tuple(replace(line, style=replace(line.style, colour=colour)) for line in block.lines))
