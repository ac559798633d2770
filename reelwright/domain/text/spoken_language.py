"""In which language a feed's entry is spoken."""

from __future__ import annotations

from ..content.request import ContentRequest, FeedItem
from ..formats import LANGUAGES
from .languages import offered


def language_for(request: ContentRequest, item: FeedItem) -> tuple[str, str]:
    """The language an entry is spoken in, and a note for a person where that is worth one.

    It is the entry's own, unless the request names another or there is no voice for it.
    """
    if not item.language:
        return request.language, ""
    code = offered(item.language)
    if not code:
        return request.language, (
            f"the feed says {item.language[:20]}, for which there is no voice; it is spoken as {request.language}"
        )
    if code.split("-")[0] == request.language.split("-")[0]:
        return request.language, ""
    if not request.language_open:
        return request.language, (
            f"the feed says {code}, spoken as {request.language}; leave the language out to have it spoken as {code}"
        )
    return code, f"the feed is in {LANGUAGES[code].name}; it is spoken in that language"
