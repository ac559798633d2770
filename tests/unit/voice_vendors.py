"""The vendors of voices as they answer on the wire (docs/providers.md), and how each of them fails."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree

import av
import numpy as np
from pydantic import SecretStr

from reelwright.domain.content.story import WordTiming
from reelwright.domain.costs.prices import PriceTable, UnitEntry
from reelwright.providers.speech.cloud.engine import Engine
from reelwright.providers.speech.cloud.speaker import CloudSpeaker
from reelwright.providers.speech.espeak import EspeakSpeaker
from reelwright.providers.speech.sound import Samples, wav_bytes
from tests.lazily import Lazily
from tests.vendor import Reply, Request, Vendor

KEY = "key-0123456789abcdefghijkl"
VOICE = "JBFqnCBsd6RMkjVDRZzb"
CLONE = "CloneCloneCloneClone"
MODELS = {
    "elevenlabs": "eleven_v4",
    "openai": "gpt-4o-mini-tts",
    "azure": "neural",
    "azure-rest": "neural",
    "gemini": "gemini-3.8-flash-tts",
}
VENDORS = tuple(MODELS)
TIMED = ("elevenlabs", "azure")
"""Those that tell the words' times."""
CENTS = "0.0001"
"""The price of a character."""

_openai = Lazily("reelwright.providers.speech.cloud.openai")


