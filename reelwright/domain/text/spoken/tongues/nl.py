"""Dutch."""
# ruff: noqa: E501  (entries of a table stand on one line)

from ..tongue import Currency, Magnitude, Tongue, pairs_of, words_of


def _cents(amount: str, cents: str, unit: str) -> tuple[str, str]:
    return amount, cents


_MILLION, _BILLION = Magnitude("miljoen", "miljoen"), Magnitude("miljard", "miljard")
_THOUSAND = Magnitude("duizend", "duizend")

TONGUE = Tongue(
    code="nl",
    locale="nl",
    comma=True,
    point="komma",
    minus="min",
    plus="plus",
    equals="is",
    to="tot",
    ratio="tegen",
    percent="procent",
    per_mille="promille",
    and_="en",
    number="nummer",
    at="at",
    dot="punt",
    hashtag="hashtag",
    about="ongeveer",
    times="keer",
    by="bij",
    currencies={
        "€": Currency("euro", "euro", "", "cent", "cent"),
        "EUR": Currency("euro", "euro", "", "cent", "cent"),
        "$": Currency("dollar", "dollar", "", "cent", "cent"),
        "USD": Currency("Amerikaanse dollar", "Amerikaanse dollar", "", "cent", "cent"),
        "£": Currency("pond", "pond", "", "penny", "pence"),
        "¥": Currency("yen", "yen"),
    },
    magnitudes={"duizend": _THOUSAND, "miljoen": _MILLION, "mln": _MILLION, "miljard": _BILLION, "mld": _BILLION},
    cents=_cents,
    gender_of=lambda noun: "",
    fractions=pairs_of("1/2=een half;1/3=een derde;2/3=twee derde;1/4=een kwart;3/4=drie kwart;1/5=een vijfde;1/8=een achtste"),
    and_half="en een half",
    date_order="dmy",
    joined=pairs_of(
        """bijv=bijvoorbeeld;bv=bijvoorbeeld;d.w.z=dat wil zeggen;enz=enzovoort;o.a=onder andere;m.n=met name;etc=et cetera
        ca=circa;incl=inclusief;excl=exclusief;evt=eventueel;resp=respectievelijk;min=minuten;v.chr=voor Christus
        n.chr=na Christus;t.o.v=ten opzichte van;a.u.b=alstublieft;tel=telefoon;max=maximaal"""
    ),
    titles=pairs_of("dhr=meneer;mevr=mevrouw;mw=mevrouw;dr=dokter;prof=professor;st=sint;ir=ingenieur;drs=doctorandus;mr=meester"),
    numbered=pairs_of("nr=nummer;blz=bladzijde;p=pagina;hfst=hoofdstuk;fig=figuur;afb=afbeelding;art=artikel;dl=deel"),
    sections=words_of("hoofdstuk deel band boek akte wereldoorlog fase niveau klasse artikel"),
    short_words=words_of(
        """al als bij daar dan dat de den der die dit doe door dus een en er ga gaat god goed had heb heel hem het hij hoe
        ik in is ja je kan kom laat man me mee men met mij nee niet nog nu of om ons ook op oud rug te tot toe uit van
        vet wat we wie wij ze zee zei zet zij zo zon zou"""
    ),
    acronyms=words_of("AIDS COVID FIFA JSON NASA NAVO OPEC PIN RAM SIM UNESCO UNICEF UEFA AIVD"),
    determiners=words_of("de het een deze dit mijn jouw zijn haar ons onze twee drie vier met van"),
    emoji=False,
)  # fmt: skip
