"""A fetched document as text: what names its encoding, in the order of RFC 7303 and the HTML standard."""

from __future__ import annotations

import re

from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.decoding import Undecodable, decoded

FIELD = "feed"
_HEAD_BYTES = 4_096
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*(?:<\?xml(?=\s)[^>]{0,300}\?>)?\s*")
# Characters that XML 1.0 forbids; one of them would end the whole feed.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def text_of(data: bytes, content_type: str = "") -> str:
    """The document's text, without a byte order mark, blanks before its beginning, and its XML declaration.

    Raises `InvalidInput` (field `feed`) when its encoding cannot be determined.
    """
    declared = [found.group(1) for found in [_CHARSET.search(content_type)] if found]
    head = data[:_HEAD_BYTES]
    for pattern in (_XML_DECLARATION, _META):
        if found_in_head := pattern.search(head):
            declared.append(found_in_head.group(1).decode("ascii", "ignore"))
    try:
        text = decoded(data, declared)
    except Undecodable as error:
        raise InvalidInput(
            f"the document cannot be read as text: {error}", field=FIELD, remedy="ask its publisher to send UTF-8"
        ) from error
    text = _FORBIDDEN.sub("", text.lstrip("\ufeff"))
    declaration = _DECLARATION.match(text)
    return text[declaration.end() :] if declaration else text
