"""What `reelwright channel` does: reads channel files and the files they name, and prints."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from control import channels as control
from control.channels import Change
from reelwright.domain.channels.versions import Applied, ChannelVersion
from reelwright.domain.errors import InvalidInput

from .books import books, policies
from .console import EXIT_OK, out, plain, print_json, say
from .reading import named, read_limited, unreadable
from .tables import Record, local, print_fields, print_records

if TYPE_CHECKING:  # a list reads no files, and no configuration where no channel was applied
    from reelwright.domain.channels.config import Capability, ChannelConfig

    from .styles import StyleFiles


@dataclass(frozen=True)
class _Read:
    """A channel file that was read and checked, and the local files that its look names."""

    change: Change
    files: StyleFiles


async def apply(paths: Sequence[Path], *, by: str, as_json: bool) -> int:
    """Reads and checks everything, stores the files that looks name, then applies."""
    read = [_read(path) for path in _files(paths)]
    control.check_names([one.change for one in read])
    async with books() as opened:
        changes = [await _stored(one) for one in read]
        applied = await control.apply(opened, changes, by=by, policies=policies(), providers=_known_providers())
        missing = [await control.without_account(opened, one.version.config) for one in applied]
    if as_json:
        told = [
            _applied_json(one) | {"missing_accounts": places, "providers_without_key": _without_key(one.version.config)}
            for one, places in zip(applied, missing, strict=True)
        ]
        print_json({"channels": told})
        return EXIT_OK
    for one, places in zip(applied, missing, strict=True):
        _tell(one)
        for name, variables in _without_key(one.version.config).items():
            say(f"  [yellow]note[/] {plain(name)} is passed over until {plain(' and '.join(variables))} is set")
        for place in places:
            platform, _, account = place.partition("/")
            command = plain(f"reelwright account add {platform} --account {account}")
            say(f"  [yellow]note[/] there is no account {plain(place)} yet: posts to it wait until `{command}`")
    return EXIT_OK


async def rollback(name: str, version: int, *, by: str, as_json: bool) -> int:
    """The configuration of an earlier version as a new one."""
    async with books() as opened:
        done = await control.rollback(opened, name, version, by=by)
    if as_json:
        print_json(_applied_json(done))
    else:
        _tell(done)
    return EXIT_OK


async def show(name: str, *, version: int | None, own: bool, as_json: bool) -> int:
    """The whole configuration, or the channel's own."""
    async with books() as opened:
        shown = await control.channel(opened, name, version)
    if shown.whole is None and not own:
        say(
            "[yellow]note[/] this version does not go with the newest version of what it extends: only its own is shown"
        )
    config = shown.version.config if own or shown.whole is None else shown.whole
    if as_json:
        told = {"config": config.as_data(), "parents": dict(shown.parents), "not_enforced": list(config.not_enforced)}
        print_json(_version_json(shown.version) | told)
        return EXIT_OK
    parents = ", ".join(f"{parent} {number}" for parent, number in shown.parents.items())
    fields = [
        ("version", str(shown.version.version)),
        ("applied", f"{local(shown.version.applied_at)} by {shown.version.applied_by}"),
        *([("inherits from", parents)] if parents and not own else []),
        *((field, _value(value)) for field, value in control.flat(config.as_data())),
    ]
    print_fields(fields)
    _tell_not_enforced(config.not_enforced)
    return EXIT_OK


async def list_channels(*, as_json: bool) -> int:
    """The newest version of each."""
    async with books() as opened:
        shown = await control.channels(opened)
    if as_json:
        print_json({"channels": [_version_json(one.version) | {"parents": dict(one.parents)} for one in shown]})
        return EXIT_OK
    print_records(
        ("channel", "version", "extends", "languages", "accounts", "applied", "by"),
        [
            Record(
                (
                    one.version.name,
                    str(one.version.version),
                    one.version.config.extends or "-",
                    ",".join((one.whole or one.version.config).languages) or "-",
                    _accounts((one.whole or one.version.config).accounts),
                    local(one.version.applied_at),
                    one.version.applied_by,
                )
            )
            for one in shown
        ],
        nothing="no channel has been applied yet",
    )
    return EXIT_OK


async def history(name: str, *, as_json: bool) -> int:
    """All versions, newest first."""
    async with books() as opened:
        versions = await control.history(opened, name)
    if as_json:
        print_json({"versions": [_version_json(version) for version in versions]})
        return EXIT_OK
    print_records(
        ("version", "applied", "by", "how"),
        [Record((str(one.version), local(one.applied_at), one.applied_by, _how(one.restored))) for one in versions],
        nothing="",
    )
    return EXIT_OK


