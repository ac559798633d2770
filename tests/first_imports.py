"""In a new clone nothing is compiled, and each process of pytest-xdist would compile all modules of tests for itself,
and what they import: 20 s of processor time. Each begins with another share here, and finds the rest compiled.
"""

from __future__ import annotations

import importlib
from contextlib import suppress
from pathlib import Path

import pytest


def share(config: pytest.Config, turn: int, processes: int) -> None:
    """Imports the modules of tests that are asked for by their folders, in an order of this process's own: the first of
    three begins at the beginning, the second after a third of them. Does nothing for single files, which are few."""
    modules = [name for named in config.args if "::" not in named for name in _modules(config, Path(named))]
    begin = len(modules) * turn // processes
    for name in (*modules[begin:], *modules[:begin]):
        # The collection imports it again, and tells what is wrong.
        with suppress(Exception, pytest.skip.Exception):
            importlib.import_module(name)


def _modules(config: pytest.Config, named: Path) -> list[str]:
    """Those in a folder, and in those below it."""
    folder = (config.invocation_params.dir / named).resolve()
    if not folder.is_dir() or not folder.is_relative_to(config.rootpath):
        return []
    files = sorted(folder.rglob("test_*.py"))
    return [".".join(path.relative_to(config.rootpath).with_suffix("").parts) for path in files]
