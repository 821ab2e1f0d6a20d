"""Rows follow their case's jurisdiction, decided content is frozen, numbers run without gaps for a county and year."""

from django.db import migrations

CHILDREN = ("hearingtry", "hearing", "decision", "service")
KEYS = "".join(
    f"ALTER TABLE decisions_{child} ADD CONSTRAINT decisions_{child}_case FOREIGN KEY (case_id, jurisdiction)"
    f" REFERENCES cases_case (id, jurisdiction) ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE;\n"
    for child in CHILDREN)
UNDO_KEYS = "".join(f"ALTER TABLE decisions_{child} DROP CONSTRAINT decisions_{child}_case;\n" for child in CHILDREN)

DOORS = """
CREATE TABLE decisions_serial (county text, year integer, last integer NOT NULL, PRIMARY KEY (county, year));

-- A counter row, not a sequence: document numbers of an authority may have no gaps, and a county decides few a minute.
CREATE FUNCTION next_decision_number(place text, wanted integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE made integer;
BEGIN
  IF place !~ '^[0-9]{6}000000$' THEN RAISE EXCEPTION 'county expected' USING ERRCODE = '22023'; END IF;
  IF left(scope_low(), 6) <> left(place, 6) THEN
    RAISE EXCEPTION 'another county' USING ERRCODE = '42501'; END IF;
  INSERT INTO decisions_serial AS s (county, year, last) VALUES (place, wanted, 1)
  ON CONFLICT (county, year) DO UPDATE SET last = s.last + 1 RETURNING last INTO made;
  RETURN made;
END $$;

CREATE FUNCTION decisions_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'a decision is kept' USING ERRCODE = '42501'; END IF;
  IF (NEW.id, NEW.case_id, NEW.number, NEW.kind, NEW.amount_fen, NEW.from_month, NEW.reasons, NEW.legal_basis,
      NEW.remedy, NEW.assessment, NEW.assessment_digest, NEW.hearing_id, NEW.supersedes_id, NEW.decided_by,
      NEW.decided_by_title, NEW.decided_at, NEW.serve_by)
     IS DISTINCT FROM
     (OLD.id, OLD.case_id, OLD.number, OLD.kind, OLD.amount_fen, OLD.from_month, OLD.reasons, OLD.legal_basis,
      OLD.remedy, OLD.assessment, OLD.assessment_digest, OLD.hearing_id, OLD.supersedes_id, OLD.decided_by,
      OLD.decided_by_title, OLD.decided_at, OLD.serve_by)
     OR OLD.document IS NOT NULL AND NEW.document IS DISTINCT FROM OLD.document
     OR OLD.revoked_at IS NOT NULL AND (NEW.revoked_at, NEW.revoked_by, NEW.revoked_reason)
        IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_by, OLD.revoked_reason)
  THEN RAISE EXCEPTION 'what was decided cannot be changed' USING ERRCODE = '42501'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER decisions_keep BEFORE UPDATE OR DELETE ON decisions_decision
  FOR EACH ROW EXECUTE FUNCTION decisions_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("decisions", "0001_initial"), ("cases", "0002_doors")]
    operations = [
        migrations.RunSQL(KEYS, UNDO_KEYS),
        migrations.RunSQL(DOORS, "DROP TRIGGER decisions_keep ON decisions_decision;"
                                 "DROP FUNCTION decisions_frozen(); DROP FUNCTION next_decision_number(text, integer);"
                                 "DROP TABLE decisions_serial;"),
    ]
