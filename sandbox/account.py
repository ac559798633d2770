"""An account that exists in the sandbox."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SandboxAccount:
    """`token` is a refresh token, on Instagram and Facebook an access token; as good as a password only in here."""

    token: str = field(repr=False)
    external_id: str = ""
    options: dict[str, str] = field(default_factory=dict)
