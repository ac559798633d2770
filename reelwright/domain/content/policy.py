"""A moderation policy: which findings pass, which a person must see, which block. docs/moderation.md describes it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from ..base import Grown, UserInput
from ..ids import ACCOUNT
from ..limits import Text, at_most
from ..text.incoming import clean, one_line
from .review_rules import ReviewRules

STANDARD = "standard"
"""The policy of a channel that names none."""
NAMES = 500
COUNTRIES = 60

Category = Literal[
    "blocked-term",
    "hate",
    "sexual-minors",
    "self-harm",
    "violence",
    "scam",
    "personal-data",
    "unsupported-claim",
    "disclosure",
    "brand-mention",
    "competitor-mention",
    "profanity",
    "sexual",
    "drugs",
    "alcohol-tobacco",
    "gambling",
    "frightening",
    "dangerous-acts",
    "child-contact",
    "kids",
    "instruction",
    "duplicate",
    "explicit",
    "other-harm",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)
Decision = Literal["allow", "review", "block"]
PolicyName = Annotated[str, Field(pattern=ACCOUNT)]
Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2: `DE`")]
Mentions = Annotated[
    tuple[Annotated[str, Text(one_line, 100, least=1)], ...], at_most(NAMES, "names", "keep those that matter")
]


class Thresholds(UserInput):
    """The scores from which a finding is reviewed and from which it blocks; null is never."""

    review: Score | None = 0.5
    block: Score | None = 0.9

    @model_validator(mode="after")
    def _in_order(self) -> Thresholds:
        # A file may set one of them and inherit the other.
        both = {"review", "block"} <= self.model_fields_set
        if both and self.review is not None and self.block is not None and self.block < self.review:
            raise ValueError(f"block ({self.block:g}) is below review ({self.review:g}); give block the higher score")
        return self

    def decide(self, score: float) -> Decision:
        """What is to be done about a finding with this score."""
        if self.block is not None and score >= self.block:
            return "block"
        return "review" if self.review is not None and score >= self.review else "allow"


_ADDED: dict[Category, Thresholds] = {
    "instruction": Thresholds(review=0.5, block=None),
    "duplicate": Thresholds(review=0.5, block=None),
    "other-harm": Thresholds(review=0.5, block=None),
}
"""For policies that were written before these existed, and name them nowhere."""


class Disclosures(UserInput):
    """What must be said of a piece, and where."""

    paid_partnership: bool = Field(
        default=False, description="a paid partnership is named in the texts and declared in the request, or neither"
    )
    made_with_ai: bool = Field(default=False, description="the texts say that the piece was made with AI")
    in_picture: bool = Field(
        default=False, description="the picture says what is paid for and what is made with AI, all the time"
    )
    in_flag: bool = Field(default=False, description="each platform has flags for what is paid for and made with AI")


class KidsRules(UserInput):
    """Rules for pieces that are made for children (COPPA)."""

    made_for_kids: bool = Field(default=False, description="the request must declare `made_for_kids`")
    no_links: bool = Field(default=False, description="no addresses on the web in texts and posts")


def _countries_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise ValueError("a country is named twice; name each once")
    return values


class ModerationPolicy(Grown, UserInput):
    """One policy, as in its file. Fields that the file leaves out come from the policy it `extends`."""

    added: ClassVar[frozenset[str]] = frozenset({"review"})

    name: PolicyName
    extends: PolicyName | None = Field(default=None, description="the policy that the rest is inherited from")
    description: Annotated[str, Text(clean, 1_000)] = ""
    categories: dict[Category, Thresholds] = Field(
        default={},
        description="thresholds by category; a category that is left out has review 0.5, block 0.9 (`instruction`, "
        "`duplicate`, `other-harm`: never)",
    )
    markets: Annotated[
        tuple[Country, ...], at_most(COUNTRIES, "countries", "name the main ones"), AfterValidator(_countries_once)
    ] = Field(default=(), description="the countries that posts are meant for; their rows of `regional` count")
    regional: dict[Country, dict[Category, Thresholds]] = Field(
        default={}, description="stricter thresholds in single countries"
    )
    blocked_terms: Mentions = Field(default=(), description="words and phrases, category `blocked-term`")
    brands: Mentions = Field(default=(), description="names whose use a person confirms, category `brand-mention`")
    competitors: Mentions = Field(default=(), description="names of competitors, category `competitor-mention`")
    disclosures: Disclosures = Disclosures()
    kids: KidsRules = KidsRules()
    review: ReviewRules = Field(default=ReviewRules(), description="how a person reviews it: docs/review.md")

    def decide(self, category: Category, score: float) -> Decision:
        """The gravest decision of the category's own thresholds and those of the markets."""
        rows = [self.categories, *(self.regional.get(country, {}) for country in self.markets)]
        found = {row[category].decide(score) for row in rows if category in row}
        if category not in self.categories:
            found.add(_ADDED.get(category, Thresholds()).decide(score))
        return "block" if "block" in found else "review" if "review" in found else "allow"
