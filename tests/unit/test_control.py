"""`control` is a library: it is silent, and what it needs is handed to it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "control"
SPEAKS = {"environ", "getenv", "getpass", "exit", "_exit", "stdin", "stdout", "stderr", "load_settings"}
CALLS = {"print", "input", "quit"}


def spoken(source: str) -> set[str]:
    """The names by which a module would print, ask, read the environment or end the process."""
    called = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    names = called | {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}
    names |= {
        alias.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return names & SPEAKS | called & CALLS


@pytest.mark.parametrize("module", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.stem)
def test_it_neither_prints_nor_reads_the_environment(module: Path) -> None:
    assert spoken(module.read_text(encoding="utf-8")) == set()


def test_what_would_break_that_is_seen() -> None:
    assert spoken("import os\nprint(os.environ)") == {"print", "environ"}
    assert spoken("from workers.settings import load_settings") == {"load_settings"}
