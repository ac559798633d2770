"""A person's word on a post whose outcome is open (`posted`, `not_posted`), and how it is read."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from ..base import UserInput
from ..errors import InvalidInput
from ..explain import explain
from ..text.incoming import one_line
from .posting import Settlement

ID_CHARS = 200
POSTED = 'the post\'s id, or {"post_id": "...", "url": "...", "by": "..."}'
NOT_POSTED = 'nothing, the name of who looked, or {"by": "..."}'


def _post_id(value: Any) -> str:
    """The id as text. A whole number is its digits, exactly: TikTok's, X's and Facebook's ids are numbers."""
    if isinstance(value, float):
        raise ValueError("a number with a point or an exponent has lost digits; give the id in quotes")
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**ID_CHARS:
        return str(value)
    if not isinstance(value, str):
        raise ValueError("an id is text or a whole number")
    text = one_line(value)
    if not text or " " in text or len(text) > ID_CHARS:
        raise ValueError(f"an id is 1 to {ID_CHARS} characters without spaces")
    if "://" in text:
        raise ValueError("this is an address; give the post's id, and the address as url")
    return text


_By = Annotated[str, AfterValidator(one_line), Field(max_length=100)]


class PostedWord(UserInput):
    """There is a post, and this is it."""

    post_id: Annotated[str, BeforeValidator(_post_id)]
    url: Annotated[str, AfterValidator(one_line), Field(max_length=2_000, pattern="^(https?://.+)?$")] = ""
    by: _By = ""


class NotPostedWord(UserInput):
    """A person has checked that there is no post."""

    by: _By = ""


def read_settlement(told: Any, *, posted: bool) -> Settlement:
    """`told` is what came with the signal, as JSON: see `POSTED` and `NOT_POSTED`. Raises `InvalidInput` naming the
    field and the expected value."""
    try:
        if posted:
            given = told if isinstance(told, dict) else {"post_id": told}
            return Settlement(posted=True, **PostedWord.model_validate(given).model_dump())
        given = {} if told is None else {"by": told} if isinstance(told, str) else told
        return Settlement(posted=False, **NotPostedWord.model_validate(given).model_dump())
    except ValidationError as error:
        reason = explain(error)
        wants = f"give {POSTED if posted else NOT_POSTED}"
        raise InvalidInput(reason.message, field=reason.field, remedy=wants) from error


def read_settlement_0_1(told: Any, *, posted: bool) -> Settlement | None:
    """The same as release 0.1 read it, None where it took no notice: what its runs have done must be done again when
    they are replayed. Not needed once no run of 0.1 is under way."""
    if posted and isinstance(told, str):
        told = {"post_id": told}
    if told is None and not posted:
        told = {}
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        return None
    fields = ("post_id", "url", "by") if posted else ("by",)
    settlement = Settlement(posted=posted, **{name: told.get(name, "") for name in fields})
    return None if posted and not settlement.post_id else settlement
