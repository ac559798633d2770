"""Function words: what carries no meaning of its own, by language.

The lists are closed classes of each language, written down by hand; they are kept small because they only keep noise
out of tags, summaries and the choice of a title's strong word, where one word more or less does no harm.
"""

from __future__ import annotations

from functools import cache

import justext

_STOP_WORDS = {
    "en": """a about above after again against all also am among an and any are as at be because been before being
        below between both but by can could did do does doing don down during each even ever every few for from further
        get gets got had has have having he her here hers him his how however i if in into is it its itself just like
        made make makes many may me might more most much must my no nor not now of off on once one only onto or other
        our ours out over own per said same say says she should since so some still such than that the their theirs
        them then there these they this those though through to too two under until up upon us very was way we well
        were what when where whether which while who whom whose why will with within without would yet you your yours
        it's isn't don't doesn't didn't can't won't that's there's they're we're you're i'm i've""",
    "de": """ab aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bin bis bist da
        damit dann das dass dein dem den denn der des dessen die dies diese diesem diesen dieser dieses doch dort du
        durch ein eine einem einen einer eines er es etwas euch für gegen haben hat hatte hier hin ich ihm ihn ihnen
        ihr ihre ihrem ihren ihrer im in ins ist ja jede jeder jedes jetzt kann kein keine können machen man mehr mein
        mit muss nach nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner seit sich sie
        sind so soll sondern über um und uns unter vom von vor war waren was weil wenn wer werden wie wieder will wir
        wird wo wurde wurden zu zum zur zwar zwei zwischen""",
    "es": """a al algo alguien algunas algunos ante antes así aún aunque bajo bien cada como cómo con contra cual
        cuál cuando cuándo de del desde donde dónde dos durante e el él ella ellas ellos en entre era eran es esa ese
        eso esta está están estas este esto estos fue fueron ha hace han hasta hay la las le les lo los más me mi
        mientras mis mucho muy nada ni nosotros nuestra nuestro o otra otro para pero poco por porque pues que
        qué quien quién se sea según ser si sí sin sobre solo son su sus también tan te tiene tienen todo todos tu un
        una unas uno unos y ya yo""",
    "fr": """à afin ai ainsi alors après au aucun aussi autre autres aux avant avec avoir bien ça car ce ceci cela
        celle celui ces cet cette ceux chaque chez comme comment d'un d'une dans de depuis des deux donc dont du elle
        elles en encore entre est et était étaient être eu eux fait faire fut il ils j'ai je jusque l'on la là le les
        leur leurs lors lui mais même mes moi moins mon ne ni non nos notre nous on ont or ou où par parce pas peu
        peut plus pour pourquoi qu'il quand que quel quelle quelles quels qui quoi sa sans se selon ses si son sont
        sous sur ta te tes toi ton tous tout toute toutes très tu un une vers vos votre vous y c'est n'est""",
    "id": """ada adalah agar akan antara apa atau bagi bahwa banyak beberapa belum bisa bukan dalam dan dapat dari
        dengan di dia hanya harus ia ini itu jika juga kami karena ke kepada ketika kita lagi lain lebih maka masih
        mereka oleh orang pada para pun saat saja sama sangat satu saya sebagai sebuah sehingga sejak semua seperti
        serta setelah sudah tahun tapi telah tentang terhadap tetapi tidak untuk yaitu yang""",
    "it": """a ad ai al alla alle anche ancora avere c'è che chi ci ciò col come con contro cosa così cui da dal dalla
        dalle degli dei del della delle dello dentro di dopo dove due e è ed era erano essere fa fra gli ha hanno i il
        in io l'ha la le lei li lo loro lui ma mai me mentre mi mia mio molto ne negli nei nel nella nelle no noi non
        nostra nostro o ogni per perché però più poi poco prima qual quale quando quanto quella quello questa queste
        questi questo qui se senza si sia siamo solo sono sopra sotto stato su sua sue sugli sul sulla suo suoi tra
        tre troppo tu tutti tutto un una uno vi voi""",
    "nl": """aan al alle alleen als altijd andere ben bij daar dan dat de deze die dit doch doen door dus een en er
        ge geen had heb hebben heeft hem hen het hier hij hoe hun iets ik in is ja je kan kon kunnen maar me meer men
        met mij mijn moet na naar net niet niets nog nu of om omdat onder ons onze ook op over reeds te tegen toch
        toen tot u uit uw van veel voor want waren was wat we wel werd wezen wie wij wil worden wordt zal ze zei zelf
        zich zij zijn zo zonder zou""",
    "pl": """a aby ale albo ani bardzo bez bo być był była było były czy co coś dla do gdy gdzie go i ich ile im inne
        innych ja jak jako je jednak jego jej jest jeszcze jeśli już każdy kiedy kto która które którego której
        który których którzy lub ma mają może można mu na nad nam nas nie nich niż o od on ona one oni oraz po pod
        ponieważ poza przed przez przy są się tak także tam te tego tej ten też to tu tylko tych tym u w we więc
        wszystko z za ze że żeby""",
    "pt": """a à ainda ali ao aos apenas às as assim até cada com como contra da das de dela dele deles depois desde
        do dois dos e é ela elas ele eles em entre era eram essa esse esta está estão estas este estes eu foi foram há
        isso isto já lá lhe mais mas me mesmo meu minha muito muitos na não nas nem nós nossa nosso num numa o
        onde os ou outra outro outros para pela pelas pelo pelos pode por porque qual quando quanto que quem são se
        sem ser seu seus só sobre sua suas também tem têm ter todo todos tudo um uma umas uns você vocês""",
    "ru": """а без более больше будет будто бы был была были было быть в вам вас вдруг ведь во вот все всегда всего
        всех всю вы где да даже два для до другой его ее ей ему если есть еще ещё ж же за здесь и из или им иногда их
        к как какая какой когда конечно кто куда ли лучше между меня мне много может можно мой мы на над надо нас не
        него нее ней нельзя нет ни них но ну о об один он она они от перед по под после потом потому почти при про
        раз разве с сам свою себе себя сейчас со так такой там тебя тем теперь то тогда того тоже только том тот три
        тут ты у уж уже хоть чего чем через что чтобы чуть эти этого этой этом этот эту я это""",
    "tr": """acaba ama ancak artık aslında az bana bazı belki ben beni benim beş bile bir biri birkaç birçok biz bu
        buna bunda bundan bunu bunun çok çünkü da daha de değil diye en gibi göre hem hep hepsi her hiç için ile ise
        işte kadar ki kim mi mı mu mü nasıl ne neden nedenle nerede niçin o olan olarak oldu olduğu on ona onlar onu
        onun sanki sen siz sonra şey şu tüm üç üzere var ve veya ya yani yok""",
    "vi": """ai bạn bằng bị bởi các cái cần càng cho chỉ có của cùng cũng đã đang đây để đến đều đi điều do đó được
        gì hay hơn khi không là lại lên mà mình mỗi một nào này nên nếu người nhiều như những ở qua ra rất rồi sau sẽ
        sự tại theo thì tôi trên trong trước từ và vào vẫn vì với""",
}

