"""价格临时补贴 (社会救助法 art. 32): a month's list for a county, approved by a second person, added to benefits in force."""
