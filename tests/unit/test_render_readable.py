"""Captions and titles a person can read: sentences whole, marks with their words, names in order, addresses short."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.content.story import Translation
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.domain.text.shortening import short_address, spoken_length
from reelwright.providers.writing.finish import fit_title, title_from
from reelwright.render.captions.burn import caption_cues, caption_style
from reelwright.render.captions.cues import Column, Cue, CueWord, break_scene, line_text
from reelwright.render.captions.directions import hold_directions
from reelwright.render.captions.subtitles import spoken_cues, srt, translated_cues, vtt
from reelwright.render.captions.words import hold_marks, pieces_of
from reelwright.render.plan.layout import LAYOUTS
from reelwright.render.plan.preflight import shortened_notes
from reelwright.render.plan.timeline import build_timeline
from reelwright.render.text import fonts
from reelwright.render.text.bitmaps import Style
from reelwright.render.text.shaping import shape
from reelwright.render.text.title_breaks import break_title
from tests.depth import examples

from .scripts import plan_for

ADDRESS = "https://example.com/" + "a/very/long/path/" * 12 + "?q=1"
SIZES = (*STANDARD_FORMATS, VideoFormat("480x270"), VideoFormat("240x240"))
LRM = "\u200e"


def tracks(text: str, language: str, pace: float = 0.35) -> Iterator[tuple[VideoFormat | None, list[Cue]]]:
    """The cues in each picture format, and those of the caption files."""
    plan = plan_for(text, language=language, pace=pace)
    timeline = build_timeline(plan)
    for format in SIZES:
        yield format, list(caption_cues(timeline, LAYOUTS[format], language=language))
    yield None, spoken_cues(timeline, plan)


def lines_of(cues: list[Cue]) -> list[str]:
    return [line_text(line) for cue in cues for line in cue.lines]


@pytest.mark.parametrize(
    ("language", "text", "held"),
    [
        ("en", "Dr. Lind lives in St. Anne Street, e.g. at No. 7. He sold it in the U.S. market.", "Dr. Lind|No. 7."),
        ("en", "Today at noon the famous old Mr. Smith met the rather young Prof. Lee at last.", "Mr. Smith|Prof. Lee"),
        (
            "de",
            "Gestern um zehn Uhr kam der alte Hr. Dr. Lind nach z. B. Haus Nr. 7 zurück.",
            "Hr. Dr. Lind|z. B.|Nr. 7",
        ),
        ("fr", "Hier soir vers dix heures le bon M. Dupont et Mme. Durand ont vu le no. 7 ici.", "M. Dupont|no. 7"),
        (
            "ru",
            "Вчера вечером около десяти часов на ул. Ленина в г. Москва пришёл А. С. Пушкин.",
            "ул. Ленина|г. Москва",
        ),
        (
            "es",
            "Ayer por la tarde en la casa nueva el Sr. García habló con la Dra. Gil otra vez.",
            "Sr. García|Dra. Gil",
        ),
    ],
)
@pytest.mark.parametrize("pace", [0.25, 0.5, 0.9])
@pytest.mark.sample(6)
def test_no_caption_ends_at_an_abbreviation(language: str, text: str, held: str, pace: float) -> None:
    for format, cues in tracks(text, language, pace):
        told = [" ".join(map(line_text, cue.lines)) for cue in cues]
        for words in held.split("|"):
            assert any(words in caption for caption in told), (format, told)


MARKED = [
    ("fr", "Les enfants, eux, répondent toujours : « c'est la baleine qui boit ! » Et vous, qu'en pensez-vous ?"),
    (
        "fr",
        "Les enfants,\u00a0eux, répondent\u202f: «\u00a0c'est la baleine qui boit\u202f!\u00a0» Et vous\u202f; non ?",
    ),
    ("de", "Die Kinder rufen dann alle zusammen » Der Wal hat es getan! « und laufen ( wie immer ) schnell fort."),
    ("de", "Die Kinder rufen dann „ Der Wal hat es heute getan “ und laufen ‚ wie immer ‘ wieder schnell fort."),
    ("de-ch", "Die Kinder rufen dann alle « Der Wal hat es heute getan! » und laufen wie immer schnell fort."),
    ("ru", "Дети всегда отвечают : « это кит выпил море ! » А что вы думаете об этом ? [ смех ] Ничего ."),
    ("en", 'The children say " it was the whale " and then ( as ever ) they run off “ so fast ” . And you ?'),
    ("es", "Los niños dicen siempre : « ¿ fue la ballena ? » y luego ¡ corren ! muy lejos de la casa ."),
    ("da", "Børnene siger altid » det var hvalen ! « og så løber de hurtigt væk fra det gamle hus ."),
    ("ja", "子供たちは 「 くじら が 飲んだ 」 と いつも 言います 。 あなた は どう 思いますか ？"),
]
CLOSING = set(")]}»”’›」』】》!?;:,.。？！%")
OPENING = set("([{«“‘‹„‚¿¡「『【《")


@pytest.mark.parametrize(("language", "text"), MARKED)
@pytest.mark.parametrize("pace", [0.2, 0.45, 0.9])
@pytest.mark.lengthy
@pytest.mark.sample(6)
def test_no_line_begins_with_what_closes_or_ends_with_what_opens(language: str, text: str, pace: float) -> None:
    inward = language in ("de", "da")
    closing = (CLOSING - {"»"}) | {"«", "“", "‘"} if inward else CLOSING - ({"“"} if language != "en" else set())
    opening = (OPENING - {"«", "“", "‘"}) | {"»"} if inward else OPENING
    for format, cues in tracks(text, language, pace):
        for line in lines_of(cues):
            assert line[0] not in closing and line[-1] not in opening, (format, lines_of(cues))
        assert "".join(lines_of(cues)).replace(" ", "") == "".join(text.split())
    if pace != 0.2:
        return  # a title has no pace
    style = Style(80, fonts.BOLD, language=language)
    for width in (300, 500, 900):
        lines, _ = break_title(text[:90].rstrip("«»„“( "), style, width)
        assert not any(line[0] in closing or line[-1] in opening for line in lines), lines


def test_a_mark_that_stands_alone_takes_none_of_the_time() -> None:
    words = [CueWord("boit", "boit", 1.0, 1.4), CueWord("!", "!", 1.4, 1.4), CueWord("»", "»", 1.4, 1.4)]
    cues = [cue for _, cues in tracks("« boit ! »", "fr") for cue in cues]
    assert all(len(cue.words) == 1 and cue.words[0].text == "« boit ! »" for cue in cues)
    held = hold_marks([CueWord("«", "«", 0.5, 0.5), *words], "fr")
    assert [(word.text, word.start, word.end) for word in held] == [("« boit ! »", 1.0, 1.4)]


ARABIC = (
    "أعلنت شركة Apple عن هاتف iPhone 17 Pro بسعر 1,299.99 دولار في نيويورك، وقالت إن السعة تبدأ من 256GB (مع USB-C). "
    "هل ستشتري هاتف Samsung بدلاً منه؟ اكتب رأيك في التعليقات أو زر https://example.com/ar الآن!"
)
HEBREW = (
    "אתמול הודיעה חברת Apple Computer Inc על הטלפון iPhone 17 Pro במחיר 1,299.99 דולר ליד Wall Street 11 בניו יורק."
)
PERSIAN = "دیروز شرکت Google Cloud Platform در خیابان Wall Street 11 محصول Pixel 9 Pro را معرفی کرد و رفت."


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("ar", ARABIC, ["iPhone 17 Pro"]),
        ("he", HEBREW, ["Apple Computer Inc", "iPhone 17 Pro", "Wall Street 11"]),
        ("fa", PERSIAN, ["Google Cloud Platform", "Wall Street 11", "Pixel 9 Pro"]),
        ("en", "Yesterday the old company שלום עולם said in the street that it will be over soon.", ["שלום עולם"]),
    ],
)
@pytest.mark.parametrize("pace", [0.25, 0.5, 0.9])
def test_a_name_of_the_other_direction_stays_in_one_caption(
    language: str, text: str, names: list[str], pace: float
) -> None:
    for format, cues in tracks(text, language, pace):
        told = [" ".join(map(line_text, cue.lines)).replace(LRM, "") for cue in cues]
        for name in names:
            assert any(name in caption for caption in told), (format, told)


def seen(tokens: list[str]) -> list[str]:
    """The tokens of a right-to-left line from left to right, with what is seen of each."""
    line = shape(tuple(f" {t}" if at else t for at, t in enumerate(tokens)), 40, fonts.BOLD, True, "ar")
    parts: dict[int, str] = {}
    for run in line.runs:
        parts[run.token] = parts.get(run.token, "") + run.text
    return list(parts.values())


def test_a_name_that_must_be_parted_keeps_its_order() -> None:
    words = [CueWord(t, t, float(i), i + 0.9) for i, t in enumerate(["هاتف", "iPhone", "17", "Pro", "جديد"])]
    held = [word.shown for word in hold_directions(words)]
    assert seen([held[0], held[1]]) == ["iPhone", "هاتف"]
    assert seen(["17", "Pro", "جديد"]) == ["جديد", "Pro", "17"], "alone it is turned round"
    assert seen(held[2:]) == ["جديد", "17", "Pro"]
    # In caption files too, where the player orders the line.
    words = [CueWord(f"Name{i}" if i % 2 else str(i), "", i * 0.1, i * 0.1 + 0.1) for i in range(1, 40)]
    words = [CueWord("هاتف", "", 0.0, 0.1), *(CueWord(w.text, w.text, w.start, w.end) for w in words)]
    column_cues = break_scene(words, _column(), rtl=True)
    begun = [line_text(line) for cue in column_cues for line in cue.lines]
    assert len(begun) > 3 and all(not line[0].isdigit() for line in begun[1:])


def _column() -> Column:
    return Column(measure=lambda text: 10.0 * len(text.replace(LRM, "")), width=240.0, words=6)


@pytest.mark.parametrize(
    "token", ["@name", "C++", "C#", "+1-555-0100", "-5", "#tag", ".com", "https://example.com/", "100+"]
)
def test_signs_at_the_edge_of_a_latin_word_stay_on_their_side(token: str) -> None:
    before, after = CueWord("هاتف", "هاتف", 0.0, 0.5), CueWord("جديد", "جديد", 1.0, 1.5)
    held = [word.shown for word in hold_directions([before, CueWord(token, token, 0.5, 1.0), after])]
    assert seen(held)[1] == token
    quoted = [word.shown for word in hold_directions([CueWord(f"({token})", f"({token})", 0.5, 1.0), after])]
    assert token in seen(quoted)[1]


# --- what is too long ------------------------------------------------------------------------------------------------


def test_a_long_address_is_shortened_and_keeps_the_time_it_is_spoken() -> None:
    text = f"{ADDRESS} is the address to visit today."
    assert len(ADDRESS) > 200
    plan = plan_for(text)
    timeline = build_timeline(plan)
    first = timeline.words[0]
    for format in SIZES:
        cues = caption_cues(timeline, LAYOUTS[format])
        assert cues[0].lines[0][0].shown == "example.com/…"
        assert cues[0].start <= first.start and cues[0].end >= first.end - 1e-6
        assert min(cue.end - cue.start for cue in cues) >= 0.5
    for written in (srt(spoken_cues(timeline, plan)), vtt(spoken_cues(timeline, plan), language="en")):
        assert "example.com/…" in written and "/path/" not in written
    assert look_over_notes(text) == ["scene 1: what is too long for a line of captions is shortened: example.com/…"]


def look_over_notes(text: str) -> list[str]:
    plan = plan_for(text).model_copy(update={"formats": STANDARD_FORMATS})
    return shortened_notes(plan, build_timeline(plan))


@pytest.mark.parametrize(
    ("token", "short"),
    [
        (f"({ADDRESS}),", "(example.com/…),"),
        ("https://www.example.org/a/b/c/d/e/f/g", "example.org/…"),
        ("www.example.org/a/b/c/d/e/f/g.", "example.org/…."),
        ("example.org/a/b/c/d/e/f/g/h/i/j", "example.org/…"),
        ("https://example.org/abc", "example.org/abc"),
        ("http://192.0.2.1:8080/aaaaaaaaaaaaaaaaa", "192.0.2.1/…"),
        ("https://例え.テスト/aaaaaaaaaaaaaaaaaaaaa", "例え.テスト/…"),
        ("https://user:word@example.org/aaaaaaaaaa", "example.org/…"),
        ("https://aaaaaaaaaaaaaaaaaaaaaaaaaaa.example.org/x", "aaaaaaaaa….org/…"),
        ("no-address-but-a-long-word", "no-address-but-a-long-word"),
        ("either/or/neither/nor/both/and", "either/or/neither/nor/both/and"),
    ],
)
def test_addresses_become_their_host(token: str, short: str) -> None:
    assert short_address(token, lambda text: len(text) <= 16) == short
    assert short_address(token, lambda text: True) == token


def test_a_title_with_a_long_address_is_posted_with_its_host() -> None:
    assert (
        title_from(f"{ADDRESS} is the address to visit today.", "en") == "example.com/… is the address to visit today"
    )
    assert fit_title("https://example.org/a is short") == "https://example.org/a is short"
    cut = fit_title(ADDRESS[:89] + "…")
    assert short_address(cut, lambda text: len(text) <= 20) == "example.com/…"


def test_a_translations_address_does_not_take_the_others_time() -> None:
    plan = plan_for("This is the address to visit today and it is a good one.")
    timeline = build_timeline(plan)
    translation = Translation(language="de", scenes=(f"Besuchen Sie heute {ADDRESS} und dann ist alles gut für Sie.",))
    words = [word for cue in translated_cues(timeline, plan, translation) for word in cue.words]
    address = next(word for word in words if "example.com" in word.text)
    assert address.text == "example.com/…" and address.end - address.start < 0.35 * (words[-1].end - words[0].start)
    assert spoken_length(ADDRESS) == len("example.com") and spoken_length("abc") == 3


LONG = [
    "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetzgebungsverfahrensbeschleunigungsverordnung",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "c29tZXRoaW5nIGluIGJhc2U2NCB0aGF0IGlzIGxvbmcgZW5vdWdo5c6YBQ==",
    "a.very.long.mail.address.of.a.person@a.very.long.host.name.example.org",
    "क्ष" * 60,
    "x" * 300,
    "https://" + "a" * 6_000,
]


@pytest.mark.parametrize("word", LONG)
@pytest.mark.parametrize("said", [0.3, 1.5, 8.0])
def test_no_long_word_flashes_by(word: str, said: float) -> None:
    plan = plan_for(f"see {word} now", pace=said)
    timeline = build_timeline(plan)
    for format in SIZES:
        cues = caption_cues(timeline, LAYOUTS[format])
        # Seen as long as it takes to read, or as long as there is.
        assert min(cue.end - cue.start for cue in cues) >= min(0.6, said * 0.6), [lines_of(list(cues))]
        style = caption_style(LAYOUTS[format])
        assert all(style.measure(line) <= LAYOUTS[format].caption_width * 1.7 for line in lines_of(list(cues)))


def test_the_marks_at_the_end_of_a_broken_word_do_not_stand_alone() -> None:
    def measure(text: str) -> float:
        return float(len(text))

    assert pieces_of("x" * 40 + "!”", measure, 20.0) == ["x" * 20, "x" * 19, "x!”"]
    assert pieces_of("—" * 50, measure, 20.0) == ["—" * 20, "—" * 20, "—" * 10]
    assert pieces_of("abc", measure, 20.0) == ["abc"]


@pytest.mark.parametrize(
    "word", ["x" * 99_000, "!" * 99_000, "a1" * 49_000, "a.b" * 33_000, "https://a/" + "b" * 99_000]
)
def test_a_word_as_long_as_a_script_can_be_drawn(word: str) -> None:
    cues = break_scene([CueWord("see", "see", 0.0, 0.5), CueWord(word, word, 0.5, 9.0)], _column())
    assert cues and all(cue.end - cue.start >= 0.4 for cue in cues)


@pytest.mark.parametrize("format", SIZES)
@pytest.mark.lengthy
@pytest.mark.sample(1)
def test_long_titles_stay_readable(format: VideoFormat) -> None:
    layout = LAYOUTS[format]
    style = Style(layout.title_size, fonts.BOLD)
    lines, used = break_title(f"Visit {ADDRESS} today", style, layout.text_width)
    assert " ".join(lines) == "Visit example.com/… today" and used.size >= style.size * 0.9
    lines, used = break_title(LONG[0] + " today", style, layout.text_width)
    assert used.size >= style.size * 0.4 and len(lines) <= 3
    assert all(used.measure(line) <= layout.text_width for line in lines)
    talk = "a title that goes on and on about many things " * 6
    lines, used = break_title(talk.strip(), style, layout.text_width * 0.6)
    assert len(lines) == 3 and lines[-1].endswith("…") and talk.startswith(" ".join(lines).rstrip("…"))
    assert all(used.measure(line) <= layout.text_width * 0.6 for line in lines)
    lines, _ = break_title("Why octopuses have three hearts and blue blood", style, layout.text_width)
    assert " ".join(lines) == "Why octopuses have three hearts and blue blood"


@examples(60)
@given(st.text("ab1./:@#-_ httpswww例", min_size=1, max_size=80), st.integers(3, 30))
def test_any_word_is_shortened_to_fit_or_left(text: str, room: int) -> None:
    short = short_address(text, lambda part: len(part) <= room)
    assert short == text or len(short) < len(text)
    assert spoken_length(text) <= len(text)


def test_shortening_takes_no_time() -> None:
    begun = time.process_time()
    for text in itertools.islice(itertools.cycle(["https://" + "a." * 40_000, "a@" * 40_000, "a.b/" * 20_000]), 6):
        short_address(text, lambda part: len(part) <= 20)
        spoken_length(text)
    assert short_address("https://" + "a" * 90_000, lambda part: len(part) <= 20).endswith("/…")
    assert time.process_time() - begun < 60
