"""The makers of clips. Libraries, which find them, are in `providers/stock/specs.py`."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr

from ..common.spec import ProviderSpec, Tools
from ..common.web_settings import ADDRESS, WebSettings


class RunwaySettings(WebSettings):
    """Its key, model and version (docs/moving-pictures.md)."""

    runway_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="RUNWAYML_API_SECRET")
    runway_model: str = Field(
        default="gen4_turbo", pattern=r"^[A-Za-z0-9._-]{1,60}$", validation_alias="REELWRIGHT_RUNWAY_MODEL"
    )
    runway_version: str = Field(
        default="2024-11-06", pattern=r"^\d{4}-\d{2}-\d{2}$", validation_alias="REELWRIGHT_RUNWAY_VERSION"
    )
    runway_api_url: str = Field(
        default="https://api.dev.runwayml.com", pattern=ADDRESS, validation_alias="REELWRIGHT_RUNWAY_API_URL"
    )


class LumaSettings(WebSettings):
    """Its key, model and the height of its clips (docs/moving-pictures.md)."""

    luma_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="LUMA_AGENTS_API_KEY")
    luma_model: str = Field(
        default="ray-3.2", pattern=r"^[A-Za-z0-9._-]{1,60}$", validation_alias="REELWRIGHT_LUMA_MODEL"
    )
    luma_resolution: str = Field(
        default="1080p", pattern="^(360p|540p|720p|1080p)$", validation_alias="REELWRIGHT_LUMA_RESOLUTION"
    )
    luma_api_url: str = Field(
        default="https://agents.lumalabs.ai/v1", pattern=ADDRESS, validation_alias="REELWRIGHT_LUMA_API_URL"
    )


def _runway_missing(settings: RunwaySettings) -> tuple[str, ...]:
    return () if settings.runway_api_key.get_secret_value() else ("RUNWAYML_API_SECRET",)


def _luma_missing(settings: LumaSettings) -> tuple[str, ...]:
    return () if settings.luma_api_key.get_secret_value() else ("LUMA_AGENTS_API_KEY",)


def _runway(settings: RunwaySettings, tools: Tools) -> Any:
    from .runway import Runway

    return Runway(
        settings.runway_api_key,
        tools.prices,
        model=settings.runway_model,
        base=settings.runway_api_url,
        version=settings.runway_version,
        allow_private=settings.providers_allow_private,
    )


def _luma(settings: LumaSettings, tools: Tools) -> Any:
    from .luma import Luma

    return Luma(
        settings.luma_api_key,
        tools.prices,
        model=settings.luma_model,
        resolution=settings.luma_resolution,
        base=settings.luma_api_url,
        allow_private=settings.providers_allow_private,
    )


SPECS: tuple[ProviderSpec[Any], ...] = (
    ProviderSpec(
        "runway",
        "clips",
        "Runway",
        RunwaySettings,
        _runway_missing,
        _runway,
        models=lambda settings: (settings.runway_model,),
        concurrency=1,  # the lowest tier runs one task; further ones wait there, throttled
    ),
    ProviderSpec(
        "luma",
        "clips",
        "Luma",
        LumaSettings,
        _luma_missing,
        _luma,
        models=lambda settings: (settings.luma_model,),
        concurrency=2,
    ),
)
