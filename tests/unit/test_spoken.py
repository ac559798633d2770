"""What is read aloud for what is written, in the languages that have rules."""
# ruff: noqa: E501  (a sentence and what is said of it stand on one line)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.content.story import PartTiming, WordTiming
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import LANGUAGES
from reelwright.domain.text.spoken import online
from reelwright.domain.text.spoken.reading import MAX_RUN, read_aloud
from reelwright.domain.text.spoken.tongues import RULED
from tests.depth import examples
from tests.unit.languages import SENTENCES

ENGLISH = """
In 1969 | In nineteen sixty-nine
In 1905, in 2007 and 2024. | In nineteen oh five, in two thousand seven and twenty twenty-four.
1,969 people | one thousand nine hundred sixty-nine people
384,400 km | three hundred eighty-four thousand four hundred kilometers
1 234 567 stars | one million two hundred thirty-four thousand five hundred sixty-seven stars
3.14 and -5 | three point one four and minus five
0.5 | zero point five
$5 | five dollars
$1 | one dollar
$5.99 | five dollars and ninety-nine cents
$0.99 | ninety-nine cents
£3.50 | three pounds and fifty pence
€20,000 | twenty thousand euros
$5 million | five million dollars
$25.4 billion, | twenty-five point four billion dollars,
$3M | three million dollars
¥500 | five hundred yen
25% and 3.5 % | twenty-five percent and three point five percent
5 km, 5km | five kilometers, five kilometers
1 kg | one kilogram
60 mph | sixty miles per hour
100 m² | one hundred square meters
20°C and 70 °F | twenty degrees Celsius and seventy degrees Fahrenheit
2 GB | two gigabytes
1/2 cup | one half cup
2½ hours | two and a half hours
2 1/2 hours | two and a half hours
pages 10–15 | pages ten to fifteen
1914–1918 | nineteen fourteen to nineteen eighteen
10-15% | ten to fifteen percent
won 3:2 | won three to two
10x faster | ten times faster
the 1990s | the nineteen nineties
the '80s | the eighties
the 1900s | the nineteen hundreds
1st, 2nd, 3rd and 21st | first, second, third and twenty-first
On March 14, 2024 | On March fourteenth, twenty twenty-four
14 March 2024 | the fourteenth of March twenty twenty-four
On Jan. 5 | On January fifth
2024-03-14 | March fourteenth, twenty twenty-four
3/14/2024 | March fourteenth, twenty twenty-four
at 10:30 | at ten thirty
at 10:05 | at ten oh five
at 10:00 | at ten o'clock
at 10:30 a.m. today | at ten thirty A M today
5pm | five P M
5 p.m. | five P M.
World War II | World War two
Henry VIII | Henry the eighth
Elizabeth I ruled. | Elizabeth the first ruled.
Chapter IV | Chapter four
Apollo XI | Apollo eleven
I am Malcolm X | I am Malcolm X
Dr. Lind | Doctor Lind
St. Anne lives on Main St. | Saint Anne lives on Main Street.
e.g. lemons, i.e. fruit, etc. | for example lemons, that is fruit, et cetera.
Mr. Smith vs. Mrs. Jones | mister Smith versus missus Jones
No. 5 | number five
#1 | number one
the FBI and the CIA | the F B I and the C I A
NASA and UNESCO | NASA and UNESCO
the U.S. Army | the U S Army
CEOs and a CEO's | C E O's and a C E O's
This is NOT true. | This is NOT true.
the US, not us | the U S, not us
IT is late | IT is late
HTML, PDF and JSON | H T M L, P D F and JSON
README.md#rules | README.md#rules
COVID-19 | COVID nineteen
5-year-old | five year old
4K, 3D, B2B | four K, three D, B two B
mid-1990s | mid nineteen nineties
20th-century art | twentieth century art
CO₂ | C O two
salt & pepper | salt and pepper
2 + 2 = 4 | two plus two equals four
24/7 | twenty-four seven
4x100m and 1280x720 | four by one hundred meters and one thousand two hundred eighty by seven hundred twenty
1/4 tsp, 2 tsp | one quarter teaspoon, two teaspoons
25-30 min. | twenty-five to thirty minutes.
9 a.m. EST. | nine A M. E S T.
The WHO says who. | The W H O says who.
+49 30 1234567 | plus four nine three zero one two three four five six seven
007 | zero zero seven
https://www.example.co.uk/a?b=c | example dot co dot U K
http://[::1 naïve C# | naïve C#
Write to info@example.org. | Write to info at example dot org.
@SpaceX_Official | at Space X Official
#DeepSea! | hashtag Deep Sea!
Hello 🎉 | Hello
The 🐙 swims. | The octopus swims.
{\\an8}Top 5 | Top five
I ❤️ NY | I love N Y
"""
BRITISH = """
14/03/2024 | the fourteenth of March twenty twenty-four
101 dogs | one hundred and one dogs
"""
GERMAN = """
im Jahr 1969 | im Jahr neunzehnhundertneunundsechzig
1500 Menschen | eintausendfünfhundert Menschen
1.234,5 Meter | eintausendzweihundertvierunddreißig Komma fünf Meter
1 Jahr und 1 Woche | ein Jahr und eine Woche
1 Million | eine Million
5 Mio. Menschen | fünf Millionen Menschen
5,99 € | fünf Euro neunundneunzig
3 Mrd. € | drei Milliarden Euro
1 € | ein Euro
25 % | fünfundzwanzig Prozent
3,5 km/h | drei Komma fünf Kilometer pro Stunde
20 °C | zwanzig Grad Celsius
1½ Liter | eineinhalb Liter
am 3. Mai | am dritten Mai
der 3. Mai | der dritte Mai
3. Mai 2024 | dritter Mai zweitausendvierundzwanzig
14.03.2024 | vierzehnter März zweitausendvierundzwanzig
am 14.03. kam | am vierzehnten März kam
im 19. Jahrhundert | im neunzehnten Jahrhundert
2. Liga und 2. Platz | zweite Liga und zweiter Platz
Es waren 3. | Es waren drei.
Apollo 11. 600 Gäste | Apollo elf. sechshundert Gäste
1/2 TL | ein halb Teelöffel
um 10:30 Uhr | um zehn Uhr dreißig
um 1 Uhr | um ein Uhr
10.30 Uhr | zehn Uhr dreißig
die 90er Jahre | die neunziger Jahre
Ludwig XIV. von Frankreich | Ludwig der Vierzehnte von Frankreich
Elisabeth II. von England | Elisabeth die Zweite von England
Kapitel IV | Kapitel vier
z. B. Fische | zum Beispiel Fische
z.B. Fische, d. h. Tiere usw. | zum Beispiel Fische, das heißt Tiere und so weiter.
Dr. Lind und Prof. Maier | Doktor Lind und Professor Maier
Nr. 5 auf S. 12 | Nummer fünf auf Seite zwölf
die EU und die NATO | die E U und die NATO
ein 3:2 | ein drei zu zwei
10–15 Tage | zehn bis fünfzehn Tage
Öl & Salz | Öl und Salz
www.example.de | example Punkt D E
"""
FRENCH = """
en 1969 | en mille neuf cent soixante-neuf
1 234 567 habitants | un million deux cent trente-quatre mille cinq cent soixante-sept habitants
71 et 91 | soixante-et-onze et quatre-vingt-onze
21 personnes | vingt-et-une personnes
1 tonne | une tonne
3,14 | trois virgule quatorze
3,05 | trois virgule zéro cinq
25 % | vingt-cinq pour cent
5,99 € | cinq euros quatre-vingt-dix-neuf
5 millions € | cinq millions d'euros
1 200,50 € | mille deux cents euros cinquante
20 °C | vingt degrés Celsius
100 km/h | cent kilomètres par heure
le 1er mars 1789 | le premier mars mille sept cent quatre-vingt-neuf
le 14 mars | le quatorze mars
14/03/2024 | quatorze mars deux mille vingt-quatre
à 10h30 | à dix heures trente
à 1h | à une heure
la 2e fois, la 1re fois | la deuxième fois, la première fois
XVIIIe siècle | dix-huitième siècle
Louis XIV et François Ier | Louis quatorze et François premier
chapitre IV | chapitre quatre
M. Dupont et Mme Curie | Monsieur Dupont et Madame Curie
p. ex. des fruits, etc. | par exemple des fruits, et cetera.
n° 5 | numéro cinq
la SNCF et l'UE | la S N C F et l'U E
l'OTAN | l'OTAN
sel & poivre | sel et poivre
"""
SPANISH = """
en 1492 | en mil cuatrocientos noventa y dos
1 libro, 1 casa, 1 | un libro, una casa, uno
21 personas y 21 días | veintiuna personas y veintiún días
200 casas | doscientas casas
1/2 taza, 25-30 min | media taza, veinticinco a treinta minutos
1.234,5 | mil doscientos treinta y cuatro coma cinco
25 % | veinticinco por ciento
5,99 € | cinco euros con noventa y nueve
5 millones € | cinco millones de euros
$1 | un dólar
200 £ | doscientas libras
21 km | veintiún kilómetros
20 °C | veinte grados Celsius
el 14 de marzo de 2024 | el catorce de marzo de dos mil veinticuatro
14/03/2024 | catorce de marzo de dos mil veinticuatro
a las 10:30 | a las diez y media
a las 10:15 | a las diez y cuarto
1.º y 2ª | primero y segunda
el 3.er piso | el tercer piso
el siglo XX | el siglo veinte
Felipe II y Luis XIV | Felipe segundo y Luis catorce
Isabel I | Isabel primera
EE. UU. y la UE | Estados Unidos y la U E
Sr. López, p. ej. hoy | señor López, por ejemplo hoy
la ONU | la ONU
"""
ITALIAN = """
nel 1969 | nel millenovecentosessantanove
1 stella, 1 libro, 1 | una stella, un libro, uno
1.234,5 | milleduecentotrentaquattro virgola cinque
25% | venticinque per cento
5,99 € | cinque euro e novantanove
5 milioni € | cinque milioni di euro
20 °C | venti gradi Celsius
il 1º maggio | il primo maggio
il 14 marzo 1861 | il quattordici marzo milleottocentosessantuno
alle 10:30 | alle dieci e trenta
il XX secolo | il ventesimo secolo
Vittorio Emanuele II | Vittorio Emanuele secondo
capitolo IV | capitolo quattro
Dott. Rossi, ecc. | dottor Rossi, eccetera.
pag. 12 | pagina dodici
la RAI e il PD | la RAI e il P D
anni '90 | anni novanta
l'8 marzo | l'otto marzo
"""
PORTUGUESE = """
em 1500 | em mil e quinhentos
2 casas e 2 dias | duas casas e dois dias
R$ 3.5 milhões | três ponto cinco milhões de reais
R$ 5,99 | cinco reais e noventa e nove centavos
25% | vinte e cinco por cento
às 10h30 | às dez e trinta
D. João VI | dom João sexto
o século XXI | o século vinte e um
"""
DUTCH = """
in 1969 | in negentiennegenenzestig
5,99 € | vijf euro negenennegentig
25% | vijfentwintig procent
om 10.30 uur | om tien uur dertig
de 21e eeuw | de eenentwintigste eeuw
Lodewijk XIV | Lodewijk de veertiende
bijv. 3 km | bijvoorbeeld drie kilometer
1 | één
"""
TABLE = [
    (language, *map(str.strip, entry.split("|")))
    for language, table in {
        "en": ENGLISH, "en-gb": BRITISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH, "it": ITALIAN, "pt": PORTUGUESE,
        "nl": DUTCH,
    }.items()
    for entry in table.strip().splitlines()
]  # fmt: skip


