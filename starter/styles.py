"""A channel's look from a TOML file: the fields of `RenderStyle`, with `lut`, `brand.logo` and font files beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, TypeVar

from pydantic import ValidationError

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.style import ASSET_BYTES, FONTS, RenderStyle
from reelwright.domain.errors import InvalidInput, RenderFailed
from reelwright.domain.explain import explain
from reelwright.domain.ports.making import MediaStore
from reelwright.domain.text.incoming import decode

from .reading import named, read_inside, read_limited

StyleT = TypeVar("StyleT", bound=RenderStyle)
STYLE_BYTES = 100_000
LOGO_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
LUT_TYPES = {".cube": "text/plain"}
FONT_ENDINGS = (".ttf", ".otf", ".ttc", ".otc")


@dataclass(frozen=True)
class StyleFile:
    """The bytes of a file that a style names, looked at already."""

    data: bytes
    media_type: str


@dataclass(frozen=True)
class StyleFiles:
    """The local files a style names; they go to the media store once a studio is there. `fonts` are by their place
    among all of the style's fonts."""

    lut: StyleFile | None = None
    logo: StyleFile | None = None
    fonts: Mapping[int, StyleFile] = field(default_factory=dict)

    @property
    def none(self) -> bool:
        """Whether the style names no file."""
        return self.lut is None and self.logo is None and not self.fonts

    async def attach(self, request: ContentRequest, media: MediaStore) -> ContentRequest:
        """The request with its style's files stored."""
        return request.model_copy(update={"style": await self.stored(request.style, media)})

    async def stored(self, style: StyleT, media: MediaStore) -> StyleT:
        """The style with its files stored."""
        if self.logo:
            logo = await media.put_bytes(self.logo.data, self.logo.media_type)
            style = style.model_copy(update={"brand": style.brand.model_copy(update={"logo": logo})})
        if self.lut:
            lut = await media.put_bytes(self.lut.data, self.lut.media_type)
            style = style.model_copy(update={"lut": lut})
        if self.fonts:
            fonts: list[str | AssetRef] = list(style.fonts)
            for place, font in sorted(self.fonts.items()):
                fonts.insert(place, await media.put_bytes(font.data, font.media_type))
            style = style.model_copy(update={"fonts": tuple(fonts)})
        return style


@dataclass(frozen=True)
class NamedFiles:
    """The names of local files in a style's table, taken out of it; anything else is left there for validation."""

    lut: str | None = None
    logo: str | None = None
    fonts: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def taken(cls, style: dict[str, Any]) -> NamedFiles:
        """Those of a table. A font is a file where its name ends as one."""
        brand, fonts = style.get("brand"), style.get("fonts")
        named: dict[int, str] = {}
        if isinstance(fonts, list) and len(fonts) <= FONTS:
            named = {at: font for at, font in enumerate(fonts) if isinstance(font, str) and _is_file(font)}
            style["fonts"] = [font for at, font in enumerate(fonts) if at not in named]
        logo = _text(brand, "logo") if isinstance(brand, dict) else None
        return cls(_text(style, "lut"), logo, named)


def _text(table: dict[str, Any], name: str) -> str | None:
    return table.pop(name) if isinstance(table.get(name), str) else None


def _is_file(name: str) -> bool:
    return PurePath(name).suffix.lower() in FONT_ENDINGS


def read_style(path: Path) -> tuple[RenderStyle, StyleFiles]:
    """The style and its files, each opened and looked at. Raises `InvalidInput` naming the field inside the file."""
    data = read_limited(path, field="style", limit=STYLE_BYTES)
    try:
        fields: dict[str, Any] = tomllib.loads(decode(data, field="style", limit=STYLE_BYTES))
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # the latter for what is nested too deeply
        raise InvalidInput(f"{named(path)} is not TOML ({error})", field="style", remedy="see docs/style.md") from error
    for name in ("brand", "captions"):
        if not isinstance(fields.get(name, {}), dict):
            raise InvalidInput(
                "it is not a valid table", field=f"style.{name}", remedy=f"write [{name}] and its fields below it"
            )
    names = NamedFiles.taken(fields)
    try:
        style = RenderStyle.model_validate(fields)
    except ValidationError as error:
        inner = explain(error)
        raise InvalidInput(inner.message, field=f"style.{inner.field}", remedy=inner.remedy) from error
    return style, read_files(path.parent, names, style, field="style")


def read_files(folder: Path, names: NamedFiles, style: RenderStyle, *, field: str) -> StyleFiles:
    """The files that a style in this folder names, each opened and checked; the font families of the style must be
    installed. Raises `InvalidInput` with a field below `field`."""
    if style.families:
        from reelwright.render.text.preferred import check_families

        check_families(style.families, f"{field}.fonts")
    return StyleFiles(
        lut=_lut(folder, names.lut, f"{field}.lut"),
        logo=_logo(folder, names.logo, f"{field}.brand.logo"),
        fonts={place: _font(folder, name, f"{field}.fonts") for place, name in names.fonts.items()},
    )


def _lut(folder: Path, name: str | None, field: str) -> StyleFile | None:
    if name is None:
        return None
    data, media_type = _asset(folder, name, field, LUT_TYPES)
    # Here, because it takes as long to load as everything else together, and few commands need it.
    from reelwright.render.picture.cube_file import parse_cube

    with _as_input(field):
        parse_cube(data)
    return StyleFile(data, media_type)


def _logo(folder: Path, name: str | None, field: str) -> StyleFile | None:
    if name is None:
        return None
    data, media_type = _asset(folder, name, field, LOGO_TYPES)
    from reelwright.render.picture.stills import check_logo

    with _as_input(field):
        real = check_logo(data)
    if real != media_type:
        kinds = ", ".join(LOGO_TYPES)
        raise InvalidInput(
            f"{named(name)} is of the type {real}, which its name does not say",
            field=field,
            remedy=f"name it after what it is, or export it as one of {kinds}",
        )
    return StyleFile(data, media_type)


def _font(folder: Path, name: str, field: str) -> StyleFile:
    from reelwright.render.text.font_files import check_font

    data = read_inside(folder, name, field=field, limit=ASSET_BYTES)
    with _as_input(field):
        return StyleFile(data, check_font(data))


@contextmanager
def _as_input(field: str) -> Iterator[None]:
    """Reports an error that a render would raise as invalid input: nothing has been started yet."""
    try:
        yield
    except RenderFailed as error:
        raise InvalidInput(error.message, field=field, remedy=error.remedy) from error


def _asset(folder: Path, name: str, field: str, types: dict[str, str]) -> tuple[bytes, str]:
    """The file's bytes and the media type that its name claims."""
    media_type = types.get(PurePath(name).suffix.lower())
    if media_type is None:
        raise InvalidInput(f"{named(name)!r} is not one of {', '.join(types)}", field=field, remedy="name another file")
    return read_inside(folder, name, field=field, limit=ASSET_BYTES), media_type
