"""社会力量参与: a need told without a name to registered charities, claimed by one, disclosed only when matched with the
household's consent (goods and services; never money)."""