@pytest.mark.parametrize(("language", "written", "spoken"), TABLE)
def test_what_is_read_aloud(language: str, written: str, spoken: str) -> None:
    assert read_aloud(written, language).text == spoken


def test_the_table_is_as_large_as_the_claim() -> None:
    assert len(TABLE) >= 120 and len({language[:2] for language, *_ in TABLE}) >= 5
    assert {language[:2] for language, *_ in TABLE} == set(RULED)


# --- what always holds ------------------------------------------------------------------------------------------------

_SAMPLE = (
    "5 km 1969 $5.99 €5 € million Dr. St. XIV Louis 3. Mai 10:30 a.m. FBI NASA U.S. 25% % 1/2 ½ 10–15 z. B. @a_b #Tag "
    "https://a.org/b 🎉 the word, (und) « mot » 1 234 567 1er 2ª 90er '80s 007 +49 R$ & = - … 中文2024 กขค 1h30 n° A-1"
)
_PARTS = st.sampled_from(_SAMPLE.split())
_TEXTS = st.lists(_PARTS | st.text(max_size=6), max_size=12).map(" ".join)
_LANGUAGES = st.sampled_from([*RULED, "en-gb", "pl", "zh", "ar"])


@examples(150)
@given(_TEXTS, _LANGUAGES, st.integers(0, 2**32))
@pytest.mark.lengthy
def test_each_written_word_keeps_its_text_and_one_span(text: str, language: str, seed: int) -> None:
    reading = read_aloud(text, language)
    assert reading.written == tuple(text.split()) and len(reading.said) == len(reading.written)
    tokens = reading.text.split()
    spoken = [
        WordTiming(text=token, start=at, end=at + 0.5 + (seed >> at % 32) % 2 / 2) for at, token in enumerate(tokens)
    ]
    for heard in (spoken, spoken[::2], []):  # also a voice that tells less than it says
        times = reading.times(heard)
        if heard is not spoken and not reading.differs:
            continue
        assert [word.text for word in times] == list(reading.written)
        edges = [edge for word in times for edge in (word.start, word.end)]
        assert edges == sorted(edges) and (not edges or edges[-1] <= len(tokens))


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_without_anything_to_read_differently_stays_as_it_is(language: str) -> None:
    plain = " ".join(
        word for sentence in SENTENCES[language] for word in sentence.split() if word.isalpha() and not word.isupper()
    )
    reading = read_aloud(f"  {plain}\n", language)
    assert not reading.differs and reading.text == f"  {plain}\n"
    for sentence in SENTENCES[language]:
        once = read_aloud(sentence, language).text
        assert read_aloud(once, language).text == once, "what has been read is read no further"


