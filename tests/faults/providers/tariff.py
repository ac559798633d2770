"""What the stand-ins charge: prices of their own, which the studio is given as its REELWRIGHT_PRICES; and its whole
environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reelwright.domain.channels.config import Capability
from tests.stand_ins import clips, libraries, music
from tests.unit.model_wires import KEY as MODEL_KEY
from tests.unit.voice_vendors import KEY as VOICE_KEY
from tests.unit.voice_vendors import text_of
from tests.vendor import Reply, Request

READ, WRITTEN = 1_000, 600
"""Tokens of each answer of a language model."""
PER_READ, PER_WRITTEN = 1.0, 2.0
"""US dollars for a million of them."""
CHARACTER, PICTURE, SECOND, TRACK = 0.0001, 0.04, 0.1, 0.05
CREDIT, CREDITS_S = 0.01, 5
"""Of a credit of Runway's, and how many a second of `gen4_turbo` takes."""
MUSIC_SECOND = 0.01
PICTURE_TOKENS = 46.875
"""US dollars for a million: 2,000 cost what the table has for one picture of 1920x1920, at 0.04 for 1024x1536."""
TOKENS = ("gpt-6-luna", "claude-haiku-5-5", "mistral-small-latest", "gemini-3.8-flash", "qwen3:8b")
"""The models that are paid by the token."""
UNITS: dict[str, tuple[str, float]] = {
    "elevenlabs:eleven_v4": ("character", CHARACTER),
    "openai:gpt-4o-mini-tts": ("character", CHARACTER),
    "azure:neural": ("character", CHARACTER),
    "gemini:gemini-3.8-flash-tts": ("character", CHARACTER),
    "openai:gpt-image-2.5-flare:medium": ("picture", PICTURE),
    "stability:core": ("picture", PICTURE),
    "gemini:gemini-3.1-flash-image": ("picture", PICTURE),
    "luma:ray-3.2": ("second", SECOND),
    "elevenlabs:music_v2": ("second", MUSIC_SECOND),
    "mubert": ("track", TRACK),
}
"""All else."""


