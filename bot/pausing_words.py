"""The words of a pause in German, English and Dutch: tables, no rules.

Owns: how days, months and lengths of time are called. Never: how they are read (until_when). One
more word, or one more language? Here is its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.keywords import simplify


class Unit(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class Tongue:
    """One language, as `simplify` leaves its words."""

    pause: frozenset[str]
    until: frozenset[str]
    lasting: frozenset[str]
    since: frozenset[str]
    at_once: frozenset[str]
    end: frozenset[str]
    lead: frozenset[str]
    """May stand before it: "Ich mache …"."""
    fillers: frozenset[str]
    """Say nothing between or behind the other words."""
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    relative: Mapping[str, int]
    """Days from today."""
    units: Mapping[str, Unit]
    numbers: Mapping[str, int]


def word_set(words: str) -> frozenset[str]:
    return frozenset(simplify(word) for word in words.split())


def _counted(words: str, first: int) -> dict[str, int]:
    """Groups parted by commas, each one further."""
    groups = enumerate(words.split(","), start=first)
    return {simplify(word): number for number, group in groups for word in group.split()}


def _units(day: str, week: str, month: str, year: str) -> dict[str, Unit]:
    pairs = zip(Unit, (day, week, month, year), strict=True)
    return {word: unit for unit, words in pairs for word in word_set(words)}


TONGUES: Mapping[str, Tongue] = {
    "de": Tongue(
        pause=word_set("Pause Pausieren Pausiere Urlaub"),
        until=word_set("bis"),
        lasting=word_set("für"),
        since=word_set("von vom ab"),
        at_once=word_set("jetzt sofort heute"),
        end=word_set("Ende"),
        lead=word_set(
            "ich wir mache machen mach möchte möchten will wollen brauche bin sind im in eine ein"
            " den der die Newsletter Nachrichten gern mal"
        ),
        fillers=word_set(
            "zum den dem der des die am an und mal machen einschließlich inklusive inkl"
            " nächsten nächste nächster kommenden diesen Urlaub im wieder noch lang also"
        ),
        months=_counted(
            "Januar Jänner Jan, Februar Feber Feb, März Mrz Marz, April Apr, Mai, Juni Jun Juno,"
            " Juli Jul Julei, August Aug, September Sept Sep, Oktober Okt, November Nov,"
            " Dezember Dez",
            1,
        ),
        weekdays=_counted(
            "Montag Mo, Dienstag Di, Mittwoch Mi, Donnerstag Do, Freitag Fr, Samstag Sonnabend Sa,"
            " Sonntag So",
            0,
        ),
        relative=_counted("heute, morgen, übermorgen", 0),
        units=_units(
            "Tag Tage Tagen",
            "Woche Wochen",
            "Monat Monate Monaten Monats",
            "Jahr Jahre Jahren Jahres",
        ),
        numbers=_counted(
            "ein eine einen einem einer, zwei zwo, drei, vier, fünf, sechs, sieben, acht, neun,"
            " zehn, elf, zwölf, dreizehn, vierzehn",
            1,
        ),
    ),
    "en": Tongue(
        pause=word_set("Pause Break"),
        until=word_set("until till til to through thru"),
        lasting=word_set("for"),
        since=word_set("from starting"),
        at_once=word_set("now today"),
        end=word_set("end"),
        lead=word_set("i we need want would like to a take the my newsletter messages am are on"),
        fillers=word_set("the of on and next this coming including inclusive incl again"),
        months=_counted(
            "January Jan, February Feb, March Mar, April Apr, May, June Jun, July Jul, August Aug,"
            " September Sept Sep, October Oct, November Nov, December Dec",
            1,
        ),
        weekdays=_counted(
            "Monday Mon, Tuesday Tue Tues, Wednesday Wed, Thursday Thu Thurs, Friday Fri,"
            " Saturday Sat, Sunday Sun",
            0,
        ),
        relative=_counted("today, tomorrow", 0),
        units=_units("day days", "week weeks", "month months", "year years"),
        numbers=_counted(
            "a an one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve", 1
        ),
    ),
    "nl": Tongue(
        pause=word_set("Pauze Pauzeren Pauzeer Pause Vakantie"),
        until=word_set("tot t tm"),
        lasting=word_set("voor"),
        since=word_set("van vanaf"),
        at_once=word_set("nu vandaag meteen"),
        end=word_set("eind einde"),
        lead=word_set("ik wij we wil willen neem houd ben zijn op een de graag even nieuwsbrief"),
        fillers=word_set(
            "en met m de het op van volgende komende aanstaande inclusief weer lang vakantie"
        ),
        months=_counted(
            "januari jan, februari feb, maart mrt, april apr, mei, juni jun, juli jul,"
            " augustus aug, september sept sep, oktober okt, november nov, december dec",
            1,
        ),
        weekdays=_counted(
            "maandag ma, dinsdag di, woensdag wo, donderdag do, vrijdag vr, zaterdag za, zondag zo",
            0,
        ),
        relative=_counted("vandaag, morgen, overmorgen", 0),
        units=_units("dag dagen", "week weken", "maand maanden", "jaar jaren"),
        numbers=_counted(
            "een één, twee, drie, vier, vijf, zes, zeven, acht, negen, tien, elf, twaalf", 1
        ),
    ),
}

ORDINALS = word_set("st nd rd th e de ste ter ten te")
"""What may stick to a number: "3rd", "3e"."""

CLOSING = word_set("Gruß Grüße mfg lg vg regards groet groeten groetjes mvg")
"""Behind one of these stands a name."""

CLOCK = word_set("Uhr uur")
"""Behind the time of a day, which says nothing here."""
