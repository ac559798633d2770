"""The user's own media on the command line: which local files options and a script name, and how they get into the
media store."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from reelwright.domain.content.media import is_address
from reelwright.domain.content.media_lines import MediaLine, with_targets
from reelwright.domain.errors import InvalidInput

from .console import plain, say
from .reading import STANDARD_INPUT, named, open_inside

if TYPE_CHECKING:  # a command that names no media, or is refused, loads none of this
    from control.studio import Studio
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.taken import NamedMedia, StoredMedia
    from reelwright.domain.ports.media import MediaIntake

BY_SHA256 = "media:"
_NUMBERED = re.compile(r"(?:scene[-_ ]?)?0*(\d{1,3})", re.IGNORECASE)
"""The name, without its ending, of a file for the scene with this number."""


@dataclass(frozen=True)
class OwnFile:
    """A local file and the field that names it."""

    path: Path
    name: str
    field: str


@dataclass
class OwnFiles:
    """The local files that a command names, by the sha256 of their bytes, and the fields of the request that refer to
    them."""

    files: dict[str, OwnFile] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    unused: tuple[str, ...] = ()

    async def attach(self, to: ContentRequest | str, studio: Studio) -> None:
        """Takes the files in that a request or a script's text names. Raises `InvalidInput` for what cannot be used
        where it is named, before anything is begun."""
        for name in self.unused:
            say(f"[yellow]note[/] {plain(name)} in the media folder is not used: its name is no scene's number")
        if not self.files:
            return
        if studio.intake is None:
            from control.studio import NoStudio

            raise NoStudio(field="DATABASE_URL")
        from reelwright.domain.content.taken import NamedMedia

        names = NamedMedia.of_script(to) if isinstance(to, str) else NamedMedia.of(to)
        await self.take_in(names, studio.intake())

    async def take_in(self, names: NamedMedia, intake: MediaIntake) -> None:
        """The same, with what takes them in."""
        from reelwright.domain.content.taking import taken_of

        found: dict[str, StoredMedia] = {}
        for sha256, file in self.files.items():
            media = await taken_in(file, intake)
            if media.file.sha256 != sha256:
                raise InvalidInput(f"{file.name} has just been changed", field=file.field, remedy="try again")
            found[f"{BY_SHA256}{sha256}"] = media.model_copy(update={"name": file.name})  # which was typed here
        if all(address in found for _, address in names.addresses()):
            taken_of(names, found)

    def add(self, descriptor: int, file: OwnFile) -> str:
        """The address of an opened file, which is closed. The same bytes twice are one file."""
        with os.fdopen(descriptor, "rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        self.files.setdefault(sha256, file)
        return f"{BY_SHA256}{sha256}"


async def taken_in(file: OwnFile, intake: MediaIntake) -> StoredMedia:
    """A local file, checked and stored."""
    from .ticking import regular_lines  # brings asyncio, which a request that is refused does without

    shares = [0.0]
    with TemporaryDirectory(prefix="reelwright-media-") as folder:
        async with regular_lines(lambda: f"looking at {plain(file.name)}: {shares[-1]:.0%}"):
            return await intake.add(
                file.path, name=file.name, field=file.field, workdir=Path(folder), progress=shares.append
            )


def own_files(
    *,
    media: Path | None = None,
    narration: str | None = None,
    music: str | None = None,
    intro: str | None = None,
    outro: str | None = None,
    script: Path | None = None,
    script_text: str | None = None,
) -> OwnFiles:
    """What the options name. The request's fields are set, the script's among them, with addresses in its media lines.
    Raises `InvalidInput` naming the option."""
    own = OwnFiles()
    used: set[Path] = set()
    if media is not None:
        by_number = _numbered(own, media, field="media", used=used)
        if by_number:
            own.fields["media"] = {number: {"file": address} for number, address in by_number.items()}
    if script_text is not None:
        folders = [_folder_of(script), *([media] if media is not None else [])]
        text = with_targets(script_text, lambda line: _line_address(own, line, folders, used))
        own.fields["script"] = text
    if media is not None:
        own.unused = tuple(path.name for path in _media_in(media, "media") if path.resolve() not in used)
    if narration is not None:
        own.fields["narration"] = _narration(own, narration)
    for option, value in (("music", music), ("intro", intro), ("outro", outro)):
        if value is not None:
            own.fields[option] = {"file": _address(own, value, option)}
    return own


def with_post_pictures(own: OwnFiles, posts: dict[str, Any], file: Path) -> dict[str, Any]:
    """The tables of a file of posts, with addresses in place of the pictures' file names. They are looked for in the
    file's folder. What is not written as it should be is left to the request's own check."""
    folder, told = _folder_of(file), dict(posts)
    for platform, options in posts.items():
        pictures = options.get("pictures") if isinstance(options, dict) else None
        if isinstance(pictures, list):
            named_here = [
                _posted(own, picture, folder, f"posts.{platform}.pictures.{number}.file")
                for number, picture in enumerate(pictures, start=1)
            ]
            told[platform] = {**options, "pictures": named_here}
    return told


def _posted(own: OwnFiles, picture: Any, folder: Path, option: str) -> Any:
    name = picture.get("file") if isinstance(picture, dict) else None
    if not isinstance(name, str) or is_address(name) or "://" in name or name.startswith(BY_SHA256):
        return picture
    descriptor, real = open_inside(
        folder, name, field=option, where="the folder of the posts' file", remedy="put a copy there"
    )
    return {**picture, "file": own.add(descriptor, OwnFile(real, PurePath(name).name, option))}


def _narration(own: OwnFiles, value: str) -> dict[str, object]:
    if not is_address(value) and Path(value).is_dir():
        scenes = _numbered(own, Path(value), field="narration", used=set())
        if not scenes:
            raise InvalidInput(
                f"{named(value)} has no recording that is called by a scene's number",
                field="narration",
                remedy="call them 01.wav, 02.wav, or give one file",
            )
        return {"scenes": scenes}
    return {"file": _address(own, value, "narration")}


def _address(own: OwnFiles, value: str, option: str) -> str:
    """Of an option's value: an address as it is, else the local file's."""
    if is_address(value):
        return value
    if "://" in value:
        raise InvalidInput(
            f"{value[:60]!r} is no address of media",
            field=option,
            remedy="give an https:// or s3:// address, or a file",
        )
    return own.add(*opened_file(Path(value), option))


def opened_file(path: Path, option: str) -> tuple[int, OwnFile]:
    """A file that a person names, wherever it is: what a link points to is what was named."""
    if str(path) == STANDARD_INPUT:
        raise InvalidInput("media cannot come from standard input", field=option, remedy="name a file")
    folder, name = path.parent, path.name
    try:
        real = path.resolve(strict=True)
        folder, name = real.parent, real.name
    except (OSError, RuntimeError, ValueError):
        pass  # `open_inside` finds the same and says it
    descriptor, real = open_inside(folder, name, field=option, where="its folder", remedy="name another file")
    return descriptor, OwnFile(real, path.name, option)


def _folder_of(script: Path | None) -> Path:
    """Where a script's files are: its folder, or this one for a script that comes through a pipe."""
    return script.parent if script is not None and str(script) != STANDARD_INPUT else Path()


