"""The wiring of connecting accounts: each platform's way, with the client, the addresses and the origin of its site."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from control.connecting import Desk
from control.studio import Books
from reelwright.domain.formats import Platform
from reelwright.platforms.registry import SPECS

from .platform_settings import PlatformSettings
from .publishers import build_tokens
from .sandboxing import clients, sites


@asynccontextmanager
async def connect_desk(books: Books, settings: PlatformSettings) -> AsyncIterator[Desk]:
    """What connecting is done with. Raises `InvalidInput` for settings that contradict each other."""
    decided = sites(settings)
    async with clients(settings) as http:
        connectors = {
            platform: spec.connect(http[decided[platform].origin], decided[platform].settings, decided[platform].origin)
            for platform, spec in SPECS.items()
            if spec.connect is not None
        }
        tokens = build_tokens(decided, http, books.accounts)

        async def access_token(platform: Platform, account: str) -> str:
            return await tokens[platform].access_token(account)

        yield Desk(books, connectors, access_token)
