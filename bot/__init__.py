"""Whatever has a doorbell: HTTP, command line, clock. `bot → broadcasts`, never back.

app.py            the one place that wires: config → database → channels → Flask → loops
city.py           what is wired, as one frozen value
cli.py            the `stadtbote` command: the tree of its arguments
commands/         what each command does
config.py         config.toml + .env → frozen dataclasses; all problems at once
addresses.py      whether a text is an address of the web, a mailbox, a telephone
times.py          whether a text is a day, and times of day fit together
reading.py        one TOML table → one dataclass, by its type hints
starter.py        `stadtbote init`, config.example.toml
processes.py      serve, web, worker: the web server's process and the loops
loops.py          one thread each: receiver, writer, sender, upkeep, scheduler
feeds.py          RSS and Atom of the city's website → posts, in the background
fetch.py          getting a file from a stranger's address: bounded, guarded
polling.py        fetching what came in, where a provider cannot knock
restore.py        putting a backup back, and finishing what was cut off
webhooks.py       HTTP in: verify, journal, 200
receiver.py       journal → events → conversation / delivery statuses, exactly once
names.py          what channels are called where people read it
words.py          the words citizens may use, in three languages
polite_words.py   courtesies around them
keywords.py       pure: text → Command
pausing_words.py  the words of a pause: days, months, lengths of time
until_when.py     pure: "Pause bis 3.9." → the last day of it
conversation.py   Command → what happens to the subscriber, and the reply
choosing.py       topics and districts: "Themen", "Start Baustellen"
choosing_words.py pure: text → which of them somebody wants
answering.py      what is answered by itself, and what people get to read
replies.py        what several reactions say: a text, the alerts in force
linking.py        one person on two messengers: "Verbinden", "Umziehen", "Trennen"
pausing.py        "Pause" and "Weiter": what they do and say
tongues.py        the language somebody reads, plain language among them
tongue_words.py   the words for it
jobs.py           APScheduler: name, cadence, function, last result
family.py         which loops there are, and which a web part answers for
health.py         /healthz, and the checks of `doctor`: which are made when
checks.py         what can be seen from here: set up, running, room on the disk
filled_in.py       what was left from the example, weak secrets, gaps of the privacy notice
provider.py       what the providers say when asked: credentials, token, clock
metrics.py        /metrics
demo.py           `stadtbote demo`: a city with its stand-in and a story
story.py          the demonstration's past: readers, digests, accounts
markup.py         what staff type, as people see it
public/           citizens' pages
desk/             staff pages
sandbox/          a local stand-in for the Graph API with a phone page
"""
