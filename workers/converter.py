"""How models travel: as JSON through pydantic, with a readable end for JSON that is not what a step takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter, pydantic_data_converter
from temporalio.exceptions import ApplicationError, FailureError

from reelwright.domain.explain import explain


class ReadablePayloadConverter(PydanticPayloadConverter):
    """Bad input fails the workflow with a line naming the field, instead of leaving a stuck workflow task.

    The SDK lets a `FailureError` from a converter fail the workflow (`_WorkflowInstanceImpl._convert_payloads`).
    """

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        try:
            return super().from_payloads(payloads, type_hints)
        except FailureError:
            raise
        except ValidationError as error:
            raise _invalid(str(explain(error))) from None  # its cause would be told too, in several lines
        except Exception as error:
            raise _invalid(f"input: it cannot be read ({type(error).__name__}); give one JSON object") from error


def _invalid(message: str) -> ApplicationError:
    return ApplicationError(message, type="InvalidInput", non_retryable=True)


data_converter = dataclasses.replace(pydantic_data_converter, payload_converter_class=ReadablePayloadConverter)
