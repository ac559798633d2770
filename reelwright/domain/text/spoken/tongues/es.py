"""Spanish."""
# ruff: noqa: E501  (entries of a table stand on one line)

from ..tongue import Currency, Magnitude, Tongue, pairs_of, words_of

_MASCULINE = words_of(
    "día días problema problemas sistema sistemas programa programas tema temas mapa mapas planeta planetas idioma "
    "idiomas clima climas poema poemas diploma diplomas drama dramas cometa cometas"
)
_FEMININE_ENDS = ("a", "as", "ión", "iones", "dad", "dades", "tud", "tudes")
_FEMININE = words_of(
    "mujeres mujer veces vez noches noche tardes tarde calles calle manos mano flores flor nubes naves"
)


def _gender(noun: str) -> str:
    word = noun.lower()
    if not word.isalpha() or word in ("y", "o", "de", "a", "es", "por", "para", "la", "las", "una", "era", "hasta"):
        return ""
    return "f" if word in _FEMININE or (word.endswith(_FEMININE_ENDS) and word not in _MASCULINE) else "m"


def _cents(amount: str, cents: str, unit: str) -> tuple[str, str]:
    return amount, f"con {cents}"


_MILLION, _THOUSAND = Magnitude("millón", "millones", "m", True), Magnitude("mil", "mil")
_BILLION = Magnitude("billón", "billones", "m", True)

TONGUE = Tongue(
    code="es",
    locale="es",
    comma=True,
    point="coma",
    minus="menos",
    plus="más",
    equals="igual a",
    to="a",
    ratio="a",
    percent="por ciento",
    per_mille="por mil",
    and_="y",
    number="número",
    at="arroba",
    dot="punto",
    hashtag="hashtag",
    about="unos",
    times="veces",
    by="por",
    of="de",
    currencies={
        "€": Currency("euro", "euros", "m", "céntimo", "céntimos"),
        "EUR": Currency("euro", "euros", "m", "céntimo", "céntimos"),
        "$": Currency("dólar", "dólares", "m", "centavo", "centavos"),
        "USD": Currency("dólar estadounidense", "dólares estadounidenses", "m", "centavo", "centavos"),
        "US$": Currency("dólar estadounidense", "dólares estadounidenses", "m", "centavo", "centavos"),
        "£": Currency("libra", "libras", "f", "penique", "peniques"),
        "GBP": Currency("libra", "libras", "f", "penique", "peniques"),
        "¥": Currency("yen", "yenes", "m"),
        "CHF": Currency("franco suizo", "francos suizos", "m", "céntimo", "céntimos"),
        "MXN": Currency("peso mexicano", "pesos mexicanos", "m", "centavo", "centavos"),
    },
    magnitudes={
        "mil": _THOUSAND, "millón": _MILLION, "millones": _MILLION, "M": _MILLION, "billón": _BILLION,
        "billones": _BILLION,
    },
    cents=_cents,
    gender_of=_gender,
    fractions=pairs_of("1/2=un medio;1/3=un tercio;2/3=dos tercios;1/4=un cuarto;3/4=tres cuartos;1/5=un quinto;1/8=un octavo"),
    and_half="y medio",
    date_order="dmy",
    joined=pairs_of(
        """p.ej=por ejemplo;etc=etcétera;aprox=aproximadamente;ee.uu=Estados Unidos;a.c=antes de Cristo;d.c=después de Cristo
        av=avenida;avda=avenida;tel=teléfono;ud=usted;uds=ustedes;vd=usted;vds=ustedes;min=minutos;máx=máximo;mín=mínimo
        s.a=S A;cía=compañía;depto=departamento;c=calle"""
    ),
    titles=pairs_of("sr=señor;sra=señora;srta=señorita;sres=señores;dr=doctor;dra=doctora;d=don;dña=doña;sto=santo;sta=santa;lic=licenciado;ing=ingeniero;prof=profesor;gral=general"),
    numbered=pairs_of("núm=número;nº=número;n.º=número;pág=página;págs=páginas;cap=capítulo;vol=volumen;fig=figura;art=artículo"),
    sections=words_of("capítulo tomo parte acto libro volumen fase nivel mundial título artículo"),
    centuries=words_of("siglo siglos"),
    short_words=words_of(
        """a al así con da dan de del di día dio dos e el en era es esa ese eso fe fin fue ha han hay he ir la las le les
        lo los luz mal mar mas más me mes mi mí muy ni no nos o oí os paz por que qué rey sal se sea sed ser si sí sin
        sol son su sus tal tan te ti tu tú un una uno va van vas ver vez vi voz ya yo y bien todo"""
    ),
    acronyms=words_of("COVID FIFA JSON NASA OTAN OPEP PIN RAM SIM SIDA UNESCO UNICEF ONU OVNI UEFA RAE IVA AVE ONG"),
    determiners=words_of("el la los las un una unos unas este esta estos estas mi mis tu tus su sus nuestro nuestra dos tres cuatro con de"),
)  # fmt: skip
