"""No test here asks for a host outside."""

from __future__ import annotations

import ipaddress

import pytest

from reelwright.providers.feeds import pinned


@pytest.fixture(autouse=True)
def _no_host_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int) -> list[pinned.Address]:
        try:
            return [ipaddress.ip_address(host)]
        except ValueError:
            raise pinned.UnknownHost(host, temporary=False) from None

    monkeypatch.setattr(pinned, "resolve", resolve)
