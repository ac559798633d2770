"""Speech by the real espeak-ng: sound, timings, repeatability, and what happens when it goes wrong."""

import asyncio
import io
import json
import wave
from itertools import pairwise

import numpy as np
import psutil
import pytest
import scipy  # `scipy.signal` takes a second to load, and is loaded where it is used first

from reelwright.domain.content.voice import UNCHANGED
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.formats import LANGUAGES
from reelwright.domain.ports.making import Speech
from reelwright.domain.text.spoken.reading import read_aloud
from reelwright.providers.speech import child, espeak
from reelwright.providers.speech.espeak import EspeakSpeaker, _read, to_speak
from reelwright.providers.speech.pieces import chunked, joined, pieces_of
from reelwright.providers.speech.sound import SAMPLE_RATE, finish, read_wav
from reelwright.providers.speech.timing import Event, token_spans

SAMPLE = (
    'In 1969, the cost of the rocket was $1,234.56 — 25% more… said Dr. Smith. "Really?" he asked 🎉 & left for '
    "https://www.example.com/a?b=1 to read about #MachineLearning."
)


def samples_of(speech: Speech) -> np.ndarray:
    with wave.open(io.BytesIO(speech.wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SAMPLE_RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768.0


def check_timings(speech: Speech, text: str) -> None:
    assert [word.text for word in speech.words] == text.split()
    for word in speech.words:
        assert 0 <= word.start <= word.end <= speech.duration_s, word
    for word, following in pairwise(speech.words):
        assert word.end <= following.start, (word, following)


def decibels(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(samples**2) + 1e-12))


async def test_speaks_with_one_timing_per_token() -> None:
    speech = await EspeakSpeaker().speak(SAMPLE, language="en")
    samples = samples_of(speech)
    assert samples.size == round(speech.duration_s * SAMPLE_RATE)
    check_timings(speech, SAMPLE)
    spans = {word.text: word.end - word.start for word in speech.words}
    assert spans["🎉"] == 0 and spans["—"] == 0, "nothing is said for a picture or a dash"
    assert all(span > 0.03 for text, span in spans.items() if any(c.isalnum() for c in text) or text == "&"), spans
    assert spans["$1,234.56"] > 1.5, "a long number takes long to say"


async def test_timings_agree_with_the_sound() -> None:
    speech = await EspeakSpeaker().speak("Hello world, this is a test. Another sentence follows.", language="en")
    samples = samples_of(speech)

    def level(start: float, end: float) -> float:
        return decibels(samples[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)])

    for word in speech.words:
        assert level(word.start, word.end) > -30, f"{word} is heard where the timing says"
    pauses = [(a.end, b.start) for a, b in pairwise(speech.words) if b.start - a.end > 0.1]
    assert len(pauses) == 2, "one after the comma, one after the full stop"
    for start, end in pauses:
        assert level(start + 0.04, end - 0.02) < -45


async def test_level_peak_band_and_silence() -> None:
    samples = samples_of(await EspeakSpeaker().speak(SAMPLE, language="en"))
    assert np.max(np.abs(samples)) <= 10 ** (-3 / 20)
    frames = samples[: samples.size // 2400 * 2400].reshape(-1, 2400)
    levels = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-12)
    spoken = frames[levels > -45]
    assert -22.5 < decibels(spoken) < -17.5
    heard = np.flatnonzero(np.abs(samples) > 0.004)
    assert heard[0] <= 0.06 * SAMPLE_RATE and samples.size - heard[-1] <= 0.06 * SAMPLE_RATE
    rumble = scipy.signal.sosfilt(scipy.signal.butter(4, 40, "lowpass", fs=SAMPLE_RATE, output="sos"), samples)
    assert decibels(rumble) < decibels(samples) - 30
    assert abs(float(samples.mean())) < 1e-4


@pytest.mark.lengthy
async def test_same_text_gives_the_same_bytes() -> None:
    text = " ".join(f"Sentence number {number} is about the sea and the wind." for number in range(12))
    assert len(chunked(pieces_of(text.split(), "en"))) > 1, "more than one chunk in one process"
    first, *others = [await EspeakSpeaker().speak(text, language="en") for _ in range(4)]
    assert all(other == first for other in others)
    check_timings(first, text)
    slower = await EspeakSpeaker(rate=120).speak("Slowly does it.", language="en")
    usual = await EspeakSpeaker().speak("Slowly does it.", language="en")
    assert slower.duration_s > usual.duration_s * 1.15


