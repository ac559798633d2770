"""Piper voices, whose turn it is to speak, and the aligner: by the real programs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil
import pytest
import scipy  # `scipy.signal` takes a second to load, and is loaded where it is used first
from imageio_ffmpeg import get_ffmpeg_exe

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import SURE_ENOUGH, WordTiming, WriteTask
from reelwright.domain.content.voice import PLAIN, CastTurn, Delivery, Turn, VoiceChoice, delivery_of
from reelwright.domain.errors import InvalidInput, ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.making import Speech
from reelwright.providers.speech import espeak
from reelwright.providers.speech.aligner import Aligner
from reelwright.providers.speech.espeak import EspeakSpeaker
from reelwright.providers.speech.narrator import Narrator
from reelwright.providers.speech.phonemes import phoneme_spans
from reelwright.providers.speech.piper import PiperSpeaker, _speech
from reelwright.providers.speech.sound import EDGE_S, read_wav, wav_bytes
from reelwright.providers.speech.voices import Shelf, installed_voices
from reelwright.providers.writing.script import ScriptWriter
from reelwright.render.plan.timeline import BREATH_S

ROOT = Path(__file__).parents[2]
TEXT = (
    "An octopus has three hearts, and two of them pump blood through the gills 🎉. "
    "In 1969 it cost $5 to see one — at https://example.org, they say."
)
OTHER = "Bread needs only flour, water and salt. Let the dough rest overnight, then bake it in a very hot oven, slowly."
JOE = installed_voices()[0]
USUAL: dict[str, Speech] = {}


@pytest.fixture(scope="module")
async def joe() -> AsyncIterator[PiperSpeaker]:
    speaker = PiperSpeaker(JOE)
    yield speaker
    await speaker.close()


@pytest.fixture(scope="module")
async def spoken(joe: PiperSpeaker) -> Speech:
    return await joe.speak(TEXT, language="en")


def check_order(speech: Speech, text: str) -> None:
    assert [word.text for word in speech.words] == text.split()
    assert all(0 <= word.start <= word.end <= speech.duration_s for word in speech.words), speech.words
    assert all(before.end <= after.start for before, after in pairwise(speech.words)), speech.words


@pytest.mark.lengthy
async def test_each_word_is_heard_where_the_model_says(spoken: Speech) -> None:
    check_order(spoken, TEXT)
    assert spoken.timing == "model" and spoken.certainty is None
    samples, rate = read_wav(spoken.wav)

    def level(start: float, end: float) -> float:
        return float(10 * np.log10(np.mean(samples[int(start * rate) : int(end * rate)] ** 2) + 1e-12))

    spans = {word.text: word for word in spoken.words}
    assert spans["🎉."].start == spans["🎉."].end and spans["—"].start == spans["—"].end
    assert spans["1969"].end - spans["1969"].start > 0.8
    assert all(level(word.start, word.end) > -32 for word in spoken.words if word.end - word.start > 0.1)
    pauses = [(a.end, b.start) for a, b in pairwise(spoken.words) if b.start - a.end > 0.25]
    assert len(pauses) >= 1 and all(level(start + 0.1, end - 0.05) < -40 for start, end in pauses)
    assert np.max(np.abs(samples)) <= 10 ** (-3 / 20)
    assert -22.5 < level(spoken.words[0].start, spoken.words[5].end) < -17


@pytest.mark.lengthy
async def test_the_pause_between_sentences_is_even_and_without_clicks(spoken: Speech) -> None:
    """It is shorter than the one between two scenes, which are paragraphs as a rule. The steps from one sample to the
    next at its ends are no larger than a quarter of the largest inside the speech."""
    between_scenes = BREATH_S + 2 * EDGE_S
    begin = TEXT.split().index("In")
    for speech in (spoken, await EspeakSpeaker().speak(TEXT, language="en")):
        pause = speech.words[begin].start - speech.words[begin - 1].end
        assert 0.3 < pause < between_scenes
        samples, rate = read_wav(speech.wav)
        steps, block = np.abs(np.diff(samples)), rate // 400
        level = np.sqrt(np.mean(samples[: samples.size // block * block].reshape(-1, block) ** 2, axis=1))
        silent = level < np.quantile(level, 0.95) * 10 ** (-40 / 20)
        first = last = round((speech.words[begin].start - pause / 2) * 400)
        while silent[first - 1]:
            first -= 1
        while silent[last]:
            last += 1
        assert 0.3 < (last - first) / 400 < between_scenes
        ends = [steps[(edge - 2) * block : (edge + 2) * block].max() for edge in (first, last)]
        assert max(ends) < steps.max() / 4


@pytest.mark.lengthy
async def test_the_same_text_gives_the_same_bytes_whatever_was_said_before(joe: PiperSpeaker, spoken: Speech) -> None:
    fresh = PiperSpeaker(JOE)
    try:
        first = await fresh.speak("Two of them.", language="en")
        await joe.speak("Another one.", language="en")
        assert await joe.speak("Two of them.", language="en") == first
    finally:
        await fresh.close()


@pytest.mark.parametrize(
    ("choice", "least", "most"),
    [
        (VoiceChoice(speed=1.5), 0.6, 0.85),
        (VoiceChoice(speed=0.7), 1.15, 1.5),
        (VoiceChoice(pitch=5), 0.85, 1.15),
        (VoiceChoice(pitch=-4), 0.85, 1.15),
    ],
    ids=["faster", "slower", "higher", "lower"],
)
@pytest.mark.parametrize("engine", ["piper", "espeak"])
@pytest.mark.lengthy
@pytest.mark.sample(2)
async def test_speed_and_pitch(joe: PiperSpeaker, engine: str, choice: VoiceChoice, least: float, most: float) -> None:
    speaker = joe if engine == "piper" else EspeakSpeaker()
    text = "Two of them pump blood, all day long."
    if engine not in USUAL:
        USUAL[engine] = await speaker.speak(text, language="en")
    usual, other = USUAL[engine], await speaker.speak(text, language="en", choice=choice)
    check_order(other, text)
    assert least < other.duration_s / usual.duration_s < most
    if choice.pitch:
        assert 2 ** (choice.pitch / 12) == pytest.approx(_pitch(other) / _pitch(usual), rel=0.12)


def _pitch(speech: Speech) -> float:
    """Hertz of the voiced parts, by the highest of the autocorrelation between 60 and 320 Hz."""
    samples, rate = read_wav(speech.wav)
    found = []
    for begin in range(0, samples.size - 4096, 2048):
        part = samples[begin : begin + 4096] * np.hanning(4096)
        if np.mean(part**2) < 1e-3:
            continue
        near = np.fft.irfft(np.abs(np.fft.rfft(part, 8192)) ** 2)
        low, high = rate // 320, rate // 60
        lag = low + int(np.argmax(near[low:high]))
        if near[lag] > 0.5 * near[0]:
            found.append(rate / lag)
    return float(np.median(found))


@pytest.mark.lengthy
async def test_a_process_that_ended_is_started_again_and_one_that_is_late_is_ended(joe: PiperSpeaker) -> None:
    await joe.load()
    process = joe._child._process
    assert process is not None
    psutil.Process(process.pid).kill()
    await process.wait()
    assert (await joe.speak("Two of them.", language="en")).words
    with pytest.raises(ProviderRefused, match=r"voice: en_US-joe-medium\.onnx cannot speak this: .*; choose another"):
        await joe._child.ask({"sentences": 1})
    late = PiperSpeaker(JOE, timeout_s=0.01)
    with pytest.raises(ProviderUnavailable, match=r"longer than 0\.01 s"):
        await late.load()
    assert late._child._process is None


def test_a_text_of_which_the_voice_makes_no_sound_is_refused() -> None:
    header = {"bytes": 0, "sentences": [{"samples": 0, "phonemes": [], "tokens": [[]]}]}
    with pytest.raises(InvalidInput, match="voice: the voice makes no sound of this text; choose a voice of"):
        _speech(["ø"], [], header, b"", 22_050)


def test_piper_is_imported_by_its_own_program_alone() -> None:
    foreign = re.compile(r"^\s*(?:from|import) (?:piper|onnx|onnxruntime)\b", re.MULTILINE)
    folders = [ROOT / name for name in ("reelwright", "workflows", "activities", "workers", "control", "starter")]
    found = [path for each in folders for path in each.rglob("*.py") if foreign.search(path.read_text("utf-8"))]
    assert found == [ROOT / "reelwright/providers/speech/piper_worker.py"]


# --- phonemes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heard", "tokens", "spans"),
    [
        ("^ʌvðə sˈiː.$", ["ʌv", "ðə", "sˈiː."], [(1, 3), (3, 5), (6, 10)]),
        ("^ðɪ ˈɛnd.$", ["ðə", "ˈɛnd."], [(1, 3), (4, 8)]),
        ("^naɪnti naɪn bɪts$", ["naɪnti naɪn", "bɪts"], [(1, 12), (13, 17)]),
        ("^hˈaɪ.$", ["hˈaɪ", "", "."], [(1, 5), (5, 5), (5, 5)]),
        ("^hˈaɪ.$", ["", "hˈaɪ."], [(1, 1), (1, 5)]),
        ("^.$", ["."], [(0, 0)]),
    ],
    ids=["run together", "said otherwise", "two groups", "silent behind", "silent before", "nothing"],
)
def test_phonemes_are_brought_home_to_tokens(heard: str, tokens: list[str], spans: list[tuple[int, int]]) -> None:
    found = phoneme_spans([(phoneme, 1) for phoneme in heard], [list(token) for token in tokens])
    assert [(span.start, span.end) for span in found] == spans


# --- who speaks --------------------------------------------------------------------------------------------------


def test_who_speaks_is_part_of_the_key_and_espeak_as_ever_is_not() -> None:
    bare, with_joe = Narrator(Shelf()), Narrator(Shelf((JOE,)))
    assert (bare.spoken_by("en").provider, bare.spoken_by("en").settings) == ("espeak-ng", ())
    assert with_joe.spoken_by("de") == bare.spoken_by("de")
    two = Delivery(turns=(CastTurn(first=0), CastTurn(first=3, choice=VoiceChoice(voice="espeak-ng"))))
    deliveries = [PLAIN, Delivery(choice=VoiceChoice(speed=1.1)), Delivery(choice=VoiceChoice(pitch=1)), two]
    told = [with_joe.spoken_by("en", each) for each in deliveries]
    assert len(set(told)) == 4 and told[0].provider == "piper en_US-joe-medium"
    assert told[3].provider == "piper en_US-joe-medium, espeak-ng"
    assert Narrator(Shelf(), rate=180).spoken_by("en").settings == ("rate 180",)


@pytest.mark.lengthy
async def test_a_dialogue_is_spoken_in_turns_without_clicks(joe: PiperSpeaker) -> None:
    narrator = Narrator(Shelf((JOE,)))
    narrator._speakers[JOE.name] = joe
    text = "Did you see it? I did, and it waved."
    turns = (Turn(first=0, speaker="ANNA"), Turn(first=4, speaker="Ben"))
    cast = {"Anna": VoiceChoice(pitch=3), "BEN": VoiceChoice(voice="espeak-ng")}
    speech = await narrator.speak(text, language="en", delivery=delivery_of(turns, VoiceChoice(), cast))
    alone = await EspeakSpeaker(rate=150).speak("I did, and it waved.", language="en")
    check_order(speech, text)
    samples, rate = read_wav(speech.wav)
    assert speech.words[4].start - speech.words[3].end > 0.3
    begin = round(speech.duration_s * rate) - round(alone.duration_s * rate)
    assert np.allclose(samples[begin:], read_wav(alone.wav)[0], atol=1e-4), (
        "the second speaker has the voice that was chosen"
    )
    joint = samples[begin - rate // 20 : begin + rate // 200]
    assert np.max(np.abs(np.diff(joint))) < 0.02


async def test_names_of_a_dialogue_are_neither_spoken_nor_captioned() -> None:
    script = (
        "# Talk\n\nThe two meet at the harbour early in the morning, long before the first boats leave.\n\n"
        "ANNA: Did you see the octopus with its three hearts?\nBen: I did. It was\nwonderful, and note: no name.\n"
        "**Anna:** Note: neither is this\n\nThen they walked home along the wall, slowly, and said no more.\n"
    )
    cast = {"ANNA": {"pitch": 2}, "Ben": {"pitch": -2}, "Zed": {"speed": 1.2}}
    request = ContentRequest.model_validate(
        {"script": script, "voices": cast, "translations": {"de": script.replace("meet", "treffen")}}
    )
    story = await ScriptWriter().write(WriteTask(content_id="c", request=request))
    assert [
        (scene.text.split()[0], [(turn.first, turn.speaker) for turn in scene.turns]) for scene in story.scenes
    ] == [
        ("The", []),
        ("Did", [(0, "ANNA")]),
        ("I", [(0, "Ben")]),
        ("Note:", [(0, "ANNA"), (4, "")]),
    ]
    assert story.notice == "No line of the script begins with Zed:"
    assert [scene.text for scene in story.scenes][1:] == list(story.translations[0].scenes)[1:]
    plain = await ScriptWriter().write(WriteTask(content_id="c", request=ContentRequest(script=script)))
    assert "ANNA: Did" in plain.text and not any(scene.turns for scene in plain.scenes)
    assert '"turns"' not in plain.model_dump_json()


async def test_picture_briefs_stand_before_the_names_of_a_dialogue() -> None:
    script = (
        "![a harbour at dawn] ANNA: Good morning, the boats are leaving early today, and it will be a long day.\n"
        "BEN: ![a clock] They have to, since the tide turns at six and nobody waits for it at all.\n\n"
        "![two owls]\n\n**Anna:** And at night the owls come down to the old pier, where nobody walks any more.\n"
    )
    request = ContentRequest.model_validate(
        {"script": script, "voices": {"ANNA": {"pitch": 2}, "BEN": {"pitch": -2}}, "translations": {"de": script}}
    )
    story = await ScriptWriter().write(WriteTask(content_id="c", request=request))
    assert [(scene.text.split()[0], scene.brief, scene.turns) for scene in story.scenes] == [
        ("Good", "a harbour at dawn", (Turn(first=0, speaker="ANNA"),)),
        ("They", "a clock", (Turn(first=0, speaker="BEN"),)),
        ("And", "two owls", (Turn(first=0, speaker="ANNA"),)),
    ]
    assert story.translations[0].scenes == tuple(scene.text for scene in story.scenes)
    assert all(char.isascii() for char in story.text), "no sign or mark is left"


# --- the aligner -------------------------------------------------------------------------------------------------


@pytest.mark.lengthy
async def test_times_are_found_where_a_voice_tells_none(spoken: Speech) -> None:
    bare = replace(spoken, words=(), timing="")
    found = await Aligner().timed(bare, TEXT, language="en")
    check_order(found, TEXT)
    errors = [abs(one.start - other.start) for one, other in zip(found.words, spoken.words, strict=True)]
    assert np.median(errors) < 0.06 and np.quantile(errors, 0.95) < 0.25
    assert found.timing == "aligned" and found.certainty is not None and found.certainty > SURE_ENOUGH


def with_music(samples: np.ndarray) -> np.ndarray:
    """Chords that decay, 18 dB below the speech."""
    times = np.arange(samples.size) / 48_000
    beat = times % 1.0
    roots = np.array([110.0, 147.0, 98.0, 131.0])[times.astype(int) % 4]
    tune = sum(np.sin(2 * np.pi * roots * k * beat) / k for k in (1, 2.5, 3, 4)) * np.exp(-1.5 * beat)
    spoken = np.sqrt(np.mean(samples[np.abs(samples) > 0.01] ** 2))
    return samples + tune * spoken / np.sqrt(np.mean(tune**2)) * 10 ** (-18 / 20)


def through(samples: np.ndarray, *arguments: str) -> np.ndarray:
    """What FFmpeg makes of a sound in another form."""
    read = (get_ffmpeg_exe(), "-v", "error", "-f", "wav", "-i", "-")
    packed = subprocess.run([*read, *arguments, "-"], input=wav_bytes(samples), capture_output=True, check=True)
    back = (get_ffmpeg_exe(), "-v", "error", "-i", "-", "-f", "s16le", "-ar", "48000", "-ac", "1", "-")
    plain = subprocess.run(back, input=packed.stdout, capture_output=True, check=True)
    return np.frombuffer(plain.stdout, "<i2") / 32768.0


def in_a_hall(samples: np.ndarray) -> np.ndarray:
    """With an echo that takes 0.6 s to fall by 60 dB, 3 dB below the voice."""
    times = np.arange(int(0.6 * 48_000)) / 48_000
    echo = np.random.default_rng(5).standard_normal(times.size) * np.exp(-11.5 * times)
    return samples + 0.7 * scipy.signal.fftconvolve(samples, echo / np.sqrt(np.sum(echo**2)))[: samples.size]


@pytest.mark.parametrize(
    ("made", "rate", "tempo", "begin", "sure"),
    [
        (with_music, 48_000, 1.0, 0.0, True),
        (lambda samples: np.pad(samples, 3 * 48_000), 48_000, 1.0, 3.0, True),
        (lambda samples: through(samples, "-b:a", "64k", "-f", "mp3"), 48_000, 1.0, 0.0, True),
        (lambda samples: scipy.signal.resample_poly(samples, 1, 6), 8_000, 1.0, 0.0, False),
        (lambda samples: through(samples, "-af", "atempo=1.25", "-f", "wav"), 48_000, 1.25, 0.0, True),
        (in_a_hall, 48_000, 1.0, 0.0, False),
    ],
    ids=["music", "silence around it", "MP3 at 64 kbit/s", "a telephone's band", "faster", "a hall"],
)
@pytest.mark.lengthy
@pytest.mark.sample(2)
async def test_words_are_found_in_a_recording_as_it_may_come(
    spoken: Speech, made: Callable[[np.ndarray], np.ndarray], rate: int, tempo: float, begin: float, sure: bool
) -> None:
    found = await Aligner().align(made(read_wav(spoken.wav)[0]), rate, TEXT, language="en")
    errors = [abs(a.start - b.start / tempo - begin) for a, b in zip(found.words, spoken.words, strict=True)]
    assert np.median(errors) < 0.06 and np.quantile(errors, 0.9) < 0.25
    assert found.certainty > SURE_ENOUGH or not sure, "a person may be asked without need, never for these"


@pytest.mark.parametrize("sound", ["another text", "silence", "noise", "a tone", "nothing"])
@pytest.mark.lengthy
@pytest.mark.sample(2)
async def test_what_is_not_the_text_is_not_certain(spoken: Speech, sound: str) -> None:
    rate = 48_000
    time = np.arange(6 * rate) / rate
    sounds = {
        "another text": read_wav(spoken.wav)[0],
        "silence": np.zeros(6 * rate),
        "noise": np.random.default_rng(1).standard_normal(6 * rate) * 0.1,
        "a tone": 0.3 * np.sin(2 * np.pi * 220 * time),
        "nothing": np.zeros(0),
    }
    found = await Aligner().align(sounds[sound], rate, OTHER, language="en")
    assert found.certainty < SURE_ENOUGH
    assert [word.text for word in found.words] == OTHER.split()
    assert all(0 <= word.start <= word.end <= sounds[sound].size / rate for word in found.words)


SENTENCES = {
    "ar": "يستيقظ الميناء قبل الشمس ثم تخرج القوارب",
    "de": "Der Hafen erwacht lange vor der Sonne, und Boote fahren.",
    "fr": "Le port se réveille avant le soleil, et les bateaux sortent.",
    "hi": "बंदरगाह सूरज से पहले जागता है और नावें निकलती हैं।",
    "ja": "漁師は朝早く海へ出た。波は静かで、カモメが飛んでいた。",
    "ru": "Гавань просыпается раньше солнца, и лодки выходят в море.",
    "th": "ท่าเรือตื่นก่อนพระอาทิตย์ขึ้นทุกวัน",
    "zh": "港口在太阳之前醒来，船一个接一个出海。",
}


def starts(words: Sequence[WordTiming]) -> list[float]:
    """Of each word, or of each phrase where words have parts."""
    return [part.start for word in words for part in word.parts or (word,)]


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.lengthy
@pytest.mark.sample(2)
async def test_every_language_is_aligned(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = SENTENCES[language]
    with monkeypatch.context() as patch:
        patch.setattr(espeak, "VARIANT", "f3")
        speech = await EspeakSpeaker(rate=190).speak(text, language=language)
    found = await Aligner().timed(speech, text, language=language)
    errors = [abs(one - other) for one, other in zip(starts(found.words), starts(speech.words), strict=True)]
    assert len(errors) > 5 and np.median(errors) < 0.06
    assert found.certainty is not None and found.certainty > SURE_ENOUGH


@pytest.mark.lengthy
async def test_a_voice_whose_model_tells_no_times_is_aligned(monkeypatch: pytest.MonkeyPatch, spoken: Speech) -> None:
    """As voices with pinyin are, whose phonemes are not espeak-ng's."""
    narrator = Narrator(Shelf((JOE,)))

    async def untimed(*_: object, **__: object) -> Speech:
        return replace(spoken, words=(), timing="")

    monkeypatch.setattr(PiperSpeaker, "speak", untimed)
    speech = await narrator.speak(TEXT, language="en")
    assert speech.timing == "aligned" and len(speech.words) == len(TEXT.split())
