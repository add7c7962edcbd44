"""Who: subscribers, their consent, and what they write to the inbox."""
