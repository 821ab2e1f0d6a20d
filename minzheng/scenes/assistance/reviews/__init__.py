"""认定复核: a reported change or a review that falls due, and what follows for the recognition and its money."""
