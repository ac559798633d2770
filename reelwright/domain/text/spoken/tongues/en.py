"""English, American unless the region is British."""
# ruff: noqa: E501  (entries of a table stand on one line)

from dataclasses import replace

from ..tongue import Currency, Magnitude, Tongue, pairs_of, words_of

_DOLLAR = Currency("dollar", "dollars", cent="cent", cents="cents")


def _cents(amount: str, cents: str, unit: str) -> tuple[str, str]:
    return amount, f"and {cents} {unit}"


_MILLION, _BILLION = Magnitude("million", "million"), Magnitude("billion", "billion")
_TRILLION, _THOUSAND = Magnitude("trillion", "trillion"), Magnitude("thousand", "thousand")

TONGUE = Tongue(
    code="en",
    locale="en",
    comma=False,
    point="point",
    minus="minus",
    plus="plus",
    equals="equals",
    to="to",
    ratio="to",
    percent="percent",
    per_mille="per mille",
    and_="and",
    number="number",
    at="at",
    dot="dot",
    hashtag="hashtag",
    about="about",
    times="times",
    by="by",
    currencies={
        "$": _DOLLAR,
        "US$": Currency("US dollar", "US dollars", cent="cent", cents="cents"),
        "USD": Currency("US dollar", "US dollars", cent="cent", cents="cents"),
        "€": Currency("euro", "euros", cent="cent", cents="cents"),
        "EUR": Currency("euro", "euros", cent="cent", cents="cents"),
        "£": Currency("pound", "pounds", cent="penny", cents="pence"),
        "GBP": Currency("pound", "pounds", cent="penny", cents="pence"),
        "¥": Currency("yen", "yen"),
        "JPY": Currency("yen", "yen"),
        "₹": Currency("rupee", "rupees", cent="paisa", cents="paise"),
        "CHF": Currency("Swiss franc", "Swiss francs", cent="centime", cents="centimes"),
        "C$": Currency("Canadian dollar", "Canadian dollars", cent="cent", cents="cents"),
        "A$": Currency("Australian dollar", "Australian dollars", cent="cent", cents="cents"),
        "R$": Currency("real", "reais", cent="centavo", cents="centavos"),
    },
    magnitudes={
        "thousand": _THOUSAND, "k": _THOUSAND, "K": _THOUSAND, "million": _MILLION, "m": _MILLION, "M": _MILLION,
        "mn": _MILLION, "billion": _BILLION, "bn": _BILLION, "B": _BILLION, "b": _BILLION, "trillion": _TRILLION,
        "tn": _TRILLION, "T": _TRILLION,
    },
    cents=_cents,
    gender_of=lambda noun: "",
    fractions=pairs_of("1/2=one half;1/3=one third;2/3=two thirds;1/4=one quarter;3/4=three quarters;1/5=one fifth;1/8=one eighth"),
    and_half="and a half",
    date_order="mdy",
    joined=pairs_of(
        """e.g=for example;i.e=that is;etc=et cetera;vs=versus;approx=approximately;incl=including;esp=especially
        est=established;dept=department;govt=government;asst=assistant;min=minutes;hrs=hours;jr=junior;sr=senior
        inc=incorporated;ltd=limited;corp=corporation;co=company;ave=avenue;blvd=boulevard;rd=road;mt=mount;ft=fort
        ca=circa;al=al;mr=mister;mrs=missus;ms=miz;messrs=messieurs"""
    ),
    titles=pairs_of(
        """dr=Doctor;prof=Professor;gen=General;col=Colonel;lt=Lieutenant;capt=Captain;sgt=Sergeant;sen=Senator
        rep=Representative;gov=Governor;rev=Reverend;st=Saint;hon=Honorable;pres=President"""
    ),
    numbered=pairs_of("no=number;nos=numbers;fig=figure;vol=volume;ch=chapter;p=page;pp=pages;sec=section;art=article"),
    bare=pairs_of("vs=versus;Mr=mister;Mrs=missus;Ms=miz;Dr=Doctor;Prof=Professor;w/=with;w/o=without;tsp=teaspoon;tbsp=tablespoon"),
    sections=words_of(
        "war chapter part volume book act scene phase type class section article appendix level stage title bowl figure"
    ),
    short_words=words_of(
        """a i am an as at be by do go he if in is it me my no of oh ok on or so to up us we all and any are ask bad best
        big but buy can car cat cut day did die dog don eat end eye far few fly for fun get god got guy had has her hey
        him his hit hot how its job joy let lie lot low mad man may men new not now odd off old one our out own pay put
        ran red run sad saw say see set sex she sit six sky son sun ten the too top try two use via war was way who why
        win wow yes yet you ago air art ban bar bed bit boy bus cry dad dry due ear egg era fat fit fix fox gas gym hug
        ice ill key kid lay led leg lip log map max mix mom mum net nor nut oil pie pop raw sea tax tea tie tip toy van
        wet"""
    ),
    acronyms=words_of("AIDS ASAP COVID FIFA LASER NASA NATO OPEC PIN RAM SIM GIF SARS NAFTA JSON YAML UNESCO UNICEF JPEG ROM"),
    determiners=words_of(
        "a an the this that these those my your his her its our their one two three four five some any no every each of with"
    ),
)  # fmt: skip

REGIONS = {
    "gb": replace(
        TONGUE,
        locale="en_GB",
        date_order="dmy",
        currencies={**TONGUE.currencies, "€": Currency("euro", "euros", cent="cent", cents="cents")},
    )
}
