"""Connecting LinkedIn members and organisations (docs/connecting.md#linkedin).

LinkedIn wants two applications: one with Share on LinkedIn and Sign In with OpenID Connect for the member, and one with
Community Management API and nothing else for organisations' pages. A consent gives all scopes or none, and one scope
that the application lacks fails all of them: so only those of the application in use are asked for.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput, NeedsAuthorization
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.connecting import Asked, Choice, Granted, Guide, Identity, Inspection, ScopeUse

from ..common.connect import Advice, App, ConnectFlow, text
from .post import AUTHOR, urn
from .settings import LinkedInSettings

PAGE = "page"
"""The application for organisations' pages."""
ROLES = frozenset({"ADMINISTRATOR", "CONTENT_ADMINISTRATOR"})
"""Those that may post."""
PAGES = 20
MEMBER_SCOPES = (
    ScopeUse(name="openid", gives="knowing whose account it is", needed=True),
    ScopeUse(name="profile", gives="the member's name", needed=True),
    ScopeUse(name="w_member_social", gives="posting as the member", needed=True),
)
PAGE_SCOPES = (
    ScopeUse(name="r_basicprofile", gives="knowing who gave the consent", needed=True),
    ScopeUse(name="rw_organization_admin", gives="listing the organisations", needed=True),
    ScopeUse(name="w_organization_social", gives="posting as the organisation", needed=True),
    ScopeUse(name="r_organization_social", gives="reading back what was posted, and comments"),
)
TOKEN_TOOL = "https://www.linkedin.com/developers/tools/oauth"  # noqa: S105
"""LinkedIn's own generator of tokens, where no redirect can be used."""

ADVICE = {
    "unauthorized_scope_error": Advice(
        "REELWRIGHT_LINKEDIN_SCOPES",
        "add the product that has the scope to the app, or ask for fewer; pages need the application of their own"
        " (--app page)",
    ),
    "invalid_client": Advice("LINKEDIN_CLIENT_SECRET", "copy client id and secret again (Auth)"),
    "invalid_client_id": Advice("LINKEDIN_CLIENT_ID", "copy client id and secret again (Auth)"),
    "redirect_uri": Advice(
        "redirect",
        "register the redirect byte for byte (Auth, OAuth 2.0 settings); where none can be used, make a token at"
        f" {TOKEN_TOOL} and give it to `reelwright account authorize linkedin`",
    ),
    "does not match authorization code": Advice(
        "code", "begin the connection again; if it stays, compare the redirect with the registered one"
    ),
    "invalid_redirect_uri": Advice("redirect", "register the redirect byte for byte (Auth, OAuth 2.0 settings)"),
}
"""What to change where, by an error's name or by words of its description."""


