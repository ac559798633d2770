"""Signing in and out of the console on a real PostgreSQL: pages, cookies, forms of other sites, what is slowed down."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.routing import Route

from console.access import recognise
from console.access.cookies import SESSION
from console.access.limits import MOST_BYTES
from console.parts import ConsoleSettings
from console.routing import READS
from control import exchange, people, signing_in
from control.studio import Books
from reelwright.domain.people import HERE, Role
from reelwright.storage.vault import Vault
from tests.console_app import app_of
from tests.servers import Servers, emptied

from ..conftest import database_of_its_own

AT = "https://console.example.org"
PASSWORD = "nine otters under a red bridge"
KEY = Vault.new_key()
FROM = {"address": "192.0.2.7", "agent": "Firefox"}


@pytest.fixture(scope="module")
async def database(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


@pytest.fixture
async def books(database: Any) -> Books:
    await emptied(database)
    return Books(database, SecretStr(KEY), HERE)


@asynccontextmanager
async def browser(books: Books, *, at: str = AT, root: str = "", **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that keeps cookies and follows nothing by itself; it sends what our own pages make it send."""
    app = app_of(
        pool=books.pool,
        recognise=recognise,
        secret_key=KEY,
        settings=ConsoleSettings(public_url=at, root_path=root, version="test"),
    )
    asked = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Origin": at, **headers}
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=("192.0.2.7", 1), root_path=root)
    sent = {name: value for name, value in asked.items() if value}
    async with httpx.AsyncClient(transport=transport, base_url=at, headers=sent) as client:
        yield client


async def somebody(books: Books, name: str = "ana", role: Role = Role.VIEWER) -> str:
    """A person with a password and a session; its cookie."""
    await people.add(books, name, role, by="root")
    link = await people.password_link(books, name, by="root")
    cookie, _ = await signing_in.use_password_link(books, link, PASSWORD, **FROM)
    return cookie


async def token_of(books: Books, name: str, role: Role) -> str:
    return (await people.make_token(books, name, label="ci", role=role, life=timedelta(days=1), by="root"))[0]


