"""Accounts are connected in a real Chromium, over the consent pages that the sandbox plays: another site, as platforms
are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, Request, expect
from pydantic import SecretStr

from control import signing_in
from control.studio import Books
from reelwright.domain.formats import Platform
from reelwright.domain.people import HERE
from tests.integration.conftest import Sandbox, database_of_its_own
from tests.integration.connecting.kit import switch
from tests.servers import Servers

from .chromium import Seen, chromium, needs_chromium, served

pytestmark = [pytest.mark.browser, pytest.mark.lengthy, needs_chromium]
BY_PAGE = [platform for platform in Platform if platform is not Platform.BLUESKY]
PAGE_MS = 120_000
REFUSED = "the server responded with a status of 422"
"""What Chromium says in its console of a refusal that is shown as a page."""


@dataclass
class Studio:
    """One browser, console, sandbox and database for all tests of this file. `answers` are the addresses that platforms
    have sent the browser back to."""

    page: Page
    address: str
    sandbox: Sandbox
    pool: Any
    seen: Seen
    answers: list[str]

    async def begins(self, platform: Platform, account: str) -> None:
        """On the page: the platform's button, and the link to it."""
        await self.page.goto(f"{self.address}/connect")
        card = self.page.locator(f"#{platform.value}")
        await card.get_by_label("Name of the account here").fill(account)
        await card.get_by_role("button", name=f"Connect {platform.label}").click()
        await self.page.locator("#go").click()

    async def consents(
        self, person: str = "default", *, without: Collection[str] = (), asset: str = "", decision: str = "allow"
    ) -> None:
        """On the platform's pages, until the browser is back."""
        chosen, decide = self.page.locator(f"#account-{person}"), self.page.locator(f"#{decision}")
        await chosen.or_(decide).first.wait_for()
        if await chosen.count():
            await chosen.click()
            await decide.wait_for()
        for scope in without:
            await self.page.locator(f"#scope-{scope}").uncheck()
        if asset:
            await self.page.locator(f"#asset-{asset}").check()
        await decide.click()
        await self.page.wait_for_url(f"{self.address}/connect/**")

    async def stored(self, platform: Platform, account: str) -> str | None:
        """The platform's id of an account, if there is one."""
        found: str | None = await self.pool.fetchval(
            "select external_id from accounts where platform = $1 and name = $2", platform.value, account
        )
        return found

    async def refused(self, text: str) -> None:
        """The page says so, and nothing is kept of the consent."""
        await expect(self.page.get_by_role("alert")).to_contain_text(text)
        assert await self.pool.fetchval("select count(*) from connections where sealed_granted is not null") == 0


