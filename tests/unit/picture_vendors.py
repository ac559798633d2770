"""The vendors of pictures as they answer on the wire (docs/providers.md), and how each of them fails."""

from __future__ import annotations

import base64
import functools
import io
import re
from typing import Any

import numpy as np
from PIL import Image
from pydantic import SecretStr

from reelwright.domain.content.story import Scene, Story
from reelwright.domain.costs.prices import PriceTable, UnitEntry
from reelwright.providers.images.illustrator import ModelIllustrator
from tests.lazily import Lazily
from tests.vendor import Reply, Request, Vendor

KEY = "key-0123456789abcdefghijkl"
ROWS = {
    "openai": "openai:gpt-image-2.5-flare:medium",
    "stability": "stability:core",
    "gemini": "gemini:gemini-3.1-flash-image:2K",
}
VENDORS = tuple(ROWS)
USD = 0.04

_openai = Lazily("reelwright.providers.images.openai")

SCENES = tuple(
    Scene(index=index, text=text, brief=brief)
    for index, (text, brief) in enumerate(
        [("Nobody slept.", "a lighthouse at night in a storm"), ("In the morning the sea was calm.", "")]
    )
)
STORY = Story(title="The storm", description="", scenes=SCENES, writer="script", mood="tense")


@functools.cache
def picture(width: int = 1_536, height: int = 1_536, kind: str = "PNG", mode: str = "RGB") -> bytes:
    """A picture with something in it."""
    across, down = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    image = Image.fromarray(np.dstack([across, down, 255 - across]).astype(np.uint8)).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def blank(shade: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (1_024, 1_024), (shade, shade, shade)).save(buffer, "PNG")
    return buffer.getvalue()


class Painter:
    """What a vendor sends: a picture file, or what a test puts in its place."""

    def __init__(self, vendor: str, file: bytes | None = None) -> None:
        self.vendor = vendor
        self.file = picture() if file is None else file

    def __call__(self, request: Request) -> Reply:
        coded = base64.b64encode(self.file).decode()
        if self.vendor == "stability":
            headers = {"content-type": "image/png", "seed": form(request)["seed"], "finish-reason": "SUCCESS"}
            return Reply(self.file, headers={**headers, "x-request-id": "req-stability"})
        if self.vendor == "openai":
            usage = {"input_tokens": 100, "output_tokens": 2_000, "total_tokens": 2_100}
            details = {"input_tokens_details": {"text_tokens": 100, "image_tokens": 0}}
            body = {"created": 1, "data": [{"b64_json": coded}], "usage": {**usage, **details}}
            return Reply(body, headers={"x-request-id": "req-openai"})
        part = {"inlineData": {"mimeType": "image/png", "data": coded}}
        thought = {"text": "Here is the picture."}
        content = {"parts": [thought, part], "role": "model"}
        return Reply({"candidates": [{"content": content, "finishReason": "STOP"}], "responseId": "req-gemini"})


def form(request: Request) -> dict[str, str]:
    """The parts of a form."""
    found = re.findall(rb'name="(\w+)"\r\n\r\n(.*?)\r\n--', request.body, re.DOTALL)
    return {name.decode(): value.decode() for name, value in found}


def asked(vendor: str, request: Request) -> str:
    """The prompt that was sent, with what is not to be seen."""
    if vendor == "stability":
        told = form(request)
        return f"{told['prompt']}\n{told['negative_prompt']}"
    if vendor == "openai":
        return str(request.json["prompt"])
    return str(request.json["contents"][0]["parts"][0]["text"])


def prices(*names: str) -> PriceTable:
    row = {"unit": "picture", "usd": str(USD), "from": "2026-01-01"}
    return PriceTable(units=[UnitEntry.model_validate({"name": name, **row}) for name in names])


def illustrator_of(vendor: str, server: Vendor, **more: Any) -> ModelIllustrator:
    from reelwright.providers.images.gemini import GeminiIllustrator
    from reelwright.providers.images.stability import StabilityIllustrator

    key, table = SecretStr(KEY), more.pop("table", prices(*ROWS.values()))
    if vendor == "openai":
        made: ModelIllustrator = _openai.OpenAIIllustrator(key, table, base_url=f"{server.url}/v1", **more)
        return made
    if vendor == "gemini":
        return GeminiIllustrator(key, table, base_url=server.url, **more)
    return StabilityIllustrator(key, table, base_url=server.url, **more)


def refusals(vendor: str) -> dict[str, tuple[Reply, str]]:
    """The answers by which each vendor refuses, and the kind of refusal they are."""
    if vendor == "openai":

        def error(status: int, code: str, param: str | None = None) -> Reply:
            told = {"message": f"Incorrect API key provided: {KEY}", "type": "x", "param": param, "code": code}
            return Reply({"error": told}, status)

        return {
            "key": (error(401, "invalid_api_key"), "key"),
            "credit": (error(429, "credit_balance_exhausted"), "credit"),
            "limit": (error(400, "billing_error"), "credit"),
            "model": (error(400, "invalid_value", "model"), "model"),
            "policy": (error(400, "moderation_blocked"), "policy"),
            "input": (error(400, "invalid_size"), "input"),
        }
    if vendor == "stability":

        def told(status: int, name: str) -> Reply:
            return Reply({"id": "x", "name": name, "errors": [f"about {KEY}"]}, status)

        filtered = Reply(blank(), headers={"content-type": "image/png", "finish-reason": "CONTENT_FILTERED"})
        return {
            "key": (told(401, "unauthorized"), "key"),
            "credit": (told(402, "payment_required"), "credit"),
            "model": (told(404, "not_found"), "model"),
            "policy": (told(403, "content_moderation"), "policy"),
            "filtered": (filtered, "policy"),
            "input": (told(422, "invalid_request"), "input"),
        }

    def status(code: int, name: str, message: str, **detail: Any) -> Reply:
        return Reply({"error": {"code": code, "status": name, "message": message, "details": [detail]}}, code)

    return {
        "key": (status(400, "INVALID_ARGUMENT", f"API key not valid: {KEY}", reason="API_KEY_INVALID"), "key"),
        "denied": (status(403, "PERMISSION_DENIED", f"{KEY} may not"), "key"),
        "credit": (status(429, "RESOURCE_EXHAUSTED", "Quota", quotaId="ImagesPerDayPerProject"), "credit"),
        "billing": (status(400, "FAILED_PRECONDITION", "enable billing"), "credit"),
        "model": (status(404, "NOT_FOUND", "models/x is not found"), "model"),
        "policy": (Reply({"candidates": [{"finishReason": "IMAGE_SAFETY"}]}), "policy"),
        "blocked": (Reply({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}), "policy"),
    }
