"""Bluesky at wire level: sessions, an account's repository, the video service, limits.

Source: docs/platforms/bluesky.md, docs/platforms/README.md#sandbox. All services stand on one host here. Calls are
named for faults: `token` (createSession, refreshSession), `auth` (getServiceAuth), `start` (startUpload), `put`
(uploadPart), `probe` (getUploadStatus), `finish`, `poll` (getJobStatus), `blob`, `publish` (putRecord, createRecord),
`write` (deleteRecord) and `read`.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ..store import SandboxStore
from . import nouns
from .access import Access
from .records import Records
from .video import Videos


class Bluesky:
    """The routes, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self._access = Access(store)
        self._records = Records(store, self._access)
        self._videos = Videos(store, self._access)

    def routes(self) -> Sequence[Route]:
        """XRPC's, and the address of a post."""
        access, records, videos, plain = self._access, self._records, self._videos, self._access.guard
        procedures = {
            "com.atproto.server.createSession": plain("token", access.create_session),
            "com.atproto.server.refreshSession": plain("token", access.refresh_session),
            "com.atproto.repo.uploadBlob": plain("blob", records.upload_blob),
            "com.atproto.repo.putRecord": access.metered("publish", 2, records.put),
            "com.atproto.repo.createRecord": access.metered("publish", 3, records.create),
            "com.atproto.repo.deleteRecord": access.metered("write", 1, records.delete),
            "app.bsky.video.startUpload": plain("start", videos.start),
            "app.bsky.video.uploadPart": plain("put", videos.part),
            "app.bsky.video.finishUpload": plain("finish", videos.finish),
            "app.bsky.video.abortUpload": plain("finish", videos.abort),
            "app.bsky.video.uploadVideo": plain("put", videos.whole),
        }
        queries = {
            "com.atproto.server.getSession": plain("read", access.get_session),
            "com.atproto.server.describeServer": plain("read", self.describe),
            "com.atproto.server.getServiceAuth": plain("auth", access.service_auth),
            "com.atproto.identity.resolveHandle": plain("read", records.resolve),
            "com.atproto.repo.getRecord": plain("read", records.get),
            "com.atproto.repo.listRecords": plain("read", records.list_records),
            "app.bsky.feed.getPosts": plain("read", records.get_posts),
            "app.bsky.actor.getProfile": plain("read", records.profile),
            "app.bsky.video.getUploadLimits": plain("limits", videos.limits),
            "app.bsky.video.getUploadStatus": plain("probe", videos.status),
            "app.bsky.video.getJobStatus": plain("poll", videos.job_status),
        }
        return [
            *(Route(f"/xrpc/{nsid}", handler, methods=["POST"]) for nsid, handler in procedures.items()),
            *(Route(f"/xrpc/{nsid}", handler, methods=["GET"]) for nsid, handler in queries.items()),
            Route("/xrpc/{nsid}", self.unknown, methods=["GET", "POST"]),
            Route("/profile/{did}/post/{rkey}", self.show, methods=["GET"]),
        ]

    async def describe(self, request: Request) -> Response:
        """`describeServer`."""
        told = {"did": nouns.PDS_DID, "availableUserDomains": [".sandbox.test"], "inviteCodeRequired": False}
        return JSONResponse(told)

    async def unknown(self, request: Request) -> Response:
        """A method that the sandbox does not have."""
        return nouns.Refusal(501, "MethodNotImplemented", "Method Not Implemented").response()

    async def show(self, request: Request) -> Response:
        """The address of a post leads to its page."""
        return RedirectResponse(f"/watch?v={request.path_params['rkey'][:13]}", 302)
