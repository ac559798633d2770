"""A real Chromium on a console that is served on loopback. Any error in the browser's console, a violated policy among
them, fails the test."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright
from starlette.applications import Starlette

from console.access import recognise
from console.app import create_app
from console.parts import ConsoleSettings
from tests.console_app import parts_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: apt-get install chromium")


@asynccontextmanager
async def served(pool: Any, *, host: str = "127.0.0.1", **more: Any) -> AsyncIterator[str]:
    """The console with its own sessions, on a free port of loopback: its address, by which `host` browsers call it."""
    config = uvicorn.Config(Starlette(), port=0, lifespan="off", log_level="warning", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    sockets = [config.bind_socket()]
    address = f"http://{host}:{sockets[0].getsockname()[1]}"
    parts = parts_of(pool=pool, recognise=recognise, **more)
    config.app = create_app(replace(parts, settings=ConsoleSettings(public_url=address, version="test")))
    serving = asyncio.create_task(server.serve(sockets=sockets))
    try:
        yield address
    finally:
        server.should_exit = True
        await serving


@dataclass
class Seen:
    """What the browser has complained of."""

    errors: list[str] = field(default_factory=list)

    def watch(self, page: Page, *, expected: tuple[str, ...] = ()) -> None:
        """Notes errors, but those that hold one of the `expected` texts."""

        def said(message: ConsoleMessage) -> None:
            if message.type == "error" and not any(text in message.text for text in expected):
                self.errors.append(message.text)

        page.on("console", said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser, headless."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()
