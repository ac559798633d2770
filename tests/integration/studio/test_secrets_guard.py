"""The guard for secrets: whoever quotes what we send, no secret of ours gets beyond the process.

Every request of every platform's adapter is answered once with an error that quotes it, in several spellings and under
several statuses: first adapter by adapter, then through the workflows on a real server and database. A platform or a
model that is added is tried as well, without a word here.
"""

from __future__ import annotations

import itertools
import logging
import secrets as random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from temporalio.api.failure.v1 import Failure

from activities.publishing.files import facts_of
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import WriteTask
from reelwright.domain.errors import ReelwrightError
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.ports.publishing import AddsExtras, DeletesPosts, ReportsQuota
from reelwright.domain.publishing.accounts import StoredToken
from reelwright.domain.publishing.posting import Notice, ProcessingState, PublishTask
from reelwright.platforms.common.http import guarded_client
from reelwright.platforms.common.renewals import renew
from reelwright.platforms.notices.discord import DiscordAnnouncer
from reelwright.platforms.registry import FLOWS, SPECS
from reelwright.providers.feeds.http import HttpFeedReader
from reelwright.providers.writing import asking
from reelwright.providers.writing.model import ModelWriter
from reelwright.storage.database import connect
from reelwright.storage.s3 import S3MediaStore
from tests.depth import is_deep
from tests.servers import Servers
from workers import publishers
from workers.converter import data_converter
from workers.logs import HTTP_LOGGERS, keep_logs_clean
from workers.sandboxing import Site
from workflows.failures import translate

from ..conftest import Sandbox, database_of_its_own
from ..publishing.posting_kit import Bench
from .quoting import SPELLINGS, QuotingServer, all_rows, leaks, proof, quoting_server, ways

COMBINATIONS = [way for number in range(len(SPELLINGS)) for way in ways(number)]


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[Any]:
    """All of its rows are searched: those of other tests are not among them."""
    async with database_of_its_own(servers) as pool:
        yield pool


@pytest.fixture
def server() -> Iterator[QuotingServer]:
    with quoting_server() as running:
        yield running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, no_pauses: None) -> None:
    """Without the pauses between tries."""
    monkeypatch.setattr(asking, "QUICK_WAIT_S", (0.0, 0.0))