@pytest.mark.sample(15)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.lengthy
async def test_every_language_has_a_voice(language: str) -> None:
    text = read_aloud("Test 123 — Europa & Oktober, 3,14! #hashtag www.example.org", language).text
    speech = await EspeakSpeaker().speak(text, language=language)
    check_timings(speech, text)
    assert 3 < speech.duration_s < 15
    assert decibels(samples_of(speech)) > -26


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "🎉 hi 🎉",
        "'; rm -rf / ; [[oU]] <speak><mark name='x'/> %s \x01 50v {0}",
        "مرحبا بالعالم",
        "日本語のテキスト",
        "a" * 1500 + " end",
        "This is a sentence about the sea. " * 12 + "🎉 🎉",
        "… … — wait — …",
    ],
)
async def test_odd_text_is_spoken_as_data(text: str) -> None:
    speech = await EspeakSpeaker().speak(text, language="en")
    check_timings(speech, text)
    assert speech.duration_s > 0.1


async def test_bad_input_names_the_field() -> None:
    speaker = EspeakSpeaker()
    with pytest.raises(InvalidInput, match="language: no voice for 'xx'; choose from en"):
        await speaker.speak("Hello there", language="xx")
    for text in ("", "🎉 — …", "x" * 20_001):
        with pytest.raises(InvalidInput, match=r"^script: "):
            await speaker.speak(text, language="en")
    with pytest.raises(InvalidInput, match="rate"):
        EspeakSpeaker(rate=1000)


async def test_a_process_that_takes_too_long_is_ended_and_may_be_tried_again() -> None:
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(ProviderUnavailable, match=r"longer than 0\.01 s") as caught:
        await EspeakSpeaker(timeout_s=0.01).speak("Hello there", language="en")
    assert caught.value.retryable
    assert {child.pid for child in psutil.Process().children()} <= before


async def test_cancelling_ends_the_process() -> None:
    before = {child.pid for child in psutil.Process().children()}
    task = asyncio.create_task(EspeakSpeaker().speak("hello world " * 1_600, language="en"))
    started: set[int] = set()
    while not started and not task.done():
        await asyncio.sleep(0.01)
        started = {child.pid for child in psutil.Process().children()} - before
    assert started, "the worker was running"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not any(psutil.pid_exists(pid) for pid in started)


async def test_a_crash_is_told_in_one_line_without_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "VARIANT", "no-such\nvariant")
    monkeypatch.setitem(LANGUAGES, "en", LANGUAGES["en"].__class__("en", "English", "no-such-voice"))
    with pytest.raises(ProviderUnavailable) as caught:
        await EspeakSpeaker().speak("Hello there", language="en")
    line = str(caught.value)
    assert "ended with code 1" in line and "\n" not in line and "/" not in line
    monkeypatch.setattr(espeak, "_MODULE", "reelwright.no_such_module")
    with pytest.raises(ProviderUnavailable, match="No module named"):
        await EspeakSpeaker().speak("Hello there", language="en")


def test_the_process_inherits_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@db/x")
    environment = child.environment()
    assert "secret" not in repr(environment)
    assert set(environment) <= {"PYTHONPATH", "PYTHONUTF8", "LC_ALL", *child._INHERITED}


def said(text: str, language: str) -> str:
    """What a voice is given of a text."""
    return joined(pieces_of(text.split(), language))[0]


def test_a_voice_is_given_nothing_that_it_would_read_out_by_its_name() -> None:
    assert said("Deep Sea 🎉 **bold** [x] 20 °C, №️ 5\u0007", "ru") == "Deep Sea bold x 20 °C, № 5"


def test_japanese_is_given_to_the_voice_as_it_sounds() -> None:
    for written, sound in {
        "漁師は海へ出た。": "リョウシワウミエデタ。",
        "2024年3月14日、5人": "ニセンニジュウヨネンサンガツジュウヨッカ、ゴニン",
        "四時と七月二十日に1,234円": "ヨジトシチガツハツカニセンニヒャクサンジュウヨンエン",
        "これはカタカナ": "コレワカタカナ",
        "カタカナ": "カタカナ",
    }.items():
        assert said(written, "ja") == sound


CLAUSES = {
    "zh": "早上好，我们去公园散步。公园里有3只小狗，它们跑得很快！",
    "ja": "漁師は朝早く海へ出た。波は静かで、カモメが2羽飛んでいた。",
    "th": "แมวนอนหลับอยู่บนโซฟาตัวใหญ่ มันชอบอากาศร้อนมากๆ",
}
"""Two tokens in Thai, one in the others."""


