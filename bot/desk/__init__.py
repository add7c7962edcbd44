"""The desk: staff pages under /desk/. One module (or folder) per area, each with its `pages`, who
may open them (`ACCESS`) and its place in the menu (`MENU`).

app.py            the desk's own Flask application: headers, errors, sessions
areas.py          the list of areas: a new one gets its line here
access.py         who may open what; the guard before every page
attempts.py       how often a password or code may be guessed
interrupted.py    what was typed when the session had ended
here.py           what a page needs at hand: the city, who is signed in, the audit trail
language.py       German and English, dates and numbers
forms.py          what all forms share
voice_fields.py   fields for plain words and other languages
words.py          our words for people: states, outcomes
charts.py         pictures of figures
counted.py        figures that several areas show, with their age
acts.py           what the audit trail calls an act, in words
acts_detail.py    what an entry is about, and its details, in words
places.py         tables, files and counts of an erasure, in words
signin.py         signing in and out
account.py        one's own password, codes and language
today.py          the first page: is all well?
posts.py          writing, the queue by day
feeds.py          the website's news: how each feed fares, what it would correct
digest.py         today's message: preview, sending it now, a test to oneself
service_notices.py  a message beside the digest, in business hours: writing and sending it
alerts.py         alerts: what is open and what waits; the second person's word
alert_writing.py  writing one, its update, its all-clear, a drill
alert_texts.py    texts prepared in calm hours
outlooks.py       what would happen if an alert were sent now
notices.py        what all staff must hear, until each has seen it
inbox.py          conversations with single citizens, by who waits
cards.py          what a list shows of a conversation
thread_file.py    a conversation as a text file
canned.py         canned answers
subscribers.py    counts and growth
person.py         one person, for data protection: copy, opting out, erasure, other rights
proofs.py         receipts, and what is left of a person
statistics.py     reach, cost against the budget, answers
files.py          figures as CSV
broadcasts.py     what goes out and went out; the panic stop
health.py         what doctor and readiness say; templates
settings.py       what is configured, to look at
staff.py          accounts: roles, first passwords, disabling
audit.py          the audit trail: filter, check, file
retention.py      what was deleted, by night and rule
"""
