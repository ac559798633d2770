"""Long text in parts: nothing is lost, joins are not heard, and word times do not drift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelwright.domain.content.story import WordTiming
from reelwright.domain.errors import ProviderRefused
from reelwright.providers.speech.cloud import azure_batch
from reelwright.providers.speech.cloud.audio import CUT_PAUSE_S, changed, stitched
from reelwright.providers.speech.cloud.marks import Mark, times_of, words_of
from reelwright.providers.speech.cloud.texts import Fragment, parts_of
from reelwright.providers.speech.piper import SENTENCE_PAUSE_S
from reelwright.providers.speech.sound import SAMPLE_RATE, Samples, read_wav
from tests.vendor import Vendor

from .voice_vendors import Jobs, Sounding, answer_of, engine_of, speaker_of

LONG = " ".join(f"This is sentence number {n}, and it has a few words." for n in range(12))


@pytest.fixture
def sounding(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Sounding, Vendor]]:
    """Azure, whose sounds are exact to the sample, with a burst for each word."""
    monkeypatch.setattr(azure_batch, "FIRST_S", 0.0)
    made = Sounding(sound=lambda text: bursts(text)[0], words=lambda text: bursts(text)[1])
    server = Vendor(Jobs(made))
    yield made, server
    server.close()


def bursts(text: str) -> tuple[Samples, Sequence[WordTiming]]:
    """A third of a second for each word, in the middle of which 0.2 s are to be heard; with silence of a length that
    depends on the text before and after."""
    words, rate = text.split(), SAMPLE_RATE
    tone = np.sin(2 * np.pi * 300 * np.arange(rate // 5) / rate) * np.hanning(rate // 5) * 0.4
    samples = np.zeros(rate // 4 + len(words) * rate // 3 + len(text) * 37)
    timings = []
    for number, word in enumerate(words):
        first = rate // 5 + number * rate // 3
        samples[first : first + tone.size] += tone
        timings.append(WordTiming(text=word, start=first / rate, end=(first + tone.size) / rate))
    return samples, timings


def middles(samples: Samples, words: Sequence[WordTiming]) -> list[float]:
    """How many samples the middle of each word's burst, where its tone rises through zero, lies behind that of its
    time. What evens out the level moves neither."""
    off = []
    for word in words:
        middle = (word.start + word.end) / 2 * SAMPLE_RATE
        first = round(middle) - 80  # half of the tone's period
        part = samples[first : first + 161]
        rises = np.flatnonzero((part[:-1] < 0) & (part[1:] >= 0))
        exact = rises + part[rises] / (part[rises] - part[rises + 1]) + first - middle
        off.append(float(exact[np.argmin(np.abs(exact))]))
    return off


async def test_word_times_do_not_drift_over_ten_joins_which_are_not_heard(sounding: tuple[Sounding, Vendor]) -> None:
    _, server = sounding
    speaker = speaker_of("azure", server)
    speaker.engine.most_chars = 60
    speech = await speaker.speak(LONG, language="en")
    assert len(server.paid()) == 12
    samples, _ = read_wav(speech.wav)
    assert samples.size == round(speech.duration_s * SAMPLE_RATE)
    assert [word.text for word in speech.words] == LONG.split()
    off = middles(samples, speech.words)
    # A time is rounded to a tenth of a millisecond, five samples; nothing is added to that from part to part.
    assert max(map(abs, off)) < 6
    steps = np.abs(np.diff(samples))
    loud = float(np.max(np.abs(samples)))
    # The steepest step of a tone of 300 Hz; a click is steeper.
    assert float(steps.max()) < 1.2 * loud * 2 * np.pi * 300 / SAMPLE_RATE


def test_every_place_is_a_count_of_samples() -> None:
    pieces = [np.full(n, 0.5) for n in (48_000, 31_111, 40_007)]
    whole, places = stitched(pieces, [True, False, True])
    pauses = int(SENTENCE_PAUSE_S * SAMPLE_RATE) + int(CUT_PAUSE_S * SAMPLE_RATE)
    assert whole.size == sum(piece.size for piece in pieces) + pauses
    assert [place.first for place in places] == [0, 48_000 + 13_440, 48_000 + 13_440 + 31_111 + 2_880]
    assert [place.last - place.first for place in places] == [piece.size for piece in pieces]
    assert float(np.max(np.abs(np.diff(whole)))) < 0.005, "half of full scale would step at once"


async def test_context_and_ids_go_along() -> None:
    server = Vendor(answer_of("elevenlabs", Sounding(sound=lambda text: bursts(text)[0], words=lambda t: bursts(t)[1])))
    try:
        speaker = speaker_of("elevenlabs", server)
        speaker.engine.most_chars = 120
        speech = await speaker.speak(LONG, language="en")
        asked = [request.json for request in server.paid()]
        assert " ".join(body["text"] for body in asked) == LONG
        assert "previous_text" not in asked[0] and asked[1]["previous_text"] == asked[0]["text"]
        assert asked[0]["next_text"] == asked[1]["text"] and "next_text" not in asked[-1]
        assert [len(body.get("previous_request_ids", ())) for body in asked[:5]] == [0, 1, 2, 3, 3]
        assert speech.usd == pytest.approx(sum(len(body["text"]) for body in asked) * 0.0001)
        assert speech.timing == "provider"
    finally:
        server.close()


async def test_an_error_in_the_middle_has_what_was_spent_before(sounding: tuple[Sounding, Vendor]) -> None:
    made, server = sounding
    speaker = speaker_of("azure", server)
    speaker.engine.most_chars = 60
    made.sound = lambda text: bursts(text)[0] if "number 0" in text or "number 1," in text else np.zeros(99_999)
    with pytest.raises(ProviderRefused, match="silent") as caught:
        await speaker.speak(LONG, language="en")
    spent = sum(len(f"This is sentence number {n}, and it has a few words.") for n in range(3))
    assert caught.value.usd == pytest.approx(spent * 0.0001)


# --- parts ---------------------------------------------------------------------------------------------------------


def whole(tokens: Sequence[str], language: str, most: int) -> list[str]:
    """The tokens put together again from their parts."""
    again = [""] * len(tokens)
    for part in parts_of(tokens, language, most):
        assert len(part.text) <= most
        for fragment in part.fragments:
            assert len(again[fragment.token]) == fragment.at
            again[fragment.token] += fragment.text
    return again


def test_parts_end_with_sentences() -> None:
    parts = parts_of(LONG.split(), "en", 120)
    assert all(part.text.endswith(".") and part.sentence for part in parts)
    assert whole(LONG.split(), "en", 120) == LONG.split()


def test_a_sentence_that_is_too_long_is_cut_at_a_comma() -> None:
    text = "One two three four five, six seven eight nine ten eleven twelve"
    parts = parts_of(text.split(), "en", 40)
    assert [part.text for part in parts] == ["One two three four five,", "six seven eight nine ten eleven twelve"]
    assert [part.sentence for part in parts] == [False, True]


def test_scripts_without_spaces_are_cut_at_their_stops() -> None:
    token = "章鱼有三颗心脏。" * 30
    parts = parts_of([token], "zh", 100)
    assert all(part.text.endswith("。") for part in parts)
    assert whole([token], "zh", 100) == [token]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("ab,.。！章 ".replace(" ", ""), min_size=1, max_size=40), min_size=1, max_size=30),
    st.integers(10, 90),
)
def test_nothing_is_lost_wherever_it_is_cut(tokens: list[str], most: int) -> None:
    assert whole(tokens, "en", most) == tokens


# --- the times that a vendor tells ---------------------------------------------------------------------------------


def told(text: str) -> list[Mark]:
    return [Mark(char, n / 10, (n + 1) / 10) for n, char in enumerate(text)]


def timed(text: str, marks: Sequence[Mark], language: str = "en", duration: float = 100.0) -> list[tuple[str, float]]:
    """Each word with its beginning; nothing where the marks do not cover the text."""
    tokens = text.split()
    fragments = [Fragment(number, 0, token) for number, token in enumerate(tokens)]
    times = times_of(fragments, marks, duration, language)
    return [(word.text, word.start) for word in words_of(tokens, fragments, times)] if times else []


@pytest.mark.parametrize(
    ("ours", "theirs", "starts"),
    [
        ("Hello big world", "Hello big world", [0.0, 0.6, 1.0]),
        ("“Hello” big – world", '"Hello" big - world', [0.1, 0.8, 1.1, 1.4]),
        ("Hello  big\tworld", "hello big  world", [0.0, 0.6, 1.1]),
        ("Hello 🐙 world", "Hello world", [0.0, 0.5, 0.6]),
        ("naïve café", "naive cafe", [0.0, 0.6]),
    ],
    ids=["the same", "other marks", "other spaces", "a picture", "accents"],
)
def test_texts_that_differ_in_signs_are_laid_along(ours: str, theirs: str, starts: list[float]) -> None:
    assert [start for _, start in timed(ours, told(theirs))] == pytest.approx(starts)


@pytest.mark.parametrize(
    "marks",
    [
        told("Hello big"),
        told("Hello world"),
        told("entirely different"),
        [],
        [Mark(mark.text, float("nan"), mark.end) for mark in told("Hello big world")],
        [Mark(mark.text, -mark.start, mark.end) for mark in told("Hello big world")],
        [Mark(mark.text, 0.0, 0.0) for mark in told("Hello big world")],
        [Mark(mark.text, mark.start * 1000, mark.end * 1000) for mark in told("Hello big world")],
    ],
    ids=[
        "cut off",
        "a word left out",
        "another text",
        "none",
        "no numbers",
        "backwards",
        "all at once",
        "milliseconds",
    ],
)
def test_times_that_do_not_cover_the_text_are_none(marks: list[Mark]) -> None:
    assert timed("Hello big world", marks) == []


def test_a_clause_without_spaces_has_times_for_its_phrases() -> None:
    token = "章鱼有三颗心脏。"
    times = times_of([Fragment(0, 0, token)], told(token), 10.0, "zh")
    assert times is not None
    [word] = words_of([token], [Fragment(0, 0, token)], times)
    assert len(word.parts) > 2 and word.parts[0].at == 0
    assert [part.start for part in word.parts] == pytest.approx([part.at / 10 for part in word.parts])


# --- tempo ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("speed", "pitch"), [(0.6, 6.0), (1.8, -6.0), (1.0, 3.0), (1.3, 0.0)])
def test_tempo_and_pitch(speed: float, pitch: float) -> None:
    tone = 0.4 * np.sin(2 * np.pi * 400 * np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE)
    made = changed(tone, speed, pitch)
    assert made.size / SAMPLE_RATE == pytest.approx(3 / speed, rel=0.02)
    middle = made[made.size // 4 : made.size * 3 // 4]
    middle = middle * np.hanning(middle.size)
    peak = np.argmax(np.abs(np.fft.rfft(middle))) * SAMPLE_RATE / middle.size
    assert peak == pytest.approx(400 * 2 ** (pitch / 12), rel=0.02)


def test_engines_take_what_they_say() -> None:
    server = Vendor(answer_of("elevenlabs", Sounding()))
    try:
        assert engine_of("elevenlabs", server).most_chars == 5_000
        assert engine_of("openai", server).most_chars == 4_096
    finally:
        server.close()
