"""Reviews in Chromium: the queue by keys, players that seek, a client's link, the width of a phone."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright
from pydantic import SecretStr
from temporalio.testing import WorkflowEnvironment

from console.parts import ConsoleSettings
from control import links
from reelwright.domain.content.story import ModerationFinding
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.people import Caller, Role
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.database import connect
from reelwright.storage.links import PostgresLinks
from tests.console_app import app_of
from tests.integration.storage.filing import fresh, open_content
from tests.review_studio import LAYOUT, SeenMakers, SeenRenderer, reviewing, waiting
from tests.servers import Servers, copied, free_port
from tests.workflow.conftest import FakeStudio, eventually

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.lengthy,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
ANA = Caller(name="ana@example.org", role=Role.REVIEWER, way="session", key="s1")
KEY = SecretStr("k" * 40)
FORMATS = (VideoFormat.TALL, VideoFormat.SQUARE, VideoFormat.WIDE)
SCRIPT = (
    "Twice a day the sea comes up the beach and goes again.\n\nThe moon pulls at the water on its own side.\n\n"
    "The sun pulls, too, but it is much farther away.\n\nWhen both pull in one line, the tide is high."
)
TARGETS = (
    *("button", ".button", "summary", ".scene-tick label", "textarea", ".stop"),
    "input:not([type=hidden]):not([type=checkbox]):not([type=radio])",
)
"""What a finger has to hit."""
SHOTS = os.environ.get("REVIEW_SHOTS", "")
"""A folder for screenshots of all widths, for people who look at them."""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as started:
        browser = await started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--mute-audio"])
        yield browser
        await browser.close()


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[Any]:
    pool = await connect(await copied(servers.need("postgres")))
    yield pool
    await pool.close()


@pytest.fixture
async def studio(servers: Servers, temporal: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[FakeStudio]:
    """A studio whose reviews show videos."""
    async with reviewing(servers, temporal, tmp_path, makers=SeenMakers(), renderer=SeenRenderer(tmp_path)) as running:
        running.review(shows="preview")
        yield running


@asynccontextmanager
async def served(studio: FakeStudio, pool: Any, caller: Caller | None = ANA) -> AsyncIterator[str]:
    """The console on a port; its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    app = app_of(
        pool=pool, temporal=studio.temporal, media=lambda: studio.media, caller=caller, layout=LAYOUT,
        settings=ConsoleSettings(public_url=url), extras={"link_key": KEY},
    )  # fmt: skip
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started)
    try:
        yield url
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def page_of(browser: Browser, width: int = 1440, scheme: str = "light", **more: Any) -> AsyncIterator[Page]:
    """A page whose errors fail the test."""
    wrong: list[str] = []
    context = await browser.new_context(
        viewport={"width": width, "height": 900 if width > 500 else 800},
        color_scheme=scheme,
        **more,  # type: ignore[arg-type]
    )
    page = await context.new_page()
    page.set_default_timeout(60_000)
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    await context.close()
    assert not wrong


async def three_contents(studio: FakeStudio) -> list[str]:
    studio.makers.found = (
        ModerationFinding(
            place="scene 2", rule="claims", decision="review", score=0.71, reason="a claim without a source"
        ),
        ModerationFinding(place="youtube title", rule="caps", decision="review", score=0.5, reason="much in capitals"),
    )
    ids = []
    for title in ("Why the tides come twice", "What the wind carries", "How a cloud weighs nothing <b>at all</b>"):
        platforms = (Platform.YOUTUBE, Platform.INSTAGRAM, Platform.X)
        handle, _ = await waiting(studio, script=SCRIPT, title=title, formats=FORMATS, platforms=platforms)
        ids.append(handle.id.removeprefix("content-"))
    return ids


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name}.png", full_page="full" in name)


async def barriers(page: Page) -> list[str]:
    """What axe finds that keeps somebody out. The policy of the page stays: axe is put in by the driver."""
    found = await Axe().run(page)
    return [
        f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]


async def time_of(page: Page) -> float:
    return float(await page.evaluate("document.querySelector('.player.on video').currentTime"))