_STOP_WORDS |= {
    "hi": """अगर अपना अपनी अपने अब आप आपके इतना इन इस इसका इसकी इसके इसी उन उनका उनकी उनके उनको उन्हें उन्होंने उस उसका
        उसकी उसके उसको उसने उसे एक एवं और कई कभी कर करता करती करते करना करने करें कहा कहाँ का किया किसी की कुछ के को कोई कौन क्या
        क्यों गई गए गया चाहिए जब जहाँ जा जाता जाती जाते जाना जाने जिन जिस जिसे जैसे जो तक तब तरह तो था थी थे दिया द्वारा न नहीं
        ने पर फिर बहुत बाद बाहर बीच भी मगर मुझे में मेरा मेरी मेरे मैं यदि यह यहाँ या ये रहता रहा रही रहे लिए लिया लेकिन व वह
        वहाँ वाला वाली वाले वे सब सभी साथ सकता सकती सकते से हम हमारा हमारी हमारे हमें ही हुआ हुई हुए है हैं हो होगा होगी होता
        होती होते होना होने ज़्यादा दो वहीं यही""",
    "mr": """आणि आता आपण आपल्या आपली आपले आम्ही आहे आहेत इतर एक एका असा अशी असे असून असेल अनेक काय काही किंवा की केला केली केले
        कोण कोणी खूप गेला गेली गेले च चा ची चे जर जे जो झाला झाली झाले तर ती तिचा तिची तिचे ते तेथे तो तुम्ही त्या त्याचा त्याची
        त्याचे त्यांच्या त्यांनी त्यामुळे त्याला दोन न नंतर नये नव्हते नाही नाहीत ने पण पर्यंत परंतु पुन्हा फक्त मग मात्र मला मी
        म्हणजे म्हणून या यांनी याचा याची याचे येथे येथील व वर ला सर्व साठी सुद्धा ही हा हे हो होता होती होते होत""",
    "ne": """अनि अब अरु अर्को आफ्नो आज उनको उनले उनी उसको ऊ एउटा एक औं कति कसरी कसले का कि किन की कुन कुनै के केही को गए गरे
        गरेका गरेको गर्न गर्ने गर्नु छ छन् छैन जब जसको जसले जुन जो जस्तो तर तथा तपाईं ती तिनी तिमी त्यस त्यो थियो थिए दुई देखि धेरै न नै
        पनि पर्छ पछि बाट बारे भए भएका भएको भन्दा भन्ने भने म मा मात्र मेरो यति यस यसको यी यो र रहेको ले लागि लाई वा सँग संग सबै साथ
        सो हाम्रो हामी हुन हुन् हुने हो होइन""",
    "ur": """اب اپنا اپنی اپنے اس اسے اگر ان انہوں انہیں اور ایک اے آپ بارے بعد بلکہ بھی بہت بے پر پھر تا تک تھا
        تھی تھے تو جا جاتا جاتی جاتے جب جس جو جہاں جیسے چکا چکی چکے درمیان دو دی دیا دیے رہا رہی رہے سب سے
        سکتا سکتی سکتے صرف طرح طور کا کب کچھ کر کرتا کرتی کرتے کرنا کرنے کس کسی کو کوئی کون کہ کہا کی کیا
        کیوں کیونکہ کے گا گئی گئے گی گیا گے لیکن لیے مگر میرا میری میرے میں نہ نہیں نے و والا والی والے وہ
        وہاں ہم ہمارا ہماری ہمارے ہو ہوا ہوتا ہوتی ہوتے ہوں ہوئی ہوئے ہونا ہونے ہی ہے ہیں یا یہ یہاں""",
}

