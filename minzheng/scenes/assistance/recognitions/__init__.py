"""认定: who is recognised as what kind of household in need, from when to when. Others read it and need not check again
(社会救助法 art. 42)."""
