"""YouTube's data in the sandbox: the rules for an insert, and the format of a video, a channel and an error.

Source: docs/platforms/youtube.md#calls, #upload, #processing, #quota, #limits (the discovery document `youtube.v3.json`
and the API's error pages).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from starlette.responses import JSONResponse

from ..store import Post, Settings, iso
from ..wire import Refusal as WireRefusal

PARTS = {
    "contentDetails",
    "fileDetails",
    "id",
    "liveStreamingDetails",
    "localizations",
    "paidProductPlacementDetails",
    "player",
    "processingDetails",
    "recordingDetails",
    "snippet",
    "statistics",
    "status",
    "suggestions",
    "topicDetails",
}
LICENSES = {"youtube", "creativeCommon"}
PRIVACY = {"public", "unlisted", "private"}


@dataclass(eq=False)
class Refusal(WireRefusal):
    """An answer with Google's error envelope."""

    status: int
    reason: str
    message: str
    domain: str = "youtube.video"
    location: str = ""

    def response(self) -> JSONResponse:
        """`{"error": {"code", "message", "errors": [{"message", "domain", "reason"}]}}`."""
        detail: dict[str, str] = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.location:
            detail |= {"location": self.location, "locationType": "other"}
        body = {"error": {"code": self.status, "message": self.message, "errors": [detail]}}
        headers = {"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/"'} if self.status == 401 else {}
        return JSONResponse(body, self.status, headers)


class Scopeless(Refusal):
    """403: the token is good, but not for this call. The header names what would be."""

    def __init__(self, scopes: list[str]) -> None:
        super().__init__(403, "insufficientPermissions", "Insufficient Permission", "global")
        self.scopes = scopes

    def response(self) -> JSONResponse:
        """The format of Google's front end: both the old `errors` and the newer `details`."""
        message = "Request had insufficient authentication scopes."
        detail = {"message": self.message, "domain": self.domain, "reason": self.reason}
        info = {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "domain": "googleapis.com",
            "metadata": {"service": "youtube.googleapis.com"},
        }
        error = {"code": 403, "message": message, "errors": [detail], "status": "PERMISSION_DENIED", "details": [info]}
        challenge = (
            f'Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="{" ".join(self.scopes)}"'
        )
        return JSONResponse({"error": error}, 403, {"WWW-Authenticate": challenge})


UNAUTHORIZED = partial(
    Refusal,
    401,
    "authError",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    "global",
    "Authorization",
)
QUOTA = partial(
    Refusal,
    403,
    "quotaExceeded",
    'The request cannot be completed because you have exceeded your <a href="/youtube/v3/getting-started#quota">quota'
    "</a>.",
    "youtube.quota",
)
# The daily bucket of one method: HTTP 429 and "rateLimitExceeded", yet spent until midnight Pacific.
INSERT_QUOTA = partial(
    Refusal,
    429,
    "rateLimitExceeded",
    "Quota exceeded for quota metric 'Video Uploads' and limit 'Video Uploads per day' of service "
    "'youtube.googleapis.com' for consumer 'project_number:1234567890'.",
    "global",
)
BATCH_QUOTA = partial(
    Refusal,
    429,
    "rateLimitExceeded",
    "Quota exceeded for quota metric 'Video Batch Get Stats' and limit 'Video Batch Get Stats per day' of service "
    "'youtube.googleapis.com' for consumer 'project_number:1234567890'.",
    "global",
)
UPLOAD_LIMIT = partial(
    Refusal, 400, "uploadLimitExceeded", "The user has exceeded the number of videos they may upload."
)
NOT_FOUND = partial(Refusal, 404, "videoNotFound", "The video that you are trying to access cannot be found.")
NO_SESSION = partial(Refusal, 404, "notFound", "Not Found", "global")


def bad(reason: str, message: str, location: str = "") -> Refusal:
    """HTTP 400."""
    return Refusal(400, reason, message, location=location)


def check_parts(text: str | None) -> set[str]:
    """The `part` parameter; a missing or unknown one is refused."""
    parts = {part.strip() for part in (text or "").split(",") if part.strip()}
    if not parts:
        raise Refusal(400, "missingRequiredParameter", "No filter selected. Required parameter: part", "global", "part")
    if unknown := parts - PARTS:
        raise Refusal(400, "unknownPart", f"'{sorted(unknown)[0][:40]}'", "youtube.part", "part")
    return parts


def check_insert(body: dict[str, Any]) -> None:
    """What videos.insert refuses about its metadata (docs/platforms/youtube.md#quota, #limits)."""
    snippet, status = body.get("snippet"), body.get("status", {})
    if not isinstance(snippet, dict) or not isinstance(status, dict):
        raise bad("invalidVideoMetadata", "The request metadata specifies an invalid video snippet or status.")
    title, description = snippet.get("title"), snippet.get("description", "")
    if not isinstance(title, str) or not title.strip() or len(title) > 100 or set(title) & {"<", ">"}:
        raise bad("invalidTitle", "The request metadata specifies an invalid or empty video title.")
    if not isinstance(description, str) or len(description.encode()) > 5000 or set(description) & {"<", ">"}:
        raise bad("invalidDescription", "The request metadata specifies an invalid video description.")
    tags = snippet.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) and tag for tag in tags) or tags_length(tags) > 500:
        raise bad("invalidTags", "The request metadata specifies invalid video keywords.")
    if not str(snippet.get("categoryId", "")).isdigit():
        raise bad("invalidCategoryId", "The request metadata specifies an invalid category ID.")
    if status.get("privacyStatus", "public") not in PRIVACY or status.get("license", "youtube") not in LICENSES:
        raise bad("invalidVideoMetadata", "The request metadata specifies an invalid status.")
    for name in ("containsSyntheticMedia", "selfDeclaredMadeForKids", "embeddable", "publicStatsViewable"):
        if not isinstance(status.get(name, False), bool):
            raise bad("invalidVideoMetadata", f"Invalid value for status.{name}.")
    if "publishAt" in status:
        _check_publish_at(status)


