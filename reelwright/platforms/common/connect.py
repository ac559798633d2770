"""What the platforms share in connecting an account: the consent page's address, the code's exchange, and the meaning
of the answers. What each does otherwise is in its `connect.py`.

Sources: RFC 6749, 4.1 (the code grant), 5.1 and 5.2 (answers); RFC 7636 (PKCE); docs/connecting.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

import httpx
from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput, NeedsAuthorization, PlatformTransient
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.connecting import Asked, Granted, Guide, Identity, Inspection, ScopeUse, Way
from reelwright.domain.redaction import know

from .http import body_kind, json_body, keep_secrets_out_of_logs, readable, unreachable
from .pkce import Style, challenge
from .renewals import refresh_life

TIMEOUT = httpx.Timeout(connect=10, read=45, write=20, pool=20)
"""X's code lives 30 s: one that takes longer is lost, and the answer says so."""
TRIES = 2
"""A failed exchange is made once more: if the platform has used the code up, the second answer says so, and whatever
tokens the first one made are lost in any case."""
NAME_CHARS = 200
DEAD_TOKEN = "190"  # noqa: S105
"""Meta's code for a token that is not valid, which comes with HTTP 400, too."""


@dataclass(frozen=True)
class Advice:
    """What to change where, for one error of a platform. `says`: our own words for it, where the platform's do not
    help."""

    field: str
    remedy: str
    says: str = ""


@dataclass(frozen=True)
class App:
    """An application on the platform; `id_field`, `secret_field` are the settings that hold it. A public client has no
    secret (`secret_needed` false)."""

    client_id: str
    secret: str = field(repr=False)
    id_field: str
    secret_field: str
    secret_needed: bool = True


