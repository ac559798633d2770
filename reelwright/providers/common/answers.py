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
from typing import NoReturn

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

AGAIN = "it is tried again by itself"
_MEANS: dict[Refusal, str] = {
    "key": "check the API key and what it is allowed to do",
    "credit": "top up the account or raise its limit at the provider",
    "policy": "change the topic or the text, or choose another provider",
    "model": "check the names of model and voice, and the base URL",
    "input": "change the text or the settings, or give a script",
    "nonsense": "try another model, or another provider",
    "blocked": "run the worker where it may reach the provider, or leave the provider out",
}
_TOO_LONG = 413
_WHY: dict[int, Refusal] = {401: "key", 403: "key", 404: "model"}
_BY_CODE: tuple[tuple[frozenset[str], Refusal], ...] = (
    (POLICY_CODES, "policy"),
    (KEY_CODES, "key"),
    (MODEL_CODES, "model"),
)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class NoUse(ProviderUnavailable):
    """An answer that is none, or is cut off."""


class TooSlow(ProviderUnavailable):
    """No answer in time; another try would take as long."""


@dataclass(frozen=True)
class Told:
    """What a vendor's error says: its codes, the first of which is shown, its words, and the kind of refusal where the
    status alone does not tell it, with what is to be done about it. `transient` goes before both. `retry_after` is a
    time to wait that its body names."""

    codes: tuple[str, ...] = ()
    message: str = ""
    why: Refusal = ""
    transient: bool = False
    remedy: str = ""
    retry_after: str = ""


@dataclass(frozen=True)
class BadAnswer:
    """An HTTP error, of an SDK or of our own calls. `codes` are its code and type, as far as it has them; `why`,
    `transient` and `remedy` as in `Told`."""

    provider: str
    status: int
    codes: tuple[str, ...]
    message: str
    headers: Mapping[str, str]
    request_id: str | None = None
    why: Refusal = ""
    transient: bool = False
    remedy: str = ""


def error_for(answer: BadAnswer) -> ProviderRefused | ProviderUnavailable:
    """Our error for a provider's."""
    passing = answer.status in TRANSIENT_STATUS or answer.status >= 500
    why = "" if answer.transient else answer.why or ("credit" if _about_money(answer) else "")
    if answer.transient or (passing and not why):
        unavailable = ProviderUnavailable(
            _said(answer), field=answer.provider, remedy=AGAIN, retry_after_s=retry_after(answer.headers)
        )
        unavailable.cost_known = True  # an HTTP error is not charged for
        return unavailable
    why = why or _why(answer)
    usual = "shorten the text" if answer.status == _TOO_LONG and why == "input" else _MEANS.get(why, "")
    said = f"{_said(answer)} (credit or spending limit)" if why == "credit" else _said(answer)
    return ProviderRefused(said, field=answer.provider, remedy=answer.remedy or usual, why=why)


def refused(vendor: str, why: Refusal, what: str, told: Told | None = None, *, usd: float = 0.0) -> ProviderRefused:
    """A refusal for good inside of a good answer. Of a vendor's words about a key nothing is shown: they quote it."""
    told = told or Told()
    code = f" {foreign(told.codes[0], 60)}" if told.codes else ""
    words = "" if why == "key" else foreign(told.message, MESSAGE_CHARS)
    said = f"{what}{code}" + (f": {words}" if words else "")
    return ProviderRefused(said, field=vendor, remedy=told.remedy or _MEANS.get(why, ""), why=why, usd=usd)


def no_use(vendor: str, what: str, *, usd: float = 0.0, cost_known: bool = True) -> NoUse:
    """An answer that is none; `usd` was charged for it."""
    error = NoUse(what, field=vendor, remedy=AGAIN)
    error.usd, error.cost_known = usd, cost_known
    return error


def page_from(vendor: str, status: int) -> ProviderRefused:
    """A gatekeeper's web page in the vendor's place: it was not reached, and charges nothing."""
    what = f"HTTP {status} with a web page in place of an answer: it does not let this machine in"
    return refused(vendor, "blocked", what)


def reject(vendor: str, what: str, *, usd: float = 0.0) -> NoReturn:
    """A whole answer whose content is of no use; another try would bring the same."""
    raise refused(vendor, "nonsense", what, usd=usd)


def _about_money(answer: BadAnswer) -> bool:
    daily = answer.status == 429 and any(_PER_DAY in code for code in answer.codes)
    return daily or answer.status == 402 or any(code in BILLING_CODES for code in answer.codes)


def _why(answer: BadAnswer) -> Refusal:
    """What is told, else by its codes, which say more than the status: a wrong key is 400 at Google, a filtered text
    400 at Azure."""
    if answer.why:
        return answer.why
    for codes, why in _BY_CODE:
        if any(code in codes for code in answer.codes):
            return why
    return _WHY.get(answer.status, "input")


def _said(answer: BadAnswer) -> str:
    """One line: status, code, the provider's words without anything like a key, and its request id."""
    code = f" {foreign(answer.codes[0], 60)}" if answer.codes else ""
    # A message about a wrong key quotes the key, and contains nothing else of use.
    about_key = _why(answer) == "key" or (answer.status in (401, 403) and not answer.why)
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
