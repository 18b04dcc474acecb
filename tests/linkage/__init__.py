"""Can an answer be joined to a person? Filled databases, and one attacker for each onlooker.

``world`` fills a database as people do, and keeps the truth aside; ``look`` and its neighbours
gather all that an onlooker can see that could put people or answer sheets in an order;
``onlookers`` says who sees what; ``chance`` tries every rule that could join the two, and says how
likely as many hits are for somebody who only guesses; ``breaks`` spoils a world on purpose, so that
a test shows that the same attackers would succeed if there were something to find.
"""
