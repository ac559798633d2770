"""Every page in Chromium, in both schemes and at two widths: no error of the browser's, no serious finding of axe, and
nothing that makes the window scroll sideways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from pydantic import SecretStr

from control import signing_in
from control.studio import Books
from reelwright.domain.people import HERE
from reelwright.storage.catalog import PostgresCatalog
from tests.integration.conftest import database_of_its_own
from tests.integration.storage.filing import open_content
from tests.servers import Servers

from .chromium import Seen, chromium, needs_chromium, served

pytestmark = [pytest.mark.browser, pytest.mark.lengthy, needs_chromium]

PASSWORD = "nine otters under a red bridge"
PAGES = (
    "/", "/contents", "/start", "/posts", "/posts?view=list", "/posts?view=calendar", "/posts?view=parked", "/quota",
    "/accounts", "/connect", "/channels", "/channels/new", "/costs", "/feeds", "/policies", "/policies/kids",
    "/batches", "/batches/new", "/audit", "/analytics", "/experiments", "/people", "/me", "/api/reference",
)  # fmt: skip


@pytest.fixture
async def pool(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


async def test_every_page_is_in_order(pool: Any) -> None:
    await open_content(PostgresCatalog(pool), "content-with-a-title-that-is-long-enough-to-be-cut-somewhere-on-a-phone")
    await pool.execute("update content set status = 'done', closed_at = now()")
    seen, wrong = Seen(), []
    async with served(pool) as address, chromium() as browser:
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        page = await context.new_page()
        await page.goto(f"{address}/first#{await signing_in.first_link(Books(pool, SecretStr(''), HERE))}")
        await page.fill("input[name=name]", "Ana")
        for field in await page.query_selector_all("input[type=password]"):
            await field.fill(PASSWORD)
        await page.click("button[type=submit]")
        await page.wait_for_url(f"{address}/")
        seen.watch(page)
        for path in PAGES:
            for width, scheme in ((1440, "light"), (390, "dark")):
                await page.set_viewport_size({"width": width, "height": 900})
                await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                await page.goto(address + path)
                found = await Axe().run(page)
                wrong += [
                    f"{path} at {width}: {one['id']}: {one['nodes'][0]['html'][:200]}"
                    for one in found.response["violations"]
                    if one["impact"] in ("serious", "critical")
                ]
                if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    wrong.append(f"{path} at {width}: it is wider than the window")
    assert not wrong, "\n".join(wrong)
    assert not seen.errors
