"""What a call of a voice or a picture model costs, by the price table. A price that is not there is not guessed."""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.costs.money import Money
from reelwright.domain.costs.prices import PriceTable

CHARS_A_SECOND = (15, 4)
"""Characters in a second of speech, as a rule and at the least: Chinese has four."""
SOUND_TOKENS_A_SECOND = 25
"""Of models that are paid by tokens of sound."""
WORST_SOUND = 2
"""Of which a voice with long pauses may make twice as many."""


@dataclass(frozen=True)
class Speaking:
    """A model's price for spoken text: by the character, else by the second, else by the token. `name` is
    `vendor:model`; `by_tokens` the model's name in the table of token prices."""

    prices: PriceTable
    name: str
    by_tokens: str = ""

    def estimate(self, chars: int) -> Estimate:
        """Of a text with so many characters as the vendor counts them."""
        if price := self.prices.unit(self.name, "character"):
            return self._told(price.at_most(chars), price.at_most(chars))
        usual_s, worst_s = (chars / rate for rate in CHARS_A_SECOND)
        if price := self.prices.unit(self.name, "second"):
            return self._told(price.at_most(usual_s), price.at_most(worst_s))
        if tokens := self.prices.of(self.by_tokens) if self.by_tokens else None:
            usual = tokens.at_most(read=chars, written=round(usual_s * SOUND_TOKENS_A_SECOND))
            # A character has at most four bytes, and a token at least one.
            worst = tokens.at_most(read=4 * chars, written=round(WORST_SOUND * worst_s * SOUND_TOKENS_A_SECOND))
            return self._told(usual, worst)
        return Estimate(step="speech", provider=self.name, priced=False)

    def usd(self, *, chars: int, seconds: float, read: int | None = None, written: int | None = None) -> float:
        """Of an answer; `read` and `written` are its tokens, where it tells them. 0 where no price is known."""
        if price := self.prices.unit(self.name, "character"):
            return price.of(chars)
        if price := self.prices.unit(self.name, "second"):
            return price.of(round(seconds, 3))
        if tokens := self.prices.of(self.by_tokens) if self.by_tokens else None:
            made = round(seconds * SOUND_TOKENS_A_SECOND) if written is None else written
            return tokens.usd(fresh=chars if read is None else read, cached=0, written=made)
        return 0.0

    def _told(self, usual: Money, worst: Money) -> Estimate:
        return Estimate(step="speech", provider=self.name, usual=usual, worst=worst)


@dataclass(frozen=True)
class Picturing:
    """A model's price for one picture. `name` is the illustrator's; `rows` the names in the table, of which the first
    that is there counts. `scale` is how much larger the picture is than the one that is priced, for vendors that charge
    by its size; then the price is no exact one, and twice as much is reserved."""

    prices: PriceTable
    name: str
    rows: tuple[str, ...]
    scale: float = 1.0

    @property
    def usd(self) -> float | None:
        """Of one picture; None where no price is known."""
        for row in self.rows:
            if price := self.prices.unit(row, "picture"):
                return price.of(self.scale)
        return None

    def estimate(self) -> Estimate:
        """Of one picture."""
        usd = self.usd
        if usd is None:
            return Estimate(step="images", provider=self.name, priced=False)
        worst = usd if self.scale == 1.0 else 2 * usd
        return Estimate(step="images", provider=self.name, usual=Money.at_least(usd), worst=Money.at_least(worst))
