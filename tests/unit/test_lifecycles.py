"""Models that end: what ships with this program, what the providers' own lists say, and what `doctor` makes of both."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from control.doctor import Finding, Note, State, look_at, model_ends
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import WriteTask
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.lifecycles import Life, Lives
from reelwright.providers.common.lifecycles import ended, need_alive, shipped
from reelwright.providers.common.lists import ModelList
from workers.model_watch import configured_models, model_lists
from workers.provider_settings import ProviderSettings
from workers.settings import Settings

TODAY = date(2026, 11, 30)
KEY = SecretStr("sk-list-0123456789")


class Lists:
    """A server on loopback that answers with these pages, in order, and keeps what it was asked."""

    def __init__(self) -> None:
        self.pages: list[Any] = []
        self.status = 200
        self.asked: list[tuple[str, dict[str, str]]] = []
        lists = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                lists.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                page = lists.pages.pop(0)
                data = page.encode() if isinstance(page, str) else json.dumps(page).encode()
                self.send_response(lists.status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def lists() -> Iterator[Lists]:
    lists = Lists()
    yield lists
    lists.server.shutdown()
    lists.server.server_close()


def test_what_ships_names_each_model_once_with_its_source() -> None:
    names = [(life.provider, life.model) for life in shipped()]
    assert len(set(names)) == len(names) and all(life.told for life in shipped())
    lives = Lives(shipped())
    for provider, model, ends, successor in (
        ("openai", "tts-1", date(2027, 1, 6), "gpt-realtime-2.1-mini"),
        ("openai", "gpt-4o-2024-08-06", date(2027, 1, 14), "gpt-6-luna"),
        ("openai", "gpt-image-1.5", date(2026, 12, 1), "gpt-image-2.5-flare"),
        ("openai", "sora-2", date(2026, 9, 24), ""),
        ("anthropic", "claude-sonnet-4-5-20250929", date(2026, 11, 30), "claude-sonnet-5-5"),
    ):
        life = lives.of(provider, model)
        assert life and life.model == model and (life.ends, life.successor.split(",")[0]) == (ends, successor)
    for model in ("gpt-6-luna", "gpt-4o-mini-tts-hd", "gpt-5.6-luna"):
        assert lives.of("openai", model) is None
    assert lives.of("nobody", "tts-1") is None


def test_a_model_past_its_day_is_refused_with_its_successor() -> None:
    need_alive("anthropic", "claude-sonnet-4-5", date(2026, 11, 30))  # its last day
    with pytest.raises(ProviderRefused) as caught:
        need_alive("anthropic", "claude-sonnet-4-5", date(2026, 12, 1))
    assert caught.value.why == "model" and caught.value.cost_known and caught.value.field == "anthropic"
    assert "anthropic's claude-sonnet-4-5 ended on 2026-11-30" in str(caught.value)
    assert "choose claude-sonnet-5-5 in its place" in caught.value.remedy
    assert ended("anthropic", ("claude-haiku-5-5", "claude-sonnet-4-5"), date(2026, 12, 1)).startswith("anthropic's")
    assert ended("anthropic", ("claude-haiku-5-5",), date(2026, 12, 1)) == ""
    with pytest.raises(ProviderRefused, match="has no successor"):
        need_alive("openai", "sora-2", TODAY)


async def test_a_writer_whose_model_has_ended_makes_no_call(lists: Lists) -> None:
    from reelwright.providers.writing.openai import OpenAIWriter

    task = WriteTask(content_id="c", request=ContentRequest(topic="Tides"))
    with pytest.raises(ProviderRefused, match=r"ended on 2026-05-12; choose gpt-image-2\.5-flare") as caught:
        await OpenAIWriter("sk-1234567890", "dall-e-3").write(task)
    assert caught.value.why == "model" and caught.value.usd == 0
    own = OpenAIWriter("sk-1234567890", "dall-e-3", lists.url)  # a server of one's own names its models as it likes
    with pytest.raises(ProviderUnavailable):
        await own.write(task)


def test_only_what_is_configured_and_ends_within_sixty_days_is_near() -> None:
    configured = {"openai": ("gpt-4o", "gpt-5.1", "gpt-6-luna", "o3"), "anthropic": ("claude-haiku-5-5",)}
    near = Lives(shipped()).near(configured, TODAY)
    assert [life.label(TODAY) for life in near] == [
        "openai's o3 ends on 2026-12-11, in 11 days",
        "openai's gpt-4o ends on 2027-01-14, in 45 days",
    ]
    assert [life.model for life in Lives(shipped()).near(configured, date(2026, 11, 14))] == ["o3"], "61 days before"
    later = Life("openai", "o3", date(2027, 6, 1), told="openai's list")
    (only,) = Lives(shipped(), [later]).near({"openai": ("o3", "gpt-4o")}, TODAY)
    assert only.model == "gpt-4o", "the provider's own word goes before ours"
    assert Lives(shipped(), [Life("openai", "o3", TODAY)]).of("openai", "o3").successor == "gpt-6-luna"  # type: ignore[union-attr]


async def test_openais_list_tells_the_day_of_shutdown(lists: Lists) -> None:
    rows = [
        {"id": "gpt-6-luna", "object": "model", "created": 1, "owned_by": "openai", "shutdown_date": None},
        {"id": "gpt-6-sol", "object": "model", "created": 1, "owned_by": "openai", "shutdown_date": "2027-03-01"},
        {"id": "o3", "object": "model", "created": 1, "owned_by": "openai", "shutdown_date": 1_797_000_000},
        {"id": "gpt-x", "object": "model", "created": 1, "owned_by": "openai", "shutdown_date": "soon"},
        {"id": "gpt-old", "object": "model", "created": 1, "owned_by": "openai"},
    ]
    lists.pages = [{"object": "list", "data": rows}]
    found = await ModelList("openai", KEY, f"{lists.url}/v1").ends()
    assert [(life.model, life.ends) for life in found] == [
        ("gpt-6-sol", date(2027, 3, 1)),
        ("o3", datetime.fromtimestamp(1_797_000_000, UTC).date()),
    ]
    path, headers = lists.asked[0]
    assert path == "/v1/models" and headers["authorization"] == f"Bearer {KEY.get_secret_value()}"


async def test_anthropics_list_tells_the_retirement_page_by_page(lists: Lists) -> None:
    past, ahead = datetime.now(UTC) - timedelta(days=9), datetime.now(UTC) + timedelta(days=40)

    def row(model: str, lifecycle: str, retires: datetime | None) -> dict[str, Any]:
        when = retires.isoformat().replace("+00:00", "Z") if retires else None
        return {"id": model, "type": "model", "lifecycle": lifecycle, "retires_at": when, "display_name": model}

    lists.pages = [
        {"data": [row("a", "active", None), row("b", "deprecated", ahead)], "has_more": True, "last_id": "b"},
        {"data": [row("c", "deprecated", past), row("d", "retired", past)], "has_more": False, "last_id": "d"},
    ]
    found = await ModelList("anthropic", KEY, lists.url).ends()
    assert [(life.model, life.ends) for life in found] == [("b", ahead.date()), ("d", past.date())], "c is overdue"
    assert [path for path, _ in lists.asked] == ["/v1/models?limit=1000", "/v1/models?limit=1000&after_id=b"]
    assert lists.asked[0][1]["anthropic-version"] == "2026-10-21"


@pytest.mark.parametrize(
    ("status", "page", "error", "words"),
    [
        (401, {"error": {"message": f"bad key {KEY.get_secret_value()}"}}, ProviderRefused, "check the API key"),
        (500, {}, ProviderUnavailable, "500"),
        (200, "<html>", ProviderUnavailable, "no JSON object"),
        (200, {"data": "none"}, ProviderUnavailable, "is none"),
    ],
)
async def test_a_list_that_is_none_is_an_error_that_quotes_no_key(
    lists: Lists, status: int, page: Any, error: type[Exception], words: str
) -> None:
    lists.status, lists.pages = status, [page]
    with pytest.raises(error, match=words) as caught:
        await ModelList("openai", KEY, lists.url).ends()
    assert KEY.get_secret_value() not in str(caught.value)


async def test_a_server_that_is_away_and_one_that_has_no_end_of_pages(lists: Lists) -> None:
    with pytest.raises(ProviderUnavailable, match="no connection"):
        await ModelList("openai", KEY, "http://127.0.0.1:9").ends()
    lists.pages = [{"data": [], "has_more": True, "last_id": "again"}] * 30
    with pytest.raises(ProviderUnavailable, match="more than 20 pages"):
        await ModelList("anthropic", KEY, lists.url).ends()


def settings(**given: Any) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[call-arg]


def test_what_is_configured_is_what_has_a_key_and_no_server_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = {"OPENAI_API_KEY": "sk-1234567890", "ANTHROPIC_API_KEY": "sk-2234567890"}
    assert configured_models(settings(), ProviderSettings()) == {} and model_lists(settings()) == ()
    for name, value in {**keys, "REELWRIGHT_OPENAI_MODEL": "gpt-4o", "REELWRIGHT_MODERATION_CHAIN": "openai"}.items():
        monkeypatch.setenv(name, value)
    found = configured_models(Settings(), ProviderSettings())
    assert found["anthropic"] == ("claude-haiku-5-5",)
    assert {"gpt-4o", "gpt-image-2.5-flare", "omni-moderation-latest"} <= {*found["openai"]}, "of all capabilities"
    assert [one.provider for one in model_lists(Settings())] == ["openai", "anthropic"]
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1")
    assert configured_models(Settings(), ProviderSettings()) == {"anthropic": ("claude-haiku-5-5",)}


async def test_doctor_warns_of_an_end_that_is_near_and_of_one_that_has_passed() -> None:
    today = datetime.now(UTC).date()
    near = [Life("openai", "old", today + timedelta(days=20), "new")]
    found = await look_at("models", lambda: model_ends(None, {"openai": ["old", "other"]}, near))
    assert found.state is State.NOTE and "in 20 days: choose new in its place" in found.seen
    over = [Life("openai", "old", today - timedelta(days=1), "new")]
    found = await look_at("models", lambda: model_ends(None, {"openai": ["old"]}, over))
    assert found.state is State.WRONG and "ended on" in found.seen and "choose new" in found.seen
    fine = await look_at("models", lambda: model_ends(None, {"openai": ["other"]}, over))
    assert fine == Finding("models", State.OK, "openai's other: no end is known within 60 days")
    assert await model_ends(None, {}, near) == "none is configured"
    away = await model_ends("postgresql://u:p@127.0.0.1:9/x", {"openai": ["other"]}, [])
    assert isinstance(away, Note) and "what the providers say is not known here" in away.text
