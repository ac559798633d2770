"""What translating a story has come to."""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.content.story import Story, Translation
from reelwright.domain.formats import LANGUAGES


@dataclass(frozen=True)
class Translated:
    """Translations, what they cost together, and for people what was left out and why."""

    translations: tuple[Translation, ...] = ()
    usd: float = 0.0
    notes: tuple[str, ...] = ()

    def added_to(self, story: Story) -> Story:
        """The story with them."""
        return story.model_copy(
            update={
                "translations": (*story.translations, *self.translations),
                "usd": round(story.usd + self.usd, 8),
                "notice": " ".join(filter(None, [story.notice, *self.notes])),
            }
        )


def left_out(language: str, why: str) -> str:
    """A note for people."""
    return f"Captions in {LANGUAGES[language].name} are left out: {why}."
