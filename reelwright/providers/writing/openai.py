"""Stories by OpenAI's Responses API (openai SDK 3; docs/providers.md#openai)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import openai
from openai.types.responses import EasyInputMessageParam, ResponseFormatTextJSONSchemaConfigParam, ResponseInputParam
from pydantic import BaseModel, SecretStr

from reelwright.domain.costs.prices import TokenPrice
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.text.incoming import foreign

from ..common.answers import MESSAGE_CHARS, POLICY_CODES
from .asking import (
    REMEDY,
    Answer,
    BodyRecorder,
    FormT,
    Question,
    count,
    declined,
    judged,
    quick_retries,
    rows,
    strings,
    table,
)
from .model import ModelWriter
from .openai_calls import calling, worth_another_try

Effort = Literal["none", "low", "medium", "high", "xhigh", "max"]
_TRANSIENT_CODES = frozenset({"server_error", "rate_limit_exceeded"})


class OpenAIWriter(ModelWriter):
    """Requests a structured answer. Without an `effort` the model's own is taken, and models
    that do not reason are not asked to."""

    provider: ClassVar[str] = "openai"

    def __init__(
        self,
        api_key: SecretStr | str,
        model: str = "gpt-6-luna",
        base_url: str | None = None,
        *,
        price: TokenPrice | None = None,
        effort: Effort | None = "low",
    ) -> None:
        super().__init__(api_key, model, base_url, price=price)
        self._effort: Effort | None = effort

    async def _ask(self, question: Question[FormT]) -> Answer[FormT]:
        recorder = BodyRecorder(required="output")
        messages: ResponseInputParam = [EasyInputMessageParam(role=t.role, content=t.text) for t in question.turns]
        key = self._api_key.get_secret_value()
        async with calling(self.provider, key, self._base_url, recorder, self.timeout_s) as client:
            async for attempt in quick_retries(worth_another_try):
                with attempt:
                    await client.responses.create(
                        model=self._model,
                        instructions=question.instructions,
                        input=messages,
                        text={"format": _format(question.form)},
                        max_output_tokens=question.most_tokens,
                        reasoning={"effort": self._effort} if self._effort else openai.omit,
                        store=False,
                    )
        return self._read(question, recorder)

    def _read(self, question: Question[FormT], recorder: BodyRecorder) -> Answer[FormT]:
        """Judges the answer by its status, then by its content."""
        body, usage = recorder.body, recorder.body.get("usage")
        cached = count(usage, "input_tokens_details", "cached_tokens")
        fresh = max(0, count(usage, "input_tokens") - cached)
        usd = self._cost(fresh=fresh, cached=cached, written=count(usage, "output_tokens"))
        contents = [
            c for item in rows(body["output"]) if item.get("type") == "message" for c in rows(item.get("content"))
        ]
        refusals = [c for c in contents if c.get("type") == "refusal"]
        if refusals or table(body.get("incomplete_details")).get("reason") == "content_filter":
            raise declined(self.provider, strings(refusals, "refusal") or "content filter", usd)
        if body.get("status") == "failed":
            raise self._failed(table(body.get("error")), usd)
        text = strings([c for c in contents if c.get("type") == "output_text"])
        cut_off = body.get("status") == "incomplete"
        return judged(question.form, text, usd=usd, request_id=recorder.request_id, cut_off=cut_off)

    def _failed(self, failure: dict[str, Any], usd: float) -> ProviderRefused | ProviderUnavailable:
        code = str(failure.get("code") or "")
        said = f"the answer failed: {foreign(code, 60)} {foreign(str(failure.get('message', '')), MESSAGE_CHARS)}"
        if code in _TRANSIENT_CODES:
            unavailable = ProviderUnavailable(said, field=self.provider, remedy="it is tried again by itself")
            unavailable.usd = usd
            return unavailable
        policy = "policy" in code or code in POLICY_CODES
        return ProviderRefused(said, field=self.provider, remedy=REMEDY, usd=usd, why="policy" if policy else "input")


def _format(form: type[BaseModel]) -> ResponseFormatTextJSONSchemaConfigParam:
    """Every field of a form is required and no other allowed: its schema is strict as it is."""
    return {"type": "json_schema", "name": form.__name__, "schema": form.model_json_schema(), "strict": True}
