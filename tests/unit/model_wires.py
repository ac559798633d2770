"""What the vendors of language models say on the wire, as their documents and SDKs have it (docs/providers.md), and a
server on loopback that says it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reelwright.providers.writing.model import ModelWriter
from tests.lazily import Lazily
from tests.stand_ins.server import Answer, Asked, Loopback

openai, anthropic = Lazily("reelwright.providers.writing.openai"), Lazily("reelwright.providers.writing.anthropic")
azure, chat = Lazily("reelwright.providers.writing.azure"), Lazily("reelwright.providers.writing.chat")
gemini = Lazily("reelwright.providers.writing.gemini")

KEY = "sk-test-0123456789abcdefghij"
HANG_UP, SILENT = "hang up", "silent"
"""Replies that are none: the connection is closed at once, or nothing comes until the server is closed."""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer. Of one that is `broken` half is sent."""

    status: int
    headers: dict[str, str]
    body: Any
    broken: bool = False


class Stub:
    """Answers with the replies it was given, in order, and keeps what it was asked. `answer`, where it is set, makes a
    reply of what was asked instead."""

    def __init__(self) -> None:
        self.replies: list[Reply | str] = []
        self.answer: Callable[[dict[str, Any]], Reply] | None = None
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self._closing = threading.Event()
        self._server = Loopback(self._reply)
        self.url = self._server.url

    def _reply(self, asked: Asked) -> Answer | None:
        self.requests.append((asked.target, asked.headers, asked.json))
        reply = self.answer(asked.json) if self.answer else self.replies.pop(0)
        if isinstance(reply, str):
            if reply == SILENT:
                self._closing.wait(60)
            return None
        data = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
        headers = {"content-type": "application/json", **reply.headers}
        return Answer(reply.status, data[: len(data) // 2] if reply.broken else data, headers, len(data))

    def close(self) -> None:
        self._closing.set()
        self._server.close()


class Wire:
    """One vendor. `said` makes an answer that ends by itself; `read` counts all tokens read, `cached` those of them out
    of the cache."""

    name: str
    path: str
    billing: tuple[str, ...] = ()

    def writer(self, url: str, **more: Any) -> ModelWriter:
        raise NotImplementedError

    def said(self, text: str, *, read: int = 1000, cached: int = 0, written: int = 600, end: str = "") -> Reply:
        raise NotImplementedError

    def cut_off(self, text: str) -> Reply:
        raise NotImplementedError

    def refused(self, why: str) -> Reply:
        raise NotImplementedError

    def failure(self, status: int, code: str, message: str = "no", **headers: str) -> Reply:
        raise NotImplementedError

    def turns(self, body: dict[str, Any]) -> list[tuple[str, str]]:
        """(role, text) of what was sent, the system prompt first."""
        raise NotImplementedError

    def schema(self, body: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def most_tokens(self, body: dict[str, Any]) -> int:
        raise NotImplementedError

    def good(self, form: Any, **more: Any) -> Reply:
        return self.said(form if isinstance(form, str) else json.dumps(form), **more)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


class OpenAI(Wire):
    name, path = "openai", "/v1/responses"
    billing = (
        "credit_balance_exhausted",
        "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
    )

    def writer(self, url: str, **more: Any) -> ModelWriter:
        return openai.OpenAIWriter(KEY, base_url=f"{url}/v1", **more)

    def responses(
        self, content: list[dict[str, Any]], read: int = 1000, cached: int = 0, written: int = 600, **more: Any
    ) -> Reply:
        usage = {
            "input_tokens": read,
            "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 100},
            "total_tokens": read + written,
        }
        message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content}
        body = {
            "id": "resp_1",
            "object": "response",
            "created_at": 1_795_000_000,
            "status": "completed",
            "error": None,
            "incomplete_details": None,
            "model": "gpt-6-luna",
            "output": [{"id": "rs_1", "type": "reasoning", "summary": []}, message],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": usage,
            **more,
        }
        return Reply(200, {"x-request-id": "req_1"}, body)

    def said(self, text: str, *, read: int = 1000, cached: int = 0, written: int = 600, end: str = "") -> Reply:
        return self.responses([{"type": "output_text", "text": text, "annotations": []}], read, cached, written)

    def cut_off(self, text: str) -> Reply:
        content = [{"type": "output_text", "text": text, "annotations": []}]
        return self.responses(content, status="incomplete", incomplete_details={"reason": "max_output_tokens"})

    def refused(self, why: str) -> Reply:
        return self.responses([{"type": "refusal", "refusal": why}])

    def failure(self, status: int, code: str, message: str = "no", **headers: str) -> Reply:
        error = {"message": message, "type": "some_error", "code": code, "param": None}
        return Reply(status, _named(headers), {"error": error})

    def turns(self, body: dict[str, Any]) -> list[tuple[str, str]]:
        return [("system", body["instructions"]), *((turn["role"], turn["content"]) for turn in body["input"])]

    def schema(self, body: dict[str, Any]) -> dict[str, Any]:
        sent = body["text"]["format"]
        assert sent["type"] == "json_schema" and sent["strict"] is True and sent["name"]
        return dict(sent["schema"])

    def most_tokens(self, body: dict[str, Any]) -> int:
        return int(body["max_output_tokens"])


class Azure(OpenAI):
    name, path = "azure", "/openai/v1/responses"

    def writer(self, url: str, **more: Any) -> ModelWriter:
        return azure.AzureWriter(KEY, url, more.pop("model", "gpt-6-luna"), **more)


class Anthropic(Wire):
    name, path = "anthropic", "/v1/messages"
    billing = ("enforced_spend_limit_reached",)

    def writer(self, url: str, **more: Any) -> ModelWriter:
        return anthropic.AnthropicWriter(KEY, base_url=url, **more)

    def said(self, text: str, *, read: int = 1000, cached: int = 0, written: int = 600, end: str = "end_turn") -> Reply:
        body = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-haiku-5-5",
            "content": [{"type": "text", "text": text}],
            "stop_reason": end,
            "stop_sequence": None,
            "usage": {"input_tokens": read - cached, "cache_read_input_tokens": cached, "output_tokens": written},
        }
        return Reply(200, {"request-id": "req_1"}, body)

    def cut_off(self, text: str) -> Reply:
        return self.said(text, end="max_tokens")

    def refused(self, why: str) -> Reply:
        reply = self.said("I", end="refusal")
        reply.body["stop_details"] = {"type": "refusal", "category": "bio", "explanation": why}
        return reply

    def failure(self, status: int, code: str, message: str = "no", **headers: str) -> Reply:
        error = {"type": "some_error", "message": message, "details": {"error_code": code}}
        return Reply(status, _named(headers), {"type": "error", "error": error, "request_id": "req_9"})

    def turns(self, body: dict[str, Any]) -> list[tuple[str, str]]:
        return [("system", body["system"]), *((turn["role"], turn["content"]) for turn in body["messages"])]

    def schema(self, body: dict[str, Any]) -> dict[str, Any]:
        sent = body["output_config"]["format"]
        assert sent["type"] == "json_schema"
        return dict(sent["schema"])

    def most_tokens(self, body: dict[str, Any]) -> int:
        return int(body["max_tokens"])


class Compatible(Wire):
    """Ollama's and vLLM's, and what Mistral's has in common with them."""

    name, path = "compatible", "/v1/chat/completions"

    def writer(self, url: str, **more: Any) -> ModelWriter:
        more.setdefault("price", chat.TokenPrice(0.10, 0.50, 0.01))
        return chat.CompatibleWriter(f"{url}/v1", more.pop("model", "qwen3:8b"), **more)

    def said(self, text: str, *, read: int = 1000, cached: int = 0, written: int = 600, end: str = "stop") -> Reply:
        return self.completion({"role": "assistant", "content": text}, read, cached, written, end)

    def completion(self, message: dict[str, Any], read: int, cached: int, written: int, end: str) -> Reply:
        usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
        body = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_795_000_000,
            "model": "qwen3:8b",
            "system_fingerprint": "fp_ollama",
            "choices": [{"index": 0, "message": message, "finish_reason": end}],
            "usage": usage | ({"prompt_tokens_details": {"cached_tokens": cached}} if cached else {}),
        }
        return Reply(200, {}, body)

    def cut_off(self, text: str) -> Reply:
        return self.said(text, end="length")

    def refused(self, why: str) -> Reply:
        return self.completion({"role": "assistant", "content": None, "refusal": why}, 1000, 0, 20, "stop")

    def failure(self, status: int, code: str, message: str = "no", **headers: str) -> Reply:
        error = {"message": message, "type": "api_error", "param": None, "code": code}
        return Reply(status, _named(headers), {"error": error})

    def turns(self, body: dict[str, Any]) -> list[tuple[str, str]]:
        return [(turn["role"], turn["content"]) for turn in body["messages"]]

    def schema(self, body: dict[str, Any]) -> dict[str, Any]:
        sent = body["response_format"]
        assert sent["type"] == "json_schema" and sent["json_schema"]["strict"] is True
        return dict(sent["json_schema"]["schema"])

    def most_tokens(self, body: dict[str, Any]) -> int:
        return int(body["max_tokens"])


