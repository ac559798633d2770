"""The scenes' pictures as they are shown: opened, corrected, fitted to a format around what matters in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from reelwright.domain.errors import RenderFailed
from reelwright.domain.video import RenderPlan

from .colour import Cube, measure, read_cube
from .saliency import focus, saliency_map
from .stills import Framed, frame_picture, open_logo, open_still
from .timeline import SceneSpan
from .yuv import U8


class Pictures:
    """The pictures of a plan, from its files. Nothing is kept but the look-up table."""

    def __init__(self, plan: RenderPlan, files: Mapping[str, Path]) -> None:
        self._style, self._files = plan.style, files
        self._cube: Cube | None = None

    def framed(self, scene: SceneSpan, width: int, height: int) -> Framed:
        """A scene's picture in exactly this size. Raises `RenderFailed` naming the scene and the field."""
        field = f"material.pictures[{scene.scene}].image"
        rgb = open_still(
            self._file(scene.picture.sha256, f"the picture of scene {scene.scene}", field), scene=scene.scene
        )
        framed = frame_picture(rgb, focus(saliency_map(rgb)), width, height)
        # Measured on the whole picture, so that all formats are corrected alike.
        corrected = measure(rgb).apply(framed.rgb) if self._style.colour == "auto" else framed.rgb
        if self._style.lut is not None:
            if self._cube is None:
                self._cube = read_cube(self._file(self._style.lut.sha256, "the look-up table", "style.lut"))
            corrected = self._cube.apply(corrected)
        return Framed(corrected, framed.region)

    def logo(self) -> U8 | None:
        """The brand's logo, straight alpha. Raises `RenderFailed` (field `style.brand.logo`)."""
        logo = self._style.brand.logo
        return None if logo is None else open_logo(self._file(logo.sha256, "the logo", "style.brand.logo"))

    def _file(self, sha256: str, what: str, field: str) -> Path:
        path = self._files.get(sha256)
        if path is None:
            raise RenderFailed(f"{what} was not handed over", field=field, remedy="fetch it before rendering")
        return path