def test_spoken_words_come_back_to_the_written_ones() -> None:
    reading = read_aloud("It cost $25.4 billion in 1969 🎉 there.", "en")
    said = reading.text.split()
    times = reading.times([WordTiming(text=word, start=at, end=at + 0.75) for at, word in enumerate(said)])
    assert [(word.text, word.start, word.end) for word in times] == [
        ("It", 0, 0.75), ("cost", 1, 1.75), ("$25.4", 2, 4.75), ("billion", 5, 6.75), ("in", 7, 7.75),
        ("1969", 8, 9.75), ("🎉", 9.75, 9.75), ("there.", 10, 10.75),
    ]  # fmt: skip


def test_a_voice_that_answers_in_its_own_words_is_followed() -> None:
    reading = read_aloud("Dr. Lind paid 5 € for fish", "de")  # "Doktor Lind paid fünf Euro for fish"
    own = ["doktor lind", "PAID", "fuenf", "Euro", "for", "f-i-s-h!"]
    times = reading.times([WordTiming(text=word, start=at, end=at + 1) for at, word in enumerate(own)])
    assert [round(word.start, 2) for word in times] == [0, 0.6, 1, 2, 3, 4, 5]
    assert [round(word.end, 2) for word in times] == [0.6, 1, 2, 3, 4, 5, 6]


