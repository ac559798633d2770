"""The chains of providers, built from the settings: who writes, speaks, draws and composes, in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from reelwright.domain.chains import Link, Patience, ProviderList
from reelwright.domain.channels.config import Capability
from reelwright.domain.errors import InvalidInput
from reelwright.providers.common.lifecycles import ended
from reelwright.providers.common.spec import ProviderSpec, Tools
from reelwright.providers.registry import OFFLINE, ORDER, names_of, specs
from workflows import policies

from .provider_settings import ProviderSettings
from .settings import Settings

if TYPE_CHECKING:
    from activities.content.buying import Purchasing
    from reelwright.storage.stock import PostgresStock

WRITER = "REELWRIGHT_WRITER"


def build_purchasing(pool: Any) -> Purchasing:
    """What all workers share of their purchases; `pool` is an `asyncpg.Pool`."""
    from activities.content.buying import Purchasing
    from reelwright.storage.channels import PostgresChannels
    from reelwright.storage.failure_log import PostgresFailureLog
    from reelwright.storage.gate import PostgresGate
    from reelwright.storage.requests import PostgresRequests

    patience = Patience(policies.PROVIDER_TRIES, policies.PROVIDER_PATIENCE)
    return Purchasing(
        PostgresRequests(pool), PostgresGate(pool), PostgresFailureLog(pool), PostgresChannels(pool), patience
    )


@dataclass(frozen=True)
class Shared:
    """What adapters need of the database: which found works were shown, and what libraries have answered."""

    stock: PostgresStock


def tools_of(settings: Settings, shared: Shared | None = None) -> Tools:
    """What the adapters are given besides their settings."""
    from reelwright.domain.costs.prices import PriceTable

    return Tools(PriceTable.read(settings.prices), shared)


def provider_list(
    capability: Capability,
    settings: Settings,
    providers: ProviderSettings,
    tools: Tools,
    offline: Callable[[], Any] | None = None,
) -> ProviderList[Any]:
    """The providers of a capability, each with its key or with what it lacks. `offline` makes what ends every chain;
    without it that is made in another process, and this one only asks what the others would cost. Raises `InvalidInput`
    where the settings name one that is not there, or has no key: a worker that cannot ask it must not take work."""
    links: dict[str, Link[Any]] = {}
    for (kind, name), spec in specs().items():
        if kind == capability and name != OFFLINE.get(capability):
            links[name] = _link(spec, providers, tools)
    if last := OFFLINE.get(capability):
        links[last] = Link(last, offline or _made_elsewhere, offline=True)
    return ProviderList(links, _order(capability, links, settings, providers))


def _made_elsewhere() -> None:
    """In place of an offline maker that another pool has: it is named, and costs nothing."""


def missing_keys(providers: ProviderSettings) -> Mapping[tuple[Capability, str], tuple[str, ...]]:
    """The variables that each provider lacks."""
    return {key: spec.missing(providers.of(spec)) for key, spec in specs().items()}


def _link(spec: ProviderSpec[Any], providers: ProviderSettings, tools: Tools) -> Link[Any]:
    own = providers.of(spec)
    missing = spec.missing(own)
    lacks = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set" if missing else ""
    return Link(
        spec.name,
        partial(_built, spec, own, tools),
        offline=spec.offline,
        lacks=lacks or ended(spec.name, spec.models(own)),
        concurrency=providers.calls(spec.name, spec.capability, spec.concurrency),
    )


def _built(spec: ProviderSpec[Any], own: Any, tools: Tools) -> Any:
    maker = spec.build(own, tools)
    if spec.capability != "writing":
        return maker
    from reelwright.providers.writing.studio import StudioWriter

    return StudioWriter(maker)


def _order(
    capability: Capability, links: Mapping[str, Link[Any]], settings: Settings, providers: ProviderSettings
) -> tuple[str, ...]:
    """The names in the order they are tried where a channel names none."""
    named, field = providers.named(capability), f"REELWRIGHT_PROVIDERS_{capability.upper()}"
    if named is None and capability == "writing" and settings.writer != "auto":
        named, field = () if settings.writer == "offline" else (settings.writer,), WRITER
    if named is None:
        return tuple(name for name in ORDER[capability] if name in links and not links[name].lacks)
    for name in named:
        if name not in links:
            known = ", ".join(names_of(capability))
            raise InvalidInput(f"there is no provider {name!r} for {capability}", field=field, remedy=f"use {known}")
        if links[name].lacks:
            raise InvalidInput(
                f"{name} is named, but {links[name].lacks}", field=field, remedy="set it, or leave the name out"
            )
    return named
