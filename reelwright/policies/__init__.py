"""Moderation policies: the presets that ship, and the operator's own in a folder."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.incoming import cut

if TYPE_CHECKING:  # loaded where a policy is named
    from reelwright.domain.content.policy import ModerationPolicy

    from .yaml_lines import PolicyFile

PRESETS = ("standard", "kids", "brand_safe")
DEPTH = 8
POLICY_BYTES = 100_000


class Policies:
    """Policies by name. A file `<name>.yaml` of the operator's folder goes before a preset of the same name."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def names(self) -> tuple[str, ...]:
        """All that can be named."""
        own = sorted(path.stem for path in self._folder.glob("*.yaml")) if self._folder else []
        return tuple(dict.fromkeys([*PRESETS, *own]))

    def find(self, name: str) -> ModerationPolicy:
        """The whole policy, with what it inherits. Raises `InvalidInput` for an unknown name, and for a file with an
        unknown key or a bad value, with line and key."""
        from reelwright.domain.content.policy import STANDARD, ModerationPolicy

        line = self._line(name or STANDARD)
        data: dict[str, Any] = {}
        for file in reversed(line):
            data = _merged(data, file.data)
        data.pop("extends", None)
        try:
            return ModerationPolicy.model_validate(data)
        except ValidationError as error:
            raise line[0].explained(error) from error

    def _line(self, name: str) -> list[PolicyFile]:
        """The policy's file and those it extends, its own first, each checked by itself."""
        line: list[PolicyFile] = []
        wanted: str | None = name
        while wanted is not None:
            file = self._file(wanted, line[-1] if line else None)
            policy = file.policy()
            if policy.name != wanted:
                raise file.wrong(f"the file is named {wanted}", "name", f"write name: {wanted}, or rename the file")
            line.append(file)
            # A file of the operator's may extend the preset of its own name.
            above = policy.extends
            if above is not None and above in [known.stem for known in line[:-1]]:
                raise file.wrong(f"a cycle: it extends {above}, which extends it", "extends", "let one extend no other")
            if above == wanted:
                if wanted not in PRESETS or file.preset:
                    raise file.wrong("it extends itself", "extends", f"extend one of {', '.join(PRESETS)}")
                line.append(_preset(wanted))
                above = line[-1].policy().extends
            if len(line) > DEPTH:
                raise file.wrong(f"more than {DEPTH} policies extend each other", "extends", "extend fewer")
            wanted = above
        return line

    def _file(self, name: str, below: PolicyFile | None) -> PolicyFile:
        from .yaml_lines import parsed

        path = self._folder / f"{name}.yaml" if self._folder else None
        if path is not None and path.is_file():
            return parsed(_read(path), path.name, name)
        if name in PRESETS:
            return _preset(name)
        known = ", ".join(self.names())
        message, remedy = f"there is no policy {cut(name, 64)!r}", f"choose from {known}"
        if below is not None:
            raise below.wrong(message, "extends", remedy)
        raise InvalidInput(
            message, field="moderation", remedy=f"{remedy}, or put {cut(name, 64)}.yaml into REELWRIGHT_POLICIES"
        )


@cache
def standard() -> ModerationPolicy:
    """The preset `standard`, whatever the operator's folder has."""
    return Policies().find("")


@cache
def _preset(name: str) -> PolicyFile:
    from .yaml_lines import parsed

    return parsed(files(__package__).joinpath(f"{name}.yaml").read_bytes(), f"{name}.yaml", name, preset=True)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(POLICY_BYTES + 1)
    except OSError as error:
        raise InvalidInput(
            f"{path.name} cannot be read ({error.strerror})", field="moderation", remedy="check its permissions"
        ) from error
    if len(data) > POLICY_BYTES:
        raise InvalidInput(
            f"{path.name} has more than {POLICY_BYTES:,} bytes", field="moderation", remedy="keep the terms that matter"
        )
    return data


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Tables key by key; any other value, lists included, is replaced."""
    merged = dict(below)
    for key, value in above.items():
        before = merged.get(key)
        merged[key] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
