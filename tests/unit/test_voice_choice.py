"""Which voice speaks: the folder of voices, and what a request and the command line choose."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.voice import Delivery, VoiceChoice
from reelwright.domain.errors import InvalidInput
from reelwright.providers.speech.narrator import Narrator
from reelwright.providers.speech.sound import read_wav
from reelwright.providers.speech.voices import PiperVoice, Shelf, installed_voices, read_voice, voices_in
from starter.inputs import Asked, request_of
from starter.voices import list_voices, try_voice

JOE = installed_voices()[0]


# --- the shelf ---------------------------------------------------------------------------------------------------


def voice(folder: Path, name: str, code: str, **config: object) -> PiperVoice:
    """A voice whose model cannot run: enough for all that only reads its description."""
    told = {"audio": {"sample_rate": 22050}, "phoneme_id_map": {"a": [1]}, "language": {"code": code}, **config}
    (folder / f"{name}.onnx").write_bytes(b"\x08\x07" + bytes(200_000))
    (folder / f"{name}.onnx.json").write_text(json.dumps(told))
    return read_voice(folder / f"{name}.onnx")


def test_a_folder_of_voices_serves_their_languages(tmp_path: Path) -> None:
    voice(tmp_path, "de_DE-anna-low", "de_DE")
    voice(tmp_path, "no_NO-nils-medium", "no_NO")
    voice(tmp_path, "en_US-many-medium", "en_US", num_speakers=2, speaker_id_map={"p1": 0, "p2": 1})
    shelf = Shelf.of(tmp_path)
    named = {language: shelf.default(language) for language in ("en", "en-gb", "de", "nb", "fr")}
    names = {language: found.name if found else "" for language, found in named.items()}
    assert names == {
        "en": "en_US-many-medium", "en-gb": "", "de": "de_DE-anna-low", "nb": "no_NO-nils-medium", "fr": "",
    }  # fmt: skip
    chosen = shelf.named("en_us-MANY-medium#p2", "en-gb", field="voice")
    assert chosen and chosen[1] == 1
    assert shelf.named("espeak-ng", "en", field="voice") is None
    assert JOE.name in shelf.fit("en") and JOE.name not in shelf.fit("de")


@pytest.mark.parametrize(
    ("name", "config", "model", "line"),
    [
        ("x.onnx", None, b"\x08" + bytes(200_000), r"x\.onnx\.json is missing; a voice is two files"),
        ("x.onnx", "{}", b"\x08" + bytes(200_000), r"x\.onnx\.json is not a Piper voice's description \(audio\)"),
        ("x.onnx", "not json", b"\x08" + bytes(200_000), "is not a Piper voice's description"),
        ("en_US-x.onnx", "good", b"MZ" + bytes(200_000), "is not an ONNX model; download the voice again"),
        ("en_US-x.onnx", "good", b"\x08", "is not an ONNX model"),
        ("tlh-x.onnx", "good", b"\x08" + bytes(200_000), "its language (none) is none of 45 offered"),
    ],
    ids=["alone", "empty", "no json", "a program", "cut off", "a language that is not offered"],
)
def test_a_file_that_is_no_voice_is_refused(
    tmp_path: Path, name: str, config: str | None, model: bytes, line: str
) -> None:
    (tmp_path / name).write_bytes(model)
    if config is not None:
        good = json.dumps({"audio": {"sample_rate": 22050}, "phoneme_id_map": {"a": [1]}})
        (tmp_path / f"{name}.json").write_text(good if config == "good" else config)
    with pytest.raises(InvalidInput) as caught:
        voices_in(tmp_path)
    assert str(caught.value).startswith("REELWRIGHT_VOICES: ") and "\n" not in str(caught.value)
    assert line.replace("\\", "") in str(caught.value)


async def test_a_model_that_does_not_load_is_the_users_to_mend(tmp_path: Path) -> None:
    found = voice(tmp_path, "en_US-broken-low", "en_US")
    with pytest.raises(
        InvalidInput, match=r"voice: en_US-broken-low\.onnx cannot be loaded: .*; download the voice again"
    ):
        await Narrator(Shelf((found,))).ready("en")


@pytest.mark.parametrize(
    ("chosen", "language", "line"),
    [
        ("nobody", "en", "voice: there is no voice 'nobody'; choose from espeak-ng, en_US-joe-medium"),
        (JOE.name, "de", "voice: en_US-joe-medium speaks English, the text is German; choose from espeak-ng"),
        (f"{JOE.name}#2", "en", "voice: en_US-joe-medium has no speaker '2'; it has one"),
        ("", "xx", "language: no voice for 'xx'; choose from en"),
    ],
)
def test_a_voice_that_cannot_speak_it_is_refused(chosen: str, language: str, line: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Narrator(Shelf((JOE,))).spoken_by(language, Delivery(choice=VoiceChoice(voice=chosen)))
    assert str(caught.value).startswith(line)


# --- the request -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"voice": {"speed": 3}}, "speed"),
        ({"voice": {"pitch": -7}}, "pitch"),
        ({"voice": {"voice": "x" * 101}}, "voice"),
        ({"voices": {"A:B": {}}}, "no colon"),
        ({"voices": {"Anna": {}, "ANNA": {}}}, "differ in capitals only"),
        ({"scene_voices": {0: {}}}, "scene_voices"),
        ({"script": None, "topic": "Sea", "voices": {"Anna": {}}}, "they go with a script"),
        ({"voices": {f"n{number}": {} for number in range(21)}}, "21 speakers is more than 20"),
    ],
)
def test_choices_are_checked_before_anything_is_made(fields: dict[str, object], line: str) -> None:
    with pytest.raises(ValueError, match=line):
        ContentRequest.model_validate({"script": "One sentence here.", **fields})


def test_the_command_line_gives_a_voice_to_all_to_a_speaker_and_to_a_scene(tmp_path: Path) -> None:
    (tmp_path / "talk.md").write_text("ANNA: One sentence here.")
    (tmp_path / "voices.toml").write_text('[voices.ANNA]\npitch = 3\n[scenes.2]\nvoice = "espeak-ng"\n')
    asked = Asked(script=tmp_path / "talk.md", voice=JOE.name, speed=1.1, voices=tmp_path / "voices.toml")
    request = request_of(asked)[1]
    assert request.voice == VoiceChoice(voice=JOE.name, speed=1.1)
    assert request.voices == {"ANNA": VoiceChoice(pitch=3)}
    assert request.scene_voices == {2: VoiceChoice(voice="espeak-ng")}
    (tmp_path / "voices.toml").write_text("[speakers.ANNA]\npitch = 3\n")
    with pytest.raises(InvalidInput, match=r"^voices: .*voices\.toml has an unknown table 'speakers'; name tables"):
        request_of(asked)


async def test_a_voice_is_tried_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new" / "voice.wav"
    assert await try_voice("It was $3.5 million.", "espeak-ng", "en", 1.0, 0.0, file, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["voice"], told["timing"]) == ("espeak-ng", "espeak")
    assert [word["text"] for word in told["words"]] == ["It", "was", "$3.5", "million."], "as written, not as said"
    assert read_wav(file.read_bytes())[0].size == pytest.approx(told["duration_s"] * 48_000, abs=50)
    with pytest.raises(InvalidInput, match="speed: "):
        await try_voice("Hello there.", "", "en", 9.0, 0.0, file, as_json=True)
    with pytest.raises(InvalidInput, match=r"out: .* is a folder; name a file"):
        await try_voice("Hello there.", "", "en", 1.0, 0.0, tmp_path, as_json=True)
    assert await list_voices(as_json=True) == 0
    listed = json.loads(capsys.readouterr().out)["voices"]
    assert [row["voice"] for row in listed] == [JOE.name, "espeak-ng"]
    assert listed[0]["speaks_unnamed"] == ["en"] and "en" not in listed[1]["speaks_unnamed"]


def test_an_old_request_has_the_same_json() -> None:
    told = ContentRequest(script="One sentence here.").model_dump_json()
    assert not any(f'"{name}"' in told for name in ("voice", "voices", "scene_voices"))


def test_a_shelf_without_the_extra_leaves_english_to_espeak(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert Shelf.of(None).default("en") is None
    shutil.copy(f"{JOE.model}.json", tmp_path / "x.onnx.json")
    with pytest.raises(InvalidInput, match="REELWRIGHT_VOICES: Piper is not installed; pip install"):
        Shelf.of(tmp_path)
