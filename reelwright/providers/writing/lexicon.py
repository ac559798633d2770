"""Small word lists: what a text feels like."""

from __future__ import annotations

from reelwright.domain.content.story import Mood

# Prefixes of words, lower case: `myster` finds mystery, mysterious and mysteriously; one of four letters or fewer is a
# whole word. English first, then German, Spanish, French, Italian, Portuguese and Dutch where their stems differ.
_MOOD_STEMS: dict[Mood, str] = {
    "curious": """curio wonder why how question myster puzzl discover secret strange explor investigat riddle
        surpris learn experiment science neugier frage rätsel geheim warum entdeck forsch wissen pregunta misterio
        descubr ciencia secreto mystère pourquoi découv étrange perché scopr curios porqu descob vraag waarom ontdek""",
    "calm": """calm quiet peace gentl slow soft breath relax rest sleep still silen tranquil serene meadow lake moon
        garden meditat ruhig ruhe sanft stille schlaf entspann frieden tranquil calma suave silencio descans paz
        doux douce repos lent quieto pace lento sonno rustig slaap vrede""",
    "bright": """happy joy fun laugh smile celebrat sunn bright cheer play danc party delight colour color summer
        friend love birthday winner glück freude lach feier fröhlich sonne spaß spiel alegr feliz fiesta risa sonr
        amig joie heureu fête sourire gioia felic festa alegria blij vrolijk feest""",
    "tense": """danger threat attack crisis fear terror panic escape chase urgent warning crash storm explosi
        emergency risk collaps hunt trap killer gefahr angst krise angriff bedroh flucht warnung explosion peligro
        miedo ataque amenaza huida urgente menace peur attaque fuite pericolo paura perigo medo gevaar angst""",
    "sad": """sad grief loss lost mourn death died dying funeral tear lonely alone farewell tragedy tragic extinct
        sorrow regret goodbye abandon traurig trauer tod starb verlust einsam tränen abschied triste muert murió
        pérdida dolor adiós soledad mort deuil perte larme seul morte lutto perdita perda saudade dood verdriet
        verlies""",
    "epic": """epic hero battle war empire legend king queen conquer victory glory giant ancient universe galax
        cosmic mountain revolution destiny triumph held schlacht reich sieg legende riese universum könig épic
        batalla guerra imperio héroe victoria leyenda bataille guerre héros victoire légende univers battaglia
        impero eroe batalha oorlog rijk""",
}

MOOD_STEMS: dict[Mood, tuple[str, ...]] = {mood: tuple(text.split()) for mood, text in _MOOD_STEMS.items()}