def _line_address(own: OwnFiles, line: MediaLine, folders: list[Path], used: set[Path]) -> str:
    """Of a media line's file: an address as it is, else that of a file in the script's folder or the media folder."""
    if is_address(line.target):
        return line.target
    where = "the script's folder" + " and the media folder" * (len(folders) > 1)
    option = f"script, line {line.number}"
    if "://" in line.target:
        raise InvalidInput(
            f"{line.target[:60]!r} is no address of media", field=option, remedy="give an https:// or s3:// address"
        )
    for folder in folders:
        for name in dict.fromkeys((line.target, unquote(line.target))):
            if PurePath(name).is_absolute() or not (folder / name).exists():
                continue
            descriptor, real = open_inside(
                folder, name, field=option, where=where, remedy="put a copy there, or name its folder with --media"
            )
            used.add(real)
            return own.add(descriptor, OwnFile(real, PurePath(name).name, option))
    raise InvalidInput(
        f"there is no file {named(line.target)!r} in {where}",
        field=option,
        remedy="check the name; a picture that is to be drawn is written ![what it shows]",
    )


def _numbered(own: OwnFiles, folder: Path, *, field: str, used: set[Path]) -> dict[int, str]:
    """The addresses of a folder's files that are called by a scene's number."""
    found: dict[int, Path] = {}
    for path in _media_in(folder, field):
        match = _NUMBERED.fullmatch(path.stem)
        if match is None or (number := int(match[1])) == 0:
            continue
        if number in found:
            raise InvalidInput(
                f"{found[number].name} and {path.name} are both for scene {number}",
                field=f"{field}.{number}",
                remedy="leave one in the folder",
            )
        found[number] = path
    addresses: dict[int, str] = {}
    for number, path in sorted(found.items()):
        option = f"{field}.{number}"
        descriptor, real = open_inside(
            folder, path.name, field=option, where=f"the folder {named(folder)}", remedy="put a copy there"
        )
        used.add(real)
        addresses[number] = own.add(descriptor, OwnFile(real, path.name, option))
    return addresses


def _media_in(folder: Path, field: str) -> Iterator[Path]:
    """The files of a folder that are called like media, by name; hidden ones are passed over."""
    from reelwright.providers.own.names import MEDIA_ENDINGS

    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise InvalidInput(
            f"{named(folder)} cannot be read ({error.strerror or error})", field=field, remedy="name a folder"
        ) from error
    return (path for path in paths if path.suffix.lower() in MEDIA_ENDINGS and not path.name.startswith("."))
