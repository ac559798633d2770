"""A content that runs is listed as Temporal knows it, in the line of its row in the database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from control.listing import contents_listed
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.formats import Platform
from reelwright.storage.contents import FiledContent

from .conftest import FakeStudio, eventually
from .test_content_pipeline import SCRIPT

ODD = 'content-it\'s \\ "odd" ü'
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Books:
    """A database with these rows, all of them running."""

    def __init__(self, *workflow_ids: str) -> None:
        self.rows = [
            FiledContent(f"row-{number}", id, "running", "A title", "default", 0.0, LONG_AGO, None)
            for number, id in enumerate(workflow_ids)
        ]

    async def page(self, limit: int, **_: Any) -> list[FiledContent]:
        return self.rows

    async def of_workflows(self, ids: Collection[str]) -> dict[str, FiledContent]:
        return {row.workflow_id: row for row in self.rows if row.workflow_id in ids}


async def stages(studio: FakeStudio, books: Any) -> dict[str, str]:
    page = await contents_listed(studio.temporal, books, stage=None, limit=500)
    return {row.workflow_id: row.stage for row in page.rows}


async def test_a_running_content_is_found_whatever_its_workflow_id(studio: FakeStudio) -> None:
    request = ContentRequest(script=SCRIPT, platforms=(Platform.YOUTUBE,))
    await studio.start(request, ODD)

    async def waits() -> bool:
        return (await stages(studio, Books(ODD)))[ODD] == "review"

    await eventually(waits)


async def test_one_that_has_not_opened_its_books_is_listed(studio: FakeStudio) -> None:
    handle = await studio.client.start_workflow(
        "ContentPipeline", ContentRequest(script=SCRIPT), id="content-unserved", task_queue="nobody-serves-it"
    )

    async def listed() -> bool:
        return (await stages(studio, Books())).get("content-unserved") == "accepted"

    await eventually(listed)
    await handle.terminate()
