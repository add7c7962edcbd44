"""The words of courtesy around a command, in German, English and Dutch: tables, no rules.

Owns: these words. Never: a command. Part of bot/words.
"""

POLITE: tuple[str, ...] = (
    "bitte", "bitte sehr", "danke", "danke schön", "dankeschön", "danke sehr", "danke im voraus",
    "vielen dank", "besten dank", "hallo", "hallo zusammen", "hi", "hey", "moin", "servus",
    "grüß gott", "guten tag", "guten morgen", "guten abend", "liebes team",
    "sehr geehrte damen und herren", "gruß", "grüße", "viele grüße", "liebe grüße", "beste grüße",
    "freundliche grüße", "mit freundlichen grüßen", "mfg", "lg", "vg", "jetzt", "sofort", "ok",
    "okay", "ja", "von meinem iphone gesendet", "please", "thanks", "thank you", "hello",
    "good morning", "good evening", "now", "yes", "regards", "kind regards", "best regards",
    "sent from my iphone", "graag", "alstublieft", "alsjeblieft", "aub", "bedankt", "dank u",
    "dank u wel", "dank je", "dank je wel", "goedemorgen", "goedemiddag", "goedenavond",
    "goedendag", "hoi", "dag", "groet", "groeten", "groetjes", "met vriendelijke groet",
    "met vriendelijke groeten", "mvg", "nu",
)  # fmt: skip
"""Before or after a command these change nothing."""

POLITE_INSIDE = frozenset({"bitte", "please", "graag", "aub"})
"""Also between its words: "Alle Daten bitte löschen"."""
