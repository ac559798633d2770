"""A voice is cloned by a consent that holds, and by nothing else: PostgreSQL, and ElevenLabs' wire on loopback."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from control import consents
from control.studio import Books
from reelwright.domain.consents import Consent, voices_of
from reelwright.domain.errors import InvalidInput, ProviderRefused, ProviderUnavailable
from reelwright.providers.speech.cloud.cloning import clone, need_no_voice, recordings
from reelwright.providers.speech.cloud.elevenlabs import ElevenLabs
from reelwright.storage.audit import PostgresAudit
from starter import cloud_voices
from tests.unit.voice_vendors import KEY, Sounding, engine_of
from tests.vendor import Reply, Request, Vendor

NOW = datetime.now(UTC)


class Account:
    """An account at ElevenLabs that takes new voices."""

    def __init__(self) -> None:
        self.known = Sounding()
        self.reply = Reply({"voice_id": "NewVoiceNewVoice0000", "requires_verification": False})

    def __call__(self, request: Request) -> Any:
        return self.reply if request.path == "/v1/voices/add" else self.known.elevenlabs(request)


@pytest.fixture
def account() -> Iterator[tuple[Account, Vendor]]:
    account = Account()
    server = Vendor(account)
    yield account, server
    server.close()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Forty seconds of a sound."""
    path = tmp_path / "ben.wav"
    path.write_bytes(wav(40))
    return path


def wav(seconds: float, rate: int = 8_000) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        moments = np.arange(int(seconds * rate)) / rate
        file.writeframes((8_000 * np.sin(2 * np.pi * 200 * moments)).astype("<i2").tobytes())
    return buffer.getvalue()


async def consent(pool: Any, voice: str = "Ben Ott", **changes: Any) -> Consent:
    told = {"person": "Ben Ott", "use": "narrations", "document_sha256": "0" * 64, "by": "test", **changes}
    return await consents.add(Books(pool, SecretStr("")), voice=voice, **told)


async def test_a_voice_is_made_by_its_consent_and_is_on_record(
    pool: Any, account: tuple[Account, Vendor], recording: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    given = await consent(pool)
    _, server = account

    @asynccontextmanager
    async def opened() -> Any:
        yield Books(pool, SecretStr(""))

    monkeypatch.setattr(cloud_voices, "books", opened)
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    monkeypatch.setenv("REELWRIGHT_ELEVENLABS_BASE_URL", server.url)
    assert await cloud_voices.clone(given.id, [recording], by="ada", as_json=False) == 0
    assert "elevenlabs:Ben Ott is there" in capsys.readouterr().err
    [sent] = server.paid()
    assert sent.headers["content-type"].startswith("multipart/form-data") and sent.headers["xi-api-key"] == KEY
    assert b"RIFF" in sent.body and f"consent {given.id}".encode() in sent.body
    rows = [row for row in await PostgresAudit(pool).page(500) if row.subject == f"consent/{given.id}"]
    assert {row.action for row in rows} >= {"voice.clone", "voice.cloned"}
    assert voices_of("elevenlabs:eleven_v4 Ben Ott, piper joe, espeak-ng") == ["Ben Ott", "joe"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"voice": ""}, "covers pictures, not a voice"),
        ({"given": "2020-01-01", "expires": "2020-02-01"}, "expired at 2020-02-02"),
        ({"given": (NOW + timedelta(days=3)).date().isoformat()}, "holds only from"),
        ({"revoked": True}, "was revoked at"),
        (None, "there is no consent 987654"),
    ],
    ids=["of pictures", "expired", "not yet", "revoked", "none"],
)
async def test_without_a_consent_that_holds_nothing_is_sent(
    pool: Any,
    account: tuple[Account, Vendor],
    recording: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any] | None,
    line: str,
) -> None:
    _, server = account
    number = 987_654
    if changes is not None:
        revoked = changes.pop("revoked", False)
        number = (await consent(pool, **changes)).id
        if revoked:
            await consents.revoke(Books(pool, SecretStr("")), number, by="test")

    @asynccontextmanager
    async def opened() -> Any:
        yield Books(pool, SecretStr(""))

    monkeypatch.setattr(cloud_voices, "books", opened)
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    monkeypatch.setenv("REELWRIGHT_ELEVENLABS_BASE_URL", server.url)
    with pytest.raises(InvalidInput, match=line) as caught:
        await cloud_voices.clone(number, [recording], by="ada", as_json=False)
    assert caught.value.field == "consent" and not server.paid()


