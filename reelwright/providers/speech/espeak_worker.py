"""Speaks one utterance with espeak-ng and ends: JSON on standard input, audio and events on standard output.

Run as `python -m reelwright.providers.speech.espeak_worker`, once per utterance, because libespeak-ng is not
thread-safe, repeats within one process differ by some samples while a fresh process always gives the same ones, a
crash ends no other process, and its licence (GPL) stays on its own side of a process boundary.

Input: `{"voice": "en-us+m7", "rate": 165, "pitch": 50, "chunks": [{"text": "One word.", "pieces": ["One", "word."]}]}`;
rate in words a minute, pitch 0 to 100.
Output: one line of JSON, then raw 16-bit little-endian mono PCM. The line is
`{"sample_rate": 22050, "chunks": [{"samples": 40123, "events": [[kind, position, sample, phoneme], ...], "pieces":
[[phoneme, ...], ...]}]}` with kind `w` (a word begins; `position` counts characters of the chunk from 0) or `p` (a
phoneme begins), both in the order spoken and `sample` counted from the start of the chunk; `pieces` has the phonemes of
each piece spoken alone. An error is one line on standard error and exit code 1.

The structures and numbers are those of espeak-ng 1.52's `speak_lib.h`.
"""

from __future__ import annotations

import ctypes as c
import json
import os
import sys
from typing import Any

_LIST_TERMINATED, _WORD, _PHONEME = 0, 1, 7
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_PHONEME_EVENTS, _INITIALIZE_DONT_EXIT = 0x0001, 0x8000
_POS_CHARACTER = 1
_CHARS_UTF8, _END_PAUSE = 0x0001, 0x1000
_PARAMETER_RATE, _PARAMETER_PITCH = 1, 3
_PHONEME_SEPARATOR = "/"
_PHONEME_NAMES = ord(_PHONEME_SEPARATOR) << 8
_MAX_PCM_BYTES = 120_000_000
"""About 45 minutes: whatever is longer than that is a mistake and would only fill the memory."""

_Told = tuple[str, int, int, str]
"""Kind, position, sample, phoneme; see above."""


class _EventId(c.Union):
    _fields_ = [("number", c.c_int), ("name", c.c_char_p), ("string", c.c_char * 8)]


class _Event(c.Structure):
    _fields_ = [
        ("type", c.c_int),
        ("unique_identifier", c.c_uint),
        ("text_position", c.c_int),
        ("length", c.c_int),
        ("audio_position", c.c_int),
        ("sample", c.c_int),
        ("user_data", c.c_void_p),
        ("id", _EventId),
    ]


_Callback = c.CFUNCTYPE(c.c_int, c.POINTER(c.c_short), c.c_int, c.POINTER(_Event))


def _load() -> c.CDLL:
    import espeakng_loader

    library = c.CDLL(espeakng_loader.get_library_path())
    library.espeak_Initialize.argtypes = [c.c_int, c.c_int, c.c_char_p, c.c_int]
    library.espeak_SetSynthCallback.argtypes = [_Callback]
    library.espeak_SetSynthCallback.restype = None
    library.espeak_SetVoiceByName.argtypes = [c.c_char_p]
    library.espeak_SetParameter.argtypes = [c.c_int, c.c_int, c.c_int]
    library.espeak_Synth.argtypes = [
        c.c_char_p,
        c.c_size_t,
        c.c_uint,
        c.c_int,
        c.c_uint,
        c.c_uint,
        c.POINTER(c.c_uint),
        c.c_void_p,
    ]
    library.espeak_TextToPhonemes.argtypes = [c.POINTER(c.c_void_p), c.c_int, c.c_int]
    library.espeak_TextToPhonemes.restype = c.c_char_p
    return library


