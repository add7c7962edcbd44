"""What Messenger and Instagram have in common: one envelope, one Send API, one list of codes.

    door.py       verification, signature (WhatsApp's, too), whose messages a body holds
    receive.py    events of a conversation → neutral events
    dialect.py    where the two differ, as data
    send.py       a rendition → calls → one result
    transport.py  the HTTP below the sender, never more calls in a second than Meta takes
    errors.py     (code, subcode) → outcome: what both have
    admin.py      what an administrator asks
    media.py      what a citizen sent along
    channel.py    all of it as a Channel; the two folders fill in their data

No channel of its own: `messenger/` and `instagram/` are.
"""
