"""Signing in at an identity provider: OpenID Connect 1.0, the authorization code flow with PKCE (RFC 7636).

What the provider says is only believed after its signature, issuer, audience, nonce and time were checked, with
algorithms of our own list. Groups become roles; who is in none of the groups that are named does not come in.
Sources: OpenID Connect Core 1.0 (3.1), Discovery 1.0, RFC 9207 (`iss` in the answer)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import jwt
from pydantic import SecretStr

from control import signing_in
from control.studio import Books
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.people import NotSignedIn, Role

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
KNOWN_FOR_S = 3_600.0
KEYS_AGAIN_S = 60.0
"""How long the provider's description is believed; how soon its keys are asked for again for one that is unknown."""
LEEWAY_S = 60
TIMEOUT_S = 10.0
MOST_BYTES = 1_000_000
_ERROR = re.compile(r"[a-z_]{1,60}")
_FIELD = "oidc"


@dataclass(frozen=True)
class OidcSettings:
    """`issuer` is the provider's address. `roles` says which group gives which role; `groups_claim` and `name_claim`
    are where a token has groups and name (`realm_access.roles` reaches into an object). `label` is on the button."""

    issuer: str
    client_id: str
    client_secret: SecretStr | None = None
    scopes: str = "openid profile email"
    groups_claim: str = "groups"
    name_claim: str = "preferred_username"
    roles: Mapping[str, Role] = field(default_factory=dict)
    label: str = ""


@dataclass(frozen=True)
class Identity:
    """Who has signed in there: `subject` is the issuer and its own id of the person."""

    subject: str
    name: str
    role: Role


@dataclass(frozen=True)
class Begun:
    """A sign-in that begins: the address to send the browser to, and what its cookie holds until it is back."""

    url: str
    cookie: str


