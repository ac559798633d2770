"""The wiring of connecting accounts: each platform's way, with the client, the addresses and the origin of its site."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TypeAlias

from control.connecting import Desk
from control.studio import Books
from reelwright.domain.formats import Platform
from reelwright.domain.ports.connecting import Connector
from reelwright.platforms.registry import SPECS

from .platform_settings import PlatformSettings
from .publishers import build_tokens
from .sandboxing import Clients, Sites, clients, sites

Connectors: TypeAlias = Mapping[Platform, Connector]


@asynccontextmanager
async def connect_desk(books: Books, settings: PlatformSettings) -> AsyncIterator[Desk]:
    """What connecting is done with. Raises `InvalidInput` for settings that contradict each other."""
    decided = sites(settings)
    async with clients(settings) as http:
        tokens = build_tokens(decided, http, books.accounts)

        async def access_token(platform: Platform, account: str, rejected: str) -> str:
            return await tokens[platform].access_token(account, rejected=rejected)

        yield Desk(books, _connectors(decided, http), access_token)


@asynccontextmanager
async def connectors(settings: PlatformSettings) -> AsyncIterator[Connectors]:
    """Each platform's way, without a studio: enough to say what is to be set."""
    async with clients(settings) as http:
        yield _connectors(sites(settings), http)


def _connectors(decided: Sites, http: Clients) -> Connectors:
    return {
        platform: spec.connect(http[site.origin], site.settings, site.origin)
        for platform, spec in SPECS.items()
        if spec.connect is not None and (site := decided[platform])
    }