def price_file(path: Path) -> Path:
    """The prices as a file of the operator's own."""
    lines = [
        f'[[model]]\nname = "{name}"\ninput = "{read}"\noutput = "{written}"\nfrom = 2026-01-01\n'
        for name, read, written in [
            *((name, PER_READ, PER_WRITTEN) for name in TOKENS),
            ("gpt-image-2.5-flare", 0, PICTURE_TOKENS),
        ]
    ]
    lines += [
        f'[[unit]]\nname = "{name}"\nunit = "{unit}"\nusd = "{usd}"\nfrom = 2026-01-01\n'
        for name, (unit, usd) in UNITS.items()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def charge_of(place: tuple[Capability, str], request: Request, reply: Any) -> float:
    """What a vendor asks for one answer: nothing for an error, for a look, or for a connection that it has closed."""
    capability, vendor = place
    if request.method not in ("POST", "PUT") or not isinstance(reply, Reply) or reply.status >= 300:
        return 0.0
    if reply.headers.get("content-type") == "text/html":
        return 0.0  # a gatekeeper's page: the vendor has not been reached
    if capability == "writing":
        read, written = _tokens(reply.said)
        return (read * PER_READ + written * PER_WRITTEN) / 1e6
    if capability == "speech":
        return len(_text(vendor, request)) * CHARACTER
    if capability == "images":
        return 2_000 * PICTURE_TOKENS / 1e6 if vendor == "openai" else PICTURE
    if capability == "clips" and vendor == "runway":
        return CREDIT * CREDITS_S * float(request.json["duration"])
    if capability == "clips":
        return SECOND * float(request.json["video"]["duration"].rstrip("s"))
    return MUSIC_SECOND * request.json["music_length_ms"] / 1_000 if vendor == "elevenlabs" else TRACK


def fields_of(reply: Any) -> dict[str, Any]:
    """The JSON object of a reply; an empty one where it has none."""
    try:
        said = json.loads(reply.data) if isinstance(reply, Reply) else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def refund_of(charged: float, reply: Any) -> float:
    """What a vendor gives back of a job that was charged for, by its state: Runway charges for a failed task what it
    says, as a rule nothing."""
    said = fields_of(reply)
    cost = said.get("cost")
    if said.get("status") != "FAILED" or not isinstance(cost, dict):
        return 0.0
    return charged - CREDIT * float(cost["credits"])


def _tokens(body: Any) -> tuple[int, int]:
    """What was read and written, by the answer itself; as usual where it does not say so."""
    usage = body.get("usage") or body.get("usageMetadata") or {} if isinstance(body, dict) else {}
    read = usage.get("input_tokens") or usage.get("prompt_tokens") or usage.get("promptTokenCount")
    written = usage.get("output_tokens") or usage.get("completion_tokens") or usage.get("candidatesTokenCount")
    thoughts = usage.get("thoughtsTokenCount", 0)
    return (READ, WRITTEN) if read is None or written is None else (read, written + thoughts)


def _text(vendor: str, request: Request) -> str:
    if vendor == "elevenlabs":
        return str(request.json["text"])
    if vendor == "openai":
        return str(request.json["input"])
    if vendor == "gemini":
        return str(request.json["contents"][0]["parts"][0]["text"])
    return text_of(request.json["inputs"][0]["content"])


def environment(url: str, prices: Path) -> dict[str, str]:
    """Every provider's key and address, on the stand-ins; offline where no channel says otherwise."""
    return {
        "REELWRIGHT_PRICES": str(prices),
        "REELWRIGHT_PROVIDERS_WRITING": "template",
        "REELWRIGHT_PROVIDERS_SPEECH": "local",
        "REELWRIGHT_PROVIDERS_IMAGES": "drawn",
        "REELWRIGHT_PROVIDERS_MUSIC": "synth",
        "REELWRIGHT_PROVIDERS_ALLOW_PRIVATE": "true",
        "REELWRIGHT_CONTACT": "studio@example.org",
        "OPENAI_API_KEY": MODEL_KEY,
        "OPENAI_BASE_URL": f"{url}/openai/v1",
        "ANTHROPIC_API_KEY": MODEL_KEY,
        "ANTHROPIC_BASE_URL": f"{url}/anthropic",
        "MISTRAL_API_KEY": MODEL_KEY,
        "MISTRAL_BASE_URL": f"{url}/mistral",
        "AZURE_OPENAI_KEY": MODEL_KEY,
        "AZURE_OPENAI_ENDPOINT": f"{url}/azure-writing",
        "AZURE_OPENAI_DEPLOYMENT": "luna",
        "REELWRIGHT_AZURE_OPENAI_MODEL": "gpt-6-luna",
        "GEMINI_API_KEY": VOICE_KEY,
        "REELWRIGHT_GEMINI_URL": f"{url}/gemini-writing",
        "REELWRIGHT_GEMINI_BASE_URL": f"{url}/gemini",
        "REELWRIGHT_COMPATIBLE_URL": f"{url}/compatible/v1",
        "REELWRIGHT_COMPATIBLE_MODEL": "qwen3:8b",
        "ELEVENLABS_API_KEY": music.KEY,
        "REELWRIGHT_ELEVENLABS_BASE_URL": f"{url}/elevenlabs",
        "AZURE_SPEECH_KEY": VOICE_KEY,
        "AZURE_SPEECH_REGION": "westeurope",
        "REELWRIGHT_AZURE_SPEECH_BASE_URL": f"{url}/azure-speech",
        "STABILITY_API_KEY": VOICE_KEY,
        "REELWRIGHT_STABILITY_BASE_URL": f"{url}/stability",
        "PEXELS_API_KEY": libraries.KEY,
        "PIXABAY_API_KEY": libraries.KEY,
        "REELWRIGHT_PEXELS_API_URL": f"{url}/pexels",
        "REELWRIGHT_PIXABAY_API_URL": f"{url}/pixabay",
        "REELWRIGHT_OPENVERSE_API_URL": f"{url}/openverse",
        "REELWRIGHT_WIKIMEDIA_API_URL": f"{url}/wikimedia",
        "RUNWAYML_API_SECRET": clips.KEY,
        "REELWRIGHT_RUNWAY_API_URL": f"{url}/runway",
        "LUMA_AGENTS_API_KEY": clips.KEY,
        "REELWRIGHT_LUMA_API_URL": f"{url}/luma/v1",
        "MUBERT_CUSTOMER_ID": "customer-1",
        "MUBERT_ACCESS_TOKEN": music.KEY,
        "REELWRIGHT_MUBERT_API_URL": f"{url}/mubert/api/v3",
    }
