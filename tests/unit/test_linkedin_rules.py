"""LinkedIn's limits, its `little` text, its errors and what it hands out, without any HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import (
    InvalidInput,
    NeedsAuthorization,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.posting import PostDraft, PostKind, ProcessingState
from reelwright.platforms.linkedin.errors import Denied, linkedin_error, next_utc_midnight, read_problem
from reelwright.platforms.linkedin.post import Limits, body, caption_metadata, check, made_at, standing
from reelwright.platforms.linkedin.publisher import LinkedInPublisher
from reelwright.platforms.linkedin.text import little
from reelwright.platforms.linkedin.upload import judge, read_image, read_video, trusted

LIMITS = Limits()
NOW = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
API = "https://api.linkedin.com"


def draft(**changes: Any) -> PostDraft:
    values: dict[str, Any] = {"account": "main", "title": "Title", "description": "Text", "marker": "rw"}
    return PostDraft(platform=Platform.LINKEDIN, **{**values, **changes})


def facts(**changes: Any) -> VideoFacts:
    values: dict[str, Any] = {"width": 1920, "height": 1080, "duration_s": 20.0, "fps": 30.0, "size": 1_000_000}
    return VideoFacts(**{**values, **changes})


# --- limits ---------------------------------------------------------------------------------------------------------

OK: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"caption": "x" * 3_000}, {}),
    ({"caption": "🐙" * 1_500}, {}),
    ({"caption": "(" * 1_500}, {}),
    ({"first_comment": "x" * 1_250}, {}),
    ({}, {"duration_s": 3.0}),
    ({}, {"duration_s": 1_800.0}),
    ({}, {"size": 75 * 1024}),
    ({}, {"size": 500 * 1024 * 1024}),
    ({"privacy": "connections"}, {}),
    ({"privacy": "logged_in"}, {}),
    ({"kind": PostKind.ARTICLE, "link": "https://example.org/a?b#c"}, {"size": 1, "duration_s": 9_999.0}),
    ({"title": "", "caption": "Only this"}, {}),
]


@pytest.mark.parametrize(("changes", "video"), OK)
def test_within_the_limits(changes: dict[str, Any], video: dict[str, Any]) -> None:
    kind = check(draft(**changes), facts(**video), LIMITS)
    assert kind is (PostKind.ARTICLE if "link" in changes else PostKind.VIDEO)


PNG = AssetRef(key="k", sha256="0" * 64, size=1, media_type="image/webp")


@pytest.mark.parametrize(
    ("changes", "video", "field"),
    [
        ({"caption": "x" * 3_001}, {}, "caption"),
        ({"caption": "🐙" * 1_500 + "x"}, {}, "caption"),
        ({"caption": "(" * 1_500 + "x"}, {}, "caption"),
        ({"first_comment": "x" * 1_251}, {}, "first_comment"),
        ({"title": " "}, {}, "title"),
        ({"title": "a\x00b"}, {}, "title"),
        ({"description": "a\x1bb"}, {}, "description"),
        ({"privacy": "unlisted"}, {}, "privacy"),
        ({"kind": PostKind.STORY}, {}, "kind"),
        ({"kind": PostKind.REEL}, {}, "kind"),
        ({"thread": ("and so on",)}, {}, "thread"),
        ({"thumbnail": PNG}, {}, "thumbnail"),
        ({}, {"duration_s": 2.99}, "video"),
        ({}, {"duration_s": 1_800.1}, "video"),
        ({}, {"size": 75 * 1024 - 1}, "video"),
        ({}, {"size": 500 * 1024 * 1024 + 1}, "video"),
        ({}, {"size": 0}, "video"),
        ({}, {"media_type": "video/webm"}, "video"),
        ({}, {"width": 0}, "video"),
        ({"kind": PostKind.ARTICLE}, {}, "link"),
        ({"kind": PostKind.ARTICLE, "link": "javascript:alert(1)"}, {}, "link"),
        ({"kind": PostKind.ARTICLE, "link": "https:///nowhere"}, {}, "link"),
        ({"kind": PostKind.ARTICLE, "link": "https://a:b@example.org/"}, {}, "link"),
        ({"kind": PostKind.ARTICLE, "link": "https://example.org/a b"}, {}, "link"),
        ({"kind": PostKind.ARTICLE, "link": "https://[bad"}, {}, "link"),
    ],
)
def test_over_the_limits(changes: dict[str, Any], video: dict[str, Any], field: str) -> None:
    with pytest.raises(PostRejected) as caught:
        check(draft(**changes), facts(**video), LIMITS)
    assert caught.value.field == field and caught.value.message


def test_limits_are_settings() -> None:
    check(draft(caption="(" * 3_000), facts(), Limits(count_escapes=False))
    with pytest.raises(PostRejected):
        check(draft(caption="(" * 3_001), facts(), Limits(count_escapes=False))


def test_the_body_of_a_post() -> None:
    made = body(draft(title="A\ntitle " + "x" * 300), "urn:li:person:1", LIMITS, video="urn:li:video:1")
    assert made["content"]["media"]["title"].startswith("A title xxx") and len(made["content"]["media"]["title"]) == 200
    assert (made["visibility"], made["lifecycleState"], made["isReshareDisabledByAuthor"]) == (
        "PUBLIC",
        "PUBLISHED",
        False,
    )
    assert made["distribution"]["feedDistribution"] == "MAIN_FEED"
    assert caption_metadata("pt-br")["locale"] == {"language": "PT", "country": "BR"}
    assert caption_metadata("en")["locale"] == {"language": "EN"}


# --- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "state", "reason"),
    [
        ({"commentary": little("Title\n\nText")}, ProcessingState.LIVE, ""),
        ({"commentary": "Title Text "}, ProcessingState.LIVE, ""),
        ({"commentary": "Title"}, ProcessingState.LIVE, "LinkedIn cut the text: it shows 5 of 11"),
        ({"commentary": ""}, ProcessingState.LIVE, "cut the text: it shows 0"),
        ({"commentary": "Something else"}, ProcessingState.LIVE, "another text"),
        ({"commentary": 7}, ProcessingState.LIVE, ""),
        ({}, ProcessingState.LIVE, ""),
        ({"lifecycleState": "PUBLISH_REQUESTED"}, ProcessingState.PROCESSING, "PUBLISH_REQUESTED"),
        ({"lifecycleState": "PUBLISH_FAILED"}, ProcessingState.FAILED, "failed"),
    ],
)
def test_a_post_as_it_is_read_back(element: dict[str, Any], state: ProcessingState, reason: str) -> None:
    reading = standing(element, draft(), LIMITS)
    assert reading.state is state and reason in reading.reason and bool(reading.reason) == bool(reason)


def test_an_id_tells_its_time() -> None:
    """The example of docs/platforms/linkedin.md#errors is of February 2025."""
    made = made_at("urn:li:share:7295588489876647936")
    assert made is not None and datetime.fromtimestamp(made, UTC).strftime("%Y-%m") == "2025-02"
    assert made_at("") is None


