"""Words about harm: what may have become of them, and what the audit log says of it."""

#: "" where nothing was flagged
STATES = ("", "flagged", "passed on")
#: state -> what the audit log calls the act that leads to it
ACTIONS = {"": "take_back_harm_flag", "flagged": "flag_harm", "passed on": "pass_on_harm"}
#: entries of the audit log that no page shows to leaders: nobody but the reader sees the flag
PRIVATE_ACTIONS = frozenset(ACTIONS.values())
