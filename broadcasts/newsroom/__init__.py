"""What: posts, digests, alerts, their wording and their price."""
