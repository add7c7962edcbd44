"""What: posts, digests, alerts, answers to one person; their wording and their price."""