def test_times_inside_a_clause_come_back_to_what_is_written_as_it_is_said() -> None:
    def parts(written: str, *inner: int, **own: str) -> list[tuple[str, float, float]]:
        """A second for each sign; the last word that is said has parts, which begin at `inner`."""
        reading = read_aloud(written, "zh", own)
        *before, last = reading.text.split()
        spoken = [WordTiming(text=text, start=at, end=at + 1) for at, text in enumerate(before)]
        ends = [*inner[1:], len(last)]
        told = tuple(PartTiming(a, len(before) + a, len(before) + b) for a, b in zip(inner, ends, strict=True))
        spoken.append(WordTiming(text=last, start=told[0].start, end=told[-1].end, parts=told))
        (word,) = reading.times(spoken)
        stops = [*(part.at for part in word.parts[1:]), len(written)]
        return [(written[part.at : stop], part.start, part.end) for part, stop in zip(word.parts, stops, strict=True)]

    # "见 example 点 com。更多内容"
    assert parts("见https://example.com。更多内容", 0, 4, 6) == [
        ("见https://example.com。", 0, 7), ("更多", 7, 9), ("内容", 9, 11),
    ]  # fmt: skip
    assert parts("他是行长。", 0, 2, **{"行长": "航掌"}) == [("他是", 0, 2), ("行长。", 2, 5)]
    assert parts("他是行长。", 0, 2, 4, **{"行长": "银行领导"}) == [("他是", 0, 2), ("行长。", 2, 7)]
    assert parts("他是行长。", 0, 2) == [("他是", 0, 2), ("行长。", 2, 5)], "nothing is read otherwise"