def handed_out(**changes: Any) -> dict[str, Any]:
    url = "https://www.linkedin.com/dms-uploads/sp/1?sau=x"
    parts = [
        {"uploadUrl": url, "firstByte": 4, "lastByte": 7},
        {"uploadUrl": url, "firstByte": 0, "lastByte": 3},
    ]
    value = {
        "video": "urn:li:video:C5-_1",
        "uploadToken": "t",
        "uploadInstructions": parts,
        "uploadUrlsExpireAt": 5_000,
    }
    return {"value": {**value, **changes}}


def test_parts_are_put_in_order_and_end_with_the_file() -> None:
    state = read_video(handed_out(captionsUploadUrl="https://evil.example/"), 6, API)
    assert [(part["first"], part["size"], part["etag"]) for part in state["parts"]] == [(0, 4, ""), (4, 2, "")]
    assert (state["token"], state["expires"], state["captions"], state["thumbnail"]) == ("t", 5.0, "", "")
    assert read_video(handed_out(uploadToken=None), 8, API)["token"] == ""


def _part(first: Any, last: Any, url: Any = "https://www.linkedin.com/x") -> dict[str, Any]:
    return {"uploadUrl": url, "firstByte": first, "lastByte": last}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"value": []},
        handed_out(video="urn:li:video:../me"),
        handed_out(uploadToken=7),
        handed_out(uploadInstructions=[]),
        handed_out(uploadInstructions="none"),
        handed_out(uploadInstructions=[None]),
        handed_out(uploadInstructions=[_part(0, 3)]),
        handed_out(uploadInstructions=[_part(0, 3), _part(5, 7)]),
        handed_out(uploadInstructions=[_part(0, 3), _part(3, 7)]),
        handed_out(uploadInstructions=[_part(0, "7")]),
        handed_out(uploadInstructions=[_part(0, 7, "https://evil.example/linkedin.com")]),
        handed_out(uploadInstructions=[_part(0, 7, "http://www.linkedin.com/x")]),
        handed_out(uploadInstructions=[_part(0, 7), _part(8, 9)]),
    ],
)
def test_odd_instructions_are_not_followed(answer: Any) -> None:
    with pytest.raises(PlatformTransient):
        read_video(answer, 8, API)