class ConnectFlow:
    """Implements `domain.ports.connecting.Connector`, but for `exchange`, `inspect` and `revoke`.

    `apps` are the platform's applications by name, the usual one under the empty name. `authorize_url` and `token_url`
    are its addresses. `scopes` replaces the usual ones where it is not empty.
    """

    platform: ClassVar[Platform]
    short: ClassVar[str]
    issuer: ClassVar[str]
    flow: ClassVar[str]
    by_password: ClassVar[bool] = False
    id_name: ClassVar[str] = "client_id"
    separator: ClassVar[str] = " "
    wanted: ClassVar[tuple[ScopeUse, ...]] = ()
    advice: ClassVar[Mapping[str, Advice]] = {}
    denials: ClassVar[frozenset[str]] = frozenset({"access_denied"})
    pkce: Style = "base64url"

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        origin: Origin,
        apps: Mapping[str, App],
        authorize_url: str = "",
        token_url: str = "",
        scopes: str = "",
    ) -> None:
        keep_secrets_out_of_logs()
        self.origin = origin
        self._http = http
        self._apps = apps
        self._authorize_url = authorize_url
        self._token_url = token_url
        self._scopes = tuple(scopes.replace(",", " ").split())
        know(*(app.secret for app in apps.values()), lasting=True)

    # --- what is asked ----------------------------------------------------------------------------------------------

    @property
    def apps(self) -> tuple[str, ...]:
        """See `Connector.apps`."""
        return tuple(self._apps)

    def app_for(self, way: Way) -> str:
        """See `Connector.app_for`."""
        return ""

    def app_of(self, account: AccountInfo, token: StoredToken) -> str:
        """See `Connector.app_of`."""
        return token.client if token.client in self._apps else ""

    def app(self, name: str) -> App:
        """The application of this name. Raises `InvalidInput` when there is none."""
        found = self._apps.get(name)
        if found is None:
            known = ", ".join(name for name in self._apps if name) or "none but the usual one"
            raise InvalidInput(f"{self.label} has no application {name[:40]!r}", field="app", remedy=f"known: {known}")
        return found

    def ready(self, app: str) -> None:
        """See `Connector.ready`."""
        ours = self.app(app)
        for value, name, wanted in (
            (ours.client_id, ours.id_field, True),
            (ours.secret, ours.secret_field, ours.secret_needed),
        ):
            if wanted and not value:
                raise InvalidInput(
                    f"it is empty, and {self.label} is connected by an application of your own",
                    field=name,
                    remedy=f"`reelwright account connect {self.platform.value} --check` says how to make one",
                )

    @property
    def label(self) -> str:
        """The platform's name."""
        return self.platform.label

    def guide(self, app: str) -> Guide:
        """See `Connector.guide`."""
        raise NotImplementedError

    def usual(self, app: str) -> tuple[ScopeUse, ...]:
        """The scopes that are asked for unless the settings name others."""
        return self.wanted

    def uses(self, app: str) -> tuple[ScopeUse, ...]:
        """See `Connector.uses`."""
        known = {use.name: use for use in self.usual(app)}
        if not self._scopes or app:
            return tuple(known.values())
        return tuple(known.get(name, ScopeUse(name=name, gives="set by hand")) for name in self._scopes)

    def url(self, asked: Asked) -> str:
        """See `Connector.url`."""
        mark = "&" if "?" in self._authorize_url else "?"
        return f"{self._authorize_url}{mark}{urlencode(self.query(asked))}"

    def query(self, asked: Asked) -> dict[str, str]:
        """The consent page's parameters."""
        query = {
            "response_type": "code",
            self.id_name: self.app(asked.app).client_id,
            "redirect_uri": asked.redirect,
            "scope": self.separator.join(asked.scopes),
            "state": asked.state.get_secret_value(),
        }
        if proof := challenge(asked.verifier.get_secret_value(), self.pkce):
            query |= {"code_challenge": proof, "code_challenge_method": "S256"}
        return query

    def issued_by(self, iss: str) -> bool:
        """The issuer's address must be on the consent page's host."""
        ours, theirs = urlsplit(self._authorize_url), urlsplit(iss)
        return (ours.scheme, ours.netloc.lower()) == (theirs.scheme, theirs.netloc.lower())

    def denied(self, error: str, description: str) -> str:
        """See `Connector.denied`."""
        if error in self.denials:
            return f"consent was refused at {self.label}; nothing is connected"
        known = self.advised(error, description)
        told = readable(description) or readable(error)
        if known:
            return f"{self.label} sent no code ({known.says or told}): {known.remedy}"
        return f"{self.label} sent no code ({told})"

    # --- the exchange -----------------------------------------------------------------------------------------------

    def form(self, code: SecretStr, asked: Asked) -> dict[str, str]:
        """The exchange's form (RFC 6749, 4.1.3; RFC 7636, 4.5)."""
        app = self.app(asked.app)
        form = {
            "grant_type": "authorization_code",
            "code": code.get_secret_value(),
            "redirect_uri": asked.redirect,
            self.id_name: app.client_id,
        }
        if app.secret:
            form["client_secret"] = app.secret
        if self.pkce != "none":
            form["code_verifier"] = asked.verifier.get_secret_value()
        return form

    async def redeemed(self, code: SecretStr, asked: Asked) -> dict[str, Any]:
        """The token answer to the code."""
        know(code, asked.verifier)
        return await self.tokens(self.form(code, asked))

    async def tokens(self, form: dict[str, str], **options: Any) -> dict[str, Any]:
        """The answer of the token address to a form, which holds an access token. `options` are httpx's. Raises as
        `Connector.exchange` does."""
        for turn in range(TRIES):
            try:
                response = await self._http.post(self._token_url, data=form, timeout=TIMEOUT, **options)
            except httpx.HTTPError as error:
                if turn + 1 == TRIES:
                    raise self._again(unreachable(f"{self.label}'s sign-in", error).message) from None
                continue
            if response.status_code >= 500 and turn + 1 < TRIES:
                continue
            break
        body = self.answer(json_body(response) or {})
        access = body.get("access_token")
        if response.status_code != 200 or not isinstance(access, str) or not access:
            raise self.refusal(response, body)
        know(access, *(value for name in ("refresh_token", "id_token") if isinstance(value := body.get(name), str)))
        return body

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """An answer with OAuth's usual names; Instagram's own login puts it into a list of one."""
        wrapped = body.get("data")
        if "access_token" not in body and isinstance(wrapped, list) and len(wrapped) == 1:
            return wrapped[0] if isinstance(wrapped[0], dict) else body
        return body

    def refusal(self, response: httpx.Response, body: dict[str, Any]) -> InvalidInput | PlatformTransient:
        """What an answer without a token means. Only the error's name and description are shown."""
        name, told = error_of(body)
        if response.status_code >= 500 or response.status_code == 429:
            return self._again(f"it answered HTTP {response.status_code}")
        known = self.advised(name, told)
        said = readable(told) or readable(name) or body_kind(response)
        if known:
            return InvalidInput(f"{self.label} said: {known.says or said}", field=known.field, remedy=known.remedy)
        return InvalidInput(f"{self.label} gave no token: {said}", field="code", remedy="begin the connection again")

    def advised(self, name: str, told: str) -> Advice | None:
        """By words of the description, which say more than the name, or by the name."""
        said = told.lower()
        return next((each for key, each in self.advice.items() if key.lower() in said), self.advice.get(name))

    def _again(self, why: str) -> PlatformTransient:
        return PlatformTransient(
            f"{self.label} gave no token ({why}), and the code may be used up",
            field="code",
            remedy="begin the connection again",
        )

    def stored(self, body: dict[str, Any], asked: Asked) -> StoredToken:
        """A token answer, ready for the vault."""
        now = datetime.now(UTC)
        life, refresh = seconds(body.get("expires_in")), body.get("refresh_token")
        ends = refresh_life({name: _number(value) for name, value in body.items()})
        return StoredToken(
            access_token=SecretStr(body["access_token"]),
            refresh_token=SecretStr(refresh if isinstance(refresh, str) else ""),
            expires_at=now + timedelta(seconds=life) if life else None,
            obtained_at=now,
            flow=self.flow,
            scopes=self.scopes_of(body, asked),
            origin=self.origin,
            refresh_expires_at=now + ends if ends else None,
            client=asked.app,
        )

    def scopes_of(self, body: dict[str, Any], asked: Asked) -> tuple[str, ...]:
        """The scopes of a token answer; where it names none, those that were asked for (RFC 6749, 5.1)."""
        told = body.get("scope")
        return tuple(told.replace(",", " ").split()) if isinstance(told, str) and told.strip() else asked.scopes

    def granted(self, body: dict[str, Any], asked: Asked, **rest: Any) -> Granted:
        """What came of it; `rest` are the other fields of `Granted`."""
        client_id = self.app(asked.app).client_id
        return Granted(issuer=self.issuer, client=client_id, **{"scopes": self.scopes_of(body, asked), **rest})

    # --- calls with a token -----------------------------------------------------------------------------------------

    async def read(self, method: str, url: str, token: str, **options: Any) -> dict[str, Any]:
        """A JSON object of the API. Raises `NeedsAuthorization`, with the field `token` where the token is not valid
        any more and `scope` where it does not reach so far, and `PlatformTransient`; nothing is repeated."""
        know(token)
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **options.pop("headers", {})}
        try:
            response = await self._http.request(method, url, headers=headers, timeout=TIMEOUT, **options)
        except httpx.HTTPError as error:
            raise unreachable(self.label, error) from None
        body = json_body(response)
        if response.status_code == 200 and body is not None:
            return body
        name, told = error_of(body or {})
        said = readable(told) or readable(name) or body_kind(response)
        if response.status_code >= 500 or response.status_code == 429:
            raise PlatformTransient(
                f"{self.label} answered HTTP {response.status_code}: {said}", field="account", remedy="try it later"
            )
        dead = name == DEAD_TOKEN or (response.status_code == 401 and "scope" not in name)
        raise NeedsAuthorization(
            f"{self.label} refused to say whose account it is (HTTP {response.status_code}: {said})",
            field="token" if dead else "scope",
            remedy=f"connect it again: `reelwright account connect {self.platform.value}`",
        )

    async def send_form(self, url: str, form: dict[str, str], **options: Any) -> None:
        """A request whose answer only has to be a success: revoking. Raises `InvalidInput` and `PlatformTransient`."""
        try:
            response = await self._http.request(
                options.pop("method", "POST"), url, data=form, timeout=TIMEOUT, **options
            )
        except httpx.HTTPError as error:
            raise unreachable(self.label, error) from None
        if response.status_code >= 500 or response.status_code == 429:
            raise PlatformTransient(
                f"{self.label} answered HTTP {response.status_code}", field="account", remedy="try it later"
            )
        if response.status_code >= 300:
            name, told = error_of(json_body(response) or {})
            raise InvalidInput(
                f"{self.label} did not take the grant back ({readable(told) or readable(name) or 'no reason given'})",
                field="account",
                remedy="take it back in the account's own settings on the platform",
            )

    async def inspect(self, account: AccountInfo, token: str, scopes: tuple[str, ...]) -> Inspection:
        """See `Connector.inspect`."""
        raise NotImplementedError


def error_of(body: dict[str, Any]) -> tuple[str, str]:
    """(name, description) of an error in any of the platforms' envelopes."""
    error: Any = body.get("error")
    if isinstance(error, dict):  # Google's and Meta's APIs, TikTok's
        name = error.get("code") or error.get("status") or error.get("type") or ""
        return str(name), str(error.get("message") or "")
    told = body.get("error_description") or body.get("detail") or body.get("message") or body.get("error_message")
    name = error if isinstance(error, str) else body.get("code") or body.get("title") or ""
    return str(name), str(told or "")


def text(value: Any, limit: int = NAME_CHARS) -> str:
    """A platform's text as one plain line; nothing for what is none."""
    known = isinstance(value, str | int) and not isinstance(value, bool)
    return readable(str(value))[:limit] if known else ""


def seconds(value: Any) -> float:
    """A lifetime, also where it comes as digits in a text; 0 for none."""
    number = _number(value)
    return float(number) if isinstance(number, int | float) and not isinstance(number, bool) and number > 0 else 0.0


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12 else value


def refused(identity: Identity, why: str) -> Identity:
    """The same, shown but not to be picked."""
    return identity.model_copy(update={"refused": why})
