"""A video service for a real PDS: takes a video in parts and stores it on the account's server, as Bluesky's own does.

Bluesky's video service is not published, so its protocol stands here as docs/platforms/bluesky.md#video has it. What is
real about it: the service token is made by the PDS, and the PDS alone decides whether the video may be stored with it.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

PART = 262_144
"""Bytes."""


class VideoService:
    """In memory. `pds_url` is the server of all accounts."""

    def __init__(self, pds_url: str) -> None:
        self._pds_url = pds_url
        self._jobs: dict[str, dict[str, Any]] = {}
        self.audiences: set[str] = set()

    def app(self) -> Starlette:
        """The routes."""
        methods = {
            "getUploadLimits": ("GET", self._limits),
            "startUpload": ("POST", self._start),
            "uploadPart": ("POST", self._part),
            "getUploadStatus": ("GET", self._status),
            "finishUpload": ("POST", self._finish),
            "getJobStatus": ("GET", self._job_status),
        }
        return Starlette(
            routes=[
                Route(f"/xrpc/app.bsky.video.{name}", handler, methods=[method])
                for name, (method, handler) in methods.items()
            ]
        )

    def _claims(self, request: Request) -> dict[str, Any]:
        middle = request.headers["authorization"].removeprefix("Bearer ").split(".")[1]
        claims = dict(json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))))
        self.audiences.add(str(claims["aud"]))
        return claims

    async def _limits(self, request: Request) -> JSONResponse:
        self._claims(request)
        return JSONResponse({"canUpload": True, "remainingDailyVideos": 25, "remainingDailyBytes": 10**10})

    async def _start(self, request: Request) -> JSONResponse:
        asked, did = await request.json(), self._claims(request)["iss"]
        job = {"id": f"job{len(self._jobs)}", "did": did, "size": asked["sizeBytes"], "parts": {}, "blob": None}
        self._jobs[job["id"]] = job
        return JSONResponse(self._told(job))

    def _told(self, job: dict[str, Any]) -> dict[str, Any]:
        count = -(-job["size"] // PART)
        expires = "2126-01-01T00:00:00Z"
        return {"jobId": job["id"], "partSizeBytes": PART, "partCount": count, "expiresAt": expires}

    async def _part(self, request: Request) -> JSONResponse:
        number, body = int(request.query_params["partNumber"]), await request.body()
        self._jobs[request.query_params["jobId"]]["parts"][number] = body
        return JSONResponse({"partNumber": number, "sizeBytes": len(body)})

    async def _status(self, request: Request) -> JSONResponse:
        job = self._jobs[request.query_params["jobId"]]
        state = "completed" if job["blob"] else "created"
        return JSONResponse({**self._told(job), "receivedParts": sorted(job["parts"]), "state": state})

    async def _finish(self, request: Request) -> JSONResponse:
        """Stores the video on the account's server with the token that this request came with."""
        job = self._jobs[(await request.json())["jobId"]]
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            answer = await client.post(
                f"{self._pds_url}/xrpc/com.atproto.repo.uploadBlob",
                content=b"".join(job["parts"][number] for number in sorted(job["parts"])),
                headers={"Authorization": request.headers["authorization"], "Content-Type": "video/mp4"},
            )
        if answer.status_code != 200:
            return JSONResponse(answer.json(), answer.status_code)
        job["blob"] = answer.json()["blob"]
        return JSONResponse({"completedJobId": job["id"], "jobStatus": self._job(job)})

    async def _job_status(self, request: Request) -> JSONResponse:
        return JSONResponse(self._job(self._jobs[request.query_params["jobId"]]))

    def _job(self, job: dict[str, Any]) -> dict[str, Any]:
        done = {"state": "JOB_STATE_COMPLETED", "progress": 100, "blob": job["blob"]}
        return {"jobId": job["id"], "did": job["did"], **done}