STOP_WORDS: dict[str, frozenset[str]] = {code: frozenset(text.split()) for code, text in _STOP_WORDS.items()}


# Elsewhere the commonest words of each language's Wikipedia, which come with jusText. Its lists go by frequency: the
# short words are the function words, the long ones are what people write about.
_LISTED = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "el": "Greek", "et": "Estonian",
    "fa": "Persian", "fi": "Finnish", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian",
    "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nb": "Norwegian_Bokmal",
    "ro": "Romanian", "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish",
    "sw": "Swahili", "uk": "Ukrainian",
}  # fmt: skip
_COMMON = _LISTED | {
    "de": "German", "en": "English", "es": "Spanish", "fr": "French", "id": "Indonesian", "it": "Italian",
    "mr": "Marathi", "ne": "Nepali", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian",
    "tr": "Turkish", "ur": "Urdu", "vi": "Vietnamese",
}  # fmt: skip
_FUNCTION_WORD_CHARS = 5
# "den 3. Juni": a month is no word that only a sentence begins with.
_MONTHS = (
    "jan", "feb", "mar", "mär", "apr", "maj", "mai", "máj", "mag", "jun", "juin", "jul", "aug", "avg", "avq", "sep",
    "okt", "oct", "nov", "dec", "des", "dez", "јан", "феб", "мар", "апр", "мај", "май", "јун", "јул", "авг", "сеп",
    "окт", "нов", "дец", "ян", "юн", "юл", "дек",
)  # fmt: skip


@cache
def stop_words(language: str) -> frozenset[str]:
    """The function words of a language of `domain.formats` (`en-gb` is `en`); none are known for Chinese, Japanese and
    Thai."""
    base = language.split("-")[0]
    if base in STOP_WORDS or base not in _LISTED:
        return STOP_WORDS.get(base, frozenset())
    listed = (word.lower() for word in justext.get_stoplist(_LISTED[base]))
    return frozenset(word for word in listed if len(word) <= _FUNCTION_WORD_CHARS and not word.startswith(_MONTHS))


@cache
def common_words(language: str) -> frozenset[str]:
    """The commonest words of a language, function words among them; empty where no list is known."""
    base = language.split("-")[0]
    listed = justext.get_stoplist(_COMMON[base]) if base in _COMMON else ()
    return frozenset(word.lower() for word in listed) | stop_words(language)
