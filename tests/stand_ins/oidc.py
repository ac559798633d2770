"""An identity provider on loopback that speaks OpenID Connect: discovery, the authorization endpoint (it consents at
once), the token endpoint with client authentication and PKCE, JWKS, userinfo. It signs with real keys and is as strict
as a provider is; its fields make it do something wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .server import Answer, Asked, Server, serving

CLIENT, SECRET = "reelwright-console", "s3cret/with:signs%"
KEYS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(public_exponent=65_537, key_size=2_048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": Ed25519PrivateKey.generate(),
}
STRANGER = ec.generate_private_key(ec.SECP256R1())


@dataclass
class Login:
    """What the provider says of whoever signs in next."""

    sub: str = "248289761001"
    claims: dict[str, Any] = field(
        default_factory=lambda: {"preferred_username": "jane", "groups": ["everybody", "editors"]}
    )
    userinfo: dict[str, Any] = field(default_factory=dict)
    refused: str = ""
    """The error that the browser comes back with."""


@dataclass
class Oidc:
    """The provider. `token` changes a token's claims before it is signed; `signed` is the algorithm; `key` replaces the
    key that signs, `header` changes the token's header; `described` changes what it says of itself."""

    server: Server
    login: Login = field(default_factory=Login)
    signed: str = "RS256"
    key: Any = None
    header: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)
    kid: str = ""
    userinfo_sub: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)

    @property
    def issuer(self) -> str:
        return f"{self.server.url}/realms/studio"

    def browser(self, url: str) -> dict[str, str]:
        """What a browser that is sent to `url` comes back with: the answer's query."""
        asked = dict(parse_qsl(url.partition("?")[2]))
        assert url.startswith(f"{self.issuer}/authorize?")
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
        if self.login.refused:
            return {"error": self.login.refused, "state": asked["state"], "iss": self.issuer}
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix("/realms/studio")
        if path == "/.well-known/openid-configuration":
            return Answer.of(self._description())
        if path == "/jwks":
            return Answer.of({"keys": [self._public(name) for name in KEYS]})
        if path == "/token" and asked.method == "POST":
            return self._token(asked)
        if path == "/userinfo":
            known = asked.headers.get("authorization", "").removeprefix("Bearer ") in self.access
            told = {"sub": self.userinfo_sub or self.login.sub, **self.login.userinfo}
            return Answer.of(told) if known else Answer.of({"error": "invalid_token"}, 401)
        return Answer.of({"error": "not_found"}, 404)

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(KEYS),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
            **self.described,
        }

    def _public(self, name: str) -> dict[str, Any]:
        algorithm = jwt.get_algorithm_by_name(name)
        told = json.loads(algorithm.to_jwk(KEYS[name].public_key()))
        return {**told, "kid": f"{self.kid}{name}", "use": "sig", "alg": name}

    def _token(self, asked: Asked) -> Answer:
        form = dict(parse_qsl(asked.body.decode()))
        begun = self.codes.pop(form.get("code", ""), None)
        verifier = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if self._client(asked, form) != (CLIENT, SECRET):
            return Answer.of({"error": "invalid_client"}, 401)
        if (
            begun is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != begun["redirect_uri"]
            or verifier.decode().rstrip("=") != begun["code_challenge"]
        ):
            return Answer.of({"error": "invalid_grant"}, 400)
        now, access = int(time.time()), secrets.token_urlsafe(16)
        self.access.add(access)
        claims = {
            **{"iss": self.issuer, "sub": self.login.sub, "aud": CLIENT, "iat": now, "exp": now + 300},
            **{"nonce": begun["nonce"], **self.login.claims, **self.token},
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        headers = {"kid": f"{self.kid}{self.signed}", **self.header}
        signed = jwt.encode(claims, self.key or KEYS[self.signed], algorithm=self.signed, headers=headers)
        return Answer.of({"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": signed})

    def _client(self, asked: Asked, form: dict[str, str]) -> tuple[str, str]:
        given = asked.headers.get("authorization", "")
        if given.startswith("Basic "):
            id, _, secret = base64.b64decode(given[6:]).decode().partition(":")
            return unquote(id), unquote(secret)
        return form.get("client_id", ""), form.get("client_secret", "")


@contextmanager
def identity_provider() -> Iterator[Oidc]:
    """The provider, until the end of the block."""
    with serving(lambda asked: provider.answer(asked)) as server:
        provider = Oidc(server)
        yield provider
