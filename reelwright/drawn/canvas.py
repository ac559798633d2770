"""A float picture and a pen that fills antialiased outlines on it, giving each the light of the scene.

The picture is (size, size, 3) float32, gamma-encoded sRGB in 0..1, so that long gradients do not band before the
last step dithers them to 8 bits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypedDict, Unpack

import cv2
import numpy as np
from numpy.typing import NDArray

from .color import Color, mix, rgb
from .paths import Outline, Points, box, limb, moved, oval, polygon, smooth

Field = NDArray[np.float32]
Mask = NDArray[np.uint8]

_SUBPIXEL_BITS = 4


class How(TypedDict, total=False):
    """How a fill takes the light; see `Pen.fill`."""

    form: float
    rim: float
    alpha: float
    lit: bool


@dataclass(frozen=True)
class Light:
    """How a scene lights what stands in it.

    `toward` is the unit vector (x, y) to the light on the screen, `ambient` multiplies every local colour, `shade`
    multiplies it again on the side away from the light, `rim` is the colour of the lit edge, `haze` the colour that
    distance fades to.
    """

    toward: tuple[float, float]
    ambient: Color
    shade: Color
    rim: Color
    haze: Color
    rim_strength: float = 0.6


@dataclass(frozen=True)
class Patch:
    """A coverage mask (h, w) and where its corner lies on the picture."""

    x: int
    y: int
    mask: Mask


_MIRRORED = np.array([-1.0, 1.0])


@dataclass
class Canvas:
    """The picture being painted. Coordinates are pixels."""

    size: int
    pixels: Field = field(init=False)

    def __post_init__(self) -> None:
        self.pixels = np.zeros((self.size, self.size, 3), np.float32)

    def cover(self, outlines: Iterable[Outline], margin: int = 2) -> Patch | None:
        """The coverage of the union of outlines (pixels), or None where nothing of them is on the picture."""
        shapes = [outline for outline in outlines if len(outline) >= 3]
        if not shapes:
            return None
        every = shapes[0] if len(shapes) == 1 else np.concatenate(shapes)
        low = np.floor(every.min(axis=0)).astype(int) - margin
        high = np.ceil(every.max(axis=0)).astype(int) + margin + 1
        x0, y0 = (int(v) for v in np.maximum(low, 0))
        x1, y1 = (int(v) for v in np.minimum(high, self.size))
        if x0 >= x1 or y0 >= y1:
            return None
        mask: Mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        limit = 8.0 * self.size  # keeps the fixed-point coordinates far from overflow
        points = np.minimum(np.maximum(every - (x0, y0), -limit), limit) * (1 << _SUBPIXEL_BITS)
        fixed, begin = np.rint(points).astype(np.int32), 0
        for shape in shapes:
            end = begin + len(shape)
            cv2.fillPoly(mask, [fixed[begin:end]], 255, cv2.LINE_AA, _SUBPIXEL_BITS)
            begin = end
        return Patch(x0, y0, mask)

    def view(self, patch: Patch) -> Field:
        """The part of the picture under a patch, to be painted in place."""
        h, w = patch.mask.shape
        return self.pixels[patch.y : patch.y + h, patch.x : patch.x + w]

    def blend(self, patch: Patch, paint: Field | Color, alpha: float = 1.0) -> None:
        """Lays paint, broadcastable to (h, w, 3), over the picture where the patch covers it."""
        under = self.view(patch)
        weight = patch.mask.astype(np.float32)[..., None] * np.float32(alpha / 255)
        under += weight * (paint - under)

    def glow(self, x: float, y: float, radius: float, color: Color, strength: float = 1.0, power: float = 2.0) -> None:
        """Light added round a point, falling to nothing at `radius`; screen-blended, so that it never clips."""
        x0, y0 = max(int(x - radius), 0), max(int(y - radius), 0)
        x1, y1 = min(int(x + radius) + 1, self.size), min(int(y + radius) + 1, self.size)
        if x0 >= x1 or y0 >= y1 or strength <= 0:
            return
        step = max(1, int(radius / 120))  # a glow is smooth: a coarse grid, enlarged, looks the same
        gx = (np.arange(x0, x1 + step, step, dtype=np.float32) - x) / radius
        gy = (np.arange(y0, y1 + step, step, dtype=np.float32) - y) / radius
        falloff = np.clip(1 - np.sqrt(gx[None, :] ** 2 + gy[:, None] ** 2), 0, 1) ** power * strength
        if step > 1:
            falloff = cv2.resize(falloff, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
        falloff = falloff[: y1 - y0, : x1 - x0]
        under = self.pixels[y0:y1, x0:x1]
        under += (1 - np.minimum(under, 1)) * (falloff[..., None] * color)

    def shade(self, weight: Field, color: Color | str) -> None:
        """Mixes the whole picture towards a colour by a weight field of any size, enlarged to fit."""
        if weight.shape != (self.size, self.size):
            weight = np.asarray(cv2.resize(weight, (self.size, self.size), interpolation=cv2.INTER_CUBIC), np.float32)
        self.pixels += np.clip(weight, 0, 1)[..., None] * (rgb(color) - self.pixels)


@dataclass(frozen=True)
class Pen:
    """Draws in a subject's own units: (0, 0) its middle, 1.0 its height, y down, on a canvas under a light."""

    canvas: Canvas
    light: Light
    x: float
    y: float
    unit: float
    turn: float = 0.0
    flip: bool = False
    haze: float = 0.0
    clip: Patch | None = None

    def at(self, x: float, y: float, scale: float = 1.0, *, turn: float = 0.0, flip: bool = False) -> Pen:
        """A pen for a part: its middle here, its unit `scale` of ours."""
        ((px, py),) = self.to_pixels(polygon([(x, y)]))
        turned = self.turn + (-turn if self.flip else turn)
        return replace(self, x=px, y=py, unit=self.unit * scale, turn=turned, flip=self.flip != flip)

    def to_pixels(self, outline: Outline) -> Outline:
        """Local units to pixels."""
        local = outline * _MIRRORED if self.flip else outline
        return moved(local, self.x, self.y, self.unit, self.turn)

    def graded(self, color: Color | str) -> Color:
        """A local colour as it looks in this light and at this distance."""
        lit = rgb(color) * self.light.ambient
        return mix(lit, self.light.haze, self.haze) if self.haze > 0 else lit

    def graded_field(self, colors: Field) -> Field:
        """Local colours (h, w, 3) as they look in this light and at this distance."""
        lit = colors * self.light.ambient
        return np.asarray(lit + self.haze * (self.light.haze - lit), np.float32)

    def stamp(self, mask: Mask, paint: Field, *, form: float = 0.7, rim: float = 0.8) -> None:
        """Lays a drawing made elsewhere, one unit high, round the pen's middle: its coverage (h, w), and its colours
        (h, w, 3) as `graded_field` gives them. It is not turned."""
        h, w = mask.shape
        x0, y0 = round(self.x - w / 2), round(self.y - h / 2)
        left, top = max(0, -x0), max(0, -y0)
        right, bottom = min(w, self.canvas.size - x0), min(h, self.canvas.size - y0)
        if left >= right or top >= bottom:
            return
        paint = _modelled(mask, paint, self.light, form, rim * (1 - self.haze))[top:bottom, left:right]
        whole = Patch(x0 + left, y0 + top, mask[top:bottom, left:right])
        patch = self._clipped(whole)
        if patch is None:
            return
        dx, dy = patch.x - whole.x, patch.y - whole.y
        ph, pw = patch.mask.shape
        self.canvas.blend(patch, paint[dy : dy + ph, dx : dx + pw])

    def inside(self, outline: Outline) -> Pen:
        """A pen whose paint stays within an outline."""
        patch = self._clipped(self.canvas.cover([self.to_pixels(outline)]))
        return replace(self, clip=patch or Patch(0, 0, np.zeros((1, 1), np.uint8)))

    def fill(
        self,
        outline: Outline,
        color: Color | str,
        to: Color | str | None = None,
        *,
        form: float = 1.0,
        rim: float = 1.0,
        alpha: float = 1.0,
        lit: bool = False,
    ) -> None:
        """Fills an outline, its colour running to `to` at the lower end.

        `form` is how much shade the side away from the light gets, `rim` how bright the lit edge is; a `lit`
        colour shines by itself and takes no part in the scene's light.
        """
        self.fill_all([outline], color, to, form=0.0 if lit else form, rim=0.0 if lit else rim, alpha=alpha, lit=lit)

    def fill_all(
        self,
        outlines: Iterable[Outline],
        color: Color | str,
        to: Color | str | None = None,
        *,
        form: float = 0.0,
        rim: float = 0.0,
        alpha: float = 1.0,
        lit: bool = False,
    ) -> None:
        """Fills the union of outlines as one shape."""
        patch = self._clipped(self.canvas.cover([self.to_pixels(o) for o in outlines]))
        if patch is None:
            return
        tone = rgb if lit else self.graded
        paint: Field = tone(color)
        h, w = patch.mask.shape
        if to is not None:
            t = np.linspace(0, 1, h, dtype=np.float32)[:, None, None]
            paint = paint * (1 - t) + tone(to) * t
        reach = min(h, w)
        if (form > 0 or rim > 0) and reach > 10:
            paint = _modelled(patch.mask, paint, self.light, form, rim * (1 - self.haze))
        self.canvas.blend(patch, paint, alpha)

    def _clipped(self, patch: Patch | None) -> Patch | None:
        if patch is None or self.clip is None:
            return patch
        h, w = patch.mask.shape
        ch, cw = self.clip.mask.shape
        x0, y0 = max(patch.x, self.clip.x), max(patch.y, self.clip.y)
        x1, y1 = min(patch.x + w, self.clip.x + cw), min(patch.y + h, self.clip.y + ch)
        if x0 >= x1 or y0 >= y1:
            return None
        own = patch.mask[y0 - patch.y : y1 - patch.y, x0 - patch.x : x1 - patch.x]
        other = self.clip.mask[y0 - self.clip.y : y1 - self.clip.y, x0 - self.clip.x : x1 - self.clip.x]
        return Patch(x0, y0, np.asarray(cv2.multiply(own, other, scale=1 / 255), np.uint8))

    # --- the shapes most subjects are made of --------------------------------------------------------------------

    def blob(self, points: Points, color: Color | str, to: Color | str | None = None, **how: Unpack[How]) -> None:
        """A smooth closed shape through points."""
        self.fill(smooth(points), color, to, **how)

    def poly(self, points: Points, color: Color | str, to: Color | str | None = None, **how: Unpack[How]) -> None:
        """A shape of straight edges."""
        self.fill(polygon(points), color, to, **how)

    def disc(
        self,
        x: float,
        y: float,
        rx: float,
        color: Color | str,
        ry: float | None = None,
        turn: float = 0.0,
        **how: Unpack[How],
    ) -> None:
        """A circle, or an ellipse."""
        self.fill(oval(x, y, rx, ry, turn), color, **how)

    def bar(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        color: Color | str,
        to: Color | str | None = None,
        radius: float = 0.0,
        **how: Unpack[How],
    ) -> None:
        """A rectangle, its corners rounded."""
        self.fill(box(x0, y0, x1, y1, radius), color, to, **how)

    def line(self, points: Points, width: float | tuple[float, ...], color: Color | str, **how: Unpack[How]) -> None:
        """A smooth stroke; several widths taper it. Strokes take no form by default."""
        widths = (width,) if isinstance(width, (int, float)) else width
        how.setdefault("form", 0.0)
        how.setdefault("rim", 0.0)
        self.fill(limb(points, widths), color, **how)

    def glow(self, x: float, y: float, radius: float, color: Color | str, strength: float = 0.6) -> None:
        """Light round a point, in local units."""
        ((px, py),) = self.to_pixels(polygon([(x, y)]))
        self.canvas.glow(px, py, radius * self.unit, rgb(color), strength)


