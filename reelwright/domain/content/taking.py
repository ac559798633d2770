"""Each of the user's own media in its place: refused where it cannot serve there."""

from __future__ import annotations

from collections.abc import Mapping

from ..assets import AssetRef
from ..errors import InvalidInput
from .finished import require_finished
from .media import MediaUse, SceneClip, TakenPicture, is_address
from .media_lines import media_lines
from .taken import NamedMedia, SoundFacts, StoredMedia, TakenMedia, TakenScene

LEAST_MUSIC_S = 1.0
LONGEST_NARRATION_S = 2_400.0
"""Twice what the longest script takes."""
_KINDS = {"picture": "a picture", "clip": "a clip without sound", "sound": "an audio file"}


def taken_of(
    named: NamedMedia, found: Mapping[str, StoredMedia], stills: Mapping[tuple[str, float], AssetRef] | None = None
) -> TakenMedia:
    """What a request names, from what each address has led to. `stills` are those of clips that begin later than at
    their beginning, by address and start. Raises `InvalidInput` naming the field."""
    narration, music, begun = named.narration, named.music, stills or {}
    return TakenMedia(
        scenes={
            n: _scene(use, found[use.file], f"media.{n}", begun.get((use.file, use.start_s)))
            for n, use in named.scenes.items()
        },
        lines={line: _scene(MediaUse(file=line), found[line], "script") for line in named.lines},
        narration=_narration(found[narration.file], "narration.file") if narration and narration.file else None,
        narrations={
            n: _narration(found[address], f"narration.scenes.{n}")
            for n, address in (narration.scenes if narration else {}).items()
        },
        music=_music(found[music.file], music.start_s) if music else None,
        music_start_s=music.start_s if music else 0.0,
        intro=_clip(named.intro, found[named.intro.file], "intro") if named.intro else None,
        outro=_clip(named.outro, found[named.outro.file], "outro") if named.outro else None,
        video={
            format: require_finished(found[address], format, f"video.{format}")
            for format, address in named.video.items()
        },
        pictures={
            platform: tuple(
                TakenPicture(
                    file=_picture(found[one.file], f"posts.{platform.value}.pictures.{number}.file"), alt=one.alt
                )
                for number, one in enumerate(pictures, start=1)
            )
            for platform, pictures in named.pictures.items()
        },
        notes=tuple(dict.fromkeys(note for media in found.values() for note in media.notes)),
    )


def check_lines(script: str) -> None:
    """Raises `InvalidInput` for a media line whose file is no address: a workflow reads no local files."""
    for line in media_lines(script):
        if not is_address(line.target):
            raise InvalidInput(
                f"line {line.number}: {line.target[:60]!r} is no address of media",
                field="script",
                remedy="store it with `reelwright media add` and write `media:` with the sha256, or give an https:// "
                "or s3:// address",
            )


def _picture(media: StoredMedia, field: str) -> AssetRef:
    if media.kind != "picture":
        raise _misplaced(media, field, "give a picture")
    return media.used


def _scene(use: MediaUse, media: StoredMedia, field: str, still: AssetRef | None = None) -> TakenScene:
    if media.kind == "sound":
        raise _misplaced(media, field, "give a picture or a video clip")
    if media.clip is None or media.still is None:
        return TakenScene(image=media.used, shows=use.shows)
    return TakenScene(image=still or media.still, clip=_clip(use, media, field), shows=use.shows)


def _clip(use: MediaUse, media: StoredMedia, field: str) -> SceneClip:
    if media.clip is None:
        raise _misplaced(media, field, "give a video clip")
    _check_start(use.start_s, media.clip.duration_s, field)
    return SceneClip(file=media.used, facts=media.clip, sound=use.sound, fit=use.fit, start_s=use.start_s)


def _sound(media: StoredMedia, field: str) -> SoundFacts:
    if media.sound is None:
        raise _misplaced(media, field, "give an audio file")
    return media.sound


def _narration(media: StoredMedia, field: str) -> StoredMedia:
    sound = _sound(media, field)
    if sound.duration_s > LONGEST_NARRATION_S:
        raise InvalidInput(
            f"{media.name} is longer than {LONGEST_NARRATION_S / 60:.0f} minutes",
            field=field,
            remedy="split it into videos",
        )
    if sound.heard_s == 0:
        raise InvalidInput(f"{media.name} is silent", field=field, remedy="record it again, or leave it out")
    return media


def _music(media: StoredMedia, start_s: float) -> StoredMedia:
    sound = _sound(media, "music.file")
    if sound.duration_s < LEAST_MUSIC_S:
        raise InvalidInput(
            f"{media.name} is {sound.duration_s:.2f} s long, shorter than a second",
            field="music.file",
            remedy="give a longer piece; it is looped where the video is longer",
        )
    _check_start(start_s, sound.duration_s, "music")
    if sound.heard_s == 0:
        raise InvalidInput(f"{media.name} is silent", field="music.file", remedy="give a piece with sound")
    heard_s = LEAST_MUSIC_S if sound.heard_s is None else sound.heard_s - start_s
    if heard_s < LEAST_MUSIC_S:
        begins = f" from {start_s:g} s on" if start_s else ""
        raise InvalidInput(
            f"{media.name} has {max(heard_s, 0):.2f} s of sound{begins}, less than a second",
            field="music.start_s" if start_s else "music.file",
            remedy="begin earlier" if start_s else "give a longer piece",
        )
    return media


def _check_start(start_s: float, duration_s: float, field: str) -> None:
    if start_s >= duration_s:
        raise InvalidInput(
            f"{start_s:g} s is behind its end at {duration_s:.2f} s", field=f"{field}.start_s", remedy="begin earlier"
        )


def _misplaced(media: StoredMedia, field: str, remedy: str) -> InvalidInput:
    kind = "a clip" if media.kind == "clip" and media.sound else _KINDS[media.kind]
    return InvalidInput(f"{media.name} is {kind}", field=field, remedy=remedy)
