"""Stories by Google's Gemini API, by HTTP (`generateContent`; docs/providers.md#gemini)."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pydantic import SecretStr

from reelwright.domain.costs.prices import TokenPrice
from reelwright.domain.errors import InvalidInput, ProviderUnavailable

from ..common.answers import NoUse, TooSlow
from ..common.gemini import told
from ..common.http import Service, post_json
from .asking import Answer, FormT, Question, count, declined, judged, quick_retries, rows, strings, table
from .model import ModelWriter

BASE_URL = "https://generativelanguage.googleapis.com"
ANSWER_BYTES = 2_000_000
VERSION = "v1"
"""Of the API, where the address has none."""
BLOCKED = frozenset(
    {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "LANGUAGE", "ESCALATION"}
    | {"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "NO_IMAGE", "PUP_LIMITED_DISABLED"}
)
"""Reasons to end that are refusals."""
_VERSIONED = re.compile(r"/v\d+\w*$")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class GeminiWriter(ModelWriter):
    """Requests JSON of the schema (`responseJsonSchema`). Thoughts count as output."""

    provider: ClassVar[str] = "gemini"

    def __init__(
        self,
        api_key: SecretStr | str,
        model: str = "gemini-3.8-flash",
        base_url: str | None = None,
        *,
        price: TokenPrice | None = None,
    ) -> None:
        name = model.removeprefix("models/")
        if not _MODEL.fullmatch(name):
            raise InvalidInput(
                f"{model[:40]!r} is no name of a model", field="REELWRIGHT_GEMINI_MODEL", remedy="name one of Google's"
            )
        base = (base_url or BASE_URL).rstrip("/")
        versioned = base if _VERSIONED.search(base) else f"{base}/{VERSION}"
        super().__init__(api_key, name, versioned, price=price)

    async def _ask(self, question: Question[FormT]) -> Answer[FormT]:
        headers = {"x-goog-api-key": self._api_key.get_secret_value()}
        service = Service(
            self.provider,
            str(self._base_url),
            headers,
            read_error=told,
            timeout_s=self.timeout_s,
            most_bytes=ANSWER_BYTES,
        )
        async for attempt in quick_retries(_worth_another_try):
            with attempt:
                body, _ = await post_json(service, f"models/{self._model}:generateContent", _body(question))
                if not (isinstance(body.get("candidates"), list) or isinstance(body.get("promptFeedback"), dict)):
                    raise NoUse("its answer has no candidates", field=self.provider)
        return self._read(question, body)

    def _read(self, question: Question[FormT], body: dict[str, Any]) -> Answer[FormT]:
        """Judges the answer by its reason to end, then by its content."""
        usage = body.get("usageMetadata")
        cached = count(usage, "cachedContentTokenCount")
        usd = self._cost(
            fresh=max(0, count(usage, "promptTokenCount") - cached),
            cached=cached,
            written=count(usage, "candidatesTokenCount") + count(usage, "thoughtsTokenCount"),
        )
        feedback, first = table(body.get("promptFeedback")), next(iter(rows(body.get("candidates"))), {})
        finish = str(first.get("finishReason") or "")
        if feedback.get("blockReason") or finish in BLOCKED:
            raise declined(self.provider, str(feedback.get("blockReason") or first.get("finishMessage") or finish), usd)
        parts = rows(table(first.get("content")).get("parts"))
        text = strings([part for part in parts if not part.get("thought")])
        request_id = str(body.get("responseId") or "")[:200]
        return judged(question.form, text, usd=usd, request_id=request_id, cut_off=finish == "MAX_TOKENS")


def _body(question: Question[FormT]) -> dict[str, Any]:
    roles = {"user": "user", "assistant": "model"}
    return {
        "systemInstruction": {"parts": [{"text": question.instructions}]},
        "contents": [{"role": roles[turn.role], "parts": [{"text": turn.text}]} for turn in question.turns],
        "generationConfig": {
            "responseMimeType": "application/json",
            "responseJsonSchema": question.form.model_json_schema(),
            "maxOutputTokens": question.most_tokens,
        },
    }


def _worth_another_try(error: BaseException) -> bool:
    """A broken connection or a server error without a time to wait; not a timeout, and not a throttle."""
    if not isinstance(error, ProviderUnavailable) or isinstance(error, TooSlow):
        return False
    return error.retry_after_s is None and not error.message.startswith("HTTP 4")
