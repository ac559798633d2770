"""What is altered after the approval blocks the publication: the real activities on PostgreSQL, with a media store in a
folder and on a real S3 server."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from control import consents
from control import evidence as control
from control.studio import Books
from reelwright.domain.assets import AssetRef
from reelwright.domain.consents import Consent
from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import InvalidInput, PostRejected
from reelwright.domain.evidence import EvidenceRow, Noted, Rights
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import PublishTask
from reelwright.platforms.common.http import guarded_client
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.consents import PostgresConsents
from reelwright.storage.evidence import PostgresEvidence
from reelwright.storage.media import LocalMediaStore
from reelwright.storage.s3 import S3MediaStore
from tests.servers import S3

from ..conftest import Sandbox
from ..storage.filing import approve, fresh
from .posting_kit import Bench

REPLICA = "set local session_replication_role = replica"
"""As a superuser may: triggers do not fire."""


class Desk:
    """A content with all that a video is made of, on record as the makers put it there, and its approved post."""

    def __init__(self, bench: Bench, store: LocalMediaStore | S3MediaStore, service: S3 | None) -> None:
        self.bench, self.store, self._service, self.pool = bench, store, service, bench.pool
        self.activities = dataclasses.replace(bench.activities, media=store, evidence=PostgresEvidence(bench.pool))
        self.refs: dict[str, AssetRef] = {}

    async def put(self, name: str, media_type: str, size: int = 2_000) -> AssetRef:
        data = hashlib.shake_256(f"{self.bench.content} {name}".encode()).digest(size)
        self.refs[name] = await self.store.put_bytes(data, media_type)
        return self.refs[name]

    async def record(self, step: str, *noted: Noted, provider: str = "local", usd: float = 0.0) -> None:
        await PostgresCatalog(self.pool).record_result(
            f"{self.bench.content}/{step}", content_id=self.bench.content, step=step, result_json="{}", assets=(),
            provider=provider, usd=usd, noted=noted,
        )  # fmt: skip

    async def task(self) -> PublishTask:
        task = await self.bench.task(Platform.YOUTUBE, await self.bench.account(Platform.YOUTUBE))
        own = await self.put("own", "image/png")
        picture, voice = await self.put("picture", "image/png"), await self.put("voice", "audio/wav")
        still, track = await self.put("thumbnail", "image/jpeg"), await self.put("captions", "application/x-subrip")
        video = await self.put("video", "video/mp4", 200_000)
        parts = (own.sha256, picture.sha256, voice.sha256)
        await self.record("own", Noted(kind="own", file=own, name="beach.png"), provider="own")
        drawn = Noted(kind="picture", file=picture, scene=1, prompt="a lighthouse", seed=7)
        await self.record("images", drawn, provider="openai:img-1", usd=0.04)
        await self.record("speech", Noted(kind="narration", file=voice, scene=0), provider="piper anna")
        await self.record("join", Noted(kind="video", file=video, format="9:16", made_of=parts))
        await self.record("thumbnails", Noted(kind="thumbnail", file=still, format="9:16", made_of=parts[1:2]))
        await self.record("captions", Noted(kind="captions", file=track, language="en"))
        assert task.video is not None
        tracks = (CaptionFile(language="en", kind="srt", file=track),)
        task = task.model_copy(
            update={
                "video": task.video.model_copy(update={"file": video}),
                "draft": task.draft.model_copy(update={"thumbnail": still, "captions": tracks}),
            }
        )
        await approve(self.pool, task)
        return task

    async def run(self, step: str, task: PublishTask) -> Any:
        return await self.bench.run(getattr(self.activities, step), task)

    async def refused(self, step: str, task: PublishTask) -> PostRejected:
        with pytest.raises(PostRejected) as caught:
            await self.run(step, task)
        assert await self.bench.there(task) == []
        return caught.value

    def overwrite(self, name: str, data: bytes) -> None:
        ref = self.refs[name]
        if isinstance(self.store, LocalMediaStore):
            (self.store.root / ref.key).write_bytes(data)
        else:
            assert self._service is not None
            key = self.store.prefix + ref.key
            self._service.client().put_object(Bucket=self._service.bucket, Key=key, Body=data)

    async def tamper(self, statement: str) -> None:
        """A change of this content's rows that the triggers do not see."""
        where = f"where content_id = '{self.bench.content}' and kind"
        names = {"rows": f"evidence {where}", "set": "evidence set", "where": where}
        await self.pool.execute(f"{REPLICA}; {statement.format(content=self.bench.content, **names)}")

    async def declare(
        self, name: str, licence: str, expires_at: datetime | None = None, consent: int | None = None
    ) -> None:
        rights = Rights(licence=licence, expires_at=expires_at, consent=consent)
        await PostgresConsents(self.pool).declare(self.refs[name].sha256, rights, by="ana")

    async def consent(self, voice: str = "", **changes: Any) -> Consent:
        told = {"person": "Anna", "use": "our channel", "document_sha256": "d" * 64, "by": "ben", **changes}
        return await consents.add(Books(self.pool, SecretStr("")), voice=voice, **told)


