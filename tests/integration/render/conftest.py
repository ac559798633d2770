"""What the render tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .made import RENDERER


@pytest.fixture(scope="session", autouse=True)
async def processes_are_kept() -> AsyncIterator[None]:
    """Half a second of imports for each call of the renderer that all tests share, otherwise."""
    async with RENDERER:
        yield
