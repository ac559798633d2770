"""Stories by `chat/completions`: Mistral's API, and servers that speak OpenAI's (openai SDK 3; docs/providers.md)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import openai
from openai.types.chat import ChatCompletionMessageParam
from openai.types.chat.completion_create_params import ResponseFormat
from openai.types.shared_params.response_format_json_schema import JSONSchema
from pydantic import BaseModel, SecretStr

from reelwright.domain.costs.prices import TokenPrice
from reelwright.domain.errors import InvalidInput

from .asking import (
    TIMEOUT_S,
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
)
from .model import ModelWriter
from .openai_calls import calling, worth_another_try
from .tasks import schema_shown

Enforced = Literal["json_schema", "json_object", "text"]
"""What a server is asked to keep to: the schema, any JSON, or nothing."""


class ChatWriter(ModelWriter):
    """The schema is sent as `response_format` and shown in the instructions too, since not every server enforces it."""

    enforced: Enforced = "json_schema"

    async def _ask(self, question: Question[FormT]) -> Answer[FormT]:
        recorder = BodyRecorder(required="choices")
        system = question.instructions + schema_shown(question.form.model_json_schema())
        messages: list[ChatCompletionMessageParam] = [{"role": "system", "content": system}]
        messages += map(_message, question.turns)
        key = self._api_key.get_secret_value() or "none"  # the SDK wants one
        async with calling(self.provider, key, self._base_url, recorder, self.timeout_s) as client:
            async for attempt in quick_retries(worth_another_try):
                with attempt:
                    await client.chat.completions.create(
                        model=self._model,
                        messages=messages,
                        response_format=_format(self.enforced, question.form),
                        # `max_completion_tokens` is OpenAI's name for it; all of these know the older one.
                        max_tokens=question.most_tokens,
                    )
        return self._read(question, recorder)

    def _read(self, question: Question[FormT], recorder: BodyRecorder) -> Answer[FormT]:
        """Judges the answer by its reason to end, then by its content."""
        body, usage = recorder.body, recorder.body.get("usage")
        cached = count(usage, "prompt_tokens_details", "cached_tokens")
        fresh = max(0, count(usage, "prompt_tokens") - cached)
        usd = self._cost(fresh=fresh, cached=cached, written=count(usage, "completion_tokens"))
        choice = next(iter(rows(body["choices"])), {})
        message, finish = table(choice.get("message")), choice.get("finish_reason")
        if message.get("refusal") or finish == "content_filter":
            raise declined(self.provider, str(message.get("refusal") or "content filter"), usd)
        request_id = recorder.request_id or str(body.get("id") or "")[:200]
        cut_off = finish in ("length", "model_length")
        return judged(question.form, _text(message.get("content")), usd=usd, request_id=request_id, cut_off=cut_off)


class MistralWriter(ChatWriter):
    """Mistral's own API."""

    provider: ClassVar[str] = "mistral"

    def __init__(
        self,
        api_key: SecretStr | str,
        model: str = "mistral-small-latest",
        base_url: str | None = None,
        *,
        price: TokenPrice | None = None,
    ) -> None:
        # The moderation's setting has the address without the version.
        base = (base_url or "https://api.mistral.ai").rstrip("/").removesuffix("/v1")
        super().__init__(api_key, model, base_url=f"{base}/v1", price=price)


class CompatibleWriter(ChatWriter):
    """A server of one's own (Ollama, vLLM) or a hosted one, by its address with the version (`http://host:11434/v1`).
    Without a price it costs nothing: the operator sets one for a server that charges."""

    provider: ClassVar[str] = "compatible"
    key_needed: ClassVar[bool] = False

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: SecretStr | str = "",
        *,
        price: TokenPrice | None = None,
        enforced: Enforced = "json_schema",
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        if not base_url.startswith(("https://", "http://")):
            raise InvalidInput(
                "the server's address is missing",
                field="REELWRIGHT_COMPATIBLE_URL",
                remedy="set it, as in http://127.0.0.1:11434/v1",
            )
        super().__init__(api_key, model, base_url=base_url, price=price or TokenPrice(0.0, 0.0))
        self.enforced, self.timeout_s = enforced, timeout_s


def _message(turn: Turn) -> ChatCompletionMessageParam:
    if turn.role == "user":
        return {"role": "user", "content": turn.text}
    return {"role": "assistant", "content": turn.text}


def _format(enforced: Enforced, form: type[BaseModel]) -> ResponseFormat | openai.Omit:
    if enforced == "text":
        return openai.omit
    if enforced == "json_object":
        return {"type": "json_object"}
    # Every field is required and no other allowed: the schema is strict as it is.
    schema: JSONSchema = {"name": form.__name__, "strict": True, "schema": form.model_json_schema()}
    return {"type": "json_schema", "json_schema": schema}


def _text(content: Any) -> str:
    """The text of a message: as it is, or of Mistral's pieces without those that are thoughts."""
    return content if isinstance(content, str) else strings([one for one in rows(content) if one.get("type") == "text"])
