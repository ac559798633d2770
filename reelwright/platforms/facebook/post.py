"""Facebook's nouns: which place a video takes on a page, how we write it, and how we read its state. No HTTP here.

Source: docs/platforms/facebook.md. Everything read comes from outside, so each reader takes any JSON and answers
"nothing" where it does not find what it looks for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from reelwright.domain.errors import PostRejected
from reelwright.domain.platforms.facebook import PICTURES
from reelwright.domain.platforms.facts import PictureRules
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.posting import Extra, ExtraKind, PostDraft, PostKind, Processing, ProcessingState

from ..common.http import readable
from ..common.pictures import check_pictures, is_pictures
from ..meta.api import object_id, under
from ..meta.errors import number
from ..meta.text import compose

TALL, TALL_OFF = 9 / 16, 0.01
REEL_S, STORY_S = (3.0, 90.0), (3.0, 60.0)
REEL_LEAST = (540, 960)
FPS = (24.0, 60.0)
TYPES = ("video/mp4", "video/quicktime")
PAID = "Paid partnership"
"""Written into a composed text, since the API has no known field for it."""
MANY = 10_000


@dataclass(frozen=True)
class Limits:
    """UNVERIFIED, as recalled from Meta's help pages (docs/platforms/facebook.md#not-verified): settings. Seconds,
    bytes, characters."""

    video_s: float = 240 * 60.0
    video_bytes: int = 10_000_000_000
    description: int = 63_206
    title: int = 255
    comment: int = 8_000


LIMITS = Limits()


def choose(draft: PostDraft, video: VideoFacts) -> PostKind:
    """A reel where it fits one, else a video; a story only when it is requested."""
    if is_pictures(draft):
        return PostKind.PICTURES
    if draft.kind is not PostKind.AUTO:
        return draft.kind
    return PostKind.VIDEO if why_no_reel(video, REEL_S) else PostKind.REEL


def why_no_reel(video: VideoFacts, seconds: tuple[float, float]) -> str:
    """What keeps a video from being a reel or a story (docs/platforms/facebook.md#reels), or ""."""
    if video.width < 1 or video.height < 1 or abs(video.width / video.height - TALL) > TALL_OFF:
        return f"{video.width}x{video.height} is not 9:16"
    if video.width < REEL_LEAST[0] or video.height < REEL_LEAST[1]:
        return f"{video.width}x{video.height} is smaller than {REEL_LEAST[0]}x{REEL_LEAST[1]}"
    if not seconds[0] <= video.duration_s <= seconds[1]:
        return f"{video.duration_s:g} s is not between {seconds[0]:g} and {seconds[1]:g} s"
    if not FPS[0] - 0.5 <= video.fps <= FPS[1] + 0.5:
        return f"{video.fps:g} frames a second is not between {FPS[0]:g} and {FPS[1]:g}"
    return ""


def check(draft: PostDraft, video: VideoFacts, limits: Limits, pictures: PictureRules = PICTURES) -> PostKind:
    """Raises `PostRejected` naming the first field that Facebook would refuse."""
    kind = choose(draft, video)
    if kind is PostKind.ARTICLE:
        raise PostRejected("Facebook takes no articles", field="kind", remedy="post it as a video or a reel")
    if draft.privacy != "public":
        raise PostRejected(
            f"{draft.privacy!r} is not possible: what a page posts is public",
            field="privacy",
            remedy="post it as public, or not to Facebook",
        )
    if kind is PostKind.PICTURES:
        check_pictures(draft, pictures, "Facebook")
    else:
        _check_video(kind, video, limits)
    if kind is PostKind.STORY:
        for field in ("caption", "first_comment"):
            if getattr(draft, field):
                raise PostRejected("a story shows no such text", field=field, remedy="leave it away, or post a reel")
    if not draft.title.strip():
        raise PostRejected("it is empty", field="title", remedy="give the video a title")
    texts = (("title", draft.title, limits.title), ("caption", draft.caption, limits.description))
    for field, text, most in (*texts, ("first_comment", draft.first_comment, limits.comment)):
        if len(text) > most:
            raise PostRejected(
                f"{len(text):,} characters is more than Facebook's {most:,}", field=field, remedy="shorten it"
            )
    if draft.first_comment and not draft.first_comment.strip():
        raise PostRejected("it is empty", field="first_comment", remedy="write one, or leave it away")
    return kind


def _check_video(kind: PostKind, video: VideoFacts, limits: Limits) -> None:
    def refuse(why: str, remedy: str) -> PostRejected:
        return PostRejected(why, field="video", remedy=remedy)

    if video.media_type not in TYPES:
        raise refuse(f"{video.media_type} is not taken by Facebook", "render it as MP4")
    if not 0 < video.size <= limits.video_bytes:
        raise refuse(f"{video.size:,} bytes is not between 1 and {limits.video_bytes:,}", "render it smaller")
    if video.width < 1 or video.height < 1:
        raise refuse(f"{video.width}x{video.height} is no picture", "render it again")
    if kind in (PostKind.REEL, PostKind.STORY):
        story = kind is PostKind.STORY
        if why := why_no_reel(video, STORY_S if story else REEL_S):
            what = "a story" if story else "a reel"
            raise refuse(f"{why}, as {what} on Facebook must be", "render it as 9:16, or let it be posted as a video")
    elif not 0 < video.duration_s <= limits.video_s:
        raise refuse(f"{video.duration_s:g} s is not between 0 and {limits.video_s:g} s", "split it up")


def texts_of(draft: PostDraft, kind: PostKind, limits: Limits) -> dict[str, str]:
    """The post's fields in the finishing call. A story has only the field for how it was made."""
    form: dict[str, str] = {}
    if kind is not PostKind.STORY:
        form = {"title": draft.title, "description": message_of(draft, limits, title=kind is PostKind.REEL)}
    if draft.synthetic_media:
        form["is_ai_generated"] = "true"
    return {name: value for name, value in form.items() if value}


def message_of(draft: PostDraft, limits: Limits, *, title: bool = True) -> str:
    """The text of a post: the caption word for word, or one that is composed, with the title where `title` says so."""
    lead = f"{PAID}\n\n" if draft.paid_partnership else ""
    most = limits.description - len(lead)
    return draft.caption or lead + compose(draft, title=title, limit=most, hashtags=MANY, mentions=MANY)


def extras_of(draft: PostDraft, *, thumbnails: bool, captions: bool) -> tuple[Extra, ...]:
    """Thumbnail, caption tracks, first comment, in this order; a story has none of them."""
    if draft.kind is PostKind.STORY:
        return ()
    extras: list[Extra] = []
    thumbnails, captions = (thumbnails, captions) if not is_pictures(draft) else (False, False)
    if thumbnails and draft.thumbnail:
        extras.append(Extra(kind=ExtraKind.THUMBNAIL, name="thumbnail", file=draft.thumbnail))
    for track in draft.captions if captions else ():
        if track.kind == "srt" and track.language.lower() in LOCALES:
            name = f"captions-{track.language.lower()}"
            extras.append(Extra(kind=ExtraKind.CAPTIONS, name=name, language=track.language.lower(), file=track.file))
    if draft.first_comment:
        extras.append(Extra(kind=ExtraKind.COMMENT, name="first-comment", text=draft.first_comment))
    return tuple({extra.name: extra for extra in extras}.values())


# --- reading ---------------------------------------------------------------------------------------------------------

_DONE = ("complete", "completed")


@dataclass(frozen=True)
class Standing:
    """A video's `status` (docs/platforms/facebook.md#processing), and its address where the answer has it."""

    video: str = ""
    uploading: str = ""
    processing: str = ""
    publishing: str = ""
    publish_status: str = ""
    held: int | None = None
    reason: str = ""
    permalink: str = ""
    published_flag: bool | None = None

    @property
    def uploaded(self) -> bool:
        """Whether Facebook holds all bytes."""
        return self.uploading in _DONE or self.video in ("upload_complete", "processing", "ready")

    @property
    def processed(self) -> bool:
        """Whether nothing is left to be waited for."""
        return self.processing in _DONE or self.video == "ready"

    @property
    def published(self) -> bool:
        """Whether the finishing call was taken."""
        return self.publishing in (*_DONE, "in_progress") or self.publish_status in ("published", "scheduled")

    @property
    def failed(self) -> bool:
        """Whether nothing will come of this upload."""
        phases = (self.uploading, self.processing, self.publishing)
        return self.video in ("upload_failed", "error", "expired") or "error" in phases


def standing_of(node: dict[str, Any], site_url: str) -> Standing:
    """Reads `GET /{video}?fields=status,permalink_url`; `bytes_transfered` is spelt both ways."""

    def text(*path: str) -> str:
        value = under(node, "status", *path)
        return value.lower() if isinstance(value, str) else ""

    phase = under(node, "status", "uploading_phase")
    held = [number(under(phase, name)) for name in ("bytes_transfered", "bytes_transferred")]
    return Standing(
        video=text("video_status"),
        uploading=text("uploading_phase", "status"),
        processing=text("processing_phase", "status"),
        publishing=text("publishing_phase", "status"),
        publish_status=text("publishing_phase", "publish_status"),
        held=next((value for value in held if value is not None and value >= 0), None),
        reason=_reason(node),
        permalink=permalink_of(node, site_url),
    )


def _reason(node: dict[str, Any]) -> str:
    """The first reason that a phase gives: `error` in the guide, `errors` in the SDK."""
    for name in ("uploading_phase", "processing_phase", "publishing_phase"):
        phase = under(node, "status", name)
        errors = under(phase, "errors")
        first = errors[0] if isinstance(errors, list) and errors else under(phase, "error")
        message = under(first, "message")
        if isinstance(message, str) and message:
            return readable(message)
    return ""


def permalink_of(node: dict[str, Any], site_url: str) -> str:
    """A video's address, or "". Facebook returns it without a host."""
    link = node.get("permalink_url")
    if not isinstance(link, str) or not re.match(r"(https?://|/(?!/))[^\s<>\"']+$", link):
        return ""
    return urljoin(f"{site_url}/", link)


_FOR_GOOD = re.compile(r"resolution|aspect|ratio|duration|length|too (short|long)|frame|format|codec|copyright", re.I)
"""What a reason speaks of that will be the same next time; Facebook gives a sentence and seldom a code."""


def failure(standing: Standing) -> Processing:
    """Why nothing comes of a video, and whether a fresh upload of it may go better."""
    reason = standing.reason or f"the upload is {standing.video or 'in error'}"
    return Processing(state=ProcessingState.FAILED, reason=reason, again=not _FOR_GOOD.search(standing.reason))


def readiness(standing: Standing) -> Processing:
    """Before the post: it can be finished as soon as all bytes are there."""
    if standing.failed:
        return failure(standing)
    return Processing(state=ProcessingState.LIVE if standing.uploaded else ProcessingState.PROCESSING)


def comment_id(item: dict[str, Any], text: str, page: str) -> str:
    """The id of a comment of the page's with this text, or ""."""
    said, by = item.get("message"), under(item, "from", "id")
    same = isinstance(said, str) and " ".join(said.split()) == " ".join(text.split())
    return object_id(item.get("id")) if same and (by is None or by == page) else ""


LOCALES = {
    "en": "en_US", "en-gb": "en_GB", "ar": "ar_AR", "bg": "bg_BG", "ca": "ca_ES", "cs": "cs_CZ", "da": "da_DK",
    "de": "de_DE", "el": "el_GR", "es": "es_ES", "et": "et_EE", "fa": "fa_IR", "fi": "fi_FI", "fr": "fr_FR",
    "he": "he_IL", "hi": "hi_IN", "hr": "hr_HR", "hu": "hu_HU", "id": "id_ID", "it": "it_IT", "ja": "ja_JP",
    "ko": "ko_KR", "lt": "lt_LT", "lv": "lv_LV", "mr": "mr_IN", "ms": "ms_MY", "nb": "nb_NO", "ne": "ne_NP",
    "nl": "nl_NL", "pl": "pl_PL", "pt": "pt_PT", "pt-br": "pt_BR", "ro": "ro_RO", "ru": "ru_RU", "sk": "sk_SK",
    "sl": "sl_SI", "sr": "sr_RS", "sv": "sv_SE", "sw": "sw_KE", "th": "th_TH", "tr": "tr_TR", "uk": "uk_UA",
    "ur": "ur_PK", "zh": "zh_CN",
}  # fmt: skip
"""Facebook's locales, by which a caption file must be named (`captions.en_US.srt`)."""