def _check_publish_at(status: dict[str, Any]) -> None:
    try:
        datetime.fromisoformat(str(status["publishAt"]))
        valid = status.get("privacyStatus") == "private"
    except ValueError:
        valid = False
    if not valid:
        raise bad("invalidPublishAt", "The request metadata specifies an invalid scheduled publishing time.")


def tags_length(tags: list[str]) -> int:
    """As YouTube counts: a tag with a space is in quotes, and commas stand between."""
    return sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)


def channel_id(account: str) -> str:
    """The channel of a sandbox account; its uploads playlist is the same with UU."""
    return "UC" + _token(account, 22)


def video_id(session_id: str) -> str:
    """Eleven characters, like the real ones."""
    return _token(session_id, 11)


def _token(text: str, length: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()[:length]


REJECTIONS = {
    "copyright",
    "inappropriate",
    "duplicate",
    "termsOfUse",
    "uploaderAccountSuspended",
    "length",
    "claim",
    "uploaderAccountClosed",
    "trademark",
    "legal",
}


def processing(post: Post, settings: Settings, now: float, *, duplicate: bool, doom: str | None) -> dict[str, Any]:
    """The read-only half of `status`, and `processingDetails`. `doom` lets the processing fail, for that reason."""
    if post.polls <= settings.processing_polls or now - post.created < settings.processing_s:
        return {
            "status": {"uploadStatus": "uploaded"},
            "details": {
                "processingStatus": "processing",
                "processingProgress": {"partsTotal": "10", "partsProcessed": str(min(9, post.polls))},
            },
        }
    outcome, reason = settings.outcome, settings.outcome_reason
    if doom is not None:
        outcome, reason = "rejected" if doom in REJECTIONS else "failed", doom
    if duplicate and settings.reject_duplicates:
        outcome, reason = "rejected", "duplicate"
    if outcome == "failed":
        details = {"processingStatus": "failed", "processingFailureReason": "transcodeFailed"}
        return {"status": {"uploadStatus": "failed", "failureReason": reason or "codec"}, "details": details}
    if outcome == "rejected":
        details = {"processingStatus": "terminated"}
        return {"status": {"uploadStatus": "rejected", "rejectionReason": reason or "termsOfUse"}, "details": details}
    return {"status": {"uploadStatus": "processed"}, "details": {"processingStatus": "succeeded"}}


@dataclass(frozen=True)
class Seen:
    """What YouTube itself adds to a video: `processing`, counts, and whether it has a thumbnail (None: not
    reported)."""

    state: dict[str, Any]
    statistics: dict[str, str]
    has_thumbnail: bool | None
    has_captions: bool


def video(post: Post, parts: set[str], seen: Seen) -> dict[str, Any]:
    """The video resource, only the requested parts. Every count is a string, as in the real one."""
    snippet, status = post.meta.get("snippet", {}), post.meta.get("status", {})
    whole: dict[str, Any] = {
        "snippet": {
            **snippet,
            "publishedAt": iso(post.created),
            "channelId": channel_id(post.account),
            "channelTitle": post.account,
            "liveBroadcastContent": "none",
            "thumbnails": {
                "default": {"url": f"https://i.ytimg.com/vi/{post.post_id}/default.jpg", "width": 120, "height": 90}
            },
        },
        "status": {
            "privacyStatus": "public",
            "license": "youtube",
            "embeddable": True,
            "publicStatsViewable": True,
            **status,
            **seen.state["status"],
            "madeForKids": bool(status.get("selfDeclaredMadeForKids", False)),
        },
        "contentDetails": {
            "dimension": "2d",
            "definition": "hd",
            "caption": "true" if seen.has_captions else "false",
            "licensedContent": False,
            "projection": "rectangular",
        },
        "processingDetails": {**seen.state["details"], "thumbnailsAvailability": "available"},
        "statistics": seen.statistics,
        "fileDetails": {"fileSize": str(post.size), "fileType": "video"},
    }
    if seen.has_thumbnail is not None:  # reported to the owner only
        whole["contentDetails"]["hasCustomThumbnail"] = seen.has_thumbnail
    for name in ("paidProductPlacementDetails", "recordingDetails", "localizations"):
        if name in post.meta:
            whole[name] = post.meta[name]
    return {
        "kind": "youtube#video",
        "etag": post.sha256[:27],
        "id": post.post_id,
        **{name: value for name, value in whole.items() if name in parts},
    }
