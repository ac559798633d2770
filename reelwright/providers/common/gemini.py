"""What Gemini's answers have in common: errors, refusals inside of a good answer, and tokens."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from reelwright.domain.text.incoming import foreign

from .answers import Told, no_use, refused
from .reading import Answered, plainly

VENDOR = "gemini"
BASE = "https://generativelanguage.googleapis.com"
_POLICY = frozenset(
    {
        "SAFETY",
        "PROHIBITED_CONTENT",
        "BLOCKLIST",
        "SPII",
        "RECITATION",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    }
)


def told(reply: Answered) -> Told:
    """`{"error": {"code", "message", "status", "details"}}`. A wrong key is a 400; of the 429 those of a day, and those
    about money, are final."""
    plain = plainly(reply)
    error = reply.fields.get("error")
    details = json.dumps(error.get("details") or [])[:10_000] if isinstance(error, dict) else ""
    words = plain.message.lower()
    if "API_KEY_INVALID" in details or "api key not valid" in words:
        return replace(plain, why="key")
    spent = reply.status == 429 and ("PerDay" in details or "billing" in words)
    if spent or ("FAILED_PRECONDITION" in plain.codes and "billing" in words):
        return replace(plain, why="credit")
    return plain


def answered(body: dict[str, Any], wanted: str, *, usd: float) -> dict[str, Any]:
    """The first part of an answer that has what is wanted. Raises `ProviderRefused` (`policy`) for a text that was
    blocked, `NoUse` for an answer without it."""
    feedback = body.get("promptFeedback")
    blocked = feedback.get("blockReason") if isinstance(feedback, dict) else None
    if blocked:
        raise refused(VENDOR, "policy", f"the text was blocked ({foreign(str(blocked), 60)})", usd=usd)
    candidates = body.get("candidates")
    first = candidates[0] if isinstance(candidates, list) and candidates and isinstance(candidates[0], dict) else {}
    content = first.get("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict) and isinstance(part.get(wanted), dict):
            return part
    reason = str(first.get("finishReason") or "")
    if reason in _POLICY:
        raise refused(VENDOR, "policy", f"the answer was blocked ({reason})", usd=usd)
    raise no_use(VENDOR, f"its answer has nothing in it ({foreign(reason, 40) or 'no reason'})", usd=usd)


def tokens_of(body: dict[str, Any]) -> tuple[int | None, int | None]:
    """Tokens read and written, where the answer tells them."""
    usage = body.get("usageMetadata")
    if not isinstance(usage, dict):
        return None, None
    read, written = usage.get("promptTokenCount"), usage.get("candidatesTokenCount")
    return (read if isinstance(read, int) else None), (written if isinstance(written, int) else None)
