"""What a card says: chosen from a scene's own words by rules, never rephrased."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal, cast

import regex  # type: ignore[import-untyped, unused-ignore]

from reelwright.domain.content.picturing import Bar, PictureCard
from reelwright.domain.content.story import Scene, Story
from reelwright.domain.text.incoming import one_line

from .figures import Figure, changes, direction_of, figures_of, ranges, said
from .lexicon import base_of, lexicon_of
from .places import place_in
from .words import clauses_of, sentences_of, words_of

_PHRASE_CHARS, _PHRASE_LEAST = 84, 26
_DETAIL_CHARS = 110
_MOST_BARS, _MOST_ITEMS = 5, 6
_LABEL_CHARS = 56
_ITEM_WORDS = 5
_DENSE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Hangul}]")
_QUOTED = regex.compile(r"[\"“„«「『]\s?([^\"“”„«»「」『』]{12,180}?)\s?[\"”“»」』]")
_QUOTED_INWARDS = regex.compile(r"»\s?([^«»]{12,180}?)\s?«")
"""As German sets it; where the marks point outwards, this is what stands between two quotations."""
_PARTICLE = regex.compile(r"^(?:という|といった|って|とは|と|라고|이라고|이라는|라는|고)[\s、，,]*")
"""What Japanese and Korean put behind a quotation: it names no speaker."""
_DENSE_QUOTED = regex.compile(r"[“「『]([^“”「」『』]{5,80})[”」』]")
_MARK_ENDS = " ,;:–—-،؛，；：、"
_AND = {
    "en": "and|or", "de": "und|oder", "fr": "et|ou", "es": "y|e|o|u", "it": "e|ed|o", "pt": "e|ou", "nl": "en|of",
    "pl": "i|lub|oraz", "ru": "и|или", "tr": "ve|veya", "hi": "और|या",
}  # fmt: skip
"""What stands before the last item of a list."""
_LIST_AFTER = regex.compile(
    r"^.*?(?:[:：]|\b(?:needs?|take|add|mix|combine|includes?|including|contains?|bring|pack"
    r"|brauchst|brauchen|nimm|mische|vermische|enthält|gib"
    r"|ajoutez|mélangez|prenez|faut|contient|prends|necesitas|añade|mezcla|lleva|contiene|incluye)\b"
    r"|تحتاج إلى|تحتاج الى|أضف|اخلط|امزج|需要|准备|加入|包括|चाहिए)\s*",
    regex.IGNORECASE,
)
_PARTITIVE = regex.compile(r"^(?:de la|du|des|de l['’]|d['’]|some|etwas)\s*", regex.IGNORECASE)
_FROM = regex.compile(r"\b(?:from|von|de|du|del|da)\s+\S{0,4}\d|من\s*\d|从\s*\d|से", regex.IGNORECASE)
_DATE = regex.compile(
    r"(?:\b\d{1,2}(?:st|nd|rd|th|\.|er)?\s+(?:de\s+)?\p{L}{3,10}\s+(?:de\s+)?(?:1\d{3}|20\d{2})\b)"
    r"|(?:\b\p{Lu}\p{L}{2,9}\s+\d{1,2},?\s+(?:1\d{3}|20\d{2})\b)"
    r"|(?:(?:1\d{3}|20\d{2})年(?:\d{1,2}月)?(?:\d{1,2}日)?)"
    r"|(?:\b(?:in|im jahr|im jahre|im|en|l'an|en el año|nel|anno|عام|سنة|في عام|सन्|वर्ष)\s+"
    r"((?:1\d{3}|20\d{2}|١[٠-٩]{3}|٢٠[٠-٩]{2}))\b)"
    r"|(?:\b(?:1\d{3}|20\d{2})\b(?=\s*(?:में|年)))"
    r"|(?:^(?:1\d{3}|20\d{2})\b(?!\s*[%€$\p{L}]))",
    regex.IGNORECASE,
)
_AGAINST = said("against")


def card_of(scene: Scene, story: Story) -> PictureCard:
    """The card of a scene: what its words have most of, from a chart down to a key phrase."""
    text = one_line(scene.text)
    sentences = sentences_of(text, story.language) or [text or one_line(scene.heading) or one_line(story.title)]
    for make in (_chart, _quotation, _number, _list, _date, _place):
        card = make(sentences, story.language)
        if card is not None:
            return card
    return PictureCard(kind="phrase", text=key_phrase(sentences), direction=_moves(sentences))


def weighty(card: PictureCard) -> bool:
    """Whether a card says more than a drawing of what the sentence is about."""
    return card.kind in ("chart", "comparison", "quotation", "number", "list", "date")


# --- figures --------------------------------------------------------------------------------------------------------


def _chart(sentences: Sequence[str], language: str) -> PictureCard | None:
    """Figures of one measure: over years, from one to another, or of several things."""
    for sentence in sentences:
        figures = figures_of(sentence, language)
        years, values = [f for f in figures if f.year], [f for f in figures if not f.year]
        if len({f.unit for f in values}) > 1 and not changes(values):
            continue
        if len(values) < 2 or len(values) > _MOST_BARS or max(f.value for f in values) <= 0:
            continue
        direction = direction_of(sentence)
        if len(years) == len(values):
            bars = [Bar(shown=f.shown, value=f.value, label=y.shown) for y, f in zip(years, values, strict=True)]
            bars.sort(key=lambda bar: bar.label)
            return PictureCard(kind="chart", bars=tuple(bars), detail=_detail(sentence), direction=_course(bars))
        if not direction and changes(values) and (values[1].share or values[1].money) and _FROM.search(sentence):
            direction = "up" if values[1].value > values[0].value else "down"
        if len(values) == 2 and direction and _from_to(sentence, values, direction):
            bars = [Bar(shown=f.shown, value=f.value) for f in _unified(values)]
            return PictureCard(kind="chart", bars=tuple(bars), detail=_detail(sentence), direction=_course(bars))
        if figures and not years and values[0].unit and _AGAINST.search(sentence):
            bars = _compared(clauses_of(sentence), language)
            if len(bars) == len(values):
                return PictureCard(kind="comparison", bars=tuple(bars))
    for pair in pairwise(sentences):
        bars = _compared(pair, language)
        if bars:
            return PictureCard(kind="comparison", bars=tuple(bars))
    return None


def _from_to(sentence: str, values: Sequence[Figure], direction: str) -> bool:
    """Whether two figures are a beginning and an end, and go the way the sentence says."""
    between = sentence[values[0].end : values[1].begin].strip().casefold()
    joined = regex.fullmatch(
        r"(?:percent|prozent|por ciento|pour cent)?\s*(?:to|auf|à|a|al|إلى|الى|至|到|से|बढ़कर|घटकर|से बढ़कर|से घटकर"
        r"|下降到|上升到|上涨到|增长到|跌至|降至|升至|增至|涨到|降到|跌到)"
        r"(?:\s*(?:just|only|almost|nearly|about|fast|rund|nur|environ|unos|casi|近|约))?",
        between,
    )
    rises = values[1].value > values[0].value
    return joined is not None and values[0].value != values[1].value and rises == (direction == "up")


def _unified(values: Sequence[Figure]) -> list[Figure]:
    """In "from 12 to 8 percent" the unit of the second is the first one's, too: the figure is shown with it."""
    first, second = values
    if first.unit or not second.unit:
        return [first, second]
    number = regex.match(r"\D*[\d٠-٩०-९][\d٠-٩०-९.,٫\s\u00a0]*", second.shown)
    after = second.shown[number.end() :] if number else ""
    gap = " " if number and number.group() != number.group().rstrip() else ""
    shown = f"{first.shown}{gap}{after}" if after else first.shown
    return [Figure(shown, first.value, second.unit, first.begin, first.end), second]


