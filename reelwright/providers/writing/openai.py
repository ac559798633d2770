"""Stories by OpenAI's Responses API (openai SDK 3; docs/providers.md#openai)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import httpx2
import openai
from openai.types.responses import EasyInputMessageParam, ResponseInputParam
from pydantic import SecretStr, ValidationError

from reelwright.domain.costs.prices import TokenPrice
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.text.incoming import foreign

from ..common.answers import MESSAGE_CHARS, BadAnswer, error_for
from .draft import Draft
from .model import MAX_OUTPUT_TOKENS, TIMEOUT_S, Answer, BodyRecorder, ModelWriter, Turn, problem_of, quick_retries

Effort = Literal["none", "low", "medium", "high", "xhigh", "max"]
_TRANSIENT_CODES = frozenset({"server_error", "rate_limit_exceeded"})


class OpenAIWriter(ModelWriter):
    """Requests a structured answer with `responses.parse`. No retries by the SDK: it would retry spent credit too."""

    provider: ClassVar[str] = "openai"

    def __init__(
        self,
        api_key: SecretStr | str,
        model: str = "gpt-6-luna",
        base_url: str | None = None,
        *,
        price: TokenPrice | None = None,
        effort: Effort = "low",
    ) -> None:
        super().__init__(api_key, model, base_url, price=price)
        self._effort: Effort = effort

    async def _ask(self, instructions: str, turns: Sequence[Turn]) -> Answer:
        secret = self._api_key.get_secret_value()
        recorder = BodyRecorder(required="output")
        http = httpx2.AsyncClient(event_hooks={"response": [recorder]})
        messages: ResponseInputParam = [EasyInputMessageParam(role=t.role, content=t.text) for t in turns]
        async with openai.AsyncOpenAI(
            api_key=secret, base_url=self._base_url, max_retries=0, timeout=TIMEOUT_S, http_client=http
        ) as client:
            try:
                async for attempt in quick_retries(_worth_another_try):
                    with attempt:
                        response = await client.responses.parse(
                            model=self._model,
                            instructions=instructions,
                            input=messages,
                            text_format=Draft,
                            max_output_tokens=MAX_OUTPUT_TOKENS,
                            reasoning={"effort": self._effort},
                            store=False,
                        )
                draft, problem = response.output_parsed, "the answer holds no story"
            except ValidationError as error:
                draft, problem = None, problem_of(error)
            except openai.APIStatusError as error:
                raise error_for(_bad_answer(error)) from None
            except openai.APIError as error:
                raise ProviderUnavailable(
                    f"no usable answer ({foreign(str(error.__cause__ or error), MESSAGE_CHARS)})",
                    field=self.provider,
                    remedy="it is tried again by itself",
                ) from None
        return self._read(recorder.body, draft, problem)

    def _read(self, body: dict[str, Any], draft: Draft | None, problem: str) -> Answer:
        """Judges the answer by its status, then by its content."""
        usage = body.get("usage") or {}
        cached = int((usage.get("input_tokens_details") or {}).get("cached_tokens") or 0)
        usd = self._cost(
            fresh=int(usage.get("input_tokens") or 0) - cached,
            cached=cached,
            written=int(usage.get("output_tokens") or 0),
        )
        contents = [c for item in body["output"] if item.get("type") == "message" for c in item.get("content", [])]
        reason = (body.get("incomplete_details") or {}).get("reason")
        failure = body.get("error") or {}
        refusal = next((c.get("refusal", "") for c in contents if c.get("type") == "refusal"), None)
        if refusal is not None or reason == "content_filter":
            raise ProviderRefused(
                f"the model declined: {foreign(refusal or 'content filter', MESSAGE_CHARS)}",
                field=self.provider,
                remedy="change the topic or the text, or give a script",
                usd=usd,
            )
        if body.get("status") == "failed":
            words = foreign(str(failure.get("message", "")), MESSAGE_CHARS)
            said = f"the answer failed: {failure.get('code', '')} {words}"
            if failure.get("code") in _TRANSIENT_CODES:
                unavailable = ProviderUnavailable(said, field=self.provider, remedy="it is tried again by itself")
                unavailable.usd = usd
                raise unavailable
            remedy = "change the topic or the text, or give a script"
            raise ProviderRefused(said, field=self.provider, remedy=remedy, usd=usd)
        if body.get("status") == "incomplete":
            draft, problem = None, "it was cut off; write a shorter one"
        text = "".join(c.get("text", "") for c in contents if c.get("type") == "output_text")
        return Answer(usd=usd, draft=draft, text=text, problem=problem)


def _worth_another_try(error: BaseException) -> bool:
    """A broken connection or a server error without a time to wait; not a timeout, which has taken long enough."""
    if isinstance(error, openai.APITimeoutError):
        return False
    if isinstance(error, openai.APIStatusError):
        return error.status_code >= 500 and "retry-after" not in error.response.headers
    return isinstance(error, openai.APIConnectionError)


def _bad_answer(error: openai.APIStatusError) -> BadAnswer:
    return BadAnswer(
        provider=OpenAIWriter.provider,
        status=error.status_code,
        codes=tuple(code for code in (error.code, error.type) if code),
        message=error.message,
        headers=error.response.headers,
        request_id=error.request_id,
    )
