"""Materials follow their case's jurisdiction."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("materials", "0001_initial"), ("cases", "0002_doors")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE materials_casematerial ADD CONSTRAINT materials_casematerial_case"
            " FOREIGN KEY (case_id, jurisdiction) REFERENCES cases_case (id, jurisdiction)"
            " ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE",
            "ALTER TABLE materials_casematerial DROP CONSTRAINT materials_casematerial_case"),
    ]