@cache
def spoken(text: str) -> tuple[Samples, tuple[WordTiming, ...]]:
    """A text as espeak-ng says it, at 48 kHz, and when it says each word."""
    with asyncio.Runner() as runner:
        speech = runner.run(EspeakSpeaker().speak(text, language="en"))
    with wave.open(io.BytesIO(speech.wav)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return pcm / 32768.0, speech.words


def as_mp3(samples: Samples) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as file:
        stream = file.add_stream("libmp3lame", rate=44_100)
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(samples.astype(np.float32)[None, :], format="fltp", layout="mono")
        frame.sample_rate = 48_000
        for piece in av.AudioResampler(format="fltp", layout="mono", rate=44_100).resample(frame):
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def at(samples: Samples, rate: int) -> bytes:
    """Raw 16-bit samples at another rate."""
    step = 48_000 // rate
    return bytes((np.clip(samples[::step], -1, 1) * 32767).astype("<i2").tobytes())


def characters(text: str, words: Sequence[WordTiming]) -> dict[str, list[Any]]:
    """Each character's time, as ElevenLabs tells it."""
    told: dict[str, list[Any]] = {"characters": [], "starts": [], "ends": []}
    for number, word in enumerate(words):
        step = (word.end - word.start) / len(word.text)
        runs = [
            (char, word.start + step * place, word.start + step * (place + 1)) for place, char in enumerate(word.text)
        ]
        if number + 1 < len(words):
            runs.append((" ", word.end, words[number + 1].start))
        for char, start, end in runs:
            for name, value in zip(told, (char, start, end), strict=True):
                told[name].append(value)
    return {
        "characters": told["characters"],
        "character_start_times_seconds": told["starts"],
        "character_end_times_seconds": told["ends"],
    }


@dataclass
class Sounding:
    """What a vendor says to a text; a test may put another sound or other times in its place."""

    sound: Callable[[str], Samples] = lambda text: spoken(text)[0]
    words: Callable[[str], Sequence[WordTiming]] = lambda text: spoken(text)[1]
    file: bytes | None = None
    """In place of the sound's file."""

    def elevenlabs(self, request: Request) -> Reply:
        if request.path == "/v1/models":
            rows = [{"model_id": "eleven_v4", "can_do_text_to_speech": True, "languages": [{"language_id": "en"}]}]
            return Reply(rows)
        rows = [
            {"voice_id": VOICE, "name": "George", "category": "premade", "labels": {"language": "en"}},
            {"voice_id": CLONE, "name": "Anna Smith", "category": "cloned"},
        ]
        if request.path == "/v2/voices":
            wanted = request.query.get("search", "")
            return Reply({"voices": [row for row in rows if wanted in row["name"]], "has_more": False})
        if request.path.startswith("/v1/voices/"):
            row = next((row for row in rows if row["voice_id"] == request.path.rpartition("/")[2]), None)
            told = {"detail": {"status": "voice_not_found", "message": "A voice with this id was not found."}}
            return Reply(row) if row else Reply(told, 404)
        text = request.json["text"]
        data = self.file if self.file is not None else as_mp3(self.sound(text))
        if not request.path.endswith("/with-timestamps"):
            return Reply(data, headers={"content-type": "audio/mpeg", "request-id": "req-plain"})
        body = {
            "audio_base64": base64.b64encode(data).decode(),
            "alignment": characters(text, self.words(text)),
            "normalized_alignment": None,
        }
        return Reply(body, headers={"request-id": f"req-{len(text)}"})

    def openai(self, request: Request) -> Reply:
        if request.method == "GET":
            return Reply({"id": request.path.rpartition("/")[2], "object": "model", "created": 1, "owned_by": "openai"})
        data = self.file if self.file is not None else wav_bytes(self.sound(request.json["input"]))
        return Reply(data, headers={"content-type": "audio/wav", "x-request-id": "req-openai"})

    def gemini(self, request: Request) -> Reply:
        if request.method == "GET":
            return Reply({"name": "models/gemini-3.8-flash-tts"})
        text = request.json["contents"][0]["parts"][0]["text"]
        data = self.file if self.file is not None else at(self.sound(text), 24_000)
        part = {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000", "data": base64.b64encode(data).decode()}}
        usage = {"promptTokenCount": 20, "candidatesTokenCount": 100}
        return Reply(
            {
                "candidates": [{"content": {"parts": [part], "role": "model"}, "finishReason": "STOP"}],
                "usageMetadata": usage,
                "responseId": "req-gemini",
            }
        )

    def azure_rest(self, request: Request) -> Reply:
        if request.path.endswith("/voices/list"):
            return Reply(azure_voices())
        data = self.file if self.file is not None else wav_bytes(self.sound(text_of(request.body.decode())))
        return Reply(data, headers={"content-type": "audio/wav", "x-requestid": "req-azure"})


def azure_voices() -> list[dict[str, Any]]:
    return [
        {"ShortName": "en-US-AvaMultilingualNeural", "DisplayName": "Ava", "Locale": "en-US"},
        {"ShortName": "de-DE-KatjaNeural", "DisplayName": "Katja", "Locale": "de-DE"},
    ]


def text_of(ssml: str) -> str:
    return "".join(ElementTree.fromstring(ssml).itertext())


class Jobs:
    """Azure's batch synthesis: jobs by id, done at the second question."""

    def __init__(self, sounding: Sounding) -> None:
        self.sounding = sounding
        self.jobs: dict[str, dict[str, Any]] = {}
        self.failing: dict[str, str] | None = None
        self.boundaries = True
        self.url = ""

    def __call__(self, request: Request) -> Reply:
        if request.path.endswith("/voices/list"):
            return Reply(azure_voices())
        id = request.path.rpartition("/")[2]
        if request.path.startswith("/results/"):
            return Reply(self.packed(self.jobs[id]["ssml"]), headers={"content-type": "application/zip"})
        job = self.jobs.get(id)
        if request.method == "DELETE":
            self.jobs.pop(id, None)
            return Reply(b"", 204)
        if request.method == "PUT":
            assert request.query == {"api-version": "2024-04-01"} and request.json["properties"]["wordBoundaryEnabled"]
            self.jobs[id] = {"ssml": request.json["inputs"][0]["content"], "asked": 0, "error": self.failing}
            return Reply({"id": id, "status": "NotStarted"}, 201)
        if job is None:
            return Reply({"error": {"code": "NotFound", "message": "The specified job does not exist."}}, 404)
        job["asked"] += 1
        if job["asked"] < 2:
            return Reply({"id": id, "status": "Running"})
        if job["error"]:
            return Reply({"id": id, "status": "Failed", "properties": {"error": job["error"]}})
        billed = {"neuralCharacters": len(text_of(job["ssml"]))}
        outputs = {"result": f"{self.url}/results/{id}"}
        return Reply({"id": id, "status": "Succeeded", "outputs": outputs, "properties": {"billingDetails": billed}})

    def packed(self, ssml: str) -> bytes:
        text = text_of(ssml)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as packed:
            data = self.sounding.file if self.sounding.file is not None else wav_bytes(self.sounding.sound(text))
            packed.writestr("0001.wav", data)
            if self.boundaries:
                rows = [
                    {"Text": word.text, "AudioOffset": word.start * 1000, "Duration": (word.end - word.start) * 1000}
                    for word in self.sounding.words(text)
                ]
                packed.writestr("0001.word.json", json.dumps(rows))
            packed.writestr("summary.json", "{}")
        return buffer.getvalue()


def answer_of(vendor: str, sounding: Sounding) -> Any:
    """How a vendor answers when all is well."""
    if vendor == "azure":
        return Jobs(sounding)
    return getattr(sounding, vendor.replace("-", "_"))


def prices(*names: str) -> PriceTable:
    """A character of each costs a hundredth of a cent."""
    return PriceTable(
        units=[
            UnitEntry.model_validate({"name": n, "unit": "character", "usd": CENTS, "from": "2026-01-01"})
            for n in names
        ]
    )


def engine_of(vendor: str, server: Vendor, **more: Any) -> Engine:
    from reelwright.providers.speech.cloud.azure import AzureSpeech
    from reelwright.providers.speech.cloud.elevenlabs import ElevenLabs
    from reelwright.providers.speech.cloud.gemini import GeminiSpeech

    key, table = SecretStr(KEY), prices(f"{vendor.partition('-')[0]}:{MODELS[vendor]}")
    table = more.pop("table", table)
    if isinstance(server.answer, Jobs):
        server.answer.url = server.url
    if vendor == "elevenlabs":
        return ElevenLabs(key, table, voice=more.pop("voice", VOICE), base_url=server.url, **more)
    if vendor == "openai":
        engine: Engine = _openai.OpenAISpeech(key, table, base_url=f"{server.url}/v1", **more)
        return engine
    if vendor == "gemini":
        return GeminiSpeech(key, table, base_url=server.url, **more)
    mode: Any = "rest" if vendor == "azure-rest" else "batch"
    return AzureSpeech(key, table, region="westeurope", mode=mode, base_url=server.url, **more)


def speaker_of(vendor: str, server: Vendor, **more: Any) -> CloudSpeaker:
    return CloudSpeaker(engine_of(vendor, server, **more))


# --- how they fail ---------------------------------------------------------------------------------------------------


def refusals(vendor: str) -> dict[str, tuple[Reply, str]]:
    """The answers by which each vendor refuses, and the kind of refusal they are."""
    if vendor == "elevenlabs":

        def detail(status: int, code: str) -> Reply:
            return Reply({"detail": {"status": code, "message": f"This is about {KEY}"}}, status)

        return {
            "key": (detail(401, "invalid_api_key"), "key"),
            "credit": (detail(401, "quota_exceeded"), "credit"),
            "model": (detail(400, "model_not_found"), "model"),
            "voice": (detail(404, "voice_not_found"), "model"),
            "policy": (detail(403, "content_policy_violation"), "policy"),
            "input": (Reply({"detail": [{"loc": ["body", "text"], "msg": "too long"}]}, 422), "input"),
        }
    if vendor == "openai":

        def error(status: int, code: str, param: str | None = None) -> Reply:
            told = {"message": f"Incorrect API key provided: {KEY}", "type": "x", "param": param, "code": code}
            return Reply({"error": told}, status)

        return {
            "key": (error(401, "invalid_api_key"), "key"),
            "credit": (error(429, "insufficient_quota"), "credit"),
            "model": (error(404, "model_not_found"), "model"),
            "voice": (error(400, "invalid_value", "voice"), "model"),
            "policy": (error(400, "content_policy_violation"), "policy"),
            "input": (error(400, "string_above_max_length"), "input"),
        }
    if vendor == "gemini":

        def status(code: int, name: str, message: str, **detail: Any) -> Reply:
            told = {"code": code, "status": name, "message": message, "details": [detail]}
            return Reply({"error": told}, code)

        blocked = {"candidates": [{"finishReason": "PROHIBITED_CONTENT"}]}
        return {
            "key": (status(400, "INVALID_ARGUMENT", f"API key not valid: {KEY}", reason="API_KEY_INVALID"), "key"),
            "credit": (status(429, "RESOURCE_EXHAUSTED", "Quota", quotaId="RequestsPerDayPerProject"), "credit"),
            "model": (status(404, "NOT_FOUND", "models/x is not found"), "model"),
            "policy": (Reply(blocked), "policy"),
            "blocked": (Reply({"promptFeedback": {"blockReason": "SAFETY"}}), "policy"),
            "input": (status(400, "INVALID_ARGUMENT", "contents is not specified"), "input"),
        }
    return {
        "key": (Reply({"error": {"code": "401", "message": f"Access denied, {KEY}"}}, 401), "key"),
        "credit": (Reply({"error": {"code": "QuotaExceeded", "message": "Out of call volume quota"}}, 403), "credit"),
        "voice": (Reply({"error": {"code": "InvalidRequest", "message": "Unsupported voice x"}}, 400), "model"),
        "input": (Reply("Bad Request", 400), "input"),
    }