def _course(bars: Sequence[Bar]) -> Literal["", "up", "down"]:
    first, last = bars[0].value, bars[-1].value
    return "up" if last > first else "down" if last < first else ""


def _compared(parts: Sequence[str], language: str) -> list[Bar]:
    """A bar for each part (a clause, a sentence) with one share or sum of money; none where they do not stand apart."""
    bars, units = [], set()
    for part in parts:
        inside = figures_of(part, language)
        label = part.strip(_MARK_ENDS + ".!?。！؟।")
        if len(inside) > 1 or len(label) > _LABEL_CHARS:
            return []
        if inside and inside[0].unit:
            bars.append(Bar(shown=inside[0].shown, value=inside[0].value, label=label))
            units.add(inside[0].unit)
    return bars if len(bars) >= 2 and len(units) == 1 else []


def _number(sentences: Sequence[str], language: str) -> PictureCard | None:
    """The figure that tells most, with its unit, and the sentence it stands in."""
    best: tuple[float, int, Figure] | None = None
    for place, sentence in enumerate(sentences):
        for figure in ranges(sentence, figures_of(sentence, language)):
            if figure.year or not figure.unit:
                continue
            weight = 2.0 * (figure.share or figure.money) + (len(figure.shown) > 3) - 0.3 * place
            if best is None or weight > best[0]:
                best = weight, place, figure
    if best is None:
        return None
    _, place, figure = best
    sentence = sentences[place]
    # An arrow says of the figure that it rose or fell, and not of what stands behind a colon.
    clause = next((part for part in regex.split(r"[:;：；]", sentence) if figure.shown in part), sentence)
    direction = direction_of(clause) if figure.share or figure.money else ""
    return PictureCard(
        kind="number",
        text=figure.shown,
        detail=_with_before(sentences, place),
        direction=cast(Literal["", "up", "down"], direction),
    )


