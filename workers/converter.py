"""How models travel: as JSON through pydantic, with a readable end for JSON that is not what a step takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.exceptions import ApplicationError, FailureError

from reelwright.domain.explain import explain


class ReadablePayloadConverter(PydanticPayloadConverter):
    """Bad input fails the workflow with a line naming the field, instead of leaving a stuck workflow task.

    The SDK lets a `FailureError` from a converter fail the workflow (`_WorkflowInstanceImpl._convert_payloads`).
    Where nobody said what to expect, what cannot be read stays a `RawValue`: the workflows' handlers take whatever
    comes and answer for it themselves (workflows/messages.py), where the SDK would drop a signal.
    """

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        if type_hints is None:
            return [self._value_or_raw(payload) for payload in payloads]
        try:
            return super().from_payloads(payloads, type_hints)
        except FailureError:
            raise
        except ValidationError as error:
            raise _invalid(str(explain(error))) from None  # its cause would be told too, in several lines
        except Exception as error:
            raise _invalid(f"input: it cannot be read ({type(error).__name__}); give one JSON object") from error

    def _value_or_raw(self, payload: Payload) -> Any:
        try:
            return super().from_payloads([payload])[0]
        except Exception:  # noqa: BLE001  # a payload from anybody: whatever is wrong with it, it is not readable
            return RawValue(payload)


def _invalid(message: str) -> ApplicationError:
    return ApplicationError(message, type="InvalidInput", non_retryable=True)


data_converter = dataclasses.replace(pydantic_data_converter, payload_converter_class=ReadablePayloadConverter)
