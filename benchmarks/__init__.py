"""What it costs and what it survives, measured on the real thing: `make bench`, `make kills`.

ground.py      a city to measure: stand-in, database with readers, `serve`; CPU and memory read
provider.py    the fastest stand-in there is: accepts messages, reports statuses, counts
baselines.py   the same number of messages by simpler means
throughput.py  sending, statuses, both together
pace.py        never above the number's rate, and hardly below
alert.py       how soon an alert is on the wire while a digest runs
growth.py      ten million rows in the outbox
idle.py        memory, start, and what doing nothing costs
machines.py    two numbers on two workers, PostgreSQL
kill.py        kill -9 at random moments, counted since the first one
report.py      results.md
"""
