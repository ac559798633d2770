"""Who can write: each vendor's settings, and how its writer is built."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, SecretStr

from ..common.spec import ProviderSpec, Tools


class OpenAISettings(BaseModel):
    """docs/providers.md#openai"""

    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_model: str = Field(default="gpt-6-luna", validation_alias="REELWRIGHT_OPENAI_MODEL")
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")


class AnthropicSettings(BaseModel):
    """docs/providers.md#anthropic"""

    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    anthropic_model: str = Field(default="claude-haiku-5-5", validation_alias="REELWRIGHT_ANTHROPIC_MODEL")
    anthropic_base_url: str | None = Field(default=None, validation_alias="ANTHROPIC_BASE_URL")


def _openai(settings: OpenAISettings, tools: Tools) -> Any:
    from .openai import OpenAIWriter

    model = settings.openai_model
    assert settings.openai_api_key is not None
    return OpenAIWriter(
        settings.openai_api_key, model=model, base_url=settings.openai_base_url, price=tools.prices.of(model)
    )


def _anthropic(settings: AnthropicSettings, tools: Tools) -> Any:
    from .anthropic import AnthropicWriter

    model = settings.anthropic_model
    assert settings.anthropic_api_key is not None
    return AnthropicWriter(
        settings.anthropic_api_key, model=model, base_url=settings.anthropic_base_url, price=tools.prices.of(model)
    )


def _given(key: SecretStr | None) -> bool:
    return key is not None and bool(key.get_secret_value().strip())


SPECS: tuple[ProviderSpec[Any], ...] = (
    ProviderSpec(
        name="openai",
        capability="writing",
        label="OpenAI",
        settings=OpenAISettings,
        missing=lambda settings: () if _given(settings.openai_api_key) else ("OPENAI_API_KEY",),
        build=_openai,
        models=lambda settings: (settings.openai_model,),
        concurrency=8,
    ),
    ProviderSpec(
        name="anthropic",
        capability="writing",
        label="Anthropic",
        settings=AnthropicSettings,
        missing=lambda settings: () if _given(settings.anthropic_api_key) else ("ANTHROPIC_API_KEY",),
        build=_anthropic,
        models=lambda settings: (settings.anthropic_model,),
        concurrency=8,
    ),
)
