"""How: broadcasts and their renditions, outbox, sender, pacing, statuses, templates' states."""
