"""临时救助: help in sudden hardship, where it happens; small sums at once, papers afterwards (社会救助法 art. 31, 37, 50)."""
