"""The desk in a real browser (make test-long)."""
