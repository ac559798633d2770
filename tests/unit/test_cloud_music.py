"""What every composer in the cloud does, against stand-ins of ElevenLabs and Mubert."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from reelwright.domain.costs.money import Money
from reelwright.domain.costs.prices import PriceTable, UnitEntry
from reelwright.domain.errors import InvalidInput, ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.making import Score
from reelwright.providers.music.cloud import mubert
from reelwright.providers.music.cloud.prompts import prompt_of
from reelwright.providers.music.cloud.seamless import blended
from tests.stand_ins.music import KEY, MusicTwin, mp3, music_of
from tests.stand_ins.server import CHALLENGE, Answer

COMPOSERS = ("elevenlabs", "mubert")
MUSIC = mp3(3.0, fade_s=1.0)


@pytest.fixture(params=COMPOSERS)
def twin(request: pytest.FixtureRequest) -> Iterator[MusicTwin]:
    with music_of(request.param, MUSIC) as made:
        yield made


def prices() -> PriceTable:
    rows = (("elevenlabs:music_v2", "second", "0.0115"), ("mubert", "track", "0.10"))
    fields = ("name", "unit", "usd")
    return PriceTable(
        units=[UnitEntry.model_validate({**dict(zip(fields, row, strict=True)), "from": date.min}) for row in rows]
    )


def samples_of(score: Score) -> np.ndarray:
    with wave.open(io.BytesIO(score.wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 48_000)
        assert file.getnframes() == pytest.approx(score.duration_s * 48_000, abs=1)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)


async def test_a_score_is_a_loop_at_48_khz(twin: MusicTwin) -> None:
    composer = twin.composer(prices())
    score = await composer.compose("calm", duration_s=30.0, seed=1)
    samples = samples_of(score)
    assert 1.0 < score.duration_s < 3.0, "what fades away lies under the beginning"
    level = np.sqrt(np.square(samples[: 48_000 // 10]).mean()), np.sqrt(np.square(samples[-48_000 // 10 :]).mean())
    assert level[0] == pytest.approx(level[1], rel=0.5), "it does not die away before it begins again"
    step = np.abs(samples[0] - samples[-1]).max()
    assert step < 3 * np.abs(np.diff(samples, axis=0)).max()
    assert score.usd > 0 and "no vocals" in score.prompt and score.request_id


async def test_it_costs_what_the_table_says(twin: MusicTwin) -> None:
    composer = twin.composer(prices())
    estimate = composer.estimate("calm", duration_s=30.0)
    score = await composer.compose("calm", duration_s=30.0, seed=1)
    assert estimate.priced and estimate.worst == Money.of(str(score.usd))
    if twin.name == "elevenlabs":
        assert not twin.composer(model="music_of_tomorrow").estimate("calm", duration_s=30.0).priced


@pytest.mark.parametrize(
    "data",
    [b"", b"no sound at all", mp3(3.0, level=0.0), mp3(0.4), MUSIC[:300]],
    ids=("nothing", "no sound", "silent", "short", "cut off"),
)
async def test_what_is_no_music_is_an_error_that_was_paid_for(twin: MusicTwin, data: bytes) -> None:
    twin.data = data
    with pytest.raises((ProviderRefused, ProviderUnavailable)) as caught:
        await twin.composer(prices()).compose("calm", duration_s=30.0, seed=1)
    assert caught.value.usd > 0 and len(twin.charged) == 1
    if data or twin.name == "elevenlabs":  # a download that brings nothing may bring something the next time
        assert isinstance(caught.value, ProviderRefused) and caught.value.why == "nonsense", "it is not bought again"


@pytest.mark.parametrize(
    "answer, error, why",
    [
        (Answer.of({"detail": {"status": "x", "message": f"key {KEY}"}}, 401), ProviderRefused, "key"),
        (Answer.of({"detail": {"status": "quota_exceeded"}}, 402), ProviderRefused, "credit"),
        (Answer.of({"detail": [{"msg": "too long"}]}, 422), ProviderRefused, "input"),
        (Answer.of({"detail": {"status": "too_many_concurrent_requests"}}, 429), ProviderUnavailable, None),
        (Answer.of({}, 500), ProviderUnavailable, None),
        (CHALLENGE, ProviderRefused, "blocked"),
        (Answer(200, b'{"hello"', {"Content-Type": "application/json"}), ProviderUnavailable, None),
        (Answer(200, MUSIC[:100], {"Content-Type": "audio/mpeg"}, announced=len(MUSIC)), ProviderUnavailable, None),
    ],
    ids=("401", "402", "422", "429", "500", "challenge", "nonsense", "cut off"),
)
async def test_every_refusal_is_typed(twin: MusicTwin, answer: Answer, error: type, why: str | None) -> None:
    twin.server.next = [answer]
    with pytest.raises(error) as caught:
        await twin.composer(prices()).compose("calm", duration_s=30.0, seed=1)
    assert KEY not in str(caught.value) and getattr(caught.value, "why", None) == why


async def test_a_mood_that_is_none_and_a_length_that_is_none_are_refused(twin: MusicTwin) -> None:
    for mood, length, field in (("loud", 30.0, "mood"), ("calm", 0.0, "duration_s"), ("calm", np.nan, "duration_s")):
        with pytest.raises(InvalidInput) as caught:
            await twin.composer().compose(mood, duration_s=length, seed=1)
        assert caught.value.field == field
    assert twin.charged == []


# --- ElevenLabs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted, asked", [(1.0, 3_000), (31.4, 31_400), (5_000.0, 120_000)])
async def test_elevenlabs_is_asked_for_an_instrumental_of_a_length_it_makes(wanted: float, asked: int) -> None:
    with music_of("elevenlabs", MUSIC) as twin:
        await twin.composer().compose("epic", duration_s=wanted, seed=1)
        (body,) = twin.charged
        assert body == {
            "prompt": prompt_of("epic"),
            "music_length_ms": asked,
            "model_id": "music_v2",
            "force_instrumental": True,
        }


async def test_elevenlabs_is_paid_for_the_milliseconds_that_it_was_asked_for() -> None:
    with music_of("elevenlabs", MUSIC) as twin:
        score = await twin.composer(prices()).compose("epic", duration_s=23 / 2.6, seed=1)
        second = (await twin.composer(prices()).compose("epic", duration_s=100.0, seed=1)).usd / 100
        assert twin.charged[0]["music_length_ms"] == 8_846 and score.usd == pytest.approx(8.846 * second, abs=1e-9)


@pytest.mark.parametrize(
    "status, code, why",
    [(401, "quota_exceeded", "credit"), (422, "bad_prompt", "policy"), (400, "bad_prompt", "policy")],
)
async def test_elevenlabs_refusals_are_told_by_their_code(status: int, code: str, why: str) -> None:
    with music_of("elevenlabs", MUSIC) as twin:
        twin.server.next = [Answer.of({"detail": {"status": code, "message": "no"}}, status)]
        with pytest.raises(ProviderRefused) as caught:
            await twin.composer().compose("calm", duration_s=30.0, seed=1)
        assert caught.value.why == why


@pytest.mark.parametrize(
    "kind, known",
    [("text/html; charset=utf-8", True), ("application/json", False), ("text/plain", False), ("image/png", False)],
)
async def test_what_elevenlabs_does_not_call_a_sound_is_not_paid_for(kind: str, known: bool) -> None:
    with music_of("elevenlabs", MUSIC) as twin:
        twin.server.next = [Answer(200, b"hello", {"Content-Type": kind})]
        with pytest.raises((ProviderRefused, ProviderUnavailable)) as caught:
            await twin.composer(prices()).compose("calm", duration_s=30.0, seed=1)
    assert (caught.value.usd, caught.value.cost_known) == (0.0, known), "a page is a gatekeeper's; else nobody knows"


async def test_elevenlabs_sound_without_a_type_is_taken() -> None:
    with music_of("elevenlabs", MUSIC) as twin:
        twin.server.next = [Answer(200, MUSIC, {"Content-Type": "application/octet-stream"})]
        assert (await twin.composer(prices()).compose("calm", duration_s=30.0, seed=1)).usd > 0


# --- Mubert ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("finished", ("done", "completed", "DONE"))
async def test_mubert_spells_its_states_in_several_ways(finished: str) -> None:
    with music_of("mubert", MUSIC) as twin:
        twin.finished = finished
        await twin.composer().compose("sad", duration_s=500.0, seed=1)
        (body,) = twin.charged
        assert len(body["prompt"]) <= 200 and body["duration"] == 120 and body["intensity"] == "low"


async def test_a_track_that_fails_or_never_comes_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with music_of("mubert", MUSIC) as twin:
        twin.states = ["pending", "failed"]
        with pytest.raises(ProviderRefused, match="failed"):
            await twin.composer().compose("sad", duration_s=30.0, seed=1)
        twin.states = ["pending"] * 1_000
        monkeypatch.setattr(mubert, "PATIENCE_S", 0.05)
        with pytest.raises(ProviderUnavailable, match="not made within"):
            await twin.composer().compose("sad", duration_s=30.0, seed=1)


async def test_what_muberts_licence_does_not_include_is_final() -> None:
    with music_of("mubert", MUSIC) as twin:
        twin.server.next = [Answer.of({"error": {"code": "LicenseForbiddenTrackLimit", "message": "no"}}, 403)]
        with pytest.raises(ProviderRefused, match="LicenseForbiddenTrackLimit") as caught:
            await twin.composer().compose("sad", duration_s=30.0, seed=1)
        assert caught.value.why == "credit"


async def test_a_track_that_has_expired_is_made_anew_and_its_address_is_not_shown() -> None:
    with music_of("mubert", MUSIC) as twin:
        twin.file = Answer(410, b"")
        with pytest.raises(ProviderUnavailable) as caught:
            await twin.composer(prices()).compose("sad", duration_s=30.0, seed=1)
        assert caught.value.usd == pytest.approx(0.10) and "signature" not in str(caught.value)


# --- the loop --------------------------------------------------------------------------------------------------------


def test_blending_keeps_power_and_joins_the_end_to_the_beginning() -> None:
    rng = np.random.default_rng(1)
    piece = rng.normal(0, 1_000, (48_000, 2)).astype(np.float32)
    looped = blended(piece, 4_800)
    assert len(looped) == 43_200 and np.array_equal(looped[4_800:], piece[4_800:43_200])
    assert np.abs(looped[0] - piece[43_200]).max() < 5, "the loop goes on with what came after its end"
    assert np.std(looped[:4_800]) == pytest.approx(1_000, rel=0.05)
    assert blended(piece, 0) is piece and len(blended(piece, 40_000)) == 36_000
