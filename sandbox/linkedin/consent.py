"""LinkedIn's consent (docs/connecting.md#linkedin): all or nothing, and one scope that the application lacks fails all.

Three members: one with one page, one with three and only two of them to post to, one with none."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..consent.model import App, Kind, Person, exact

SCOPES = (
    *("openid", "profile", "email", "w_member_social", "r_basicprofile", "r_member_postAnalytics"),
    *("rw_organization_admin", "r_organization_admin", "w_organization_social", "r_organization_social"),
)


def people(names: tuple[str, ...]) -> tuple[Person, ...]:
    """Whoever is named; else all three."""
    return tuple(Person(name, name) for name in names or ("default", "three", "alone"))


def accepts(app: App, redirect: str) -> bool:
    """Native applications: the loopback addresses alone, any port. Others: byte for byte."""
    parts = urlsplit(redirect)
    if app.kind == "native":
        return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1") and parts.port is not None
    return exact(app, redirect)


LINKEDIN = Kind(
    platform="linkedin",
    paths=("/oauth/v2/authorization", "/oauth/native-pkce/authorization"),
    scopes=SCOPES,
    people=people,
    needs_proof=lambda app: app.kind == "native",
    code_s=1_800.0,
    denial={"error": "user_cancelled_authorize", "error_description": "The user cancelled the authorization"},
    bad_scope="unauthorized_scope_error",
    redirect_error=(400, "The redirect_uri does not match the registered value"),
    accepts=accepts,
)
_LUMPED = (
    "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. "
    "Or authorization code expired. Or external member binding exists"
)
ANSWERS = {
    "client": (401, "invalid_client", "Client authentication failed"),
    "secret": (401, "invalid_client", "Client authentication failed"),
    "kind": (401, "invalid_client", "Client authentication failed"),
    "code": (400, "invalid_request", _LUMPED),
    "redirect": (400, "invalid_request", _LUMPED),
    "verifier": (400, "invalid_request", _LUMPED),
    "busy": (500, "server_error", "Internal error"),
}
