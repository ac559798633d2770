"""How each flow asks for a new token, and what is made of the answers; the sandboxes' endpoints are in
tests/integration/publishing/test_vault_tokens.py."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr

from reelwright.domain.errors import NeedsAuthorization, PlatformTransient
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.accounts import StoredToken
from reelwright.platforms.common.renewals import Revoked, renew, renewable
from reelwright.platforms.common.sign_in import ClientCredentials
from reelwright.platforms.registry import SPECS

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
CLIENT = ClientCredentials(
    "app",
    "app-secret",
    {flow: build(spec.settings()) for spec in SPECS.values() for flow, build in spec.sign_ins.items()},
)
URLS = {
    "google": "https://oauth2.googleapis.com/token",
    "tiktok": "https://open.tiktokapis.com/v2/oauth/token/",
    "linkedin": "https://www.linkedin.com/oauth/v2/accessToken",
    "x": "https://api.x.com/2/oauth2/token",
}


def token(flow: str, **changes: Any) -> StoredToken:
    values = {"access_token": SecretStr("old"), "refresh_token": SecretStr("refresh"), "flow": flow}
    return StoredToken(**{**values, **changes})


async def renewed(
    given: StoredToken, answer: httpx.Response, client: ClientCredentials = CLIENT
) -> tuple[StoredToken, httpx.Request]:
    asked: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer

    async with httpx.AsyncClient(transport=httpx.MockTransport(reply)) as http:
        fresh = await renew(http, given, client, Platform.X, NOW)
    return fresh, asked[0]


def sent(request: httpx.Request) -> dict[str, str]:
    text = request.content.decode() or request.url.query.decode()
    return {name: values[0] for name, values in parse_qs(text).items()}


@pytest.mark.parametrize(
    ("flow", "wanted"),
    [
        ("google", {"client_id": "app", "client_secret": "app-secret"}),
        ("tiktok", {"client_key": "app", "client_secret": "app-secret"}),
        ("linkedin", {"client_id": "app", "client_secret": "app-secret"}),
        ("x", {}),
    ],
)
async def test_refresh_grants(flow: str, wanted: dict[str, str]) -> None:
    answer = httpx.Response(200, json={"access_token": "new", "refresh_token": "rotated", "expires_in": 7200})
    fresh, request = await renewed(token(flow), answer)
    assert (request.method, str(request.url)) == ("POST", URLS[flow])
    assert sent(request) == {"grant_type": "refresh_token", "refresh_token": "refresh", **wanted}
    basic = base64.b64encode(b"app:app-secret").decode()
    assert request.headers.get("authorization", "") == (f"Basic {basic}" if flow == "x" else "")
    assert (fresh.access_token, fresh.refresh_token) == (SecretStr("new"), SecretStr("rotated"))
    assert (fresh.expires_at, fresh.obtained_at, fresh.flow) == (NOW + timedelta(hours=2), NOW, flow)


async def test_a_public_client_of_x_names_itself_and_a_kept_refresh_token_stays() -> None:
    answer = httpx.Response(200, json={"access_token": "new"})
    fresh, request = await renewed(token("x"), answer, replace(CLIENT, client_secret=""))
    assert sent(request)["client_id"] == "app" and "authorization" not in request.headers
    assert fresh.refresh_token == SecretStr("refresh")
    assert fresh.expires_at == NOW + timedelta(seconds=3_599)


async def test_metas_exchanges() -> None:
    answer = httpx.Response(200, json={"access_token": "new", "expires_in": 5_184_000})
    fresh, request = await renewed(token("facebook"), answer)
    assert str(request.url).startswith("https://graph.facebook.com/oauth/access_token?")
    assert sent(request) == {
        "grant_type": "fb_exchange_token",
        "client_id": "app",
        "client_secret": "app-secret",
        "fb_exchange_token": "old",
    }
    assert fresh.expires_at == NOW + timedelta(days=60)
    _, request = await renewed(token("instagram"), answer)
    assert request.url.host == "graph.instagram.com" and request.url.path == "/refresh_access_token"
    assert sent(request) == {"grant_type": "ig_refresh_token", "access_token": "old"}
    forever, _ = await renewed(token("facebook"), httpx.Response(200, json={"access_token": "page"}))
    assert forever.expires_at is None


@pytest.mark.parametrize(
    ("given", "can"),
    [
        (token("instagram", obtained_at=NOW - timedelta(hours=25), expires_at=NOW + timedelta(days=9)), True),
        (token("instagram", obtained_at=NOW - timedelta(hours=23), expires_at=NOW + timedelta(days=9)), False),
        (token("instagram", obtained_at=NOW - timedelta(days=61), expires_at=NOW - timedelta(days=1)), False),
        (token("instagram", expires_at=NOW + timedelta(days=9)), False),
        (token("linkedin", refresh_token=SecretStr("")), False),
        (token("none"), False),
        (token("no such flow"), False),
        (token("facebook"), True),
        (token("x"), True),
    ],
)
def test_what_can_be_renewed(given: StoredToken, can: bool) -> None:
    assert renewable(given, CLIENT, NOW) is can


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, Revoked),
        (400, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}, Revoked),
        (400, {"error": {"code": 190, "message": "Error validating access token", "type": "OAuthException"}}, Revoked),
        (401, {"error": "invalid_client"}, NeedsAuthorization),
        (400, {"error": {"code": 4, "message": "Application request limit reached"}}, PlatformTransient),
        (500, {"error": "server_error"}, PlatformTransient),
        (200, {"access_token": ""}, PlatformTransient),
        (200, ["access_token"], PlatformTransient),
        (429, {}, PlatformTransient),
    ],
)
async def test_refusals(status: int, body: Any, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        await renewed(token("x"), httpx.Response(status, json=body))
    assert not any(secret in str(caught.value) for secret in ("app-secret", "refresh'", "old'"))


async def test_a_web_page_instead_of_an_answer_is_an_outage() -> None:
    with pytest.raises(PlatformTransient, match="web page"):
        await renewed(token("google"), httpx.Response(200, html="<html>Sign in</html>"))