@pytest.fixture(scope="module")
async def shared(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with httpx.AsyncClient(trust_env=False) as http, database_of_its_own(servers) as pool, chromium() as browser:
        sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"), http)
        sandbox.start()
        try:
            # Meta's applications take plain http at `localhost` only; so the sandbox at 127.0.0.1 is another site.
            async with served(pool, host="localhost", platforms={"REELWRIGHT_SANDBOX_URL": sandbox.url}) as address:
                page = await browser.new_page()
                page.set_default_timeout(PAGE_MS)
                link = await signing_in.first_link(Books(pool, SecretStr(""), HERE))
                await page.goto(f"{address}/first#{link}")
                await page.get_by_label("Your name").fill("Ana")
                await page.get_by_label("Password").fill("nine otters under a red bridge")
                await page.get_by_role("button", name="Become the first admin").click()
                await page.wait_for_url(f"{address}/")
                answers: list[str] = []

                def asked(request: Request) -> None:
                    if "/connect/cb/" in request.url:
                        answers.append(request.url)

                page.on("request", asked)
                seen = Seen()
                seen.watch(page, expected=(REFUSED,))
                yield Studio(page, address, sandbox, pool, seen, answers)
        finally:
            sandbox.stop()


@pytest.fixture
async def studio(shared: Studio) -> AsyncIterator[Studio]:
    """Without accounts. Whatever Chromium complains of fails the test, but for a refusal's status."""
    await shared.sandbox.reset()
    await shared.pool.execute("delete from accounts")
    await shared.pool.execute("delete from connections")
    await shared.pool.execute("delete from grants")
    expect.set_options(timeout=PAGE_MS)
    shared.seen.errors.clear()
    shared.answers.clear()
    yield shared
    expect.set_options(timeout=5_000)
    assert shared.seen.errors == []


@pytest.mark.parametrize("platform", BY_PAGE)
async def test_granted(platform: Platform, studio: Studio) -> None:
    page = studio.page
    await studio.begins(platform, "main")
    await studio.consents()
    assert "code" not in page.url, "the code is out of the address"
    await page.get_by_role("button", name="Use this one").first.click()
    await expect(page.get_by_role("status").filter(has_text="is connected")).to_contain_text("(main)")
    assert await studio.stored(platform, "main")
    await expect(page.get_by_role("table").first).to_contain_text("main")


async def test_an_app_password_in_place_of_a_consent(studio: Studio) -> None:
    page = studio.page
    await page.goto(f"{studio.address}/connect")
    await page.locator("#bluesky").get_by_role("button", name="Connect Bluesky").click()
    await page.get_by_label("Handle").fill("default.test")
    await page.get_by_label("App password").fill("wrong-pass-word-here")
    await page.get_by_role("button", name="Connect", exact=True).click()
    await studio.refused("password")
    assert await studio.stored(Platform.BLUESKY, "default") is None


async def test_partly_granted(studio: Studio) -> None:
    """What does not work without it is said before the account is picked."""
    await studio.begins(Platform.FACEBOOK, "page")
    await studio.consents(without=["pages-manage-engagement"])
    await expect(studio.page.locator("div.notice.warn")).to_contain_text("first comments")
    await studio.page.get_by_role("button", name="Use this one").click()
    await studio.page.wait_for_url("**/accounts?*")
    assert await studio.stored(Platform.FACEBOOK, "page")


async def test_denied(studio: Studio) -> None:
    await studio.begins(Platform.TIKTOK, "main")
    await studio.consents(decision="deny")
    await studio.refused("was refused")
    assert await studio.stored(Platform.TIKTOK, "main") is None


async def test_a_foreign_state(studio: Studio) -> None:
    """It is refused, and uses nothing up: the true answer is still awaited."""
    await studio.page.goto(f"{studio.address}/connect")
    await switch(studio.sandbox, Platform.X, state="altered")
    await studio.begins(Platform.X, "main")
    await studio.consents()
    await studio.refused("state")
    assert await studio.stored(Platform.X, "main") is None
    assert await studio.pool.fetchval("select count(*) from connections") == 1
    await switch(studio.sandbox, Platform.X, state="")
    id = await studio.pool.fetchval("select id from connections")
    await studio.page.goto(f"{studio.address}/connect/{id}")
    await studio.page.locator("#go").click()
    await studio.consents()
    await studio.page.get_by_role("button", name="Use this one").click()
    await studio.page.wait_for_url("**/accounts?*")
    assert await studio.stored(Platform.X, "main")


async def test_a_code_that_is_used_twice(studio: Studio) -> None:
    """The answer's address is opened again: refused, and what the first one brought is still there to pick from."""
    await studio.begins(Platform.LINKEDIN, "main")
    await studio.consents()
    choices = studio.page.url
    [answer] = studio.answers
    await studio.page.goto(answer)
    await expect(studio.page.get_by_role("alert")).to_contain_text("already")
    await studio.page.goto(choices)
    await studio.page.get_by_role("button", name="Use this one").first.click()
    await studio.page.wait_for_url("**/accounts?*")
    assert await studio.stored(Platform.LINKEDIN, "main")


async def test_a_page_without_instagram(studio: Studio) -> None:
    await studio.begins(Platform.INSTAGRAM, "main")
    await studio.consents("mixed")
    plain = studio.page.locator("section.card").filter(has=studio.page.get_by_text("mixed-plain", exact=True))
    await expect(plain).to_contain_text("no Instagram account")
    await expect(plain.get_by_role("button")).to_have_count(0)
    await studio.page.get_by_role("button", name="Use none of them").click()
    await studio.page.wait_for_url(f"{studio.address}/connect")
    assert await studio.pool.fetchval("select count(*) from connections") == 0


async def test_the_wrong_channel(studio: Studio) -> None:
    """Another identity takes an account's place only where that was ticked."""
    page = studio.page
    await studio.begins(Platform.YOUTUBE, "main")
    await studio.consents(asset="default")
    await page.get_by_role("button", name="Use this one").click()
    await page.wait_for_url("**/accounts?*")
    first = await studio.stored(Platform.YOUTUBE, "main")
    await studio.begins(Platform.YOUTUBE, "main")
    await studio.consents(asset="default-brand")
    await page.get_by_role("button", name="Use this one").click()
    await expect(page.get_by_role("alert")).to_contain_text(str(first))
    assert await studio.stored(Platform.YOUTUBE, "main") == first
    await page.get_by_label("it may take another's place").check()
    await page.get_by_role("button", name="Use this one").click()
    await page.wait_for_url("**/accounts?*")
    assert await studio.stored(Platform.YOUTUBE, "main") not in (None, first)
