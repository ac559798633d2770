"""The desk that the tests of this folder share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from control.connecting import Desk

from ..conftest import Sandbox
from .kit import desk_on


@pytest.fixture
async def desk(pool: Any, sandbox: Sandbox) -> AsyncIterator[Desk]:
    """On the sandbox, without accounts: who is connected twice is refused."""
    await pool.execute("delete from accounts")
    await pool.execute("delete from connections")
    await pool.execute("delete from grants")
    async with desk_on(pool, sandbox) as desk:
        yield desk