# --- bad input ----------------------------------------------------------------------------------------------------------


def test_numbers_nobody_can_follow_are_refused_in_one_line() -> None:
    assert len(read_aloud("9" * MAX_RUN, "en").text.split()) == MAX_RUN
    for language in ("en", "zh"):
        with pytest.raises(InvalidInput, match="a number of 10,000 digits cannot be followed by ear") as caught:
            read_aloud("Pi is 3." + "1" * 10_000, language)
        assert caught.value.field == "script" and caught.value.remedy and "\n" not in str(caught.value)


def test_emoji_alone_are_read_by_name() -> None:
    assert read_aloud("🚀 🎉", "en").text == "rocket party popper"
    assert read_aloud("👩‍🚀🇩🇪👍🏽", "de").text == "astronautin, flagge deutschland, daumen hoch mittlere hautfarbe"
    assert read_aloud("🚀", "pl").text == "" and read_aloud("", "en").text == ""
    assert len(read_aloud("🚀" * 50_000, "en").text.split()) == online.MAX_EMOJI


@pytest.mark.parametrize(
    "hostile",
    ["1,234," * 9, "9 " * 33, "IT " * 33, "$" * 99, "1-" * 50, "a.b." * 25, "#a" * 50, "@a." * 33, "🎉" * 99, "I " * 50,
     "(" * 99, "z. B. " * 16, "1:1:" * 25, "St. " * 25, "X" * 99, "1 234 " * 16, "+49 1 " * 16, "https://a." * 10],
)  # fmt: skip
@pytest.mark.lengthy
def test_hostile_texts_take_steps_in_proportion(hostile: str) -> None:
    def steps(text: str) -> int:
        import sys

        count = 0

        def tick(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(tick)
        try:
            read_aloud(text, "en")
        finally:
            sys.setprofile(None)
        return count

    read_aloud(hostile, "en")  # loads what it needs
    once, ten = steps(hostile * 4), steps(hostile * 40)
    assert ten < 14 * once + 3_000, f"{ten} steps for ten times the text of {once}"
