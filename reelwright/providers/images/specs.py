"""The picture models there are to choose from, by the names that channels use. Importing this loads no SDK. `drawn`,
the offline drawings, is another craft: the wiring adds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ..common.spec import ProviderSpec, Tools

ADDRESS = r"^(https?://\S+)?$"


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class OpenAIImageSettings(_Settings):
    """`size` is the side of the square in pixels."""

    api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    model: str = Field(
        default="gpt-image-2.5-flare", min_length=1, max_length=60, validation_alias="REELWRIGHT_OPENAI_IMAGE_MODEL"
    )
    quality: Literal["low", "medium", "high", "xhigh", "max"] = Field(
        default="medium", validation_alias="REELWRIGHT_OPENAI_IMAGE_QUALITY"
    )
    size: int = Field(
        default=1_920, ge=1_024, le=3_840, multiple_of=16, validation_alias="REELWRIGHT_OPENAI_IMAGE_SIZE"
    )


class StabilitySettings(_Settings):
    """`preset` is one of the vendor's style presets, such as `cinematic`."""

    api_key: SecretStr | None = Field(default=None, validation_alias="STABILITY_API_KEY")
    base_url: str = Field(default="", pattern=ADDRESS, validation_alias="REELWRIGHT_STABILITY_BASE_URL")
    model: str = Field(default="core", pattern=r"^[a-z0-9.-]{1,40}$", validation_alias="REELWRIGHT_STABILITY_MODEL")
    preset: str = Field(default="", pattern=r"^[a-z0-9-]{0,40}$", validation_alias="REELWRIGHT_STABILITY_PRESET")


class GeminiImageSettings(_Settings):
    """The key is the one of all that Gemini does here."""

    api_key: SecretStr | None = Field(default=None, validation_alias="GEMINI_API_KEY")
    base_url: str = Field(default="", pattern=ADDRESS, validation_alias="REELWRIGHT_GEMINI_BASE_URL")
    model: str = Field(
        default="gemini-3.1-flash-image",
        pattern=r"^[A-Za-z0-9.-]{1,80}$",
        validation_alias="REELWRIGHT_GEMINI_IMAGE_MODEL",
    )
    size: Literal["1K", "2K", "4K"] = Field(default="2K", validation_alias="REELWRIGHT_GEMINI_IMAGE_SIZE")


class DiffusersSettings(_Settings):
    """`folder` holds the weights as diffusers saves them; `device` is `auto`, `cuda:0`, `mps` or `cpu`."""

    folder: Path | None = Field(default=None, validation_alias="REELWRIGHT_DIFFUSERS_MODEL")
    device: str = Field(
        default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d{1,2})?)$", validation_alias="REELWRIGHT_DIFFUSERS_DEVICE"
    )
    variant: str = Field(default="", pattern=r"^[a-z0-9]{0,20}$", validation_alias="REELWRIGHT_DIFFUSERS_VARIANT")
    steps: int = Field(default=30, ge=1, le=200, validation_alias="REELWRIGHT_DIFFUSERS_STEPS")
    guidance: float = Field(default=6.0, ge=0, le=30, validation_alias="REELWRIGHT_DIFFUSERS_GUIDANCE")
    size: int = Field(default=1_024, ge=256, le=2_048, multiple_of=64, validation_alias="REELWRIGHT_DIFFUSERS_SIZE")


def _key(settings: Any, variable: str) -> tuple[str, ...]:
    return () if settings.api_key and settings.api_key.get_secret_value().strip() else (variable,)


def _openai(settings: OpenAIImageSettings, tools: Tools) -> Any:
    from .openai import OpenAIIllustrator

    assert settings.api_key is not None
    return OpenAIIllustrator(settings.api_key, tools.prices, **settings.model_dump(exclude={"api_key"}))


def _stability(settings: StabilitySettings, tools: Tools) -> Any:
    from .stability import StabilityIllustrator

    assert settings.api_key is not None
    return StabilityIllustrator(settings.api_key, tools.prices, **settings.model_dump(exclude={"api_key"}))


def _gemini(settings: GeminiImageSettings, tools: Tools) -> Any:
    from .gemini import GeminiIllustrator

    assert settings.api_key is not None
    return GeminiIllustrator(settings.api_key, tools.prices, **settings.model_dump(exclude={"api_key"}))


def _diffusers(settings: DiffusersSettings, tools: Tools) -> Any:
    from .diffusers import DiffusersIllustrator

    assert settings.folder is not None
    return DiffusersIllustrator(
        settings.folder,
        device=settings.device,
        variant=settings.variant or None,
        steps=settings.steps,
        guidance=settings.guidance,
        size=settings.size,
    )


SPECS: tuple[ProviderSpec[Any], ...] = (
    ProviderSpec(
        name="openai",
        capability="images",
        label="OpenAI images",
        settings=OpenAIImageSettings,
        missing=lambda settings: _key(settings, "OPENAI_API_KEY"),
        build=_openai,
        models=lambda settings: (settings.model,),
    ),
    ProviderSpec(
        name="stability",
        capability="images",
        label="Stability AI",
        settings=StabilitySettings,
        missing=lambda settings: _key(settings, "STABILITY_API_KEY"),
        build=_stability,
        models=lambda settings: (settings.model,),
    ),
    ProviderSpec(
        name="gemini",
        capability="images",
        label="Gemini images",
        settings=GeminiImageSettings,
        missing=lambda settings: _key(settings, "GEMINI_API_KEY"),
        build=_gemini,
        models=lambda settings: (settings.model,),
    ),
    ProviderSpec(
        name="diffusers",
        capability="images",
        label="a diffusers pipeline on this machine",
        settings=DiffusersSettings,
        missing=lambda settings: () if settings.folder else ("REELWRIGHT_DIFFUSERS_MODEL",),
        build=_diffusers,
        concurrency=1,
    ),
)
