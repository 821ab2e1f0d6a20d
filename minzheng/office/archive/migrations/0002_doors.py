"""Packages follow their case's jurisdiction and are never changed; register numbers run without gaps."""

from django.db import migrations

DOORS = """
ALTER TABLE archive_archivepackage ADD CONSTRAINT archive_archivepackage_case FOREIGN KEY (case_id, jurisdiction)
  REFERENCES cases_case (id, jurisdiction) ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE;
CREATE TABLE archive_serial (county text, year integer, last integer NOT NULL, PRIMARY KEY (county, year));

CREATE FUNCTION next_archive_number(place text, wanted integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE made integer;
BEGIN
  IF place !~ '^[0-9]{6}000000$' THEN RAISE EXCEPTION 'county expected' USING ERRCODE = '22023'; END IF;
  IF left(scope_low(), 6) <> left(place, 6) AND NOT (place >= scope_low() AND place < scope_high()) THEN
    RAISE EXCEPTION 'another county' USING ERRCODE = '42501'; END IF;
  INSERT INTO archive_serial AS s (county, year, last) VALUES (place, wanted, 1)
  ON CONFLICT (county, year) DO UPDATE SET last = s.last + 1 RETURNING last INTO made;
  RETURN made;
END $$;

CREATE FUNCTION archive_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'jurisdiction' IS DISTINCT FROM to_jsonb(OLD) - 'jurisdiction' THEN
    RAISE EXCEPTION 'an archive package is not changed' USING ERRCODE = '42501'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER archive_keep BEFORE UPDATE OR DELETE ON archive_archivepackage
  FOR EACH ROW EXECUTE FUNCTION archive_frozen();
"""
UNDO = """
DROP TRIGGER archive_keep ON archive_archivepackage;
DROP FUNCTION archive_frozen();
DROP FUNCTION next_archive_number(text, integer);
DROP TABLE archive_serial;
ALTER TABLE archive_archivepackage DROP CONSTRAINT archive_archivepackage_case;
"""


class Migration(migrations.Migration):
    dependencies = [("archive", "0001_initial"), ("cases", "0002_doors")]
    operations = [migrations.RunSQL(DOORS, UNDO)]