@pytest.fixture
async def bench(sandbox: Sandbox, pool: Any, content: str, tmp_path: Path) -> AsyncIterator[Bench]:
    async with guarded_client(trust_env=False, timeout=300, verify=False) as client:
        bench = Bench(sandbox, pool, content, tmp_path, client)
        yield bench
        await bench.clear()


@pytest.fixture(params=["folder", "s3"])
def stored(request: pytest.FixtureRequest, bench: Bench) -> Desk:
    if request.param == "folder":
        return Desk(bench, bench.media, None)
    service: S3 = request.getfixturevalue("s3")
    keys = {"access_key": service.access_key, "secret_key": service.secret_key}
    return Desk(bench, S3MediaStore(service.bucket, fresh(), service.endpoint, **keys), service)  # type: ignore[arg-type]


@pytest.fixture
def desk(bench: Bench) -> Desk:
    return Desk(bench, bench.media, None)


@pytest.mark.parametrize("name", ["video", "thumbnail", "captions"])
async def test_a_file_altered_after_approval_is_not_posted(stored: Desk, name: str) -> None:
    task = await stored.task()
    await stored.run("prepare_post", task)
    size = stored.refs[name].size
    for data in (b"x" * size, b"x" * (size - 1)):
        stored.overwrite(name, data)
        error = await stored.refused("upload_video", task)
        assert error.field == "evidence" and f"the {name}" in error.message and "approved" in error.message
        assert "reelwright retry" in error.remedy
    original = hashlib.shake_256(f"{stored.bench.content} {name}".encode()).digest(size)
    stored.overwrite(name, original)  # put back
    await stored.run("upload_video", task)
    await stored.run("read_ready", task)
    assert (await stored.run("publish_video", task)).post_id


async def test_a_text_or_a_thumbnail_altered_after_approval_is_not_posted(desk: Desk) -> None:
    task = await desk.task()
    other = await desk.put("other", "image/jpeg")
    await desk.record("other", Noted(kind="thumbnail", file=other))
    for change in ({"title": "Another"}, {"caption": "Another"}, {"thumbnail": other}, {"thumbnail": None}):
        changed = task.model_copy(update={"draft": task.draft.model_copy(update=change)})
        assert (await desk.refused("prepare_post", changed)).field == "approval"
    await desk.run("prepare_post", task)
    for step in ("upload_video", "publish_video"):
        assert (await desk.refused(step, changed)).field == "approval"
    await desk.run("upload_video", task)


@pytest.mark.parametrize(
    "statement, why",
    [  # of this content's rows
        ("delete from {rows} = 'picture'", "there is none of the part of"),
        ("delete from {rows} = 'thumbnail'", "there is none of the thumbnail"),
        ("delete from {rows} = 'video'", "there is none of the video"),
        ("update {set} row = replace(row::text, 'openai:img-1', 'drawn')::json {where} = 'picture'", "was altered"),
        ("update {set} prompt = 'a boat' {where} = 'picture'", "was altered after"),
        ("update {set} row = '[]' {where} = 'picture'", "was altered after"),
        ("update {set} row = replace(row::text, '9:16', '1:1')::json {where} = 'video'", "that of the video"),
        ("update {set} kind = 'decision' {where} = 'narration'", "there is none"),
    ],
)  # fmt: skip
async def test_evidence_that_is_missing_or_altered_blocks_the_post(desk: Desk, statement: str, why: str) -> None:
    task = await desk.task()
    await desk.run("prepare_post", task)
    await desk.run("upload_video", task)
    await desk.tamper(statement)
    for step in ("prepare_post", "publish_video"):
        error = await desk.refused(step, task)
        assert error.field == "evidence" and why in error.message, error
        assert f"reelwright evidence {task.content_id}" in error.remedy


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    "licence, expires_at, why",
    [
        ("CC-BY-NC-4.0", None, "forbids commercial use"),
        ("CC-BY-ND-4.0", None, "forbids to adapt it"),
        ("all-rights-reserved", None, "forbids commercial use"),
        ("whatever-1.0", None, "not known here"),
        ("CC-BY-4.0", NOW - timedelta(days=1), "expired at"),
        ("CC-BY-4.0", NOW + timedelta(days=1), ""),
        ("CC0-1.0", None, ""),
    ],
)
async def test_a_licence_that_forbids_the_use_blocks_the_post(
    desk: Desk, licence: str, expires_at: datetime | None, why: str
) -> None:
    task = await desk.task()
    await desk.declare("own", licence, expires_at)
    if not why:
        await desk.run("prepare_post", task)
        return
    error = await desk.refused("prepare_post", task)
    assert error.field == "evidence" and why in error.message and "beach.png" in error.message
    await desk.declare("own", "licensed")  # the last declaration counts
    await desk.run("prepare_post", task)