async def diff(name: str, before: int | None, after: int | None, *, as_json: bool) -> int:
    """A line for each value that went (-) and that came (+)."""
    async with books() as opened:
        old, new, changes = await control.diff(opened, name, before, after)
    if as_json:
        told = [{"field": one.field, "before": one.before, "after": one.after} for one in changes]
        print_json({"channel": name, "before": old.version, "after": new.version, "changes": told})
        return EXIT_OK
    if not changes:
        say(f"versions {old.version} and {new.version} of {plain(name)} are the same")
    for one in changes:
        for sign, value in (("-", one.before), ("+", one.after)):
            if value is not None:
                out().print(f"{sign} {one.field} = {_value(value)}", markup=False, soft_wrap=True)
    return EXIT_OK


async def export(name: str, *, version: int | None, as_json: bool) -> int:
    """The channel file, on standard output."""
    async with books() as opened:
        found = (await control.channel(opened, name, version)).version
    toml = control.as_toml(found.config)
    if as_json:
        print_json({"channel": found.name, "version": found.version, "toml": toml})
    else:
        print(toml, end="")
    return EXIT_OK


# --- files -----------------------------------------------------------------------------------------------------------


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files, and of folders those that end with .toml, in the order of their names."""
    from reelwright.domain.channels.config import CHANNEL_FILES

    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        try:
            inside = sorted(each for each in path.iterdir() if each.suffix == ".toml")
        except OSError as error:
            raise unreadable(named(path), error, "file") from error
        if not inside:
            raise InvalidInput(f"{named(path)} has no .toml files", field="file", remedy="name channel files")
        found += inside
    if len(found) > CHANNEL_FILES:
        raise InvalidInput(
            f"{len(found)} files are more than {CHANNEL_FILES}", field="file", remedy="apply them in several turns"
        )
    return found


def _read(path: Path) -> _Read:
    """The channel and the files its look names, each opened and checked. Raises `WrongInFile`."""
    from control.channel_files import parsed
    from reelwright.domain.channels.config import CHANNEL_BYTES

    from .styles import NamedFiles, read_files

    file = parsed(read_limited(path, field="file", limit=CHANNEL_BYTES), named(path.name))
    look = file.data.get("look")
    names = NamedFiles.taken(look) if isinstance(look, dict) else NamedFiles()
    config = file.config()
    try:
        files = read_files(path.parent, names, config.look, field="look")
    except InvalidInput as error:
        raise file.wrong(error) from error
    return _Read(Change(config, file), files)


async def _stored(read: _Read) -> Change:
    """The change with the files that its look names in the media store."""
    if read.files.none:
        return read.change
    from workers.media import media_store
    from workers.settings import load_settings

    config = read.change.config
    look = await read.files.stored(config.look, media_store(load_settings()))
    return Change(config.model_copy(update={"look": look}), read.change.file)


# --- words -----------------------------------------------------------------------------------------------------------


def _tell(applied: Applied) -> None:
    version = applied.version
    if applied.new:
        say(f"{plain(version.name)}: version {version.version} is in force for contents that start from now on")
    else:
        say(f"{plain(version.name)}: unchanged, version {version.version} stays in force")
    _tell_not_enforced(version.config.not_enforced)


def _known_providers() -> dict[Capability, tuple[str, ...]]:
    from reelwright.domain.channels.config import Capability
    from reelwright.providers.registry import names_of

    return {capability: names_of(capability) for capability in get_args(Capability)}


def _without_key(config: ChannelConfig) -> dict[str, list[str]]:
    """The providers that the configuration itself names and that have no key here, as `speech/elevenlabs`, with the
    variables that are not set. The workers' environment counts, which may be another."""
    if not config.providers:
        return {}
    from workers.making import missing_keys
    from workers.settings import load_providers

    missing = missing_keys(load_providers())
    named = [(capability, name) for capability, names in config.providers.items() for name in names]
    return {f"{key[0]}/{key[1]}": list(missing[key]) for key in named if missing.get(key)}


def _tell_not_enforced(fields: Sequence[str]) -> None:
    from reelwright.domain.channels.config import NOT_ENFORCED

    for field in fields:
        say(f"  [yellow]note[/] {field} is recorded and not enforced yet: {NOT_ENFORCED[field]}")


def _version_json(version: ChannelVersion) -> dict[str, Any]:
    return {
        "channel": version.name,
        "version": version.version,
        "extends": version.config.extends,
        "applied_at": version.applied_at.astimezone(UTC).isoformat(),
        "applied_by": version.applied_by,
        "restored": version.restored,
    }


def _applied_json(applied: Applied) -> dict[str, Any]:
    told = {"new": applied.new, "not_enforced": list(applied.version.config.not_enforced)}
    return _version_json(applied.version) | told


def _how(restored: int | None) -> str:
    return f"rollback to {restored}" if restored else "applied"


def _accounts(accounts: Mapping[Any, Sequence[str]]) -> str:
    return ",".join(f"{platform.value}:{name}" for platform, names in accounts.items() for name in names) or "-"


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
