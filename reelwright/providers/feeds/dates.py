"""The instants that feeds name, in all the ways they do, as far as they are sane."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING

from reelwright.domain.formats import LANGUAGES

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

FIRST = datetime(1995, 1, 1, tzinfo=UTC)
"""There were no feeds before; `1970-01-01` and `0001-01-01` are empty fields of a database."""
CLOCK_ERROR = timedelta(days=2)
"""A date this far ahead may be a wrong clock or time zone; what is further ahead is no date of publication."""
MAX_CHARS = 80
GUESSED_DATES = 40
"""Dates of one feed that are given to `dateparser`, which takes milliseconds for each."""
_MOST_FAILED = 5
_DIGITS = re.compile(r"\d+")
_NO_YEAR = re.compile(r"(?<![+-])\b000\d\b(?!:)")
_ISO = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
_NUMERIC = re.compile(r"\d{9,13}")
# Those of RFC 822 are known to `email.utils`.
_ZONES = {"CET": "+0100", "CEST": "+0200", "BST": "+0100", "MSK": "+0300", "IST": "+0530", "JST": "+0900"}
_ZONE = re.compile(r"\b([A-Z]{3,4})$")


class Dates:
    """Reads the dates of one feed. `now` is the time it was read; `language` helps with words."""

    def __init__(self, now: datetime, language: str = "") -> None:
        self._now = now
        self._language = language.split("-")[0]
        self._guesses_left = GUESSED_DATES
        self._failed = 0
        self._strange: set[str] = set()
        self._read: dict[str, datetime | None] = {}

    def read(self, text: str) -> datetime | None:
        """The instant in UTC, or None for what is no date. It may lie in the future: see `is_future`."""
        if text not in self._read:
            self._read[text] = self._instant(" ".join(text.split()))
        return self._read[text]

    def _instant(self, text: str) -> datetime | None:
        if not 6 <= len(text) <= MAX_CHARS or _NO_YEAR.search(text):
            return None
        when = _standard(text) or self._guessed(text)
        if when is None:
            return None
        try:
            when = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return when if when >= FIRST else None

    def is_future(self, when: datetime) -> bool:
        """Whether an instant is too far ahead to be a date of publication."""
        return when > self._now + CLOCK_ERROR

    def _guessed(self, text: str) -> datetime | None:
        """What `dateparser` makes of a date in words. Where the first few are none, the rest are none either."""
        shape = _DIGITS.sub("0", text)
        if self._guesses_left == 0 or self._failed >= _MOST_FAILED or shape in self._strange or shape == text:
            return None
        self._guesses_left -= 1
        try:
            found = self._parser.get_date_data(text).date_obj
        except (ValueError, OverflowError, TypeError, RecursionError):
            found = None
        if not isinstance(found, datetime):
            self._failed += 1
            self._strange.add(shape)
            return None
        return found

    @cached_property
    def _parser(self) -> DateDataParser:
        """It tries the language that fitted last first; the others cost milliseconds each."""
        from dateparser.data.languages_info import language_order
        from dateparser.date import DateDataParser

        settings = {"RETURN_AS_TIMEZONE_AWARE": True, "TIMEZONE": "UTC", "REQUIRE_PARTS": ["day", "month", "year"],
                    "PARSERS": ["absolute-time"], "RELATIVE_BASE": self._now.replace(tzinfo=None)}  # fmt: skip
        order = [self._language] if self._language in language_order else []
        order += [
            code for code in (*LANGUAGES, "nb") if "-" not in code and code not in order and code in language_order
        ]
        return DateDataParser(languages=order, settings=settings, try_previous_locales=True, use_given_order=True)


def _standard(text: str) -> datetime | None:
    """RFC 822 and 3339 and the numbers of seconds that some feeds give."""
    try:
        if _ISO.match(text):
            return datetime.fromisoformat(text if len(text) > 7 else f"{text}-01")
        if _NUMERIC.fullmatch(text):
            seconds = int(text)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 10**11 else seconds, UTC)
        zone = _ZONE.search(text)
        return parsedate_to_datetime(_ZONE.sub(_ZONES[zone[1]], text) if zone and zone[1] in _ZONES else text)
    except (ValueError, OverflowError, TypeError, IndexError, OSError):
        return None
