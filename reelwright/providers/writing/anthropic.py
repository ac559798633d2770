"""Stories by Anthropic's Messages API (anthropic SDK 2; docs/providers.md#anthropic)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import anthropic
import httpx2
from anthropic.types import MessageParam
from pydantic import SecretStr, ValidationError

from reelwright.domain.costs.prices import TokenPrice
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.text.incoming import foreign

from ..common.answers import MESSAGE_CHARS, BadAnswer, error_for
from .draft import Draft
from .model import MAX_OUTPUT_TOKENS, TIMEOUT_S, Answer, BodyRecorder, ModelWriter, Turn, problem_of, quick_retries


class AnthropicWriter(ModelWriter):
    """Requests a structured answer with `messages.parse`. No retries by the SDK: it would retry spent credit too."""

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

    async def _ask(self, instructions: str, turns: Sequence[Turn]) -> Answer:
        secret = self._api_key.get_secret_value()
        recorder = BodyRecorder(required="content")
        http = httpx2.AsyncClient(event_hooks={"response": [recorder]})
        messages = [_message(turn) for turn in turns]
        async with anthropic.AsyncAnthropic(
            api_key=secret, base_url=self._base_url, max_retries=0, timeout=TIMEOUT_S, http_client=http
        ) as client:
            try:
                async for attempt in quick_retries(_worth_another_try):
                    with attempt:
                        message = await client.messages.parse(
                            model=self._model,
                            max_tokens=MAX_OUTPUT_TOKENS,
                            system=instructions,
                            messages=messages,
                            output_format=Draft,
                        )
                draft, problem = message.parsed_output, "the answer holds no story"
            except ValidationError as error:
                draft, problem = None, problem_of(error)
            except anthropic.APIStatusError as error:
                raise error_for(_bad_answer(error)) from None
            except anthropic.APIError as error:
                raise ProviderUnavailable(
                    f"no usable answer ({foreign(str(error.__cause__ or error), MESSAGE_CHARS)})",
                    field=self.provider,
                    remedy="it is tried again by itself",
                ) from None
        return self._read(recorder.body, draft, problem)

    def _read(self, body: dict[str, Any], draft: Draft | None, problem: str) -> Answer:
        """Judges the answer by its stop reason, then by its content."""
        usage = body.get("usage") or {}
        # `input_tokens` counts neither kind of cached tokens; writing to the cache is counted as fresh input.
        usd = self._cost(
            fresh=int(usage.get("input_tokens") or 0) + int(usage.get("cache_creation_input_tokens") or 0),
            cached=int(usage.get("cache_read_input_tokens") or 0),
            written=int(usage.get("output_tokens") or 0),
        )
        stop = body.get("stop_reason")
        if stop == "refusal":
            details = body.get("stop_details") or {}
            why = details.get("explanation") or details.get("category") or "no reason given"
            raise ProviderRefused(
                f"the model declined: {foreign(str(why), MESSAGE_CHARS)}",
                field=self.provider,
                remedy="change the topic or the text, or give a script",
                usd=usd,
            )
        if stop in ("max_tokens", "model_context_window_exceeded"):
            draft, problem = None, "it was cut off; write a shorter one"
        text = "".join(block.get("text", "") for block in body["content"] if block.get("type") == "text")
        return Answer(usd=usd, draft=draft, text=text, problem=problem)


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
