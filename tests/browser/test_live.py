"""Live rows in a real Chromium, under the real policy: one stream for all tabs, rows that change in their place."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from reelwright.storage.board_watch import PostgresBoardWatch, Seen
from reelwright.storage.database import connect
from tests.console_server import answered
from tests.servers import Servers, copied, emptied, free_port

from ..integration.storage.filing import open_content
from .chromium import Seen as Complaints
from .chromium import chromium as launched
from .chromium import needs_chromium

pytestmark = [pytest.mark.browser, pytest.mark.lengthy, needs_chromium]
PATIENCE_MS = 600_000
STREAM_BROKEN = "ERR_"


@pytest.fixture(scope="module")
async def dsn(servers: Servers) -> str:
    return await copied(servers.need("postgres"))


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[Any]:
    pool = await connect(dsn)
    await emptied(pool)
    yield pool
    await pool.close()


class Console:
    """A console as a process of its own."""

    def __init__(self, dsn: str, port: int) -> None:
        self.dsn, self.port, self.url = dsn, port, f"http://127.0.0.1:{port}"

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.console_server", self.dsn, str(self.port), "operator"
        )
        async with answered(self.url):
            pass

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()


@pytest.fixture
async def console(dsn: str, pool: Any) -> AsyncIterator[Console]:
    console = Console(dsn, free_port())
    await console.start()
    yield console
    await console.kill()


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Any]:
    async with launched() as opened:
        yield opened


@contextmanager
def no_errors(page: Any, *expected: str) -> Iterator[None]:
    """Fails for what the page's console reports, but for what a test provokes."""
    complaints = Complaints()
    complaints.watch(page, expected=expected)
    yield
    assert not complaints.errors


@asynccontextmanager
async def tabs(chromium: Any) -> AsyncIterator[Any]:
    """A browser profile of its own."""
    context = await chromium.new_context()
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context
    finally:
        await context.close()


async def stage(pool: Any, content: str, stage: str, review: str = "") -> None:
    await PostgresBoardWatch(pool).see([Seen(content, f"content-{content}", stage, 10, review, None)])


async def has(page: Any, selector: str, text: str) -> None:
    await page.wait_for_function(
        "([selector, text]) => document.querySelector(selector)?.textContent.includes(text)", arg=[selector, text]
    )


async def opened(pool: Any, *contents: str) -> None:
    from reelwright.storage.catalog import PostgresCatalog

    for content in contents:
        await open_content(PostgresCatalog(pool), content)


async def test_a_row_changes_in_its_place_and_new_ones_are_counted(pool: Any, console: Console, chromium: Any) -> None:
    await opened(pool, "one", "two")
    async with tabs(chromium) as context:
        page = await context.new_page()
        with no_errors(page):
            await page.goto(f"{console.url}/contents")
            await has(page, 'tr[data-key="one"]', "accepted")
            await page.focus('tr[data-key="one"] a')
            await stage(pool, "one", "review", "wanted")
            await has(page, 'tr[data-key="one"]', "review")
            assert await page.evaluate("document.activeElement.closest('tr').dataset.key") == "one", "the focus stays"
            await has(page, "#stages", "review 1")
            await opened(pool, "three", "four")
            await has(page, ".live-new", "2 new")
            keys = await page.eval_on_selector_all("tr[data-key]", "rows => rows.map((row) => row.dataset.key)")
            assert keys == ["two", "one"], "rows do not move by themselves"
            assert "2 new" in await page.inner_text("#news")
            await page.click(".live-new")
            await page.wait_for_selector('tr[data-key="four"]')


async def test_what_a_title_holds_stays_text_when_it_comes_anew(pool: Any, console: Console, chromium: Any) -> None:
    await opened(pool, "odd")
    async with tabs(chromium) as context:
        page = await context.new_page()
        with no_errors(page):
            await page.goto(f"{console.url}/contents")
            await page.wait_for_selector('tr[data-key="odd"]')
            await pool.execute(
                "update boards set title = '<img src=x onerror=document.title=1><script>document.title=2</script>'"
            )
            await has(page, 'tr[data-key="odd"]', "<script>")
            assert await page.query_selector('tr[data-key="odd"] img') is None
            assert "Contents" in await page.title()


async def test_all_tabs_have_one_stream_and_it_outlives_the_console(
    dsn: str, pool: Any, console: Console, chromium: Any
) -> None:
    await opened(pool, "one")
    async with tabs(chromium) as context:
        pages = [await context.new_page() for _ in range(8)]
        for page in pages:
            await page.goto(f"{console.url}/pipelines")
        await stage(pool, "one", "writing")
        for page in pages:
            await page.bring_to_front()
            await has(page, 'tr[data-key="one"]', "writing")
        page = pages[-1]
        with no_errors(page, STREAM_BROKEN):
            await console.kill()
            await has(page, "#away", "The console does not answer")
            await stage(pool, "one", "material")
            await console.start()
            await has(page, 'tr[data-key="one"]', "material")
            await page.wait_for_function("document.getElementById('away').hidden")


async def test_without_shared_workers_the_page_listens_itself(pool: Any, console: Console, chromium: Any) -> None:
    await opened(pool, "one")
    async with tabs(chromium) as context:
        page = await context.new_page()
        await page.add_init_script("delete globalThis.SharedWorker")
        with no_errors(page):
            await page.goto(f"{console.url}/contents")
            await page.wait_for_selector('tr[data-key="one"]')
            await stage(pool, "one", "writing")
            await has(page, 'tr[data-key="one"]', "writing")


async def test_a_part_of_a_page_is_read_anew(pool: Any, console: Console, chromium: Any) -> None:
    await opened(pool, "one")
    async with tabs(chromium) as context:
        page = await context.new_page()
        with no_errors(page):
            await page.goto(console.url)
            await has(page, "#wanted", "Nothing waits")
            await stage(pool, "one", "review", "wanted")
            await page.wait_for_selector('#wanted tr[data-key="one"]')
            await has(page, "#figures", "1")


async def test_what_changes_between_the_page_and_its_stream_is_not_missed(
    pool: Any, console: Console, chromium: Any
) -> None:
    """The module that listens is held back until the row has changed."""
    await opened(pool, "one")
    async with tabs(chromium) as context:
        page = await context.new_page()

        async def late(route: Any) -> None:
            await stage(pool, "one", "writing")
            await route.continue_()

        await page.route("**/base.*.js", late)
        with no_errors(page):
            await page.goto(f"{console.url}/contents")
            await has(page, 'tr[data-key="one"]', "writing")


async def test_who_is_signed_out_is_told(pool: Any, console: Console, chromium: Any) -> None:
    await opened(pool, "one")
    async with tabs(chromium) as context:
        page = await context.new_page()
        await page.add_init_script("delete globalThis.SharedWorker")
        gone = {"status": 401, "content_type": "application/problem+json", "body": "{}"}
        await page.route("**/events*", lambda route: route.fulfill(**gone))
        await page.route("**/events/session", lambda route: route.fulfill(**gone))
        with no_errors(page, "401"):
            await page.goto(f"{console.url}/contents")
            await page.wait_for_selector("#signed-out:not([hidden])")
