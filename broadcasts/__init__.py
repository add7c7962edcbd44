"""What we know, decide, send, and must be able to prove. Imports go down only:

privacy/          erasure, export, moving in, the audit trail
newsroom/         what: posts, digests, alerts, answers, wording, pricing
delivery/         how: broadcasts and renditions, outbox, sender, pacing, statuses
people/           who: subscribers, consent, inbox, staff
channels/         how a message leaves and a text or status comes in; knows no table
journal.py        what came in, raw, until it is applied
figures.py        figures that are dear to count, kept with their age
wakeups.py        waking whoever waits for work as soon as somebody has written some
schema.py         brings the tables up to date, one process at a time
locks.py          one holder at a time, free when the holder dies
db.py             the database: one handle, short transactions
fields.py         how moments, JSON and closed lists stand in a column
pool.py           connections that are kept, and their end
migrations/       the schema, step by step
languages.py      which languages are read here, and what plain language stands on
settings.py       what can be set, with defaults
saying.py         what is said to staff: a sentence and its values, to be translated
faults.py         a failure for the log: where and of which kind, never with whose data
clock.py          aware UTC inside, the city's zone where people read it
"""