def _modelled(mask: Mask, paint: Field, light: Light, form: float, rim: float) -> Field:
    """Gives a flat shape roundness: shade where stepping away from the light leaves it, a bright edge towards it."""
    h, w = mask.shape
    reach = max(4.0, 0.22 * min(h, w))
    lx, ly = light.toward
    out = np.broadcast_to(paint, (h, w, 3)).astype(np.float32)
    if form > 0:
        f = max(1, int(reach / 6))
        small = cv2.resize(mask, (max(1, w // f), max(1, h // f)), interpolation=cv2.INTER_AREA)
        small = cv2.copyMakeBorder(small, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=0).astype(np.float32) / 255
        step = np.array([[1, 0, lx * reach / f], [0, 1, ly * reach / f]], np.float32)
        small = cv2.warpAffine(small, step, (small.shape[1], small.shape[0]))
        small = cv2.GaussianBlur(small, (0, 0), 0.55 * reach / f, borderType=cv2.BORDER_CONSTANT)[4:-4, 4:-4]
        dark = 1 - cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR)
        out *= 1 - (np.clip(dark, 0, 1) * form)[..., None] * (1 - light.shade)
    if rim > 0 and light.rim_strength > 0:
        width = float(np.clip(0.035 * min(h, w), 1.5, 11.0))
        step = np.array([[1, 0, -lx * width], [0, 1, -ly * width]], np.float32)
        moved_mask = cv2.warpAffine(mask, step, (w, h))
        moved_mask = cv2.GaussianBlur(moved_mask, (0, 0), max(0.8, width * 0.4), borderType=cv2.BORDER_CONSTANT)
        edge = (255 - moved_mask).astype(np.float32) * np.float32(rim * light.rim_strength / 255)
        out += edge[..., None] * (light.rim - out)
    return out
