"""统计台账与报表: frozen at the end of each month, the same rows at every level; a correction is a new version with its reason."""
