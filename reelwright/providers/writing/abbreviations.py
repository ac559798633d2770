"""What is written with a full stop that ends no sentence: lower case, without the stop."""
# ruff: noqa: E501  (a language is a line)

# In any of our languages.
_ANYWHERE = """mr mrs ms dr prof rev hon sen rep gov gen col lt sgt capt cmdr adm st mt ft jr sr vs etc approx
    dept est fig figs inc ltd corp co vol vols pp eds al ca cf viz min avg tel ext ave blvd rd jan feb mar apr jun
    jul aug sep sept oct nov dec mon tue wed thu fri bzw ca evtl ggf hr fr nr sog str tsd usw vgl zzgl bspw dipl ing
    inkl mio mrd geb sra srta dra ud uds pág págs núm aprox mme mlle env av apr hal dll dst yth dott ing sig sigg
    dhr mevr blz bijv enz nl tj tzn np itd itp ul prof godz tys mln mld г гг др им тыс млн млрд руб стр т vb"""

# In one language only, since elsewhere the same letters are a word.
_BY_LANGUAGE = {
    "ar": "د أ م ص ج هـ ق.م",
    "bg": "напр проф инж доц ул бул св чл лв хил млн т.н",
    "ca": "p.ex sr sra dr dra av pl c núm pàg aprox tel",
    "cs": "např tzv tj mj popř resp mudr judr phdr rndr mgr bc ing doc sv str čís odst tis mil kč tř nám",
    "da": "f.eks bl.a dvs mht kl kr mia mill tlf s jf hhv ift osv pga evt inkl ekskl",
    "de": "abb abs aufl bd begr bes bzgl dgl ebd einschl engl exkl frl ges gest jh jhd kap lt mind näml pkt s sr st stk str teilw u univ urspr verf verh vorm wiss zb ztr bsp",
    "el": "δρ κ κα κκ καθ αρ σελ τηλ οδ λεωφ π.χ μ.μ π.μ βλ λ.χ δηλ εκ εκατ δισ χλμ αγ στρ",
    "en": "messrs maj pvt pres supt det insp esq mme mlle hwy ste cir",
    "es": "pág págs cap av avda c d dª dña dr dra lic ing arq prof profa admón gral cnel tte sto sta tel ej aprox fig",
    "et": "nt s.t st sh lk nr jt hr pr prl dr prof tn mnt kr u",
    "fa": "ق.م ه.ش م",
    "fi": "esim mm ks vrt ns ko em ts eli n v s klo puh tri prof krs mk milj mrd k o.s toim",
    "fr": "m mm mme mmes mlle mlles me mgr dr pr st ste bd av chap p pp vol éd env cf ex tél janv févr juil sept oct nov déc",
    "he": "פרופ עמ מס רח שד אינג גב",
    "hi": "डॉ श्री सुश्री प्रो पं कि.मी रु सं ई.पू इं एड",
    "hr": "npr tj tzv dr mr sc prof ing str br čl god st ul sv kn mil mlrd o.g",
    "hu": "dr pl ún ill stb ld kb db u utca st sz évf old özv ifj id prof jan febr márc ápr máj jún júl aug szept okt nov dec",
    "id": "dr drs dra prof ir h hj bpk sdr no jl tn ny st kec kab prov dsb dll yth a.n s.d",
    "it": "sig sigg sig.ra sig.na dott dott.ssa prof prof.ssa avv ing arch geom mons p pag pagg cap es ecc tel v s "
    "ss gen col cap ten",
    "ko": "",
    "lt": "pvz kt t.y dr prof doc g pr a m d r vnt tūkst mln mlrd str psl žr gerb p",
    "lv": "piem u.c utt t.i dr prof g gs lpp nr plkst tūkst milj mljrd sk st",
    "mr": "डॉ श्री सौ प्रा कै इ.स कि.मी रु पं अॅड मा",
    "ms": "dr prof hj en pn cik no jln tn dsb dll spt bhd sdn",
    "nb": "f.eks bl.a dvs mht kl kr mill mrd tlf s jf evt ca nr st dr prof inkl ekskl pga m.m o.l",
    "ne": "डा श्री प्रा पं कि.मी रु वि.सं ई.पू इ",
    "nl": "dhr mevr mw dr drs ir ing prof mr bijv bv nr blz enz ca resp evt jl jr incl excl min vgl zgn st str",
    "pl": "dr prof inż mgr hab lek św ul al pl os np tzn tj tzw ww nr str s r w wg ok godz min tys mln mld gr woj pow gm im red",
    "pt": "sr sra srs sras dr dra prof profa eng arq av r pág págs cap ed ex exa excia fig núm tel ltda cia gen cel ten",
    "ro": "dl dna dnei dlui dr prof ing nr str bd bl sc ap alin lit pag vol cca aprox mil mld sf jud com",
    "ru": "акад проф доц инж ул пр пер пл д кв корп стр рис табл напр см ср св гос обл р н.э т.е т.к ст гл п пп руб коп тел вв в",
    "sk": "napr tzv tj resp mudr judr phdr rndr mgr bc ing doc sv str čís odst tis mil ul nám č",
    "sl": "npr tj dr mr prof ing str št ul sv čl mio mrd g ga dipl oz",
    "sr": "npr tj tzv dr mr prof ing str br čl god ul sv нпр тј тзв др мр проф инг стр бр чл год ул св хиљ мил млрд",
    "sv": "t.ex bl.a dvs m.m m.fl kl kr tel s jfr resp ca nr st fr o.s.v osv prof dr milj mdr inkl exkl p.g.a",
    "sw": "dkt bw bi prof mh n.k",
    "th": "ดร นาย พ.ศ ค.ศ กม ม น จ อ ต ถ โทร",
    "tr": "dr prof doç yrd av müh sn bay bkz vb vs örn yy cad sok mah apt no tel s sf c çev ed yay hz alb gen org tğm",
    "uk": "проф доц акад інж вул просп пл м с обл р напр див ін ст гл т.д т.п т.ч тис млн млрд грн коп тел ім св рис табл",
    "ur": "ڈاکٹر ق.م",
    "vi": "ts ths gs pgs tp tx q p bs ks ubnd st tr đ",
}

