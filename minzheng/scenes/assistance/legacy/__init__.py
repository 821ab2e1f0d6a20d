"""Taking over an old 低保 database: its households go on being paid once the county has accepted the reconciliation."""