async def test_the_whole_queue_by_keys(studio: FakeStudio, pool: Any, browser: Browser) -> None:
    first, second, third = await three_contents(studio)
    async with served(studio, pool) as url, page_of(browser) as page:
        await page.goto(f"{url}/review?order=oldest")
        await page.wait_for_selector(".brief .chip")
        await shot(page, "queue-1440-light")
        assert not await barriers(page)
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{url}/review/{first}")
        await page.wait_for_function("document.querySelector('.player.on video').readyState >= 1")

        stops = page.locator(".stop")
        assert await stops.count() == 4
        await stops.nth(2).click()
        wanted = float(await stops.nth(2).get_attribute("data-seek") or 0)
        assert wanted > 1 and abs(await time_of(page) - wanted) < 0.2
        await page.wait_for_selector('.stop[data-scene="3"][aria-current]')
        await page.keyboard.press("1")
        assert await time_of(page) < wanted
        await page.keyboard.press("Space")
        await page.wait_for_function("!document.querySelector('.player.on video').paused")
        await page.keyboard.press("Space")
        await page.wait_for_function("document.querySelector('.player.on video').paused")
        showing = "[...document.querySelectorAll('video')].filter(v => v.textTracks[0]?.mode === 'showing').length"
        assert await page.evaluate(showing) == len(FORMATS)

        await page.keyboard.press("?")
        assert "next review" in await page.locator("#keys").inner_text()
        await page.keyboard.press("Escape")

        assert not await barriers(page)

        # The next one was fetched ahead: it is there without a request for its page.
        asked: list[str] = []
        await page.wait_for_function(
            "path => performance.getEntriesByType('resource').some(e => e.name.endsWith(path) && e.responseEnd > 0)",
            arg=f"/review/{second}",
        )
        page.on("request", lambda request: asked.append(request.url))
        await page.keyboard.press("n")
        await page.wait_for_url(f"{url}/review/{second}")
        assert await page.locator("h1").inner_text() == "What the wind carries"
        assert f"{url}/review/{second}" not in asked
        await page.keyboard.press("p")
        await page.wait_for_url(f"{url}/review/{first}")

        # A field's Enter decides nothing; one press of `a` neither.
        await page.locator(".post details summary").first.click()
        await page.locator("#title-youtube").press("Enter")
        await page.locator("#title-youtube").press("Escape")
        await page.keyboard.press("a")
        assert page.url == f"{url}/review/{first}"
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{url}/review/*?told=approve*")
        assert "was approved" in await page.locator(".notice.good").inner_text()

        await page.goto(f"{url}/review/{second}")
        await page.locator('input[name="scene"][value="2"]').check()
        assert "scene 2" in await page.locator("#ticked").inner_text()
        await page.keyboard.press("e")
        await page.keyboard.type("make it night")
        await page.keyboard.press("Control+Enter")
        await page.wait_for_url("**told=revise*")
        await page.goto(f"{url}/review/{third}")
        assert await page.locator("h1").inner_text() == "How a cloud weighs nothing <b>at all</b>"
        await page.keyboard.press("r")
        await page.keyboard.press("r")
        await page.wait_for_url("**told=reject*")
    said = [
        (one["decision"], one["by"])
        for one in studio.catalog.decisions
        if one["decision"] in ("approve", "revise", "reject")
    ]
    assert said.count(("reject", ANA.name)) == 1


async def test_a_phone_shows_and_decides(studio: FakeStudio, pool: Any, browser: Browser) -> None:
    [first, *_] = await three_contents(studio)
    async with served(studio, pool) as url, page_of(browser, 390, has_touch=True, is_mobile=True) as page:
        await page.goto(f"{url}/review/{first}")
        await page.wait_for_function("document.querySelector('.player.on video').readyState >= 1")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is beside the page"
        small = await page.evaluate(
            """targets => [...document.querySelectorAll(targets)].filter(e => e.checkVisibility())
                .map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect().height])
                .filter(found => found[1] < 44)""",
            ", ".join(f"#review {target}" for target in TARGETS),
        )
        assert not small
        await page.locator('.decide-buttons [value="approve"]').tap()
        await page.wait_for_url("**told=approve*")


@pytest.mark.skipif(not SHOTS, reason="REVIEW_SHOTS names no folder")
async def test_screens_to_look_at(studio: FakeStudio, pool: Any, browser: Browser) -> None:
    [first, *_] = await three_contents(studio)
    async with served(studio, pool) as url:
        for width in (1440, 1024, 390):
            for scheme in ("light", "dark"):
                async with page_of(browser, width, scheme) as page:
                    for name, path in (("queue", ""), ("review", f"/{first}")):
                        await page.goto(f"{url}/review{path}")
                        await page.wait_for_load_state("load")
                        await shot(page, f"{name}-{width}-{scheme}")
                        if name == "review" and scheme == "light":
                            await shot(page, f"{name}-{width}-{scheme}-full")


async def test_a_clients_link_opens_its_item_in_a_browser(studio: FakeStudio, pool: Any, browser: Browser) -> None:
    id = fresh()
    await open_content(PostgresCatalog(pool), id)
    _, wanted = await waiting(studio, id, script=SCRIPT, formats=FORMATS)
    token, _ = await links.made(
        KEY, PostgresLinks(pool), content_id=id, artifact_sha256=wanted.artifact_sha256, scope="decide",
        life=timedelta(hours=1), by="ana",
    )  # fmt: skip
    async with served(studio, pool, None) as url, page_of(browser) as page:
        await page.goto(f"{url}/c/{id}#{token}")
        await page.wait_for_selector("#review")
        assert page.url == f"{url}/c/{id}"
        await page.wait_for_function("document.querySelector('.player.on video').readyState >= 1")
        await shot(page, "client-1440-light")
        await page.keyboard.press("a")
        await page.keyboard.press("a")
        await page.wait_for_url("**told=approve*")
        assert "approved" in await page.locator(".notice.good").inner_text()
