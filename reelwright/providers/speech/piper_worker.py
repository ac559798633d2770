"""Speaks with Piper's neural voices: requests on standard input, audio and phoneme times on standard output.

Run as `python -m reelwright.providers.speech.piper_worker VOICE.onnx`. The process loads one voice, which takes about a
second of CPU, and speaks until its standard input ends. Piper and the espeak-ng it embeds (GPL) are loaded here and
nowhere else.

First it writes `{"sample_rate": 22050}`: the voice is loaded. Then, for each request line

    {"length_scale": 1.1, "speaker": 0, "sentences": [{"text": "One sentence.", "tokens": ["One", "sentence."]}]}

one line and as many bytes of 16-bit little-endian mono PCM as it announces:

    {"bytes": 1234, "sentences": [{"samples": 617, "phonemes": [["w", 512], ...], "tokens": [["w", ...], ...]}]}

`phonemes` has each phoneme with its length in samples, from the model's own durations; null where the model does not
give them. `tokens` has the phonemes of each token spoken alone, by which phonemes are assigned to tokens
(`phonemes.py`). What goes wrong with one request is `{"error": "..."}`; a voice that cannot be loaded is one line on
standard error and exit code 3.

The model draws random numbers. They are taken out of the graph and given as inputs, seeded by the sentence, so that the
same sentence always gives the same samples.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

BAD_VOICE = 3
_FRAMES_PER_ID = 30
"""Far more frames than any phoneme lasts at the voice's own speed; a frame takes `_CHANNELS` random numbers."""
_CHANNELS = 192
_NOISE = "reelwright_noise_"


class Voice:
    """A loaded voice on one thread."""

    def __init__(self, model: Path) -> None:
        import onnx
        import onnxruntime
        from piper.config import PhonemeType, PiperConfig
        from piper.patch_voice_with_alignment import add_alignment_output
        from piper.voice import PiperVoice

        config = PiperConfig.from_dict(json.loads(Path(f"{model}.json").read_text("utf-8")))
        graph = onnx.load(str(model))
        try:
            add_alignment_output(graph)
            self._timed = config.phoneme_type in (PhonemeType.ESPEAK, PhonemeType.TEXT)
        except ValueError:
            self._timed = False
        self._noises = _take_out_noise(graph)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
        self._voice = PiperVoice(session=session, config=config)
        self.sample_rate = config.sample_rate

    def speak(self, request: dict[str, Any]) -> tuple[list[dict[str, Any]], bytes]:
        """Each sentence's header, and the PCM of all of them."""
        headers, pcm = [], []
        for sentence in request["sentences"]:
            samples, phonemes = 0, []
            for spoken in self._voice.phonemize(sentence["text"]):
                ids = self._voice.phonemes_to_ids(spoken)
                audio, lengths = self._run(ids, float(request["length_scale"]), int(request["speaker"]))
                pcm.append(audio)
                samples += len(audio) // 2
                phonemes += self._times(spoken, ids, lengths, len(audio) // 2)
            timed = self._timed and sum(length for _, length in phonemes) == samples
            alone = [[p for part in self._voice.phonemize(t) for p in part] if t else [] for t in sentence["tokens"]]
            headers.append({"samples": samples, "phonemes": phonemes if timed else None, "tokens": alone})
        return headers, b"".join(pcm)

    def _run(self, ids: list[int], length_scale: float, speaker: int) -> tuple[bytes, list[int] | None]:
        import numpy as np

        config = self._voice.config
        random = np.random.default_rng(list(hashlib.sha256(json.dumps(ids).encode()).digest()))
        wanted = int(len(ids) * _FRAMES_PER_ID * max(1.0, length_scale)) * _CHANNELS
        inputs: dict[str, Any] = {
            "input": np.array([ids], dtype=np.int64),
            "input_lengths": np.array([len(ids)], dtype=np.int64),
            "scales": np.array(
                [config.noise_scale, length_scale * config.length_scale, config.noise_w_scale], dtype=np.float32
            ),
            **{name: random.standard_normal(wanted, dtype=np.float32) for name in self._noises},
        }
        if config.num_speakers > 1:
            inputs["sid"] = np.array([speaker], dtype=np.int64)
        answered = self._voice.session.run(None, inputs)
        audio = np.asarray(answered[0], dtype=np.float32).reshape(-1)
        audio /= max(1.0, float(np.max(np.abs(audio), initial=0.0)))
        lengths = None
        if self._timed:
            lengths = [int(frames * config.hop_length) for frames in np.asarray(answered[1]).reshape(-1)]
        return np.rint(audio * 32767.0).astype("<i2").tobytes(), lengths

    def _times(
        self, phonemes: list[str], ids: list[int], lengths: list[int] | None, samples: int
    ) -> list[tuple[str, int]]:
        """Each phoneme with its samples and those of the padding behind it; nothing where they do not fit."""
        if lengths is None or len(lengths) != len(ids):
            return []
        known = self._voice.config.phoneme_id_map
        pad, at = len(known["_"]), len(known["^"]) + len(known["_"])
        told = [("^", sum(lengths[:at]))]
        for phoneme in phonemes:
            if phoneme not in known:
                continue  # Piper leaves it out, too
            count = len(known[phoneme]) + pad
            told.append((phoneme, sum(lengths[at : at + count])))
            at += count
        told.append(("$", samples - sum(length for _, length in told)))
        return told if told[-1][1] >= 0 else []


def _take_out_noise(graph: Any) -> list[str]:
    """Turns each node that draws random numbers into an input of the graph; the inputs' names."""
    from onnx import TensorProto, helper

    names: list[str] = []
    nodes = []
    for node in graph.graph.node:
        if node.op_type != "RandomNormalLike":
            nodes.append(node)
            continue
        name = f"{_NOISE}{len(names)}"
        shape, size, flat = (f"{name}_{part}" for part in ("shape", "size", "flat"))
        zero = helper.make_tensor(f"{name}_zero", TensorProto.INT64, [1], [0])
        graph.graph.initializer.append(zero)
        nodes += [
            helper.make_node("Shape", [node.input[0]], [shape]),
            helper.make_node("ReduceProd", [shape], [size], keepdims=1),
            helper.make_node("Slice", [name, zero.name, size], [flat]),
            helper.make_node("Reshape", [flat, shape], [node.output[0]]),
        ]
        graph.graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["numbers"]))
        names.append(name)
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    return names


def main() -> int:
    # Libraries may print; what we answer must stay clean, so our standard output is put aside and theirs is stderr.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        voice = Voice(Path(sys.argv[1]))
    except Exception as error:  # noqa: BLE001  (a voice file may be anything, and each loader has errors of its own)
        print(f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}", file=sys.stderr)
        return BAD_VOICE
    _send(answer, {"sample_rate": voice.sample_rate})
    for line in sys.stdin:
        try:
            headers, pcm = voice.speak(json.loads(line))
        except Exception as error:  # noqa: BLE001  (reported to the parent, which decides)
            _send(answer, {"error": f"{type(error).__name__}: {error}"[:300]})
            continue
        _send(answer, {"bytes": len(pcm), "sentences": headers}, pcm)
    return 0


def _send(answer: Any, header: dict[str, Any], body: bytes = b"") -> None:
    answer.write(json.dumps(header, ensure_ascii=True).encode() + b"\n" + body)
    answer.flush()


if __name__ == "__main__":
    sys.exit(main())
