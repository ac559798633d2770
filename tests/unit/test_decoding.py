"""Text from bytes: right, or refused; mojibake never."""

from __future__ import annotations

import contextlib
import time

import pytest

from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.decoding import Undecodable, decoded
from reelwright.domain.text.incoming import decode
from reelwright.domain.text.mojibake import repaired
from tests.unit.encoded import CASES, TEXTS
from tests.unit.languages import SENTENCES


def document(text: str) -> str:
    return f"<rss><channel><title>Harbour news</title><item><title>{text[:20]}</title><description>{text}</description></item></channel></rss>"


@pytest.mark.sample(90)
@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1", "windows-1251", "gb2312", "right", "no such charset"])
@pytest.mark.parametrize(("language", "encoding"), CASES)
def test_whatever_is_declared_the_text_is_right(language: str, encoding: str, declared: str) -> None:
    text = document(TEXTS[language][0])
    names = [encoding if declared == "right" else declared] if declared else []
    assert decoded(text.encode(encoding), names) == text


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
@pytest.mark.parametrize("declared", ["", "iso-8859-1", "utf-8", "shift_jis"])
def test_unicode_with_and_without_a_mark(encoding: str, declared: str) -> None:
    for text in (document(TEXTS["ja"][0]), document(TEXTS["fr"][0])):
        assert decoded(text.encode(encoding), [declared] if declared else []) == text


@pytest.mark.parametrize(
    ("bad", "read"),
    [
        (b" caf\xe9 noir", " café noir"),
        (b" \xc9cole", " École"),
        (b" c\x92est", " c’est"),
        (b" d\xc3 fin", " d fin"),
        (b" \xe2\x80 x", "  x"),
    ],
)
def test_one_bad_byte_in_utf8(bad: bytes, read: str) -> None:
    text = TEXTS["fr"][0]
    assert decoded(text.encode() + bad) == text + read


def test_a_stray_byte_among_other_letters_is_left_out() -> None:
    text = TEXTS["ru"][0]
    assert decoded(text.encode() + b" \xd0 \xe9" + text.encode()) == f"{text}  {text}"


def test_too_many_broken_places_are_refused() -> None:
    with pytest.raises(Undecodable):
        decoded((TEXTS["ru"][0].encode() + b"\xd0 \xd1 \xd0 ") * 5)
    with pytest.raises(Undecodable):
        decoded(bytes(range(128, 256)) * 40)


@pytest.mark.parametrize("read_as", ["cp1252", "latin-1", "cp1251", "cp1250", "cp932", "gb18030", "cp437", "mac_roman"])
@pytest.mark.parametrize("language", TEXTS)
def test_twice_encoded_text_is_put_right_or_refused(language: str, read_as: str) -> None:
    text = TEXTS[language][0]
    try:
        wrong = text.encode().decode(read_as)
    except UnicodeDecodeError:
        return  # this mistake cannot be made with this text
    assert wrong != text
    assert repaired(wrong) == text


@pytest.mark.parametrize(("written", "read"), [("cp1251", "cp1252"), ("koi8-r", "latin-1"), ("koi8-r", "cp1251")])
def test_a_wrong_code_page_is_put_right(written: str, read: str) -> None:
    text = TEXTS["ru"][0]
    assert repaired(text.encode(written).decode(read)) == text


def test_what_cannot_be_put_right_is_refused() -> None:
    for lost in (
        TEXTS["ru"][0].encode("cp1251").decode("utf-8", "replace"),
        TEXTS["ja"][0].encode("cp932").decode("latin-1"),
    ):
        with contextlib.suppress(Undecodable):
            assert repaired(lost) in [text for text, _ in TEXTS.values()]


@pytest.mark.parametrize("language", SENTENCES)
def test_good_text_is_left_as_it_is(language: str) -> None:
    for text in (*SENTENCES[language], " ".join(SENTENCES[language])):
        assert repaired(text) == text


@pytest.mark.parametrize(
    "text",
    ["Ångström Édouard ÀÉÎÕÜ ÇA VA", "ÉTÉ ÉLÉVÉ", "/ˌɪntəˈnæʃənəl/", "naïve — “quoted” … €5", "αβγ λx μm", "Дед Мороз iPhone-ом",
     "Þingvellir í Öxará", "🎉 party 🇩🇪", "the café is open", "ВСЕ ЭТО НАПИСАНО БОЛЬШИМИ БУКВАМИ ДЛЯ КРАСОТЫ"],
)  # fmt: skip
def test_odd_but_good_text_is_left_as_it_is(text: str) -> None:
    assert repaired(text) == text


def test_scripts_are_unicode_and_no_mojibake() -> None:
    text = TEXTS["fr"][0]
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert decode(text.encode(encoding), field="script", limit=9_999) == text
    assert decode(text.encode().decode("cp1252").encode(), field="script", limit=9_999) == text
    assert decode(TEXTS["ja"][0].encode("iso2022_jp"), field="script", limit=9_999) == TEXTS["ja"][0]
    with pytest.raises(InvalidInput, match="not UTF-8 text"):
        decode(TEXTS["ru"][0].encode("cp1251"), field="script", limit=9_999)
    with pytest.raises(InvalidInput, match=r"^script: not readable text"):
        decode(("слово " + "\ufffd" * 20).encode(), field="script", limit=9_999)


@pytest.mark.parametrize(
    "hostile",
    [b"\xff" * 5_000_000, b"\xc3" * 1_000_000, b"\xc3\xa9\xff" * 300_000, b"\x1b$B" * 300_000, b"~{" * 500_000],
)
@pytest.mark.lengthy
def test_hostile_bytes_end_soon(hostile: bytes) -> None:
    begin = time.process_time()
    with contextlib.suppress(Undecodable):
        decoded(hostile, ["utf-8", "gb2312"])
    assert time.process_time() - begin < 30


# ruff: noqa: E501  (a text stands on one line)
