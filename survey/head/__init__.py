"""The room of heads: rounds of their organisation, the report of their own school."""
