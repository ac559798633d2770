"""Signing in at an identity provider that speaks the protocol: what is asked for, believed, and refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest
from pydantic import SecretStr

from console.access import recognise
from console.access.oidc import OidcSettings, Provider, roles_of, secure
from console.pages.oidc import COOKIE
from console.parts import ConsoleSettings
from control import people
from control.studio import Books
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.people import HERE, Role
from tests.console_app import app_of
from tests.servers import Servers, emptied
from tests.stand_ins.oidc import CLIENT, SECRET, STRANGER, Login, Oidc, identity_provider
from tests.stand_ins.server import Answer

from ..conftest import database_of_its_own

AT = "https://console.example.org"
ROLES = {"editors": Role.REVIEWER, "admins": Role.ADMIN}


@pytest.fixture(scope="module")
async def database(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


@pytest.fixture
async def books(database: Any) -> Books:
    await emptied(database)
    return Books(database, SecretStr(""), HERE)


@pytest.fixture
def there() -> Iterator[Oidc]:
    with identity_provider() as provider:
        yield provider


@asynccontextmanager
async def browser(books: Books, there: Oidc, **settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    how = OidcSettings(
        **{"issuer": there.issuer, "client_id": CLIENT, "client_secret": SecretStr(SECRET), "roles": ROLES, **settings}
    )
    async with httpx.AsyncClient() as http:
        app = app_of(
            pool=books.pool,
            recognise=recognise,
            settings=ConsoleSettings(public_url=AT, version="test"),
            extras={"oidc": Provider(how, http)},
        )
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        asked = {"Accept": "text/html", "Sec-Fetch-Site": "cross-site"}  # the browser comes from the provider's site
        async with httpx.AsyncClient(transport=transport, base_url=AT, headers=asked) as client:
            yield client


async def signing_in(page: httpx.AsyncClient, there: Oidc, to: str = "/") -> httpx.Response:
    """What the console answers to the browser that comes back."""
    begun = await page.get("/login/oidc", params={"to": to})
    assert begun.status_code == 303, begun.text
    return await page.get("/login/oidc/callback", params=there.browser(begun.headers["location"]))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_who_signs_in_there_is_signed_in_here_with_the_groups_role(
    books: Books, there: Oidc, algorithm: str
) -> None:
    there.signed = algorithm
    async with browser(books, there) as page:
        asked = (await page.get("/login?to=/me")).text
        assert "Sign in with <bdi>127.0.0.1</bdi>" in asked and "Make the first admin" in asked
        answer = await signing_in(page, there, "/contents?stage=done")
        assert answer.headers["location"] == "/login/done?to=%2Fcontents%3Fstage%3Ddone", answer.text
        assert (await page.get("/login/done?to=/me")).headers["location"] == "/me"
        assert COOKIE not in page.cookies, "it is taken back"
        mine = await page.get("/me")
        assert "jane" in mine.text and "reviewer" in mine.text
    [person] = await people.people(books)
    assert (person.name, person.role, person.subject) == ("jane", Role.REVIEWER, f"{there.issuer} 248289761001")
    assert [session.way for session in await people.sessions(books)] == ["oidc"]


async def test_the_highest_of_the_groups_roles_counts_and_changes(books: Books, there: Oidc) -> None:
    async with browser(books, there) as page:
        there.login.claims = {"preferred_username": "jane", "groups": ["editors", "admins"]}
        await signing_in(page, there)
        await people.add(books, "root", Role.ADMIN, by="x")
        there.login.claims = {"preferred_username": "jane", "groups": ["editors"]}
        await signing_in(page, there)
        assert {one.name: one.role for one in await people.people(books)}["jane"] is Role.REVIEWER


async def test_groups_in_an_object_and_in_the_userinfo(books: Books, there: Oidc) -> None:
    async with browser(books, there, groups_claim="realm_access.roles") as page:
        there.login.claims = {"email": "jane@example.org", "realm_access": {"roles": ["editors"]}}
        assert (await signing_in(page, there)).status_code == 303
        there.login = Login("2", {"name": "Bo"}, {"realm_access": {"roles": ["admins"]}})
        assert (await signing_in(page, there)).status_code == 303
        roles = {one.name: one.role for one in await people.people(books)}
        assert roles == {"jane@example.org": Role.REVIEWER, "Bo": Role.ADMIN}
        there.userinfo_sub = "somebody else"
        refused = await signing_in(page, there)
        assert refused.status_code == 401 and "is of somebody else" in refused.text


async def test_the_secret_goes_as_the_provider_takes_it(books: Books, there: Oidc) -> None:
    there.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    async with browser(books, there) as page:
        assert (await signing_in(page, there)).status_code == 303
    [asked] = [asked for asked in there.server.asked if asked.path.endswith("/token")]
    assert "authorization" not in asked.headers and SECRET not in asked.target


WRONG = {
    "of another issuer": {"token": {"iss": "https://evil.example"}},
    "for another program": {"token": {"aud": "somebody-else"}},
    "for several, made for another": {"token": {"aud": [CLIENT, "other"], "azp": "other"}},
    "expired": {"token": {"exp": 1_700_000_000, "iat": 1_699_999_000}},
    "not yet": {"token": {"nbf": 4_000_000_000}},
    "without an end": {"token": {"exp": None}},
    "without a person": {"token": {"sub": None}},
    "of another sign-in": {"token": {"nonce": "another"}},
    "without a nonce": {"token": {"nonce": None}},
    "signed by a stranger": {"signed": "ES256", "key": STRANGER},
    "signed with an unknown key": {"header": {"kid": "unknown"}},
    "without a group that may": {"login": Login(claims={"preferred_username": "jane", "groups": ["everybody"]})},
    "without groups": {"login": Login(claims={"preferred_username": "jane"})},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_token_that_does_not_hold_lets_nobody_in(books: Books, there: Oidc, wrong: dict[str, Any]) -> None:
    for name, value in wrong.items():
        setattr(there, name, value)
    async with browser(books, there) as page:
        answer = await signing_in(page, there)
        assert answer.status_code == 401 and "signing in there has failed" in answer.text
        assert "reelwright=" not in answer.headers.get("set-cookie", "").replace("reelwright-oidc", "")
    assert await people.people(books) == []


async def test_a_token_without_a_signature_or_signed_with_the_public_key_is_refused(books: Books, there: Oidc) -> None:
    begun_with: dict[str, str] = {}

    def forged(algorithm: str, key: Any) -> Answer:
        claims = {"iss": there.issuer, "sub": "1", "aud": CLIENT, "iat": 1, "exp": 4_000_000_000, **begun_with}
        token = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "RS256"})
        return Answer.of({"access_token": "x", "token_type": "Bearer", "id_token": token})

    async with browser(books, there) as page:
        for algorithm, key in (("none", None), ("HS256", "a-secret-that-is-long-enough-for-hs256")):
            begun = await page.get("/login/oidc")
            query = there.browser(begun.headers["location"])
            begun_with["nonce"] = dict(parse_qsl(urlsplit(begun.headers["location"]).query))["nonce"]
            there.server.next = [forged(algorithm, key)]
            answer = await page.get("/login/oidc/callback", params=query)
            assert answer.status_code == 401 and "is not accepted" in answer.text


async def test_new_keys_of_the_provider_are_asked_for(books: Books, there: Oidc, monkeypatch: Any) -> None:
    monkeypatch.setattr("console.access.oidc.KEYS_AGAIN_S", 0.0)
    async with browser(books, there) as page:
        assert (await signing_in(page, there)).status_code == 303
        there.kid = "rotated-"
        assert (await signing_in(page, there)).status_code == 303


async def test_only_the_browser_that_began_it_ends_it_and_once(books: Books, there: Oidc) -> None:
    async with browser(books, there) as page, browser(books, there) as other:
        begun = await page.get("/login/oidc")
        query = there.browser(begun.headers["location"])
        stolen = await other.get("/login/oidc/callback", params=query)
        assert stolen.status_code == 401 and "was not begun in this browser" in stolen.text
        cookie = page.cookies[COOKIE]
        assert (await page.get("/login/oidc/callback", params=query)).status_code == 303
        page.cookies.set(COOKIE, cookie, domain="console.example.org")
        assert (await page.get("/login/oidc/callback", params=query)).status_code == 401


async def test_one_that_took_too_long_is_refused(books: Books, there: Oidc) -> None:
    async with browser(books, there) as page:
        begun = await page.get("/login/oidc")
        await books.pool.execute("update oidc_logins set expires_at = now()")
        answer = await page.get("/login/oidc/callback", params=there.browser(begun.headers["location"]))
        assert answer.status_code == 401 and "took too long" in answer.text


@pytest.mark.parametrize(
    "change, said",
    [
        ({"iss": "https://evil.example"}, "of another provider"),
        ({"iss": None}, "of another provider"),
        ({"code": "forged"}, "refuses the code with status 400"),
        ({"code": None, "error": "access_denied"}, "the provider answers access_denied"),
        ({"code": None, "error": "<script>alert(1)</script>"}, "the provider answers an error"),
        ({"state": "another"}, "was not begun in this browser"),
    ],
)
async def test_an_answer_that_does_not_fit_is_refused(
    books: Books, there: Oidc, change: dict[str, Any], said: str
) -> None:
    async with browser(books, there) as page:
        begun = await page.get("/login/oidc")
        query = {**there.browser(begun.headers["location"]), **change}
        sent = {name: value for name, value in query.items() if value is not None}
        answer = await page.get("/login/oidc/callback", params=sent)
        assert answer.status_code == 401 and said in answer.text and "<script>alert" not in answer.text


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"oops"),
        Answer(200, b"<html>"),
        Answer(200, b"[" * 100_000),
        Answer(200, b" " * 2_000_000),
        Answer.of({"issuer": "https://evil.example"}),
    ],
)
async def test_a_provider_that_cannot_be_used_is_said(books: Books, there: Oidc, answer: Answer) -> None:
    there.server.next = [answer]
    async with browser(books, there) as page:
        shown = await page.get("/login/oidc")
        assert shown.status_code == 503 and "the identity provider cannot be used" in shown.text
        assert (await page.get("/login/oidc")).status_code == 303, "the next try asks again"


async def test_an_endpoint_that_others_can_read_is_not_used(books: Books, there: Oidc) -> None:
    there.described = {"token_endpoint": "http://login.example.org/token"}
    async with browser(books, there) as page:
        assert "token_endpoint is no https address" in (await page.get("/login/oidc")).text


async def test_without_a_provider_there_is_no_such_page(books: Books) -> None:
    app = app_of(pool=books.pool, recognise=recognise, settings=ConsoleSettings(public_url=AT))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=AT) as client:
        assert (await client.get("/login/oidc")).status_code == 404
        assert (await client.get("/login/oidc/callback")).status_code == 404


async def test_a_provider_that_is_away_is_said(books: Books) -> None:
    how = OidcSettings(issuer="http://127.0.0.1:9", client_id=CLIENT, roles=ROLES)
    async with httpx.AsyncClient() as http:
        with pytest.raises(ProviderUnavailable, match="does not answer"):
            await Provider(how, http).begin(books, f"{AT}/login/oidc/callback", "/")


def test_roles_are_read_from_the_setting() -> None:
    assert roles_of("studio admins=admin,editors = Reviewer") == {
        "studio admins": Role.ADMIN,
        "editors": Role.REVIEWER,
    }
    for wrong in ("admins", "=admin", "admins=king", "a=viewer,b"):
        with pytest.raises(InvalidInput) as raised:
            roles_of(wrong)
        assert raised.value.field == "REELWRIGHT_OIDC_ROLES"


@pytest.mark.parametrize(
    "url, safe",
    [
        ("https://login.example.org/x", True),
        ("http://127.0.0.1:8080/x", True),
        ("http://login.example.org/x", False),
        ("https:///x", False),
        ("ftp://127.0.0.1/x", False),
        ("", False),
    ],
)
def test_what_is_secure(url: str, safe: bool) -> None:
    assert secure(url) is safe
