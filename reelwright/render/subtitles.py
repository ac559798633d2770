"""Subtitle files from the same cues as the burned-in captions, with all symbols kept.

SRT has no standard; this follows what players agree on (counter, `HH:MM:SS,mmm --> ...`, text, empty line).
WebVTT: https://www.w3.org/TR/webvtt1/, sections 4.1 (file) and 4.2.2 (cue text, timestamp tags).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .cues import Cue, line_text


def srt(cues: Sequence[Cue]) -> str:
    """A SubRip file."""
    blocks = []
    for number, cue in enumerate(_told(cues), start=1):
        text = "\n".join(_srt_text(line_text(line, original=True)) for line in cue.lines)
        blocks.append(f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{text}\n")
    return "\n".join(blocks)


def vtt(cues: Sequence[Cue], *, language: str) -> str:
    """A WebVTT file. Each word carries the time it is spoken at, so that players can follow along."""
    # The header is read line by line: only a plain language tag (BCP 47) may go into it.
    named = f"Language: {language}\n" if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", language) else ""
    blocks = [f"WEBVTT\nKind: captions\n{named}"]
    for number, cue in enumerate(_told(cues), start=1):
        blocks.append(f"{number}\n{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_vtt_cue(cue)}\n")
    return "\n".join(blocks)


def _told(cues: Iterable[Cue]) -> list[Cue]:
    """Cues that last at least a millisecond and have text; a shorter one would be an error to a player."""
    return [cue for cue in cues if _millis(cue.end) > _millis(cue.start) and any(word.text for word in cue.words)]


def _srt_text(text: str) -> str:
    # SRT has no escapes, but players read <i>, {\an8} and the arrow. Characters that look alike are only text.
    return text.replace("-->", "→").replace("<", "‹").replace(">", "›").replace("{", "(").replace("}", ")")


def _vtt_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _vtt_cue(cue: Cue) -> str:
    """A cue's lines with a timestamp before each word; timestamps must lie inside the cue and rise."""
    lines: list[str] = []
    latest = _millis(cue.start)
    for line in cue.lines:
        parts: list[str] = []
        for word in line:
            at = _millis(word.start)
            tag = f"<{_clock(word.start, '.')}>" if latest < at < _millis(cue.end) else ""
            latest = max(latest, at)
            gap = "" if word.joined or not parts else " "
            parts.append(f"{gap}{tag}{_vtt_text(word.text)}")
        lines.append("".join(parts))
    return "\n".join(lines)


def _millis(seconds: float) -> int:
    return round(seconds * 1000)


def _clock(seconds: float, point: str) -> str:
    millis = max(_millis(seconds), 0)
    hours, rest = divmod(millis, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
