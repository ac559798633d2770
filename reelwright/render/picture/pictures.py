"""The scenes' pictures as they are shown: opened, corrected, fitted to a format around what matters in them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import RenderFailed

from ..plan.timeline import ClipSpan, SceneSpan
from .colour import Correction, Cube, cube_lines, measure, read_cube
from .decoding import ClipFrames
from .footage import WHOLE, Footage
from .saliency import CENTRE, Region, focus, saliency_map
from .stills import Framed, frame_picture, open_logo, open_still
from .yuv import U8

_LOSES, _HEAD, _KEPT = 0.75, 0.1, 0.8
"""A photo that is about as tall as wide, or that is cut to less than the first share of its height, keeps what is
between the second share, where heads are, and the lower end of its region; of that the last share must be kept."""
SQUARISH = 1.25
SHELF_BYTES = 48 << 20
"""Ten pictures of 1536x1024: a video's formats show the same ones, and neighbours share the transition."""


@dataclass(frozen=True)
class Opened:
    """A picture as in its file, and what is found in it, computed at first use."""

    rgb: U8

    @cached_property
    def region(self) -> Region:
        """Where an eye looks first."""
        return focus(saliency_map(self.rgb))

    @cached_property
    def correction(self) -> Correction:
        """Measured on the whole picture, so that all formats are corrected alike."""
        return measure(self.rgb)


class Shelf:
    """Opened pictures by their sha256, the least used let go when they are more than `limit` bytes."""

    def __init__(self, limit: int = SHELF_BYTES) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, Opened] = OrderedDict()

    def get(self, sha256: str, open: Callable[[], U8]) -> Opened:
        """The picture, opened now if it is not there. One that is too large for the shelf is not kept."""
        if sha256 not in self._kept:
            self._kept[sha256] = Opened(open())
        self._kept.move_to_end(sha256)
        opened = self._kept[sha256]
        while sum(picture.rgb.nbytes for picture in self._kept.values()) > self._limit:
            self._kept.popitem(last=False)
        return opened


class Pictures:
    """The pictures of a plan, from its files. What is kept is the look-up table, and what is on the `shelf`."""

    def __init__(self, plan: RenderPlan, files: Mapping[str, Path], shelf: Shelf | None = None) -> None:
        self._style, self._files = plan.style, files
        self._shelf = shelf or Shelf(0)
        self._cube: Cube | None = None
        self._lines = ""

    def use(self, files: Mapping[str, Path]) -> None:
        """From now on the files are found here."""
        self._files = files

    def framed(self, scene: SceneSpan, width: int, height: int, *, heads: bool = False) -> Framed:
        """A scene's picture in exactly this size. With `heads` a photo that loses much of its height, or is a portrait,
        keeps the place where a person's head is: it seldom stands out as much as the clothes. Raises `RenderFailed`
        naming the scene and the field."""
        opened = self._opened(scene)
        region = _region(scene, opened)
        tall, wide = opened.rgb.shape[:2]
        if heads and not scene.centred and (wide < SQUARISH * tall or wide * height < _LOSES * tall * width):
            region = _upper(region)
        framed = frame_picture(opened.rgb, region, width, height)
        corrected = opened.correction.apply(framed.rgb) if self._style.colour == "auto" else framed.rgb
        if self._style.lut is not None:
            if self._cube is None:
                self._cube = read_cube(self._file(self._style.lut.sha256, "the look-up table", "style.lut"))
            corrected = self._cube.apply(corrected)
        return Framed(corrected, framed.region)

    def footage(self, span: SceneSpan | ClipSpan, size: tuple[int, int], fps: int) -> Footage:
        """The clip of a span in this size. Of a scene's, what matters is found in its still, as in any picture; a clip
        before or after the story is shown whole."""
        assert span.clip is not None and span.playing is not None
        if isinstance(span, ClipSpan):
            what, field, region = f"the {span.kind} clip", f"material.{span.kind}", WHOLE
        else:
            what, field = f"the clip of scene {span.scene + 1}", f"material.pictures[{span.scene}].clip"
            region = _region(span, self._opened(span))
        if self._style.lut is not None and not self._lines:
            self._lines = cube_lines(self._file(self._style.lut.sha256, "the look-up table", "style.lut"))
        frames = ClipFrames(self._file(span.clip.file.sha256, what, field), what, field)
        return Footage(frames, span.playing, size, fps, region, self._lines)

    def aspect(self, scene: SceneSpan) -> float:
        """How wide a scene's picture is for its height."""
        tall, wide = self._opened(scene).rgb.shape[:2]
        return float(wide / tall)

    def _opened(self, scene: SceneSpan) -> Opened:
        sha256, number = scene.picture.sha256, scene.scene

        def read() -> U8:
            field = f"material.pictures[{number}].image"
            return open_still(self._file(sha256, f"the picture of scene {number + 1}", field), scene=number)

        return self._shelf.get(sha256, read)

    def logo(self) -> U8 | None:
        """The brand's logo, straight alpha. Raises `RenderFailed` (field `style.brand.logo`)."""
        logo = self._style.brand.logo
        return None if logo is None else open_logo(self._file(logo.sha256, "the logo", "style.brand.logo"))

    def _file(self, sha256: str, what: str, field: str) -> Path:
        path = self._files.get(sha256)
        if path is None:
            raise RenderFailed(f"{what} was not handed over", field=field, remedy="fetch it before rendering")
        return path


def _region(scene: SceneSpan, opened: Opened) -> Region:
    """What matters in a scene's picture."""
    return opened.region.clipped(CENTRE) if scene.centred else opened.region


def _upper(region: Region) -> Region:
    top = min(region.top, _HEAD)
    return replace(region, top=top, bottom=top + _KEPT * (region.bottom - top))
