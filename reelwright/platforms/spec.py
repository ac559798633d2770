"""How a platform is reached and signed in to: one `PlatformSpec` in each platform's `spec.py`.

A specification loads no HTTP client and no adapter, since the command line reads it too; `build` does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, SecretStr

from reelwright.domain.platforms import Platform
from reelwright.domain.platforms.facts import Flow

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.origins import Origin
    from reelwright.domain.ports.connecting import Connector
    from reelwright.domain.ports.publishing import Publisher

    from .common.oauth import AccessTokens
    from .common.sign_in import SignIn

S = TypeVar("S", bound=BaseModel)
"""The platform's settings, from its `settings.py`."""


@dataclass(frozen=True)
class PlatformSpec(Generic[S]):
    """What the workers and the command line need of a platform. Fields of settings are given by name.

    `sign_ins` are the flows by which its tokens are renewed, each built from the settings; the first is that of the
    first account. `client_id` and `client_secret` name the application. `tokens` hold a first account's token, the one
    that counts first: a refresh token, unless it stands in `access_tokens` too. `external_id` names that account on the
    platform, where one is needed. `read_token` puts a first account's token together where it is not one setting as it
    stands.

    `connect` builds its way of connecting accounts by a consent page or a password; None where it has none.
    `other_apps` are further applications on the platform, (id, secret) as settings by the name that
    `StoredToken.client` has.

    `api` are the addresses of the API and `pages` those that people open; the values are the paths that stand for them
    on the sandbox.
    """

    platform: Platform
    settings: type[S]
    sign_ins: Mapping[Flow, Callable[[S], SignIn]]
    build: Callable[[httpx.AsyncClient, AccessTokens, S], Publisher]
    client_id: str
    client_secret: str
    tokens: tuple[str, ...]
    api: Mapping[str, str]
    pages: Mapping[str, str] = field(default_factory=dict)
    access_tokens: tuple[str, ...] = ()
    external_id: str = ""
    read_token: Callable[[S], SecretStr] | None = None
    connect: Callable[[httpx.AsyncClient, S, Origin], Connector] | None = None
    other_apps: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def flow(self) -> Flow:
        """How the first account's token is renewed."""
        return next(iter(self.sign_ins))

    @property
    def by_access_token(self) -> bool:
        """Whether what a person is given is an access token; elsewhere it is a refresh token."""
        return self.tokens[0] in self.access_tokens

    def first_token(self, settings: S) -> tuple[str, SecretStr] | None:
        """The first account's token and the setting that holds it, or None where there is none."""
        found: Mapping[str, SecretStr] = {name: getattr(settings, name) for name in self.tokens}
        first = next(((name, token) for name, token in found.items() if token.get_secret_value()), None)
        if first and self.read_token:
            return first[0], self.read_token(settings)
        return first


def given(**values: float | None) -> dict[str, Any]:
    """Those that are set; the adapters' own defaults stand for the others."""
    return {name: value for name, value in values.items() if value is not None}
