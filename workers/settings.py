"""Every setting, from the environment or a `.env` file. `.env.example` lists them all; a test keeps the two in step."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, SecretStr, ValidationError

from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain

from .environment import SecretSettings

if TYPE_CHECKING:  # loads every platform's folder, of which most commands need none
    from reelwright.domain.feeds.harvest import Likeness

    from .platform_settings import PlatformSettings
    from .provider_settings import ProviderSettings


class Settings(SecretSettings):
    """Secrets are `SecretStr`: they do not show in logs, reprs or errors. Temporal's own connection settings
    (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_PROFILE, TLS, API key) come the same way (`environment`), and are
    read by `temporalio.envconfig`; see `connect`."""

    state_dir: Path = Field(default=Path(".reelwright"), validation_alias="REELWRIGHT_STATE_DIR")
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")

    temporal_http: str = Field(
        default="", pattern=r"^(http://[^\s/?#@]+/?)?$", validation_alias="REELWRIGHT_TEMPORAL_HTTP"
    )
    """Where Temporal's server answers its HTTP API: the commands then need not load the SDK (docs/commands.md)."""

    secret_key: SecretStr | None = Field(default=None, validation_alias="REELWRIGHT_SECRET_KEY")

    token: SecretStr | None = Field(default=None, validation_alias="REELWRIGHT_TOKEN")
    """Commands act for the person of this API token: docs/access.md."""

    console: bool = Field(default=True, validation_alias="REELWRIGHT_CONSOLE")
    """Whether `reelwright up` serves the web console (docs/console.md)."""
    connect_port: int = Field(default=53_690, ge=0, le=65_535, validation_alias="REELWRIGHT_CONNECT_PORT")
    connect_bind: str = Field(default="", pattern=r"^[0-9A-Fa-f.:]*$", validation_alias="REELWRIGHT_CONNECT_BIND")
    connect_url: str = Field(default="", pattern=r"^(https?://[^\s?#@]+)?$", validation_alias="REELWRIGHT_CONNECT_URL")
    """Where platforms send their answers when an account is connected (docs/connecting.md): a port of this machine and
    what it is bound to (left out: the loopback addresses), or a public https address."""

    link_key: SecretStr | None = Field(default=None, validation_alias="REELWRIGHT_LINK_KEY")
    """Signs links to reviews: docs/review.md."""

    media_url: str = Field(default="", validation_alias="REELWRIGHT_MEDIA_URL")
    s3_endpoint_url: str | None = Field(default=None, validation_alias="REELWRIGHT_S3_ENDPOINT_URL")
    public_media_url: str = Field(
        default="", pattern=r"^(https?://\S+)?$", validation_alias="REELWRIGHT_PUBLIC_MEDIA_URL"
    )
    """Where the media store's folder or bucket can be reached from the internet, for platforms that fetch pictures."""
    s3_region: str = Field(default="us-east-1", validation_alias="REELWRIGHT_S3_REGION")
    s3_access_key: SecretStr | None = Field(default=None, validation_alias="AWS_ACCESS_KEY_ID")
    s3_secret_key: SecretStr | None = Field(default=None, validation_alias="AWS_SECRET_ACCESS_KEY")

    writer: str = Field(
        default="auto", pattern="^(auto|offline|openai|anthropic)$", validation_alias="REELWRIGHT_WRITER"
    )
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_model: str = Field(default="gpt-6-luna", validation_alias="REELWRIGHT_OPENAI_MODEL")
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    anthropic_model: str = Field(default="claude-haiku-5-5", validation_alias="REELWRIGHT_ANTHROPIC_MODEL")
    anthropic_base_url: str | None = Field(default=None, validation_alias="ANTHROPIC_BASE_URL")
    prices: Path | None = Field(default=None, validation_alias="REELWRIGHT_PRICES")
    """Prices of models that go before those that are shipped: docs/costs.md."""
    speech_rate: int = Field(default=150, ge=80, le=450, validation_alias="REELWRIGHT_SPEECH_RATE")
    voices: Path | None = Field(default=None, validation_alias="REELWRIGHT_VOICES")
    blocked_terms: str = Field(default="", validation_alias="REELWRIGHT_BLOCKED_TERMS")
    policies: Path | None = Field(default=None, validation_alias="REELWRIGHT_POLICIES")
    """A folder with moderation policies of the operator's own (docs/moderation.md)."""
    moderation_chain: str = Field(
        default="",
        pattern=r"^\s*((openai|azure|mistral)\s*(,\s*(openai|azure|mistral)\s*)*)?$",
        validation_alias="REELWRIGHT_MODERATION_CHAIN",
    )
    """Classifiers that judge texts and pictures after the local rules (docs/moderation.md#classifiers)."""
    openai_moderation_model: str = Field(
        default="omni-moderation-latest", validation_alias="REELWRIGHT_OPENAI_MODERATION_MODEL"
    )
    azure_safety_key: SecretStr | None = Field(default=None, validation_alias="AZURE_CONTENT_SAFETY_KEY")
    azure_safety_endpoint: str = Field(
        default="", pattern=r"^(https?://\S+)?$", validation_alias="AZURE_CONTENT_SAFETY_ENDPOINT"
    )
    mistral_api_key: SecretStr | None = Field(default=None, validation_alias="MISTRAL_API_KEY")
    mistral_base_url: str | None = Field(default=None, validation_alias="MISTRAL_BASE_URL")
    mistral_moderation_model: str = Field(
        default="mistral-moderation-2603", validation_alias="REELWRIGHT_MISTRAL_MODERATION_MODEL"
    )
    openmoji_pictures: bool = Field(default=True, validation_alias="REELWRIGHT_OPENMOJI_PICTURES")
    feed_allow_private: bool = Field(default=False, validation_alias="REELWRIGHT_FEED_ALLOW_PRIVATE")
    feed_host_delay_s: float = Field(default=2.0, ge=0, le=60, validation_alias="REELWRIGHT_FEED_HOST_DELAY_S")
    feed_duplicate_days: int = Field(default=30, ge=1, le=3_650, validation_alias="REELWRIGHT_FEED_DUPLICATE_DAYS")
    feed_duplicate_share: float = Field(default=0.5, gt=0, le=1, validation_alias="REELWRIGHT_FEED_DUPLICATE_SHARE")
    """Harvesting (docs/feeds.md): the pause between two articles of one host; for how long texts are compared, and what
    share of a text makes it the same story."""

    request_days: int = Field(default=180, ge=1, le=36_500, validation_alias="REELWRIGHT_REQUEST_DAYS")
    """For how long an answer that was bought is found again by the same request (docs/providers-chains.md)."""

    own_media_bytes: int = Field(default=2_000_000_000, ge=1_000, validation_alias="REELWRIGHT_OWN_MEDIA_BYTES")
    own_media_seconds: float = Field(default=3_600, ge=1, le=86_400, validation_alias="REELWRIGHT_OWN_MEDIA_SECONDS")
    own_media_fetch_s: float = Field(default=600, ge=1, le=3_000, validation_alias="REELWRIGHT_OWN_MEDIA_FETCH_S")
    own_media_buckets: str = Field(default="", validation_alias="REELWRIGHT_OWN_MEDIA_BUCKETS")
    own_media_allow_private: bool = Field(default=False, validation_alias="REELWRIGHT_OWN_MEDIA_ALLOW_PRIVATE")

    c2pa_certificate: Path | None = Field(default=None, validation_alias="REELWRIGHT_C2PA_CERTIFICATE")
    c2pa_key: Path | None = Field(default=None, validation_alias="REELWRIGHT_C2PA_KEY")
    """The files of the certificates (PEM, the signer's first) and the private key that sign what is delivered; without
    them the studio signs with its own."""

    deployment: str = Field(
        default="reelwright", pattern="^[A-Za-z0-9_-]{0,64}$", validation_alias="REELWRIGHT_DEPLOYMENT"
    )
    build_id: str = Field(default="", pattern="^[A-Za-z0-9._+-]{0,64}$", validation_alias="REELWRIGHT_BUILD_ID")
    promote: str = Field(default="first", pattern="^(first|always)$", validation_alias="REELWRIGHT_PROMOTE")

    render_slots: int = Field(default=2, ge=1, le=64, validation_alias="REELWRIGHT_RENDER_SLOTS")
    encoder_threads: int = Field(default=1, ge=1, le=64, validation_alias="REELWRIGHT_ENCODER_THREADS")
    encoder_preset: str = Field(
        default="veryfast",
        pattern="^(superfast|veryfast|faster|fast|medium|slow)$",
        validation_alias="REELWRIGHT_ENCODER_PRESET",
    )
    encoder: str = Field(
        default="auto", pattern="^(auto|x264|nvenc|qsv|videotoolbox|vaapi)$", validation_alias="REELWRIGHT_ENCODER"
    )
    picture_size: int = Field(default=2304, ge=256, le=8192, validation_alias="REELWRIGHT_PICTURE_SIZE")
    cache_bytes: int = Field(default=4_000_000_000, ge=0, validation_alias="REELWRIGHT_CACHE_BYTES")
    log_level: str = Field(
        default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", validation_alias="REELWRIGHT_LOG_LEVEL"
    )
    health_port: int = Field(default=0, ge=0, le=65_535, validation_alias="REELWRIGHT_HEALTH_PORT")
    health_file: Path | None = Field(default=None, validation_alias="REELWRIGHT_HEALTH_FILE")
    """Where a worker process serves its health (`workers.health`): a port of loopback, 0 for none; or the file that it
    writes the port into."""

    @property
    def feed_likeness(self) -> Likeness:
        """When two items of feeds are the same story."""
        from reelwright.domain.feeds.harvest import Likeness

        return Likeness(self.feed_duplicate_share, self.feed_duplicate_days)

    @property
    def media_location(self) -> str:
        """Where media is kept: an S3 URL, or a folder inside the state directory."""
        return self.media_url or str(self.state_dir.resolve() / "media")

    @property
    def marking_folder(self) -> Path:
        """Where the studio's own certificate and its key are kept."""
        return self.state_dir.resolve() / "marking"


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """The settings, or `InvalidInput` naming the variable."""
    try:
        return Settings()
    except ValidationError as error:
        raise explain(error) from error
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(error) from error


@lru_cache(maxsize=1)
def load_platforms() -> PlatformSettings:
    """The platforms' settings, or `InvalidInput` naming the variable."""
    from .platform_settings import PlatformSettings

    try:
        return PlatformSettings()
    except ValidationError as error:
        raise explain(error) from error
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(error) from error


@lru_cache(maxsize=1)
def load_providers() -> ProviderSettings:
    """The providers' settings, or `InvalidInput` naming the variable."""
    from .provider_settings import ProviderSettings

    try:
        return ProviderSettings()
    except ValidationError as error:
        raise explain(error) from error
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(error) from error


def unreadable(error: OSError | UnicodeDecodeError) -> InvalidInput:
    """A `.env` that is there and cannot be read; nothing of what is in it is quoted."""
    why = error.strerror if isinstance(error, OSError) else f"not UTF-8 text (byte {error.start})"
    return InvalidInput(f"it cannot be read: {why}", field=".env", remedy="mend it, or remove it")


def secret(value: SecretStr | None) -> str:
    """The secret itself, or an empty string."""
    return value.get_secret_value() if value else ""
