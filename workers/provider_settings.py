"""The providers' settings: each vendor's own, from the `specs.py` of its capability, the order in which they are tried,
and how many calls each may have at once."""

from __future__ import annotations

from typing import Any

from pydantic import Field, create_model
from pydantic_settings import SettingsConfigDict

from reelwright.domain.channels.config import Capability
from reelwright.domain.errors import InvalidInput
from reelwright.providers.registry import specs

from .environment import ENV_FILE, SecretSettings

AUTO = "auto"
_NAMES = r"^\s*([A-Za-z0-9_-]+\s*(,\s*[A-Za-z0-9_-]+\s*)*)?$"
CONCURRENCY = "REELWRIGHT_CONCURRENCY"
MOST_CALLS = 1_000

_Fields: Any = create_model("_Fields", __base__=tuple(dict.fromkeys(spec.settings for spec in specs().values())))
"""Each vendor's own. Two capabilities of a vendor share its key."""


class ProviderSettings(_Fields, SecretSettings):
    """`providers_<capability>`: names in the order they are tried, or `auto`: those that have a key, in the documented
    order (docs/providers-chains.md). What is made offline ends each of them."""

    model_config = SettingsConfigDict(env_file=ENV_FILE, extra="ignore", frozen=True)

    providers_writing: str = Field(default=AUTO, pattern=_NAMES, validation_alias="REELWRIGHT_PROVIDERS_WRITING")
    providers_speech: str = Field(default=AUTO, pattern=_NAMES, validation_alias="REELWRIGHT_PROVIDERS_SPEECH")
    providers_images: str = Field(default=AUTO, pattern=_NAMES, validation_alias="REELWRIGHT_PROVIDERS_IMAGES")
    providers_clips: str = Field(default=AUTO, pattern=_NAMES, validation_alias="REELWRIGHT_PROVIDERS_CLIPS")
    providers_music: str = Field(default=AUTO, pattern=_NAMES, validation_alias="REELWRIGHT_PROVIDERS_MUSIC")
    concurrency: str = Field(default="", validation_alias=CONCURRENCY)
    """`elevenlabs=5,openai/images=2`: the most calls that all workers together make to a provider at once, for each of
    its capabilities or for one."""

    def named(self, capability: Capability) -> tuple[str, ...] | None:
        """The names of a capability's chain; None for `auto`."""
        given = str(getattr(self, f"providers_{capability}"))
        names = tuple(dict.fromkeys(name.strip() for name in given.split(",") if name.strip()))
        return None if names in ((), (AUTO,)) else names

    def calls(self, name: str, capability: Capability, usual: int) -> int:
        """How many calls a provider may have at once. Raises `InvalidInput` for a setting that cannot be read."""
        given = dict(self._calls())
        return given.get(f"{name}/{capability}", given.get(name, usual))

    def _calls(self) -> list[tuple[str, int]]:
        found = []
        for part in filter(None, (part.strip() for part in self.concurrency.split(","))):
            name, _, count = (each.strip() for each in part.partition("="))
            if not (name and count.isdecimal() and 1 <= int(count) <= MOST_CALLS):
                raise InvalidInput(
                    f"{part[:60]!r} is not a provider and a number from 1 to {MOST_CALLS:,}",
                    field=CONCURRENCY,
                    remedy="write elevenlabs=5,openai/images=2",
                )
            found.append((name, int(count)))
        return found
