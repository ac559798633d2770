"""The composers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, SecretStr

from ..common.spec import ProviderSpec, Tools
from ..common.web_settings import ADDRESS, WebSettings


class SynthSettings(BaseModel):
    """It has none."""


class ElevenLabsMusicSettings(BaseModel):
    """The key is the one of its voices (docs/providers.md#elevenlabs-music)."""

    elevenlabs_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="ELEVENLABS_API_KEY")
    elevenlabs_music_model: str = Field(
        default="music_v2", pattern=r"^[A-Za-z0-9._-]{1,60}$", validation_alias="REELWRIGHT_ELEVENLABS_MUSIC_MODEL"
    )
    elevenlabs_music_s: float = Field(default=120, ge=3, le=600, validation_alias="REELWRIGHT_ELEVENLABS_MUSIC_S")
    """The longest piece that is bought."""
    elevenlabs_base_url: str = Field(
        default="", pattern=r"^(https?://\S+)?$", validation_alias="REELWRIGHT_ELEVENLABS_BASE_URL"
    )
    """Empty: ElevenLabs' own, as for its voices."""


class MubertSettings(WebSettings):
    """The id and the token of an end user of the licence (docs/providers.md#mubert)."""

    mubert_customer_id: str = Field(default="", validation_alias="MUBERT_CUSTOMER_ID")
    mubert_access_token: SecretStr = Field(default=SecretStr(""), validation_alias="MUBERT_ACCESS_TOKEN")
    mubert_music_s: float = Field(default=120, ge=15, le=300, validation_alias="REELWRIGHT_MUBERT_MUSIC_S")
    """The longest track that is asked for."""
    mubert_api_url: str = Field(
        default="https://music-api.mubert.com/api/v3", pattern=ADDRESS, validation_alias="REELWRIGHT_MUBERT_API_URL"
    )


def _elevenlabs_missing(settings: ElevenLabsMusicSettings) -> tuple[str, ...]:
    return () if settings.elevenlabs_api_key.get_secret_value() else ("ELEVENLABS_API_KEY",)


def _mubert_missing(settings: MubertSettings) -> tuple[str, ...]:
    given = {
        "MUBERT_CUSTOMER_ID": settings.mubert_customer_id,
        "MUBERT_ACCESS_TOKEN": settings.mubert_access_token.get_secret_value(),
    }
    return tuple(name for name, value in given.items() if not value)


def _synth(settings: SynthSettings, tools: Tools) -> Any:
    from .synth import SynthComposer

    return SynthComposer()


def _elevenlabs(settings: ElevenLabsMusicSettings, tools: Tools) -> Any:
    from .cloud.elevenlabs import ElevenLabsMusic

    return ElevenLabsMusic(
        settings.elevenlabs_api_key,
        tools.prices,
        base=settings.elevenlabs_base_url or "https://api.elevenlabs.io",
        model=settings.elevenlabs_music_model,
        most_s=settings.elevenlabs_music_s,
    )


def _mubert(settings: MubertSettings, tools: Tools) -> Any:
    from .cloud.mubert import Mubert

    return Mubert(
        settings.mubert_customer_id,
        settings.mubert_access_token,
        tools.prices,
        base=settings.mubert_api_url,
        most_s=settings.mubert_music_s,
        allow_private=settings.providers_allow_private,
    )


SPECS: tuple[ProviderSpec[Any], ...] = (
    ProviderSpec(
        "elevenlabs",
        "music",
        "ElevenLabs Music",
        ElevenLabsMusicSettings,
        _elevenlabs_missing,
        _elevenlabs,
        models=lambda settings: (settings.elevenlabs_music_model,),
        concurrency=2,
    ),
    ProviderSpec("mubert", "music", "Mubert", MubertSettings, _mubert_missing, _mubert, concurrency=2),
    ProviderSpec("synth", "music", "synthesised here", SynthSettings, lambda _: (), _synth, offline=True),
)
