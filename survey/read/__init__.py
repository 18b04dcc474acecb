"""The room of the reader: what staff wrote to open questions, and the themes that come of it."""
