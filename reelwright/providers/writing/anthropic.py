"""Stories by Anthropic's Messages API (anthropic SDK 2; docs/providers.md#anthropic)."""

from __future__ import annotations

from typing import ClassVar

import anthropic
import httpx2
from anthropic.types import MessageParam
from pydantic import SecretStr

from reelwright.domain.costs.prices import TokenPrice
from reelwright.domain.errors import ProviderUnavailable
from reelwright.domain.text.incoming import foreign

from ..common.answers import MESSAGE_CHARS, BadAnswer, error_for
from .asking import (
    Answer,
    BodyRecorder,
    FormT,
    Question,
    Turn,
    count,
    declined,
    judged,
    quick_retries,
    rows,
    strings,
    table,
    tls,
)
from .model import ModelWriter


class AnthropicWriter(ModelWriter):
    """Requests a structured answer. No retries by the SDK: it would retry spent credit too."""

    provider: ClassVar[str] = "anthropic"

    def __init__(
        self,
        api_key: SecretStr | str,
        model: str = "claude-haiku-5-5",
        base_url: str | None = None,
        *,
        price: TokenPrice | None = None,
    ) -> None:
        super().__init__(api_key, model, base_url, price=price)

    async def _ask(self, question: Question[FormT]) -> Answer[FormT]:
        secret = self._api_key.get_secret_value()
        recorder = BodyRecorder(required="content", id_header="request-id")
        http = httpx2.AsyncClient(verify=tls(), event_hooks={"response": [recorder]})
        schema = anthropic.transform_schema(question.form)
        messages = [_message(turn) for turn in question.turns]
        async with anthropic.AsyncAnthropic(
            api_key=secret, base_url=self._base_url, max_retries=0, timeout=self.timeout_s, http_client=http
        ) as client:
            try:
                async for attempt in quick_retries(_worth_another_try):
                    with attempt:
                        await client.messages.create(
                            model=self._model,
                            max_tokens=question.most_tokens,
                            system=question.instructions,
                            messages=messages,
                            output_config={"format": {"type": "json_schema", "schema": schema}},
                        )
            except anthropic.APIStatusError as error:
                raise error_for(_bad_answer(error)) from None
            except anthropic.APIError as error:
                raise ProviderUnavailable(
                    f"no usable answer ({foreign(str(error.__cause__ or error), MESSAGE_CHARS)})",
                    field=self.provider,
                    remedy="it is tried again by itself",
                ) from None
        return self._read(question, recorder)

    def _read(self, question: Question[FormT], recorder: BodyRecorder) -> Answer[FormT]:
        """Judges the answer by its stop reason, then by its content."""
        body, usage = recorder.body, recorder.body.get("usage")
        # `input_tokens` counts neither kind of cached tokens; writing to the cache is counted as fresh input.
        usd = self._cost(
            fresh=count(usage, "input_tokens") + count(usage, "cache_creation_input_tokens"),
            cached=count(usage, "cache_read_input_tokens"),
            written=count(usage, "output_tokens"),
        )
        stop = body.get("stop_reason")
        if stop == "refusal":
            details = table(body.get("stop_details"))
            raise declined(self.provider, str(details.get("explanation") or details.get("category") or ""), usd)
        text = strings([block for block in rows(body["content"]) if block.get("type") == "text"])
        cut_off = stop in ("max_tokens", "model_context_window_exceeded")
        return judged(question.form, text, usd=usd, request_id=recorder.request_id, cut_off=cut_off)


def _message(turn: Turn) -> MessageParam:
    if turn.role == "user":
        return {"role": "user", "content": turn.text}
    return {"role": "assistant", "content": turn.text}


def _worth_another_try(error: BaseException) -> bool:
    """A broken connection or a server error without a time to wait; not a timeout, which has taken long enough."""
    if isinstance(error, anthropic.APITimeoutError):
        return False
    if isinstance(error, anthropic.APIStatusError):
        return error.status_code >= 500 and "retry-after" not in error.response.headers
    return isinstance(error, anthropic.APIConnectionError)


def _bad_answer(error: anthropic.APIStatusError) -> BadAnswer:
    return BadAnswer(
        provider=AnthropicWriter.provider,
        status=error.status_code,
        codes=tuple(code for code in (error.error_code, error.type) if code),
        message=error.api_message or "",
        headers=error.response.headers,
        request_id=error.request_id,
    )