def _with_before(sentences: Sequence[str], place: int) -> str:
    """A sentence; a short one with the one before it, which it speaks of."""
    sentence = sentences[place]
    both = f"{sentences[place - 1]} {sentence}" if place else ""
    limit = _DETAIL_CHARS // 2 if _DENSE.search(sentence) else _DETAIL_CHARS
    return _plain(both) if both and len(sentence) < limit // 3 and len(both) <= limit else _detail(sentence)


def _moves(sentences: Sequence[str]) -> Literal["", "up", "down"]:
    """The way of a phrase about prices or shares that has no figure."""
    money = regex.compile(
        r"\b(?:share|stock|price|market|index|profit|sales|revenue|inflation|rate|aktie|kurs|preis|gewinn|umsatz|zins|bourse|action|prix|bénéfice"
        r"|bolsa|accion|precio|beneficio|venta)\w*|أسهم|الأسهم|أسعار|الأسعار|股|价|利润|शेयर|कीमत",
        regex.IGNORECASE,
    )
    first = next((sentence for sentence in sentences if money.search(sentence)), "")
    return cast(Literal["", "up", "down"], direction_of(first)) if first else ""


# --- words ----------------------------------------------------------------------------------------------------------


def _quotation(sentences: Sequence[str], language: str) -> PictureCard | None:
    whole = " ".join(sentences)
    inwards = 0 <= whole.find("»") < (whole.find("«") if "«" in whole else -1)
    quoted = [*(_QUOTED_INWARDS if inwards else _QUOTED).finditer(whole), *_DENSE_QUOTED.finditer(whole)]
    found = next((one for one in quoted if _DENSE.search(one[1]) or len(one[1].split()) > 2), None)
    if found is None:
        return None
    rest = (whole[: found.start()][-70:], whole[found.end() :][:70])
    after = next((s for s in sentences_of(_PARTICLE.sub("", rest[1]), language) if s), "")
    said = (clauses_of(after) or [""])[0] if after else ""
    before = rest[0].strip(_MARK_ENDS + ".") if not said or len(said) > 48 else ""
    said = said.strip(_MARK_ENDS + ".。؟!") if len(said) <= 48 else before.split(". ")[-1]
    return PictureCard(kind="quotation", text=found[1].strip(" ,，،"), detail=said if len(said) <= 60 else "")


