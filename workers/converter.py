"""Serialization of models as JSON through pydantic, with a readable error for JSON that does not fit a step's input;
and of failures, from which secrets are removed whatever their origin."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.converter import DefaultFailureConverter, PayloadConverter
from temporalio.exceptions import ApplicationError, FailureError

from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain
from reelwright.domain.redaction import redact, redact_values
from workflows.failures import translate

MESSAGE_CHARS, TRACE_CHARS = 4_000, 20_000
"""A failure that is kept in a history is cut to these; a foreign library may put a whole answer into its message."""


class ReadablePayloadConverter(PydanticPayloadConverter):
    """Bad input fails the workflow with a line naming the field, instead of leaving a stuck workflow task.

    The SDK lets a `FailureError` from a converter fail the workflow (`_WorkflowInstanceImpl._convert_payloads`).
    Without a type hint, a payload that cannot be decoded stays a `RawValue`: the workflows' handlers accept any payload
    and report invalid ones themselves (workflows/messages.py), where the SDK would drop a signal.
    """

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        if type_hints is None:
            return [self._value_or_raw(payload) for payload in payloads]
        try:
            return super().from_payloads(payloads, type_hints)
        except FailureError:
            raise
        except ValidationError as error:
            raise _invalid(str(explain(error))) from None  # its cause would be printed too, in several lines
        except Exception as error:
            raise _invalid(f"input: it cannot be read ({type(error).__name__}); give one JSON object") from error

    def _value_or_raw(self, payload: Payload) -> Any:
        try:
            return super().from_payloads([payload])[0]
        except Exception:  # noqa: BLE001  # a payload of any origin: any error means that it cannot be read
            return RawValue(payload)


def _invalid(message: str) -> ApplicationError:
    return translate(InvalidInput(message))


class QuietFailureConverter(DefaultFailureConverter):
    """Strikes secrets out of every failure on its way to the server: the message, the details and the stack trace, of
    the failure and of all its causes. Activities, workflows, queries and updates all fail through here."""

    def to_failure(self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure) -> None:
        super().to_failure(exception, payload_converter, failure)  # calls this again for each cause
        failure.message = redact(failure.message)[:MESSAGE_CHARS]
        failure.stack_trace = redact(failure.stack_trace)[:TRACE_CHARS]
        for payload in failure.application_failure_info.details.payloads:
            _strike(payload)


def _strike(payload: Payload) -> None:
    """Details are ours and small; only a JSON value can hold foreign text."""
    if not payload.metadata.get("encoding", b"").startswith(b"json/"):
        return
    value = json.loads(payload.data)
    if (struck := redact_values(value)) is not value:
        payload.data = json.dumps(struck, separators=(",", ":")).encode()


data_converter = dataclasses.replace(
    pydantic_data_converter,
    payload_converter_class=ReadablePayloadConverter,
    failure_converter_class=QuietFailureConverter,
)
