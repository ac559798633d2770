"""X's consent (docs/connecting.md#x): all or nothing, for the account that the browser is signed in to, and a code that
lives 30 seconds."""

from __future__ import annotations

from ..consent.model import Kind, Person

SCOPES = (
    *("tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "users.email"),
    *("media.write", "offline.access", "like.read", "like.write", "follows.read"),
)


def people(names: tuple[str, ...]) -> tuple[Person, ...]:
    """The one who is signed in."""
    name = names[0] if names else "default"
    return (Person(name, f"@{name}"),)


X_CONSENT = Kind(
    platform="x",
    paths=("/i/oauth2/authorize",),
    scopes=SCOPES,
    people=people,
    needs_proof=lambda app: True,
    code_s=30.0,
    redirect_error=(415, "Callback URL not approved for this client application."),
)
ANSWERS = {
    "client": (400, "invalid_request", "Value passed for the client_id was invalid."),
    "secret": (401, "unauthorized_client", "Missing valid authorization header"),
    "kind": (401, "unauthorized_client", "Missing valid authorization header"),
    "code": (400, "invalid_request", "Value passed for the authorization code was invalid."),
    "redirect": (
        400,
        "invalid_request",
        "Value passed for the redirect uri did not match the uri of the authorization code.",
    ),
    "verifier": (400, "invalid_request", "Value passed for the code verifier did not match the code challenge."),
    "busy": (503, "server_error", "Over capacity"),
}
