"""One POST of JSON to a provider by HTTP: limits, and errors in our words. Tries are the caller's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable

from .answers import BadAnswer, error_for

ANSWER_BYTES = 2_000_000
"""The longest answer that is read, where the caller names no other."""


class NoUse(ProviderUnavailable):
    """An answer that is none, or is cut off."""


class TooSlow(ProviderUnavailable):
    """No answer in time; another try would take as long."""


async def post_json(
    client: httpx.AsyncClient,
    vendor: str,
    url: str,
    headers: Mapping[str, str],
    body: Any,
    *,
    most_bytes: int = ANSWER_BYTES,
) -> tuple[dict[str, Any], httpx.Headers]:
    """The answer, a JSON object, and its headers. Raises `ProviderUnavailable` and `ProviderRefused`."""
    try:
        async with client.stream("POST", url, headers=dict(headers), json=body) as response:
            data = bytearray()
            async for chunk in response.aiter_bytes():
                data += chunk
                if len(data) > most_bytes:
                    raise NoUse(f"its answer has more than {most_bytes:,} bytes", field=vendor)
    except httpx.TimeoutException as error:
        raise TooSlow(f"it did not answer in time ({type(error).__name__})", field=vendor) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise ProviderRefused(f"its address is no use ({error})", field=vendor) from None
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise ProviderUnavailable(f"no connection ({type(error).__name__})", field=vendor) from None
    answer = _object(bytes(data))
    if response.status_code != 200:
        raise error_for(bad_answer(vendor, response, answer or {}))
    if answer is None:
        raise NoUse("its answer is no JSON object", field=vendor)
    return answer, response.headers


def bad_answer(vendor: str, response: httpx.Response, answer: dict[str, Any]) -> BadAnswer:
    """An HTTP error with its JSON. OpenAI, Azure and Google have the error in `error`, Mistral at the top. Google's
    `details` have the reason, the quota that is spent, and a time to wait."""
    told = answer.get("error")
    error = told if isinstance(told, dict) else answer
    details = _details(error)
    names = [error.get(key) for key in ("code", "type", "status")]
    names += [detail.get("reason") for detail in details]
    names += [violation.get("quotaId") for detail in details for violation in _rows(detail.get("violations"))]
    codes = tuple(str(name)[:100] for name in names if isinstance(name, str) and name)
    headers = dict(response.headers)
    delay = next((detail["retryDelay"] for detail in details if isinstance(detail.get("retryDelay"), str)), None)
    if delay and "retry-after" not in headers:
        headers["retry-after"] = delay
    message = str(error.get("message") or error.get("detail") or "")
    return BadAnswer(vendor, response.status_code, codes, message, headers, response.headers.get("x-request-id"))


def _details(error: dict[str, Any]) -> list[dict[str, Any]]:
    return _rows(error.get("details"))


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
