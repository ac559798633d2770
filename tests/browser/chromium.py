"""Chromium as Debian has it, driven by playwright. What the console of a page reports as an error fails the test."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt-get install chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-extensions", "--disable-background-networking"]


@asynccontextmanager
async def browser() -> AsyncIterator[Any]:
    """One browser, for several contexts."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield opened
        finally:
            await opened.close()


@contextmanager
def no_errors(page: Any, *but: str) -> Iterator[list[str]]:
    """Fails for what the page's console reports; `but` are parts of what a test provokes."""
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(f"{error}"))
    page.on("console", lambda message: message.type == "error" and told.append(f"{message.text} {message.location}"))
    yield told
    assert not [text for text in told if not any(part in text for part in but)]
