"""What a channel has from the channels it extends, and which changes of channels are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ..errors import InvalidInput
from ..explain import explain
from .config import ChannelConfig
from .versions import DEPTH as DEPTH

NOT_INHERITED = ("name", "extends", "description")


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Plain data with `above` laid over `below`: tables are merged key by key, everything else is replaced."""
    both = dict(below)
    for name, value in above.items():
        known = both.get(name)
        both[name] = merged(known, value) if isinstance(known, Mapping) and isinstance(value, Mapping) else value
    return both


def lineage(name: str, configs: Mapping[str, ChannelConfig]) -> list[ChannelConfig]:
    """The channel, the one it extends, and so on. Raises `InvalidInput` (field `extends`) for a channel that does not
    exist, a cycle, or a line that is too long."""
    line = [configs[name]]
    while (parent := line[-1].extends) is not None:
        names = [config.name for config in line]
        if parent in names:
            circle = " → ".join([*names[names.index(parent) :], parent])
            raise InvalidInput(f"a cycle: {circle}", field="extends", remedy="let one of them extend no other")
        if parent not in configs:
            raise InvalidInput(
                f"there is no channel {parent!r}, which {names[-1]} extends",
                field="extends",
                remedy="apply it first, or together with this one",
            )
        if len(line) == DEPTH:
            raise InvalidInput(
                f"{names[0]} has more than {DEPTH} channels in its line of inheritance",
                field="extends",
                remedy="extend one that is nearer to the first",
            )
        line.append(configs[parent])
    return line


def effective(line: list[ChannelConfig]) -> ChannelConfig:
    """The channel with what it inherits, checked as a whole. `line` is that of `lineage`. Raises `InvalidInput`."""
    data: dict[str, Any] = {}
    for config in reversed(line):
        own = {name: value for name, value in config.as_data().items() if name not in NOT_INHERITED}
        data = merged(data, own)
    own = {name: value for name, value in line[0].as_data().items() if name in NOT_INHERITED}
    try:
        whole = ChannelConfig.model_validate({**own, **data})
    except ValidationError as error:  # each is valid by itself: too many words or speakers together
        raise explain(error) from error
    _check(whole)
    return whole


def _check(config: ChannelConfig) -> None:
    """Rules between fields."""
    for language in config.voices:
        if language not in config.languages:
            raise InvalidInput(
                f"{language} is not among the languages", field=f"voices.{language}", remedy="add it to `languages`"
            )
    names = [name.casefold() for name in config.cast]
    if len(set(names)) != len(names):
        raise InvalidInput("two speakers differ in capitals only", field="cast", remedy="name each once")
    if config.request.platforms is None:
        return
    for platform in config.request.posts:
        if platform not in config.request.platforms:
            raise InvalidInput(
                f"{platform.value} is not among the platforms of `request`",
                field=f"request.posts.{platform.value}",
                remedy="add it to `request.platforms`, or leave that out",
            )


def check_change(configs: Mapping[str, ChannelConfig], changed: Mapping[str, ChannelConfig]) -> None:
    """Raises `InvalidInput` unless all channels are still whole when some have changed: those that extend a changed one
    are checked too."""
    after = {**configs, **changed}
    for name in [*changed, *sorted(after.keys() - changed.keys())]:
        try:
            line = lineage(name, after)
        except InvalidInput as error:
            raise ChannelRefused.of(name if name in changed else next(iter(changed)), error) from error
        if not any(config.name in changed for config in line):
            continue
        try:
            effective(line)
        except InvalidInput as error:
            if name in changed:
                raise ChannelRefused.of(name, error) from error
            what = f"{name}, which extends this channel, would be refused ({error})"
            parent = next(config.name for config in line if config.name in changed)
            raise ChannelRefused.of(
                parent, InvalidInput(what, field="extends", remedy=f"change {name} first, or together with this one")
            ) from error


class ChannelRefused(InvalidInput):
    """A change of the channel `name` is refused."""

    name: str = ""

    @classmethod
    def of(cls, name: str, why: InvalidInput) -> ChannelRefused:
        """The refusal of a change of the channel `name`."""
        refused = cls(why.message, field=why.field, remedy=why.remedy)
        refused.name = name
        return refused
