"""Proof key for code exchange (RFC 7636, 4.1 and 4.2), and TikTok's own spelling of it."""

from __future__ import annotations

import base64
import hashlib
from typing import Literal

Style = Literal["base64url", "hex", "none"]


def challenge(verifier: str, style: Style) -> str:
    """The verifier's SHA-256 in base64url without padding, or (TikTok) in lower-case hex; empty for `none`."""
    if style == "none":
        return ""
    digest = hashlib.sha256(verifier.encode("ascii"))
    if style == "hex":
        return digest.hexdigest()
    return base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
