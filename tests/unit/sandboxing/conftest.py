"""No request leaves, no try waits, and no setting comes from outside."""

from __future__ import annotations

import httpx
import pytest
import tenacity

from reelwright.platforms.common import http as platform_http
from workers.platform_settings import PlatformSettings

from .kit import Wire, variable


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    recorded = Wire()

    async def handle(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        return await recorded.handle(transport, request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    return recorded


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the pauses between tries."""
    monkeypatch.setattr(platform_http, "wait_exponential_jitter", lambda **_: tenacity.wait_none())


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PlatformSettings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
