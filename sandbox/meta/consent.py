"""Facebook's consent (docs/connecting.md#facebook): permission by permission, page by page.

`default` has one page; `nobody` none; `many` thirty; `mixed` one of each kind: with Instagram, without it, in a
business portfolio, and one on which the person may not post."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..consent.model import App, Asset, Kind, Person

SCOPES = (
    *("public_profile", "email", "pages_show_list", "pages_manage_posts", "pages_read_engagement"),
    *("pages_manage_engagement", "pages_read_user_content", "pages_manage_metadata", "read_insights"),
    *("instagram_basic", "instagram_content_publish", "instagram_manage_comments", "instagram_manage_insights"),
    *("instagram_manage_contents", "business_management"),
)
PEOPLE = ("default", "nobody", "many", "mixed")
NO_INSTAGRAM, PORTFOLIO, READER = "-plain", "-portfolio", "-reader"


def people(names: tuple[str, ...]) -> tuple[Person, ...]:
    """Whoever is named; else all four."""
    return tuple(Person(name, f"{name.title()} Person", _pages(name)) for name in names or PEOPLE)


def _pages(name: str) -> tuple[Asset, ...]:
    if name == "nobody":
        return ()
    if name == "many":
        return tuple(Asset(f"many-{number}", f"Page {number}") for number in range(1, 31))
    if name == "mixed":
        return (
            Asset("mixed", "Mixed", "with Instagram"),
            Asset(f"mixed{NO_INSTAGRAM}", "Plain", "without Instagram"),
            Asset(f"mixed{PORTFOLIO}", "Portfolio", "of a business portfolio"),
            Asset(f"mixed{READER}", "Reader", "without the right to post"),
        )
    return (Asset(name, name),)


def accepts(app: App, redirect: str) -> bool:
    """In Development mode http://localhost, which needs no registration and is no 127.0.0.1; else what is registered,
    byte for byte, and https."""
    parts = urlsplit(redirect)
    if parts.fragment:
        return False
    if parts.scheme == "http":
        return parts.hostname == "localhost" and app.mode in ("", "development")
    return parts.scheme == "https" and (redirect in app.redirects or not app.redirects)


META = Kind(
    platform="meta",
    paths=("/{version:graphversion}/dialog/oauth", "/dialog/oauth"),
    scopes=SCOPES,
    people=people,
    separator=",",
    granular=True,
    challenge="",
    denial={
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
    },
    redirect_error=(400, "URL Blocked: This redirect failed because the redirect URI is not whitelisted"),
    accepts=accepts,
    fragment="_=_",
)
ANSWERS = {
    "client": (101, "Error validating application. Cannot get application info due to a system error.", 400),
    "secret": (1, "Error validating client secret.", 400),
    "kind": (1, "Error validating client secret.", 400),
    "code": (100, "This authorization code has expired or this authorization code has been used.", 400),
    "redirect": (
        100,
        "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in "
        "the OAuth dialog request",
        400,
    ),
    "verifier": (100, "Invalid code verifier", 400),
    "busy": (2, "An unexpected error has occurred. Please retry your request later.", 500),
}
