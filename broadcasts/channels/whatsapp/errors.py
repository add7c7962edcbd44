"""The provider's codes → our closed list of outcomes, with a reason a person understands.

Owns: the table. Never: what follows from an outcome (delivery/policy). Source:
developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from collections.abc import Mapping

from broadcasts.channels.base import Outcome

_GROUPS: Mapping[Outcome, tuple[int, ...]] = {
    Outcome.TRANSIENT: (1, 2, 131000, 131016),
    Outcome.SLOW_DOWN: (130429,),
    Outcome.PERSON_TOO_FAST: (131056,),
    Outcome.PAUSE: (4, 80007, 131057, 2494100),
    Outcome.NOT_TODAY: (130472, 131049),
    Outcome.OPTED_OUT: (131050,),
    Outcome.UNREACHABLE: (131026,),
    Outcome.WINDOW_CLOSED: (131047,),
    Outcome.NEEDS_PHONE_NUMBER: (131062,),
    Outcome.WRONG_TEMPLATE: (132000, 132001, 132005, 132007, 132008, 132012, 132018),
    Outcome.TEMPLATE_PAUSED: (132015,),
    Outcome.TEMPLATE_DISABLED: (132016,),
    Outcome.MEDIA: (131052, 131053),
    Outcome.ACCOUNT: (
        368,
        130497,
        131031,
        131037,
        131042,
        131045,
        131048,
        131063,
        131064,
        133010,
    ),
    Outcome.CREDENTIALS: (0, 3, 10, 190, *range(200, 300), 131005),
    Outcome.OUR_MISTAKE: (33, 100, 131008, 131009, 131051),
}

OUTCOMES: Mapping[int, Outcome] = {
    code: outcome for outcome, codes in _GROUPS.items() for code in codes
}
"""Provider's code → outcome."""

REASONS: Mapping[int, str] = {
    130429: "Das Sendelimit der Nummer ist erreicht; es wird langsamer weitergesendet.",
    130472: "Meta stellt diese Nachricht der Person im Rahmen eines Versuchs nicht zu.",
    131026: "Nicht erreichbar: kein WhatsApp, alte Version oder blockiert.",
    131031: "Meta hat das Konto gesperrt.",
    131042: "Die Zahlungsart des Kontos fehlt oder ist abgelaufen.",
    131045: "Die Nummer ist bei Meta nicht richtig registriert.",
    131047: "Das 24-Stunden-Fenster ist geschlossen.",
    131048: "Meta lässt die Nummer zurzeit nicht mehr Personen anschreiben (Limit, Beschwerden).",
    131049: "Meta stellt der Person heute keine weitere Werbenachricht zu.",
    131050: "Die Person hat Werbenachrichten bei WhatsApp abgestellt.",
    131056: "Zu viele Nachrichten an dieselbe Person in kurzer Zeit.",
    132001: "Die Vorlage gibt es in dieser Sprache nicht oder sie ist nicht freigegeben.",
    132015: "Meta hat die Vorlage angehalten.",
    132016: "Meta hat die Vorlage abgeschaltet.",
    133010: "Die Nummer ist nicht bei der Cloud-API registriert.",
    190: "Der Zugriffsschlüssel ist abgelaufen oder ungültig.",
    368: "Meta hat das Konto vorübergehend gesperrt.",
}
"""What an operator reads; codes that speak for themselves are missing."""


def outcome(code: int, http_status: int = 400, *, is_graph_error: bool = True) -> Outcome:
    """Decides on the code; the HTTP status only where there is none.

    A gateway's 502 or 504 says nothing of what the provider did with the message: unknown.
    """
    if is_graph_error and code in OUTCOMES:
        return OUTCOMES[code]
    if http_status in (502, 504):
        return Outcome.UNKNOWN
    if http_status >= 500:
        return Outcome.TRANSIENT
    if http_status == 429:
        return Outcome.SLOW_DOWN
    if http_status == 401:
        return Outcome.CREDENTIALS
    return Outcome.OUR_MISTAKE


def reason(code: str) -> str:
    """A sentence for people; empty when the code has none."""
    return REASONS.get(int(code), "") if code.isdigit() else ""
