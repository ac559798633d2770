"""The reading of a scene's picture: what it shows, how certain that is, and the text of a card without a drawing."""

from __future__ import annotations

from typing import ClassVar, Literal

from ..base import Grown, Model

OWN = "own"
"""The provider of a user's own media."""

CardKind = Literal["phrase", "number", "list", "quotation", "date", "comparison", "place", "chart"]


class Bar(Model):
    """One bar of a chart: its length (`value`, 0 or more), the figure as the script has it (`shown`), and a label."""

    shown: str
    value: float
    label: str = ""


class PictureCard(Model):
    """A text card: what is set large (`text`), what is below it (`detail`), and for a list or a chart its parts. Every
    word and figure is the script's own. `direction`: the text itself states that something rose or fell."""

    kind: CardKind
    text: str = ""
    detail: str = ""
    items: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    direction: Literal["", "up", "down"] = ""


class PictureReading(Grown, Model):
    """An illustrator's reading of a scene: a drawing of things in a place, or a card.

    `shows` names the things drawn, or the card's kind; `sure` is 0..1; `why` has the words that decided, for people.
    `credit` is the line that the licence of what is shown requires.
    """

    added: ClassVar[frozenset[str]] = frozenset({"credit"})

    kind: Literal["drawing", "card"]
    shows: tuple[str, ...]
    place: str = ""
    sure: float
    why: tuple[str, ...] = ()
    credit: str = ""

    def __str__(self) -> str:
        what = " and ".join(self.shows) if self.shows else self.place
        told = f"card: {what}" if self.kind == "card" else what
        return f"{told} ({self.sure:.0%} sure)"
