"""The prompts, a file for each version. A released file is never changed (tests/unit/test_prompts.py has the digests):
a better prompt is a new file with the next number, since stories on record name the versions they were written by."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template


@dataclass(frozen=True)
class Prompt:
    """A prompt by its name with its version (`story.v1`). Its blanks are `$name`; nothing from outside fills one."""

    name: str
    text: str

    def filled(self, **blanks: str) -> str:
        """With its blanks filled in. Raises `KeyError` where one is left."""
        return Template(self.text).substitute(blanks)


@cache
def prompt(name: str) -> Prompt:
    """The prompt of this name and version."""
    return Prompt(name, files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8").strip())


@cache
def platform_lines() -> dict[str, str]:
    """What a post is like, by platform."""
    return tomllib.loads(files(__package__).joinpath("platforms.v1.toml").read_text(encoding="utf-8"))