@pytest.mark.parametrize(
    ("licence", "why"), [("CC-BY-ND-4.0", ""), ("own", ""), ("CC-BY-NC-ND-4.0", "forbids commercial use")]
)
async def test_a_finished_video_that_is_posted_as_it_is_was_not_adapted(desk: Desk, licence: str, why: str) -> None:
    task = await desk.task()
    clip = await desk.put("clip", "video/mp4")
    own = Noted(kind="own", file=clip, name="clip.mp4")
    await desk.record("clip", own, Noted(kind="video", file=clip, format="9:16"), provider="own")
    frame = await desk.put("still", "image/jpeg")
    await desk.record("frame", Noted(kind="thumbnail", file=frame, made_of=(clip.sha256,)))
    assert task.video is not None
    draft = task.draft.model_copy(update={"thumbnail": frame, "captions": ()})
    video = task.video.model_copy(update={"file": clip})
    task = task.model_copy(update={"video": video, "draft": draft})
    await approve(desk.pool, task)
    await desk.declare("clip", licence)
    if why:
        assert why in (await desk.refused("prepare_post", task)).message
    else:
        await desk.run("prepare_post", task)


TODAY = NOW.date()


@pytest.mark.parametrize("end", ["revoked", "expired", "not yet"])
async def test_a_picture_whose_consent_has_ended_blocks_the_post(desk: Desk, end: str) -> None:
    task = await desk.task()
    days = {"given": (TODAY - timedelta(days=9)).isoformat(), "expires": (TODAY - timedelta(days=2)).isoformat()}
    later = {"given": (TODAY + timedelta(days=2)).isoformat()}
    consent = await desk.consent(**{"revoked": {}, "expired": days, "not yet": later}[end])
    await desk.declare("own", "own", consent=consent.id)
    if end == "revoked":
        await desk.run("prepare_post", task)
        await desk.run("upload_video", task)
        books = Books(desk.pool, SecretStr(""))
        for note in ("she left", "again"):
            ended = await consents.revoke(books, consent.id, by="cem", note=note)
        assert (ended.revoked_by, ended.note) == ("cem", "she left")
    why = {"revoked": "was revoked at", "expired": "expired at", "not yet": "holds only from"}[end]
    for step in ("prepare_post", *(["publish_video"] if end == "revoked" else [])):
        error = await desk.refused(step, task)
        assert error.field == "evidence" and why in error.message and "Anna" in error.message, error
    await desk.declare("own", "own", consent=(await desk.consent()).id)  # another one
    await desk.run("prepare_post", task)


async def test_a_cloned_voice_is_heard_only_while_its_consent_holds(desk: Desk) -> None:
    task, voice = await desk.task(), fresh()
    await desk.tamper("delete from {rows} = 'narration' and row::text like '%piper anna%'")
    await desk.record(
        "speech-again", Noted(kind="narration", file=desk.refs["voice"], scene=0), provider=f"piper {voice}"
    )
    await desk.run("prepare_post", task)  # no consent was recorded: it is a voice like another
    first = await desk.consent(voice)
    await desk.run("prepare_post", task)
    books = Books(desk.pool, SecretStr(""))
    await consents.revoke(books, first.id, by="cem")
    error = await desk.refused("prepare_post", task)
    assert "was revoked at" in error.message and "narration scene 1" in error.message
    await desk.consent(voice)
    await desk.run("prepare_post", task)
    told = await desk.pool.fetch(
        "select action, who from audit where subject = $1 order by sequence", f"consent/{first.id}"
    )
    assert [tuple(row) for row in told] == [("consent.add", "ben"), ("consent.revoke", "cem")]