_LAST = """kr kn лв zł km etc jr sr inc ltd corp co al usw enz dll dst osv o.s.v itd itp stb jne apod atď atd ecc etcétera dsb utt кт kt
    т.д т.п т.н т.ч др п.п гг вв dgl vb vs m.m m.fl м.м μ.μ κ.λπ κλπ bhd ltda cia млн млрд тыс mln mld mrd mio milj руб грн tys"""
"""These end a sentence when what follows could only begin one: `etc. The`."""

_BEFORE_NUMBERS = """no nos nr nrs núm num n nº n° č čís br št p pp s ss str стр с pág pag págs lk lpp old sz blz abs art kap
    cap ch sec fig abb vol bd § ст гл п nrn αρ σελ no' nrs aufl sv sid side sivu เลขที่"""
"""These end no sentence before a number: `No. 7`, `p. 12`."""

ANYWHERE = frozenset(_ANYWHERE.split())
BY_LANGUAGE = {code: frozenset(text.split()) for code, text in _BY_LANGUAGE.items()}
LAST_ABBREVIATIONS = frozenset(_LAST.split())
BEFORE_NUMBERS = frozenset(_BEFORE_NUMBERS.split())
ORDINAL_STOPS = frozenset(["cs", "da", "de", "et", "fi", "hr", "hu", "lv", "nb", "pl", "sk", "sl", "sr", "tr"])
"""Here an ordinal is written with a full stop: "am 3. Mai", "3. května", "3. bölüm", "Ludwig XIV. von Frankreich"."""


def abbreviations(language: str) -> frozenset[str]:
    """Those of one language of `domain.formats` (`en-gb` is `en`), besides `ANYWHERE`."""
    return BY_LANGUAGE.get(language.split("-")[0], frozenset())
