"""Portuguese."""
# ruff: noqa: E501  (entries of a table stand on one line)

from ..tongue import Currency, Magnitude, Tongue, pairs_of, words_of

_MASCULINE = words_of(
    "dia dias problema problemas sistema sistemas programa programas tema temas mapa mapas planeta planetas idioma "
    "idiomas clima climas poema poemas"
)
_FEMININE_ENDS = ("a", "as", "ção", "ções", "são", "sões", "dade", "dades", "gem", "gens")
_FEMININE = words_of("mulheres mulher vezes vez noites noite tardes tarde mãos mão flores flor")


def _gender(noun: str) -> str:
    word = noun.lower()
    if not word.isalpha() or word in ("e", "ou", "de", "a", "as", "é", "uma", "era", "para"):
        return ""
    return "f" if word in _FEMININE or (word.endswith(_FEMININE_ENDS) and word not in _MASCULINE) else "m"


def _cents(amount: str, cents: str, unit: str) -> tuple[str, str]:
    return amount, f"e {cents} {unit}"


_MILLION, _BILLION = Magnitude("milhão", "milhões", "m", True), Magnitude("bilhão", "bilhões", "m", True)
_THOUSAND = Magnitude("mil", "mil")

TONGUE = Tongue(
    code="pt",
    locale="pt",
    comma=True,
    point="vírgula",
    minus="menos",
    plus="mais",
    equals="igual a",
    to="a",
    ratio="a",
    percent="por cento",
    per_mille="por mil",
    and_="e",
    number="número",
    at="arroba",
    dot="ponto",
    hashtag="hashtag",
    about="cerca de",
    times="vezes",
    by="por",
    of="de",
    currencies={
        "R$": Currency("real", "reais", "m", "centavo", "centavos"),
        "BRL": Currency("real", "reais", "m", "centavo", "centavos"),
        "€": Currency("euro", "euros", "m", "cêntimo", "cêntimos"),
        "EUR": Currency("euro", "euros", "m", "cêntimo", "cêntimos"),
        "$": Currency("dólar", "dólares", "m", "centavo", "centavos"),
        "US$": Currency("dólar", "dólares", "m", "centavo", "centavos"),
        "USD": Currency("dólar", "dólares", "m", "centavo", "centavos"),
        "£": Currency("libra", "libras", "f", "pêni", "pence"),
    },
    magnitudes={
        "mil": _THOUSAND, "milhão": _MILLION, "milhões": _MILLION, "mi": _MILLION, "bilhão": _BILLION,
        "bilhões": _BILLION, "bi": _BILLION,
    },
    cents=_cents,
    gender_of=_gender,
    fractions=pairs_of("1/2=um meio;1/3=um terço;2/3=dois terços;1/4=um quarto;3/4=três quartos;1/5=um quinto;1/8=um oitavo"),
    and_half="e meio",
    date_order="dmy",
    joined=pairs_of(
        """p.ex=por exemplo;etc=et cetera;aprox=aproximadamente;a.c=antes de Cristo;d.c=depois de Cristo;av=avenida
        tel=telefone;min=minutos;máx=máximo;ltda=limitada;eua=Estados Unidos"""
    ),
    titles=pairs_of("sr=senhor;sra=senhora;srta=senhorita;dr=doutor;dra=doutora;d=dom;prof=professor;eng=engenheiro;sto=santo;sta=santa"),
    numbered=pairs_of("nº=número;n.º=número;pág=página;págs=páginas;cap=capítulo;vol=volume;fig=figura;art=artigo"),
    sections=words_of("capítulo tomo parte ato livro volume fase nível mundial artigo"),
    centuries=words_of("século séculos"),
    short_words=words_of(
        """a ao aos as às até com da das de dei dia do dos e é ela ele em era eu faz fé fez fim foi for há ir já lá lei
        luz mãe mais mal mar mas me meu mil na não nas nem no nos nós o os ou paz pé por pra quê que rei rio sal são se
        sei sem ser seu si sim só sol sou sua sul tal te tem ter teu ti tu tua um uma vai vem ver vez vi voz"""
    ),
    acronyms=words_of("COVID FIFA JSON NASA OTAN OPEP PIN RAM SIM UNESCO UNICEF ONU AIDS UEFA OVNI"),
    determiners=words_of("o a os as um uma este esta esse essa meu minha seu sua nosso nossa dois duas três quatro com de"),
)  # fmt: skip
