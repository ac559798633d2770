"""French."""
# ruff: noqa: E501  (entries of a table stand on one line)

from ..tongue import Currency, Magnitude, Tongue, pairs_of, words_of

_FEMININE = words_of(
    """tonne livre minute seconde heure personne fois année semaine femme fille chose page voiture maison ville étoile
    planète question équipe journée cuillère tasse goutte langue école île carte image vidéo scène mer nuit once"""
)
_FEMININE_ENDS = ("tion", "sion", "té", "ette", "ance", "ence", "ée", "euse", "trice")


def _gender(noun: str) -> str:
    if not noun.isalpha():
        return ""
    word = noun.lower()
    singular = word[:-1] if word.endswith("s") and word not in ("fois",) else word
    return "f" if singular in _FEMININE or word == "fois" or singular.endswith(_FEMININE_ENDS) else "m"


def _cents(amount: str, cents: str, unit: str) -> tuple[str, str]:
    return amount, cents


_MILLION, _BILLION = Magnitude("million", "millions", "m", True), Magnitude("milliard", "milliards", "m", True)
_THOUSAND = Magnitude("mille", "mille")

TONGUE = Tongue(
    code="fr",
    locale="fr",
    comma=True,
    point="virgule",
    minus="moins",
    plus="plus",
    equals="égale",
    to="à",
    ratio="à",
    percent="pour cent",
    per_mille="pour mille",
    and_="et",
    number="numéro",
    at="arobase",
    dot="point",
    hashtag="hashtag",
    about="environ",
    times="fois",
    by="fois",
    of="de",
    currencies={
        "€": Currency("euro", "euros", "m", "centime", "centimes"),
        "EUR": Currency("euro", "euros", "m", "centime", "centimes"),
        "$": Currency("dollar", "dollars", "m", "cent", "cents"),
        "USD": Currency("dollar américain", "dollars américains", "m", "cent", "cents"),
        "£": Currency("livre", "livres", "f", "penny", "pence"),
        "GBP": Currency("livre", "livres", "f", "penny", "pence"),
        "¥": Currency("yen", "yens", "m"),
        "CHF": Currency("franc suisse", "francs suisses", "m", "centime", "centimes"),
        "₹": Currency("roupie", "roupies", "f"),
    },
    magnitudes={
        "k": _THOUSAND, "mille": _THOUSAND, "M": _MILLION, "million": _MILLION, "millions": _MILLION,
        "Md": _BILLION, "Mds": _BILLION, "Mrd": _BILLION, "milliard": _BILLION, "milliards": _BILLION,
    },
    cents=_cents,
    gender_of=_gender,
    fractions=pairs_of("1/2=un demi;1/3=un tiers;2/3=deux tiers;1/4=un quart;3/4=trois quarts;1/5=un cinquième;1/8=un huitième"),
    and_half="et demi",
    date_order="dmy",
    joined=pairs_of(
        """p.ex=par exemple;c.-à-d=c'est-à-dire;etc=et cetera;env=environ;av=avenue;bd=boulevard;cf=confer;min=minutes
        apr=après;éd=édition;dir=direction;dép=département;max=maximum;j.-c=Jésus-Christ;av.j.-c=avant Jésus-Christ
        apr.j.-c=après Jésus-Christ;tél=téléphone"""
    ),
    titles=pairs_of("m=Monsieur;mm=Messieurs;dr=Docteur;pr=Professeur;st=Saint;ste=Sainte;me=Maître"),
    numbered=pairs_of("n°=numéro;n=numéro;p=page;pp=pages;chap=chapitre;vol=volume;fig=figure;art=article;t=tome"),
    bare=pairs_of("Mme=Madame;Mmes=Mesdames;Mlle=Mademoiselle;Mlles=Mesdemoiselles;Dr=Docteur;Pr=Professeur;Mgr=Monseigneur;St=Saint;Ste=Sainte"),
    sections=words_of("chapitre partie tome acte livre scène volume niveau article mondiale"),
    centuries=words_of("siècle siècles"),
    short_words=words_of(
        """à ah ai as au ça ce ci de des du eh en es et eu il je la le les là ma me mes moi mon ne ni nos non notre nous
        on ou où oui par pas peu peur plus pour puis que qui quoi sa se ses si son sur ta te tes toi ton tu un une va
        vas vie vos vu bon bas car eau feu fin fou jeu lui mal mer mis nez nom nul ont par pis roi rue sel sol sud tas
        tel tes top tôt vin voix dit fait été sans mot"""
    ),
    acronyms=words_of("COVID FIFA JSON NASA OTAN OPEP PIN RAM SIM SIDA SAMU UNESCO UNICEF INSEE SMIC RIB TVA ONU OVNI ZAC ZEP"),
    determiners=words_of(
        "le la les l' un une des ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs deux trois quatre avec de"
    ),
)  # fmt: skip
