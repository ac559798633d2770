"""What the tests of connecting stand on: a desk on the sandbox, and a browser that follows its forms."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from pydantic import SecretStr

from control import connecting
from control.connecting import Begun, Connected, Desk, Held
from control.replies import read_reply
from control.studio import Books
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.connecting import Way
from reelwright.storage.vault import Vault
from workers.connecting import connect_desk
from workers.platform_settings import PlatformSettings

from ..conftest import Sandbox

KEY = Vault.new_key()
HOST = {Platform.FACEBOOK: "localhost", Platform.INSTAGRAM: "localhost", Platform.LINKEDIN: "localhost"}
CONSENT = {Platform.FACEBOOK: "meta", Platform.INSTAGRAM: "meta"}
"""What the sandbox calls the platform whose consent page it is."""


def settings_on(sandbox: Sandbox, **more: Any) -> PlatformSettings:
    """Settings with which the sandbox plays every platform."""
    return PlatformSettings.model_validate({"REELWRIGHT_SANDBOX_URL": sandbox.url, **more})


@asynccontextmanager
async def desk_on(pool: Any, sandbox: Sandbox, **more: Any) -> AsyncIterator[Desk]:
    """Where accounts are connected."""
    async with connect_desk(Books(pool, SecretStr(KEY)), settings_on(sandbox, **more)) as desk:
        yield desk


def fresh() -> str:
    """A new account's name here."""
    return f"c{uuid.uuid4().hex[:10]}"


def redirect_to(desk: Desk, platform: Platform, port: int = 53_690) -> str:
    """The callback of a listener on this machine."""
    host = HOST.get(platform, "127.0.0.1")
    return connecting.redirect_of(desk.connector(platform), f"http://{host}:{port}")


async def begun(desk: Desk, platform: Platform, account: str, **more: Any) -> Begun:
    """A connection that has begun."""
    given = {"way": Way.LOOPBACK, "redirect": redirect_to(desk, platform), "by": "ada", **more}
    return await connecting.begin(desk, platform, account, **given)


async def switch(sandbox: Sandbox, platform: Platform, **changes: Any) -> None:
    """The sandbox's consent goes wrong on purpose."""
    await sandbox.post(f"connect/{CONSENT.get(platform, platform.value)}", changes)


async def log_of(sandbox: Sandbox, platform: Platform) -> list[dict[str, Any]]:
    """Who asked the sandbox's consent how."""
    name = CONSENT.get(platform, platform.value)
    answer = await sandbox.client.get(f"{sandbox.url}/_control/connect/{name}/log")
    log: list[dict[str, Any]] = answer.json()["log"]
    return log


@dataclass
class Browser:
    """Sends the forms of consent pages as a browser does. Boxes are ticked as they come, but for those in `without`,
    and of the assets only those in `only`, where it is given."""

    client: httpx.AsyncClient
    person: str = "default"
    decision: str = "allow"
    without: Collection[str] = ()
    only: Collection[str] | None = None
    pages: list[str] = field(default_factory=list)

    async def visit(self, url: str) -> str:
        """The address that the platform sends back to, or the error page's text."""
        response = await self.client.get(url)
        for _ in range(3):
            if response.is_redirect:
                return response.headers["location"]
            self.pages.append(response.text)
            if found := re.search(r'id="error">([^<]*)<', response.text):
                return f"error page: {html.unescape(found[1])}"
            response = await self._send(response)
        raise AssertionError("a consent has more pages than it should")

    async def _send(self, page: httpx.Response) -> httpx.Response:
        action = re.search(r'action="([^"]+)"', page.text)
        assert action, page.text
        target = str(page.url.join(html.unescape(action[1])))
        headers = {"Origin": f"{page.url.scheme}://{page.url.netloc.decode()}"}
        if 'name="decision"' not in page.text:
            assert f'id="account-{self.person}"' in page.text, page.text
            return await self.client.post(target, data={"person": self.person}, headers=headers)
        form: dict[str, Any] = {"decision": self.decision, "scope": [], "asset": []}
        for kind, value in re.findall(r'<input type="(\w+)" name="person" value="([^"]*)"', page.text):
            form["person"] = html.unescape(value) if kind == "hidden" else ""
        boxes = r'name="(scope|asset)" id="[^"]+"\s+value="([^"]*)"( checked)?'
        for name, value, checked in re.findall(boxes, page.text):
            value = html.unescape(value)
            wanted = bool(checked) if name == "scope" or self.only is None else value in self.only
            if wanted and not any(value.endswith(part) for part in self.without):
                form[name].append(value)
        return await self.client.post(target, data=form, headers=headers)


def query_of(address: str) -> str:
    """The query of the address that the browser was sent to."""
    return urlsplit(address).query


def parameters(address: str) -> dict[str, list[str]]:
    """The same, read."""
    return parse_qs(query_of(address), keep_blank_values=True)


async def answered(desk: Desk, platform: Platform, address: str, **more: Any) -> Held:
    """The callback is called with this address."""
    return await connecting.finish(desk, platform, read_reply(query_of(address)), **more)


async def connected(
    desk: Desk, sandbox: Sandbox, platform: Platform, account: str, *, pick: str = "", browser: Browser | None = None
) -> Connected:
    """The whole way, with the first of those to pick from."""
    browser = browser or Browser(sandbox.client)
    start = await begun(desk, platform, account)
    held = await answered(desk, platform, await browser.visit(start.url))
    external_id = pick or next(each.external_id for each in held.choices if not each.refused)
    return await connecting.pick(desk, held.connection.id, external_id, by="ada")
