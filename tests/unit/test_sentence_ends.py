"""Where sentences end, and which marks may not be parted from their word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.formats import LANGUAGES
from reelwright.domain.text.sentence_ends import bound_to_next, is_abbreviated, sentence_ends

# Sentences are set apart by a bar.
SENTENCES = [
    ("en", "Dr. Lind lives in St. Anne Street, e.g. at No. 7. | He sold it in the U.S. market."),
    ("en", "Is it big? | No. | He sold it in the U.S. | He left at 5 p.m. | Then J. R. R. Tolkien paid $3.5M."),
    ("en", "He has cats, dogs, etc. | See Fig. 3, vol. 2 and pp. 4 to 6. | It was I. | Is it so? | No. | I doubt it."),
    ("en", "King Henry VIII lost the ship in World War II. | The buyer paid 3.5. | Mr. Smith of Acme Co. Ltd. rang."),
    (
        "en",
        "He lives on Main St. | She left on Jan. 5 for Washington D.C. with Prof. Lee, Jr. | The end. 🎉 | And so on.",
    ),
    ("en", 'She said "Stop." | Then she left (at No. 5). | Yahoo! is a firm. | And so ... | Well… that is it.'),
    ("de", "Am 3. Mai kam Hr. Müller, z. B. mit Dr. Lind, usw. | Im 19. Jahrhundert gab es z.B. Nr. 5 und S. 12."),
    (
        "de",
        "Er war 1995. | »Komm!« | Dann rief er » Halt! « | „Nein.“ | Dipl.-Ing. Maier, d. h. er, ging. | Bd. II fehlt.",
    ),
    (
        "fr",
        "M. Dupont et Mme Durand, av. J.-C. | Ils disent : « c'est la baleine qui boit ! » | Et vous ? | — Le no. 5.",
    ),
    (
        "es",
        "El Sr. García vive en la Av. Libertad, p. ej. en EE. UU. con la Dra. Gil. | Pág. 5. | ¿Qué? | ¡No! | Adiós.",
    ),
    ("it", "Il sig. Rossi e la dott.ssa Bianchi, ecc. | Poi il n. 5 a pag. 7."),
    ("pt", "O Sr. Silva e a Dra. Costa, p. ex. na Av. Brasil. | Pág. 5."),
    ("nl", "Dhr. Jansen, d.w.z. dr. Lind, enz. | Daarna blz. 5."),
    ("pl", "Prof. Kowalski, ul. Długa 5, np. Kraków. | W 3. maja itd. | Potem św. Jan."),
    ("cs", "Ing. Novák, tj. p. Novák, č. 5, atd. | Dne 3. Května. | Konec."),
    (
        "ru",
        "Это г. Москва и т. д. | Он жил в 1995 г. | Потом А. С. Пушкин, т. е. поэт, ул. Ленина, д. 5. | « Да! » | Нет.",
    ),
    ("uk", "Це м. Київ, вул. Садова, буд. 5, і т. д. | Він жив у 1995 р. | Потім Т. Г. Шевченко."),
    ("el", "Ο κ. Παπαδόπουλος ήρθε, π.χ. χθες. | Τι; | Ναι."),
    ("sv", "T.ex. bl.a. kl. 5 kom dr. Lind. | Sedan s. 5."),
    ("da", "Hr. Lind, f.eks. den 3. maj, osv. | Så kom han."),
    ("nb", "Hr. Lind, f.eks. den 3. Mai, osv. | Så kom han."),
    ("fi", "Esim. n. 5 henkilöä tuli 3. toukokuuta jne. | Sitten."),
    ("hu", "Dr. Kovács 2024. május 3. napján jött, pl. az ún. Nagy u. 5. alá, stb. | Aztán."),
    ("ro", "Dl. Popescu, str. Lungă nr. 5, etc. | Apoi."),
    ("tr", "3. bölüm vb. | Sonra Prof. Dr. Ali Bey, örn. Ankara, geldi."),
    ("hi", "यह डॉ. शर्मा है। | वह आया। | क्या? | प्रो. गुप्ता नहीं।"),
    ("mr", "हे डॉ. पाटील आहेत. | ते आले."),
    ("ur", "وہ آیا۔ | کیا؟ | ہاں۔"),
    ("ar", "قال د. أحمد هذا. | هل جاء؟ | نعم!"),
    ("he", "הוא בא. | מה? | כן."),
    ("th", "ดร. สมชาย มา พ.ศ. 2567 ครับ"),
    ("vi", "TS. Lan ở TP. Hồ Chí Minh, v.v. | Sau đó."),
    ("id", "Bpk. Budi di Jl. Merdeka No. 5, dll. | Lalu pergi."),
]


@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_sentences_end_where_a_reader_sees_it(language: str, text: str) -> None:
    sentences = text.split(" | ")
    tokens = " ".join(sentences).split()
    found: list[list[str]] = [[]]
    for token, ends in zip(tokens, sentence_ends(tokens, language), strict=True):
        found[-1].append(token)
        if ends:
            found.append([])
    assert [" ".join(words) for words in found if words] == sentences


def test_marks_standing_alone_stay_with_their_word() -> None:
    def bound(text: str, language: str) -> list[str]:
        tokens = text.split()
        return [f"{tokens[at]} {tokens[at + 1]}" for at, held in enumerate(bound_to_next(tokens, language)) if held]

    french = "Ils disent : « c'est la baleine ! » Et vous ? Non"
    assert bound(french, "fr") == ["disent :", "« c'est", "baleine !", "! »", "vous ?"]
    assert bound("Er rief » Halt! « und ging", "de") == ["» Halt!", "Halt! «"]
    assert bound("Er rief « Halt! » und ging", "de-CH") == ["« Halt!", "Halt! »"]
    assert bound('a " b c " d', "en") == ['" b', 'c "']
    assert bound("tak „ nie “ tak ( no ) 5 % 7 € ok", "cs") == ["„ nie", "nie “", "( no", "no )", "5 %", "7 €"]
    assert bound("一 「 二 」 三", "ja") == ["「 二", "二 」"]
    assert bound("ja 🎉 nein — doch", "de") == [] and bound_to_next([], "de") == []


def test_an_abbreviation_holds_on_to_what_follows() -> None:
    assert (
        is_abbreviated("Dr.", "Lind", "en") and is_abbreviated("(No.", "7)", "en") and is_abbreviated("z.", "B.", "de")
    )
    assert not is_abbreviated("No.", "He", "en") and not is_abbreviated("end.", "Then", "en")
    assert not is_abbreviated("so...", "then", "en") and not is_abbreviated("Lind", "Dr.", "en")


@given(st.lists(st.text('aB.!»«" —5;。', max_size=4), max_size=12), st.sampled_from([*LANGUAGES, "", "xx-YY"]))
def test_any_tokens_have_an_answer_each(tokens: list[str], language: str) -> None:
    ends = sentence_ends(tokens, language)
    assert len(ends) == len(bound_to_next(tokens, language)) == len(tokens)
    assert not tokens or ends[-1]