class Mistral(Compatible):
    name = "mistral"

    def writer(self, url: str, **more: Any) -> ModelWriter:
        more.setdefault("price", chat.TokenPrice(0.10, 0.50, 0.01))
        return chat.MistralWriter(KEY, base_url=url, **more)

    def said(self, text: str, *, read: int = 1000, cached: int = 0, written: int = 600, end: str = "stop") -> Reply:
        """In pieces, with the thoughts of a model that reasons."""
        pieces = [
            {"type": "thinking", "thinking": [{"type": "text", "text": "{hm}"}]},
            {"type": "text", "text": text},
        ]
        return self.completion({"role": "assistant", "content": pieces}, read, cached, written, end)

    def refused(self, why: str) -> Reply:
        return self.completion({"role": "assistant", "content": why}, 1000, 0, 20, "content_filter")

    def failure(self, status: int, code: str, message: str = "no", **headers: str) -> Reply:
        return Reply(
            status, _named(headers), {"object": "error", "message": message, "type": code, "param": None, "code": None}
        )


class Gemini(Wire):
    name, path = "gemini", "/v1/models/gemini-3.8-flash:generateContent"
    billing = ("GenerateRequestsPerDayPerProjectPerModel",)

    def writer(self, url: str, **more: Any) -> ModelWriter:
        more.setdefault("price", gemini.TokenPrice(0.10, 0.50, 0.01))
        return gemini.GeminiWriter(KEY, base_url=url, **more)

    def said(self, text: str, *, read: int = 1000, cached: int = 0, written: int = 600, end: str = "STOP") -> Reply:
        parts = [{"text": "I think {", "thought": True}, {"text": text}]
        body = {
            "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": end, "index": 0}],
            "usageMetadata": {
                "promptTokenCount": read,
                "candidatesTokenCount": written - 100,
                "thoughtsTokenCount": 100,
                "totalTokenCount": read + written,
                **({"cachedContentTokenCount": cached} if cached else {}),
            },
            "modelVersion": "gemini-3.8-flash",
            "responseId": "resp-1",
        }
        return Reply(200, {}, body)

    def cut_off(self, text: str) -> Reply:
        return self.said(text, end="MAX_TOKENS")

    def refused(self, why: str) -> Reply:
        reply = self.said("", written=100, end="SAFETY")
        reply.body["candidates"][0]["finishMessage"] = why
        return reply

    def failure(self, status: int, code: str, message: str = "no", **headers: str) -> Reply:
        details: list[dict[str, Any]] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code}]
        if "PerDay" in code:
            details = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": code}]}]
        if delay := headers.get("retry_after"):
            retry = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{delay}s"}
            details.append(retry)
        error = {"code": status, "message": message, "status": "SOME_STATUS", "details": details}
        return Reply(status, {}, {"error": error})

    def turns(self, body: dict[str, Any]) -> list[tuple[str, str]]:
        roles = {"user": "user", "model": "assistant"}
        said = [(roles[turn["role"]], turn["parts"][0]["text"]) for turn in body["contents"]]
        return [("system", body["systemInstruction"]["parts"][0]["text"]), *said]

    def schema(self, body: dict[str, Any]) -> dict[str, Any]:
        sent = body["generationConfig"]
        assert sent["responseMimeType"] == "application/json"
        return dict(sent["responseJsonSchema"])

    def most_tokens(self, body: dict[str, Any]) -> int:
        return int(body["generationConfig"]["maxOutputTokens"])


WIRES: dict[str, Wire] = {
    wire.name: wire for wire in (OpenAI(), Azure(), Anthropic(), Mistral(), Compatible(), Gemini())
}
