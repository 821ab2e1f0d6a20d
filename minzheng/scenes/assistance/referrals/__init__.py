"""转介: a household's need handed to medical insurance, education, housing or employment, and followed to its answer
(社会救助法 art. 42: results of recognition are mutually recognised)."""
