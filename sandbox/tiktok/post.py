"""TikTok's data in the sandbox: its settings, its error envelope, and the rules for an init.

Source: docs/platforms/tiktok.md#calls, #upload, #processing, #errors, #policy. What is not documented, or documented in
two ways, is a setting.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from starlette.responses import JSONResponse

from ..wire import Refusal as WireRefusal

PLATFORM = "tiktok"
PUBLIC, FRIENDS, FOLLOWERS, ONLY_ME = (
    "PUBLIC_TO_EVERYONE",
    "MUTUAL_FOLLOW_FRIENDS",
    "FOLLOWER_OF_CREATOR",
    "SELF_ONLY",
)
TITLE_UNITS = 2_200
MAX_BYTES = 4_294_967_296
LISTED_CHARS = 150
REFRESH = re.compile(r"rft\.sandbox-([A-Za-z0-9][A-Za-z0-9._-]{0,63})")


@dataclass(frozen=True)
class TikTokSettings:
    """How TikTok behaves."""

    PLATFORM: ClassVar[str] = PLATFORM

    granted: dict[str, list[str]] = field(default_factory=dict)
    """What an account's consent covers, by account, where that is not everything."""

    refresh_token_s: float = 365 * 86_400.0
    """Older pages say a year, newer ones 180 days."""
    inits_per_minute: int = 6
    creator_infos_per_minute: int = 20
    statuses_per_minute: int = 30
    reads_per_minute: int = 600
    posts_per_day: int = 15
    """Per creator, over all applications and any 24 hours."""
    pending_per_day: int = 5
    """Drafts in a creator's inbox."""
    unaudited: bool = False
    """TikTok has not audited the application: SELF_ONLY only, and only for the accounts that are private."""
    private_accounts: tuple[str, ...] = ()
    missing_scopes: tuple[str, ...] = ()
    """Scopes that no account has granted (`video.publish`, `video.upload`, `video.list`)."""
    comment_disabled: bool = False
    max_duration_s: int = 600
    min_chunk: int = 5_000_000
    """Bytes; tests with small files make it small."""
    url_s: float = 3_600.0
    """An upload address is good for so long."""
    publish_id_after_s: float = 0.0
    """Status returns a publish_id no sooner than this after its init."""
    publish_id_s: float = 0.0
    """Status drops a publish_id this long after its init (its retention is not documented); 0 is never."""
    max_commit: int = 0
    """At most so many bytes of one PUT are kept; 0 keeps all."""
    count_in_range: bool = False
    """`Content-Range: bytes 0-N/T` of a reply names the number of bytes instead of the last one."""
    reput_status: int = 416
    """The answer to a chunk that is there already: 416 or 206."""
    uploaded_lag_polls: int = 0
    """The number of status reads that still report the bytes before the last change."""
    processing_polls: int = 1
    """So often a whole upload still reads PROCESSING_UPLOAD, and at least so long:"""
    processing_s: float = 0.0
    relapse: bool = False
    """The read after the first PUBLISH_COMPLETE returns PROCESSING_UPLOAD once more."""
    moderation_polls: int = 1
    """So many reads of PUBLISH_COMPLETE come without the public id, and at least so long:"""
    moderation_s: float = 0.0
    fail_reason: str = ""
    """Every upload ends as FAILED, for this reason."""
    brand_with_only_me_refused: bool = True
    errors_as_200: bool = False
    """Errors of the API come with HTTP 200."""
    oauth_error_status: int = 400
    """The status of errors about a grant (not documented)."""
    access_token_s: float = 86_400.0
    rotate: bool = True
    """A refresh token that was given out works once."""
    seed_once: bool = False
    """So does `rft.sandbox-<account>`, which otherwise stands for a person who authorises again."""


@dataclass(eq=False)
class Refusal(WireRefusal):
    """An answer with TikTok's envelope."""

    status: int
    code: str
    message: str

    def response(self) -> JSONResponse:
        """`{"data": {}, "error": {"code", "message", "log_id"}}`."""
        return envelope({}, self.status, self.code, self.message)


def envelope(data: dict[str, Any], status: int = 200, code: str = "ok", message: str = "") -> JSONResponse:
    """Success and failure look alike but for the code."""
    error = {"code": code, "message": message, "log_id": log_id()}
    return JSONResponse({"data": data, "error": error}, status, media_type="application/json; charset=utf-8")


def log_id() -> str:
    """Like TikTok's: a time and random digits."""
    return "20261127" + secrets.token_hex(13).upper()


