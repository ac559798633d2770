"""A channel's look from a TOML file: the fields of `RenderStyle`, with `lut` and `brand.logo` as files beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, TypeVar

from pydantic import ValidationError

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.style import ASSET_BYTES, RenderStyle
from reelwright.domain.errors import InvalidInput, RenderFailed
from reelwright.domain.explain import explain
from reelwright.domain.ports.making import MediaStore
from reelwright.domain.text.incoming import decode

from .reading import named, read_inside, read_limited

StyleT = TypeVar("StyleT", bound=RenderStyle)
STYLE_BYTES = 100_000
LOGO_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
LUT_TYPES = {".cube": "text/plain"}


@dataclass(frozen=True)
class StyleFile:
    """The bytes of a file that a style names, looked at already."""

    data: bytes
    media_type: str


@dataclass(frozen=True)
class StyleFiles:
    """The local files a style names; they go to the media store once a studio is there."""

    lut: StyleFile | None = None
    logo: StyleFile | None = None

    @property
    def none(self) -> bool:
        """Whether the style names no file."""
        return self.lut is None and self.logo is None

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
        return style


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
    lut, logo = fields.pop("lut", None), fields.get("brand", {}).pop("logo", None)
    try:
        style = RenderStyle.model_validate(fields)
    except ValidationError as error:
        inner = explain(error)
        raise InvalidInput(inner.message, field=f"style.{inner.field}", remedy=inner.remedy) from error
    return style, read_files(path.parent, lut, logo, field="style")


def read_files(folder: Path, lut: Any, logo: Any, *, field: str) -> StyleFiles:
    """The files that a style in this folder names, each opened and checked; None is no file. Raises `InvalidInput`
    with a field below `field`."""
    return StyleFiles(lut=_lut(folder, lut, f"{field}.lut"), logo=_logo(folder, logo, f"{field}.brand.logo"))


def _lut(folder: Path, name: Any, field: str) -> StyleFile | None:
    if name is None:
        return None
    data, media_type = _asset(folder, name, field, LUT_TYPES)
    # Here, because it takes as long to load as everything else together, and few commands need it.
    from reelwright.render.picture.cube_file import parse_cube

    with _as_input(field):
        parse_cube(data)
    return StyleFile(data, media_type)


def _logo(folder: Path, name: Any, field: str) -> StyleFile | None:
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


@contextmanager
def _as_input(field: str) -> Iterator[None]:
    """Reports an error that a render would raise as invalid input: nothing has been started yet."""
    try:
        yield
    except RenderFailed as error:
        raise InvalidInput(error.message, field=field, remedy=error.remedy) from error


def _asset(folder: Path, name: Any, field: str, types: dict[str, str]) -> tuple[bytes, str]:
    """The file's bytes and the media type that its name claims."""
    media_type = types.get(PurePath(name).suffix.lower()) if isinstance(name, str) else None
    if media_type is None:
        raise InvalidInput(
            f"{named(str(name))!r} is not one of {', '.join(types)}", field=field, remedy="name another file"
        )
    return read_inside(folder, name, field=field, limit=ASSET_BYTES), media_type
