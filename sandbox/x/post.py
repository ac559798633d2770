"""X's data in the sandbox: the rules for requests, and the format of a post, a media and a problem.

Source: docs/platforms/x.md#upload, #post, #quota, #errors. Bodies are checked by the API's schemas: unknown fields
are refused.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

import regex
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import JSONResponse

from ..store import Post
from ..wire import Refusal as WireRefusal
from ..wire import json_object
from .accounts import user_id

EPOCH_MS = 1_288_834_974_657
ID = Annotated[str, Field(pattern=r"^[0-9]{1,19}$")]
VIDEO_TYPES = {"video/mp4", "video/webm", "video/mp2t", "video/quicktime"}
_URL = re.compile(r"https?://[^\s]+")
_PROBLEMS = "https://api.x.com/2/problems/"


@dataclass(eq=False)
class Refusal(WireRefusal):
    """An answer in X's problem format; `slug` ends the `type`, empty for `about:blank`."""

    status: int
    title: str
    detail: str
    slug: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def response(self) -> JSONResponse:
        """`{"title", "detail", "type", "status"}`."""
        kind = _PROBLEMS + self.slug if self.slug else "about:blank"
        body = {"title": self.title, "detail": self.detail, "type": kind, "status": self.status, **self.more}
        return JSONResponse(body, self.status, media_type="application/problem+json")


UNAUTHORIZED = partial(Refusal, 401, "Unauthorized", "Unauthorized")
THROTTLED = partial(Refusal, 429, "Too Many Requests", "Too Many Requests")
DUPLICATE = partial(Refusal, 403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
TOO_LONG = partial(Refusal, 403, "Forbidden", "Your Tweet text is too long.")
NO_REPLY = partial(
    Refusal,
    403,
    "Forbidden",
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author "
    "of the post you are replying to.",
)
NOT_YOURS = partial(Refusal, 403, "Forbidden", "You are not authorized to delete this Tweet.")
CAPPED = partial(
    Refusal,
    429,
    "UsageCapExceeded",
    "Usage cap exceeded: Monthly product cap",
    "usage-capped",
    {"account_id": "1", "product_name": "standard-basic", "period": "Monthly", "scope": "Product"},
)


def no_credits(shape: str) -> Refusal:
    """402 in the older or the newer wording."""
    if shape == "credits":
        detail = "Your enrolled account [1] does not have any credits to fulfill this request."
        return Refusal(402, "CreditsDepleted", detail, "credits")
    return Refusal(402, "Payment Required", "credits depleted", "credits-depleted")


def invalid(message: str, **parameters: str) -> Refusal:
    """400, with the parameters that are wrong."""
    errors = [{"parameters": {name: [value] for name, value in parameters.items()}, "message": message}]
    detail = "One or more parameters to your request was invalid."
    return Refusal(400, "Invalid Request", detail, "invalid-request", {"errors": errors})


BAD_MEDIA_IDS = "Your media IDs are invalid."


# --- requests --------------------------------------------------------------------------------------------------------


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Initialize(_Body):
    """POST /2/media/upload/initialize."""

    media_type: str
    total_bytes: int = Field(ge=0, le=17_179_869_184)
    media_category: Literal[
        "amplify_video", "tweet_gif", "tweet_image", "tweet_video", "dm_gif", "dm_image", "dm_video", "subtitles"
    ] = "tweet_video"
    shared: bool | None = None
    additional_owners: list[str] = []


class Segment(_Body):
    """POST /2/media/upload/{id}/append as JSON."""

    media: str
    segment_index: int = Field(ge=0, le=999)


class OneShot(_Body):
    """POST /2/media/upload as JSON."""

    media: str
    media_category: str
    media_type: str = "image/jpeg"
    shared: bool | None = None
    additional_owners: list[str] = []


class _AltText(_Body):
    text: str = Field(min_length=1, max_length=1_000)


class _Metadata(_Body):
    alt_text: _AltText


class Metadata(_Body):
    """POST /2/media/metadata."""

    id: ID
    metadata: _Metadata


class _Track(_Body):
    id: ID
    language_code: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    display_name: str = Field(min_length=1, max_length=100)


class Subtitles(_Body):
    """POST /2/media/subtitles."""

    id: ID
    media_category: Literal["AmplifyVideo", "TweetVideo"]
    subtitles: _Track


class _Media(_Body):
    media_ids: list[ID] = Field(min_length=1, max_length=4)
    tagged_user_ids: list[ID] = []
    title: str | None = None
    description: str | None = None
    preview_media_id: ID | None = None
    embeddable: bool | None = None


class _Reply(_Body):
    in_reply_to_tweet_id: ID
    exclude_reply_user_ids: list[ID] = []
    auto_populate_reply_metadata: bool | None = None


class NewPost(_Body):
    """POST /2/tweets."""

    text: str = ""
    media: _Media | None = None
    reply: _Reply | None = None
    quote_tweet_id: ID | None = None
    reply_settings: Literal["following", "mentionedUsers", "subscribers", "verified"] | None = None
    made_with_ai: bool | None = None
    paid_partnership: bool | None = None
    nullcast: bool | None = None
    share_with_followers: bool | None = None
    for_super_followers_only: bool | None = None
    card_uri: str | None = None
    community_id: ID | None = None
    direct_message_deep_link: str | None = None
    geo: dict[str, Any] | None = None
    poll: dict[str, Any] | None = None
    edit_options: dict[str, Any] | None = None


BodyT = TypeVar("BodyT", bound=_Body)


def read(kind: type[BodyT], data: bytes) -> BodyT:
    """A body, or 400 naming the first thing that is wrong."""
    try:
        return kind.model_validate(json_object(data))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise invalid(f"$.{where}: {first['msg']}", **{f"$.{where}": str(first["input"])[:100]}) from None
    except ValueError:
        raise invalid("Requests with bodies must have content-type of application/json.") from None


def form_parts(body: bytes, content_type: str) -> dict[str, bytes]:
    """The parts of a `multipart/form-data` body by name. Raises `Refusal` when it is none."""
    found = re.search(r'boundary="?([^";,]{1,200})"?', content_type)
    parts = {}
    for piece in body.split(b"--" + found[1].strip().encode())[1:-1] if found else []:
        head, separator, data = piece.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]{1,100})"', head)
        if separator and name:
            parts[name[1].decode("latin-1")] = data.removesuffix(b"\r\n")
    if not parts:
        raise invalid("The multipart body cannot be read.")
    return parts