class _Recorder:
    """Collects what the library calls back with. Samples of events count from the start of one espeak_Synth."""

    def __init__(self) -> None:
        self.pcm = bytearray()
        self.events: list[_Told] = []
        self.trouble: Exception | None = None
        self.callback = _Callback(self._receive)  # kept here: the library holds no reference of its own

    def _receive(self, wav: Any, count: int, events: Any) -> int:
        """Called by the library; nothing may escape into C. 0 goes on, 1 stops."""
        try:
            if wav and count > 0:
                self.pcm += c.string_at(wav, count * 2)
            if len(self.pcm) > _MAX_PCM_BYTES:
                raise ValueError("the utterance is longer than 45 minutes")
            for event in events:
                if event.type == _LIST_TERMINATED:
                    break
                if event.type == _WORD:
                    self.events.append(("w", event.text_position - 1, event.sample, ""))
                elif event.type == _PHONEME:
                    name = event.id.string.decode("utf-8", "replace")
                    self.events.append(("p", event.text_position - 1, event.sample, name))
            return 0
        except Exception as error:  # noqa: BLE001  (reported after the call)
            self.trouble = error
            return 1

    def take(self) -> tuple[bytes, list[_Told]]:
        if self.trouble is not None:
            raise self.trouble
        pcm, events = bytes(self.pcm), self.events
        self.pcm, self.events = bytearray(), []
        return pcm, events


def _phonemes(library: c.CDLL, text: str) -> list[str]:
    """The phonemes of a text by the names that events have, with stress and tone."""
    raw = c.create_string_buffer(text.encode())
    rest, found = c.c_void_p(c.addressof(raw)), list[str]()
    while rest.value:  # a clause at a time
        told = library.espeak_TextToPhonemes(c.byref(rest), _CHARS_UTF8, _PHONEME_NAMES) or b""
        found += filter(
            None, told.decode("utf-8", "replace").replace(" ", _PHONEME_SEPARATOR).split(_PHONEME_SEPARATOR)
        )
    return [name for name in found if not name.startswith("_") or any(map(str.isalpha, name))]


def synthesize(voice: str, rate: int, pitch: int, chunks: list[dict[str, Any]]) -> tuple[dict[str, Any], bytes]:
    """The header and the PCM of all chunks, one after the other."""
    import espeakng_loader

    library, recorder = _load(), _Recorder()
    sample_rate = library.espeak_Initialize(
        _AUDIO_OUTPUT_SYNCHRONOUS,
        0,
        espeakng_loader.get_data_path().encode(),
        _INITIALIZE_DONT_EXIT | _INITIALIZE_PHONEME_EVENTS,
    )
    if sample_rate <= 0:
        raise RuntimeError(f"espeak_Initialize answered {sample_rate}")
    library.espeak_SetSynthCallback(recorder.callback)
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise RuntimeError(f"espeak-ng has no voice {voice}")
    library.espeak_SetParameter(_PARAMETER_RATE, rate, 0)
    library.espeak_SetParameter(_PARAMETER_PITCH, pitch, 0)
    pcm: list[bytes] = []
    told: list[dict[str, Any]] = []
    for chunk in chunks:
        raw = chunk["text"].encode() + b"\0"
        answer = library.espeak_Synth(raw, len(raw), 0, _POS_CHARACTER, 0, _CHARS_UTF8 | _END_PAUSE, None, None)
        samples, events = recorder.take()
        if answer != 0:
            raise RuntimeError(f"espeak_Synth answered {answer}")
        pcm.append(samples)
        told.append({"samples": len(samples) // 2, "events": events})
    # Behind all speech, which must not depend on what else the library has read.
    for chunk, header in zip(chunks, told, strict=True):
        header["pieces"] = [_phonemes(library, piece) for piece in chunk["pieces"]]
    return {"sample_rate": sample_rate, "chunks": told}, b"".join(pcm)


def main() -> int:
    request = json.load(sys.stdin)
    # The library may print; what we answer must stay clean, so our standard output is put aside and theirs is stderr.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        header, pcm = synthesize(request["voice"], request["rate"], request["pitch"], request["chunks"])
    except (RuntimeError, ValueError, OSError, ImportError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    with answer:
        answer.write(json.dumps(header, ensure_ascii=True).encode() + b"\n" + pcm)
    return 0


if __name__ == "__main__":
    sys.exit(main())
