"""LinkedIn's `little` text as LinkedIn reads it: elements, escapes, and the silence after a character out of place.

Source: docs/platforms/linkedin.md#post. Written apart from the adapter's own rules on purpose: one checks the other.
"""

from __future__ import annotations

import re

RESERVED = set("\\|{}@[]()<>#*_~")
_TEMPLATE = re.compile(r"\{hashtag\|\\?[#＃]\|((?:[^\\|{}@\[\]()<>#*_~]|\\.)+)\}")
_MENTION = re.compile(r"@\[((?:[^\\|{}@\[\]()<>#*_~]|\\.)+)\]\(urn:li:(?:person|organization):[A-Za-z0-9_-]+\)")
_BARE = re.compile(r"#(\w+)")


def read(commentary: str, *, bare_hashtags: bool, truncates: bool) -> tuple[str, str]:
    """What LinkedIn keeps of a commentary, and what people see of that."""
    shown: list[str] = []
    at = 0
    while at < len(commentary):
        here = commentary[at]
        if here == "\\" and at + 1 < len(commentary):
            shown.append(commentary[at + 1])
            at += 2
        elif here not in RESERVED:
            shown.append(here)
            at += 1
        elif found := _TEMPLATE.match(commentary, at):
            shown.append("#" + re.sub(r"\\(.)", r"\1", found[1]))
            at = found.end()
        elif found := _MENTION.match(commentary, at):
            shown.append(re.sub(r"\\(.)", r"\1", found[1]))
            at = found.end()
        elif bare_hashtags and (found := _BARE.match(commentary, at)):
            shown.append(found[0])
            at = found.end()
        elif truncates:
            break
        else:
            shown.append(here)
            at += 1
    return commentary[:at], "".join(shown)


def length(commentary: str, *, count_escapes: bool) -> int:
    """UTF-16 units, as Java counts."""
    text = commentary if count_escapes else read(commentary, bare_hashtags=True, truncates=False)[1]
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
