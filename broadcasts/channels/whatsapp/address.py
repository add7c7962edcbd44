"""Any spelling of a WhatsApp address → Address.

Owns: what a phone number or a BSUID looks like. Never: whether anybody has it.
"""

import re

import phonenumbers

from broadcasts.channels.base import Address

BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
"""Business-scoped user id
(developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids)."""


SHORTEST = 6
"""Digits: what is shorter is an emergency or a service number, nobody's WhatsApp."""

EXPECTED = "this is neither a phone number (+49 …) nor a WhatsApp user id (DE.…)"


def is_bsuid(text: str) -> bool:
    return BSUID.fullmatch(text) is not None


def read(text: str, own_number: str) -> Address:
    """`+49 176 …`, `0049…`, `0176…` (as dialled where `own_number` is), bare digits, or a BSUID.

    Raises ValueError with a sentence for people that does not repeat the number.
    """
    text = text.strip()
    if is_bsuid(text):
        return Address(bsuid=text)
    digits = re.sub(r"[^\d+]", "", text)
    region = phonenumbers.region_code_for_number(phonenumbers.parse(own_number))
    if len(digits.strip("+0")) < SHORTEST:
        raise ValueError(EXPECTED)
    for spelling in _spellings(digits):
        try:
            number = phonenumbers.parse(spelling, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return Address(wa_id=f"{number.country_code}{number.national_number}")
    raise ValueError(EXPECTED)


def _spellings(digits: str) -> tuple[str, ...]:
    """Bare digits are first read as WhatsApp writes them: with country code, without `+`."""
    if digits.startswith("+"):
        return (digits,)
    if digits.startswith("00"):
        return (f"+{digits[2:]}",)
    if digits.startswith("0"):
        return (digits,)
    return (f"+{digits}", digits)


def join_link(own_number: str) -> str:
    """Opens a chat with this number (faq.whatsapp.com/5913398998672934), `{text}` typed in."""
    digits = re.sub(r"\D", "", own_number)
    return f"https://wa.me/{digits}?text={{text}}" if digits else ""
