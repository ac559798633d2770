"""What is known of a LinkedIn post without an answer: duplicates, listings, lag, cut texts, and odd answers."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import (
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    QuotaExhausted,
    ReelwrightError,
)
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import PostKind, ProcessingState, PublishedPost, UploadSession
from reelwright.platforms.linkedin.publisher import LinkedInPublisher
from reelwright.platforms.linkedin.text import little

from ...conftest import Sandbox
from .kit import (
    FACTS,
    VIDEO,
    Files,
    Row,
    draft,
    fault,
    linkedin_posts,
    posted,
    publisher_for,
    shape,
    the_one_post,
    uploaded,
)

NOW, LONG_AGO = datetime.now(UTC), datetime(2026, 1, 1, tzinfo=UTC)
DAY = '{"status":429,"message":"Resource level throttle APPLICATION DAY limit for calls is reached."}'


@pytest.fixture
async def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> LinkedInPublisher:
    await shape(sandbox)
    return publisher_for(sandbox, http)


async def unanswered(publisher: LinkedInPublisher, sandbox: Sandbox, account: str, **changes: Any) -> Row:
    """A post that exists, whose answer was lost, and whose account nobody can read just now."""
    row = await uploaded(publisher, draft(account, **changes))
    await fault(sandbox, "after_commit_before_reply", op="publish")
    if account == "org":
        await fault(sandbox, "status", op="read", status=503, count=3)
    with pytest.raises(OutcomeUnknown):
        await publisher.publish(draft(account, **changes), row.session, Files().files(), row.checkpoint)
    assert len(await linkedin_posts(sandbox)) == 1
    return row


# --- duplicates -----------------------------------------------------------------------------------------------------


async def test_a_pages_second_try_finds_the_first(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    row = await unanswered(publisher, sandbox, "org")
    made = await publisher.publish(draft(), row.session, Files().files(), row.checkpoint)
    await the_one_post(sandbox, made)


async def test_a_members_second_try_finds_the_first(
    publisher: LinkedInPublisher, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    """Somebody said `not posted` and was wrong: LinkedIn names the first post, made between upload and second try."""
    row = await unanswered(publisher, sandbox, "main")
    later = publisher_for(sandbox, http, clock=lambda: datetime.now(UTC) + timedelta(minutes=1))
    made = await later.publish(draft("main"), row.session, Files().files(), row.checkpoint)
    await the_one_post(sandbox, made)


@pytest.mark.parametrize("account", ["main", "org"])
async def test_another_post_of_the_same_content_is_not_ours(
    publisher: LinkedInPublisher, sandbox: Sandbox, account: str
) -> None:
    first = await posted(publisher, draft(account))
    row = await uploaded(publisher, draft(account))
    for _ in range(2):  # the second time after a try of our own, and still it is the older one that LinkedIn names
        with pytest.raises(PostRejected, match=first.post_id):
            await publisher.publish(draft(account), row.session, Files().files(), row.checkpoint)
        if account == "main":
            break
    await the_one_post(sandbox, first)


async def test_made_up_duplicates_are_not_believed(
    publisher: LinkedInPublisher, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    """A deleted post is still held against the next one, and LinkedIn names a URN that leads nowhere."""
    await shape(sandbox, duplicate_ghosts=True)
    for account in ("org", "main"):
        await publisher.delete(account, (await posted(publisher, draft(account))).post_id)
        row = await uploaded(publisher, draft(account))
        with pytest.raises(PostRejected, match="two days"):
            await publisher.publish(draft(account), row.session, Files().files(), row.checkpoint)
        await shape(sandbox, organization_reads=account == "org")
        with pytest.raises(PostRejected if account == "org" else OutcomeUnknown):
            await publisher.publish(draft(account), row.session, Files().files(), row.checkpoint)
    assert await linkedin_posts(sandbox) == []


async def test_a_duplicate_that_cannot_be_looked_at_is_open(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    row = await unanswered(publisher, sandbox, "org")
    for settings, faults in (({"listed_after_s": 60.0}, 0), ({"listed_after_s": 0.0}, 3)):
        await shape(sandbox, **settings)
        if faults:
            await fault(sandbox, "status", op="read", status=503, count=faults)
        with pytest.raises(OutcomeUnknown, match="duplicate of urn:li:ugcPost"):
            await publisher.publish(draft(), row.session, Files().files(), row.checkpoint)
    assert (await publisher.reconcile(draft(), row.session, NOW)).outcome == "posted"


async def test_once_linkedin_has_forgotten_it_posts_twice(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    """Why asking by posting again is no read: this is what the workflow never does."""
    await shape(sandbox, duplicate_s=0.0)
    row = await unanswered(publisher, sandbox, "main")
    await publisher.publish(draft("main"), row.session, Files().files(), row.checkpoint)
    assert len(await linkedin_posts(sandbox)) == 2


# --- the listing ----------------------------------------------------------------------------------------------------


async def test_reconcile_is_exact_and_patient(
    publisher: LinkedInPublisher, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    others = [await posted(publisher, draft(title=f"Other {n}")) for n in range(2)]
    row = await uploaded(publisher, draft())
    patient = publisher_for(sandbox, http, settled_after_s=900.0)
    assert (await patient.reconcile(draft(), row.session, datetime.now(UTC))).outcome == "unknown"
    assert (await patient.reconcile(draft(), row.session, LONG_AGO)).outcome == "absent"
    assert (await patient.reconcile(draft(), row.session, None)).outcome == "unknown"
    assert (await patient.reconcile(draft(), None, LONG_AGO)).outcome == "unknown"
    assert (await patient.reconcile(draft(), None, None)).outcome == "unknown"
    await shape(sandbox, listed_after_s=60.0)
    await fault(sandbox, "after_commit_before_reply", op="publish")
    with pytest.raises(OutcomeUnknown):
        await patient.publish(draft(), row.session, Files().files(), row.checkpoint)
    assert (await patient.reconcile(draft(), row.session, datetime.now(UTC))).outcome == "unknown"
    await shape(sandbox, listed_after_s=0.0)
    found = (await patient.reconcile(draft(), row.session, datetime.now(UTC))).post
    assert found and found not in others and len(await linkedin_posts(sandbox)) == 3
    assert (await patient.reconcile(draft(), None, datetime.now(UTC))).post == found
    assert (await patient.reconcile(draft(title="Nobody"), None, datetime.now(UTC))).outcome == "unknown"


async def test_reconcile_reads_page_after_page(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    article = {"kind": PostKind.ARTICLE, "link": "https://example.org/"}
    first = await publisher.begin(draft(title="First", **article), FACTS)
    row = Row(first)
    made = await publisher.publish(draft(title="First", **article), first, Files().files(), row.checkpoint)
    for number in range(60):
        post = draft(title=f"Number {number}", **article)
        row = Row(await publisher.begin(post, FACTS))
        await publisher.publish(post, row.session, Files().files(), row.checkpoint)
    assert (await publisher.reconcile(draft(title="First", **article), first, LONG_AGO)).post == made
    assert (await publisher.reconcile(draft(title="None", **article), first, LONG_AGO)).outcome == "absent"


async def test_without_the_right_to_read_a_page_a_person_must(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    row = await unanswered(publisher, sandbox, "org")
    await shape(sandbox, organization_reads=False)
    found = await publisher.reconcile(draft(), row.session, LONG_AGO)
    assert found.outcome == "untold" and "ACCESS_DENIED" in found.reason


# --- the text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "caption", ["Hearts (three) #octopus_facts #Octopus <3 @home ~50% a|b\\c *x* [y] {z}", "日本 #海 (x)"]
)
async def test_reserved_characters_come_through(publisher: LinkedInPublisher, sandbox: Sandbox, caption: str) -> None:
    made = await posted(publisher, draft(caption=caption))
    assert (await the_one_post(sandbox, made))["text"] == caption
    assert (await publisher.processing(draft(caption=caption), made)).reason == ""


async def test_a_cut_text_is_told(
    publisher: LinkedInPublisher, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelwright.platforms.linkedin.post.little", lambda text: little(text).replace("\\(", "("))
    caption = "Three hearts (two small) and more"
    made = await posted(publisher, draft(caption=caption))
    assert (await the_one_post(sandbox, made))["text"] == "Three hearts "
    reading = await publisher.processing(draft(caption=caption), made)
    assert reading.state is ProcessingState.LIVE and "it shows 12 of 33 characters" in reading.reason


async def test_a_post_that_is_not_there(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    await shape(sandbox, drops=True)
    row = await uploaded(publisher, draft())
    made = await publisher.publish(draft(), row.session, Files().files(), row.checkpoint)
    assert (await publisher.processing(draft(), made)).state is ProcessingState.PROCESSING
    with pytest.raises(PostRejected):
        await publisher.processing(draft(), PublishedPost(post_id="7"))


# --- answers the sandbox never gives --------------------------------------------------------------------------------


class Fixed:
    """One token, one account."""

    def __init__(self, external_id: str = "urn:li:organization:1") -> None:
        self.external_id = external_id

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        if rejected:
            raise NeedsAuthorization("no", field="account")
        return "SECRET-TOKEN"

    async def info(self, account: str) -> AccountInfo:
        return AccountInfo(platform=Platform.LINKEDIN, name=account, external_id=self.external_id)


def answering(*answers: httpx.Response | Exception, external_id: str = "urn:li:organization:1") -> LinkedInPublisher:
    """An adapter whose n-th request gets the n-th answer, and the last one from then on."""
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    return LinkedInPublisher(client, Fixed(external_id), retry_wait_s=0.0)


ARTICLE = draft(kind=PostKind.ARTICLE, link="https://example.org/")
SESSION = UploadSession(
    platform=Platform.LINKEDIN, account="org", total=0, state={"author": "urn:li:organization:1", "opened": 1.0}
)
NOTHING = httpx.Response(200, json={"elements": []})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(201), OutcomeUnknown),
        (httpx.Response(201, headers={"x-restli-id": "../../me"}), OutcomeUnknown),
        (httpx.Response(200, content=b"<html>Log in</html>"), OutcomeUnknown),
        (httpx.Response(302, headers={"location": "https://evil.example"}), OutcomeUnknown),
        (httpx.Response(500, json={"message": "m", "status": 500}), OutcomeUnknown),
        (httpx.Response(429, json={"message": "busy"}), OutcomeUnknown),
        (httpx.Response(400, content=b"[]"), OutcomeUnknown),
        (httpx.Response(403, content=b"<html>proxy</html>"), OutcomeUnknown),
        (httpx.ReadTimeout("x"), OutcomeUnknown),
        (httpx.WriteError("x"), OutcomeUnknown),
        (httpx.RemoteProtocolError("x"), OutcomeUnknown),
        (httpx.ConnectError("x"), PlatformTransient),
        (httpx.ConnectTimeout("x"), PlatformTransient),
        (httpx.Response(429, content=DAY.encode()), QuotaExhausted),
        (httpx.Response(422, json={"code": "FIELD_LENGTH_TOO_LONG", "message": "m"}), PostRejected),
        (httpx.Response(403, json={"code": "ACCESS_DENIED", "message": "m"}), NeedsAuthorization),
        (httpx.Response(401, json={"code": "REVOKED_ACCESS_TOKEN", "message": "m"}), NeedsAuthorization),
    ],
)
async def test_answers_to_the_post(answer: httpx.Response | Exception, kind: type[ReelwrightError]) -> None:
    row = Row(SESSION)
    with pytest.raises(kind) as caught:
        await answering(answer, NOTHING).publish(ARTICLE, SESSION, Files().files(), row.checkpoint)
    assert type(caught.value) is kind or kind is NeedsAuthorization
    assert row.session.state["tried"] is True and "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"value": {"video": "urn:li:video:1"}}),
        httpx.Response(404, content=b"<html>no such host</html>"),
        httpx.Response(503),
    ],
)
async def test_odd_answers_before_the_post(answer: httpx.Response) -> None:
    with pytest.raises(PlatformTransient):
        await answering(answer).begin(draft(), FACTS)
    video = SESSION.model_copy(update={"state": {**SESSION.state, "video": "urn:li:video:1"}})
    if answer.status_code != 200 or answer.content[:1] != b"{":
        with pytest.raises(PlatformTransient):
            await answering(answer).ready(draft(), video)
        with pytest.raises(PlatformTransient):
            await answering(answer).reconcile(ARTICLE, SESSION, NOW)


@pytest.mark.parametrize("elements", [None, "none", [], [None, 7], [{"id": 7, "author": []}]])
async def test_odd_listings_are_not_the_post(elements: Any) -> None:
    found = await answering(httpx.Response(200, json={"elements": elements})).reconcile(ARTICLE, SESSION, LONG_AGO)
    assert found.outcome == ("absent" if isinstance(elements, list) else "unknown")


@pytest.mark.parametrize("external_id", ["", "12345", "urn:li:sponsoredAccount:1", "urn:li:person:../x"])
async def test_an_account_needs_its_urn(external_id: str) -> None:
    with pytest.raises(NeedsAuthorization, match="urn:li:person"):
        await answering(NOTHING, external_id=external_id).begin(draft(), FACTS)


async def test_a_page_has_no_connections() -> None:
    with pytest.raises(PostRejected, match="connections"):
        await answering(NOTHING).begin(draft(privacy="connections"), FACTS)


async def test_nothing_secret_is_logged_or_sent_along(
    publisher: LinkedInPublisher, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.MonkeyPatch.context() as patch:
        sent: list[httpx.Request] = []
        send = httpx.AsyncClient.send

        async def spy(self: httpx.AsyncClient, request: httpx.Request, **rest: Any) -> httpx.Response:
            sent.append(request)
            return await send(self, request, **rest)

        patch.setattr(httpx.AsyncClient, "send", spy)
        await posted(publisher, draft())
    puts = [request for request in sent if request.method == "PUT"]
    assert len(puts) == 5 and not any("authorization" in request.headers for request in puts)
    assert {request.headers["content-type"] for request in puts} == {"application/octet-stream"}
    signatures = [re.search("sau=([0-9a-f]+)", str(request.url)) for request in puts]
    assert not [found for found in signatures if found is None or found[1] in caplog.text]
    assert "AQX-sandbox-" not in caplog.text


async def test_a_video_that_waits_for_ever_is_given_up(
    publisher: LinkedInPublisher, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    post = draft(caption="Hello", paid_partnership=True)
    row = await uploaded(publisher, post)
    assert "paid partnerships" in (await publisher.ready(post, row.session)).reason
    waiting = httpx.Response(200, json={"status": "WAITING_UPLOAD"})
    assert (await answering(waiting).ready(post, row.session)).state is ProcessingState.PROCESSING
    long_ago = row.session.model_copy(update={"state": {**row.session.state, "finalized": 1.0}})
    given_up = await answering(waiting).ready(post, long_ago)
    assert given_up.state is ProcessingState.FAILED and "REELWRIGHT_LINKEDIN_CAPTIONS=false" in given_up.reason


async def test_memory_is_one_part(publisher: LinkedInPublisher, sandbox: Sandbox) -> None:
    """The video is read no further than the part that is being sent."""
    files, ahead = Files(), list[int]()
    row = Row(await publisher.begin(draft(), FACTS))
    read = 0

    async def counted(offset: int) -> Any:
        nonlocal read
        async for block in files._video(offset):
            read += len(block)
            yield block

    class Told(Row):
        async def checkpoint(self, session: UploadSession, committed: int) -> None:
            await super().checkpoint(session, committed)
            ahead.append(read - committed)

    told = Told(row.session)
    source = files.files()
    await publisher.upload(draft(), told.session, type(source)(video=counted, read=source.read), told.checkpoint)
    assert max(ahead) <= 30_001 and read == len(VIDEO)
