"""Any spelling of an e-mail address → the one that is kept.

Owns: what counts as one. Never: whether it exists (only a message shows that). Pure.
"""

import re

from broadcasts.channels.base import Address

LONGEST = 140
LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(xn--[a-z0-9-]+|[a-z]{2,63})")

NO_ADDRESS = "is no e-mail address"


def read(text: str) -> Address:
    """Small letters throughout: that capitals before the @ make somebody else of it (RFC 5321,
    section 2.4) is true of no mailbox that citizens have. The domain as the network writes it
    (IDNA 2008). Raises ValueError."""
    import idna

    whole = re.sub(r"(?i)^mailto:", "", text.strip())
    local, at, domain = whole.rpartition("@")
    try:
        domain = idna.encode(domain.rstrip("."), uts46=True).decode() if domain else ""
    except idna.IDNAError:
        raise ValueError(NO_ADDRESS) from None
    local = local.lower()
    fits = LOCAL.fullmatch(local) and len(local) <= 64 and DOMAIN.fullmatch(domain)
    if not (at and fits) or len(local) + len(domain) >= LONGEST:
        raise ValueError(NO_ADDRESS)
    return Address(bsuid=f"{local}@{domain}")
