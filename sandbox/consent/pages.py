"""The pages that a person sees: plain forms with stable ids (`account-…`, `asset-…`, `scope-…`, `allow`, `deny`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from starlette.responses import HTMLResponse

from .model import Kind, Person

_HEADERS = {
    # No form-action: Chromium holds the redirect behind a form to it, and this one leads back to the application.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 2rem auto; padding: 0 1rem; }
fieldset { margin: 1rem 0; border: 1px solid #8888; border-radius: .5rem; }
label { display: block; padding: .3rem 0; }
small { opacity: .75; }
button { font: inherit; padding: .5rem 1rem; margin: .3rem .5rem .3rem 0; }
"""


def html_id(text: str) -> str:
    """A name as it stands in ids: letters, digits and hyphens."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text.rsplit("/auth/", 1)[-1]).strip("-")


def chooser(kind: Kind, ticket: str, people: Sequence[Person]) -> HTMLResponse:
    """Who is it?"""
    buttons = "".join(
        f'<p><button id="account-{html_id(person.name)}" name="person" value="{escape(person.name)}">'
        f"{escape(person.label)}</button></p>"
        for person in people
    )
    form = f'<form method="post" action="/_consent/{kind.platform}/{escape(ticket)}">{buttons}</form>'
    return _page(f"Choose an account: {kind.platform}", form)


def consent(kind: Kind, ticket: str, person: Person, scopes: Sequence[str], client_id: str) -> HTMLResponse:
    """What is it to be allowed?"""
    parts = [f"<p>Signed in as <b>{escape(person.label)}</b>. <b>{escape(client_id)}</b> asks for access.</p>"]
    if person.assets:
        parts.append(_assets(person))
    parts.append(_scopes(kind, scopes))
    parts.append(f'<input type="hidden" name="person" value="{escape(person.name)}">')
    parts.append('<button id="allow" name="decision" value="allow">Allow</button>')
    parts.append('<button id="deny" name="decision" value="deny">Deny</button>')
    form = f'<form method="post" action="/_consent/{kind.platform}/{escape(ticket)}">{"".join(parts)}</form>'
    return _page(f"Allow access: {kind.platform}", form)


def refusal(title: str, error: str, status: int = 400) -> HTMLResponse:
    """An error that is shown, and never sent back to the address it is about."""
    return _page(title, f'<p id="error">{escape(error)}</p>', status)


def _assets(person: Person) -> str:
    kind = "radio" if person.one else "checkbox"
    rows = "".join(
        f'<label><input type="{kind}" name="asset" id="asset-{html_id(asset.account)}" '
        f'value="{escape(asset.account)}"{" checked" if not person.one or number == 0 else ""}> '
        f"{escape(asset.label)} <small>{escape(asset.note)}</small></label>"
        for number, asset in enumerate(person.assets)
    )
    return f"<fieldset><legend>Access to</legend>{rows}</fieldset>"


def _scopes(kind: Kind, scopes: Sequence[str]) -> str:
    rows = "".join(
        f'<label><input type="checkbox" name="scope" id="scope-{html_id(scope)}" value="{escape(scope)}" checked'
        f"{'' if kind.granular else ' disabled'}> {escape(scope)}</label>"
        for scope in scopes
    )
    return f"<fieldset><legend>Permissions</legend>{rows}</fieldset>"


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    html = (
        f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )
    return HTMLResponse(html, status, _HEADERS)
