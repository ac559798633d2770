"""The providers' lists of models in the books: one worker a day asks, and `doctor` tells what was said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from control.doctor import Note, model_ends
from reelwright.providers.common.lists import ModelList
from reelwright.storage.model_lists import PostgresModelLists
from tests.servers import Servers
from tests.unit.test_lifecycles import Lists
from workers.model_watch import look

from ..conftest import database_of_its_own


@pytest.fixture
def lists() -> Iterator[Lists]:
    lists = Lists()
    yield lists
    lists.server.shutdown()
    lists.server.server_close()


async def test_the_list_is_asked_once_a_day_and_doctor_tells_what_it_says(
    servers: Servers, lists: Lists, caplog: pytest.LogCaptureFixture
) -> None:
    soon = (datetime.now(UTC) + timedelta(days=30)).date()
    lists.pages = [{"data": [{"id": "gpt-6-luna", "shutdown_date": soon.isoformat()}]}, {"data": "none"}, {"data": []}]
    asked, configured = [ModelList("openai", SecretStr("sk-list-0123456789"), lists.url)], {"openai": ["gpt-6-luna"]}
    async with database_of_its_own(servers) as pool:
        books, dsn = PostgresModelLists(pool), await address(servers, pool)
        assert await model_ends(dsn, configured, []) == "openai's gpt-6-luna: no end is known within 60 days"
        with caplog.at_level(logging.WARNING):
            await asyncio.gather(*(look(asked, books, configured) for _ in range(4)))
        assert len(lists.asked) == 1, "of four workers one has asked"
        assert f"openai's gpt-6-luna ends on {soon}, in 30 days" in caplog.text
        told = await model_ends(dsn, configured, [])
        assert isinstance(told, Note) and f"gpt-6-luna ends on {soon}" in told.text

        await pool.execute("update model_lists set asked_at = now() - interval '25 hours'")
        await look(asked, books, configured)
        (kept,) = await books.all()
        assert kept.ends[0].ends == soon and "is none" in kept.problem, "an answer that is none takes nothing away"
        told = await model_ends(dsn, configured, [])
        assert isinstance(told, Note) and "openai's list of models was not read" in told.text

        await pool.execute("update model_lists set asked_at = now() - interval '25 hours'")
        await look(asked, books, configured)
        assert (await books.all())[0].ends == () and (await books.all())[0].problem == ""
        assert len(lists.asked) == 3


async def address(servers: Servers, pool: Any) -> str:
    """That of the pool's own database."""
    name = await pool.fetchval("select current_database()")
    return f"{servers.need('postgres').rsplit('/', 1)[0]}/{name}"
