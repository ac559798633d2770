"""The providers' settings: each vendor's own, by the models in the `specs.py` of its capability, the order in which
they are tried, and how many calls each may have at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from pydantic import BaseModel, Field, create_model

from reelwright.domain.capability import CAPABILITIES, Capability
from reelwright.domain.errors import InvalidInput
from reelwright.providers.common.spec import ProviderSpec
from reelwright.providers.registry import specs

from .environment import SecretSettings

AUTO = "auto"
_NAMES = r"^\s*([A-Za-z0-9_-]+\s*(,\s*[A-Za-z0-9_-]+\s*)*)?$"
CONCURRENCY = "REELWRIGHT_CONCURRENCY"
MOST_CALLS = 1_000


def _read(settings: type[BaseModel]) -> BaseModel:
    """A vendor's settings from the environment. Vendors' fields may have the same names, so each is a model of its
    own."""
    reading: type[BaseModel] = create_model(settings.__name__, __base__=(settings, SecretSettings))
    return reading()


def vendor_variables(capabilities: Collection[Capability] = CAPABILITIES) -> tuple[str, ...]:
    """The environment variables of the vendors of these capabilities."""
    vendors = [spec.settings for (capability, _), spec in specs().items() if capability in capabilities]
    names = [str(field.validation_alias) for model in vendors for field in model.model_fields.values()]
    return tuple(dict.fromkeys(names))


class ProviderSettings(SecretSettings):
    """`providers_<capability>`: names in the order they are tried, or `auto`: those that have a key, in the documented
    order (docs/providers-chains.md). What is made offline ends each of them."""

    providers_writing: str = Field(default=AUTO, pattern=_NAMES, validation_alias="REELWRIGHT_PROVIDERS_WRITING")
    providers_speech: str = Field(default=AUTO, pattern=_NAMES, validation_alias="REELWRIGHT_PROVIDERS_SPEECH")
    providers_images: str = Field(default=AUTO, pattern=_NAMES, validation_alias="REELWRIGHT_PROVIDERS_IMAGES")
    providers_clips: str = Field(default=AUTO, pattern=_NAMES, validation_alias="REELWRIGHT_PROVIDERS_CLIPS")
    providers_music: str = Field(default=AUTO, pattern=_NAMES, validation_alias="REELWRIGHT_PROVIDERS_MUSIC")
    concurrency: str = Field(default="", validation_alias=CONCURRENCY)
    """`elevenlabs=5,openai/images=2`: the most calls that all workers together make to a provider at once, for each of
    its capabilities or for one."""

    @cached_property
    def _vendors(self) -> Mapping[type[BaseModel], BaseModel]:
        return {spec.settings: _read(spec.settings) for spec in specs().values()}

    def of(self, spec: ProviderSpec[Any]) -> Any:
        """The settings of one provider."""
        return self._vendors[spec.settings]

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
