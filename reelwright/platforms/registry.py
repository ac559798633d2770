"""Every platform's specification, found by the platform's name: `SPEC` in `<name>/spec.py`. Settings, wiring, accounts
and readiness checks use this list, which follows `domain.platforms`."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from reelwright.domain.platforms import Platform
from reelwright.domain.platforms.facts import Flow

from .spec import PlatformSpec

SPECS: Mapping[Platform, PlatformSpec[Any]] = {
    platform: import_module(f"{__package__}.{platform.value}.spec").SPEC for platform in Platform
}

FLOWS: frozenset[Flow] = frozenset(flow for spec in SPECS.values() for flow in spec.sign_ins)
