"""The ways into a round: the front page, codes on posters, personal links."""
