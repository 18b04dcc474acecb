"""The leader's room: rounds of their own organisation, and its profile."""
