"""The researcher's room: whether the scales work."""
