"""Packages that take seconds to import, for the modules of tests that need them.

Each process collects all modules and runs the tests of some: what only one module uses is imported when its tests run.
"""

from __future__ import annotations

import importlib
from typing import Any


class Lazily:
    """A module, imported when something of it is first asked for."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # pytest looks at everything in a module for marks of its own
            raise AttributeError(name)
        return getattr(importlib.import_module(self._module), name)