# --- text, ids -------------------------------------------------------------------------------------------------------


def length(text: str) -> int:
    """X's weighted length, counted by what a reader sees: links 23, emoji 2, Latin and its neighbours 1, others 2."""
    text = unicodedata.normalize("NFC", text)
    rest, links = _URL.subn("", text)
    total = 23 * links
    for cluster in regex.findall(r"\X", rest):
        if len(cluster) > 1 and regex.search(r"\p{Emoji}", cluster) and not cluster.isascii():
            total += 2
        else:
            total += sum(1 if _light(ord(char)) else 2 for char in cluster)
    return total


def _light(code: int) -> bool:
    return code <= 0x10FF or 0x2000 <= code <= 0x200D or 0x2010 <= code <= 0x201F or 0x2032 <= code <= 0x2037


def shown(text: str, with_media: bool) -> str:
    """A text as X gives it back: escaped, links wrapped, and a link for the media at its end."""
    wrapped = _URL.sub(lambda found: "https://t.co/" + _token(found[0], 10), text)
    escaped = html.escape(wrapped, quote=False)
    return f"{escaped} https://t.co/{_token('media' + text, 10)}".strip() if with_media else escaped


def _token(text: str, size: int) -> str:
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:size]


def new_id(now: float) -> str:
    """An id as X makes them: milliseconds in its upper bits."""
    return str((int(now * 1000) - EPOCH_MS << 22) + secrets.randbelow(1 << 22))


def stamp(seconds: float) -> str:
    """An instant with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


# --- answers ---------------------------------------------------------------------------------------------------------


_COUNTS = ("reply_count", "like_count", "quote_count", "bookmark_count", "impression_count")


def resource(post: Post, fields: set[str], *, renamed: bool, expanded: bool) -> dict[str, Any]:
    """A post, only the requested fields. `renamed` uses the names of 2026 (`post.fields`), not the older."""
    noun = "post" if renamed else "tweet"
    text, keys = shown(post.text, bool(post.size)), post.meta["media_keys"]
    whole: dict[str, Any] = {
        "author_id": user_id(post.account),
        "conversation_id": post.meta["conversation_id"],
        "created_at": stamp(post.created),
        "lang": "en",
        "made_with_ai": post.meta["made_with_ai"],
        "paid_partnership": post.meta["paid_partnership"],
        "public_metrics": dict.fromkeys((f"re{noun}_count", *_COUNTS), 0),
    }
    if post.meta["reply_to"]:
        whole[f"referenced_{noun}s"] = [{"type": "replied_to", "id": post.meta["reply_to"]}]
    if length(post.text) > 280:
        whole[f"note_{noun}"] = {"text": text}
        text = text[:275] + "…"
    told: dict[str, Any] = {"id": post.post_id, "text": text, f"edit_history_{noun}_ids": [post.post_id]}
    told |= {name: value for name, value in whole.items() if name in fields}
    if keys and (expanded or "attachments" in fields):
        told["attachments"] = {"media_keys": keys}
    return told


def not_found(post_id: str) -> dict[str, Any]:
    """An entry of `errors` in an answer that is 200 all the same."""
    return {
        "value": post_id,
        "detail": f"Could not find tweet with id: [{post_id}].",
        "title": "Not Found Error",
        "resource_type": "tweet",
        "parameter": "id",
        "resource_id": post_id,
        "type": _PROBLEMS + "resource-not-found",
    }