@pytest.mark.parametrize("language", CLAUSES)
async def test_phrases_of_scripts_without_spaces_are_heard_where_they_are_said_to_be(language: str) -> None:
    text = CLAUSES[language]
    speech = await EspeakSpeaker().speak(text, language=language)
    assert [word.text for word in speech.words] == text.split() and all(len(word.parts) > 3 for word in speech.words)
    parts = [part for word in speech.words for part in word.parts]
    assert all(a.start < a.end <= b.start for a, b in pairwise(parts)) and parts[-1].end <= speech.duration_s
    samples, rate = read_wav(speech.wav)
    loud = float(np.quantile(np.abs(samples), 0.9))

    def level(begin: float, end: float) -> float:
        return float(np.max(np.abs(samples[round(begin * rate) : round(end * rate)]))) / loud

    pauses = [(a.end, b.start) for a, b in pairwise(parts) if b.start - a.end > 0.12]
    assert len(pauses) == {"zh": 3, "ja": 2, "th": 0}[language], "one behind each clause but the last"
    assert all(level(end + 0.06, start) < 0.1 < level(start, start + 0.1) for end, start in pauses)


@pytest.mark.parametrize("language", ["ja", "th"])
async def test_a_phrase_begins_with_its_first_phoneme(language: str) -> None:
    """The clause spoken up to a phrase has the phonemes before it: as many events later it begins."""
    speaker, text = EspeakSpeaker(), CLAUSES[language].split()[0]
    one = to_speak(text, language)
    (chunk,) = one.chunks
    request = json.loads(speaker._request(one.chunks, language, UNCHANGED))
    request["chunks"][0]["pieces"] += [chunk.text[:start] for start, _ in chunk.spans]
    _, answer = _read(one.chunks, await speaker._run(json.dumps(request).encode()))
    (told,) = answer.chunks
    count = len(chunk.spans)
    events = [Event(*event) for event in told.events]
    heard = [event.sample for event in events if event.kind == "p" and not event.is_pause]
    spans = token_spans(chunk, events, told.samples, told.pieces[:count])
    errors = [
        abs(span.start - heard[len(before)]) / answer.sample_rate
        for span, before in zip(spans, told.pieces[count:], strict=True)
    ]
    assert len(errors) > 5 and np.median(errors) < 0.06 and max(errors) < 0.25


def test_a_long_text_is_parted_between_sentences_or_else_between_tokens() -> None:
    english = pieces_of(("One more word and another. " * 40).split(), "en")
    assert all(chunk.text.endswith("another.") for chunk in chunked(english)) and len(chunked(english)) > 2
    token = "แมวนอนหลับอยู่บนโซฟาตัวใหญ่" * 10
    thai = pieces_of([token] * 6, "th")
    assert [len(chunk.text.split()) for chunk in chunked(thai)] == [3, 3]
    assert [chunk.text.replace(" ", "") for chunk in chunked(pieces_of([token * 9], "th"))] != [token * 9]


def test_tokens_without_an_event_share_their_neighbours_span() -> None:
    (chunk,) = chunked(pieces_of(["of", "the", "🎉", "rocket."], "en"))
    assert chunk.text == "of the rocket."
    events = [
        Event("w", 0, 100),
        Event("p", 0, 100, "V"),
        Event("p", 0, 300, "@"),
        Event("w", 7, 600),
        Event("p", 7, 600, "r"),
        Event("p", 7, 900, "_:"),
        Event("p", 7, 990, "_"),
    ]
    spans = [(span.start, span.end) for span in token_spans(chunk, events, 1000)]
    assert spans == [(100, 300), (300, 600), (600, 600), (600, 900)]
    assert token_spans(chunk, [], 1000)[0].end == 0
    known = [(span.start, span.end) for span in token_spans(chunk, events, 1000, [["V", "v"], ["@2"], [], ["r"]])]
    assert known == [(100, 300), (300, 600), (600, 600), (600, 900)]
    late = [Event("w", 0, 100), Event("p", 0, 100, "V"), Event("p", 0, 200, "v"), Event("p", 0, 250, "@"), *events[3:]]
    known = [(span.start, span.end) for span in token_spans(chunk, late, 1000, [["V", "v"], ["@2"], [], ["r"]])]
    assert known[:2] == [(100, 250), (250, 600)], "each from its first phoneme on, however long it is written"
    inside = [Event("w", 0, 100), Event("p", 0, 100, "V"), Event("w", 4, 200), Event("p", 4, 250, "@"), *events[3:]]
    known = [(span.start, span.end) for span in token_spans(chunk, inside, 1000, [["V"], ["@2"], [], ["r"]])]
    assert known[:2] == [(100, 250), (250, 600)], "an event inside of a piece is not its beginning"


def test_sound_survives_silence_and_clipping() -> None:
    quiet = finish(np.zeros(100, dtype=np.int16), 22_050)
    assert np.max(np.abs(quiet.samples)) == 0 and quiet.samples.size > 0
    square = np.where(np.arange(22_050) % 100 < 50, 32_767, -32_768).astype(np.int16)
    loud = finish(np.concatenate([np.zeros(11_025, dtype=np.int16), square]), 22_050)
    assert np.max(np.abs(loud.samples)) <= 10 ** (-3 / 20)
    assert 0.4 < loud.cut_s < 0.5
