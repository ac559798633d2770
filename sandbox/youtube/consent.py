"""Google's consent (docs/connecting.md#youtube): scope by scope, and one channel picked. Each person has a channel of
their own and one of a brand account."""

from __future__ import annotations

from starlette.responses import JSONResponse

from ..consent.flow import CodeRefused
from ..consent.model import App, Asset, Given, Kind, Person, exact, loopback_or_https, portless
from ..store import SandboxStore

ROOT = "https://www.googleapis.com/auth/"
SCOPES = (
    *(f"{ROOT}{name}" for name in ("youtube", "youtube.upload", "youtube.readonly", "youtube.force-ssl")),
    *(f"{ROOT}{name}" for name in ("yt-analytics.readonly", "yt-analytics-monetary.readonly")),
    *("openid", f"{ROOT}userinfo.email", f"{ROOT}userinfo.profile"),
)
PEOPLE = ("default", "nochannel")


def people(names: tuple[str, ...]) -> tuple[Person, ...]:
    """Each with two channels, but for the one that has none."""
    return tuple(_person(name) for name in names or PEOPLE)


def _person(name: str) -> Person:
    if name == "nochannel":
        return Person(name, f"{name}@gmail.example", (Asset(name, "no channel"),), one=True)
    channels = (Asset(name, name, "personal"), Asset(f"{name}-brand", f"{name}-brand", "brand account"))
    return Person(name, f"{name}@gmail.example", channels, one=True)


def accepts(app: App, redirect: str) -> bool:
    """Desktop clients: any port of the loopback address, nothing registered. Web clients: byte for byte."""
    if app.kind == "desktop":
        return loopback_or_https(redirect) and redirect.startswith(("http://127.0.0.1", "http://[::1]"))
    if app.redirects and app.kind == "" and portless(redirect) in map(portless, app.redirects):
        return loopback_or_https(redirect)
    return exact(app, redirect)


def stuck(given: Given, store: SandboxStore) -> str:
    """Brand accounts never get past the consent when an identity is asked for, too."""
    identity = any(scope == "openid" or "userinfo" in scope for scope in given.scopes)
    return "Something went wrong. Try again." if identity and given.account.endswith("-brand") else ""


GOOGLE = Kind(
    platform="youtube",
    paths=("/o/oauth2/v2/auth",),
    scopes=SCOPES,
    people=people,
    granular=True,
    redirect_error=(400, "Error 400: redirect_uri_mismatch"),
    accepts=accepts,
    stuck=stuck,
)

_ANSWERS = {
    "client": (401, "invalid_client", "The OAuth client was not found."),
    "secret": (401, "invalid_client", "The provided client secret is invalid."),
    "kind": (401, "unauthorized_client", "Unauthorized"),
    "code": (400, "invalid_grant", "Bad Request"),
    "redirect": (400, "redirect_uri_mismatch", "Bad Request"),
    "verifier": (400, "invalid_grant", "Invalid code verifier."),
    "busy": (500, "internal_failure", "Internal error"),
}


def refusal(refused: CodeRefused) -> JSONResponse:
    """In Google's words."""
    status, error, description = _ANSWERS[refused.reason]
    return JSONResponse({"error": error, "error_description": description}, status)
