"""The environment variables of each child of `up`: those that it needs, and no secrets of other children.

The environment of a process can be read by every process of the same user, appears in crash reports, and is inherited
by child processes. So each child gets the variables that every program may need, and those that its work needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from reelwright.domain.channels.config import Capability
from workers.platform_settings import PlatformSettings
from workers.provider_settings import ProviderSettings, vendor_variables
from workers.settings import Settings

_SYSTEM = (
    r"PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TZDIR|TERM|TMPDIR|TMP|TEMP|XDG_\w+|SYSTEMROOT",
    r"LD_LIBRARY_PATH|DYLD_\w+|VIRTUAL_ENV|PYTHON\w+|SSL_CERT_FILE|SSL_CERT_DIR",
    r"(?:OMP|OPENBLAS|MKL|NUMEXPR|VECLIB)_\w*THREADS",
)
_NETWORK = r"(?:HTTPS?|ALL|NO)_PROXY|GRPC_PROXY|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
"""A proxy's address may hold a password, so only for those that go out."""
_STORES = r"TEMPORAL_\w+|AWS_\w+|BOTO_CONFIG"
_GRAPHICS = r"IMAGEIO_FFMPEG_EXE|CUDA_\w+|NVIDIA_\w+|LIBVA_\w+"
_GO = r"GOGC|GOMEMLIMIT|GOMAXPROCS"
"""How much memory Temporal's server takes for less processor time, and how many processors."""
RENDER_SETTINGS = (
    *("REELWRIGHT_STATE_DIR", "DATABASE_URL", "REELWRIGHT_MEDIA_URL", "REELWRIGHT_S3_ENDPOINT_URL"),
    *("REELWRIGHT_S3_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "REELWRIGHT_LOG_LEVEL"),
    *("REELWRIGHT_RENDER_SLOTS", "REELWRIGHT_ENCODER_THREADS", "REELWRIGHT_ENCODER_PRESET", "REELWRIGHT_ENCODER"),
    *("REELWRIGHT_PICTURE_SIZE", "REELWRIGHT_OPENMOJI_PICTURES", "REELWRIGHT_CACHE_BYTES"),
    *("REELWRIGHT_OWN_MEDIA_BYTES", "REELWRIGHT_OWN_MEDIA_SECONDS", "REELWRIGHT_OWN_MEDIA_FETCH_S"),
    *("REELWRIGHT_OWN_MEDIA_BUCKETS", "REELWRIGHT_OWN_MEDIA_ALLOW_PRIVATE"),
    *("REELWRIGHT_C2PA_CERTIFICATE", "REELWRIGHT_C2PA_KEY"),
    *("REELWRIGHT_HEALTH_PORT", "REELWRIGHT_HEALTH_FILE"),
)
"""The settings that drawing and encoding need: no platform's token, and not the vault's."""
_MAKING: frozenset[Capability] = frozenset({"images", "clips", "music"})
MAKING_SETTINGS = tuple(
    sorted(
        {
            "REELWRIGHT_PRICES",
            "REELWRIGHT_CONCURRENCY",
            *(f"REELWRIGHT_PROVIDERS_{capability.upper()}" for capability in _MAKING),
            *vendor_variables(_MAKING),
        }
    )
)
"""What the providers of pictures, clips and music need, which the render pool asks: their keys, and no others."""
CONSOLE_SETTINGS = (
    *("REELWRIGHT_STATE_DIR", "DATABASE_URL", "REELWRIGHT_SECRET_KEY", "REELWRIGHT_LINK_KEY", "REELWRIGHT_LOG_LEVEL"),
    *("REELWRIGHT_MEDIA_URL", "REELWRIGHT_S3_ENDPOINT_URL", "REELWRIGHT_S3_REGION", "REELWRIGHT_POLICIES"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "REELWRIGHT_PRICES", "REELWRIGHT_SANDBOX_URL"),
    *("REELWRIGHT_OWN_MEDIA_BYTES", "REELWRIGHT_OWN_MEDIA_SECONDS", "REELWRIGHT_OWN_MEDIA_FETCH_S"),
    *("REELWRIGHT_OWN_MEDIA_BUCKETS", "REELWRIGHT_OWN_MEDIA_ALLOW_PRIVATE", r"REELWRIGHT_CONSOLE_\w+"),
    *("REELWRIGHT_TEMPORAL_UI_URL", r"REELWRIGHT_CONNECT_\w+", r"REELWRIGHT_OIDC_\w+"),
)
"""What the pages need: no provider's key, and of the platforms what connecting an account needs."""
_MODELS = r"OPENAI_\w+|ANTHROPIC_\w+"


def _settings() -> tuple[str, ...]:
    models = (Settings, PlatformSettings, ProviderSettings)
    fields = [field for model in models for field in model.model_fields.values()]
    own = tuple(field.validation_alias for field in fields if isinstance(field.validation_alias, str))
    return (*(name for name in own if name != "REELWRIGHT_TOKEN"), *vendor_variables())  # that one is a person's


def _platforms() -> tuple[str, ...]:
    """The platforms' own settings, first tokens among them: with and without one a platform is another place, and all
    processes must decide the same (`sandboxing`). The notices' webhook is none of them."""
    names = (str(field.validation_alias) for field in PlatformSettings.model_fields.values())
    return tuple(name for name in names if not name.startswith("DISCORD"))


NEEDS: Mapping[str, tuple[str, ...]] = {
    "temporal": (_GO,),
    "postgres": (),
    "sandbox": (),
    "cpu": (_NETWORK, _STORES, _MODELS, *_settings()),
    "console": (_NETWORK, _STORES, *CONSOLE_SETTINGS, *_platforms()),
    "render": (_NETWORK, _STORES, _GRAPHICS, *RENDER_SETTINGS, *MAKING_SETTINGS),
}
"""By the child's name; patterns of variables, on top of what every program may need. One that is not listed gets
nothing more."""


def child_env(name: str, *sources: Mapping[str, str]) -> dict[str, str]:
    """The variables of `sources` that the child of this name needs; a later source wins."""
    wanted = _pattern([*_SYSTEM, *NEEDS.get(name, ())])
    return {variable: value for source in sources for variable, value in source.items() if wanted.fullmatch(variable)}


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(names), re.IGNORECASE)  # settings are case-insensitive
