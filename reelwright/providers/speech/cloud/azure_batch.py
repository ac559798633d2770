"""Azure's batch synthesis: a job by an id of ours, asked for until it is done, and its ZIP file."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable, Refusal

from ...common.answers import AGAIN, Told, no_use, refused, reject
from ...common.http import Service, call, get_bytes, get_json, post_json
from .marks import Mark

VERSION = "2024-04-01"
FIRST_S, FASTER, LONGEST_S = 2.0, 1.3, 10.0
"""Seconds between two questions: the first, how much longer each next one is, and the longest."""
PATIENCE_S = 420.0
"""95 % of the jobs are done within two minutes [D]. After this the attempt ends; the next one finds the job."""
KEPT_HOURS = 168
UNPACKED_BYTES = 200_000_000


class Batch:
    """The jobs of one resource. The same text in the same voice is the same job for a week: a second attempt pays
    nothing."""

    def __init__(self, service: Service, output: str, refusal_of: Callable[[str, str], Refusal]) -> None:
        self._service, self._output, self._refusal_of = service, output, refusal_of

    def id_of(self, ssml: str) -> str:
        """The job's id: 3 to 64 letters, digits and hyphens."""
        return "reelwright-" + hashlib.sha256(f"{self._output}\n{ssml}".encode()).hexdigest()[:40]

    async def spoken(self, ssml: str, *, usd: float) -> tuple[bytes, tuple[Mark, ...], int]:
        """The sound (WAV), the words' times (none from voices that tell none) and the characters that are charged (0
        where it is not told)."""
        path = f"texttospeech/batchsyntheses/{self.id_of(ssml)}"
        job = await self._found(path)
        if job is None:
            job, _ = await post_json(self._service, path, self._order(ssml), self._version, method="PUT", usd=0.0)
        done = await self._done(path, job)
        address = (done.get("outputs") or {}).get("result") if isinstance(done.get("outputs"), dict) else None
        if not isinstance(address, str) or not address:
            raise no_use(self._service.vendor, "the job has no result", usd=usd)
        reply = await get_bytes(self._service, address)
        sound, marks = await asyncio.to_thread(_unpacked, self._service.vendor, reply.data, usd)
        return sound, marks, _billed(done)

    @property
    def _version(self) -> dict[str, str]:
        return {"api-version": VERSION}

    def _order(self, ssml: str) -> dict[str, Any]:
        return {
            "inputKind": "SSML",
            "inputs": [{"content": ssml}],
            "properties": {
                "outputFormat": self._output,
                "wordBoundaryEnabled": True,
                "concatenateResult": False,
                "timeToLiveInHours": KEPT_HOURS,
            },
        }

    async def _found(self, path: str) -> dict[str, Any] | None:
        """The job of an earlier attempt; one that failed is taken away, so that it may be ordered again."""
        try:
            job = await get_json(self._service, path, self._version)
        except ProviderRefused as error:
            if error.why == "model":  # 404
                return None
            raise
        if job.get("status") != "Failed":
            return job
        await call(self._service, "DELETE", path, params=self._version)
        return None

    async def _done(self, path: str, job: dict[str, Any]) -> dict[str, Any]:
        pause = FIRST_S
        try:
            async with asyncio.timeout(PATIENCE_S):
                while job.get("status") in ("NotStarted", "Running"):
                    await asyncio.sleep(pause)
                    pause = min(pause * FASTER, LONGEST_S)
                    job = await get_json(self._service, path, self._version)
        except TimeoutError:
            raise ProviderUnavailable(
                f"the job is not done after {PATIENCE_S:g} s",
                field=self._service.vendor,
                remedy=f"{AGAIN}, and then found",
                retry_after_s=LONGEST_S,
            ) from None
        if job.get("status") == "Succeeded":
            return job
        properties = job.get("properties") if isinstance(job.get("properties"), dict) else {}
        error = (properties or {}).get("error")
        error = error if isinstance(error, dict) else {}
        if job.get("status") != "Failed":
            raise no_use(self._service.vendor, "its answer has no state of the job", cost_known=False)
        code, message = str(error.get("code") or ""), str(error.get("message") or "")
        why = self._refusal_of(code, message) or "input"
        raise refused(self._service.vendor, why, "the job failed:", Told((code,) if code else (), message))


def _billed(job: dict[str, Any]) -> int:
    properties = job.get("properties")
    details = properties.get("billingDetails") if isinstance(properties, dict) else None
    counts = [details.get(name) for name in ("neuralCharacters", "customNeuralCharacters")] if details else []
    return sum(count for count in counts if isinstance(count, int) and not isinstance(count, bool) and count > 0)


def _unpacked(vendor: str, data: bytes, usd: float) -> tuple[bytes, tuple[Mark, ...]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > UNPACKED_BYTES:
                reject(vendor, f"its result has more than {UNPACKED_BYTES:,} bytes", usd=usd)
            names = packed.namelist()
            sound = next((name for name in names if name.endswith(".wav")), None)
            if sound is None:
                reject(vendor, "its result has no sound", usd=usd)
            words = next((name for name in names if name.endswith(".word.json")), None)
            return packed.read(sound), _marks(packed.read(words)) if words else ()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise no_use(vendor, "its result is no ZIP file, or cut off", usd=usd) from error


def _marks(data: bytes) -> tuple[Mark, ...]:
    """The words' times, told in milliseconds; nothing where they are not as they should be: then they are aligned."""
    try:
        rows = json.loads(data)
        return tuple(
            Mark(str(row["Text"]), row["AudioOffset"] / 1000, (row["AudioOffset"] + row["Duration"]) / 1000)
            for row in rows
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