def shown(answer: httpx.Response) -> str:
    """The page's text without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


# --- first start, login, logout ---------------------------------------------------------------------------------------


async def test_from_the_first_start_to_the_logout(books: Books) -> None:
    async with browser(books) as page:
        assert (await page.get("/me")).headers["location"] == "/login?to=%2Fme"
        assert (await page.get("/login?to=/me")).headers["location"] == "/first"
        assert (await page.get("/first")).status_code == 200
        link = await signing_in.first_link(books)
        form = {"link": f"{AT}/first#{link}", "name": "Zoë", "password": "short"}
        refused = await page.post("/first", data=form)
        assert refused.status_code == 422 and "fewer than 12 characters" in refused.text
        assert "Zoë" in refused.text and link in refused.text, "what was typed stays, the password aside"
        assert "short" not in refused.text
        made = await page.post("/first", data=form | {"password": PASSWORD})
        assert made.headers["location"] == "/login/done?to=%2F"
        cookie = made.headers["set-cookie"]
        assert cookie.startswith(f"{SESSION}=")
        for attribute in ("Secure", "HttpOnly", "Path=/", "SameSite=lax", "Max-Age=604800"):
            assert attribute.lower() in cookie.lower(), attribute
        assert "domain" not in cookie.lower()
        assert (await page.get("/login/done?to=/")).headers["location"] == "/"
        assert "Zoë" in (await page.get("/me")).text
        again = await page.post("/first", data=form | {"password": PASSWORD})
        assert again.status_code == 422 and "made already" in again.text
        assert (await page.post("/logout")).headers["location"] == "/login"
        assert (await page.get("/me")).status_code == 303
        assert await books.pool.fetchval("select count(*) from sessions") == 0


async def test_the_password_brings_one_in_and_back(books: Books) -> None:
    planted = await somebody(books)
    async with browser(books) as page:
        page.cookies.set(SESSION, "planted-by-somebody", domain="console.example.org")
        assert "Sign in" in (await page.get("/login?to=/contents%3Fstage%3Ddone")).text
        form = {"name": "Ana", "password": "wrong", "to": "/contents?stage=done"}
        wrong = await page.post("/login", data=form)
        assert wrong.status_code == 401 and "the name or the password is wrong" in wrong.text
        assert 'value="Ana"' in wrong.text and 'value="wrong"' not in wrong.text
        page.cookies.clear()
        page.cookies.set(SESSION, planted, domain="console.example.org")
        into = await page.post("/login", data=form | {"password": PASSWORD})
        assert into.headers["location"] == "/login/done?to=%2Fcontents%3Fstage%3Ddone"
        assert (await page.get(into.headers["location"])).headers["location"] == "/contents?stage=done"
        assert await signing_in.caller_of_session(books, planted) is None, "a new session at login"


@pytest.mark.parametrize(
    "to",
    ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/\n//evil.example", "javascript:alert(1)"],
)
async def test_nobody_is_sent_elsewhere_after_signing_in(books: Books, to: str) -> None:
    await somebody(books)
    async with browser(books) as page:
        into = await page.post("/login", data={"name": "ana", "password": PASSWORD, "to": to})
        assert into.headers["location"] == "/login/done?to=%2F"
        onward = await page.get("/login/done", params={"to": to})
        assert onward.headers["location"] == "/"


async def test_a_browser_that_keeps_no_cookie_is_told_so(books: Books) -> None:
    await somebody(books)
    async with browser(books, at="http://studio.lan:8088") as page:
        assert "Browsers keep no session at http://studio.lan:8088" in shown(await page.get("/login"))
        await page.post("/login", data={"name": "ana", "password": PASSWORD})
        answer = await page.get("/login/done?to=/")
        assert answer.status_code == 401 and "has not kept the session" in answer.text
    async with browser(books, at="http://127.0.0.1:8088") as page:
        assert "keep no session" not in (await page.get("/login")).text


async def test_tries_are_slowed_down_with_the_time_to_wait(books: Books) -> None:
    await somebody(books)
    async with browser(books) as page:
        for _ in range(signing_in.BY_NAME.burst):
            assert (await page.post("/login", data={"name": "ana", "password": "wrong"})).status_code == 401
        slow = await page.post("/login", data={"name": "ana", "password": PASSWORD})
        assert slow.status_code == 429 and 1 <= int(slow.headers["retry-after"]) <= 30


async def test_under_a_path_of_a_proxy_all_stays_below_it(books: Books) -> None:
    await somebody(books)
    async with browser(books, root="/studio") as page:
        assert 'action="/studio/login"' in (await page.get("/studio/login")).text
        into = await page.post("/studio/login", data={"name": "ana", "password": PASSWORD, "to": "/me"})
        assert into.headers["location"] == "/studio/login/done?to=%2Fme"
        assert (await page.get(into.headers["location"])).headers["location"] == "/studio/me"


# --- who is recognised ------------------------------------------------------------------------------------------------


async def test_a_session_that_is_revoked_or_expired_is_nobodys_at_once(books: Books) -> None:
    cookie = await somebody(books)
    async with browser(books) as page:
        page.cookies.set(SESSION, cookie, domain="console.example.org")
        assert (await page.get("/signed-in")).status_code == 204
        await people.end_sessions(books, "ana", by="root")
        assert (await page.get("/signed-in", headers={"Accept": "*/*"})).status_code == 401
        assert (await page.get("/me")).status_code == 303


async def test_a_program_comes_in_by_its_token_in_either_form(books: Books) -> None:
    await somebody(books, role=Role.OPERATOR)
    token = await token_of(books, "ana", Role.VIEWER)
    async with browser(books, Accept="*/*", Origin="", **{"Sec-Fetch-Site": ""}) as program:
        asked = {"Authorization": f"Bearer {token}"}
        assert (await program.get("/signed-in", headers=asked)).status_code == 204
        caller = await signing_in.caller_of_token(books, token)
        assert caller
        signed, _ = await exchange.exchanged(replace(books, caller=caller), issuer=AT)
        assert (await program.get("/signed-in", headers={"Authorization": f"bearer {signed}"})).status_code == 204
        refused = await program.get("/people", headers=asked)
        assert refused.status_code == 403 and refused.json()["field"] == "role"
        await people.disable(books, "ana", by="root")
        for given in (token, signed, "rw_nothing", "x.y.z", ""):
            answer = await program.get("/signed-in", headers={"Authorization": f"Bearer {given}"})
            assert answer.status_code == 401 and answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_bad_token_is_nobody_whatever_the_cookie(books: Books) -> None:
    cookie = await somebody(books)
    async with browser(books) as page:
        asked = {"Cookie": f"{SESSION}={cookie}", "Accept": "*/*"}
        assert (await page.get("/signed-in", headers=asked)).status_code == 204
        assert (await page.get("/signed-in", headers=asked | {"Authorization": "Bearer rw_x"})).status_code == 401


async def test_every_route_turns_away_who_is_not_signed_in(books: Books) -> None:
    await somebody(books)
    async with browser(books) as page:
        app = page._transport.app  # type: ignore[attr-defined]
        routes = [route for route in app.routes if isinstance(route, Route)]
        assert len(routes) > 15
        for route in routes:
            path = re.sub(r"\{[^}]*\}", "x", route.path)
            for method in route.methods or ():
                answer = await page.request(method, path, headers={"Accept": "application/json"})
                if route.page.needs is None:  # type: ignore[attr-defined]
                    assert answer.status_code not in (401, 403) or path.startswith(("/login", "/metrics")), path
                else:
                    assert answer.status_code == 401, (method, path, answer.status_code)
                    if method in READS:
                        as_page = await page.request(method, path)
                        assert as_page.headers["location"].startswith("/login?to="), path


PUBLIC = {
    "/static/{name}", "/health", "/ready", "/login", "/login/done", "/logout", "/login/oidc", "/login/oidc/callback",
    "/first", "/password",
    "/api/problems/{kind}",  # what a problem's `type` leads to: text of the program
    "/metrics",  # on loopback, or to a token: it checks that by itself
    "/c/{id}", "/c/{id}/media/{sha256}", "/c/{id}/decide",  # a client's signed link is checked by each
}  # fmt: skip


def test_what_is_public_is_listed_here() -> None:
    public = {route.path for route in app_of().routes if isinstance(route, Route) and route.page.public}  # type: ignore[attr-defined]
    assert public - PUBLIC == set(), "a route for everybody: say here why it needs nobody"


# --- other sites, headers, sizes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "", "Origin": AT}, 303),
        ({"Sec-Fetch-Site": "", "Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "", "Origin": f"{AT}:8443"}, 403),
        ({"Sec-Fetch-Site": "", "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "", "Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": AT}, 403),
    ],
)
async def test_a_change_must_come_from_our_own_pages(books: Books, headers: dict[str, str], status: int) -> None:
    cookie = await somebody(books)
    async with browser(books, **headers) as page:
        page.cookies.set(SESSION, cookie, domain="console.example.org")
        answer = await page.post("/me/sessions/end", data={"id": ""})
        assert answer.status_code == status
        if status == 403:
            assert "not sent by a page of the console" in answer.text
            assert answer.headers["content-security-policy"]


async def test_no_other_site_signs_a_browser_in(books: Books) -> None:
    await somebody(books)
    async with browser(books, **{"Sec-Fetch-Site": "cross-site"}) as page:
        answer = await page.post("/login", data={"name": "ana", "password": PASSWORD})
        assert answer.status_code == 403 and "set-cookie" not in answer.headers


async def test_a_program_with_a_token_needs_no_page(books: Books) -> None:
    cookie = await somebody(books)
    token = await token_of(books, "ana", Role.VIEWER)
    async with browser(books, Origin="", **{"Sec-Fetch-Site": ""}) as program:
        asked = {"Authorization": f"Bearer {token}"}
        assert (await program.post("/me/sessions/end", data={"id": "x"}, headers=asked)).status_code == 303
        with_cookie = asked | {"Cookie": f"{SESSION}={cookie}"}
        assert (await program.post("/me/sessions/end", data={"id": "x"}, headers=with_cookie)).status_code == 403


@pytest.mark.parametrize("path", ["/login", "/health", "/nothing-here", "/people"])
async def test_every_answer_has_the_headers(books: Books, path: str) -> None:
    await somebody(books)
    async with browser(books) as page:
        headers = (await page.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "require-trusted-types-for 'script'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["strict-transport-security"].startswith("max-age=")


async def test_without_https_nothing_is_said_of_it(books: Books) -> None:
    async with browser(books, at="http://127.0.0.1:8088") as page:
        assert "strict-transport-security" not in (await page.get("/health")).headers


async def test_a_form_of_any_size_is_read_up_to_a_limit(books: Books) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(10_000):
            sent += 65_536
            yield b"a" * 65_536

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with browser(books) as page:
        assert (await page.post("/login", content=endless(), headers=form)).status_code == 413
        assert (await page.post("/login", json={"name": "ana"})).status_code == 415
        assert (await page.post("/login", content=b"name=%ff\xff", headers=form)).status_code == 400
        assert (await page.post("/login", content=b"&".join([b"a=1"] * 1_000), headers=form)).status_code == 400
        assert (await page.post("/login", content=b"", headers=form)).status_code == 401


async def test_files_have_limits_of_their_own(books: Books) -> None:
    await somebody(books, role=Role.OPERATOR)
    token = await token_of(books, "ana", Role.OPERATOR)
    asked = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    async with browser(books) as page:
        long = b"a" * (MOST_BYTES + 1)
        assert (await page.post("/api/v1/media?name=a.jpg", content=long, headers=asked)).status_code == 503
        assert (await page.patch("/uploads/x", content=long, headers=asked)).status_code in (404, 422)
        assert (await page.post("/start", content=long, headers=asked)).status_code == 413


async def test_a_body_of_any_size_is_refused_wherever_it_is_sent(books: Books) -> None:
    cookie = await somebody(books, role=Role.ADMIN)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b"a" * 65_536

    async with browser(books) as page:
        page.cookies.set(SESSION, cookie, domain="console.example.org")
        announced = await page.post("/uploads", content=b"{}", headers={"Content-Length": "1000000000"})
        assert announced.status_code == 413
        assert (await page.post("/uploads", content=endless())).status_code in (413, 422)
        assert (await page.post("/uploads", content=b"", headers={"Content-Length": "-1"})).status_code == 413


# --- people and me ----------------------------------------------------------------------------------------------------


async def test_an_admin_adds_somebody_who_sets_a_password(books: Books) -> None:
    cookie = await somebody(books, "root", Role.ADMIN)
    async with browser(books) as page, browser(books) as other:
        page.cookies.set(SESSION, cookie, domain="console.example.org")
        wrong = await page.post("/people", data={"name": "<script>alert(1)</script>", "role": "viewer"})
        assert wrong.status_code == 422 and "<script>alert" not in wrong.text and "&lt;script&gt;" in wrong.text
        assert "wrong-name" in wrong.text
        added = await page.post("/people", data={"name": "Bo", "role": "reviewer"})
        [link] = re.findall(rf"{AT}/password#([\w-]+)", added.text)
        twice = await page.post("/people", data={"name": "bo", "role": "reviewer"})
        assert twice.status_code == 422 and "is taken" in twice.text
        assert (
            "New password" in shown(await other.get("/password"))
            or "A new password" in (await other.get("/password")).text
        )
        into = await other.post("/password", data={"link": link, "password": PASSWORD})
        assert into.status_code == 303
        assert "reviewer" in (await other.get("/me")).text
        assert (await other.get("/people")).status_code == 403
        assert (
            await other.post("/people/change", data={"what": "role", "name": "Bo", "role": "admin"})
        ).status_code == 403
        changed = await page.post("/people/change", data={"what": "role", "name": "Bo", "role": "operator"})
        assert changed.headers["location"] == "/people?told=role"
        assert (await other.get("/me")).status_code == 303, "their session has ended"
        for what in ("disable", "enable", "sign_out"):
            assert (await page.post("/people/change", data={"what": what, "name": "Bo"})).status_code == 303
        for form in ({"what": "role", "name": "Bo", "role": "king"}, {"what": "erase", "name": "Bo"}, {}):
            assert (await page.post("/people/change", data=form or {"x": ""})).status_code == 422
        assert (await page.post("/people/change", data={"what": "disable", "name": "root"})).status_code == 422
        assert (await page.post("/people/change", data={"what": "disable", "name": "nobody"})).status_code in (404, 422)


async def test_ones_own_tokens_sessions_and_password(books: Books) -> None:
    cookie = await somebody(books, role=Role.OPERATOR)
    async with browser(books) as page:
        page.cookies.set(SESSION, cookie, domain="console.example.org")
        mine = await page.get("/me")
        [once] = re.findall(r'name="id" value="([0-9a-f]{16})">\s*<div', mine.text)
        form = {"id": once, "label": "<b>ci</b>", "role": "viewer", "expires": "30d"}
        made = await page.post("/me/tokens", data=form)
        [token] = re.findall(r"rw_[\w-]{43}", made.text)
        assert "&lt;b&gt;ci&lt;/b&gt;" in made.text
        again = await page.post("/me/tokens", data=form)
        assert again.status_code == 422 and "sent before" in again.text
        assert token not in (await page.get("/me")).text, "shown once"
        more = await page.post("/me/tokens", data=form | {"id": "", "role": "admin"})
        assert more.status_code in (403, 422)
        [kept] = await people.tokens(books)
        assert (await page.post("/me/tokens/revoke", data={"id": kept.id})).status_code == 303
        assert await signing_in.caller_of_token(books, token) is None
        wrong = await page.post("/me/password", data={"before": "no", "after": "eleven geese on the roof"})
        assert wrong.status_code == 401 and "wrong-before" in wrong.text
        await signing_in.sign_in(books, "ana", PASSWORD, **FROM)
        done = await page.post("/me/password", data={"before": PASSWORD, "after": "eleven geese on the roof"})
        assert done.headers["location"] == "/me?told=password"
        assert len(await people.sessions(books)) == 1
        assert "Your password is changed" in (await page.get("/me?told=password")).text
        await signing_in.sign_in(books, "ana", "eleven geese on the roof", **FROM)
        assert (await page.post("/me/sessions/end", data={})).status_code in (303, 415)


async def test_changes_of_one_caller_are_limited(books: Books) -> None:
    cookie = await somebody(books)
    async with browser(books) as page:
        page.cookies.set(SESSION, cookie, domain="console.example.org")
        answers = [await page.post("/me/tokens/revoke", data={"id": "x"}) for _ in range(signing_in.WRITES.burst + 30)]
        assert answers[0].status_code == 303
        last = next(answer for answer in answers if answer.status_code == 429)
        assert int(last.headers["retry-after"]) >= 1
        assert (await page.get("/me")).status_code == 200, "reads go on"
