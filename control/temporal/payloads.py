"""Payloads as JSON, as the SDK's pydantic converter writes and reads them (`workers.converter`): `json/plain` for
values and models, `binary/null` for None. Any other encoding is not understood here."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json


class NotUnderstood(Exception):
    """An answer that only the SDK can read, or none at all: the SDK is asked instead."""


PLAIN, NOTHING = "json/plain", "binary/null"


def encoded(value: Any) -> dict[str, Any]:
    """A value as a payload. Raises `PydanticSerializationError` for one that is not JSON, as the SDK does."""
    if value is None:
        return {"metadata": {"encoding": _base64(NOTHING.encode())}}
    return {"metadata": {"encoding": _base64(PLAIN.encode())}, "data": _base64(to_json(value))}


def decoded(payload: Any, result_type: Any = None) -> Any:
    """The value of a payload, as `result_type` where one is named. Raises `NotUnderstood`."""
    try:
        encoding = base64.b64decode(payload["metadata"]["encoding"]).decode()
        data = base64.b64decode(payload.get("data", ""))
    except (KeyError, TypeError, AttributeError, ValueError, binascii.Error) as error:
        raise NotUnderstood("no payload") from error
    if encoding == NOTHING:
        return None
    if encoding != PLAIN:
        raise NotUnderstood(f"a payload of the encoding {encoding[:40]!r}")
    try:
        return json.loads(data) if result_type is None else TypeAdapter(result_type).validate_json(data)
    except (ValueError, ValidationError) as error:
        raise NotUnderstood("a payload of another type") from error


def fields(holder: Any) -> Mapping[str, Any]:
    """The values of a memo's or of the search attributes' fields; those that cannot be read are left out of neither:
    raises `NotUnderstood`."""
    return {name: decoded(payload) for name, payload in (holder or {}).items()}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
