"""A channel's look from a TOML file: the fields of `RenderStyle`, with `lut` and `brand.logo` as files beside it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain
from reelwright.domain.ports import MediaStore
from reelwright.domain.request import ContentRequest
from reelwright.domain.style import RenderStyle
from reelwright.domain.text import decode

STYLE_BYTES = 100_000
ASSET_BYTES = 20_000_000
LOGO_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
LUT_TYPES = {".cube": "text/plain"}


class StyleFiles:
    """The local files a style names; they go to the media store once a studio is there."""

    def __init__(self, lut: Path | None = None, logo: Path | None = None) -> None:
        self._lut = lut
        self._logo = logo

    async def attach(self, request: ContentRequest, media: MediaStore) -> ContentRequest:
        """The request with its style's files stored."""
        style = request.style
        if self._logo:
            logo = await media.put(self._logo, LOGO_TYPES[self._logo.suffix.lower()])
            style = style.model_copy(update={"brand": style.brand.model_copy(update={"logo": logo})})
        if self._lut:
            lut = await media.put(self._lut, LUT_TYPES[self._lut.suffix.lower()])
            style = style.model_copy(update={"lut": lut})
        return request.model_copy(update={"style": style})


def read_style(path: Path) -> tuple[RenderStyle, StyleFiles]:
    """Raises `InvalidInput` naming the field inside the file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror})", field="style", remedy="check the path"
        ) from error
    try:
        fields: dict[str, Any] = tomllib.loads(decode(data, field="style", limit=STYLE_BYTES))
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # the latter for what is nested too deeply
        raise InvalidInput(f"{path} is not TOML ({error})", field="style", remedy="see docs/style.md") from error
    brand = fields.get("brand")
    logo = brand.pop("logo", None) if isinstance(brand, dict) else None
    files = StyleFiles(
        lut=_asset(path, fields.pop("lut", None), "style.lut", LUT_TYPES),
        logo=_asset(path, logo, "style.brand.logo", LOGO_TYPES),
    )
    try:
        return RenderStyle.model_validate(fields), files
    except ValidationError as error:
        inner = explain(error)
        raise InvalidInput(inner.message, field=f"style.{inner.field}", remedy=inner.remedy) from error


def _asset(style: Path, name: Any, field: str, types: dict[str, str]) -> Path | None:
    if name is None:
        return None
    path = style.parent / str(name)
    if path.suffix.lower() not in types:
        raise InvalidInput(f"{name!r} is not one of {', '.join(types)}", field=field, remedy="name another file")
    if not path.is_file() or path.stat().st_size > ASSET_BYTES:
        raise InvalidInput(
            f"{path} is missing, or larger than {ASSET_BYTES // 1_000_000} MB", field=field, remedy="check the file"
        )
    return path
