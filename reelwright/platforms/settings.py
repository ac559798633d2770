"""Settings that several platforms read. Every setting's variable stands in `.env.example`, too."""

from __future__ import annotations

from pydantic import BaseModel, Field, SecretStr

NONE = SecretStr("")


class TimingSettings(BaseModel):
    """How late platforms show what is there."""

    listed_within_s: float | None = Field(default=None, gt=0, validation_alias="REELWRIGHT_LISTED_WITHIN_S")
    """How long a platform may take to show a new post in its own lists; only after that is a post that is not listed
    taken for absent. Left out: each adapter's own cautious default, minutes."""
    comment_lag_s: float | None = Field(default=None, ge=0, validation_alias="REELWRIGHT_COMMENT_LAG_S")
    """The same for first comments on YouTube and LinkedIn. Left out: the adapters' own, 20 and 10 s."""
