"""What can be done with the tables: plain functions that take a session, flush, never commit."""