UNAUTHORIZED = partial(Refusal, 401, "access_token_invalid", "The access token is invalid or not found in the request.")
SCOPE = partial(
    Refusal, 401, "scope_not_authorized", "The user did not authorize the scope required for completing this request."
)
TOO_FAST = partial(Refusal, 429, "rate_limit_exceeded", "The API rate limit was exceeded. Please try again later.")
TOO_MANY_POSTS = partial(
    Refusal, 403, "spam_risk_too_many_posts", "The daily post cap from the API is reached for the current user."
)
TOO_MANY_PENDING = partial(
    Refusal, 403, "spam_risk_too_many_pending_share", "There are too many pending shares for the current user."
)
UNAUDITED = partial(
    Refusal,
    403,
    "unaudited_client_can_only_post_to_private_accounts",
    "Unaudited clients can only post to private accounts. The publish attempt will be blocked when calling "
    "/publish/video/init/ and /publish/inbox/video/init/.",
)
LEVEL_MISMATCH = partial(
    Refusal, 403, "privacy_level_option_mismatch", "Privacy level mismatches the options of creator_info."
)
NO_PUBLISH_ID = partial(Refusal, 400, "invalid_publish_id", "The publish_id does not exist.")
NOT_YOURS = partial(
    Refusal,
    401,
    "token_not_authorized_for_specified_publish_id",
    "The access_token is not authorized for the specified publish_id.",
)


def bad(message: str, code: str = "invalid_params") -> Refusal:
    """HTTP 400."""
    return Refusal(400, code, message)


def levels_of(account: str, settings: TikTokSettings) -> list[str]:
    """What creator_info offers."""
    if settings.unaudited:
        return [ONLY_ME]
    if account in settings.private_accounts:
        return [FOLLOWERS, FRIENDS, ONLY_ME]
    return [PUBLIC, FRIENDS, ONLY_ME]


def check_post_info(info: object, account: str, settings: TikTokSettings) -> dict[str, Any]:
    """`post_info`, or what TikTok refuses about it."""
    if not isinstance(info, dict) or not isinstance(info.get("privacy_level"), str):
        raise bad("The post_info.privacy_level is required.")
    title = info.get("title", "")
    if not isinstance(title, str) or len(title.encode("utf-16-le", "surrogatepass")) > 2 * TITLE_UNITS:
        raise bad("The title is invalid or too long.")
    toggles = ("disable_duet", "disable_stitch", "disable_comment", "brand_content_toggle", "brand_organic_toggle")
    for name in (*toggles, "is_aigc"):
        if not isinstance(info.get(name, False), bool):
            raise bad(f"The post_info.{name} is not a boolean.")
    if not isinstance(info.get("video_cover_timestamp_ms", 0), int):
        raise bad("The post_info.video_cover_timestamp_ms is not an integer.")
    if settings.unaudited and account not in settings.private_accounts:
        raise UNAUDITED()
    level = info["privacy_level"]
    if level not in (PUBLIC, FRIENDS, FOLLOWERS, ONLY_ME):
        raise bad("The post_info.privacy_level is invalid.")
    if level not in levels_of(account, settings):
        raise LEVEL_MISMATCH()
    if info.get("brand_content_toggle") and level == ONLY_ME and settings.brand_with_only_me_refused:
        raise bad("Branded content visibility cannot be set to private.")
    return info


def check_source(source: object, settings: TikTokSettings) -> tuple[int, int, int]:
    """(size, chunk size, chunk count), or what TikTok refuses about them (docs/platforms/tiktok.md#upload)."""
    if not isinstance(source, dict):
        raise bad("The source_info is required.")
    if source.get("source") == "PULL_FROM_URL":
        raise Refusal(403, "url_ownership_unverified", "Please review our URL ownership verification rules.")
    if source.get("source") != "FILE_UPLOAD":
        raise bad("The source_info.source is invalid.")
    numbers = [source.get(name) for name in ("video_size", "chunk_size", "total_chunk_count")]
    if not all(isinstance(number, int) and not isinstance(number, bool) and number > 0 for number in numbers):
        raise bad("The source_info is invalid.")
    size, chunk, count = (int(number) for number in numbers if number is not None)
    if size > MAX_BYTES:
        raise bad("The video is too large.")
    if size < settings.min_chunk and (chunk, count) != (size, 1):
        raise bad("The chunk size is invalid")
    if size >= settings.min_chunk and not settings.min_chunk <= chunk <= 64_000_000:
        raise bad("The chunk size is invalid")
    if count != max(1, size // chunk) or count > 1_000:
        raise bad("The total chunk count is invalid")
    return size, chunk, count


def open_id(account: str) -> str:
    """The user id of a sandbox account, for this application."""
    return "_000" + hashlib.sha256(f"tiktok {account}".encode()).hexdigest()[:32]


def username(account: str) -> str:
    """The name in addresses."""
    return re.sub(r"[^a-z0-9_.]", "_", account.lower())


def new_id() -> int:
    """Beyond 2^53, like a post's id and an upload's."""
    return 7_000_000_000_000_000_000 + secrets.randbelow(600_000_000_000_000_000)
