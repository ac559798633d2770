"""From the authorise address to a code, and from the code to what was given (RFC 6749, 4.1; RFC 7636, 4.6).

Whose address it is and which application asks is checked first; what is wrong with those is shown, and nothing is sent
to an address that is not registered. Everything else that is wrong is sent back to the application.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ..store import SandboxStore
from . import pages
from .books import ConsentBooks
from .model import App, Given, Kind, Person


class CodeRefused(Exception):
    """A code that is not exchanged. `reason`: client, secret, kind (the wrong way for this type of application), code,
    redirect, verifier, busy (500)."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Consent:
    """One platform's consent, over a store."""

    def __init__(self, store: SandboxStore, kind: Kind) -> None:
        self._store = store
        self.kind = kind
        self.books = ConsentBooks(store, kind.platform)

    def routes(self) -> list[Route]:
        """The authorise addresses, and where their forms are sent."""
        form = f"/_consent/{self.kind.platform}/{{ticket}}"
        return [
            *(Route(path, self.authorize, methods=["GET"]) for path in self.kind.paths),
            Route(form, self.show, methods=["GET"]),
            Route(form, self.decide, methods=["POST"]),
        ]

    # --- the page -----------------------------------------------------------------------------------------------------

    async def authorize(self, request: Request) -> Response:
        """A person arrives with what an application asks for."""
        asked = dict(parse_qsl(request.url.query, keep_blank_values=True))
        asked["issuer"] = f"{request.url.scheme}://{request.url.netloc}"
        kind, books = self.kind, self.books
        app = books.app(asked.get(kind.id_name, ""))
        redirect = asked.get("redirect_uri", "")
        books.note("authorize", pkce=bool(asked.get("code_challenge")), client=asked.get(kind.id_name, "")[:100],
                   prompt=asked.get("prompt", ""), scopes=asked.get("scope", ""))  # fmt: skip
        if app is None:
            return pages.refusal("Access blocked", f"invalid {kind.id_name}")
        if not kind.accepts(app, redirect):
            status, error = kind.redirect_error
            return pages.refusal("Access blocked", error, status)
        if wrong := self._wrong(app, asked):
            return self._back(redirect, asked, wrong)
        switches = books.switches()
        if switches.deny:
            return self._back(redirect, asked, kind.denial)
        scopes = self._scopes(app, asked)
        if name := switches.auto_approve or asked.get("auto_approve", ""):
            person = self._person(name)
            assets = tuple(asset.account for asset in person.assets[: 1 if person.one else None])
            return self._approved(asked, Given(name, assets, scopes, app.client_id))
        ticket = books.open_page({**asked, "scopes": scopes})
        people = self._people()
        if len(people) == 1:
            return pages.consent(kind, ticket, people[0], scopes, app.client_id)
        return pages.chooser(kind, ticket, people)

    async def show(self, request: Request) -> Response:
        """The page again."""
        ticket = request.path_params["ticket"]
        if self.books.page(ticket) is None:
            return pages.refusal("Page expired", "this page has expired", 410)
        return pages.chooser(self.kind, ticket, self._people())

    async def decide(self, request: Request) -> Response:
        """A form was sent: who it is, or what was decided."""
        ticket = request.path_params["ticket"]
        asked = self.books.page(ticket)
        if asked is None:
            return pages.refusal("Page expired", "this page has expired", 410)
        form = await request.form()
        person = self._person(str(form.get("person", "")))
        client_id = str(asked.get(self.kind.id_name, ""))
        decision = form.get("decision")
        if decision is None:
            return pages.consent(self.kind, ticket, person, asked["scopes"], client_id)
        redirect = str(asked["redirect_uri"])
        if decision != "allow":
            return self._back(redirect, asked, self.kind.denial)
        ticked = [str(value) for value in form.getlist("scope")]
        scopes = tuple(scope for scope in asked["scopes"] if scope in ticked or not self.kind.granular)
        chosen = {str(value) for value in form.getlist("asset")}
        assets = tuple(asset.account for asset in person.assets if asset.account in chosen)
        given = Given(person.name, assets[:1] if person.one else assets, scopes, client_id)
        if stuck := self.kind.stuck(given, self._store):
            return pages.refusal("Something went wrong", stuck)
        return self._approved(asked, given)

    def _people(self) -> tuple[Person, ...]:
        return self.kind.people(self.books.switches().people)

    def _person(self, name: str) -> Person:
        for person in (*self._people(), *self.kind.people((name,))):
            if person.name == name:
                return person
        return Person(name, name)

    def _scopes(self, app: App, asked: dict[str, Any]) -> tuple[str, ...]:
        if app.config_id and asked.get("config_id") == app.config_id:
            return app.config_scopes
        return tuple(str(asked.get("scope", "")).replace(",", " ").split())

    def _wrong(self, app: App, asked: dict[str, Any]) -> dict[str, str]:
        """What is wrong with a request whose application and address are known."""
        kind, scopes = self.kind, self._scopes(app, asked)
        if asked.get("response_type") != "code":
            return {"error": "unsupported_response_type"}
        proof = asked.get("code_challenge", "")
        if kind.challenge and proof and asked.get("code_challenge_method") != "S256":
            return {"error": "invalid_request", "error_description": "code_challenge_method must be S256"}
        if kind.needs_proof(app) and not proof:
            return {"error": "invalid_request", "error_description": "code_challenge is required"}
        allowed = app.scopes or kind.scopes
        if unknown := [scope for scope in scopes if scope not in allowed]:
            return {"error": kind.bad_scope, "error_description": f'Scope "{unknown[0]}" is not authorized'}
        return {} if scopes or asked.get("config_id") else {"error": "invalid_request"}

    # --- the way back -------------------------------------------------------------------------------------------------

    def _approved(self, asked: dict[str, Any], given: Given) -> Response:
        switches, kind, now = self.books.switches(), self.kind, self._store.now()
        scopes = given.scopes if switches.scopes is None else switches.scopes
        life = switches.code_s or kind.code_s
        code = self.books.add_code(
            {
                "person": given.person,
                "assets": given.assets,
                "scopes": scopes,
                "client_id": given.client_id,
                "redirect": asked["redirect_uri"],
                "challenge": asked.get("code_challenge", ""),
                "expires": now - 1 if switches.code == "expired" else now + life,
                "used": switches.code == "used",
            }
        )
        answer = {"code": code, "scopes" if kind.platform == "tiktok" else "scope": kind.separator.join(scopes)}
        return self._back(str(asked["redirect_uri"]), asked, answer)

    def _back(self, redirect: str, asked: dict[str, Any], answer: dict[str, str]) -> Response:
        """Sends the browser back, spoilt as the switches say."""
        switches, state = self.books.switches(), str(asked.get("state", ""))
        pairs = [(name, value) for name, value in answer.items() if not (name == "code" and switches.code == "missing")]
        if "code" in answer and switches.code == "doubled":
            pairs.append(("code", f"{answer['code']}x"))
        if state and switches.state != "missing":
            pairs.append(("state", f"{state[:-1]}!" if switches.state == "altered" else state))
        if switches.state == "doubled":
            pairs.append(("state", state))
        if switches.iss:
            pairs.append(("iss", asked["issuer"] if switches.iss == "right" else "https://attacker.example"))
        parts = urlsplit(redirect)
        query = "&".join(filter(None, (parts.query, urlencode(pairs))))
        path = switches.path or parts.path
        fragment = switches.fragment or (self.kind.fragment if "code" in answer else "")
        target = urlunsplit((parts.scheme, parts.netloc, path, query, fragment))
        return RedirectResponse(target, 302, {"Cache-Control": "no-store"})

    # --- the code -----------------------------------------------------------------------------------------------------

    async def redeem(
        self, form: dict[str, str], *, client_id: str, secret: str, basic: bool = False, query: str = ""
    ) -> tuple[str, Given]:
        """(the code, what it stands for), once. `secret` as it was sent, in a header if `basic`. Raises
        `CodeRefused`."""
        switches, books, now = self.books.switches(), self.books, self._store.now()
        code = form.get("code", "")
        spec, app = books.code(code), books.app(client_id)
        tries = (spec["tries"] if spec else 0) + 1
        books.note("exchange", pkce=bool(form.get("code_verifier")), tries=tries, basic=basic,
                   redirect_equal=bool(spec) and form.get("redirect_uri") == spec["redirect"] if spec else False,
                   secret_in_query="secret" in query or "code=" in query)  # fmt: skip
        if switches.slow_s:
            await asyncio.sleep(switches.slow_s)
        if switches.fail_exchanges:
            books.switch({"fail_exchanges": switches.fail_exchanges - 1})
            if spec and switches.fail_uses_code:
                books.change_code(code, {**spec, "tries": tries, "used": True})
            raise CodeRefused("busy")
        self._check_app(app, secret, basic)
        if spec is None or spec["client_id"] != client_id:
            raise CodeRefused("code")
        books.change_code(code, {**spec, "tries": tries, "used": True})
        if spec["used"]:
            if switches.revoke_on_reuse:  # RFC 6749, 4.1.2
                for token in spec["issued"]:
                    self._store.drop_token(token)
            raise CodeRefused("code")
        if spec["expires"] < max(now, self._store.now()):
            raise CodeRefused("code")
        if form.get("redirect_uri") != spec["redirect"]:
            raise CodeRefused("redirect")
        if spec["challenge"] and not self._proven(form.get("code_verifier", ""), spec["challenge"]):
            raise CodeRefused("verifier")
        assets: Sequence[str] = spec["assets"]
        return code, Given(spec["person"], tuple(assets), tuple(spec["scopes"]), client_id)

    def issued(self, code: str, *tokens: str) -> None:
        """Notes the tokens of a code, which end when it is used again."""
        if spec := self.books.code(code):
            self.books.change_code(code, {**spec, "issued": [*tokens]})

    def finished(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The token's answer, in the shape that the switches want."""
        switches = self.books.switches()
        if switches.no_refresh:
            answer = {name: value for name, value in answer.items() if not name.startswith("refresh_")}
        if switches.numbers_as_text:
            answer = {name: str(value) if isinstance(value, int) else value for name, value in answer.items()}
        return {"data": [answer]} if switches.shape == "data" else answer

    def _check_app(self, app: App | None, secret: str, basic: bool) -> None:
        if app is None:
            raise CodeRefused("client")
        if app.kind == "confidential" and not basic:
            raise CodeRefused("kind")
        if app.kind in ("public", "native") and (basic or secret):
            raise CodeRefused("kind")
        if app.secret and app.kind not in ("public", "native") and not hmac.compare_digest(secret, app.secret):
            raise CodeRefused("secret")

    def _proven(self, verifier: str, challenge: str) -> bool:
        digest = hashlib.sha256(verifier.encode("utf-8", "replace"))
        if self.kind.challenge == "hex":
            return hmac.compare_digest(digest.hexdigest(), challenge)
        return hmac.compare_digest(base64.urlsafe_b64encode(digest.digest()).decode().rstrip("="), challenge)
