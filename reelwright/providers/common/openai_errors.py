"""The errors of OpenAI's SDK as ours, for voices and pictures."""

from __future__ import annotations

from collections.abc import Mapping

import openai

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable, Refusal
from reelwright.domain.text.incoming import foreign

from .answers import AGAIN, MESSAGE_CHARS, BadAnswer, error_for, page_from

VENDOR = "openai"
_WHY: dict[str, Refusal] = {
    "moderation_blocked": "policy",
    "content_policy_violation": "policy",
    "model_not_found": "model",
    "invalid_voice": "model",
}
"""UNVERIFIED: the code of a refused picture."""


def need_no_page(status: int, headers: Mapping[str, str]) -> None:
    """Returns for an answer of the vendor's. Raises `ProviderRefused` (`blocked`) for a web page, which the SDK takes
    for one."""
    if str(headers.get("content-type", "")).lower().startswith("text/html"):
        raise page_from(VENDOR, status)


def error_of(error: openai.OpenAIError, *, paid: bool = True) -> ProviderRefused | ProviderUnavailable:
    """Ours for one of the SDK's. `paid`: when the call breaks off, nobody knows whether it is charged."""
    if not isinstance(error, openai.APIStatusError):
        away = ProviderUnavailable(
            f"no usable answer ({foreign(str(error.__cause__ or error), MESSAGE_CHARS)})", field=VENDOR, remedy=AGAIN
        )
        away.cost_known = not paid
        return away
    codes = tuple(str(code) for code in (error.code, error.type) if code)
    why: Refusal = next((_WHY[code] for code in codes if code in _WHY), "")
    if not why and error.status_code == 400 and error.param in ("voice", "model"):
        why = "model"
    return error_for(
        BadAnswer(VENDOR, error.status_code, codes, error.message, error.response.headers, error.request_id, why=why)
    )
