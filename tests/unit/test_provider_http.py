"""The calls that vendors without an SDK share: what limits them, and what they never do."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.providers.common.http import Service, get_array, get_bytes, get_json, post_bytes, post_json
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
    with pytest.raises(ProviderUnavailable, match=r"within 0\.05 s") as caught:
        await post_json(replace(service, timeout_s=0.05), "/a", {})
    assert not caught.value.cost_known
    with pytest.raises(ProviderUnavailable) as caught:
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
