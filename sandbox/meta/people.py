"""People of the sandbox's Facebook: their tokens, what they granted, their pages, and taking it all back.

A person's token belongs to the account `user:<name>`; a page's to the page's own account, and has no end."""

from __future__ import annotations

import secrets
from typing import Any

from starlette.responses import JSONResponse, Response

from ..consent.books import ConsentBooks
from ..consent.flow import CodeRefused, Consent
from ..store import SandboxStore
from .access import Access, Call, MetaSettings, Refusal, only, paged
from .accounts import business_id, instagram_user, page_of, user_id
from .consent import ANSWERS, META, NO_INSTAGRAM, PORTFOLIO, READER

PREFIX = "user:"
HOUR, YEAR = 3_600.0, 365 * 86_400.0
_PAGE = ("name", "access_token", "tasks")


def is_person(account: str) -> bool:
    """Whether a token's account is a person, and no page."""
    return account.startswith(PREFIX)


class People:
    """Handlers, over a store."""

    def __init__(self, store: SandboxStore, access: Access) -> None:
        self._store = store
        self._access = access
        self.consent = Consent(store, META)
        self._books = ConsentBooks(store, META.platform)

    # --- a person's token ---------------------------------------------------------------------------------------------

    async def code(self, call: Call) -> Response:
        """A consent's code for a token of an hour."""
        client, secret = call.params.get("client_id", ""), call.params.get("client_secret", "")
        try:
            code, given = await self.consent.redeem(
                call.params, client_id=client, secret=secret, query=call.request.url.query
            )
        except CodeRefused as refused:
            number, message, status = ANSWERS[refused.reason]
            raise Refusal(number, message, status=status) from None
        granted = {"scopes": given.scopes, "pages": given.assets, "at": self._store.now()}
        self._books.keep("granted", given.person, granted)
        for page in given.assets:
            self._books.keep("person", page, given.person)
        token = f"EAA{secrets.token_urlsafe(48)}"
        self._store.add_token(token, f"{PREFIX}{given.person}", self._store.now() + HOUR)
        self.consent.issued(code, token)
        answer = {"access_token": token, "token_type": "bearer", "expires_in": int(HOUR)}
        return JSONResponse(self.consent.finished(answer))

    def _person(self, call: Call) -> tuple[str, dict[str, Any]]:
        """The person of a token and what was granted."""
        if not is_person(call.account):
            raise Refusal(100, "(#100) A user access token is required")
        name = call.account.removeprefix(PREFIX)
        return name, self._books.kept("granted", name) or {"scopes": [], "pages": []}

    async def me(self, call: Call) -> Response:
        """`GET /me`."""
        name, _ = self._person(call)
        return JSONResponse(only({"id": user_id(name), "name": f"{name.title()} Person"}, call.fields, ("name",)))

    async def permissions(self, call: Call) -> Response:
        """`GET /me/permissions`: what was granted, and what was not."""
        _, granted = self._person(call)
        rows = [
            {"permission": scope, "status": "granted" if scope in granted["scopes"] else "declined"}
            for scope in META.scopes
        ]
        return JSONResponse({"data": rows})

    async def accounts(self, call: Call) -> Response:
        """`GET /me/accounts`: the pages that were ticked, without those of a portfolio."""
        _, granted = self._person(call)
        if "pages_show_list" not in granted["scopes"]:
            return JSONResponse({"data": []})
        pages = [page for page in granted["pages"] if not page.endswith(PORTFOLIO)]
        return JSONResponse(paged(call, [self._page(call, page) for page in pages]))

    async def businesses(self, call: Call) -> Response:
        """`GET /me/businesses`."""
        name, granted = self._person(call)
        if "business_management" not in granted["scopes"]:
            raise Refusal(100, "(#100) Missing Permissions", status=403)
        return JSONResponse({"data": [{"id": business_id(name), "name": f"Business of {name}"}]})

    async def owned(self, call: Call) -> Response:
        """`GET /{business}/owned_pages`."""
        name, granted = self._person(call)
        pages = [page for page in granted["pages"] if page.endswith(PORTFOLIO)]
        return JSONResponse(paged(call, [self._page(call, page) for page in pages if call.id == business_id(name)]))

    async def client(self, call: Call) -> Response:
        """`GET /{business}/client_pages`."""
        self._person(call)
        return JSONResponse(paged(call, []))

    def _page(self, call: Call, page: str) -> dict[str, Any]:
        tasks = ["ANALYZE"] if page.endswith(READER) else ["ANALYZE", "MODERATE", "CREATE_CONTENT", "MANAGE"]
        node: dict[str, Any] = {"id": page_of(page), "name": page, "tasks": tasks}
        if not page.endswith(NO_INSTAGRAM):
            linked = {"id": instagram_user(page), "username": page, "name": page}
            node["instagram_business_account"] = linked
        if "access_token" in call.fields or not call.fields:
            token = f"EAA{secrets.token_urlsafe(48)}"
            self._store.add_token(token, page, self._store.now() + 10 * YEAR)
            node["access_token"] = token
        return only(node, call.fields, _PAGE)

    # --- afterwards ---------------------------------------------------------------------------------------------------

    async def revoke(self, call: Call) -> Response:
        """`DELETE /{user}/permissions`: every page of the person with it."""
        name, granted = self._person(call)
        if call.id not in ("", user_id(name)):
            raise Refusal(100, "(#100) No such user")
        for account in (f"{PREFIX}{name}", *granted["pages"]):
            self._store.expire_tokens(account)
        self._books.keep("granted", name, {"scopes": [], "pages": []})
        return JSONResponse({"success": True})

    def debug(self, call: Call, settings: MetaSettings) -> Response:
        """`GET /debug_token`: with the application's own token, `id|secret`."""
        bearer = self._access.token_of(call.request, call.params)
        client_id, _, secret = bearer.partition("|")
        app = self._books.app(client_id)
        if app is None or (app.secret and app.secret != secret):
            raise Refusal(190, "Invalid OAuth access token - Cannot parse access token", status=401)
        token = call.need("input_token")
        owner = self._access.owner(token)
        name = owner.removeprefix(PREFIX) if is_person(owner) else self._books.kept("person", owner) or owner
        granted = self._books.kept("granted", name)
        scopes = granted["scopes"] if granted else list(META.scopes)
        expires = 0 if owner and not is_person(owner) else int(self._store.expiry_of(token))
        begun = granted.get("at", self._store.now()) if granted else self._store.now()
        data = {
            "app_id": client_id,
            "type": "USER" if is_person(owner) else "PAGE",
            "is_valid": bool(owner) and self._store.account_of(token) is not None,
            "expires_at": expires,
            "data_access_expires_at": int(begun + settings.data_access_s),
            "scopes": scopes,
            "user_id": user_id(name),
        }
        return JSONResponse({"data": data})