@pytest.fixture(autouse=True)
def logs(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Everything that is logged, as in a process of ours."""
    factory, levels = logging.getLogRecordFactory(), {name: logging.getLogger(name).level for name in HTTP_LOGGERS}
    keep_logs_clean()
    caplog.set_level(logging.INFO)
    yield caplog
    logging.setLogRecordFactory(factory)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def shown(error: BaseException) -> list[str]:
    """All that an error may show: its texts, and what goes into a history, causes and traces included."""
    failure = Failure()
    converter = data_converter
    converter.failure_converter.to_failure(error, converter.payload_converter, failure)
    texts = [str(failure), failure.SerializeToString().decode("latin-1")]
    if isinstance(error, ReelwrightError):
        ours = Failure()
        converter.failure_converter.to_failure(translate(error), converter.payload_converter, ours)
        texts += [str(error), error.message, error.field, error.remedy, str(ours)]
    return texts


def struck(server: QuotingServer, known: list[str]) -> bool:
    """Whether an answer has really quoted a secret."""
    return any(leaks([quoted.text], known) for quoted in server.quoted)


# --- the platforms ---------------------------------------------------------------------------------------------------


class Journey:
    """One publication from its preparation to its deletion, by the real activities."""

    def __init__(self, bench: Bench, platform: Platform) -> None:
        self.bench, self.platform = bench, platform
        self.account = ""
        self.texts: list[str] = []

    async def run(self) -> list[str]:
        """Goes on as far as it comes; the steps that failed, with all they show in `texts`."""
        self.account = await self.bench.account(self.platform)
        task = await self.bench.task(self.platform, self.account, first_comment="What do you think?")
        failed = []
        for step in (self._post, self._read, self._extras, self._account):
            try:
                self.texts.append(str(await step(task)))
            except Exception as error:  # noqa: BLE001  # whatever it is, it must show no secret
                failed.append(f"{step.__name__}: {type(error).__name__}")
                self.texts += shown(error)
        row = await self.bench.posts.get(task.key)
        self.texts.append(str(row.error if row else ""))
        return failed

    async def _post(self, task: PublishTask) -> Any:
        doing, run = self.bench.activities, self.bench.run
        told = [await run(doing.prepare_post, task), await run(doing.upload_video, task)]
        for _ in range(10):
            told.append(await run(doing.read_ready, task))
            if told[-1].state is ProcessingState.LIVE:
                break
        return [*told, await run(doing.publish_video, task)]

    async def _read(self, task: PublishTask) -> Any:
        doing, run = self.bench.activities, self.bench.run
        return [await run(doing.reconcile_post, task), await run(doing.read_processing, task)]

    async def _extras(self, task: PublishTask) -> Any:
        publisher, told = self.bench.activities.publishers[self.platform], []
        row = await self.bench.posts.get(task.key)
        post = row and await self.bench.run(self.bench.activities.reconcile_post, task)
        for extra in publisher.extras(task.draft) if isinstance(publisher, AddsExtras) and post and post.post else ():
            told.append(await publisher.attached(task.draft, post.post, extra))
            files = self.bench.activities._files(task)
            told.append(await publisher.attach(task.draft, post.post, extra, files, ""))
        return told

    async def _account(self, task: PublishTask) -> Any:
        publisher = self.bench.activities.publishers[self.platform]
        told: list[Any] = [await publisher.quota(self.account)] if isinstance(publisher, ReportsQuota) else []
        row = await self.bench.posts.get(task.key)
        if row and row.post_id and isinstance(publisher, DeletesPosts):
            told.append(await publisher.delete(self.account, row.post_id))
        return told

    async def secrets(self) -> list[str]:
        """All that this account and this application are let in with."""
        token = await self.bench.accounts.token(self.platform, self.account)
        assert token is not None
        access, refresh = token.access_token.get_secret_value(), token.refresh_token.get_secret_value()
        password = refresh.rpartition(":")[2]  # Bluesky: what a person has is `handle:app-password`
        api = getattr(self.bench.activities.publishers[self.platform], "_api", None)
        services = [held.value for held in getattr(api, "_service_tokens", {}).values()]  # Bluesky's video service
        proven = proof(APPLICATION["META_APP_SECRET"], access)
        found = (access, refresh, password, *services, *APPLICATION.values(), proven)
        return [text for text in found if text]


APPLICATION = {
    name: f"{random.token_urlsafe(9)}/{random.token_urlsafe(9)}+=&"
    for name in (
        *("YOUTUBE_CLIENT_SECRET", "TIKTOK_CLIENT_SECRET", "META_APP_SECRET", "X_CLIENT_SECRET"),
        "LINKEDIN_CLIENT_SECRET",
    )
}
"""The application's own secrets, with signs in them that are escaped in every way."""


@pytest.fixture
async def bench(
    sandbox: Sandbox, pool: Any, content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Bench, QuotingServer]]:
    """The activities as the worker builds them, with a server in between that can quote."""
    from ..publishing import posting_kit

    plain = posting_kit.places_on
    monkeypatch.setattr(posting_kit, "places_on", lambda at: posting_kit.with_secrets(plain(at), APPLICATION))
    with quoting_server(sandbox.url) as between:
        proxied = Sandbox(sandbox.folder, sandbox.client)
        proxied.url = between.url
        async with guarded_client(timeout=300, trust_env=False, verify=False) as client:
            made = Bench(proxied, pool, content, tmp_path / "media", client)
            yield made, between
            await made.clear()


STEP = 3
"""`make test` strikes every third request of a publication, beginning elsewhere for each platform."""


