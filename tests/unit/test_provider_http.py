"""The calls that vendors without an SDK share: what limits them, and what they never do."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.providers.common.answers import TooSlow
from reelwright.providers.common.http import Service, call, get_array, get_bytes, get_json, post_bytes, post_json
from tests.vendor import Reply, Request, Vendor

KEY = "key-0123456789abcdefghijkl"


class Answers:
    def __init__(self) -> None:
        self.reply = Reply({"fine": True})

    def __call__(self, request: Request) -> Reply:
        return self.reply


@pytest.fixture
def vendor() -> Iterator[tuple[Answers, Vendor, Service]]:
    answers = Answers()
    server = Vendor(answers)
    yield answers, server, Service("acme", server.url, {"x-key": KEY})
    server.close()


async def test_the_key_goes_to_the_service_and_to_nobody_else(vendor: tuple[Answers, Vendor, Service]) -> None:
    answers, server, service = vendor
    assert await get_json(service, "/a", {"b": "c"}) == {"fine": True}
    assert server.requests[-1].headers["x-key"] == KEY and server.requests[-1].query == {"b": "c"}
    assert (await get_bytes(service, f"{server.url}/file")).data
    assert "x-key" not in server.requests[-1].headers
    asked = len(server.requests)
    with pytest.raises(ProviderUnavailable, match="not encrypted"):
        await get_bytes(service, "http://192.0.2.1/file")
    answers.reply = Reply("", 302, {"location": f"{server.url}/elsewhere"})
    with pytest.raises(ProviderRefused):
        await get_json(service, "/a")
    assert len(server.requests) == asked + 1, "a redirect is not followed"
    assert KEY not in repr(service)


async def test_an_answer_has_a_largest_size_also_when_it_is_packed(vendor: tuple[Answers, Vendor, Service]) -> None:
    answers, _, service = vendor
    answers.reply = Reply(gzip.compress(bytes(5_000_000)), headers={"content-encoding": "gzip"})
    with pytest.raises(ProviderUnavailable, match="more than 1,000,000 bytes") as caught:
        await post_bytes(replace(service, most_bytes=1_000_000), "/a", json={})
    assert not caught.value.cost_known


async def test_an_answer_has_a_time(vendor: tuple[Answers, Vendor, Service]) -> None:
    _, server, service = vendor

    def late(request: Request) -> Reply:
        time.sleep(0.5)
        return Reply({})

    server.answer = late
    with pytest.raises(TooSlow, match=r"within 0\.05 s") as caught:
        await post_json(replace(service, timeout_s=0.05), "/a", {})
    assert not caught.value.cost_known
    with pytest.raises(TooSlow) as caught:
        await get_json(replace(service, timeout_s=0.05), "/a")
    assert caught.value.cost_known, "a question costs nothing"


@pytest.mark.parametrize("said", ["", "<html>", "[" * 100_000, "7", b"\xff\xfe"])
async def test_what_is_no_object_is_said(vendor: tuple[Answers, Vendor, Service], said: str | bytes) -> None:
    answers, _, service = vendor
    answers.reply = Reply(said)
    with pytest.raises(ProviderUnavailable, match="no JSON object"):
        await get_json(service, "/a")
    with pytest.raises(ProviderUnavailable, match="no JSON array"):
        await get_array(service, "/a")
    with pytest.raises(ProviderUnavailable) as caught:
        await post_json(service, "/a", {}, usd=0.25)
    assert caught.value.usd == 0.25 and caught.value.cost_known
    with pytest.raises(ProviderUnavailable) as caught:
        await post_json(service, "/a", {})
    assert not caught.value.cost_known, "what a useless answer costs was not said"


@pytest.mark.parametrize("base", ["ftp://example.org", "http://", "nonsense", "http://[::1"])
async def test_an_address_that_is_none(base: str) -> None:
    with pytest.raises((ProviderRefused, ProviderUnavailable)) as caught:
        await get_json(Service("acme", base), "/a")
    assert caught.value.field == "acme"


async def test_an_error_shows_no_secret_and_one_line(vendor: tuple[Answers, Vendor, Service]) -> None:
    answers, _, service = vendor
    answers.reply = Reply({"error": {"code": "bad", "message": "first\nsecond " + "x" * 900}}, 400)
    with pytest.raises(ProviderRefused, match=r"HTTP 400 bad: first second x+") as caught:
        await get_json(service, "/a")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    answers.reply = Reply({"error": {"code": "bad", "message": f"your key {KEY} is wrong"}}, 401)
    with pytest.raises(ProviderRefused) as caught:
        await get_json(service, "/a")
    assert KEY not in str(caught.value) and caught.value.why == "key"


CHALLENGE = Reply("<html>", 429, {"content-type": "text/html; charset=utf-8", "cf-mitigated": "challenge"})


@pytest.mark.parametrize("page", [CHALLENGE, *(Reply("<html>", n, {"content-type": "text/html"}) for n in (200, 403))])
async def test_a_web_page_in_an_answers_place_is_told_apart(
    vendor: tuple[Answers, Vendor, Service], page: Reply
) -> None:
    answers, _, service = vendor
    answers.reply = page
    for asked in (get_json(service, "/a"), post_bytes(service, "/a", json={}), call(service, "GET", "/a", also=(429,))):
        with pytest.raises(ProviderRefused, match="does not let this machine in") as caught:
            await asked
        assert caught.value.why == "blocked" and caught.value.cost_known
    answers.reply = Reply("<html>", 502, {"content-type": "text/html"})
    with pytest.raises(ProviderUnavailable, match="HTTP 502"):
        await get_json(service, "/a")


async def test_a_status_that_is_expected_is_an_answer(vendor: tuple[Answers, Vendor, Service]) -> None:
    answers, server, service = vendor
    answers.reply = Reply({"error": "gone"}, 404)
    assert (await call(service, "DELETE", "/a", also=(404,))).status == 404
    with pytest.raises(ProviderRefused):
        await call(service, "DELETE", "/a")
    answers.reply = Reply({"token": "t"})
    await call(service, "POST", "/token", form={"grant_type": "client_credentials"})
    assert server.requests[-1].body == b"grant_type=client_credentials"


async def test_a_key_in_the_address_goes_along_and_is_never_shown(vendor: tuple[Answers, Vendor, Service]) -> None:
    _, server, _ = vendor
    keyed = Service("acme", server.url, params={"key": KEY})
    await get_json(keyed, "/a", {"q": "sea"})
    assert server.requests[-1].query == {"key": KEY, "q": "sea"} and KEY not in repr(keyed)
    server.close()
    for base in (server.url, "ftp://example.org", "http://[::1"):
        with pytest.raises((ProviderRefused, ProviderUnavailable)) as caught:
            await get_json(replace(keyed, base=base), "/a")
        assert KEY not in str(caught.value) and caught.value.cost_known, "nothing was sent"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"code": "bad", "message": "no"}}, "HTTP 400 bad: no"),
        ({"detail": {"status": "bad", "message": "no"}}, "HTTP 400 bad: no"),
        ({"code": "bad", "message": "no"}, "HTTP 400 bad: no"),
        ({"error": "no"}, "HTTP 400: no"),
        ({"detail": [{"msg": "no"}]}, 'HTTP 400: [{"msg": "no"}]'),
        ({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "no"}}, "HTTP 400 INVALID_ARGUMENT: no"),
        ([1], "HTTP 400"),
    ],
    ids=str,
)
async def test_errors_are_read_wherever_vendors_put_them(
    vendor: tuple[Answers, Vendor, Service], body: object, said: str
) -> None:
    answers, _, service = vendor
    answers.reply = Reply(body, 400, {"x-request-id": "r1"})
    with pytest.raises(ProviderRefused) as caught:
        await get_json(service, "/a")
    assert caught.value.message == f"{said} (request r1)"


async def test_errors_in_plain_text_and_a_time_to_wait_in_the_body(vendor: tuple[Answers, Vendor, Service]) -> None:
    answers, _, service = vendor
    answers.reply = Reply("out of range", 400, {"content-type": "text/plain"})
    with pytest.raises(ProviderRefused, match="HTTP 400: out of range"):
        await get_json(service, "/a")
    body = {"error": {"status": "RESOURCE_EXHAUSTED", "details": [{"retryDelay": "13s"}]}}
    answers.reply = Reply(body, 429)
    with pytest.raises(ProviderUnavailable) as unavailable:
        await get_json(service, "/a")
    assert unavailable.value.retry_after_s == 13.0
    answers.reply = Reply(body, 429, {"retry-after": "7"})
    with pytest.raises(ProviderUnavailable) as unavailable:
        await get_json(service, "/a")
    assert unavailable.value.retry_after_s == 7.0, "the header goes before the body"
