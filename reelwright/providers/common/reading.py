"""How most vendors tell an error, and Google in particular."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from .answers import Told

_CODES = ("code", "type", "status")
_WORDS = ("message", "detail", "info", "error", "reason")


class Answered(Protocol):
    """What is read of an answer (`http.Reply`)."""

    @property
    def status(self) -> int: ...
    @property
    def fields(self) -> dict[str, Any]: ...
    @property
    def text(self) -> str: ...
    @property
    def media_type(self) -> str: ...


def plainly(reply: Answered) -> Told:
    """JSON with the error in `error`, in `detail` or at the top, or plain text. Google's `details` have the reason, the
    quota that is spent, and a time to wait."""
    fields = reply.fields
    inner = next((fields[key] for key in ("error", "detail") if isinstance(fields.get(key), Mapping)), fields)
    details = _rows(inner.get("details"))
    names = [inner.get(key) for key in _CODES]
    names += [detail.get("reason") for detail in details]
    names += [violation.get("quotaId") for detail in details for violation in _rows(detail.get("violations"))]
    codes = tuple(name[:100] for name in names if isinstance(name, str) and name)
    words = next((inner[key] for key in _WORDS if inner.get(key)), "")
    if not fields and reply.media_type == "text/plain":
        words = reply.text
    delays = (detail["retryDelay"] for detail in details if isinstance(detail.get("retryDelay"), str))
    message = words if isinstance(words, str) else json.dumps(words, ensure_ascii=False)[:1_000]
    return Told(codes, message, retry_after=next(delays, ""))


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
