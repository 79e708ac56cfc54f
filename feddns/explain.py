"""Decisions told as the story of one name."""