@pytest.mark.parametrize("platform", Platform)
async def test_every_request_of_a_platform_is_quoted_once(
    bench: tuple[Bench, QuotingServer], platform: Platform, logs: pytest.LogCaptureFixture, pool: Any
) -> None:
    made, between = bench
    known: list[str] = []
    texts: list[str] = []
    quoted = failed = open_to_all = tried = 0
    first = 0 if is_deep() else list(Platform).index(platform) % STEP
    for number in range(first, 100, 1 if is_deep() else STEP):
        status, spelling, shape = COMBINATIONS[(number * 5 + len(platform.value)) % len(COMBINATIONS)]
        between.plan(spared=number, count=4, status=status, spelling=spelling, shape=shape)
        journey = Journey(made, platform)
        failed += bool(await journey.run())
        mine = await journey.secrets()
        known, texts = [*known, *mine], [*texts, *journey.texts]
        quoted += struck(between, mine)
        # What anybody may read is asked without a token.
        open_to_all += bool(between.quoted) and not any("authorization" in one.text.lower() for one in between.quoted)
        assert leaks(journey.texts, mine) == [], (number, status, spelling, shape, between.quoted[0].path)
        if not between.quoted:
            break
        tried += 1
    else:
        raise AssertionError("a publication has less than 100 requests")
    assert number >= 4 and quoted + open_to_all >= tried - 1, "the server was hit, and its answers quoted secrets"
    assert failed >= tried // 2, "and the answers did harm"
    assert leaks(texts, known) == []
    assert leaks([logs.text], known) == []
    assert leaks(await all_rows(pool), known) == []


# What strikes secrets is the same for all platforms; how an error is read is each one's own. So each platform meets
# every status, every spelling and every shape, and all together meet every status in every spelling.
@pytest.mark.parametrize(("number", "platform"), list(enumerate(Platform)))
async def test_a_platform_quotes_in_every_way(
    bench: tuple[Bench, QuotingServer], number: int, platform: Platform, logs: pytest.LogCaptureFixture
) -> None:
    made, between = bench
    between.plan(count=0)
    account = await made.account(platform)
    task = await made.task(platform, account)
    await made.run(made.activities.prepare_post, task)
    journey = Journey(made, platform)
    journey.account = account
    known = await journey.secrets()
    publisher = made.activities.publishers[platform]
    for status, spelling, shape in ways(number):
        between.plan(count=None, status=status, spelling=spelling, shape=shape, kept_paths=TOKEN_PATHS)
        try:
            told = [str(await publisher.begin(task.draft, facts_of(task)))]
        except Exception as error:  # noqa: BLE001
            told = shown(error)
        known += await journey.secrets()
        assert struck(between, known), (status, spelling, shape)
        assert leaks(told, known) == [], (status, spelling, shape)
    assert leaks([logs.text], known) == []


TOKEN_PATHS = (
    "/token",
    "/v2/oauth/token",
    "/2/oauth2/token",
    "/oauth/",
    "/oauth/v2",
    "/xrpc/com.atproto.server.createS",
)


@pytest.mark.parametrize(("number", "flow"), list(enumerate(sorted({*FLOWS, "x, public"}))))
async def test_a_sign_in_that_quotes(server: QuotingServer, number: int, flow: str) -> None:
    access, refresh, secret = (f"{random.token_urlsafe(20)}{signs}" for signs in ("/+=", "%&", '"'))
    name = flow.split(",")[0]
    token = StoredToken(access_token=SecretStr(access), refresh_token=SecretStr(refresh), flow=name)
    spec = next(spec for spec in SPECS.values() if name in spec.sign_ins)
    settings = spec.settings().model_copy(
        update={
            **{address: f"{server.url}{path}" for address, path in spec.api.items()},
            spec.client_id: "client",
            spec.client_secret: SecretStr("" if "public" in flow else secret),
        }
    )
    credentials = publishers.credentials(Site(spec.platform, Origin.REAL, settings))
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        for status, spelling, shape in ways(number):
            server.plan(status=status, spelling=spelling, shape=shape)
            with pytest.raises(Exception) as caught:  #  # each status has its own kind
                await renew(client, token, credentials, Platform.X, datetime.now(UTC))
            assert struck(server, [access, refresh, secret]), flow
            assert leaks(shown(caught.value), [access, refresh, secret]) == [], (status, spelling, shape)


# --- the others that are talked to -----------------------------------------------------------------------------------


def subclasses(kind: type) -> list[type]:
    return [kind for each in kind.__subclasses__() for kind in (each, *subclasses(each))]


def writers() -> list[Any]:
    # Only the process that tries them imports the models' SDKs, which takes seconds.
    from reelwright.providers.writing import anthropic, azure, chat, gemini

    own = [kind for kind in subclasses(ModelWriter) if kind.__module__.startswith("reelwright")]
    found = [kind for kind in own if hasattr(kind, "provider")]  # not what several share
    assert {anthropic.AnthropicWriter, azure.AzureWriter, chat.MistralWriter, gemini.GeminiWriter} <= set(found)
    return found


