"""Meta's codes, one by one: what each tells the workflow to do (docs/platforms/instagram.md#upload, #quota, #errors,
docs/platforms/facebook.md#reels, #processing, #videos)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import (
    NeedsAuthorization,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
    SessionLost,
)
from reelwright.platforms.meta.errors import Missing, meta_error, read_envelope, regain_s

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def answer(code: int, subcode: int = 0, status: int = 400, **more: Any) -> httpx.Response:
    error: dict[str, Any] = {"message": "why", "type": "OAuthException", "code": code, "fbtrace_id": "A", **more}
    return httpx.Response(status, json={"error": error | ({"error_subcode": subcode} if subcode else {})})


def error_of(response: httpx.Response) -> ReelwrightError:
    return meta_error(response, NOW, platform="Instagram", doing="the post")


TABLE: list[tuple[int, int, type[ReelwrightError]]] = [
    (-2, 2207003, PlatformTransient),
    (-2, 2207020, SessionLost),
    (-1, 2207001, PlatformTransient),
    (-1, 2207032, SessionLost),
    (-1, 2207053, SessionLost),
    (1, 2207057, PostRejected),
    (4, 2207051, PlatformTransient),
    (9, 2207042, QuotaExhausted),
    (24, 2207006, SessionLost),
    (24, 2207008, SessionLost),
    (25, 2207050, NeedsAuthorization),
    (100, 2207023, PostRejected),
    (100, 2207028, PostRejected),
    (100, 2207035, PostRejected),
    (100, 2207040, PostRejected),
    (352, 2207026, PostRejected),
    (9007, 2207027, PlatformTransient),
    (36000, 2207004, PostRejected),
    (36001, 2207005, PostRejected),
    (36003, 2207009, PostRejected),
    (36004, 2207010, PostRejected),
    (190, 458, NeedsAuthorization),
    (190, 459, NeedsAuthorization),
    (190, 460, NeedsAuthorization),
    (190, 463, NeedsAuthorization),
    (190, 464, NeedsAuthorization),
    (190, 467, NeedsAuthorization),
    (10, 0, NeedsAuthorization),
    (200, 0, NeedsAuthorization),
    (299, 0, NeedsAuthorization),
    (100, 33, Missing),
    (100, 0, PostRejected),
    (4, 0, PlatformTransient),
    (17, 0, PlatformTransient),
    (32, 0, PlatformTransient),
    (613, 0, PlatformTransient),
    (80002, 0, PlatformTransient),
    (1, 0, PlatformTransient),
    (2, 0, PlatformTransient),
    (368, 0, PlatformTransient),
    (351, 0, PostRejected),
    (382, 0, PostRejected),
    (100, 1363040, PostRejected),
    (100, 1363127, PostRejected),
    (100, 1363128, PostRejected),
    (100, 1363129, PostRejected),
    (6000, 0, PlatformTransient),
    (6001, 0, PlatformTransient),
    (1363047, 0, PlatformTransient),
    (1404078, 0, NeedsAuthorization),
    (4854002, 0, NeedsAuthorization),
]


@pytest.mark.parametrize(("code", "subcode", "kind"), TABLE)
def test_every_code_has_its_meaning(code: int, subcode: int, kind: type[ReelwrightError]) -> None:
    for status in (400, 403, 500):  # the status alone says nothing
        error = error_of(answer(code, subcode, status))
        expected = PlatformTransient if status == 500 and kind is PostRejected and code == 100 and not subcode else kind
        assert type(error) is expected, status
        assert (error.field and error.remedy and "why" in str(error)) or error.field == "account"


@pytest.mark.parametrize(
    ("code", "subcode", "certain"),
    [
        (4, 2207051, False), (4, 0, False), (17, 0, False), (1, 0, False), (2, 0, False), (-1, 2207001, False),
        (24, 2207008, False), (24, 2207006, False), (80002, 0, False), (100, 33, False), (12345, 0, False),
        (9, 2207042, True), (9007, 2207027, True), (190, 463, True), (10, 0, True), (25, 2207050, True),
        (36004, 2207010, True), (100, 0, True), (100, 1363040, True), (352, 2207026, True),
    ],
)  # fmt: skip
def test_only_plain_refusals_are_certain_to_post_nothing(code: int, subcode: int, certain: bool) -> None:
    envelope = read_envelope(answer(code, subcode))
    assert envelope is not None and envelope.nothing_posted is certain


def test_a_transient_refusal_is_never_certain() -> None:
    envelope = read_envelope(answer(100, is_transient=True))
    assert envelope is not None and not envelope.nothing_posted


@pytest.mark.parametrize(
    ("subcode", "why"),
    [(458, "app was removed"), (459, "security check"), (460, "password"), (463, "expired"), (467, "no longer valid")],
)
def test_a_dead_token_says_why(subcode: int, why: str) -> None:
    assert why in str(error_of(answer(190, subcode)))


@pytest.mark.parametrize(
    ("kind", "retriable", "expected"),
    [
        ("ProcessingFailedError", False, PlatformTransient),
        ("PartialRequestError", True, PlatformTransient),
        ("NotAuthorizedError", False, NeedsAuthorization),
    ],
)
def test_ruploads_own_envelope(kind: str, retriable: bool, expected: type[ReelwrightError]) -> None:
    told = {"debug_info": {"retriable": retriable, "type": kind, "message": "why"}}
    error = error_of(httpx.Response(400, json=told))
    assert type(error) is expected and kind in str(error)


@pytest.mark.parametrize(
    ("usage", "seconds"),
    [
        ({"1": [{"type": "instagram", "estimated_time_to_regain_access": 7}]}, 420.0),
        ({"1": [{"estimated_time_to_regain_access": 2}, {"estimated_time_to_regain_access": "9"}]}, 540.0),
        ({"1": [{"estimated_time_to_regain_access": 100_000}]}, 86_400.0),
        ({"1": [{"estimated_time_to_regain_access": 0}]}, None),
        ({"1": "x", "2": [3]}, None),
        ([], None),
    ],
)
def test_the_wait_is_in_minutes(usage: Any, seconds: float | None) -> None:
    response = httpx.Response(
        400, json={"error": {"code": 80002}}, headers={"X-Business-Use-Case-Usage": json.dumps(usage)}
    )
    assert regain_s(response, NOW) == seconds
    error = error_of(response)
    assert isinstance(error, PlatformTransient) and error.retry_after_s == seconds


def test_odd_headers_and_long_waits() -> None:
    odd = httpx.Response(
        429, headers={"X-Business-Use-Case-Usage": "{", "Retry-After": "30"}, json={"error": {"code": 4}}
    )
    assert regain_s(odd, NOW) == 30.0
    spam = error_of(answer(4, 2207051))
    assert isinstance(spam, PlatformTransient) and spam.retry_after_s == 3_600.0
    read = meta_error(answer(4, 2207051), NOW, platform="Instagram", doing="reading", writing=False)
    assert isinstance(read, PlatformTransient) and read.retry_after_s is None
    spent = error_of(answer(9, 2207042))
    assert isinstance(spent, QuotaExhausted) and NOW < spent.resets_at <= NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (httpx.Response(503, content=b"<html>down</html>"), PlatformTransient),
        (httpx.Response(200, content=b""), PlatformTransient),
        (httpx.Response(200, json={"success": False}), PostRejected),
        (httpx.Response(401, content=b""), NeedsAuthorization),
        (answer(12345), PostRejected),
        (answer(12345, status=500), PlatformTransient),
        (answer(12345, is_transient=True), PlatformTransient),
    ],
)
def test_what_has_no_known_code(response: httpx.Response, kind: type[ReelwrightError]) -> None:
    assert type(error_of(response)) is kind
