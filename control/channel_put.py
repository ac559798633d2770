"""Changing one channel from a configuration that comes from no file: checked as a file is, and only over the version
that was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reelwright.domain.channels.config import Capability, ChannelConfig
from reelwright.domain.channels.versions import Applied
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role
from reelwright.domain.ports.channels import PolicyShelf

from .access import allowed
from .names import named_channel
from .studio import Books

Providers = Mapping[Capability, Sequence[str]]


@allowed(Role.ADMIN)
async def put(
    books: Books, config: ChannelConfig, *, by: str, policies: PolicyShelf, providers: Providers, expected: int
) -> Applied:
    """A new version, unless nothing has changed. `expected` is the newest version that the caller knows, 0 for a new
    channel; `providers` are the known ones. Raises `ChannelMoved`, and `InvalidInput` with the field."""
    if config.moderation is not None:
        policies.find(config.moderation)
    check_providers(config.providers, providers)
    return (await books.channels.apply([config], by=by, expected={config.name: expected}))[0]


@allowed(Role.ADMIN)
async def roll_back(books: Books, name: str, version: int, *, by: str, expected: int) -> Applied:
    """A new version with the configuration of an earlier one. Raises `ChannelMoved`."""
    return await books.channels.rollback(_named(name), version, by=by, expected={name: expected})


@allowed(Role.ADMIN)
async def set_providers(
    books: Books, channel: str, chosen: Providers, *, by: str, known: Providers, expected: int | None = None
) -> Applied:
    """Other providers for some capabilities of a channel, in their order; an empty list takes the channel's own choice
    away. Raises as `put`."""
    name = _named(channel)
    check_providers(chosen, known)

    def changed(config: ChannelConfig) -> ChannelConfig:
        data = config.as_data()
        own = data.get("providers", {}) | {capability: list(names) for capability, names in chosen.items()}
        data["providers"] = {capability: names for capability, names in own.items() if names}
        if not data["providers"]:
            del data["providers"]
        return ChannelConfig.model_validate(data)

    return await books.channels.change(name, changed, by=by, expected=None if expected is None else {name: expected})


def check_providers(chosen: Providers, known: Providers) -> None:
    """Raises `InvalidInput` for a name that is not among the known ones of its capability."""
    for capability, names in chosen.items():
        unknown = [name for name in names if name not in known[capability]]
        if unknown:
            raise InvalidInput(
                f"there is no provider {unknown[0][:60]!r} for {capability}",
                field=f"providers.{capability}",
                remedy=f"use {', '.join(known[capability])}",
            )


def _named(channel: str) -> str:
    name = named_channel(channel)
    assert name is not None
    return name