class Provider:
    """One identity provider. Its description and keys are kept for a while; `client` is for tests."""

    def __init__(self, settings: OidcSettings, client: httpx.AsyncClient | None = None) -> None:
        self.settings = settings
        self._client = client or httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, jwt.PyJWKSet] | None = None

    @property
    def label(self) -> str:
        """What the button says."""
        return self.settings.label or urlsplit(self.settings.issuer).hostname or "the identity provider"

    async def begin(self, books: Books, redirect_uri: str, back_to: str) -> Begun:
        """Begins a sign-in. Raises `ProviderUnavailable` where the provider does not answer."""
        described = await self._description()
        state, nonce, verifier, cookie = (secrets.token_urlsafe(32) for _ in range(4))
        await signing_in.oidc_begun(books, state + cookie, nonce, verifier, back_to)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": self.settings.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = str(described["authorization_endpoint"])
        return Begun(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}", cookie)

    async def finish(
        self, books: Books, answer: Mapping[str, str], cookie: str, redirect_uri: str
    ) -> tuple[Identity, str]:
        """(who has signed in, the path to go to), of the query that the browser came back with. Raises `NotSignedIn`
        for anything that does not fit, and `ProviderUnavailable` where the provider does not answer."""
        described = await self._description()
        under_way = await signing_in.oidc_back(books, answer.get("state", "") + cookie) if cookie else None
        if under_way is None:
            raise _refused("it was not begun in this browser, took too long, or was used already")
        if answer.get("iss", "" if described.get("authorization_response_iss_parameter_supported") else None) not in (
            None,
            described["issuer"],
        ):
            raise _refused("the answer is of another provider")
        if "error" in answer:
            told = answer["error"] if _ERROR.fullmatch(answer["error"]) else "an error"
            raise _refused(f"the provider answers {told}")
        tokens = await self._tokens(described, answer.get("code", ""), under_way.verifier, redirect_uri)
        claims = await self._claims(described, str(tokens.get("id_token", "")), under_way.nonce)
        return await self._identity(described, claims, tokens), under_way.back_to

    # --- what the provider says of itself ----------------------------------------------------------------------------

    async def _description(self) -> dict[str, Any]:
        if self._described and time.monotonic() - self._described[0] < KNOWN_FOR_S:
            return self._described[1]
        issuer = self.settings.issuer.rstrip("/")
        told = await self._json("GET", f"{issuer}/.well-known/openid-configuration")
        if str(told.get("issuer", "")).rstrip("/") != issuer:
            raise _wrong(f"it calls itself {str(told.get('issuer'))[:100]!r}, and not as REELWRIGHT_OIDC_ISSUER does")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not secure(str(told.get(name, ""))):
                raise _wrong(f"its {name} is no https address")
        self._described = (time.monotonic(), told)
        return told

    async def _key(self, described: dict[str, Any], id: str | None) -> jwt.PyJWK:
        """The key that has signed. An unknown one may be new: the keys are asked for again, at most once a minute."""
        for again in (False, True):
            if self._keys is None or (again and time.monotonic() - self._keys[0] > KEYS_AGAIN_S):
                told = await self._json("GET", str(described["jwks_uri"]))
                try:
                    self._keys = (time.monotonic(), jwt.PyJWKSet.from_dict(told))
                except jwt.PyJWTError as error:
                    raise _wrong("it has no keys that can be used") from error
            known = self._keys[1].keys
            fitting = [key for key in known if key.key_id == id] if id is not None else known
            if len(fitting) == 1:
                return fitting[0]
        raise _refused("its token is signed with an unknown key")

    # --- what the provider says of a person --------------------------------------------------------------------------

    async def _tokens(self, described: dict[str, Any], code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        id, secret = self.settings.client_id, _plain(self.settings.client_secret)
        headers = {}
        ways = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret and "client_secret_basic" in ways:
            pair = f"{quote(id, safe='')}:{quote(secret, safe='')}"  # RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": id} | ({"client_secret": secret} if secret else {})
        return await self._json("POST", str(described["token_endpoint"]), data=form, headers=headers, refuses=True)

    async def _claims(self, described: dict[str, Any], token: str, nonce: str) -> dict[str, Any]:
        try:
            head = jwt.get_unverified_header(token)
            algorithm = str(head.get("alg"))
            if algorithm not in ALGORITHMS:
                raise _refused(f"its token is signed by {algorithm[:20]!r}, which is not accepted")
            key = await self._key(described, head.get("kid"))
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=[algorithm],
                audience=self.settings.client_id,
                issuer=str(described["issuer"]),
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise _refused(f"its token does not hold ({type(error).__name__})") from error
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise _refused("its token is of another sign-in")
        if claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise _refused("its token was made for another program")
        return claims

    async def _identity(self, described: dict[str, Any], claims: dict[str, Any], tokens: dict[str, Any]) -> Identity:
        endpoint = str(described.get("userinfo_endpoint", ""))
        if within(claims, self.settings.groups_claim) is None and secure(endpoint) and tokens.get("access_token"):
            more = await self._json("GET", endpoint, headers={"Authorization": f"Bearer {tokens['access_token']}"})
            if more.get("sub") != claims["sub"]:
                raise _refused("what it says of the person is of somebody else")
            claims = {**more, **claims}
        named = within(claims, self.settings.groups_claim)
        groups = [str(one) for one in named] if isinstance(named, list) else [str(named)] if named else []
        granted = [self.settings.roles[group] for group in groups if group in self.settings.roles]
        if not granted:
            raise _refused("none of your groups may use the console")
        role = max(granted, key=list(Role).index)
        names = (claims.get(name) for name in (self.settings.name_claim, "preferred_username", "email", "name", "sub"))
        name = next(one for one in names if isinstance(one, str) and one)
        return Identity(f"{described['issuer']} {claims['sub']}", name, role)

    async def _json(
        self,
        method: str,
        url: str,
        *,
        data: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        refuses: bool = False,
    ) -> dict[str, Any]:
        """An answer's JSON object. `refuses`: a 4xx is about this sign-in alone."""
        try:
            async with self._client.stream(
                method, url, data=data, headers={"Accept": "application/json", **(headers or {})}
            ) as answer:
                body = bytearray()
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise _wrong("its answer is too long")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _wrong(f"it does not answer ({type(error).__name__})") from error
        if refuses and 400 <= answer.status_code < 500:
            raise _refused(f"the provider refuses the code with status {answer.status_code}")
        try:
            told = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise _wrong(f"its answer of status {answer.status_code} is no JSON") from error
        if answer.status_code != 200 or not isinstance(told, dict):
            raise _wrong(f"it answers {urlsplit(url).path[:100]} with status {answer.status_code}")
        return told


def roles_of(text: str) -> dict[str, Role]:
    """`admins=admin, editors=reviewer` as groups and roles. Raises `InvalidInput` naming the setting."""
    roles = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        group, equals, word = pair.rpartition("=")
        try:
            roles[group.strip()] = Role(word.strip().lower())
        except ValueError:
            equals = ""
        if not equals or not group.strip():
            raise InvalidInput(
                f"{pair[:60]!r} gives no group a role",
                field="REELWRIGHT_OIDC_ROLES",
                remedy="write GROUP=ROLE with one of viewer, reviewer, operator, admin, separated by commas",
            )
    return roles


def secure(url: str) -> bool:
    """Whether what is sent there is read by nobody on the way."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def within(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by a path into objects; None where there is none."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _refused(why: str) -> NotSignedIn:
    return NotSignedIn(f"signing in there has failed: {why}", field=_FIELD, remedy="try again, or ask an admin")


def _wrong(why: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"the identity provider cannot be used: {why}", field=_FIELD, remedy="sign in by a password, or try again later"
    )
