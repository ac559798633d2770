"""TikTok's consent (docs/connecting.md#tiktok): scope by scope; the challenge is in hex."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..consent.model import LOOPBACK, App, Kind, Person, loopback_or_https, portless

SCOPES = (
    *("user.info.basic", "user.info.profile", "user.info.stats"),
    *("video.upload", "video.publish", "video.list"),
)


def people(names: tuple[str, ...]) -> tuple[Person, ...]:
    """Whoever is named; else one."""
    return tuple(Person(name, f"@{name}") for name in names or ("default",))


def accepts(app: App, redirect: str) -> bool:
    """No query, no fragment. Desktop: a port, and `localhost` or 127.0.0.1; `*` stands for any port. Web: https."""
    parts = urlsplit(redirect)
    if parts.query or parts.fragment or len(redirect) >= 512:
        return False
    if not app.redirects:
        return loopback_or_https(redirect)
    if parts.scheme == "http" and (parts.hostname not in LOOPBACK or parts.port is None):
        return False
    anyport = [address.replace(":*", "") for address in app.redirects if ":*" in address]
    return redirect in app.redirects or portless(redirect) in anyport


TIKTOK = Kind(
    platform="tiktok",
    paths=("/v2/auth/authorize/", "/v2/auth/authorize"),
    scopes=SCOPES,
    people=people,
    separator=",",
    granular=True,
    challenge="hex",
    needs_proof=lambda app: app.kind in ("", "desktop"),
    id_name="client_key",
    denial={"error": "access_denied", "error_description": "The user denied the request"},
    redirect_error=(400, "redirect_uri"),
    accepts=accepts,
)
ANSWERS = {
    "client": (401, "invalid_client", "Client key or secret is incorrect."),
    "secret": (401, "invalid_client", "Client key or secret is incorrect."),
    "kind": (401, "unauthorized_client", "The client is not authorized."),
    "code": (400, "invalid_grant", "Authorization code is expired."),
    "redirect": (400, "invalid_request", "Redirect_uri is not matched with the uri when requesting code."),
    "verifier": (400, "invalid_request", "Code verifier or code challenge is invalid."),
    "busy": (500, "server_error", "Internal error"),
}