async def test_the_function_itself_refuses_too(pool: Any, account: tuple[Account, Vendor]) -> None:
    _, server = account
    engine = engine_of("elevenlabs", server)
    assert isinstance(engine, ElevenLabs)
    given = await consent(pool, given="2020-01-01", expires="2020-02-01")
    with pytest.raises(InvalidInput, match="expired"):
        await clone(engine, given, [("a.wav", b"RIFF")], NOW)
    assert not server.requests


async def test_a_name_that_is_there_is_not_taken_twice(account: tuple[Account, Vendor]) -> None:
    engine = engine_of("elevenlabs", account[1])
    assert isinstance(engine, ElevenLabs)
    with pytest.raises(InvalidInput, match="has a voice 'Anna Smith'"):
        await need_no_voice(engine, "Anna Smith")
    with pytest.raises(InvalidInput, match="cannot be the name"):
        await need_no_voice(engine, "a, b")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply({"detail": {"status": "missing_permissions", "message": "no"}}, 401), ProviderRefused),
        (Reply({}), ProviderUnavailable),
        (Reply("<html>"), ProviderUnavailable),
    ],
    ids=["not allowed", "no id", "nonsense"],
)
async def test_a_provider_that_fails(
    pool: Any, account: tuple[Account, Vendor], reply: Reply, error: type[Exception]
) -> None:
    told, server = account
    told.reply = reply
    engine = engine_of("elevenlabs", server)
    assert isinstance(engine, ElevenLabs)
    with pytest.raises(error):
        await clone(engine, await consent(pool), [("a.wav", b"RIFF")], NOW)


def test_recordings_are_looked_at_first(tmp_path: Path) -> None:
    short, text, gone = tmp_path / "short.wav", tmp_path / "text.wav", tmp_path / "gone.wav"
    short.write_bytes(wav(5))
    text.write_text("this is no sound")
    for paths, line in [
        ([], "0 recordings"),
        ([short], "5 s of speech are too little"),
        ([text], "text.wav: what it sent is no sound"),
        ([gone], "gone.wav cannot be read"),
    ]:
        with pytest.raises(InvalidInput, match=line) as caught:
            recordings(paths)
        assert caught.value.field == "recording"


async def test_the_voices_of_an_account_are_listed(
    account: tuple[Account, Vendor], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    monkeypatch.setenv("REELWRIGHT_ELEVENLABS_BASE_URL", account[1].url)
    assert await cloud_voices.list_voices("elevenlabs", as_json=True) == 0
    said = capsys.readouterr().out
    assert "elevenlabs:Anna Smith" in said and "elevenlabs:JBFqnCBsd6RMkjVDRZzb" in said and KEY not in said
    monkeypatch.setenv("ELEVENLABS_API_KEY", "")
    with pytest.raises(InvalidInput) as caught:
        await cloud_voices.list_voices("elevenlabs", as_json=True)
    assert caught.value.field == "ELEVENLABS_API_KEY"
    monkeypatch.setenv("ELEVENLABS_API_KEY", KEY)
    monkeypatch.setenv("REELWRIGHT_ELEVENLABS_FORMAT", "loud")
    with pytest.raises(InvalidInput) as caught:
        await cloud_voices.list_voices("elevenlabs", as_json=True)
    assert caught.value.field == "REELWRIGHT_ELEVENLABS_FORMAT"
