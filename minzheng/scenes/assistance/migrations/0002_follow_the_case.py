"""Visits, kin filings and democratic reviews follow their case's jurisdiction."""

from django.db import migrations

CHILDREN = ("visit", "kinfiling", "democraticreview")
KEYS = "".join(
    f"ALTER TABLE assistance_{child} ADD CONSTRAINT assistance_{child}_case FOREIGN KEY (case_id, jurisdiction)"
    f" REFERENCES cases_case (id, jurisdiction) ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE;\n"
    for child in CHILDREN)
UNDO = "".join(f"ALTER TABLE assistance_{child} DROP CONSTRAINT assistance_{child}_case;\n" for child in CHILDREN)


class Migration(migrations.Migration):
    dependencies = [("assistance", "0001_initial"), ("cases", "0002_doors")]
    operations = [migrations.RunSQL(KEYS, UNDO)]