def _list(sentences: Sequence[str], language: str) -> PictureCard | None:
    """Three or more short things that stand side by side."""
    for sentence in sentences:
        body = sentence.strip().rstrip(".!?。！؟।")
        after = _LIST_AFTER.match(body)
        items = [
            item.strip()
            for item in _between(base_of(language)).split(body[after.end() :] if after else body)
            if item.strip()
        ]
        dense = bool(_DENSE.search(body))
        short = all(len(item) <= 12 if dense else len(item.split()) <= _ITEM_WORDS for item in items)
        if not 3 <= len(items) <= _MOST_ITEMS or not short or sum(len(item) for item in items) < (5 if dense else 8):
            continue
        if not after:
            continue  # where the list begins is not known: its first item would be half a sentence
        items = [_PARTITIVE.sub("", item) for item in items]
        return PictureCard(kind="list", items=tuple(item[:1].upper() + item[1:] for item in items))
    return None


@lru_cache(maxsize=16)
def _between(language: str) -> regex.Pattern[str]:
    """What stands between the items of a list."""
    marks = r"[和与及或、]|\s*[,،，;；]\s*"
    if language == "ar":
        return regex.compile(rf"(?:\s*،?\s+و(?=\p{{L}}))|{marks}")
    words = _AND.get(language)
    return regex.compile(rf"(?:,?\s+(?:{words})\s+)|{marks}" if words else marks, regex.IGNORECASE)


def _date(sentences: Sequence[str], language: str) -> PictureCard | None:
    for sentence in sentences[:2]:
        found = _DATE.search(sentence)
        if found:
            shown = found[1] or found.group()
            return PictureCard(kind="date", text=shown.strip(" ,"), detail=_detail(sentence))
    return None


def _place(sentences: Sequence[str], language: str) -> PictureCard | None:
    name = place_in(sentences[0], base_of(language))
    if not name:
        return None
    # A place that something is only compared with is not where it is.
    lexicon = lexicon_of(language)
    before = words_of(sentences[0][: sentences[0].find(name)], lexicon)
    if any(lexicon.likenesses.of(word.text) or lexicon.told.of(word.text) for word in before):
        return None
    return PictureCard(kind="place", text=name, detail=_detail(sentences[0]))


def key_phrase(sentences: Sequence[str]) -> str:
    """The sentence, or the first clauses of one, that can be read at a glance."""
    most = _PHRASE_CHARS // 2 if _DENSE.search(sentences[0]) else _PHRASE_CHARS
    least = _PHRASE_LEAST // 3 if _DENSE.search(sentences[0]) else _PHRASE_LEAST
    if len(sentences[0]) <= most:
        return _plain(sentences[0])
    fitting = [s for s in sentences if least <= len(s) <= most]
    if fitting:
        return _plain(max(fitting, key=len))
    for sentence in sentences:
        clauses = clauses_of(sentence)
        if clauses and least <= len(clauses[0]) <= most and len(clauses[0].split()) != 1:
            return _plain(clauses[0])
    return _detail(sentences[0])


def _plain(text: str) -> str:
    return text.strip().strip(_MARK_ENDS).rstrip("." if not text.endswith("..") else "").rstrip("。।")


def _detail(sentence: str) -> str:
    """A sentence, or as many of its words as can be read below something large."""
    sentence = sentence.strip()
    limit = _DETAIL_CHARS // 2 if _DENSE.search(sentence) else _DETAIL_CHARS
    if len(sentence) <= limit:
        return _plain(sentence)
    clauses = clauses_of(sentence)
    kept = ""
    for clause in clauses:
        end = sentence.find(clause) + len(clause)
        if end > limit:
            break
        kept = sentence[:end]
    if kept and len(kept) > limit // 3:
        return kept.strip(_MARK_ENDS) + "…"
    short = sentence[:limit]
    return (short.rsplit(" ", 1)[0] if " " in short else short).rstrip(_MARK_ENDS) + "…"
