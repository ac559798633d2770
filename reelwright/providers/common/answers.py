"""What a provider's HTTP answer means for us: which of our errors, and when to ask again.

Source of the rules: docs/providers.md#openai, #anthropic, #retries. Every 429 that is about money is final, though the
SDKs would retry it; every other 429, 408, 409, 425 and all from 500 up (529 is Anthropic's "overloaded") may be tried
again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable, Refusal
from reelwright.domain.text.incoming import foreign

BILLING_CODES = frozenset(
    {
        "credit_balance_exhausted",
        "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
        "insufficient_quota",
        "enforced_spend_limit_reached",
        "billing_error",
    }
)
POLICY_CODES = frozenset(
    {"content_filter", "content_policy_violation", "moderation_blocked", "ResponsibleAIPolicyViolation"}
)
KEY_CODES = frozenset({"invalid_api_key", "API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED"})
MODEL_CODES = frozenset({"model_not_found", "invalid_model", "DeploymentNotFound", "model_deprecated", "model_retired"})
_PER_DAY = "PerDay"
"""In the name of a quota of Google's: spent until the next day, which is no matter of waiting a moment."""
TRANSIENT_STATUS = frozenset({408, 409, 425, 429})
MESSAGE_CHARS = 200

_REMEDIES = {
    401: "check the API key",
    402: "top up the account at the provider",
    403: "check what the API key is allowed to do",
    404: "check the model's name and the base URL",
    413: "shorten the text",
}
_WHY: dict[int, Refusal] = {401: "key", 403: "key", 404: "model"}
_BY_CODE: tuple[tuple[frozenset[str], Refusal], ...] = (
    (POLICY_CODES, "policy"),
    (KEY_CODES, "key"),
    (MODEL_CODES, "model"),
)
_REMEDY: dict[Refusal, str] = {
    "policy": "change the topic or the text",
    "key": _REMEDIES[401],
    "model": _REMEDIES[404],
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class BadAnswer:
    """An HTTP error as both SDKs give it. `codes` are its code and type, as far as it has them."""

    provider: str
    status: int
    codes: tuple[str, ...]
    message: str
    headers: Mapping[str, str]
    request_id: str | None = None


def error_for(answer: BadAnswer) -> ProviderRefused | ProviderUnavailable:
    """Our error for a provider's."""
    daily = answer.status == 429 and any(_PER_DAY in code for code in answer.codes)
    if any(code in BILLING_CODES for code in answer.codes) or answer.status == 402 or daily:
        return ProviderRefused(
            f"{_said(answer)} (credit or spending limit)",
            field=answer.provider,
            remedy="top up the account or raise its limit at the provider",
            why="credit",
        )
    if answer.status in TRANSIENT_STATUS or answer.status >= 500:
        unavailable = ProviderUnavailable(
            _said(answer),
            field=answer.provider,
            remedy="it is tried again by itself",
            retry_after_s=retry_after(answer.headers),
        )
        unavailable.cost_known = True  # an HTTP error is not charged for
        return unavailable
    why = _why(answer)
    return ProviderRefused(
        _said(answer),
        field=answer.provider,
        remedy=_REMEDY.get(why) or _REMEDIES.get(answer.status, "change the text or the settings, or give a script"),
        why=why,
    )


def _why(answer: BadAnswer) -> Refusal:
    """By its codes, which say more than the status: a wrong key is 400 at Google, a filtered text 400 at Azure."""
    for codes, why in _BY_CODE:
        if any(code in codes for code in answer.codes):
            return why
    return _WHY.get(answer.status, "input")


def _said(answer: BadAnswer) -> str:
    """One line: status, code, the provider's words without anything like a key, and its request id."""
    code = f" {answer.codes[0]}" if answer.codes else ""
    # A message about a wrong key quotes the key, and contains nothing else of use.
    about_key = answer.status in (401, 403) or _why(answer) == "key"
    words = "" if about_key else foreign(answer.message, MESSAGE_CHARS)
    request = f" (request {answer.request_id})" if answer.request_id else ""
    return f"HTTP {answer.status}{code}" + (f": {words}" if words else "") + request


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds to wait by the provider's headers: `retry-after-ms`, `retry-after` (seconds or a date), or else the
    latest reset of a limit of which nothing remains. None without them."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        if "retry-after" in headers:
            return _seconds(headers["retry-after"], now)
        waits = [
            _seconds(headers[_reset_name(name)], now)
            for name, value in headers.items()
            if "ratelimit" in name.lower() and "remaining" in name.lower() and value.strip() == "0"
            if _reset_name(name) in headers
        ]
    except (ValueError, TypeError):
        return None  # an unreadable header is ignored
    return max(waits, default=None)


def _reset_name(name: str) -> str:
    return name.lower().replace("remaining", "reset")


def _seconds(value: str, now: datetime | None) -> float:
    """Seconds from a number, a duration (`6m0s`), an HTTP date or an RFC 3339 instant."""
    value = value.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", value):
        return float(value)
    parts = _DURATION.findall(value)
    if parts and "".join(n + u for n, u in parts) == value:
        return sum(float(number) * _UNIT_S[unit] for number, unit in parts)
    iso_like = re.match(r"\d{4}-\d{2}-\d{2}T", value)
    instant = datetime.fromisoformat(value) if iso_like else parsedate_to_datetime(value)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return max(0.0, (instant - (now or datetime.now(UTC))).total_seconds())
