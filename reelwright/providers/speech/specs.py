"""The voices there are to choose from, by the names that channels use. Importing this loads no SDK."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from ..common.spec import ProviderSpec, Tools

ADDRESS = r"^(https?://\S+)?$"


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class ElevenLabsSettings(_Settings):
    """`output` is a format of ElevenLabs; those above the default need a larger plan."""

    api_key: SecretStr | None = Field(default=None, validation_alias="ELEVENLABS_API_KEY")
    model: str = Field(
        default="eleven_v4", pattern=r"^[a-z0-9_]{1,60}$", validation_alias="REELWRIGHT_ELEVENLABS_MODEL"
    )
    voice: str = Field(
        default="JBFqnCBsd6RMkjVDRZzb", min_length=1, max_length=60, validation_alias="REELWRIGHT_ELEVENLABS_VOICE"
    )
    output: str = Field(
        default="mp3_44100_128",
        pattern=r"^(mp3|pcm|wav|opus)_\d{4,5}(_\d{2,3})?$",
        validation_alias="REELWRIGHT_ELEVENLABS_FORMAT",
    )
    stability: float = Field(default=0.5, ge=0, le=1, validation_alias="REELWRIGHT_ELEVENLABS_STABILITY")
    similarity: float = Field(default=0.75, ge=0, le=1, validation_alias="REELWRIGHT_ELEVENLABS_SIMILARITY")
    timestamps: bool = Field(default=True, validation_alias="REELWRIGHT_ELEVENLABS_TIMESTAMPS")
    base_url: str = Field(default="", pattern=ADDRESS, validation_alias="REELWRIGHT_ELEVENLABS_BASE_URL")


class OpenAISpeechSettings(_Settings):
    """`style` says how it is spoken, in words."""

    api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    model: str = Field(
        default="gpt-4o-mini-tts", min_length=1, max_length=60, validation_alias="REELWRIGHT_OPENAI_SPEECH_MODEL"
    )
    voice: str = Field(default="marin", min_length=1, max_length=70, validation_alias="REELWRIGHT_OPENAI_SPEECH_VOICE")
    style: str = Field(default="", max_length=1_000, validation_alias="REELWRIGHT_OPENAI_SPEECH_STYLE")


class AzureSpeechSettings(_Settings):
    """`mode`: `batch` tells the words' times, `rest` answers at once and has them aligned."""

    api_key: SecretStr | None = Field(default=None, validation_alias="AZURE_SPEECH_KEY")
    region: str = Field(default="", pattern=r"^[a-z0-9-]{0,40}$", validation_alias="AZURE_SPEECH_REGION")
    voice: str = Field(
        default="en-US-AvaMultilingualNeural",
        min_length=1,
        max_length=80,
        validation_alias="REELWRIGHT_AZURE_SPEECH_VOICE",
    )
    mode: Literal["batch", "rest"] = Field(default="batch", validation_alias="REELWRIGHT_AZURE_SPEECH_MODE")
    base_url: str = Field(default="", pattern=ADDRESS, validation_alias="REELWRIGHT_AZURE_SPEECH_BASE_URL")


class GeminiSpeechSettings(_Settings):
    """The key is the one of all that Gemini does here."""

    api_key: SecretStr | None = Field(default=None, validation_alias="GEMINI_API_KEY")
    base_url: str = Field(default="", pattern=ADDRESS, validation_alias="REELWRIGHT_GEMINI_BASE_URL")
    model: str = Field(
        default="gemini-3.8-flash-tts",
        pattern=r"^[A-Za-z0-9.-]{1,80}$",
        validation_alias="REELWRIGHT_GEMINI_SPEECH_MODEL",
    )
    voice: str = Field(default="Kore", min_length=1, max_length=40, validation_alias="REELWRIGHT_GEMINI_SPEECH_VOICE")


class LocalSpeechSettings(_Settings):
    """The voices on this machine."""

    rate: int = Field(default=150, ge=80, le=450, validation_alias="REELWRIGHT_SPEECH_RATE")
    voices: Path | None = Field(default=None, validation_alias="REELWRIGHT_VOICES")


def _key(settings: Any, variable: str) -> tuple[str, ...]:
    return () if settings.api_key and settings.api_key.get_secret_value().strip() else (variable,)


def _elevenlabs(settings: ElevenLabsSettings, tools: Tools) -> Any:
    from .cloud.elevenlabs import ElevenLabs
    from .cloud.speaker import CloudSpeaker

    assert settings.api_key is not None
    more = settings.model_dump(exclude={"api_key"})
    return CloudSpeaker(ElevenLabs(settings.api_key, tools.prices, **more))


def _openai(settings: OpenAISpeechSettings, tools: Tools) -> Any:
    from .cloud.openai import OpenAISpeech
    from .cloud.speaker import CloudSpeaker

    assert settings.api_key is not None
    return CloudSpeaker(OpenAISpeech(settings.api_key, tools.prices, **settings.model_dump(exclude={"api_key"})))


def _azure(settings: AzureSpeechSettings, tools: Tools) -> Any:
    from .cloud.azure import AzureSpeech
    from .cloud.speaker import CloudSpeaker

    assert settings.api_key is not None
    return CloudSpeaker(AzureSpeech(settings.api_key, tools.prices, **settings.model_dump(exclude={"api_key"})))


def _azure_missing(settings: AzureSpeechSettings) -> tuple[str, ...]:
    region = () if settings.region or settings.base_url else ("AZURE_SPEECH_REGION",)
    return (*_key(settings, "AZURE_SPEECH_KEY"), *region)


def _gemini(settings: GeminiSpeechSettings, tools: Tools) -> Any:
    from .cloud.gemini import GeminiSpeech
    from .cloud.speaker import CloudSpeaker

    assert settings.api_key is not None
    return CloudSpeaker(GeminiSpeech(settings.api_key, tools.prices, **settings.model_dump(exclude={"api_key"})))


def _local(settings: LocalSpeechSettings, tools: Tools) -> Any:
    from .narrator import Narrator
    from .voices import Shelf

    return Narrator(Shelf.of(settings.voices), rate=settings.rate)


SPECS: tuple[ProviderSpec[Any], ...] = (
    ProviderSpec(
        name="elevenlabs",
        capability="speech",
        label="ElevenLabs",
        settings=ElevenLabsSettings,
        missing=lambda settings: _key(settings, "ELEVENLABS_API_KEY"),
        build=_elevenlabs,
        models=lambda settings: (settings.model,),
        concurrency=2,  # of the smallest plan
    ),
    ProviderSpec(
        name="openai",
        capability="speech",
        label="OpenAI speech",
        settings=OpenAISpeechSettings,
        missing=lambda settings: _key(settings, "OPENAI_API_KEY"),
        build=_openai,
        models=lambda settings: (settings.model,),
    ),
    ProviderSpec(
        name="azure",
        capability="speech",
        label="Azure Speech",
        settings=AzureSpeechSettings,
        missing=_azure_missing,
        build=_azure,
    ),
    ProviderSpec(
        name="gemini",
        capability="speech",
        label="Gemini speech",
        settings=GeminiSpeechSettings,
        missing=lambda settings: _key(settings, "GEMINI_API_KEY"),
        build=_gemini,
        models=lambda settings: (settings.model,),
    ),
    ProviderSpec(
        name="local",
        capability="speech",
        label="the voices on this machine",
        settings=LocalSpeechSettings,
        missing=lambda settings: (),
        build=_local,
        offline=True,
    ),
)
