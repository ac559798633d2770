"""The watcher's one question to a real Temporal server, over both clients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from control import publications
from control.board import boards_of, today
from control.board_watcher import BoardWatcher
from control.studio import Books
from control.temporal.http import HttpClient
from control.temporal.sdk import SdkHandle
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from reelwright.storage.database import connect
from tests.servers import Servers, copied

from .conftest import FakeStudio, eventually

SCRIPT = "A scene.\n\nAnother one."


@pytest.fixture
async def books(servers: Servers) -> AsyncIterator[Books]:
    pool = await connect(await copied(servers.need("postgres")))
    yield Books(pool, SecretStr("unused"))
    await pool.close()


async def test_reviews_and_parked_posts_are_seen(studio: FakeStudio, books: Books, servers: Servers) -> None:
    studio.youtube.fail_before, studio.youtube.untold = 1, True
    asks = await studio.start(ContentRequest(script=SCRIPT, platforms=(Platform.YOUTUBE,)), "content-asks")
    parks = await studio.start(
        ContentRequest(script=SCRIPT, auto_approve=True, platforms=(Platform.YOUTUBE,)), "content-parks"
    )
    http = HttpClient(servers.need("temporal").http, studio.client.namespace, studio.temporal.sdk)
    clients: list[Any] = [studio.temporal, http]

    async def client() -> Any:
        return clients[0]

    watch = BoardWatcher(books.pool, client, lambda: 1)

    async def both() -> bool:
        await watch.turn()
        clients.reverse()
        found = await today(books)
        return bool(found.reviews and found.wanting)

    await eventually(both)
    found = await today(books)
    assert not found.counts.watched.trouble
    assert [(row.content_id, row.stage, row.review) for row in found.reviews] == [("asks", "review", "wanted")]
    assert [(row.key, row.stage, row.workflow_id) for row in found.wanting] == [
        ("parks/youtube/default", "parked", publish_workflow_id("parks", "youtube", "default"))
    ]
    await asks.terminate()
    post = studio.client.get_workflow_handle(publish_workflow_id("parks", "youtube", "default"))
    await publications.settle(SdkHandle(studio.client, post), post_id=None, url="", by="ana")
    await parks.result()
    await books.pool.execute("update boards set filed = true")  # as a worker on this database would have

    async def neither() -> bool:
        await books.pool.execute("update boards set updated = now() - interval '1 minute' where ended is null")
        await watch.turn()
        return not (await today(books)).wanting and (await boards_of(books, ["asks"]))[0].stage == "terminated"

    await eventually(neither)
