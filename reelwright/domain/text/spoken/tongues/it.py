"""Italian."""
# ruff: noqa: E501  (entries of a table stand on one line)

from ..tongue import Currency, Magnitude, Tongue, pairs_of, words_of

_MASCULINE = words_of("problema sistema programma tema pianeta poeta clima diploma dramma cinema")


def _gender(noun: str) -> str:
    word = noun.lower()
    if not word.isalpha() or word in ("e", "o", "di", "a", "è", "da", "la", "una", "era"):
        return ""
    return "f" if word.endswith(("a", "zione", "sione", "tà")) and word not in _MASCULINE else "m"


def _cents(amount: str, cents: str, unit: str) -> tuple[str, str]:
    return amount, f"e {cents}"


_MILLION, _BILLION = Magnitude("milione", "milioni", "m", True), Magnitude("miliardo", "miliardi", "m", True)
_THOUSAND = Magnitude("mille", "mila")

TONGUE = Tongue(
    code="it",
    locale="it",
    comma=True,
    point="virgola",
    minus="meno",
    plus="più",
    equals="uguale a",
    to="a",
    ratio="a",
    percent="per cento",
    per_mille="per mille",
    and_="e",
    number="numero",
    at="chiocciola",
    dot="punto",
    hashtag="hashtag",
    about="circa",
    times="volte",
    by="per",
    of="di",
    currencies={
        "€": Currency("euro", "euro", "m", "centesimo", "centesimi"),
        "EUR": Currency("euro", "euro", "m", "centesimo", "centesimi"),
        "$": Currency("dollaro", "dollari", "m", "centesimo", "centesimi"),
        "USD": Currency("dollaro americano", "dollari americani", "m", "centesimo", "centesimi"),
        "£": Currency("sterlina", "sterline", "f", "penny", "pence"),
        "GBP": Currency("sterlina", "sterline", "f", "penny", "pence"),
        "¥": Currency("yen", "yen", "m"),
        "CHF": Currency("franco svizzero", "franchi svizzeri", "m", "centesimo", "centesimi"),
    },
    magnitudes={
        "mila": _THOUSAND, "milione": _MILLION, "milioni": _MILLION, "mln": _MILLION, "miliardo": _BILLION,
        "miliardi": _BILLION, "mld": _BILLION,
    },
    cents=_cents,
    gender_of=_gender,
    fractions=pairs_of("1/2=un mezzo;1/3=un terzo;2/3=due terzi;1/4=un quarto;3/4=tre quarti;1/5=un quinto;1/8=un ottavo"),
    and_half="e mezzo",
    date_order="dmy",
    joined=pairs_of(
        """ecc=eccetera;es=esempio;p.es=per esempio;ca=circa;cfr=confronta;a.c=avanti Cristo;d.c=dopo Cristo;tel=telefono
        avv=avvocato;s.p.a=S P A;s.r.l=S R L;min=minuti;max=massimo;v.le=viale;p.za=piazza;c.so=corso"""
    ),
    titles=pairs_of("sig=signor;sig.ra=signora;sig.na=signorina;dott=dottor;dott.ssa=dottoressa;prof=professor;prof.ssa=professoressa;ing=ingegner;arch=architetto;s=san;st=san;dr=dottor;gen=generale;on=onorevole"),
    numbered=pairs_of("n=numero;n°=numero;num=numero;pag=pagina;pagg=pagine;cap=capitolo;vol=volume;fig=figura;art=articolo"),
    sections=words_of("capitolo tomo parte atto libro volume fase livello mondiale articolo"),
    centuries=words_of("secolo secoli"),
    short_words=words_of(
        """a ad ai al che chi ci con così da dal dei del di due e è ed era fa fai fu gli ha hai ho i il in io la là le lei
        li lo lui ma me mi mia mie mio ne né nel no noi non o oh per più poi qua qui re sa se sei si sì sia so sol son
        su sua sue sul suo te tre tu tua tue tuo un una uno va vai vi via voi tra fra gia già"""
    ),
    acronyms=words_of("COVID FIFA JSON NASA NATO OPEC PIN RAM SIM UNESCO UNICEF ONU FIAT UEFA IVA RAI ISTAT"),
    determiners=words_of("il lo la i gli le un uno una questo questa mio mia tuo tua suo sua due tre quattro con di"),
)  # fmt: skip
