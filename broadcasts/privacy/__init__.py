"""Erasure, export and import of one person's data, with proof."""
