"""What people are told where a provider could not make what it was to make, or where nothing had to be bought."""

from __future__ import annotations

from collections.abc import Sequence

from .story import OWN, Narration, Paid, Picture


def told_of(what: str, made: Sequence[Paid]) -> tuple[str, ...]:
    """A line for each provider that did not make it, with the scenes and its reason, and one for what was bought
    before. Empty as a rule."""
    scenes: dict[str, list[int]] = {}
    for one in made:
        for line in one.fell_back:
            scenes.setdefault(line, []).append(_scene(one))
    lines = [f"{_where(what, numbers)} not by {line}" for line, numbers in scenes.items()]
    reused = [_scene(one) for one in made if one.reused is not None]
    if reused:
        lines.append(f"{_where(what, reused)} bought before, and used again: nothing was paid for it")
    return tuple(lines)


def mixed_pictures(pictures: Sequence[Picture]) -> tuple[str, ...]:
    """A line where providers that look different have made a story's pictures, and one of them fell back."""
    makers = dict.fromkeys(picture.provider for picture in pictures if picture.provider != OWN)
    if len(makers) < 2 or not any(picture.fell_back for picture in pictures):
        return ()
    return (f"the pictures are by {', '.join(makers)}: look at whether they go together",)


def _scene(one: Paid) -> int:
    return one.scene + 1 if isinstance(one, (Narration, Picture)) else 0


def _where(what: str, scenes: Sequence[int]) -> str:
    numbers = [str(number) for number in sorted(set(scenes)) if number]
    if not numbers:
        return f"{what}:"
    return f"{what}, scene{'s' * (len(numbers) > 1)} {', '.join(numbers)}:"