def test_odd_pictures_are_not_followed() -> None:
    for value in ({}, {"image": "urn:li:image:1"}, {"image": "x", "uploadUrl": "https://www.linkedin.com/x"}):
        with pytest.raises(PlatformTransient):
            read_image({"value": value}, API)


@pytest.mark.parametrize(
    ("address", "ok"),
    [
        ("https://www.linkedin.com/dms-uploads/x", True),
        ("https://media.licdn.com/x", True),
        ("https://api.linkedin.com/x", True),
        ("https://linkedin.com.evil.example/x", False),
        ("https://notlinkedin.com/x", False),
        ("https://www.linkedin.com:8443/x", False),
        ("https://user@www.linkedin.com/x", False),
        ("http://www.linkedin.com/x", False),
        ("https://[x", False),
        (None, False),
    ],
)
def test_where_bytes_may_go(address: Any, ok: bool) -> None:
    assert trusted(address, API) is ok
    assert trusted("http://127.0.0.1:1/x", "http://127.0.0.1:1") and not trusted("http://127.0.0.1:2/", API)


# --- errors ---------------------------------------------------------------------------------------------------------


def answer(status: int, content: Any = None, **headers: str) -> httpx.Response:
    if isinstance(content, dict):
        return httpx.Response(status, json=content, headers=headers)
    return httpx.Response(status, content=content or b"", headers=headers)


DAY = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
REVOKED = {"status": 401, "serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN", "message": "revoked by the user"}
OLD_VERSION = {"status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version 20250401 is not active"}


