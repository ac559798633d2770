"""Lines for people that stay few, however often something happens."""

from __future__ import annotations


class Notes:
    """The last `kept` different lines, oldest first; one that is repeated is counted and not kept twice."""

    def __init__(self, kept: int, before: tuple[str, ...] = ()) -> None:
        self._kept = kept
        self._counts: dict[str, int] = {}
        for text in before:
            self.add(text)

    def add(self, text: str) -> None:
        """Keeps a line; a repeated one moves to the end."""
        self._counts[text] = self._counts.pop(text, 0) + 1
        while len(self._counts) > self._kept:
            del self._counts[next(iter(self._counts))]

    def lines(self) -> tuple[str, ...]:
        """The lines, with how often each was added."""
        return tuple(f"{text} ({count} times)" if count > 1 else text for text, count in self._counts.items())
