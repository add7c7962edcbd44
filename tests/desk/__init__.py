"""The desk, over real HTTP."""
