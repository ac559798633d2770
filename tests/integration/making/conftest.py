"""Providers are known by their names, and their health is that of all tests of this process's database."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
async def healthy(pool: Any) -> None:
    """Every test begins with providers that nothing is known of."""
    await pool.execute("delete from provider_health; delete from provider_calls")
