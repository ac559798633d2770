"""Which server the environment names, as far as that can be told without the SDK.

The SDK's own reader (`temporalio.envconfig`, through `connect.configured_target`) knows profiles, certificates, keys
and codecs. Where any of these may play a part, `plain_target` is None and the SDK is asked; loading it takes more CPU
than a whole command of a moment.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .environment import environment

_PLAIN = ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")
_OFF = {"TEMPORAL_TLS": ("", "false"), "TEMPORAL_API_KEY": ("",)}
"""How the environment of a local stack says that it has neither."""


@dataclass(frozen=True)
class PlainTarget:
    """A server without TLS, keys and codec. `address` is empty where none is named."""

    address: str
    namespace: str


def plain_target() -> PlainTarget | None:
    """The server that the environment or `.env` names; None where the SDK must look into it."""
    given = environment()
    named = {name: value for name, value in given.items() if name.startswith("TEMPORAL_")}
    if any(value not in _OFF.get(name, ()) for name, value in named.items() if name not in _PLAIN):
        return None
    if any(file.exists() for file in _profiles(given)):
        return None
    return PlainTarget(named.get("TEMPORAL_ADDRESS", ""), named.get("TEMPORAL_NAMESPACE", "") or "default")


def _profiles(given: dict[str, str]) -> list[Path]:
    """Where the SDK looks for a file of profiles on Linux, macOS and Windows."""
    home = Path(given.get("HOME") or os.path.expanduser("~"))
    folders = [home / ".config", home / "Library" / "Application Support"]
    folders += [Path(given[name]) for name in ("XDG_CONFIG_HOME", "APPDATA") if given.get(name)]
    return [folder / "temporalio" / "temporal.toml" for folder in folders]
