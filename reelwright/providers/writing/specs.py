"""Who can write: each vendor's settings, and how its writer is built. Cheap to import; an SDK is loaded by `build`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, SecretStr

from ..common.spec import ProviderSpec, Tools

NONE = SecretStr("")
_ADDRESS = r"^(https?://\S+)?$"


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


class MistralSettings(BaseModel):
    """docs/providers.md#mistral; the key and the address are those of its moderation, too."""

    mistral_api_key: SecretStr | None = Field(default=None, validation_alias="MISTRAL_API_KEY")
    mistral_base_url: str | None = Field(default=None, validation_alias="MISTRAL_BASE_URL")
    mistral_model: str = Field(default="mistral-small-latest", validation_alias="REELWRIGHT_MISTRAL_MODEL")


class AzureSettings(BaseModel):
    """docs/providers.md#azure-openai. `azure_openai_model` is the model behind the deployment, for its price."""

    azure_openai_key: SecretStr | None = Field(default=None, validation_alias="AZURE_OPENAI_KEY")
    azure_openai_endpoint: str = Field(default="", pattern=_ADDRESS, validation_alias="AZURE_OPENAI_ENDPOINT")
    azure_openai_deployment: str = Field(default="", validation_alias="AZURE_OPENAI_DEPLOYMENT")
    azure_openai_model: str = Field(default="", validation_alias="REELWRIGHT_AZURE_OPENAI_MODEL")


class GeminiSettings(BaseModel):
    """docs/providers.md#gemini"""

    gemini_api_key: SecretStr | None = Field(default=None, validation_alias="GEMINI_API_KEY")
    gemini_model: str = Field(default="gemini-3.8-flash", validation_alias="REELWRIGHT_GEMINI_MODEL")
    gemini_base_url: str | None = Field(default=None, validation_alias="REELWRIGHT_GEMINI_URL")


class CompatibleSettings(BaseModel):
    """docs/providers.md#compatible-servers. The price is 0 unless the operator's table has one."""

    compatible_url: str = Field(default="", pattern=_ADDRESS, validation_alias="REELWRIGHT_COMPATIBLE_URL")
    compatible_model: str = Field(default="", validation_alias="REELWRIGHT_COMPATIBLE_MODEL")
    compatible_key: SecretStr | None = Field(default=None, validation_alias="REELWRIGHT_COMPATIBLE_KEY")
    compatible_format: Literal["json_schema", "json_object", "text"] = Field(
        default="json_schema", validation_alias="REELWRIGHT_COMPATIBLE_FORMAT"
    )
    compatible_timeout_s: int = Field(default=120, ge=5, le=270, validation_alias="REELWRIGHT_COMPATIBLE_TIMEOUT_S")


class TemplateSettings(BaseModel):
    """It has none."""


def _unset(**variables: SecretStr | str | None) -> tuple[str, ...]:
    """The variables without a value."""
    plain = {n: v.get_secret_value() if isinstance(v, SecretStr) else v or "" for n, v in variables.items()}
    return tuple(name for name, value in plain.items() if not value.strip())


def _openai(settings: OpenAISettings, tools: Tools) -> Any:
    from .openai import OpenAIWriter

    model = settings.openai_model
    return OpenAIWriter(settings.openai_api_key or NONE, model, settings.openai_base_url, price=tools.prices.of(model))


def _anthropic(settings: AnthropicSettings, tools: Tools) -> Any:
    from .anthropic import AnthropicWriter

    model = settings.anthropic_model
    return AnthropicWriter(
        settings.anthropic_api_key or NONE, model, settings.anthropic_base_url, price=tools.prices.of(model)
    )


def _mistral(settings: MistralSettings, tools: Tools) -> Any:
    from .chat import MistralWriter

    model = settings.mistral_model
    return MistralWriter(
        settings.mistral_api_key or NONE, model, settings.mistral_base_url, price=tools.prices.of(model)
    )


def _azure(settings: AzureSettings, tools: Tools) -> Any:
    from .azure import AzureWriter

    deployment = settings.azure_openai_deployment
    price = tools.prices.of(settings.azure_openai_model or deployment)
    return AzureWriter(settings.azure_openai_key or NONE, settings.azure_openai_endpoint, deployment, price=price)


def _gemini(settings: GeminiSettings, tools: Tools) -> Any:
    from .gemini import GeminiWriter

    model = settings.gemini_model
    return GeminiWriter(settings.gemini_api_key or NONE, model, settings.gemini_base_url, price=tools.prices.of(model))


def _compatible(settings: CompatibleSettings, tools: Tools) -> Any:
    from .chat import CompatibleWriter

    return CompatibleWriter(
        settings.compatible_url,
        settings.compatible_model,
        settings.compatible_key or NONE,
        price=tools.prices.of(settings.compatible_model),
        enforced=settings.compatible_format,
        timeout_s=settings.compatible_timeout_s,
    )


def _template(settings: TemplateSettings, tools: Tools) -> Any:
    from .studio import StudioWriter

    return StudioWriter(stand_in=True)


SPECS: tuple[ProviderSpec[Any], ...] = (
    ProviderSpec(
        name="anthropic",
        capability="writing",
        label="Anthropic",
        settings=AnthropicSettings,
        missing=lambda s: _unset(ANTHROPIC_API_KEY=s.anthropic_api_key),
        build=_anthropic,
        models=lambda s: (s.anthropic_model,),
    ),
    ProviderSpec(
        name="openai",
        capability="writing",
        label="OpenAI",
        settings=OpenAISettings,
        missing=lambda s: _unset(OPENAI_API_KEY=s.openai_api_key),
        build=_openai,
        models=lambda s: (s.openai_model,),
    ),
    ProviderSpec(
        name="mistral",
        capability="writing",
        label="Mistral",
        settings=MistralSettings,
        missing=lambda s: _unset(MISTRAL_API_KEY=s.mistral_api_key),
        build=_mistral,
        models=lambda s: (s.mistral_model,),
    ),
    ProviderSpec(
        name="azure",
        capability="writing",
        label="Azure OpenAI",
        settings=AzureSettings,
        missing=lambda s: _unset(
            AZURE_OPENAI_KEY=s.azure_openai_key,
            AZURE_OPENAI_ENDPOINT=s.azure_openai_endpoint,
            AZURE_OPENAI_DEPLOYMENT=s.azure_openai_deployment,
        ),
        build=_azure,
        models=lambda s: (s.azure_openai_model,) if s.azure_openai_model else (),
    ),
    ProviderSpec(
        name="gemini",
        capability="writing",
        label="Google Gemini",
        settings=GeminiSettings,
        missing=lambda s: _unset(GEMINI_API_KEY=s.gemini_api_key),
        build=_gemini,
        models=lambda s: (s.gemini_model,),
    ),
    ProviderSpec(
        name="compatible",
        capability="writing",
        label="an OpenAI-compatible server",
        settings=CompatibleSettings,
        missing=lambda s: _unset(
            REELWRIGHT_COMPATIBLE_URL=s.compatible_url, REELWRIGHT_COMPATIBLE_MODEL=s.compatible_model
        ),
        build=_compatible,
        concurrency=1,
    ),
    ProviderSpec(
        name="template",
        capability="writing",
        label="templates and summaries, offline",
        settings=TemplateSettings,
        missing=lambda _: (),
        build=_template,
        offline=True,
    ),
)
"""In the order in which a studio tries them by itself; the last one is always there."""
