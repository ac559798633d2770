"""German."""
# ruff: noqa: E501  (entries of a table stand on one line)

from ..tongue import Currency, Magnitude, Tongue, pairs_of, words_of

_FEMININE_ENDS = ("ung", "heit", "keit", "ion", "schaft", "tät", "ur", "e", "a")
_FEMININE = words_of("frau stadt woche person nacht million milliarde billion zeit zahl hand welt uhr mark kuh bank")
_NOT_FEMININE = words_of(
    "ende auge name junge käse affe löwe hase see interesse gebäude sofa thema komma klima drama opa papa"
)


def _gender(noun: str) -> str:
    if not noun[:1].isupper():
        return ""
    word = noun.lower()
    feminine = word in _FEMININE or (word.endswith(_FEMININE_ENDS) and word not in _NOT_FEMININE)
    return "f" if feminine else "n"


def _cents(amount: str, cents: str, unit: str) -> tuple[str, str]:
    return amount, cents


_MILLION, _BILLION = Magnitude("Million", "Millionen", "f"), Magnitude("Milliarde", "Milliarden", "f")
_TRILLION, _THOUSAND = Magnitude("Billion", "Billionen", "f"), Magnitude("tausend", "tausend")

TONGUE = Tongue(
    code="de",
    locale="de",
    comma=True,
    point="Komma",
    minus="minus",
    plus="plus",
    equals="gleich",
    to="bis",
    ratio="zu",
    percent="Prozent",
    per_mille="Promille",
    and_="und",
    number="Nummer",
    at="at",
    dot="Punkt",
    hashtag="Hashtag",
    about="etwa",
    times="mal",
    by="mal",
    currencies={
        "€": Currency("Euro", "Euro", "n", "Cent", "Cent"),
        "EUR": Currency("Euro", "Euro", "n", "Cent", "Cent"),
        "$": Currency("Dollar", "Dollar", "n", "Cent", "Cent"),
        "US$": Currency("US-Dollar", "US-Dollar", "n", "Cent", "Cent"),
        "USD": Currency("US-Dollar", "US-Dollar", "n", "Cent", "Cent"),
        "£": Currency("Pfund", "Pfund", "n", "Penny", "Pence"),
        "GBP": Currency("Pfund", "Pfund", "n", "Penny", "Pence"),
        "¥": Currency("Yen", "Yen", "n"),
        "CHF": Currency("Franken", "Franken", "n", "Rappen", "Rappen"),
        "Fr": Currency("Franken", "Franken", "n", "Rappen", "Rappen"),
        "₹": Currency("Rupie", "Rupien", "f"),
    },
    magnitudes={
        "Tsd": _THOUSAND, "tausend": _THOUSAND, "Tausend": _THOUSAND, "Mio": _MILLION, "Million": _MILLION,
        "Millionen": _MILLION, "Mrd": _BILLION, "Milliarde": _BILLION, "Milliarden": _BILLION, "Bio": _TRILLION,
        "Billion": _TRILLION, "Billionen": _TRILLION,
    },
    cents=_cents,
    gender_of=_gender,
    fractions=pairs_of("1/2=ein halb;1/3=ein Drittel;2/3=zwei Drittel;1/4=ein Viertel;3/4=drei Viertel;1/5=ein Fünftel;1/8=ein Achtel"),
    and_half="einhalb",
    date_order="dmy",
    joined=pairs_of(
        """z.b=zum Beispiel;d.h=das heißt;u.a=unter anderem;usw=und so weiter;bzw=beziehungsweise;ca=circa;evtl=eventuell
        ggf=gegebenenfalls;vgl=vergleiche;sog=sogenannt;i.d.r=in der Regel;u.u=unter Umständen;etc=et cetera
        inkl=inklusive;exkl=exklusive;zzgl=zuzüglich;bspw=beispielsweise;o.ä=oder Ähnliches;u.v.m=und vieles mehr
        v.a=vor allem;s.o=siehe oben;s.u=siehe unten;n.chr=nach Christus;v.chr=vor Christus;e.v=E V;geb=geboren
        gest=gestorben;str=Straße;max=maximal;min=Minuten;std=Stunden;sek=Sekunden;jh=Jahrhundert;jhd=Jahrhundert
        allg=allgemein;insb=insbesondere;i.a=im Allgemeinen;z.t=zum Teil;m.e=meines Erachtens;mind=mindestens;tel=Telefon"""
    ),
    titles=pairs_of("dr=Doktor;prof=Professor;hr=Herr;hrn=Herrn;fr=Frau;st=Sankt;hl=heilige;ing=Ingenieur;dipl=Diplom"),
    bare=pairs_of("TL=Teelöffel;EL=Esslöffel;§=Paragraf"),
    numbered=pairs_of("nr=Nummer;s=Seite;bd=Band;kap=Kapitel;abb=Abbildung;abs=Absatz;art=Artikel;tab=Tabelle;ziff=Ziffer"),
    sections=words_of("kapitel teil band buch akt weltkrieg stufe phase klasse artikel"),
    centuries=frozenset(),
    short_words=words_of(
        """ab am an da du er es im in ja je ob so um wo zu als alt auf aus bei bin bis das dem den der des die ein euch
        für gar gut hat hin ihm ihn ihr ins ist man mir mit muss nah nie nun nur oft ort rot sei sie tag tag tun tut und
        uns vor war was weg wer wie wir zum zur halt neu nein doch"""
    ),
    acronyms=words_of("AIDS COVID FIFA JSON NASA NATO OPEC PIN RAM SIM UNO UNESCO UNICEF TÜV GAU BAföG UEFA"),
    determiners=words_of(
        """der die das den dem des ein eine einen einem einer mein meine dein deine sein seine ihr ihre unser unsere
        dieser diese dieses diesen jeder jede jedes zwei drei vier mit von kein keine"""
    ),
)  # fmt: skip
