"""In a real Chromium: the first admin by the printed link, somebody added, a token, a session ended, signed out."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect
from pydantic import SecretStr

from control import signing_in
from control.studio import Books
from reelwright.domain.people import HERE
from tests.integration.conftest import database_of_its_own
from tests.servers import Servers

from .chromium import Seen, chromium, needs_chromium, served

pytestmark = [pytest.mark.browser, needs_chromium]
PASSWORD = "nine otters under a red bridge"
SHOTS = os.environ.get("REELWRIGHT_SCREENSHOTS", "")
"""A folder for pictures of the pages, to be looked at."""


@pytest.fixture
async def pool(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def grave(page: Page) -> list[str]:
    """What axe finds that keeps somebody out. The policy of the page stays: axe is put in by the driver."""
    found = await Axe().run(page)
    return [
        f"{one['id']}: {one['nodes'][0]['html']}"
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


async def test_from_the_first_link_to_signed_out(pool: Any) -> None:
    books, seen = Books(pool, SecretStr(""), HERE), Seen()
    async with served(pool) as address, chromium() as browser:
        page = await (await browser.new_context()).new_page()
        seen.watch(page, expected=("401 (Unauthorized)", "422 (Unprocessable"))
        await page.goto(f"{address}/me")
        await expect(page).to_have_url(f"{address}/first")
        await shot(page, "first")
        link = await signing_in.first_link(books)
        await page.goto(f"{address}/first#{link}")
        await expect(page).to_have_url(f"{address}/first")  # the secret is out of the address
        assert await page.get_by_label("The link").is_hidden()
        assert await grave(page) == []
        await page.get_by_label("Your name").fill("Zoë <Ångström>")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Become the first admin").click()
        await expect(page.get_by_text("a name cannot have '<'").first).to_be_visible()
        await page.get_by_label("Your name").fill("Zoë Ångström")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Become the first admin").click()
        await expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()

        await page.goto(f"{address}/people")
        await page.get_by_label("Name").fill("Bo")
        await page.locator("#role").select_option("reviewer")
        await page.get_by_role("button", name="Add", exact=True).click()
        made = str(await page.locator("#made").text_content())
        assert made.startswith(f"{address}/password#")
        assert await grave(page) == []
        await shot(page, "people")

        phone = await browser.new_context(color_scheme="dark", viewport={"width": 390, "height": 844})
        other = await phone.new_page()
        seen.watch(other)
        await other.goto(made)
        await other.get_by_label("Password").fill(PASSWORD)
        await shot(other, "password-dark-phone")
        await other.get_by_role("button", name="Set it and sign in").click()
        await expect(other.get_by_role("heading", name="Today", exact=True)).to_be_visible()
        await other.goto(f"{address}/me")
        await other.get_by_label("What it is for").fill("nightly")
        await other.get_by_role("button", name="Make it").click()
        token = str(await other.locator("#made").text_content())
        caller = await signing_in.caller_of_token(books, token)
        assert caller and (caller.name, caller.role) == ("Bo", "viewer")
        await shot(other, "me-dark-phone")
        assert await grave(other) == []
        wide = await other.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "nothing is wider than a phone"

        await page.reload()
        await page.goto(f"{address}/people")
        row = page.get_by_role("table", name="Signed in").get_by_role("row").filter(has_text="Bo")
        await row.get_by_role("button", name="End").click()
        await expect(page.get_by_text("The session has ended.")).to_be_visible()
        await other.goto(f"{address}/me")
        await expect(other).to_have_url(f"{address}/login?to=%2Fme")
        await shot(other, "login-dark-phone")

        await page.get_by_role("button", name="Sign out").first.click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        await page.get_by_label("Name").fill("zoë ångström")
        await page.get_by_label("Password").fill("wrong")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_text("the name or the password is wrong")).to_be_visible()
        await shot(page, "login")
        assert await grave(page) == []
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    assert seen.errors == []
