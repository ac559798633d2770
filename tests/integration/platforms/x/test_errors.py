"""What X may answer, and what becomes of it: every envelope of docs/platforms/x.md#errors, and answers that are
none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import (
    NeedsAuthorization,
    NeedsBudget,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
    SessionLost,
)
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import UploadSession
from reelwright.platforms.x.errors import is_duplicate, x_error
from reelwright.platforms.x.publisher import XPublisher

from .kit import Files, draft, facts

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
SOON, LATER = int(NOW.timestamp()) + 40, int(NOW.timestamp()) + 700
NEW, OLD = "https://api.x.com/2/problems/", "https://api.twitter.com/2/problems/"


def limits(remaining: int, reset: int, prefix: str = "x-rate-limit") -> dict[str, str]:
    return {f"{prefix}-limit": "100", f"{prefix}-remaining": str(remaining), f"{prefix}-reset": str(reset)}


def problem(status: int, detail: str, kind: str = "about:blank", title: str = "Forbidden", **more: Any) -> str:
    return json.dumps({"title": title, "detail": detail, "type": kind, "status": status, **more})


def bad(message: str, parameter: str) -> str:
    errors = [{"parameters": {parameter: ["1"]}, "message": message}]
    return problem(400, "One or more parameters to your request was invalid.", OLD + "invalid-request", errors=errors)


THROTTLED = problem(429, "Too Many Requests", title="Too Many Requests")
CAPPED = json.dumps(
    {"title": "UsageCapExceeded", "period": "Monthly", "detail": "Usage cap exceeded: Monthly product cap"}
)
TABLE: list[tuple[int, str, dict[str, str], type[ReelwrightError]]] = [
    (403, problem(403, "You are not permitted to perform this action."), {}, PostRejected),
    (403, problem(403, "Reply to this conversation is not allowed because you"), {}, PostRejected),
    (403, problem(403, "Your account is suspended and is not permitted"), {}, NeedsAuthorization),
    (403, problem(403, "no", NEW + "oauth1-permissions"), {}, NeedsAuthorization),
    (403, problem(403, "no", OLD + "client-forbidden"), {}, NeedsAuthorization),
    (403, problem(403, "no", NEW + "x", title="Unsupported Authentication"), {}, NeedsAuthorization),
    (401, problem(401, "Unauthorized", title="Unauthorized"), {}, NeedsAuthorization),
    (401, "", {}, NeedsAuthorization),
    (400, bad("Your media IDs are invalid.", "media.media_ids"), {}, SessionLost),
    (400, bad("Segments do not add up to provided total file size.", "id"), {}, SessionLost),
    (400, bad("text is too odd", "text"), {}, PostRejected),
    (404, problem(404, "Media ID not found.", title="Not Found"), {}, SessionLost),
    (429, THROTTLED, limits(0, LATER), QuotaExhausted),
    (429, THROTTLED, limits(0, SOON), PlatformTransient),
    (429, THROTTLED, limits(7, LATER), PlatformTransient),
    (429, THROTTLED, {}, PlatformTransient),
    (429, json.dumps({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}), limits(0, LATER), QuotaExhausted),
    (429, THROTTLED, limits(50, SOON) | limits(0, LATER, "x-app-limit-24hour"), QuotaExhausted),
    (429, THROTTLED, limits(50, SOON) | limits(0, LATER, "x-user-limit-24hour"), QuotaExhausted),
    (429, CAPPED, limits(99, LATER), NeedsBudget),
    (402, problem(402, "credits depleted", NEW + "credits-depleted", "Payment Required"), {}, NeedsBudget),
    (402, json.dumps({"title": "CreditsDepleted", "detail": "no credits", "type": OLD + "credits"}), {}, NeedsBudget),
    (503, problem(503, "Service Unavailable", title="Service Unavailable"), {"retry-after": "9"}, PlatformTransient),
    (502, "<html><body>Bad gateway</body></html>", {}, PlatformTransient),
    (403, "", {}, PlatformTransient),
    (400, "[1, 2]", {}, PlatformTransient),
    (400, json.dumps({"errors": [None, 3], "title": 7, "detail": ["x"], "type": {}}), {}, PostRejected),
    (400, json.dumps({"request": "/1.1/media/upload.json", "error": "media type unrecognized."}), {}, PostRejected),
]


@pytest.mark.parametrize(("status", "body", "headers", "wanted"), TABLE)
def test_each_answer_has_its_error(
    status: int, body: str, headers: dict[str, str], wanted: type[ReelwrightError]
) -> None:
    error = x_error(httpx.Response(status, content=body, headers=headers), NOW, doing="it", upload=True, posting=True)
    assert type(error) is wanted
    assert error.field and error.remedy and "<" not in str(error)
    if isinstance(error, QuotaExhausted):
        assert error.resets_at == datetime.fromtimestamp(LATER, UTC)
        assert error.bucket == ("app_posts" if "x-app-limit-24hour-limit" in headers else "posts")
    if isinstance(error, PlatformTransient) and headers.get("x-rate-limit-remaining") == "0":
        assert error.retry_after_s == pytest.approx(40, abs=1)


def test_a_limit_of_another_call_is_passing() -> None:
    response = httpx.Response(429, content=THROTTLED, headers=limits(0, LATER))
    error = x_error(response, NOW, doing="reading")
    assert isinstance(error, PlatformTransient) and error.retry_after_s == pytest.approx(700, abs=1)


def test_a_duplicate_is_known_by_its_words() -> None:
    ours = problem(403, "You are not allowed to create a Tweet with duplicate content.")
    assert is_duplicate(httpx.Response(403, content=ours))
    assert is_duplicate(httpx.Response(403, content=json.dumps({"errors": [{"code": 187, "message": "no"}]})))
    assert not is_duplicate(httpx.Response(403, content=problem(403, "no")))
    assert not is_duplicate(httpx.Response(400, content=ours))


# --- the post, answered oddly ---------------------------------------------------------------------------------------


class OneToken:
    async def access_token(self, account: str, *, rejected: str = "") -> str:
        return "token"

    async def info(self, account: str) -> AccountInfo:
        return AccountInfo(platform=Platform.X, name=account, external_id="42")


EMPTY = {"meta": {"result_count": 0}}
SESSION = UploadSession(
    platform=Platform.X,
    account="main",
    total=10,
    state={"media_id": "5", "media_key": "7_5", "segment": 10, "sent": 1, "finalized": True, "text": "t"},
)


class Answers:
    """X as a script: the answer to the post, and what its list of posts says."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response], listed: Any = EMPTY) -> None:
        self.answer = answer
        self.listed = listed
        self.posted = 0
        self.told: list[UploadSession] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path == "/2/tweets":
            self.posted += 1
            return self.answer(request)
        if request.url.path.endswith("/tweets"):
            content = self.listed if isinstance(self.listed, str) else json.dumps(self.listed)
            return httpx.Response(200, content=content)
        return self.answer(request)

    async def checkpoint(self, session: UploadSession, committed: int) -> None:
        self.told.append(session)

    def publisher(self, clock: Callable[[], datetime] = lambda: NOW) -> XPublisher:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return XPublisher(client, OneToken(), retry_wait_s=0, clock=clock)


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("too slow", request=request)


def refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody there", request=request)


ODD: list[tuple[int, str]] = [
    (200, ""),
    (201, "<html>fine</html>"),
    (201, '{"data": {}}'),
    (201, '{"data": {"id": "../../etc"}}'),
    (201, '{"data": [1]}'),
    (200, '{"errors": [{"title": "odd"}]}'),
    (500, problem(500, "Internal", title="Internal Server Error")),
    (504, ""),
    (302, ""),
    (429, THROTTLED),
    (403, "<html>proxy</html>"),
]


@pytest.mark.parametrize(("status", "body"), ODD)
async def test_an_odd_answer_to_the_post_leaves_its_outcome_open(status: int, body: str) -> None:
    answers = Answers(lambda _: httpx.Response(status, content=body))
    with pytest.raises(OutcomeUnknown) as caught:
        await answers.publisher().publish(draft(), SESSION, Files().given(), answers.checkpoint)
    assert answers.posted == 1 and not caught.value.retryable
    assert answers.told[0].state["tried"] == NOW.isoformat()


@pytest.mark.parametrize("listed", ["<html>", "", {"errors": [{}]}, [], {"data": [{"id": 7}], "meta": {}}])
async def test_a_list_that_says_nothing_is_never_absent(listed: Any) -> None:
    answers = Answers(lost, listed)
    publisher = answers.publisher()
    with pytest.raises(OutcomeUnknown):
        await publisher.publish(draft(), SESSION, Files().given(), answers.checkpoint)
    tried = SESSION.model_copy(update={"state": {**SESSION.state, "tried": NOW.isoformat()}})
    late = answers.publisher(lambda: NOW + timedelta(days=1))
    try:
        told = await late.reconcile(draft(), tried, NOW)
    except PlatformTransient:
        return
    assert told.outcome == "unknown" and told.reason


async def test_the_post_is_found_right_after_its_answer_was_lost() -> None:
    item = {"id": "1900000000000000000", "text": "t", "attachments": {"media_keys": ["7_5"]}}
    answers = Answers(lost, {"data": [item], "meta": {"result_count": 1}})
    post = await answers.publisher().publish(draft(), SESSION, Files().given(), answers.checkpoint)
    assert (post.post_id, post.url) == (item["id"], f"https://x.com/i/status/{item['id']}")
    tried = answers.told[0]
    assert await answers.publisher().publish(draft(), tried, Files().given(), answers.checkpoint) == post
    assert answers.posted == 1


async def test_what_never_left_is_certain() -> None:
    answers = Answers(refused)
    with pytest.raises(PlatformTransient):
        await answers.publisher().publish(draft(), SESSION, Files().given(), answers.checkpoint)


async def test_a_partial_answer_with_an_id_is_a_post() -> None:
    body = json.dumps({"data": {"id": "77", "text": "t"}, "errors": [{"title": "something else"}]})
    answers = Answers(lambda _: httpx.Response(200, content=body))
    post = await answers.publisher().publish(draft(), SESSION, Files().given(), answers.checkpoint)
    assert post.post_id == "77"


async def test_media_that_x_calls_invalid_for_ever_is_refused_in_the_end() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/2/tweets":
            return httpx.Response(400, content=bad("Your media IDs are invalid.", "media.media_ids"))
        info = {"state": "succeeded"}
        return httpx.Response(200, content=json.dumps({"data": {"id": "5", "processing_info": info}}))

    answers, session, errors = Answers(answer), SESSION, []
    for _ in range(4):
        with pytest.raises((PlatformTransient, PostRejected)) as caught:
            await answers.publisher().publish(draft(), session, Files().given(), answers.checkpoint)
        errors.append(type(caught.value))
        session = answers.told[-1]
    assert errors == [PlatformTransient] * 3 + [PostRejected]


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"data": {"id": "7/../8"}}', '{"data": {"id": 5}}'])
async def test_an_upload_without_a_usable_id_is_not_begun(body: str) -> None:
    answers = Answers(lambda _: httpx.Response(200, content=body))
    with pytest.raises(PlatformTransient):
        await answers.publisher().begin(draft(), facts())
