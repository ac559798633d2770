"""One contract for the voices of all vendors, against loopback servers that speak their wire shapes."""

from __future__ import annotations

import io
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reelwright.domain.content.voice import CastTurn, Delivery, VoiceChoice
from reelwright.domain.costs.money import Money
from reelwright.domain.costs.prices import PriceEntry, PriceTable
from reelwright.domain.errors import InvalidInput, ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.providing import PricedIllustrator, PricedSpeaker
from reelwright.providers.common.lifecycles import need_alive
from reelwright.providers.common.spec import Tools
from reelwright.providers.images.specs import SPECS as PICTURES
from reelwright.providers.speech.cloud import azure_batch, engine, speaker
from reelwright.providers.speech.sound import wav_bytes
from reelwright.providers.speech.specs import SPECS
from tests.vendor import HANG_UP, Reply, Request, Vendor

from .voice_vendors import (
    CLONE,
    KEY,
    MODELS,
    TIMED,
    VENDORS,
    Jobs,
    Sounding,
    answer_of,
    at,
    refusals,
    speaker_of,
    spoken,
)

TEXT = "The octopus has three hearts, and two of them stop when it swims."
PRICE = round(len(TEXT) * 0.0001, 6)

Serve = Callable[[Any], Vendor]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts servers, and ends them with the test."""
    monkeypatch.setattr(azure_batch, "FIRST_S", 0.01)
    servers: list[Vendor] = []

    def start(answer: Any) -> Vendor:
        servers.append(Vendor(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def well(vendor: str, **sounding: Any) -> Any:
    return answer_of(vendor, Sounding(**sounding))


def instead(vendor: str, reply: Any) -> Any:
    """Free questions are answered well; those that are paid for by `reply`."""
    good = well(vendor)

    def answer(request: Request) -> Any:
        wrong = request.method == "PUT" if vendor == "azure" else request.method == "POST"
        return reply if wrong else good(request)

    return answer


# --- what is right ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_text_is_spoken_with_its_words_and_its_price(vendor: str, serve: Serve) -> None:
    server = serve(well(vendor))
    speaker = speaker_of(vendor, server)
    assert isinstance(speaker, PricedSpeaker)
    speech = await speaker.speak(TEXT, language="en")
    with wave.open(io.BytesIO(speech.wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 48_000)
        assert file.getnframes() / 48_000 == speech.duration_s
    assert [word.text for word in speech.words] == TEXT.split()
    ends = [moment for word in speech.words for moment in (word.start, word.end)]
    assert ends == sorted(ends) and ends[0] >= 0 and ends[-1] <= speech.duration_s
    off = [abs(word.start - right.start) for word, right in zip(speech.words, spoken(TEXT)[1], strict=True)]
    assert float(np.median(off)) < (0.02 if vendor in TIMED else 0.08), off
    assert speech.timing == ("provider" if vendor in TIMED else "aligned")
    assert (speech.certainty is None) == (vendor in TIMED)
    assert speech.usd == pytest.approx(PRICE) and speech.request_id
    assert len(server.paid()) == 1
    assert speaker.estimate(TEXT, language="en", delivery=Delivery()).worst == Money.at_least(PRICE)
    by = speaker.spoken_by("en")
    assert by.provider == f"{vendor.partition('-')[0]}:{MODELS[vendor]} {speaker.engine.default}"
    assert KEY not in repr((by, speech.request_id, vars(speaker.engine)))


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_voice_and_a_model_are_looked_at_for_nothing(vendor: str, serve: Serve) -> None:
    server = serve(well(vendor))
    speaker = speaker_of(vendor, server)
    await speaker.ready("en")
    asked = len(server.requests)
    await speaker.ready("en")
    assert len(server.requests) == asked and not server.paid()
    assert (await speaker.voices())[0].id
    assert speaker.own_voice("en").startswith(f"{speaker.engine.vendor}:")


@pytest.mark.parametrize("vendor", VENDORS)
async def test_speed_and_pitch_are_heard_and_the_words_stay_in_place(vendor: str, serve: Serve) -> None:
    own = vendor.startswith("azure")  # does both itself: what comes back is taken as it is
    server = serve(well(vendor))
    speaker = speaker_of(vendor, server)
    delivery = Delivery(choice=VoiceChoice(speed=1.5, pitch=2))
    speech = await speaker.speak(TEXT, language="en", delivery=delivery)
    plain, words = spoken(TEXT)
    left = 1.0 if own else 1.5 / (1.2 if vendor == "elevenlabs" else 1.0)
    assert speech.duration_s == pytest.approx(plain.size / 48_000 / left, rel=0.03)
    middle = len(words) // 2
    assert speech.words[middle].start == pytest.approx(words[middle].start / left, abs=0.12)
    assert speaker.spoken_by("en", delivery) != speaker.spoken_by("en")
    if own:
        assert b"+50%" in server.paid()[0].body and b"+2st" in server.paid()[0].body


@pytest.mark.parametrize("vendor", VENDORS)
async def test_two_speakers_of_a_dialogue(vendor: str, serve: Serve) -> None:
    server = serve(well(vendor))
    speaker = speaker_of(vendor, server)
    turns = (CastTurn(first=0), CastTurn(first=4, choice=VoiceChoice(pitch=-2)))
    speech = await speaker.speak("Did you see it? No, I never did.", language="en", delivery=Delivery(turns=turns))
    assert [word.text for word in speech.words] == ["Did", "you", "see", "it?", "No,", "I", "never", "did."]
    assert len(server.paid()) == 2
    assert speech.words[4].start - speech.words[3].end >= 0.3


async def test_without_a_price_nothing_is_guessed(serve: Serve) -> None:
    from .voice_vendors import prices

    speaker = speaker_of("elevenlabs", serve(well("elevenlabs")), table=prices(), model="eleven_none")
    estimate = speaker.estimate(TEXT, language="en", delivery=Delivery())
    assert not estimate.priced and not estimate.worst


# --- voices that are not there ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("voice", ["en_US-joe-medium", "espeak-ng", "nobody:at-all"])
def test_the_voice_of_another_is_refused_before_anything_is_asked(vendor: str, voice: str, serve: Serve) -> None:
    server = serve(well(vendor))
    with pytest.raises(InvalidInput, match="has no voice") as caught:
        speaker_of(vendor, server).spoken_by("en", Delivery(choice=VoiceChoice(voice=voice)))
    assert caught.value.field == "voice" and not server.requests


@pytest.mark.parametrize(
    ("vendor", "voice"),
    [("elevenlabs", "elevenlabs:Nobody"), ("elevenlabs", "NobodyNobodyNobody00"), ("azure", "en-US-NobodyNeural")],
)
async def test_an_unknown_voice_of_a_request_is_named(vendor: str, voice: str, serve: Serve) -> None:
    with pytest.raises(InvalidInput, match="has no voice"):
        await speaker_of(vendor, serve(well(vendor))).ready("en", Delivery(choice=VoiceChoice(voice=voice)))


@pytest.mark.parametrize(
    ("vendor", "voice"),
    [("elevenlabs", "x" * 20), ("azure", "en-US-NobodyNeural"), ("openai", "x"), ("gemini", "X")],
)
async def test_an_unknown_voice_of_the_settings_lets_the_chain_go_on(vendor: str, voice: str, serve: Serve) -> None:
    with pytest.raises(ProviderRefused) as caught:
        await speaker_of(vendor, serve(well(vendor)), voice=voice).ready("en")
    assert caught.value.why == "model" and "_VOICE" in caught.value.remedy


async def test_a_clone_is_chosen_by_its_name_alone(serve: Serve) -> None:
    server = serve(well("elevenlabs"))
    speaker = speaker_of("elevenlabs", server)
    named = Delivery(choice=VoiceChoice(voice="elevenlabs:Anna Smith"))
    speech = await speaker.speak(TEXT, language="en", delivery=named)
    assert speech.words and f"/{CLONE}/" in server.paid()[0].path
    assert speaker.spoken_by("en", named).provider == "elevenlabs:eleven_v4 Anna Smith"
    with pytest.raises(InvalidInput, match=r"is a clone; choose it by its name .elevenlabs:Anna Smith."):
        await speaker.speak(TEXT, language="en", delivery=Delivery(choice=VoiceChoice(voice=CLONE)))


def test_a_voice_speaks_its_own_language(serve: Serve) -> None:
    speaker = speaker_of("azure", serve(well("azure")))
    with pytest.raises(InvalidInput, match="does not speak en"):
        speaker.spoken_by("en", Delivery(choice=VoiceChoice(voice="de-DE-KatjaNeural")))
    assert speaker.spoken_by("de").provider.endswith("AvaMultilingualNeural")
    with pytest.raises(InvalidInput, match="no voice for 'tlh'"):
        speaker.spoken_by("tlh")


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("vendor", "case"), [(vendor, case) for vendor in VENDORS for case in refusals(vendor)])
async def test_a_refusal_says_why(vendor: str, case: str, serve: Serve) -> None:
    reply, why = refusals(vendor)[case]
    with pytest.raises(ProviderRefused) as caught:
        await speaker_of(vendor, serve(instead(vendor, reply))).speak(TEXT, language="en")
    assert caught.value.why == why and caught.value.remedy
    assert KEY not in str(caught.value) and caught.value.cost_known


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("reply", "known"),
    [
        (Reply({"error": {"message": "slow down"}}, 429, {"retry-after": "7"}), True),
        (Reply("oops", 500), True),
        (HANG_UP, False),
        (Reply(b"RIFF", lacks=5_000), False),
    ],
    ids=["busy", "broken", "hangs up", "cut off"],
)
async def test_what_may_go_better_is_tried_again(vendor: str, reply: Any, known: bool, serve: Serve) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        await speaker_of(vendor, serve(instead(vendor, reply))).speak(TEXT, language="en")
    assert caught.value.cost_known is known
    if getattr(reply, "status", 0) == 429:
        assert caught.value.retry_after_s == 7


@pytest.mark.parametrize("vendor", VENDORS)
async def test_nobody_there_costs_nothing(vendor: str, serve: Serve) -> None:
    server = serve(well(vendor))
    speaker = speaker_of(vendor, server)
    server.close()
    with pytest.raises(ProviderUnavailable):
        await speaker.speak(TEXT, language="en")


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    "file", [b"", b"<html>Welcome to the proxy</html>", b"\x00" * 200_000], ids=["empty", "no sound", "zeros"]
)
async def test_what_is_no_sound_was_paid_for_and_is_refused(vendor: str, file: bytes, serve: Serve) -> None:
    if vendor == "gemini" and file.startswith(b"<"):
        file = b"\x00"  # raw samples have no form that could be wrong
    with pytest.raises(ProviderRefused) as caught:
        await speaker_of(vendor, serve(well(vendor, file=file))).speak(TEXT, language="en")
    assert caught.value.why == "nonsense" and caught.value.usd == pytest.approx(PRICE)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_web_page_in_a_sounds_place_is_not_paid_for(vendor: str, serve: Serve) -> None:
    page = Reply("<html>Welcome to the proxy</html>", headers={"content-type": "text/html; charset=utf-8"})
    with pytest.raises(ProviderRefused, match="web page") as caught:
        await speaker_of(vendor, serve(instead(vendor, page))).speak(TEXT, language="en")
    assert (caught.value.why, caught.value.usd, caught.value.cost_known) == ("blocked", 0.0, True)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_silence_is_no_speech(vendor: str, serve: Serve) -> None:
    quiet = well(vendor, sound=lambda text: np.zeros(96_000))
    with pytest.raises(ProviderRefused, match="silent") as caught:
        await speaker_of(vendor, serve(quiet)).speak(TEXT, language="en")
    assert caught.value.usd == pytest.approx(PRICE)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_sound_that_ends_before_its_text_is_tried_again(vendor: str, serve: Serve) -> None:
    short = well(vendor, sound=lambda text: spoken(text)[0][:20_000])
    with pytest.raises(ProviderUnavailable, match="ends before its text") as caught:
        await speaker_of(vendor, serve(short)).speak(TEXT, language="en")
    assert caught.value.usd == pytest.approx(PRICE) and caught.value.cost_known


@pytest.mark.parametrize("vendor", ["elevenlabs", "gemini"])
@pytest.mark.parametrize(
    "body",
    [
        "<html>",
        [],
        {},
        {"audio_base64": 7, "candidates": 7},
        {"audio_base64": "%%%", "candidates": [{"content": {"parts": [{"inlineData": {"data": "%%%"}}]}}]},
    ],
    ids=["html", "array", "empty", "numbers", "no base64"],
)
async def test_an_answer_that_is_none_was_paid_for(vendor: str, body: Any, serve: Serve) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        await speaker_of(vendor, serve(instead(vendor, Reply(body)))).speak(TEXT, language="en")
    assert caught.value.usd == pytest.approx(PRICE)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_model_past_its_day_is_not_asked(vendor: str, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(provider: str, model: str) -> None:
        assert (provider, model) == (vendor.partition("-")[0], MODELS[vendor])
        raise ProviderRefused("its day has come", why="model")

    monkeypatch.setattr(engine, "need_alive", ended)
    monkeypatch.setattr(speaker, "need_alive", ended)
    server = serve(well(vendor))
    for call in (speaker_of(vendor, server).ready("en"), speaker_of(vendor, server).speak(TEXT, language="en")):
        with pytest.raises(ProviderRefused, match="its day has come"):
            await call
    assert not server.requests


def test_the_day_of_a_shutdown_counts() -> None:
    need_alive("openai", "tts-1", date(2027, 1, 5))
    need_alive("elevenlabs", "eleven_v4", date(2099, 1, 1))
    with pytest.raises(ProviderRefused) as caught:
        need_alive("openai", "tts-1", date(2027, 1, 7))
    assert caught.value.why == "model"


# --- of single vendors -----------------------------------------------------------------------------------------------


async def test_elevenlabs_times_that_do_not_cover_the_text_are_left_to_the_aligner(serve: Serve) -> None:
    half = well("elevenlabs", words=lambda text: spoken(text)[1][:5])
    speech = await speaker_of("elevenlabs", serve(half)).speak(TEXT, language="en")
    assert speech.timing == "aligned" and speech.certainty is not None
    assert [word.text for word in speech.words] == TEXT.split()


async def test_elevenlabs_model_without_times_is_asked_without(serve: Serve) -> None:
    good = well("elevenlabs")
    told = {"detail": {"status": "unsupported", "message": "Model eleven_v4 does not support timestamps"}}

    def answer(request: Request) -> Any:
        return Reply(told, 400) if request.path.endswith("/with-timestamps") else good(request)

    server = serve(answer)
    speaker = speaker_of("elevenlabs", server)
    speech = await speaker.speak(TEXT, language="en")
    assert speech.timing == "aligned" and speech.request_id == "req-plain"
    await speaker.speak(TEXT, language="en")
    assert [one.path.endswith("/with-timestamps") for one in server.paid()] == [True, False, False]


async def test_an_azure_job_is_found_again_and_paid_once(serve: Serve) -> None:
    jobs = well("azure")
    server = serve(jobs)
    first = await speaker_of("azure", server).speak(TEXT, language="en")
    again = await speaker_of("azure", server).speak(TEXT, language="en")
    assert first.wav == again.wav and first.request_id == again.request_id
    assert len(server.paid()) == 1
    results = [one for one in server.requests if one.path.startswith("/results/")]
    assert results and "ocp-apim-subscription-key" not in results[0].headers, "the key stays with the service"


async def test_an_azure_job_that_failed_is_ordered_again(serve: Serve) -> None:
    jobs: Jobs = well("azure")
    server = serve(jobs)
    jobs.failing = {"code": "InvalidVoice", "message": "The voice is not there"}
    with pytest.raises(ProviderRefused) as caught:
        await speaker_of("azure", server).speak(TEXT, language="en")
    assert caught.value.why == "model"
    jobs.failing = None
    assert (await speaker_of("azure", server).speak(TEXT, language="en")).words
    assert [one.method for one in server.requests if one.method != "GET"] == ["PUT", "DELETE", "PUT"]


async def test_an_azure_voice_without_boundaries_is_aligned(serve: Serve) -> None:
    jobs: Jobs = well("azure")
    jobs.boundaries = False
    assert (await speaker_of("azure", serve(jobs)).speak(TEXT, language="en")).timing == "aligned"


async def test_what_is_read_is_no_markup(serve: Serve) -> None:
    text = 'Is 3 < 4 & "five" > 2? <break time="9s"/> Yes.'
    server = serve(well("azure-rest", sound=lambda said: spoken(TEXT)[0]))
    await speaker_of("azure-rest", server).speak(text, language="de")
    from .voice_vendors import text_of

    assert text_of(server.paid()[0].body.decode()) == text
    assert b'<lang xml:lang="de-DE">' in server.paid()[0].body


async def test_elevenlabs_has_too_many_calls_at_once(serve: Serve) -> None:
    told = {"detail": {"status": "too_many_concurrent_requests", "message": "2 at once"}}
    for status in (429, 400):
        with pytest.raises(ProviderUnavailable, match="too_many_concurrent_requests"):
            await speaker_of("elevenlabs", serve(instead("elevenlabs", Reply(told, status)))).speak(TEXT, language="en")


async def test_elevenlabs_raw_samples(serve: Serve) -> None:
    server = serve(well("elevenlabs", file=at(spoken(TEXT)[0], 24_000)))
    speech = await speaker_of("elevenlabs", server, output="pcm_24000").speak(TEXT, language="en")
    assert server.paid()[0].query == {"output_format": "pcm_24000"}
    assert speech.duration_s == pytest.approx(spoken(TEXT)[0].size / 48_000, abs=0.05)


async def test_a_wav_that_was_streamed_tells_no_length(serve: Serve) -> None:
    whole = wav_bytes(spoken(TEXT)[0])
    head = whole[:4] + b"\xff\xff\xff\xff" + whole[8:40] + b"\xff\xff\xff\xff"
    speech = await speaker_of("openai", serve(well("openai", file=head + whole[44:]))).speak(TEXT, language="en")
    assert speech.duration_s == pytest.approx(spoken(TEXT)[0].size / 48_000, abs=0.05)


async def test_gemini_is_paid_by_its_tokens(serve: Serve) -> None:
    row = {"name": "gemini-3.8-flash-tts", "input": "0.5", "output": "9", "from": "2026-01-01"}
    speaker = speaker_of("gemini", serve(well("gemini")), table=PriceTable([PriceEntry.model_validate(row)]))
    speech = await speaker.speak(TEXT, language="en")
    assert speech.usd == pytest.approx((20 * 0.5 + 100 * 9) / 1e6)
    estimate = speaker.estimate(TEXT, language="en", delivery=Delivery())
    assert estimate.priced and speech.usd <= float(estimate.worst) and estimate.usual < estimate.worst


# --- the list ---------------------------------------------------------------------------------------------------------


def test_each_provider_says_what_it_needs_and_is_built(tmp_path: Path) -> None:
    tools = Tools(PriceTable())
    needs = {
        "elevenlabs": {"ELEVENLABS_API_KEY": KEY},
        "openai": {"OPENAI_API_KEY": KEY},
        "azure": {"AZURE_SPEECH_KEY": KEY, "AZURE_SPEECH_REGION": "westeurope"},
        "gemini": {"GEMINI_API_KEY": KEY, "STABILITY_API_KEY": KEY},
        "local": {},
        "stability": {"STABILITY_API_KEY": KEY},
        "diffusers": {"REELWRIGHT_DIFFUSERS_MODEL": str(tmp_path)},
    }
    for spec in (*SPECS, *PICTURES):
        empty = spec.settings.model_validate({})
        mine = {
            name
            for name in needs[spec.name]
            if name in {f.validation_alias for f in spec.settings.model_fields.values()}
        }
        assert set(spec.missing(empty)) == mine, spec.name
        full = spec.settings.model_validate(needs[spec.name])
        assert not spec.missing(full) and KEY not in repr(full)
        made = spec.build(full, tools)
        port = PricedSpeaker if spec.capability == "speech" else PricedIllustrator
        assert isinstance(made, port), spec.name
    assert [spec.name for spec in SPECS] == ["elevenlabs", "openai", "azure", "gemini", "local"]


def test_a_blank_key_is_none() -> None:
    assert SPECS[0].missing(SPECS[0].settings.model_validate({"ELEVENLABS_API_KEY": " "})) == ("ELEVENLABS_API_KEY",)


def test_the_list_loads_no_sdk() -> None:
    code = (
        "import sys, reelwright.providers.speech.specs, reelwright.providers.images.specs\n"
        "print([name for name in ('openai', 'av', 'scipy', 'torch', 'httpx', 'PIL') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