@pytest.mark.parametrize(
    "change, field",
    [
        ({"person": " "}, "person"), ({"use": ""}, "use"), ({"expires": "soon"}, "expires"),
        ({"given": "2026-02-30"}, "given"), ({"given": "2026-12-02", "expires": "2026-12-01"}, "expires"),
        ({"expires": "9999-12-31"}, "expires"),
    ],
)  # fmt: skip
async def test_a_consent_that_cannot_be_is_refused(desk: Desk, change: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await desk.consent(**change)
    assert caught.value.field == field


async def test_a_declaration_names_a_licence_and_a_consent_that_are_known(desk: Desk) -> None:
    books, sha256 = Books(desk.pool, SecretStr("")), "e" * 64
    told = await consents.declare(books, sha256, licence="cc-by-4.0", expires="2026-12-31", by="ana")
    assert told.licence == "CC-BY-4.0" and told.expires_at == datetime(2027, 1, 1, tzinfo=UTC)
    with pytest.raises(InvalidInput, match="no licence that is known here"):
        await consents.declare(books, sha256, licence="mine", by="ana")
    for wrong in (2**40, 0):
        with pytest.raises(InvalidInput, match="there is no consent"):
            await consents.declare(books, sha256, licence="own", consent=wrong, by="ana")
        with pytest.raises(InvalidInput, match="there is no consent"):
            await consents.revoke(books, wrong, by="ana")


async def test_a_content_of_an_earlier_release_is_posted_without(desk: Desk) -> None:
    task = await desk.task()
    await desk.tamper("delete from evidence where content_id = '{content}'")
    assert "there is none" in (await desk.refused("prepare_post", task)).message
    await desk.tamper("update content set evidence = false where id = '{content}'")
    await desk.run("prepare_post", task)


async def test_the_document_has_all_of_it_and_names_what_was_altered(desk: Desk) -> None:
    task = await desk.task()
    books = Books(desk.pool, SecretStr(""))
    document = await control.evidence(books, f"content-{task.content_id}")
    assert document.required and document.content_id == task.content_id
    kinds = [row.kind for row in document.rows]
    assert kinds == ["decision", "own", "picture", "narration", "video", "thumbnail", "captions"]
    decision, own, picture, narration, video, *_ = document.rows
    assert decision.details == {"kind": "review", "decision": "approve", "by": "ana", "note": ""}
    assert (own.licence, narration.licence, video.licence) == ("own", "voice-model", "none-owed")
    assert (picture.provider, picture.model, picture.usd, picture.seed) == ("openai:img-1", "img-1", 0.04, 7)
    assert picture.prompt == "a lighthouse" and picture.licence == "provider-terms"
    assert picture.sha256 == desk.refs["picture"].sha256 and picture.bytes == 2_000
    assert set(video.made_of) >= {own.sha256, picture.sha256}
    read = [EvidenceRow.model_validate_json(row.model_dump_json()) for row in document.rows]
    assert all(row.whole for row in read) and not document.altered  # a reader can compute the digests, too
    await desk.tamper(
        "update evidence set row = replace(row::text, '0.04', '0.01')::json where content_id = '{content}'"
    )
    document = await control.evidence(books, task.content_id)
    assert [document.rows[number].kind for number in document.altered] == ["picture"]
    for unknown in ("nothing", "nothing\0"):
        with pytest.raises(InvalidInput, match="there is no content"):
            await control.evidence(books, unknown)


async def test_the_database_keeps_the_rows_and_lets_a_prompt_be_erased(desk: Desk) -> None:
    task = await desk.task()
    for statement in (
        "update evidence set row = '{}'", "update evidence set prompt = null", "delete from evidence",
        "truncate evidence",
        "set local reelwright.erasing = 'on'; delete from evidence",
        "set local reelwright.erasing = 'on'; update evidence set prompt = 'another'",
        "set local reelwright.erasing = 'on'; update evidence set prompt = null, kind = 'own'",
    ):  # fmt: skip
        with pytest.raises(asyncpg.RestrictViolationError):
            await desk.pool.execute(statement)
    await desk.pool.execute(
        "set local reelwright.erasing = 'on'; "
        f"update evidence set prompt = null where content_id = '{task.content_id}' and kind = 'picture'"
    )
    document = await control.evidence(Books(desk.pool, SecretStr("")), task.content_id)
    picture = next(row for row in document.rows if row.kind == "picture")
    assert picture.prompt is None and picture.prompt_sha256 and not document.altered
    await desk.run("prepare_post", task)


async def test_what_is_recorded_twice_has_one_row(desk: Desk) -> None:
    picture = await desk.put("picture", "image/png")
    for _ in range(2):
        await desk.record("images", Noted(kind="picture", file=picture, prompt="x"), provider="drawn")
    [document] = await PostgresEvidence(desk.pool).document(desk.bench.content)
    assert [(row.kind, row.licence) for row in document.rows] == [("picture", "none-owed")]
