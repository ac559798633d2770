"""Which signs in a text are HTML: feeds put plain text where HTML is expected and the reverse, without declaring it."""

from __future__ import annotations

import re

# fmt: off
VOID = frozenset([
    "br", "hr", "img", "wbr", "input", "embed", "source", "track", "col", "area", "base", "link", "meta", "param",
])
BLOCKS = frozenset([
    "p", "div", "section", "article", "main", "header", "footer", "aside", "h1", "h2", "h3", "h4", "h5", "h6", "ul",
    "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "blockquote", "pre",
    "address", "details", "summary", "body", "html", "center", "fieldset", "hgroup", "menu", "search", "dialog",
])
_FORMATTING = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var",
])
UNHEARD = frozenset([
    "script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "head", "title", "nav",
    "form", "button", "select", "textarea", "figure", "figcaption", "video", "audio", "canvas",
])
_OTHERS = frozenset([
    "applet", "colgroup", "datalist", "frame", "frameset", "label", "legend", "map", "marquee", "meter", "noframes",
    "optgroup", "option", "output", "picture", "progress", "slot",
])
_FLAGS = frozenset([
    "allowfullscreen", "async", "autoplay", "checked", "compact", "controls", "defer", "disabled", "hidden", "ismap",
    "itemscope", "loop", "multiple", "muted", "nohref", "noshade", "nowrap", "open", "playsinline", "readonly",
    "required", "reversed", "selected",
])
# fmt: on
_KNOWN = VOID | BLOCKS | _FORMATTING | UNHEARD | _OTHERS
_SWALLOWS = frozenset(["script", "style"])
_NAME = r"[A-Za-z][A-Za-z0-9]*(?:[:-][A-Za-z0-9:-]*)?"
# Possessive: what a value or a name has taken it keeps, or hostile tags would take for ever.
_VALUE = r"\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'<>`]++)"
_TAG = re.compile(
    rf"<(?P<close>/?)(?P<name>{_NAME})(?P<attributes>(?:[\s/]++[^\s\"'<>/=]++(?:{_VALUE})?+)*+)\s*+/?\s*+>"
)
_ATTRIBUTE = re.compile(rf"[\s/]++([^\s\"'<>/=]++)({_VALUE})?+")
_CLOSER = re.compile(rf"</\s*({_NAME})", re.IGNORECASE)
# At the end of a text that was cut off, perhaps in a tag.
_CUT_OFF = re.compile(rf"<(?:/?{_NAME}\s*|{_NAME}\s+[A-Za-z:-]+\s*=[^<>]*|!--.*)$", re.DOTALL)
_CUT_OFF_ATTRIBUTE = re.compile(rf"<{_NAME}\s+[A-Za-z:-]+\s*=[^<>]*$")


def looks_like_markup(text: str) -> bool:
    """Whether a text is HTML. `x < y`, `a <b and c> d` and "Why <canvas> beats <svg>" are not."""
    if "<" not in text:
        return False
    if ("<!--" in text and "-->" in text) or _CUT_OFF_ATTRIBUTE.search(text, max(0, len(text) - 5_000)):
        return True
    closers = _closers(text)
    for tag in _TAG.finditer(text):
        name = tag["name"].lower()
        if name not in _KNOWN or tag["close"] or not _has_sound_attributes(tag["attributes"]):
            continue
        if name in VOID or name in closers or "=" in tag["attributes"]:
            return True
        if name in BLOCKS and text[: tag.start()].rstrip(" \t")[-1:] in ("", ">", "\n"):
            return True
    return False


def only_tags(markup: str) -> str:
    """HTML in which each `<` that begins no tag is escaped, so that a parser takes nothing else for one."""
    closers = _closers(markup)
    pieces: list[str] = []
    at = 0
    if cut := _CUT_OFF.search(markup, max(0, len(markup) - 5_000)):
        markup = markup[: cut.start()]
    while (less := markup.find("<", at)) >= 0:
        tag = _TAG.match(markup, less)
        kept = markup.startswith(("<!--", "<![CDATA[", "<!DOCTYPE", "<!doctype", "<?"), less)
        kept = kept or (tag is not None and _is_tag(tag, closers))
        pieces += [markup[at:less], "<" if kept else "&lt;"]
        at = less + 1
        if tag is not None and kept:
            pieces.append(markup[at : tag.end()])
            at = tag.end()
    return "".join([*pieces, markup[at:]])


def _is_tag(tag: re.Match[str], closers: set[str]) -> bool:
    name = tag["name"].lower()
    if tag["close"]:
        return name in _KNOWN or ":" in name or "-" in name or tag["name"].islower()
    if not _has_sound_attributes(tag["attributes"]):
        return False
    if name in closers or "=" in tag["attributes"] or ":" in name or "-" in name:
        return True
    return name in VOID or name in BLOCKS or name in _FORMATTING or name in _SWALLOWS


def _has_sound_attributes(attributes: str) -> bool:
    return all(value or name.lower() in _FLAGS for name, value in _ATTRIBUTE.findall(attributes))


def _closers(text: str) -> set[str]:
    return {name.lower() for name in _CLOSER.findall(text)}
