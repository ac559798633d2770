"""What is spoken: plain prose, two texts a language."""

TEXTS = {
    "en": (
        "The harbour wakes before the sun does. Boats slide out past the wall, one after another, and gulls follow.",
        "Bread needs only flour, water, salt and time. Let the dough rest overnight, then bake it in a hot oven.",
    ),
    "de": (
        "Der Hafen erwacht vor der Sonne. Ein Boot nach dem anderen gleitet hinaus, und die Möwen folgen ihnen.",
        "Brot braucht nur Mehl, Wasser, Salz und Zeit. Lass den Teig über Nacht ruhen und backe ihn dann sehr heiß.",
    ),
    "es": (
        "El puerto despierta antes que el sol. Los barcos salen uno tras otro, y las gaviotas los siguen mar adentro.",
        "El pan solo necesita harina, agua, sal y tiempo. Deja reposar la masa toda la noche y hornéala muy caliente.",
    ),
    "fr": (
        "Le port se réveille avant le soleil. Les bateaux sortent l'un après l'autre, et les mouettes les suivent.",
        "Le pain ne demande que de la farine, de l'eau, du sel et du temps. Laissez la pâte reposer toute la nuit.",
    ),
    "ru": (
        "Гавань просыпается раньше солнца. Лодки одна за другой выходят в море, и чайки летят за ними.",
        "Хлебу нужны только мука, вода, соль и время. Оставьте тесто на ночь, а потом испеките его в горячей печи.",
    ),
    "ar": (
        "يستيقظ الميناء قبل الشمس. تخرج القوارب واحدا بعد الآخر، وتتبعها طيور النورس إلى البحر.",
        "يحتاج الخبز إلى الطحين والماء والملح والوقت فقط. اترك العجين ليرتاح طوال الليل.",
    ),
    "hi": (
        "बंदरगाह सूरज से पहले जागता है। नावें एक के बाद एक निकलती हैं, और पक्षी उनके पीछे जाते हैं।",
        "रोटी को केवल आटा, पानी, नमक और समय चाहिए। आटे को रात भर आराम करने दें।",
    ),
    "tr": (
        "Liman güneşten önce uyanır. Tekneler birbiri ardına açılır, martılar da onları takip eder.",
        "Ekmek için yalnızca un, su, tuz ve zaman gerekir. Hamuru bütün gece dinlendirin.",
    ),
    "zh": (
        "港口在太阳之前醒来。小船一艘接一艘地驶出防波堤，海鸥跟在后面飞。渔民们互相挥手，开始了一天的工作。",
        "面包只需要面粉、水、盐和时间。让面团休息一个晚上，然后放进很热的烤箱里，烤到外皮金黄。",
    ),
    "ja": (
        "港は太陽より早く目を覚まします。船が一つずつ防波堤の外へ出て、カモメがその後を追います。",
        "パンに必要なのは小麦粉と水と塩、そして時間だけです。生地を一晩休ませて、熱いオーブンで焼きましょう。",
    ),
    "th": (
        "ท่าเรือตื่นก่อนพระอาทิตย์ขึ้น เรือเล็กแล่นออกไปทีละลำ และนกนางนวลบินตามหลังไปในทะเล",
        "ขนมปังต้องการแค่แป้ง น้ำ เกลือ และเวลา พักแป้งไว้หนึ่งคืน แล้วอบในเตาที่ร้อนมาก",
    ),
}
"""Chinese, Japanese and Thai set no spaces: there the times are those of phrases."""
