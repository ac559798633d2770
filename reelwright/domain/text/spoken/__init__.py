"""What is written, as it is spoken: numbers, money, dates, abbreviations and the like in words.

Captions show what is written and the voice gets what is spoken, so each written token keeps its own words. The
languages with rules are in `tongues`; in all others a voice reads numbers itself, and only addresses, handles and
hashtags are put into words.
"""