class LinkedInConnect(ConnectFlow):
    """See `domain.ports.connecting.Connector`."""

    platform = Platform.LINKEDIN
    short = "l"
    issuer = "linkedin"
    flow = "linkedin"
    denials = frozenset({"user_cancelled_login", "user_cancelled_authorize", "access_denied"})
    advice = ADVICE

    def __init__(self, http: httpx.AsyncClient, settings: LinkedInSettings, origin: Origin) -> None:
        main = App(
            settings.linkedin_client_id,
            settings.linkedin_client_secret.get_secret_value(),
            "LINKEDIN_CLIENT_ID",
            "LINKEDIN_CLIENT_SECRET",
            secret_needed=not settings.linkedin_native_pkce,
        )
        page = App(
            settings.linkedin_page_client_id,
            settings.linkedin_page_client_secret.get_secret_value(),
            "LINKEDIN_PAGE_CLIENT_ID",
            "LINKEDIN_PAGE_CLIENT_SECRET",
        )
        self._own_page_app = bool(page.client_id)
        native = settings.linkedin_native_pkce
        super().__init__(
            http,
            origin=origin,
            apps={"": main, PAGE: page if self._own_page_app else main},
            authorize_url=settings.linkedin_native_authorize_url if native else settings.linkedin_authorize_url,
            token_url=settings.linkedin_token_url,
            scopes=settings.linkedin_scopes,
        )
        self.pkce = "base64url" if native else "none"
        self._native = native
        self._api_url = settings.linkedin_api_url
        self._version = settings.linkedin_version
        self._oauth = settings.linkedin_token_url.rpartition("/")[0]

    def usual(self, app: str) -> tuple[ScopeUse, ...]:
        """Those of the application in use."""
        return PAGE_SCOPES if app == PAGE else MEMBER_SCOPES

    def app_of(self, account: AccountInfo, token: StoredToken) -> str:
        """An organisation's page needs the page application's scopes, whichever gave them."""
        return PAGE if account.external_id.startswith("urn:li:organization:") else ""

    def guide(self, app: str) -> Guide:
        """See `Connector.guide`."""
        product = (
            "Community Management API, alone on an application of its own (LinkedIn reviews it)"
            if app == PAGE
            else "Share on LinkedIn, and Sign In with LinkedIn using OpenID Connect"
        )
        return Guide(
            app_type="application tied to a LinkedIn page",
            portal="https://www.linkedin.com/developers/apps",
            steps=(
                "Create the application, tied to a LinkedIn page; the page's super admin confirms it by a link.",
                f"Products: {product}.",
                "Auth: register the redirect; copy client id and secret.",
            ),
            loopback="127.0.0.1" if self._native else "localhost",
            any_port=self._native,
            notes=(f"without any redirect: make a token at {TOKEN_TOOL}",),
        )

    def form(self, code: SecretStr, asked: Asked) -> dict[str, str]:
        """A native application has no secret."""
        form = super().form(code, asked)
        if self._native:
            form.pop("client_secret", None)
        return form

    async def exchange(self, code: SecretStr, asked: Asked) -> Granted:
        """See `Connector.exchange`."""
        body = await self.redeemed(code, asked)
        client = PAGE if asked.app == PAGE and self._own_page_app else ""
        token = self.stored(body, asked).model_copy(update={"client": client})
        access = body["access_token"]
        member = await self._member(access, token.scopes)
        organisations = await self._organisations(access) if "rw_organization_admin" in token.scopes else []
        identities = [*([member] if "w_member_social" in token.scopes else []), *organisations]
        if not identities:
            raise InvalidInput(
                f"{member.name} administers no LinkedIn page",
                field="account",
                remedy="have a page's super admin make you an administrator or content administrator of it",
            )
        choices = tuple(Choice(identity=each, token=None if each.refused else token) for each in identities)
        return self.granted(
            body,
            asked,
            subject=member.external_id,
            subject_name=member.name,
            choices=choices,
            ends=token.refresh_expires_at or token.expires_at,
        )

    async def _member(self, access: str, scopes: tuple[str, ...]) -> Identity:
        """By OpenID, or by the older profile where the application has that."""
        if "openid" in scopes:
            body = await self.read("GET", f"{self._api_url}/v2/userinfo", access)
            id, name = text(body.get("sub")), text(body.get("name"))
            picture = text(body.get("picture"), 2_000)
        else:
            body = await self.read("GET", f"{self._api_url}/v2/me", access, headers=self._headers())
            id, picture = text(body.get("id")), ""
            name = " ".join(filter(None, (text(body.get(key)) for key in ("localizedFirstName", "localizedLastName"))))
        member = urn(f"urn:li:person:{id}", AUTHOR)
        if not member:
            raise InvalidInput("LinkedIn did not say whose account it is", field="account", remedy="connect it again")
        return Identity(external_id=member, name=name or id, kind="member", picture=picture)

    def _headers(self) -> dict[str, str]:
        return {"LinkedIn-Version": self._version, "X-Restli-Protocol-Version": "2.0.0"}

    async def _organisations(self, access: str) -> list[Identity]:
        """Those on which the member has a role, with its reason where the role may not post."""
        roles: dict[str, set[str]] = {}
        for page in range(PAGES):
            params = {"q": "roleAssignee", "state": "APPROVED", "start": str(page * 100), "count": "100"}
            body = await self.read(
                "GET", f"{self._api_url}/rest/organizationAcls", access, params=params, headers=self._headers()
            )
            elements = body.get("elements")
            rows = [row for row in elements if isinstance(row, dict)] if isinstance(elements, list) else []
            for row in rows:
                if row.get("state", "APPROVED") == "APPROVED" and (of := urn(row.get("organization"), AUTHOR)):
                    roles.setdefault(of, set()).add(text(row.get("role")))
            if len(rows) < 100:
                break
        return [await self._organisation(access, of, held) for of, held in roles.items()]

    async def _organisation(self, access: str, of: str, held: set[str]) -> Identity:
        id = of.rpartition(":")[2]
        try:
            body = await self.read(
                "GET", f"{self._api_url}/rest/organizations/{quote(id, safe='')}", access, headers=self._headers()
            )
        except NeedsAuthorization:  # names are for administrators; the id is enough to post
            body = {}
        names = ", ".join(sorted(held)).lower().replace("_", " ")
        vanity = text(body.get("vanityName"))
        return Identity(
            external_id=of,
            name=text(body.get("localizedName")) or id,
            kind="organisation",
            handle=vanity,
            details=names,
            refused="" if held & ROLES else f"your role on this page ({names}) does not allow posting",
        )

    async def inspect(self, account: AccountInfo, token: str, scopes: tuple[str, ...]) -> Inspection:
        """The member, the role on the page where it is one, and LinkedIn's own view of the token."""
        told = await self._introspected(token)
        if told.get("active") is False:
            raise NeedsAuthorization(
                f"LinkedIn calls its token {text(told.get('status')) or 'inactive'}",
                field="token",
                remedy="connect it again",
            )
        have = told.get("scope")
        known = tuple(have.replace(",", " ").split()) if isinstance(have, str) else scopes
        lacks: tuple[str, ...] = ()
        if account.external_id.startswith("urn:li:organization:"):
            found = next(
                (each for each in await self._organisations(token) if each.external_id == account.external_id), None
            )
            lacks = ("a role on this page that may post",) if found is None else ()
            lacks = (found.refused,) if found and found.refused else lacks
            identity = found or Identity(external_id=account.external_id, name=account.name, kind="organisation")
        else:
            identity = await self._member(token, known)
        return Inspection(external_id=identity.external_id, name=identity.name, scopes=known or None, lacks=lacks)

    async def _introspected(self, token: str) -> dict[str, Any]:
        """By either application: each knows its own tokens only."""
        for app in dict.fromkeys((self.app(""), self.app(PAGE))):
            form = {"client_id": app.client_id, "client_secret": app.secret, "token": token}
            if not app.secret:
                continue
            told = await self.read("POST", f"{self._oauth}/introspectToken", "", data=form)
            if told.get("active") is True or self.app("") == self.app(PAGE):
                return told
        return {}

    async def revoke(self, token: StoredToken, subject: str) -> None:
        """UNVERIFIED: LinkedIn documents no revocation; where it refuses, a person goes to its settings."""
        app = self.app(token.client)
        form = {"client_id": app.client_id, "client_secret": app.secret}
        await self.send_form(f"{self._oauth}/revoke", {**form, "token": token.access_token.get_secret_value()})