@pytest.mark.parametrize(
    ("response", "kind", "field", "certain"),
    [
        (answer(429, {"status": 429, "message": DAY}), QuotaExhausted, "quota", True),
        (answer(429, {"status": 429, "message": DAY.replace("DAY", "MINUTE")}), PlatformTransient, "linkedin", True),
        (answer(429, {"status": 429, "message": "slow down"}), PlatformTransient, "linkedin", False),
        (answer(426, OLD_VERSION), PostRejected, "linkedin_version", True),
        (answer(400, {"code": "VERSION_MISSING", "message": "m"}), PostRejected, "linkedin_version", True),
        (answer(401, REVOKED), NeedsAuthorization, "account", True),
        (answer(403, {"code": "ACCESS_DENIED", "message": "m"}), Denied, "account", True),
        (answer(400, {"code": "MEDIA_ASSET_WAITING_UPLOAD", "message": "m"}), PlatformTransient, "linkedin", True),
        (answer(422, {"code": "MEDIA_ASSET_PROCESSING", "message": "m"}), PlatformTransient, "linkedin", True),
        (answer(422, {"code": "MEDIA_ASSET_PROCESSING_FAILED", "message": "m"}), PostRejected, "video", True),
        (
            answer(422, {"message": "m", "errorDetails": {"inputErrors": [{"code": "FIELD_LENGTH_TOO_LONG"}]}}),
            PostRejected,
            "caption",
            True,
        ),
        (answer(404, {"code": "NOT_FOUND", "message": "m"}), PostRejected, "post", True),
        (answer(409, {"code": "CONFLICT", "message": "m"}), PostRejected, "post", False),
        (answer(500, {"code": "INTERNAL", "message": "m"}), PlatformTransient, "linkedin", False),
        (answer(503, {"message": 7, "code": ["odd"], "errorDetails": "odd"}), PlatformTransient, "linkedin", False),
        (answer(400, b"<html><body>Bad gateway</body></html>"), PlatformTransient, "linkedin", None),
        (answer(403, b""), PlatformTransient, "linkedin", None),
        (answer(401, b"[]"), NeedsAuthorization, "account", None),
        (answer(500, {"something": "else"}), PlatformTransient, "linkedin", None),
    ],
)
def test_errors(response: httpx.Response, kind: type[ReelwrightError], field: str, certain: bool | None) -> None:
    error, problem = linkedin_error(response, NOW, doing="the post"), read_problem(response)
    assert (type(error), error.field) == (kind, field) and error.remedy
    assert (problem.certain if problem else None) is certain


def test_what_the_errors_say() -> None:
    spent = linkedin_error(answer(429, {"message": DAY}), NOW, doing="the post")
    assert isinstance(spent, QuotaExhausted) and spent.resets_at == datetime(2026, 11, 28, tzinfo=UTC)
    assert spent.bucket == "posts"
    read = linkedin_error(answer(429, {"message": DAY}), NOW, doing="reading", reading=True)
    assert isinstance(read, PlatformTransient) and read.retry_after_s == 1_800
    assert next_utc_midnight(NOW + timedelta(minutes=30)) == datetime(2026, 11, 29, tzinfo=UTC)
    member = {"code": "ACCESS_DENIED", "message": "<b>Not enough</b> permissions"}
    assert "w_member_social" in str(linkedin_error(answer(403, member), NOW, doing="x", author="urn:li:person:1"))
    page = linkedin_error(answer(403, member), NOW, doing="x", author="urn:li:organization:1")
    assert "w_organization_social" in str(page) and "<b>" not in str(page)
    waiting = linkedin_error(answer(503, {"message": "m"}, **{"Retry-After": "7"}), NOW, doing="x")
    assert isinstance(waiting, PlatformTransient) and waiting.retry_after_s == 7


def test_the_duplicate_names_its_post() -> None:
    message = "com.linkedin...BadRequestResponseException: Content is a duplicate of urn:li:share:7295588489876647936"
    details = {"inputErrors": [{"description": "Duplicate post is detected", "input": {}, "code": "DUPLICATE_POST"}]}
    problem = read_problem(answer(422, {"message": message, "errorDetails": details, "status": 422}))
    assert problem and problem.duplicate and problem.duplicate_of == "urn:li:share:7295588489876647936"
    unnamed = read_problem(answer(422, {"message": "no", "errorDetails": details}))
    assert unnamed and unnamed.duplicate and unnamed.duplicate_of == ""


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer(401), SessionLost),
        (answer(403, b"<html>expired</html>"), SessionLost),
        (answer(404), SessionLost),
        (answer(410), SessionLost),
        (answer(400, {"code": "EXPIRED_UPLOAD_URL", "message": "m"}), SessionLost),
        (answer(400, {"code": "OTHER", "message": "m"}), PlatformTransient),
        (answer(302, b"", Location="https://elsewhere.example/"), PlatformTransient),
        (answer(500), PlatformTransient),
    ],
)
def test_upload_answers(response: httpx.Response, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        judge(response)


def test_a_version_is_a_month() -> None:
    for version in ("latest", "2026-09", "20260", ""):
        with pytest.raises(InvalidInput, match="linkedin_version"):
            LinkedInPublisher(httpx.AsyncClient(), None, version=version)  # type: ignore[arg-type]
