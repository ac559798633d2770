"""How a video looks and sounds: everything a channel may set once for all its videos."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from ..assets import AssetRef
from ..base import Grown, UserInput
from ..formats import FPS, FRAME_RATES
from ..limits import Text, at_most, once_each
from ..text.incoming import one_line

Colour = Annotated[str, Field(pattern="^#[0-9A-Fa-f]{6}$")]


ASSET_BYTES = 20_000_000
"""The largest file of a style."""


def _stored(ref: AssetRef) -> AssetRef:
    """A reference that a person typed."""
    if not re.fullmatch(r"[0-9a-f]{64}", ref.sha256) or not 0 < len(ref.key) <= 200 or len(ref.media_type) > 100:
        raise ValueError(
            "it is no reference to a stored file; give key, sha256, size and media_type as a put told them"
        )
    if not 0 < ref.size <= ASSET_BYTES:
        raise ValueError(f"{ref.size:,} bytes is not 1 to {ASSET_BYTES:,}; give a smaller file")
    return ref


StoredFile = Annotated[AssetRef, AfterValidator(_stored)]


FONTS = 8
FONT_CHARS = 60

Font = Annotated[
    Annotated[str, Text(one_line, FONT_CHARS, least=1), Tag("family")] | Annotated[StoredFile, Tag("file")],
    Discriminator(lambda given: "family" if isinstance(given, str) else "file"),
]
"""The name of a font family that is installed where videos are rendered, or a font file."""


def _rate(value: int) -> int:
    if value not in FRAME_RATES:
        raise ValueError(f"{value} frames a second are not offered; choose from {', '.join(map(str, FRAME_RATES))}")
    return value


class BrandKit(UserInput):
    """A channel's own look. `watermark` is drawn in a corner, the cards before and after the story; empty is none."""

    watermark: Annotated[str, Text(one_line, 60)] = ""
    logo: StoredFile | None = None
    accent: Colour = "#FFB938"
    text: Colour = "#FFFFFF"
    intro: Annotated[str, Text(one_line, 80)] = ""
    outro: Annotated[str, Text(one_line, 80)] = ""
    lower_third: Annotated[str, Text(one_line, 80)] = ""


class CaptionStyle(UserInput):
    """Captions in the picture. The caption files are written in any case."""

    burn_in: bool = True
    style: Literal["karaoke", "pop", "classic"] = "karaoke"


class RenderStyle(Grown, UserInput):
    """What decides the pixels besides the material.

    `preset` draft is a fast low-resolution preview, high a slower and finer encode. `colour` auto evens out exposure
    and white balance per still; `lut` is a 3D LUT (.cube) laid over everything. `hls` requests a streaming ladder of
    each format besides the file; no pixel of the file depends on it. `dash` adds a DASH manifest over the
    same segments. `fonts` are families by name and the user's own font files, the preferred one first; what none of
    them has is drawn in the fonts of its script. `ai_label` is a visible label for material made with AI, drawn small
    in a corner; empty is none.
    """

    added: ClassVar[frozenset[str]] = frozenset({"dash", "fonts", "ai_label"})

    fps: Annotated[int, AfterValidator(_rate)] = FPS
    preset: Literal["draft", "standard", "high"] = "standard"
    transition: Literal["crossfade", "dip", "wipe", "push"] = "crossfade"
    colour: Literal["none", "auto"] = "none"
    lut: StoredFile | None = None
    progress_bar: bool = False
    ai_label: Annotated[str, Text(one_line, 24)] = ""
    hls: bool = False
    dash: bool = False
    fonts: Annotated[tuple[Font, ...], at_most(FONTS, "fonts", "name the main ones"), once_each] = ()
    captions: CaptionStyle = CaptionStyle()
    brand: BrandKit = BrandKit()

    @property
    def families(self) -> tuple[str, ...]:
        """The fonts that are named, not given as files."""
        return tuple(font for font in self.fonts if isinstance(font, str))

    @property
    def font_files(self) -> tuple[AssetRef, ...]:
        """The fonts that are given as files."""
        return tuple(font for font in self.fonts if isinstance(font, AssetRef))

    @property
    def files(self) -> tuple[AssetRef, ...]:
        """Every stored file that it names."""
        return (*(ref for ref in (self.lut, self.brand.logo) if ref), *self.font_files)

    @model_validator(mode="after")
    def _dash_over_hls(self) -> RenderStyle:
        if self.dash and not self.hls:
            raise ValueError("dash: its manifest is over the segments of HLS; set hls too")
        return self
