"""Abbreviations of the languages on offer, for finding the ends of sentences. Data only; `sentence_ends` has the rule.

All are in lower case, without their final stop. Those of the same kind in every language stand under `""`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Abbreviations:
    """What a full stop after a word means.

    joined: what follows belongs to it ("Dr. Lind"). numbered: so does a number ("No. 7"), while the word alone may
    end a sentence ("No."). closing: it often stands last, so a capital after it begins a sentence ("etc. Then").
    either: both are common, the word that follows decides ("St. Anne", "Main St. He").
    """

    joined: frozenset[str] = frozenset()
    numbered: frozenset[str] = frozenset()
    closing: frozenset[str] = frozenset()
    either: frozenset[str] = frozenset()


_JOINED = {
    "": "dr prof mr mrs ms e.g i.e cf",
    "en": """rev hon sen rep gov gen col lt maj sgt capt cmdr adm cpl pvt pres supt insp messrs mme mlle fr mt ft vs
        approx viz est dept univ assn al""",
    "ar": "د أ م ا.د أ.د",
    "bg": "г-н г-жа г-ца д-р проф доц инж акад ул бул гр с кв напр т.е т.нар вкл респ ген св",
    "ca": "sr sra srta dra av avda pl ctra p.ex aprox vs sta st",
    "cs": "p pí sl mgr bc ing doc judr mudr phdr rndr akad arch např tzv tzn tj resp popř příp cca ul nám tř sv mj vč",
    "da": "hr fr fru dvs f.eks fx bl.a ca jf ift pga mht vedr evt hhv inkl ekskl adj lic cand mag sct skt kl",
    "de": """hr hrn fr frl ing dipl lic hl bzw ca evtl ggf sog vgl z.b d.h u.a i.d.r i.a v.a m.e s.o s.u o.g bspw inkl
        exkl zzgl abzgl insb einschl ehem gegr geb verh gest bes wg allg ev kath sen dr.med priv""",
    "el": "κ κα κος κυρ δρ καθ αγ λ.χ π.χ δηλ βλ πρβλ σημ λεωφ οδ στρ ταξ υπ",
    "es": "sr sra srta sres dra d dña ud uds vd vds lic ing arq gral cnel cap av avda c ctra p.ej vs aprox sto sta",
    "et": "hr pr prl nt st s.t s.o vrd ca tn mnt pst sh dots akad",
    "fa": "م ه.ش ق.م",
    "fi": "hra rva nti dipl.ins tri fil maist esim ks vrt mm ns n p os o.s t.s ts s.o fm",
    "fr": """m mm mme mmes mlle mlles me mgr st ste sts av bld boul pl rte env cf p.ex c.-à-d càd éd dir vs adj lieut
        cne cdt gal""",
    "he": "ד פרופ אינג",
    "hi": "डॉ प्रो श्री सुश्री कु पं मो सं रु रू ले कै जन मि स्व",
    "hr": "g gđa gđica mr sc doc ing dipl akad npr tj tzv odn ul sv cca tel usp gl",
    "hu": "id ifj özv pl ill kb ún vö ld szt st prof doc vez u",
    "id": "bpk ibu sdr sdri yth h hj ir drs dra jl jln gg kec kab kel a.n u.p s.d mis ttd st kh tgk",
    "it": """sig sigg sig.ra sig.na dott dott.ssa prof.ssa ing avv arch geom on mons rag cav comm gen col cap p.es es
        ca cfr vs v.le p.za c.so s ss egr gent spett""",
    "lt": "p pp dr doc prof inž akad g a pr gatv al pvz t.y t.t vad vid apie šv kun gen plk gyv mok past",
    "lv": "k k-gs k-dze doc akad inž ģen plkv iel t.i t.s piem sal apm ap sv",
    "mr": "डॉ प्रा श्री श्रीमती सौ कु पं मा स्व रु ले कै",
    "ms": "en pn cik tn hj hjh ir jln kg sdn y.b y.a.b sdr a.n",
    "nb": "hr fr fru dvs f.eks bl.a ca jf ifm mht pga evt inkl ekskl adj cand siv kl st skt",
    "ne": "डा प्रा श्री श्रीमती सुश्री पं रु कु स्व",
    "nl": "dhr mevr mw drs ir ing mr jhr ds bijv bv b.v d.w.z dwz o.a m.n nl ca incl excl resp evt vgl st t.w z.g",
    "pl": """p pp inż mgr lic hab doc ks bp o św al ul pl os np tzn tzw tj m.in zob por ppłk płk gen kpt por mjr red
        wg gm pow woj ob""",
    "pt": "sr sra srta srs dra d exmo exma eng arq av r pça p.ex vs aprox sto sta gal cel cap gov",
    "ro": "dl dna d-na d-l d-nei ing arh acad conf lect str bd bul al cca aprox ex v sf gen col lt mr p.t",
    "ru": """г г-н г-жа гр тов проф доц акад инж ул просп пр пер пл бул наб св т.е т.н т.к т.о напр см ср ок о обл р-н
        пос дер ген кап лейт ред изд соч чл.-корр""",
    "sk": "p pí sl mgr bc ing doc judr mudr phdr rndr akad arch napr tzv t.j tj resp príp cca ul nám sv najmä vr",
    "sl": "g ga gdč mag doc ing dipl akad npr t.i tj oz ul sv ca prim odv arh gen",
    "sr": """г гђа гђица др проф доц инж дипл акад нпр тј тзв одн ул св тел ген пук g gđa gđica doc inž dipl akad npr
        tj tzv odn ul sv tel gen puk""",
    "sv": "hr fr frk dvs t.ex tex bl.a ca jfr m.a.o fr.o.m t.o.m s.k inkl exkl resp ev civ.ing kl st s:t",
    "sw": "bw bi bi.harusi mh mhe dkt k.m k.v k.k",
    "th": "ดร นพ พญ ทพ รศ ผศ ศ อ จ ต ถ ม ซ ร.ร พ.ศ ค.ศ ร.ต พล.อ พ.ต.ท นาย ด.ช ด.ญ",
    "tr": "doç yrd arş öğr av müh alb sn bkz örn yak vd.nin cad sok mah blv apt st hz sf çev haz",
    "uk": "м п пані проф доц акад інж вул просп пров пл бульв ім св т.зв тобто напр див пор бл обл р-н смт ген",
    "ur": "م ڈ",
    "vi": "ts ths pgs gs bs ks cn tp q p tx tr",
}
_NUMBERED = {
    "": "no nos nr vol vols fig figs pp p nº n°",
    "en": "sec ch chap art app para ver ed eds jan feb mar apr jun jul aug sep sept oct nov dec tel ext c ca op",
    "ar": "ص ج ع",
    "bg": "стр т гл фиг чл ал табл №",
    "ca": "núm pàg cap vol art",
    "cs": "č čís str s sv kap obr tab čl odst roč",
    "da": "s kap fig tab stk art afs",
    "de": "s bd bde kap abb tab abs art ziff anm aufl jg fn jan feb febr apr aug sept okt nov dez tel rn",
    "el": "αρ σελ τόμ κεφ εικ πίν άρθ παρ",
    "es": "núm núms pág págs cap art vol fig t tel ene feb abr ago sept oct nov dic",
    "et": "lk kd ptk joon tab nr",
    "fi": "s luku kuva taulukko nro puh",
    "fr": "n num p pp t chap art fig vol tél janv févr avr juil sept oct nov déc",
    "he": "עמ מס",
    "hi": "पृ क्र नं",
    "hr": "br str sv pogl sl tab čl st",
    "hu": "sz old o köt fej ábra jan febr márc ápr jún júl aug szept okt nov dec tel",
    "id": "hal hlm jil bab gbr psl no telp",
    "it": "n nn num pag pagg p cap vol art fig t tel gen feb mar apr mag giu lug ago set sett ott nov dic",
    "lt": "nr psl t sk pav lent str tel m d",
    "lv": "nr lpp sēj nod att tab p tel",
    "mr": "पृ क्र",
    "ms": "hlm jil bab no tel",
    "nb": "s kap fig tab bd art avs tlf",
    "ne": "पृ नं",
    "nl": "nr blz p hfst art afb tab dl tel",
    "pl": "nr s str t rozdz rys tab art ust pkt poz tel",
    "pt": "n núm pág págs p cap art fig vol t tel jan fev mar abr mai jun jul ago set out nov dez",
    "ro": "nr pag p vol cap fig art alin tel",
    "ru": "№ стр с т гл рис табл ст п пп д кв корп стр-ца тел",
    "sk": "č str s zv kap obr tab čl ods",
    "sl": "št str zv pogl sl tab čl",
    "sr": "бр стр том гл сл таб чл br str gl sl tab čl",
    "sv": "nr s sid kap fig tab bd art tel",
    "sw": "na uk",
    "th": "หน้า ข้อ น เลขที่ โทร",
    "tr": "no s sf böl şek tab cilt md tel",
    "uk": "№ с стор т гл рис табл ст п буд кв тел",
    "vi": "số tr đt",
}
_CLOSING = {
    "": "etc inc ltd corp a.m p.m",
    "en": "jr sr co bros llc plc esq m.d ph.d b.c a.d b.c.e ave blvd rd hwy lb lbs oz hr hrs min mins avg",
    "bg": "г гг лв млн млрд хил и.т.н т.н др и.др",
    "ca": "a.c d.c cia",
    "cs": "r n.l př.n.l atd apod aj tis mil mld kč hod min",
    "da": "osv m.fl m.m o.l mio mia kr f.kr e.kr a/s",
    "de": "usw etc u.a.m u.ä o.ä n.chr v.chr e.v jh str std sek u.v.m",
    "el": "κ.λπ κλπ κ.ά κτλ μ.χ π.χ.σ π.μ μ.μ χλμ εκατ δισ",
    "es": "s.a s.l cía ee.uu a.c d.c a.m p.m mill",
    "et": "jne jt jms e.m.a ekr pkr eur",
    "fi": "jne yms ym ynnä milj mrd e.a.a eaa jaa e.kr j.kr klo",
    "fr": "etc j.-c av.j.-c apr.j.-c s.a cie",
    "hr": "itd i.sl sl god st mil mlrd kn d.d d.o.o",
    "hu": "stb kft rt zrt bt i.e i.sz mrd",
    "id": "dll dsb dst tbk m sm",
    "it": "ecc s.p.a s.r.l a.c d.c mln mld",
    "lt": "ir.t.t ir.kt kt pan mln mlrd tūkst eur e.m.e",
    "lv": "utt u.c utml milj mljrd tūkst p.m.ē",
    "ms": "dll dsb bhd m",
    "nb": "osv m.fl m.m o.l mill mrd kr f.kr e.kr",
    "nl": "enz e.d e.a n.v b.v n.chr v.chr mln mld",
    "pl": "itd itp i.in r w n.e p.n.e tys mln mld zł godz min",
    "pt": "s.a ltda cia a.c d.c",
    "ro": "ș.a ș.a.m.d î.hr d.hr mil mld s.a s.r.l",
    "ru": "г гг в вв см м км кг т.д т.п др пр руб коп млн млрд тыс н.э до.н.э и.др ч мин сек",
    "sk": "r n.l pr.n.l atď apod tis mil mld hod min",
    "sl": "itd ipd idr st n.št pr.n.št mio mrd",
    "sr": "итд и.сл год в мил млрд дин itd i.sl god mil mlrd din d.o.o",
    "sv": "osv m.fl m.m o.d o.s.v milj mdr kr f.kr e.kr",
    "tr": "vb vs vd a.ş ltd.şti m.ö m.s",
    "uk": "м км см кг р рр ст т.д т.п ін грн коп млн млрд тис н.е до.н.е год хв",
    "vi": "v.v",
}
_EITHER = {"": "st", "en": "u.s u.k u.n d.c n.y l.a e.u u.s.a", "de": "mio mrd tsd", "ru": "им"}

_STARTERS = {
    "en": """the a an he she it they we you i this that these those there then but and or so when while after before if
        in on at as for from to with what why how who where his her its their our my your now today here however most
        many some all no not only once later still yet one everyone nobody nothing""",
    "de": """der die das ein eine er sie es wir ihr ich dann da danach dies diese dieser dieses aber und oder doch wenn
        als im in am an auf bei mit nach seit so was wer wie wo warum heute jetzt später auch nur noch man""",
    "fr": """le la les un une des il elle ils elles on nous vous je ce cette ces c'est mais et ou puis alors quand si
        dans en au aux à pour par avec que qui où pourquoi comment aujourd'hui ensuite après""",
    "es": """el la los las un una él ella ellos ellas nosotros yo este esta estos esto pero y o entonces luego cuando si
        en a al para por con qué que quién cómo dónde hoy después también""",
    "it": """il lo la i gli le un una lui lei loro noi io questo questa ma e o poi allora quando se in a al per con
        che chi come dove oggi dopo anche""",
    "pt": """o a os as um uma ele ela eles elas nós eu este esta isto mas e ou então depois quando se em no na para
        por com que quem como onde hoje também""",
    "nl": """de het een hij zij ze wij we ik dit dat deze maar en of dan daarna toen als in op bij met na wat wie waar
        hoe""",
    "sv": "den det de en ett han hon vi jag detta men och eller sedan då när om i på med efter vad vem hur",
    "da": "den det de en et han hun vi jeg dette men og eller så da når hvis i på med efter hvad hvem hvordan",
    "nb": "den det de en et han hun vi jeg dette men og eller så da når hvis i på med etter hva hvem hvordan",
    "ru": "он она они оно мы я это но и а или потом затем тогда когда если в на с после что кто где как сегодня",
    "uk": "він вона вони воно ми я це але і й а або потім тоді коли якщо в у на з після що хто де як сьогодні",
    "pl": "on ona oni ono my ja to ten ta ale i a lub potem wtedy kiedy gdy jeśli w na z po co kto gdzie jak dziś",
}


def _words(table: dict[str, str], language: str) -> frozenset[str]:
    return frozenset((table[""] + " " + table.get(language, "")).split())


_BASES = {language for table in (_JOINED, _NUMBERED, _CLOSING, _EITHER) for language in table}
_ALL = {
    language: Abbreviations(
        *(_words(table, language) for table in (_JOINED, _NUMBERED, _CLOSING, _EITHER)),
    )
    for language in _BASES
}
_BEGINNINGS = {language: frozenset(text.split()) for language, text in _STARTERS.items()}


def abbreviations_of(language: str) -> Abbreviations:
    """The abbreviations of a language (BCP 47; the region does not matter) and the international ones."""
    return _ALL.get(_base(language), _ALL[""])


def sentence_starters(language: str) -> frozenset[str]:
    """Frequent first words of sentences, in lower case, that are seldom part of a name; empty where none are listed."""
    return _BEGINNINGS.get(_base(language), frozenset())


def _base(language: str) -> str:
    base = language.lower().split("-")[0]
    return "nb" if base in ("no", "nn") else base