def made_by(writer: Any, key: str, url: str) -> Any:
    match writer.provider:
        case "azure":
            return writer(key, url, "deployment")
        case "compatible":
            return writer(url, "house-model", key)
    return writer(key, base_url=url)


async def test_a_model_that_quotes(server: QuotingServer, logs: pytest.LogCaptureFixture) -> None:
    found = writers()
    for number, writer in enumerate(found):
        key = f"guard-{random.token_urlsafe(18)}"
        made = made_by(writer, key, server.url)
        task = WriteTask(content_id="c", request=ContentRequest(topic="Tides"))
        for status, spelling, shape in [*ways(number), *ways(number + len(found))]:
            server.plan(status=status, spelling=spelling, shape=shape)
            with pytest.raises(ReelwrightError) as caught:
                await made.write(task)
            assert struck(server, [key]), (writer, status, spelling, shape)
            assert leaks(shown(caught.value), [key]) == [], (writer, status, spelling, shape)
        assert leaks([logs.text], [key]) == []


async def test_discord_that_quotes(server: QuotingServer, logs: pytest.LogCaptureFixture) -> None:
    token = random.token_urlsafe(40)
    notice = Notice(key="k", title="T", text="t", level="info")
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        announcer = DiscordAnnouncer(client, f"{server.url}/api/webhooks/1/{token}", also=(server.url,))
        for status, spelling, shape in COMBINATIONS:
            server.plan(status=status, spelling=spelling, shape=shape)
            with pytest.raises(ReelwrightError) as caught:
                await announcer.announce(notice)
            assert struck(server, [token])
            assert leaks(shown(caught.value), [token]) == [], (status, spelling, shape)
    assert leaks([logs.text], [token]) == []


async def test_a_feed_that_quotes(server: QuotingServer, logs: pytest.LogCaptureFixture) -> None:
    key = f"guard-{random.token_urlsafe(18)}"
    for status, spelling, shape in COMBINATIONS:
        server.plan(status=status, spelling=spelling, shape=shape)
        try:
            told = [str(await HttpFeedReader(allow_private=True).newest(f"{server.url}/feed?api_key={key}"))]
        except ReelwrightError as error:
            told = shown(error)
        assert struck(server, [key])
        assert leaks(told, [key]) == [], (status, spelling, shape)
    server.plan()
    with pytest.raises(ReelwrightError) as caught:
        await HttpFeedReader(allow_private=True).newest(server.url.replace("//", f"//user:{key}@"))
    assert leaks(shown(caught.value), [key]) == []
    assert leaks([logs.text], [key]) == []


async def test_a_store_that_quotes(server: QuotingServer, logs: pytest.LogCaptureFixture) -> None:
    key, secret = f"AKIA{random.token_hex(8).upper()}", random.token_urlsafe(30)
    store = S3MediaStore("bucket", endpoint_url=server.url, access_key=key, secret_key=secret)
    for status, spelling in itertools.product((400, 403, 404), SPELLINGS):
        server.plan(status=status, spelling=spelling, shape="text")
        with pytest.raises(ReelwrightError) as caught:
            await store.put_bytes(b"x", "image/png")
        assert struck(server, [key]), "its key's id stands in every request"
        assert leaks(shown(caught.value), [key, secret]) == []
    assert leaks([logs.text], [secret]) == []


async def test_a_database_that_refuses(postgres_dsn: str, logs: pytest.LogCaptureFixture) -> None:
    password = random.token_urlsafe(20)
    user, _, rest = postgres_dsn.partition("://")[2].partition(":")
    for dsn in (
        f"postgresql://{user}:{password}@{rest.partition('@')[2]}",
        f"postgresql://{user}:{password}@127.0.0.1:1/x",
        f"postgresql://{user}:{password}@127.0.0.1:port/x",
        f"postgresql://{user}:{password}@[::1/x?sslmode=odd",
    ):
        with pytest.raises(ReelwrightError) as caught:
            await connect(dsn)
        assert leaks(shown(caught.value), [password]) == []
    assert leaks([logs.text], [password]) == []
